"""What several workers' words about one relay come to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from digest.relays import STALE_AFTER, RelayReport, health

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WELL = RelayReport(worker="a", relay="mx:25", at=NOON, since=NOON - MINUTE, code=None, trouble="")
BUSY = replace(WELL, worker="b", since=NOON, code=421, trouble="too many connections")


def test_a_relay_is_up_while_everybody_can_have_it():
    relay = health([WELL, replace(WELL, worker="b", since=NOON)])["mx:25"]

    assert (relay.up, relay.workers, relay.without) == (True, 2, 0)
    assert relay.since == NOON - MINUTE


def test_one_worker_that_cannot_have_it_is_heard():
    """A firewall may stand before one machine of many."""
    relay = health([BUSY, replace(WELL, at=NOON + MINUTE)])["mx:25"]

    assert (relay.up, relay.workers, relay.without) == (False, 2, 1)
    assert (relay.since, relay.code, relay.trouble) == (NOON, 421, "too many connections")


def test_a_worker_that_has_stopped_is_not_heard_beside_those_who_go_on():
    relay = health([BUSY, replace(WELL, at=NOON + STALE_AFTER)])["mx:25"]

    assert (relay.up, relay.workers) == (True, 1)


def test_the_last_word_stands_when_nobody_sends():
    assert not health([BUSY])["mx:25"].up


def test_relays_are_told_apart_and_one_nobody_dialled_is_absent():
    found = health([WELL, replace(BUSY, relay="spare:587")])

    assert {name: relay.up for name, relay in found.items()} == {"mx:25": True, "spare:587": False}
