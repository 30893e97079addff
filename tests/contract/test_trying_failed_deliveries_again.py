"""An operator lets today's failed deliveries be tried again: those that the relay surely did not take."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from clocks import Clock
from noon_run import TIMETABLE, Noon
from store_values import DAY, MINUTE, NOON, an_assembly, plan
from test_interventions_are_kept import an_act, free
from test_ledger import LOST, PUT_OFF, REJECTED, TAKEN, claim, give, settled

from digest.adapters.journal import FileJournal
from digest.deliveries import NOT_TAKEN, Pause, State
from digest.errors import Refused
from digest.interventions import Act
from digest.jobs.resend import Resent, resend_failed
from digest.store.sending import planning
from digest.store.sql import SqlStore

TOMORROW = DAY + timedelta(days=1)
LEASE = 5 * MINUTE


async def ask(store: SqlStore, *, later: timedelta = MINUTE) -> Resent:
    clock = Clock(NOON + later)
    return await resend_failed(DAY, by="ada", timetable=TIMETABLE, store=store, clock=clock)


async def left(store: SqlStore, *, later: timedelta = MINUTE) -> list[int]:
    """Who is due, of the one batch."""
    batch = await claim(store, later=later)
    return [] if batch is None else [one.delivery.subscriber for one in await store.deliveries.due_in(batch)]


def test_what_was_taken_or_may_have_been_has_not_failed() -> None:
    assert {State.REFUSED, State.DEFERRED} == NOT_TAKEN


async def test_only_what_the_relay_surely_did_not_take_is_tried_again(
    store: SqlStore, planned: list[int]
) -> None:
    taken, refused, put_off, unknown, also_taken = planned
    await give(store, [TAKEN, REJECTED, PUT_OFF, LOST, TAKEN])
    assert await left(store) == []

    done = await ask(store)

    assert done.again == {State.REFUSED: 1, State.DEFERRED: 1}
    assert await left(store) == [refused, put_off]
    states = {one: await store.deliveries.state(DAY, one) for one in (taken, unknown, also_taken)}
    assert states == {taken: State.ACCEPTED, unknown: State.UNKNOWN, also_taken: State.ACCEPTED}


async def test_a_batch_that_a_worker_holds_is_done_again_when_it_is_given_back(
    store: SqlStore, planned: list[int]
) -> None:
    batch = await claim(store)
    assert batch is not None
    due = await store.deliveries.due_in(batch)
    first = [settled(due[0].delivery, REJECTED, begun=False)]
    await store.deliveries.record(batch, first, now=NOON, lease=LEASE)

    await ask(store)
    assert await left(store) == []  # the worker has it
    rest = [settled(one.delivery, TAKEN) for one in due[1:]]
    await store.deliveries.record(batch, rest, now=NOON + MINUTE, lease=None)

    assert await left(store) == [planned[0]]


async def test_batches_in_which_nothing_failed_stay_closed(
    store: SqlStore, subscribers: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "BATCH", 2)
    await store.editions.seal(an_assembly(), NOON)
    await plan(store, DAY)
    for answer in (TAKEN, REJECTED, TAKEN):
        await give(store, answer)

    await ask(store)

    assert len(await left(store)) == 2
    assert await claim(store, later=3 * MINUTE) is None


async def test_what_a_later_edition_carries_is_not_sent_by_itself(
    store: SqlStore, planned: list[int]
) -> None:
    await give(store, [REJECTED, REJECTED, TAKEN, TAKEN, TAKEN])
    await store.editions.seal(an_assembly(TOMORROW), NOON + timedelta(days=1))
    await plan(store, TOMORROW)

    assert await store.deliveries.try_again(DAY, NOON + MINUTE) == {}
    assert await left(store) == []


async def test_readers_whom_the_relay_refused_by_mistake_get_their_edition_the_same_day(
    store: SqlStore, tmp_path: Path
) -> None:
    noon = Noon(store, Clock(NOON), FileJournal(tmp_path / "journal"))
    await noon.subscribe(4)
    await noon.planned()
    noon.relay.refused = {"a1@example.org", "a2@example.org"}
    it = noon.deliverer()
    await it.deliver(DAY)
    noon.relay.refused = {"a2@example.org"}
    await noon.looks(it)
    assert sorted(noon.relay.taken) == ["a0@example.org", "a3@example.org"]

    noon.clock.at += MINUTE
    await resend_failed(DAY, by="ada", timetable=TIMETABLE, store=store, clock=noon.clock)
    await noon.looks(it)

    assert sorted(noon.relay.taken) == ["a0@example.org", "a1@example.org", "a3@example.org"]
    assert await store.deliveries.tally(DAY) == {State.ACCEPTED: 3, State.REFUSED: 1}


async def test_it_says_why_nothing_can_be_tried_again(store: SqlStore, planned: list[int]) -> None:
    del planned
    with pytest.raises(Refused, match="of it has failed yet"):
        await ask(store, later=-MINUTE)
    with pytest.raises(Refused, match="5 of its deliveries were not taken"):
        await ask(store, later=timedelta(days=1))
    await store.pauses.pause(Pause(since=NOON, by="ben", why="the relay is being moved"))
    with pytest.raises(Refused, match="paused: the relay is being moved"):
        await ask(store)


async def test_what_is_held_stays_so(store: SqlStore, planned: list[int]) -> None:
    del planned
    await store.editions.intervene(an_act(Act.HOLD, until=NOON + LEASE), free)

    with pytest.raises(Refused, match="is held by ada"):
        await ask(store)


async def test_a_day_without_deliveries_is_named(store: SqlStore) -> None:
    with pytest.raises(Refused, match=f"no deliveries of an edition of {DAY}"):
        await ask(store)
