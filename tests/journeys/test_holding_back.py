"""Operators hold sending back: paused and on again, and a trial that writes to nobody but a few."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from journey_place import SUBSCRIBERS, Place
from test_calendar import at, live, started
from test_many_machines import let_noon_be_now

from digest.app.directory import configured
from digest.app.service import service
from digest.demo.world import SimulatedClock

DAY = date(2020, 3, 3)


async def test_while_sending_is_paused_nobody_gets_anything_and_then_everybody_does(place: Place) -> None:
    await place.file(1, at(DAY, "09:00"))
    assert "sending is paused" in place.digest("pause", "--why", "the relay is being moved")

    async with started(place, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "14:00"))
        assert place.received() == {}
        assert "PAUSED" in (said := place.digest("status"))
        assert "the relay is being moved" in said

        assert "sending is on" in place.digest("resume")
        await live(it, clock, at(DAY, "15:00"))

    assert set(place.received()) == {(address, DAY) for address in SUBSCRIBERS}


async def test_a_pause_longer_than_the_day_costs_nobody_a_story(place: Place) -> None:
    await place.file(1, at(DAY, "09:00"))
    place.digest("pause", "--why", "a restored backup")
    tomorrow = DAY + timedelta(days=1)

    async with started(place, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(tomorrow, "10:00"))
        place.digest("resume")
        await live(it, clock, at(tomorrow, "13:00"))

    received = place.received()
    assert set(received) == {(address, tomorrow) for address in SUBSCRIBERS}
    assert all(
        "Late: this was missing from our edition of Tuesday 3 March." in text for [text] in received.values()
    )


async def test_pausing_twice_keeps_the_first_reason(place: Place) -> None:
    place.digest("pause", "--why", "the first")

    assert "that pause stands" in place.digest("pause", "--why", "the second")
    assert "the first" in place.digest("status")
    place.digest("resume")
    assert "not paused" in place.digest("resume")


async def test_a_trial_writes_to_nobody_but_those_it_names(place: Place) -> None:
    config = place.config / "digest.yaml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("relay:", "relay:\n  only_to: [ADA@example.org]", 1), encoding="utf-8")
    await place.file(1, at(DAY, "09:00"))

    async with started(place, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "13:00"))

    assert set(place.received()) == {("ada@example.org", DAY)}
    assert "a trial: sending only to ADA@example.org" in place.digest("status")


def test_a_trial_names_addresses_or_domains(place: Place) -> None:
    config = place.config / "digest.yaml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("relay:", "relay:\n  only_to: [example.org]", 1), encoding="utf-8")

    assert '"@example.org"' in place.digest("config", "check", expect=2)


async def test_a_restored_backup_sends_nothing_until_told_to_and_repeats_nothing_it_knows(
    place: Place,
) -> None:
    """A backup of the afternoon is put back the same day."""
    backup = place.config / "noon.gz"
    await place.file(1, at(DAY, "09:00"))
    async with started(place, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "12:10"))
    assert len(place.received()) == 3
    assert "rows" in place.digest("backup", str(backup))
    assert "--overwrite" in place.digest("backup", str(backup), expect=2)
    await place.file(2, at(DAY, "12:30"))

    refused = place.digest("restore", str(backup), expect=2)
    assert "--overwrite" in refused
    assert "`digest backup`" in refused  # what is there would be gone
    # The day of the story is long ago: by the clock of the command nothing of it is in doubt.
    assert "sending is off" in place.digest("restore", str(backup), "--overwrite", "--nothing-sent-since")
    assert "restored from noon.gz" in place.digest("status")
    tomorrow = DAY + timedelta(days=1)
    await place.file(2, at(DAY, "13:00"))
    async with started(place, at(DAY, "13:00")) as (it, clock):
        await live(it, clock, at(tomorrow, "12:30"))
        assert len(place.received()) == 3
        place.digest("resume")
        await live(it, clock, at(tomorrow, "13:00"))

    received = place.received()
    assert set(received) == {(a, day) for a in SUBSCRIBERS for day in (DAY, tomorrow)}
    assert all(len(messages) == 1 for messages in received.values())
    assert all("Provider 1 CRC" not in received[a, tomorrow][0] for a in SUBSCRIBERS)


@pytest.fixture
async def put_back(place: Place) -> Path:
    """A backup from between the plan and noon; then everybody got the edition, and the machine was lost."""
    backup = place.config / "noon.gz"
    let_noon_be_now(place)
    await place.file(1, datetime.now(UTC) - timedelta(hours=1))
    place.digest("pause", "--why", "a backup")
    await look(place)
    place.digest("backup", str(backup))
    place.digest("resume")
    await look(place)
    assert len(place.server.messages) == 3
    return backup


async def look(place: Place) -> None:
    settings, secrets = configured(place.config)
    async with service(settings, secrets, directory=place.config) as it:
        await it.recover()


async def test_what_a_restored_state_cannot_know_was_sent_is_not_sent_again(
    place: Place, put_back: Path
) -> None:
    """Subscribers who got today's edition before the restore would get it again."""
    place.digest("restore", str(put_back), "--overwrite")

    said = place.digest("resume")

    assert "sending starts by itself at" in said
    assert "; it starts by itself at" in place.digest("status")
    await look(place)
    assert len(place.server.messages) == 3
    assert "sending is on" in place.digest("resume", "--today-too")
    await look(place)
    assert len(place.server.messages) == 6


async def test_sending_comes_on_by_itself_once_what_is_in_doubt_is_over(place: Place, put_back: Path) -> None:
    """If operators had to resume twice, they could forget it, and the next edition would not go out."""
    place.digest("restore", str(put_back), "--overwrite")
    place.digest("resume")
    settings, secrets = configured(place.config)
    clock = SimulatedClock(datetime.now(UTC))
    async with service(settings, secrets, directory=place.config, clock=clock) as it:
        day = settings.edition.timetable.day_of(clock.now())
        clock.move_to(settings.edition.timetable.deadline_of(day))
        await it.recover()
        assert await it.store.pauses.current() is None

        clock.move_to(settings.edition.timetable.noon_of(day + timedelta(days=1)))
        await it.recover()
    assert len(place.server.messages) == 6, "the stories of the day in doubt come late"


async def test_a_pause_asked_for_while_one_is_about_to_end_stays(place: Place, put_back: Path) -> None:
    place.digest("restore", str(put_back), "--overwrite")
    place.digest("resume")
    assert "that pause stands" in place.digest("pause", "--why", "the relay is moved")

    assert "by itself" not in place.digest("status")


async def test_a_service_that_moves_while_it_stands_still_goes_on_at_once(
    place: Place, put_back: Path
) -> None:
    place.digest("restore", str(put_back), "--overwrite", "--nothing-sent-since")

    assert "sending is on" in place.digest("resume")


async def test_a_reader_whom_the_relay_refused_by_mistake_gets_the_edition_when_it_is_mended(
    place: Place,
) -> None:
    let_noon_be_now(place)
    await place.file(1, datetime.now(UTC) - timedelta(hours=1))
    place.server.answers["ada@example.org"] = "550 5.1.1 no such user"
    await look(place)
    assert len(place.server.messages) == 2
    place.server.answers.clear()
    await look(place)
    today = str(configured(place.config)[0].edition.timetable.day_of(datetime.now(UTC)))
    assert "never sent again" in place.digest("edition", "resend", today, expect=2)

    said = place.digest("edition", "resend", "--failed", today)
    await look(place)
    again = json.loads(place.digest("edition", "resend", "--failed", today, "--json"))
    await look(place)

    assert said == "1 delivery is tried again within five minutes: 1 refused before, 0 put off\n"
    assert len(place.server.messages) == 3
    assert (again["tried_again"], again["left_alone"]) == ({"refused": 0, "deferred": 0}, {"accepted": 3})
    assert "no deliveries" in place.digest("edition", "resend", "--failed", "2020-03-03", expect=2)
