"""Taking over from lost workers: what their journals tell is known, the rest in doubt, nothing sent twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from clocks import Clock
from store_values import DAY, MINUTE, NOON

from digest.adapters import journal as journal_module
from digest.adapters.journal import FileJournal
from digest.deliveries import Answer, Batch, Event, State
from digest.sending.outbox import LEASE
from digest.sending.recovery import GRACE, Recovery
from digest.store.sql import SqlStore

TAKEN = Answer(event=Event.TAKEN, code=250, text="2.0.0 Ok: queued as 1A")
REFUSED = Answer(event=Event.REJECTED, code=550, text="5.1.1 no such user")
SECOND = timedelta(seconds=1)


async def take_over(store: SqlStore, journal: FileJournal, clock: Clock) -> None:
    await Recovery(deliveries=store.deliveries, journal=journal, clock=clock).settle_lost_batches()


@pytest.fixture
def lost(tmp_path: Path) -> FileJournal:
    """The journal of a worker that will be lost, on this machine."""
    return FileJournal(tmp_path / "journal")


async def half_done(store: SqlStore, journal: FileJournal, people: list[int]) -> Batch:
    """A batch of which one was taken, one refused, one begun, and two not touched."""
    batch = await store.deliveries.claim(DAY, owner=journal.owner, now=NOON, lease=LEASE)
    assert batch is not None
    page = journal.page(batch, people)
    assert page.begin(people[0])
    page.answer(people[0], TAKEN)
    page.answer(people[1], REFUSED)
    assert page.begin(people[2])
    return batch


async def test_what_a_dead_worker_noted_is_known_at_once(
    store: SqlStore, planned: list[int], lost: FileJournal, tmp_path: Path
) -> None:
    await half_done(store, lost, planned)
    lost.change_owner()  # the kernel lets its lock go, as when a process dies

    await take_over(store, FileJournal(tmp_path / "journal"), Clock(NOON))

    assert await store.deliveries.tally(DAY) == {
        State.ACCEPTED: 1,
        State.REFUSED: 1,
        State.UNKNOWN: 1,
        State.PLANNED: 2,
    }
    again = await store.deliveries.claim(DAY, owner="w", now=NOON, lease=LEASE)
    assert again is not None
    assert [due.delivery.subscriber for due in await store.deliveries.due_in(again)] == planned[3:]


async def test_a_batch_that_was_claimed_and_not_begun_is_simply_free_again(
    store: SqlStore, planned: list[int], lost: FileJournal, tmp_path: Path
) -> None:
    assert await store.deliveries.claim(DAY, owner=lost.owner, now=NOON, lease=LEASE)
    lost.change_owner()

    await take_over(store, FileJournal(tmp_path / "journal"), Clock(NOON))

    assert await store.deliveries.tally(DAY) == {State.PLANNED: 5}
    assert await store.deliveries.held() == []


async def test_a_living_workers_batch_is_its_own_until_the_lease_is_over(
    store: SqlStore, planned: list[int], lost: FileJournal, tmp_path: Path
) -> None:
    batch = await half_done(store, lost, planned)
    others = FileJournal(tmp_path / "journal")

    await take_over(store, others, Clock(NOON + LEASE - SECOND))
    assert [held.batch for held in await store.deliveries.held()] == [batch]

    await take_over(store, others, Clock(NOON + LEASE))
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
    page = lost.page(batch, planned)

    await take_over(store, FileJournal(tmp_path / "journal"), Clock(NOON + LEASE))

    assert not page.begin(planned[0])


async def test_a_lost_machine_leaves_its_batch_in_doubt_after_a_while(
    store: SqlStore, planned: list[int], tmp_path: Path
) -> None:
    """Nobody here knows what it did; from when we first miss it, it has some time to come back and tell."""
    assert await store.deliveries.claim(DAY, owner="elsewhere.boot.1.ab", now=NOON, lease=LEASE)
    clock = Clock(NOON + LEASE - SECOND)
    here = Recovery(deliveries=store.deliveries, journal=FileJournal(tmp_path / "journal"), clock=clock)
    await here.settle_lost_batches()
    clock.at = NOON + 60 * MINUTE
    await here.settle_lost_batches()
    clock.at += GRACE - SECOND
    await here.settle_lost_batches()
    assert len(await store.deliveries.held()) == 1

    clock.at += SECOND
    await here.settle_lost_batches()
    assert await store.deliveries.tally(DAY) == {State.UNKNOWN: 5}
    assert await store.deliveries.claim(DAY, owner="w", now=NOON + 60 * MINUTE, lease=LEASE) is None


async def test_a_machine_whose_clock_is_behind_keeps_what_it_renews(
    store: SqlStore, planned: list[int], tmp_path: Path
) -> None:
    """Its leases are over by our clock and all the same it lives: only standing still counts against it."""
    behind = 6 * MINUTE
    batch = await store.deliveries.claim(DAY, owner="elsewhere.boot.1.ab", now=NOON - behind, lease=LEASE)
    assert batch is not None
    clock = Clock(NOON)
    here = Recovery(deliveries=store.deliveries, journal=FileJournal(tmp_path / "journal"), clock=clock)
    for minute in range(0, 60, 5):
        clock.at = NOON + minute * MINUTE
        await store.deliveries.record(batch, [], now=clock.at - behind, lease=LEASE)
        await here.settle_lost_batches()
    assert [held.batch for held in await store.deliveries.held()] == [batch]

    for _ in range(2):
        clock.at += GRACE
        await here.settle_lost_batches()
    assert await store.deliveries.held() == []


async def test_a_machine_that_came_back_has_its_time_again(
    store: SqlStore, planned: list[int], tmp_path: Path
) -> None:
    batch = await store.deliveries.claim(DAY, owner="elsewhere.boot.1.ab", now=NOON, lease=LEASE)
    assert batch is not None
    clock = Clock(NOON + LEASE + MINUTE)
    here = Recovery(deliveries=store.deliveries, journal=FileJournal(tmp_path / "journal"), clock=clock)
    await here.settle_lost_batches()
    await store.deliveries.record(batch, [], now=clock.at, lease=LEASE)
    clock.at += 2 * GRACE

    await here.settle_lost_batches()

    assert [held.batch for held in await store.deliveries.held()] == [batch]


async def test_after_an_outage_those_who_know_are_heard_before_others_give_them_up(
    store: SqlStore, planned: list[int], lost: FileJournal, tmp_path: Path
) -> None:
    """The database was away for an hour, and the first to look is another machine."""
    await half_done(store, lost, planned)
    lost.change_owner()

    later = Clock(NOON + 60 * MINUTE)
    await take_over(store, FileJournal(tmp_path / "another machine"), later)
    await take_over(store, FileJournal(tmp_path / "journal"), later)

    assert (await store.deliveries.tally(DAY))[State.ACCEPTED] == 1


async def test_notes_of_before_a_restart_of_the_machine_are_not_believed(
    store: SqlStore, planned: list[int], lost: FileJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The power failed: what was noted last never reached the disk, and reads as if nothing had begun."""
    with monkeypatch.context() as earlier:
        earlier.setattr(journal_module, "_boot", lambda: "another")
        await half_done(store, lost, planned)
        lost.change_owner()
    for page in (tmp_path / "journal").glob("*/2020*"):
        page.write_bytes(bytes(page.stat().st_size))

    await take_over(store, FileJournal(tmp_path / "journal"), Clock(NOON))

    assert await store.deliveries.tally(DAY) == {State.UNKNOWN: 5}


async def test_one_batch_that_cannot_be_taken_over_keeps_nobody_from_the_others(
    store: SqlStore, planned: list[int], lost: FileJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = await half_done(store, lost, planned)
    lost.change_owner()
    others = FileJournal(tmp_path / "journal")

    def cannot(*_: object) -> None:
        raise PermissionError

    with monkeypatch.context() as broken:
        broken.setattr(FileJournal, "read", cannot)
        await take_over(store, others, Clock(NOON))
    assert [held.batch for held in await store.deliveries.held()] == [batch]

    await take_over(store, others, Clock(NOON))
    assert await store.deliveries.held() == []


async def test_a_note_that_the_file_system_harmed_is_in_doubt(
    store: SqlStore, planned: list[int], lost: FileJournal, tmp_path: Path
) -> None:
    await half_done(store, lost, planned[:3])
    lost.change_owner()
    [page] = (tmp_path / "journal").glob("*/2020*")
    content = bytearray(page.read_bytes())
    content[1] = 0xFF  # the event of the one that was taken
    page.write_bytes(content[:-60])

    await take_over(store, FileJournal(tmp_path / "journal"), Clock(NOON))

    states = await store.deliveries.tally(DAY)
    assert states[State.UNKNOWN] == 2
    assert states[State.REFUSED] == 1


async def test_a_relays_word_that_no_database_takes_settles_its_delivery_all_the_same(
    store: SqlStore, planned: list[int], lost: FileJournal, tmp_path: Path
) -> None:
    batch = await store.deliveries.claim(DAY, owner=lost.owner, now=NOON, lease=LEASE)
    assert batch is not None
    page = lost.page(batch, planned)
    page.answer(planned[0], Answer(event=Event.PUT_OFF, code=None, text="not composed: \x00"))
    lost.change_owner()

    await take_over(store, FileJournal(tmp_path / "journal"), Clock(NOON))

    assert (await store.deliveries.tally(DAY))[State.DEFERRED] == 1


async def test_taking_over_twice_changes_nothing(
    store: SqlStore, planned: list[int], lost: FileJournal, tmp_path: Path
) -> None:
    await half_done(store, lost, planned)
    lost.change_owner()
    others = FileJournal(tmp_path / "journal")
    await take_over(store, others, Clock(NOON))
    before = await store.deliveries.tally(DAY)

    await take_over(store, others, Clock(NOON + 60 * MINUTE))

    assert await store.deliveries.tally(DAY) == before


async def test_a_process_never_takes_over_from_itself(
    store: SqlStore, planned: list[int], lost: FileJournal
) -> None:
    batch = await half_done(store, lost, planned)

    await take_over(store, lost, Clock(NOON + 60 * MINUTE))

    assert [held.batch for held in await store.deliveries.held()] == [batch]


@pytest.mark.parametrize("stray", ["README", "lost+found"])
async def test_what_is_not_ours_among_the_journals_stops_nothing(
    store: SqlStore, planned: list[int], lost: FileJournal, tmp_path: Path, stray: str
) -> None:
    await half_done(store, lost, planned)
    lost.change_owner()
    if stray == "README":
        (tmp_path / "journal" / stray).write_text("notes of workers")
    else:  # as of a file system of its own; to whom it is closed, root apart
        (tmp_path / "journal" / stray).mkdir(mode=0)

    await take_over(store, FileJournal(tmp_path / "journal"), Clock(NOON))

    assert await store.deliveries.held() == []
