"""Each publisher of the shelf against the real poller: no false news, no lost news, no crash."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from feed_cases import BEGIN, HERE, MINUTE, Stage, stage
from misbehaviours import ALL
from sqlalchemy import select

from digest.jobs.channels import Channels
from digest.jobs.source_watch import SourceWatch
from digest.letters import Letter
from digest.ports import Operators
from digest.sending.operator_mail import OperatorMail
from digest.store.sql import SqlStore
from digest.store.tables import letters


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
        assert await _heard(made) == ([misbehaviour.heard] if misbehaviour.heard else [])


async def _heard(made: Stage) -> list[str]:
    """The states that operators get mail about while the publisher goes on like this for a day and a half."""
    for hours in (30, 37, 44, 51, 58):
        await made.poll(BEGIN + hours * 60 * MINUTE)
        await _watch(made).look()
    async with made.store.database.read() as connection:
        written = (await connection.execute(select(letters.c.content))).scalars().all()
    return [turn["now"] for content in written for turn in content["turned"]]


def _watch(made: Stage) -> SourceWatch:
    """A watch that has one operator to write to."""

    async def submit(_: Letter) -> bool:
        return True

    mail = OperatorMail(
        addresses=("ops@example.org",),
        store=made.store.letters,
        clock=made.clock,
        reference=lambda address: address,
        submit=submit,
    )
    return SourceWatch(
        sources=made.poller.sources,
        silences=frozenset(),
        zone=ZoneInfo("Europe/London"),
        store=made.store,
        clock=made.clock,
        operators=Channels(ping=_Nobody(), mail=mail, store=made.store, clock=made.clock),
    )


class _Nobody(Operators):
    """A ping that nobody is at the other end of."""

    async def call(self, what: str) -> bool:
        return True

    async def well(self, what: str) -> bool:
        return True
