"""Each publisher of the shelf against the real poller: no false news, no lost news, no crash."""

from __future__ import annotations

import pytest
from feed_cases import BEGIN, HERE, MINUTE, stage
from misbehaviours import ALL

from digest.store.sql import SqlStore


@pytest.mark.parametrize("name", ALL)
async def test_a_misbehaving_publisher_makes_no_false_news_and_loses_none(name: str, store: SqlStore) -> None:
    misbehaviour = ALL[name]
    async with stage("baseline-lost", store) as made:
        site = made.publisher.url("", host=HERE)
        for minutes, answers in misbehaviour.looks:
            made.publisher.routes |= {path: answer.by(site) for path, answer in answers.items()}
            await made.poll(BEGIN + minutes * MINUTE)

        assert await made.items() == sorted(misbehaviour.items)
        trouble = (await made.polled()).trouble
        if misbehaviour.trouble is None:
            assert trouble is None
        else:
            assert misbehaviour.trouble in (trouble or "nothing")
