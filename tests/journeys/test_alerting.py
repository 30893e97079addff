"""Alerts: what moved is told at once to those who watch it, once, in waking hours, and never in doubt."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from journey_place import SUBSCRIBERS, Place
from sqlalchemy import select
from test_calendar import at, days_of, everybody, live, started

from digest.app.service import Service
from digest.edition import StoryKey
from digest.jobs import review
from digest.jobs.interventions import EditionDesk
from digest.providers import Provider
from digest.store.tables import letters
from digest.subscriptions import Channel, Evidence, Step, Wishes

DAY = date(2020, 3, 3)
ADA, BEN, CLEO = SUBSCRIBERS
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def known(it: Service, *numbers: int) -> None:
    """Let the operator's register have these providers: what a text alone has named is in doubt."""
    providers = [
        Provider(id=f"provider-{n}-crc", name=f"Provider {n} CRC", kind="CRC", inspectorate="hmi-probation")
        for n in numbers
    ]
    await it.store.providers.load(providers, [])


async def watch(it: Service, address: str, numbers: Iterable[int], *, alerts: bool = True) -> None:
    watched = tuple(f"provider-{n}-crc" for n in numbers)
    await it.store.subscriptions.add(address, Wishes(watched=watched, alerts=alerts), LONG_AGO)


async def alerted(it: Service) -> Counter[str]:
    """How many alerts were written to each, by the part of the address before the @."""
    async with it.store.database.read() as connection:
        rows = (await connection.execute(select(letters.c.address, letters.c.kind))).all()
    assert {row.kind for row in rows} <= {"alert"}
    return Counter(row.address.partition("@")[0] for row in rows)


async def test_what_moved_is_told_at_once_to_watchers_and_at_noon_to_everybody(place: Place) -> None:
    async with started(place, at(DAY, "09:00")) as (it, clock):
        await known(it, 1)
        await watch(it, ADA, [1])
        await watch(it, BEN, [1], alerts=False)
        await watch(it, CLEO, [2])
        await place.file(1, at(DAY, "09:00"))
        await it.recover()

        assert await alerted(it) == {"ada": 1}
        letter = await it.store.letters.claim(clock.now(), timedelta(minutes=5))
        assert letter is not None
        assert letter.letter.key == f"alert 1.0 {letter.letter.subscriber}"
        said = letter.letter.content.as_json()
        assert said["provider"] == "Provider 1 CRC"
        assert said["evidence"] == "Provider 1 CRC has been raised from requires improvement to good."
        assert said["link"] == "https://inspectorate.example.org/1/"
        assert (said["change"]["movement"], said["change"]["before"], said["change"]["after"]) == (
            "upgrade",
            "requires improvement",
            "good",
        )
        assert letter.letter.expires_at == at(DAY, "12:00")
        clock.move_to(at(DAY, "12:00"))
        await it.recover()
        assert await alerted(it) == {"ada": 1}

    assert days_of(place) == everybody([DAY])


async def test_however_many_processes_look_there_is_one_alert(place: Place) -> None:
    async with started(place, at(DAY, "09:00")) as (one, _), started(place, at(DAY, "09:00")) as (other, _):
        await known(one, 1)
        await watch(one, ADA, [1])
        await place.file(1, at(DAY, "08:50"))
        await asyncio.gather(*(it.alerter.write_due() for it in (one, other, one, other)))

        assert await alerted(one) == {"ada": 1}


async def test_two_texts_on_one_inspection_are_one_alert(place: Place) -> None:
    async with started(place, at(DAY, "08:00")) as (it, clock):
        await known(it, 1)
        await watch(it, ADA, [1])
        await place.file(1, at(DAY, "08:00"))
        await it.recover()
        await place.file(2, at(DAY, "09:00"), provider=1)
        clock.move_to(at(DAY, "09:00"))
        await it.recover()

        assert await alerted(it) == {"ada": 1}


async def test_what_is_found_at_night_waits_for_the_morning(place: Place) -> None:
    async with started(place, at(DAY, "22:00")) as (it, clock):
        await known(it, 1)
        await watch(it, ADA, [1])
        await place.file(1, at(DAY, "22:00"))
        for day, clock_time in ((DAY, "22:00"), (DAY, "23:59"), (DAY + timedelta(days=1), "06:59")):
            clock.move_to(at(day, clock_time))
            await it.recover()
            assert await alerted(it) == {}

        clock.move_to(at(DAY + timedelta(days=1), "07:00"))
        await it.recover()
        assert await alerted(it) == {"ada": 1}


async def test_no_alert_tells_what_operators_hold_or_drop(place: Place) -> None:
    async with started(place, at(DAY, "06:00")) as (it, clock):
        await known(it, 1, 2)
        await watch(it, ADA, [1, 2])
        for number in (1, 2):
            await place.file(number, at(DAY, "06:00"))
        clock.move_to(at(DAY, "06:30"))
        desk = EditionDesk(timetable=it.settings.edition.timetable, sources=(), store=it.store, clock=clock)
        await desk.drop(StoryKey(item=1, place=0), by="ada", why="taken down")
        await desk.hold(by="ada", why="we ask them")
        clock.move_to(at(DAY, "07:00"))
        await it.recover()
        assert await alerted(it) == {}

        await desk.release(by="ada")
        await it.recover()

        assert await alerted(it) == {"ada": 1}
        letter = await it.store.letters.claim(clock.now(), timedelta(minutes=5))
        assert letter is not None
        assert letter.letter.content.as_json()["provider"] == "Provider 2 CRC"


async def test_what_the_cap_holds_back_is_in_the_edition_anyway(place: Place) -> None:
    async with started(place, at(DAY, "09:00")) as (it, clock):
        await known(it, 1, 2, 3, 4, 5)
        await watch(it, ADA, [1, 2, 3, 4, 5])
        for number in range(1, 6):
            await place.file(number, at(DAY, "09:00"))
        for clock_time in ("09:00", "11:00", "12:00", "18:00"):
            clock.move_to(at(DAY, clock_time))
            await it.recover()

        assert await alerted(it) == {"ada": 3}

    [edition] = place.received()[ADA, DAY]
    assert all(f"Provider {number} CRC" in edition for number in range(1, 6))


async def test_what_is_in_doubt_is_alerted_only_once_an_operator_agrees(place: Place) -> None:
    async with started(place, at(DAY, "09:00")) as (it, clock):
        await watch(it, ADA, [1])
        await place.file(1, at(DAY, "09:00"))
        await it.recover()
        assert await alerted(it) == {}

        key = StoryKey(item=1, place=0)
        await review.accept(key, by="ada", why="seen in print", store=it.store, clock=clock)
        await it.recover()
        assert await alerted(it) == {"ada": 1}


async def test_what_a_blog_alone_reports_moves_nothing_until_the_official_report_comes(place: Place) -> None:
    """The blog is told first, apart and without a movement; then it is commentary on the official report."""
    next_day = DAY + timedelta(days=1)
    async with started(place, at(DAY, "09:00")) as (it, clock):
        await known(it, 1)
        await watch(it, ADA, [1])
        await it.store.subscriptions.add(BEN, Wishes(movements_only=True), LONG_AGO)
        await place.file(1, at(DAY, "09:00"), blog="The Notebook")
        await live(it, clock, at(DAY, "13:00"))
        assert await alerted(it) == {}

        clock.move_to(at(next_day, "09:00"))
        await place.file(2, at(next_day, "09:00"), provider=1)
        await it.recover()
        assert await alerted(it) == {"ada": 1}
        await live(it, clock, at(next_day, "13:00"))

    received = place.received()
    [first] = received[ADA, DAY]
    assert first.startswith("Provider 1 CRC: reported as Good\n")
    assert "No rating moved" in first
    assert "As reported by The Notebook; we have not seen" in first
    assert "oved up" not in first.casefold()
    assert (BEN, DAY) not in received
    second = next(text for text in received[ADA, next_day] if not text.startswith("Alert"))
    assert second.startswith("Provider 1 CRC: Requires improvement to Good\n")
    assert "Up: Provider 1 CRC, Requires improvement to Good" in second
    assert "We first told you of this inspection on Tuesday 3 March." in second
    assert "Commentary on this:\n- The Notebook: Provider 1 CRC rated good" in second.replace("\r", "")
    assert "reported as" not in second.casefold()
    assert len(received[BEN, next_day]) == 1


async def test_what_an_edition_has_told_is_alerted_to_nobody(place: Place) -> None:
    async with started(place, at(DAY, "11:50")) as (it, clock):
        await known(it, 1)
        await place.file(1, at(DAY, "11:00"))
        await it.recover()
        await watch(it, ADA, [1])
        await live(it, clock, at(DAY, "16:00"))

        assert await alerted(it) == {}


async def test_who_left_is_alerted_no_more(place: Place) -> None:
    async with started(place, at(DAY, "09:00")) as (it, _):
        await known(it, 1)
        await watch(it, ADA, [1])
        await watch(it, BEN, [1])
        ada = await it.store.subscriptions.find(ADA)
        assert ada is not None
        evidence = Evidence(channel=Channel.WEB)
        await it.store.subscriptions.take(ada.subscriber, 1, Step.LEFT, evidence, at(DAY, "09:00"))
        await place.file(1, at(DAY, "09:00"))
        await it.recover()

        assert await alerted(it) == {"ben": 1}


async def test_an_operator_can_switch_alerts_off(place: Place) -> None:
    config = place.config / "digest.yaml"
    config.write_text(config.read_text().replace("per_day: 3", "per_day: 0"))
    async with started(place, at(DAY, "09:00")) as (it, _):
        await known(it, 1)
        await watch(it, ADA, [1])
        await place.file(1, at(DAY, "09:00"))
        await it.recover()

        assert await alerted(it) == {}
