"""A clock that was ahead and is set back: what was noted meanwhile holds no letter, delivery or alert."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from builders import admitting
from clocks import Clock
from noon_run import Noon
from store_values import DAY, MINUTE, NOON

from digest.adapters.journal import FileJournal
from digest.deliveries import Answer, Event, Settled, WorkerState
from digest.identity import Fresh
from digest.items import Item
from digest.jobs.operator_alerts import OperatorAlerts
from digest.letter_kinds import Help
from digest.letters import Letter, settlement
from digest.ports import Quota
from digest.sending.recovery import GRACE, Recovery
from digest.sources import Polled
from digest.store.sql import SqlStore

LEASE = 5 * MINUTE
AHEAD = timedelta(days=400)
LATER = Answer(event=Event.PUT_OFF, code=450, text="4.2.1 later")


async def a_letter(store: SqlStore) -> None:
    letter = Letter(
        address="mina@council.example",
        content=Help(reference="mina", occasion="1"),
        expires_at=NOON + 2 * AHEAD,
    )
    assert await store.letters.write(letter, NOON + AHEAD)


async def test_a_letter_written_while_the_clock_was_ahead_is_sent_at_once(store: SqlStore) -> None:
    await a_letter(store)

    assert await store.letters.claim(NOON, LEASE) is not None


async def test_a_letter_put_off_or_held_while_the_clock_was_ahead_is_sent_at_once(store: SqlStore) -> None:
    await a_letter(store)
    held = await store.letters.claim(NOON + AHEAD, LEASE)
    assert held is not None

    again = await store.letters.claim(NOON, LEASE)
    assert again is not None
    ahead = NOON + AHEAD
    await store.letters.settle(again, settlement(again, LATER, begun=False, now=ahead), LATER, ahead)

    assert await store.letters.claim(NOON, LEASE) is not None


async def test_a_wait_of_proper_length_is_kept(store: SqlStore) -> None:
    await a_letter(store)
    held = await store.letters.claim(NOON, LEASE)
    assert held is not None
    assert await store.letters.claim(NOON, LEASE) is None
    await store.letters.settle(held, settlement(held, LATER, begun=False, now=NOON), LATER, NOON)

    assert await store.letters.claim(NOON + MINUTE, LEASE) is None
    assert await store.letters.claim(NOON + 31 * MINUTE, LEASE) is not None


@pytest.fixture
def noon(store: SqlStore, tmp_path: Path) -> Noon:
    return Noon(store, Clock(NOON), FileJournal(tmp_path / "journal"))


async def test_deliveries_put_off_while_the_clock_was_ahead_are_due_at_once(noon: Noon) -> None:
    await noon.subscribe(3)
    await noon.planned()
    deliveries, ahead = noon.store.deliveries, NOON + AHEAD
    batch = await deliveries.claim(DAY, owner="w", now=ahead, lease=LEASE)
    assert batch is not None
    due = await deliveries.due_in(batch)
    settled = [Settled(delivery=one.delivery, answer=LATER, at=ahead, begun=False) for one in due]
    await deliveries.record(batch, settled, now=ahead, lease=None)

    again = await deliveries.claim(DAY, owner="w", now=NOON, lease=LEASE)

    assert again is not None
    assert len(await deliveries.due_in(again)) == 3


async def test_a_lease_from_a_clock_that_was_ahead_runs_out(
    noon: Noon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its worker may be alive, so it has the time of a machine that cannot be asked."""
    await noon.subscribe(3)
    await noon.planned()
    deliveries = noon.store.deliveries
    batch = await deliveries.claim(DAY, owner="w", now=NOON + AHEAD, lease=LEASE)
    assert batch is not None
    monkeypatch.setattr(FileJournal, "state_of", lambda *_: WorkerState.ELSEWHERE)
    recovery = Recovery(deliveries=deliveries, journal=noon.journal, clock=noon.clock)

    await recovery.settle_lost_batches()
    assert [one.owner for one in await deliveries.held()] == ["w"]
    noon.clock.at += GRACE
    await recovery.settle_lost_batches()

    assert await deliveries.held() == []


async def test_an_item_put_off_while_the_clock_was_ahead_is_read_at_once(store: SqlStore) -> None:
    fresh = Fresh(item=Item(title="Kirkwall rated good", link="https://x.example/1"), keys=("link:1",))
    polled = Polled(source="s", next_poll_at=NOON, baselined_at=NOON)
    await store.sources.take_in(polled.source, [fresh], admitting(polled, [fresh]), now=NOON)
    (item,) = await store.items.unread("s", limit=5, now=NOON)
    await store.items.put_off(item.id, "away", until=NOON + AHEAD)

    assert len(await store.items.unread("s", limit=5, now=NOON)) == 1


async def test_requests_counted_while_the_clock_was_ahead_limit_nobody_now(store: SqlStore) -> None:
    def quota(now: datetime) -> Quota:
        return Quota(scope="s", since=now, most=((now - timedelta(days=1), 1),))

    for now in (NOON + AHEAD, NOON):
        assert await store.counts.count_within([quota(now)]) is None
        assert await store.counts.count_within([quota(now)]) == 0


async def test_an_alert_sent_while_the_clock_was_ahead_silences_none_now(store: SqlStore) -> None:
    said: list[str] = []

    async def call(what: str) -> bool:
        said.append(what)
        return True

    clock = Clock(NOON + AHEAD)
    alerts = OperatorAlerts(counts=store.counts, call=call, clock=clock)
    await alerts.send_once("s", NOON + AHEAD, "then")
    clock.at = NOON
    await alerts.send_once("s", NOON, "now")

    assert said == ["then", "now"]
