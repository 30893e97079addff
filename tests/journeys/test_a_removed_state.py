"""A database in trouble while the service runs: no mail is taken in or sent until it is well."""

from __future__ import annotations

import logging
import smtplib
from datetime import date, timedelta

import pytest
from clocks import Clock
from journey_place import SUBSCRIBERS, Place
from receiving import receives, receiving
from servers.ports import free_port
from test_calendar import at
from test_mail_comes_in import a_message, hand_over, post
from troubles import Trouble, in_trouble, removed

from digest.errors import StateReplaced
from digest.jobs.store_watch import CALL_AFTER, StoreWatch

DAY = date(2020, 3, 3)


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> str:
    name: str = getattr(request, "param", "sqlite")
    return name


async def test_mail_comes_again_editions_wait_and_operators_are_called_once(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    receives(place, port=free_port())
    await place.file(1, at(DAY, "09:00"))
    async with receiving(place, at(DAY, "11:45")) as (it, clock, server):
        await it.recover()
        clock.move_to(at(DAY, "12:01"))
        with removed(it.store.database):
            for _ in range(4):  # more often than a message that fails is tried
                with pytest.raises(smtplib.SMTPDataError) as refused:
                    await hand_over(server.port, "join@digest.example.org", a_message("hello"))
                assert refused.value.smtp_code == 451
            with pytest.raises(StateReplaced):
                await it.recover()
            with pytest.raises(StateReplaced):
                await it.letter_sender.send()
            for _ in range(3):
                await it.store_watch.look()
                clock.move_to(clock.now() + timedelta(minutes=1))
            assert place.server.messages == []

        await it.store_watch.look()
        await hand_over(server.port, "join@digest.example.org", a_message("hello"))
        await post(place, it, "mina@council.example")
        await it.recover()

    calls = [one for one in caplog.records if one.message == "an operator is needed"]
    assert len(calls) == 1
    assert "was removed" in vars(calls[0])["what"]
    assert [one for one in caplog.records if one.message == "the database takes writes again"]
    assert sorted(m.recipients[0] for m in place.server.messages) == sorted(
        [*SUBSCRIBERS, "mina@council.example"]
    )


@in_trouble
async def test_a_mail_server_brings_a_message_again_after_any_trouble(
    place: Place, trouble: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.store.database.LOCKED_FOR", 20)
    receives(place, port=free_port())
    async with receiving(place, at(DAY, "09:00")) as (it, _, server):
        await it.store.database.check_writes()
        with trouble(it.store.database):
            for _ in range(4):
                with pytest.raises(smtplib.SMTPDataError) as refused:
                    await hand_over(server.port, "join@digest.example.org", a_message("hello"))
                assert refused.value.smtp_code == 451
        await hand_over(server.port, "join@digest.example.org", a_message("hello"))
        await post(place, it, "mina@council.example")
        assert await it.store.mail.parked_count() == 0

    assert [m.recipients for m in place.server.messages] == [("mina@council.example",)]


async def test_operators_are_called_about_other_trouble_if_it_lasts() -> None:
    calls: list[str] = []

    async def call(what: str) -> bool:
        calls.append(what)
        return len(calls) > 1  # the first call is not received

    async def write() -> None:
        raise OSError("the disk is full")

    async def reconcile() -> None: ...

    clock = Clock(at(DAY, "09:00"))
    watch = StoreWatch(write=write, reconcile=reconcile, call=call, clock=clock)
    await watch.look()
    assert calls == []

    clock.at += CALL_AFTER
    for _ in range(3):
        await watch.look()

    assert len(calls) == 2
    assert "the disk is full" in calls[0]
