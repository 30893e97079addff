"""Taking over from lost workers: what their journals tell is known, the rest in doubt, nothing sent twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from store_values import DAY, MINUTE, NOON

from digest.adapters.journal import FileJournal
from digest.deliveries import Answer, Batch, Event, State
from digest.jobs.outbox import LEASE
from digest.jobs.takeover import GRACE, take_over
from digest.store.sql import SqlStore

TAKEN = Answer(event=Event.TAKEN, code=250, text="2.0.0 Ok: queued as 1A")
REFUSED = Answer(event=Event.REJECTED, code=550, text="5.1.1 no such user")
SECOND = timedelta(seconds=1)


@dataclass
class Still:
    """A clock that stands where the test puts it."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def lost(tmp_path: Path) -> FileJournal:
    """The journal of a worker that will be lost, on this machine."""
    return FileJournal(tmp_path / "journal")


async def half_done(store: SqlStore, journal: FileJournal, people: list[int]) -> Batch:
    """A batch of which one was taken, one refused, one begun, and two not touched."""
    batch = await store.deliveries.claim(DAY, owner=journal.owner, now=NOON, lease=LEASE)
    assert batch is not None
    leaf = journal.leaf(batch, people)
    assert leaf.begin(people[0])
    leaf.answer(people[0], TAKEN)
    leaf.answer(people[1], REFUSED)
    assert leaf.begin(people[2])
    return batch


async def test_what_a_dead_worker_noted_is_known_at_once(
    store: SqlStore, planned: list[int], lost: FileJournal, tmp_path: Path
) -> None:
    await half_done(store, lost, planned)
    lost.renounce()  # the kernel lets its lock go, as when a process dies

    await take_over(store.deliveries, FileJournal(tmp_path / "journal"), Still())

    assert await store.deliveries.tally(DAY) == {
        State.ACCEPTED: 1,
        State.REFUSED: 1,
        State.UNKNOWN: 1,
        State.PLANNED: 2,
    }
    again = await store.deliveries.claim(DAY, owner="w", now=NOON, lease=LEASE)
    assert again is not None
    assert [due.delivery.subscriber for due in await store.deliveries.in_hand(again)] == planned[3:]


async def test_a_batch_that_was_claimed_and_not_begun_is_simply_free_again(
    store: SqlStore, planned: list[int], lost: FileJournal, tmp_path: Path
) -> None:
    assert await store.deliveries.claim(DAY, owner=lost.owner, now=NOON, lease=LEASE)
    lost.renounce()

    await take_over(store.deliveries, FileJournal(tmp_path / "journal"), Still())

    assert await store.deliveries.tally(DAY) == {State.PLANNED: 5}
    assert await store.deliveries.held() == []


async def test_a_living_workers_batch_is_its_own_until_the_lease_is_over(
    store: SqlStore, planned: list[int], lost: FileJournal, tmp_path: Path
) -> None:
    batch = await half_done(store, lost, planned)
    others = FileJournal(tmp_path / "journal")

    await take_over(store.deliveries, others, Still(NOON + LEASE - SECOND))
    assert [held.batch for held in await store.deliveries.held()] == [batch]

    await take_over(store.deliveries, others, Still(NOON + LEASE))
    assert await store.deliveries.tally(DAY) == {
        State.ACCEPTED: 1,
        State.REFUSED: 1,
        State.UNKNOWN: 1,
        State.PLANNED: 2,
    }


async def test_a_frozen_worker_that_wakes_up_hands_nothing_more_over(
    store: SqlStore, planned: list[int], lost: FileJournal, tmp_path: Path
) -> None:
    batch = await store.deliveries.claim(DAY, owner=lost.owner, now=NOON, lease=LEASE)
    assert batch is not None
    leaf = lost.leaf(batch, planned)

    await take_over(store.deliveries, FileJournal(tmp_path / "journal"), Still(NOON + LEASE))

    assert not leaf.begin(planned[0])


async def test_a_lost_machine_leaves_its_batch_in_doubt_after_a_while(
    store: SqlStore, planned: list[int], tmp_path: Path
) -> None:
    """Nobody here knows what it did; it has some time to come back and tell."""
    assert await store.deliveries.claim(DAY, owner="elsewhere.1.ab", now=NOON, lease=LEASE)
    here = FileJournal(tmp_path / "journal")

    await take_over(store.deliveries, here, Still(NOON + LEASE + GRACE - SECOND))
    assert len(await store.deliveries.held()) == 1

    await take_over(store.deliveries, here, Still(NOON + LEASE + GRACE))
    assert await store.deliveries.tally(DAY) == {State.UNKNOWN: 5}
    assert await store.deliveries.claim(DAY, owner="w", now=NOON + 60 * MINUTE, lease=LEASE) is None


async def test_taking_over_twice_changes_nothing(
    store: SqlStore, planned: list[int], lost: FileJournal, tmp_path: Path
) -> None:
    await half_done(store, lost, planned)
    lost.renounce()
    others = FileJournal(tmp_path / "journal")
    await take_over(store.deliveries, others, Still())
    before = await store.deliveries.tally(DAY)

    await take_over(store.deliveries, others, Still(NOON + 60 * MINUTE))

    assert await store.deliveries.tally(DAY) == before


async def test_a_process_never_takes_over_from_itself(
    store: SqlStore, planned: list[int], lost: FileJournal
) -> None:
    batch = await half_done(store, lost, planned)

    await take_over(store.deliveries, lost, Still(NOON + 60 * MINUTE))

    assert [held.batch for held in await store.deliveries.held()] == [batch]
