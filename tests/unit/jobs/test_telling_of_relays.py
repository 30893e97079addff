"""When a worker tells the others how it found its relays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from digest.demo.clock import SimulatedClock
from digest.ports import Reach
from digest.relays import RelayWord
from digest.sending.relay_health import EVERY, RelayNotes

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
WELL = Reach(relay="mx:25", ago=timedelta(), code=None, trouble="")
BUSY = Reach(relay="mx:25", ago=timedelta(), code=421, trouble="too many connections")
UNTRIED = Reach(relay="spare:587", ago=None, code=None, trouble="")


@dataclass
class Noted:
    """What reached the store."""

    rows: list[RelayWord] = field(default_factory=list)
    works: bool = True

    async def note(self, words: Sequence[RelayWord], now: datetime) -> None:
        if not self.works:
            raise OSError("the disk is full")
        self.rows.extend(words)

    async def words(self) -> list[RelayWord]:
        return self.rows


async def told_at_each(found: Sequence[tuple[timedelta, Reach]], store: Noted) -> list[RelayWord]:
    clock = SimulatedClock(NOON)
    notes = RelayNotes(store, clock)
    for after, reach in found:
        clock.move_to(NOON + after)
        await notes.tell("w", [reach, UNTRIED])
    return store.rows


async def test_a_change_is_told_at_once_and_since_when():
    rows = await told_at_each(
        [(0 * SECOND, WELL), (1 * SECOND, BUSY), (2 * SECOND, BUSY), (3 * SECOND, WELL)], Noted()
    )

    assert [(row.at, row.since, row.code) for row in rows] == [
        (NOON, NOON, None),
        (NOON + SECOND, NOON + SECOND, 421),
        (NOON + 3 * SECOND, NOON + 3 * SECOND, None),
    ]


async def test_what_stays_the_same_is_told_now_and_then():
    rows = await told_at_each([(n * SECOND, WELL) for n in range(130)], Noted())

    assert [row.at for row in rows] == [NOON, NOON + EVERY, NOON + 2 * EVERY]
    assert {row.since for row in rows} == {NOON}


async def test_another_reason_for_the_same_trouble_does_not_start_it_anew():
    refused = Reach(relay="mx:25", ago=timedelta(), code=None, trouble="connection refused")
    rows = await told_at_each([(0 * SECOND, BUSY), (9 * SECOND, refused)], Noted())

    assert [(row.trouble, row.since) for row in rows] == [
        ("too many connections", NOON),
        ("connection refused", NOON),
    ]


async def test_a_relay_not_dialled_again_is_not_vouched_for():
    """Its word is as old as the dialling."""
    ago = Reach(relay="mx:25", ago=timedelta(minutes=5), code=None, trouble="")
    rows = await told_at_each([(timedelta(minutes=5), ago)], Noted())

    assert [row.at for row in rows] == [NOON]


async def test_a_store_that_fails_stops_nothing_and_is_told_later():
    store = Noted(works=False)
    clock = SimulatedClock(NOON)
    notes = RelayNotes(store, clock)

    await notes.tell("w", [WELL])
    store.works = True
    await notes.tell("w", [WELL])

    assert len(store.rows) == 1


async def test_an_older_word_does_not_take_the_place_of_a_later_one():
    """Editions and letters dial each for themselves; what one of them found long ago is no news."""
    ago = Reach(relay="mx:25", ago=timedelta(minutes=5), code=None, trouble="")
    rows = await told_at_each([(0 * SECOND, BUSY), (9 * SECOND, ago)], Noted())

    assert [row.code for row in rows] == [421]
