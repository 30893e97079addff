"""When a worker tells the others how it found its relays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from digest.demo.world import SimulatedClock
from digest.relays import REPORT_EVERY, LastDial, RelayReport
from digest.sending.relay_health import RelayReporter

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
WELL = LastDial(relay="mx:25", ago=timedelta(), code=None, trouble="")
BUSY = LastDial(relay="mx:25", ago=timedelta(), code=421, trouble="too many connections")
UNTRIED = LastDial(relay="spare:587", ago=None, code=None, trouble="")


@dataclass
class Stored:
    """What reached the store."""

    rows: list[RelayReport] = field(default_factory=list)
    works: bool = True

    async def record(self, reports: Sequence[RelayReport], now: datetime) -> None:
        if not self.works:
            raise OSError("the disk is full")
        self.rows.extend(reports)

    async def reports(self) -> list[RelayReport]:
        return self.rows


async def reports_at_each(found: Sequence[tuple[timedelta, LastDial]], store: Stored) -> list[RelayReport]:
    clock = SimulatedClock(NOON)
    reporter = RelayReporter(store, clock)
    for after, dial in found:
        clock.move_to(NOON + after)
        await reporter.report("w", [dial, UNTRIED])
    return store.rows


async def test_a_change_is_told_at_once_and_since_when():
    rows = await reports_at_each(
        [(0 * SECOND, WELL), (1 * SECOND, BUSY), (2 * SECOND, BUSY), (3 * SECOND, WELL)], Stored()
    )

    assert [(row.at, row.since, row.code) for row in rows] == [
        (NOON, NOON, None),
        (NOON + SECOND, NOON + SECOND, 421),
        (NOON + 3 * SECOND, NOON + 3 * SECOND, None),
    ]


async def test_what_stays_the_same_is_told_now_and_then():
    rows = await reports_at_each([(n * SECOND, WELL) for n in range(130)], Stored())

    assert [row.at for row in rows] == [NOON, NOON + REPORT_EVERY, NOON + 2 * REPORT_EVERY]
    assert {row.since for row in rows} == {NOON}


async def test_another_reason_for_the_same_trouble_does_not_start_it_anew():
    refused = LastDial(relay="mx:25", ago=timedelta(), code=None, trouble="connection refused")
    rows = await reports_at_each([(0 * SECOND, BUSY), (9 * SECOND, refused)], Stored())

    assert [(row.trouble, row.since) for row in rows] == [
        ("too many connections", NOON),
        ("connection refused", NOON),
    ]


async def test_a_relay_not_dialled_again_is_not_vouched_for():
    """Its word is as old as the dialling."""
    ago = LastDial(relay="mx:25", ago=timedelta(minutes=5), code=None, trouble="")
    rows = await reports_at_each([(timedelta(minutes=5), ago)], Stored())

    assert [row.at for row in rows] == [NOON]


async def test_a_store_that_fails_stops_nothing_and_is_told_later():
    store = Stored(works=False)
    clock = SimulatedClock(NOON)
    reporter = RelayReporter(store, clock)

    await reporter.report("w", [WELL])
    store.works = True
    await reporter.report("w", [WELL])

    assert len(store.rows) == 1


async def test_an_older_word_does_not_take_the_place_of_a_later_one():
    """Editions and letters dial each for themselves; what one of them found long ago is no news."""
    ago = LastDial(relay="mx:25", ago=timedelta(minutes=5), code=None, trouble="")
    rows = await reports_at_each([(0 * SECOND, BUSY), (9 * SECOND, ago)], Stored())

    assert [row.code for row in rows] == [421]
