"""The brake: so much of an edition comes back that nobody's subscription ends, and operators learn why."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from receiving_setup import FIRST, TIMETABLE, ReceivingSetup, a_report, noon

from digest.jobs.bounces import WATCHED, score_refusals
from digest.store.sql import SqlStore
from digest.web.metrics import Metrics

A_DAY = timedelta(days=1)
BLOCKED = {"status": "5.7.1", "said": "550 5.7.1 <p@example.net> blocked by our list"}


@pytest.fixture
def setup(store: SqlStore) -> ReceivingSetup:
    return ReceivingSetup(store)


def brake_lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if "too much" in one.msg or "brake" in one.msg]


async def metrics(setup: ReceivingSetup) -> str:
    return (await Metrics(store=setup.store, timetable=TIMETABLE, clock=setup.clock).text()).decode()


async def test_the_brake_is_one_line_when_it_turns_on_and_one_when_it_turns_off(
    setup: ReceivingSetup, caplog: pytest.LogCaptureFixture
) -> None:
    people = await setup.subscribe(12)
    await setup.edition(FIRST)
    caplog.set_level(logging.INFO)

    for n, one in enumerate(people):
        setup.clock.move_to(noon(FIRST) + timedelta(minutes=n))
        await setup.receiver.receive(a_report(FIRST, one, **BLOCKED) if n else a_report(FIRST, one))
        if n == 10:
            setup.bounces.alerts._not_before.clear()  # as a second process
    assert brake_lines(caplog) == ["too much of an edition comes back"]
    assert "digest_brakes 1.0" in await metrics(setup)

    await score_refusals(setup.bounces)
    assert len(brake_lines(caplog)) == 1
    setup.clock.move_to(noon(FIRST) + WATCHED + A_DAY)
    for _ in range(2):
        await score_refusals(setup.bounces)

    await setup.receiver.receive(a_report(FIRST, people[0], note="late"))
    assert brake_lines(caplog) == ["too much of an edition comes back", "the brake on an edition is off"]
    assert "digest_brakes 0.0" in await metrics(setup)


async def test_the_call_quotes_what_the_servers_say_and_no_address(setup: ReceivingSetup) -> None:
    people = await setup.subscribe(12)
    await setup.edition(FIRST)

    for one in people:
        await setup.receiver.receive(a_report(FIRST, one, **BLOCKED))

    (call,) = [said for said in setup.operators.said if "too much" in said]
    assert "550 5.7.1" in call
    assert "blocked by our list" in call
    assert "p@example.net" not in "".join(setup.operators.said)


async def test_an_edition_of_which_enough_arrives_after_all_releases_its_brake(
    setup: ReceivingSetup, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    people = await setup.subscribe(12)
    await setup.edition(FIRST)
    for one in people[:10]:
        await setup.receiver.receive(a_report(FIRST, one, **BLOCKED))

    async def sent(_: object) -> int:
        return 1_000

    setup.store.mail.sent = sent  # type: ignore[method-assign]
    await score_refusals(setup.bounces)

    assert brake_lines(caplog)[-1] == "the brake on an edition is off"
