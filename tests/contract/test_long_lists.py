"""A long list is stored in parts, and counts once all of them are."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from typing import Any

import pytest
from feed_cases import BEGIN, MINUTE, Stage, a_feed, stage
from servers.publisher import say
from sqlalchemy import Connection

from digest.sources import Polled
from digest.store import sources
from digest.store.sources import SqlSources
from digest.store.sql import SqlStore

NAMES = tuple(f"n{number}" for number in range(7))


@pytest.fixture(autouse=True)
def in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "AT_ONCE", 2)


class Killed(BaseException):
    """The process is gone: nothing of ours can catch this."""


async def poll_until_killed(played: Stage, part: int) -> None:
    """Poll; the process is gone when it stores this part of the items."""
    together, parts = sources._together, 0

    def gone(*args: Any) -> Any:
        nonlocal parts
        parts += 1
        if parts == part:
            raise Killed
        return together(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "_together", gone)
        with pytest.raises(Killed):
            await played.poll(BEGIN)


@pytest.mark.parametrize("part", [1, 2, 4])
async def test_a_first_list_that_is_stored_in_part_is_a_baseline_all_the_same(
    store: SqlStore, part: int
) -> None:
    async with stage("", store) as played:
        played.publisher.routes["/feed"] = say(200, a_feed(*NAMES), ETag='"1"')
        await poll_until_killed(played, part)
        assert len(await played.items()) == 2 * (part - 1)

        await played.poll(BEGIN + 31 * MINUTE)

        assert await played.items() == [(name, "baseline") for name in NAMES]
        assert "If-None-Match" not in played.publisher.requests[-1]
        assert (await played.polled()).validators.etag == '"1"'


async def test_what_another_wrote_meanwhile_stays(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    write, writes = store.database.write_at_once, 0

    async def beside(work: Callable[[Connection], Any]) -> Any:
        """A transaction of the poll; before the third, an operator holds what is new."""
        nonlocal writes
        writes += 1
        if writes == 3:
            await SqlSources(unwatched).record("feed", _held)
        return await write(work)

    async with stage("", store) as played:
        played.publisher.routes["/feed"] = say(200, a_feed(*NAMES))
        await store.sources.polled()  # so that the copy shares its connections
        unwatched = copy(store.database)
        monkeypatch.setattr(store.database, "write_at_once", beside)
        await played.poll(BEGIN)

        polled = await played.polled()
        assert (polled.held_at, polled.baselined_at) == (BEGIN, BEGIN)


def _held(polled: Polled | None) -> Polled:
    assert polled is not None
    return replace(polled, held_at=BEGIN)
