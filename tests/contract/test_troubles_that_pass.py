"""Troubles of a noon run that pass, or that somebody mends while it lasts: nobody waits for them longer."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from builders import a_story, an_edition
from clocks import Clock
from noon_run import Noon, PatientRelay, plainly
from store_values import DAY, MINUTE, NOON

from digest.adapters.journal import FileJournal
from digest.compose import Rendition
from digest.deliveries import Limits, State
from digest.edition import Edition
from digest.ports import Carried
from digest.providers import Register
from digest.sending.copies import Renditions
from digest.sending.pace import LONGEST_LIMIT_WAIT_SECONDS
from digest.store.sql import SqlStore
from digest.subscriptions import Wishes


@pytest.fixture
def noon(store: SqlStore, tmp_path: Path) -> Noon:
    return Noon(store, Clock(NOON), FileJournal(tmp_path / "journal"))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.sending.deliver.LOOK_EVERY", 0.02)


async def test_who_was_sent_away_by_a_limit_comes_back_soon_after_it_is_lifted(noon: Noon) -> None:
    """One a minute, by mistake: at that rate the last of them would have come after midnight."""
    await noon.subscribe(900)
    await noon.planned()
    await noon.store.limits.set(Limits(per_minute_and_domain=1))
    it = noon.deliverer()
    run = asyncio.create_task(it.deliver(DAY))
    async with asyncio.timeout(20):
        while (await noon.store.deliveries.tally(DAY)).get(State.DEFERRED, 0) < 890:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    it.stopping.set()
    await run
    it.stopping.clear()

    await noon.store.limits.set(Limits())
    noon.clock.at = NOON + timedelta(seconds=LONGEST_LIMIT_WAIT_SECONDS) + MINUTE
    await it.deliver(DAY)

    assert await noon.store.deliveries.tally(DAY) == {State.ACCEPTED: 900}


async def test_a_template_that_fails_for_some_is_told_while_the_others_are_written_to(noon: Noon) -> None:
    heard, told = [], asyncio.Event()

    async def call(what: str) -> bool:
        heard.append(what)
        told.set()
        return True

    def broken_for_commentary(
        edition: Edition, wishes: Wishes, register: Register, at: datetime, carried: Carried
    ) -> Rendition:
        if not wishes.commentary:
            raise ValueError("no such filter")
        return plainly(edition, wishes, register, at, carried)

    async def during(_: str) -> None:
        async with asyncio.timeout(10):
            await told.wait()

    await noon.subscribe(2)
    await noon.store.subscriptions.add("z@example.org", Wishes(commentary=False), NOON - MINUTE)
    await noon.planned()
    noon.relay = PatientRelay(during)
    await noon.deliverer(render=broken_for_commentary, call=call).deliver(DAY)

    assert await noon.store.deliveries.tally(DAY) == {State.ACCEPTED: 2, State.DEFERRED: 1}
    assert heard == [f"the edition of {DAY} cannot be composed: ValueError: no such filter"]


async def test_a_missed_edition_that_cannot_be_read_for_a_moment_is_read_the_next_time() -> None:
    """Remembered like a broken template, a moment of the database's would last as long as the run."""
    yesterday = DAY - timedelta(days=1)

    class Editions:
        away = True

        async def sealed(self, day: date) -> Edition:
            if self.away:
                raise OSError("the database is away")
            return an_edition(a_story(), day=day)

    editions = Editions()
    renditions = Renditions(an_edition(a_story(), day=DAY), NOON, Register(), editions, plainly)  # type: ignore[arg-type]
    with pytest.raises(OSError, match="away"):
        await renditions.of(Wishes(), (yesterday,))

    editions.away = False
    assert await renditions.of(Wishes(), (yesterday,)) is not None
