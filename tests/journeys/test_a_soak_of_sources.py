"""A day and a half of sources that misbehave, with crashes: `python -m soak` plays more of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from soak.run import play
from soak.world import plan

from digest.store.sql import SqlStore


@pytest.mark.slow
async def test_every_report_is_told_once_whatever_publishers_do(store: SqlStore) -> None:
    verdict = await play(plan(sources=10, hours=36, seed=8), store, every=timedelta(hours=2), seed=8)

    assert (verdict.lost, verdict.twice, verdict.false) == ((), (), ())
    assert verdict.reports > 8
    assert verdict.crashes > 2
