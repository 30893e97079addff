"""One edition a day, at noon, whatever the calendar does and whenever the process was started."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from journey_place import SUBSCRIBERS, Place

from digest.app.directory import configured
from digest.app.service import Service, service
from digest.demo.world import SimulatedClock

LONDON = ZoneInfo("Europe/London")
QUARTER, HOUR = timedelta(minutes=15), timedelta(hours=1)


def at(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), LONDON).astimezone(UTC)


@asynccontextmanager
async def started(place: Place, now: datetime) -> AsyncIterator[tuple[Service, SimulatedClock]]:
    clock = SimulatedClock(now)
    settings, secrets = configured(place.config)
    async with service(settings, secrets, directory=place.config, clock=clock) as it:
        yield it, clock


async def live(it: Service, clock: SimulatedClock, until: datetime) -> None:
    """Let the recovery tick come as the timer would: each quarter of an hour about noon, else each hour."""
    while (now := clock.now()) < until:
        await it.recover()
        about_noon = time(11) <= now.astimezone(LONDON).time() < time(14)
        clock.move_to(now + (QUARTER if about_noon or until - now < HOUR else HOUR))
    await it.recover()


def days_of(place: Place) -> dict[str, list[date]]:
    received = place.received()
    return {
        s: sorted(day for (address, day), found in received.items() if address == s for _ in found)
        for s in SUBSCRIBERS
    }


def everybody(days: Iterable[date]) -> dict[str, list[date]]:
    return {s: list(days) for s in SUBSCRIBERS}


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        pytest.param("sqlite", date(2020, 3, 28), id="the clocks go forward"),
        pytest.param("postgresql", date(2020, 10, 24), id="the clocks go back"),
        pytest.param("sqlite", date(2020, 2, 28), id="the 29th of February"),
        pytest.param("postgresql", date(2020, 12, 30), id="the year ends"),
    ],
)
async def test_each_of_three_days_has_one_edition_at_local_noon(place: Place, first: date) -> None:
    days = [first + timedelta(days=n) for n in range(3)]
    async with started(place, at(first, "00:00")) as (it, clock):
        for number, day in enumerate(days, start=1):
            await place.file(number, at(day, "09:00"))
            await live(it, clock, at(day + timedelta(days=1), "00:00"))

    assert days_of(place) == everybody(days)
    assert {
        m.content.split(b"\r\nDate: ")[1].split(b"\r\n")[0].split()[4][:5] for m in place.server.messages
    } == {b"12:00"}


async def test_a_day_without_news_sends_nothing(place: Place) -> None:
    day = date(2020, 3, 4)
    async with started(place, at(day, "00:00")) as (it, clock):
        await live(it, clock, at(day, "23:00"))

    assert place.server.messages == []


async def test_a_process_started_in_the_afternoon_still_sends_todays_edition(place: Place) -> None:
    day = date(2020, 3, 3)
    await place.file(1, at(day, "09:00"))

    async with started(place, at(day, "15:37")) as (it, _):
        await it.recover()

    assert days_of(place) == everybody([day])


async def test_what_is_found_after_the_cut_off_waits_for_tomorrow(place: Place) -> None:
    day = date(2020, 3, 3)
    await place.file(1, at(day, "11:45"))

    async with started(place, at(day, "12:00")) as (it, clock):
        await it.recover()
        assert place.server.messages == []
        await live(it, clock, at(day + timedelta(days=1), "13:00"))

    assert days_of(place) == everybody([day + timedelta(days=1)])


async def test_an_edition_too_late_to_leave_comes_with_the_next_and_says_so(place: Place) -> None:
    """A process that was down all afternoon sends nothing in the evening."""
    day = date(2020, 3, 3)
    await place.file(1, at(day, "09:00"))

    async with started(place, at(day, "18:00")) as (it, clock):
        await live(it, clock, at(day, "23:00"))
        assert place.server.messages == []
        await live(it, clock, at(day + timedelta(days=1), "13:00"))

    assert days_of(place) == everybody([day + timedelta(days=1)])
    texts = [text for found in place.received().values() for text in found]
    assert all("Provider 1 CRC" in text and "3 March" in text for text in texts)


async def test_two_services_started_by_mistake_send_one_edition(place: Place) -> None:
    day = date(2020, 3, 3)
    await place.file(1, at(day, "09:00"))

    async with started(place, at(day, "12:00")) as (one, _), started(place, at(day, "12:00")) as (other, _):
        await asyncio.gather(one.recover(), other.recover(), one.recover(), other.recover())

    assert days_of(place) == everybody([day])


async def test_a_relay_that_is_down_at_noon_gets_the_edition_when_it_is_back(place: Place) -> None:
    day = date(2020, 3, 3)
    await place.file(1, at(day, "09:00"))
    for address in SUBSCRIBERS:
        place.server.answers[address] = "451 4.3.2 system not accepting messages"

    async with started(place, at(day, "12:00")) as (it, clock):
        await it.recover()
        assert place.server.messages == []
        place.server.answers.clear()
        await live(it, clock, at(day, "14:00"))

    assert days_of(place) == everybody([day])


async def test_one_refused_address_does_not_keep_the_edition_from_the_others(place: Place) -> None:
    """What was refused is offered again with the next edition, marked late."""
    day, tomorrow = date(2020, 3, 3), date(2020, 3, 4)
    gone, *others = SUBSCRIBERS
    await place.file(1, at(day, "09:00"))
    await place.file(2, at(tomorrow, "09:00"))
    place.server.answers[gone] = "550 5.1.1 no such user"

    async with started(place, at(day, "12:00")) as (it, clock):
        await it.recover()
        place.server.answers.clear()
        clock.move_to(at(tomorrow, "12:00"))
        await it.recover()

    assert days_of(place) == {gone: [tomorrow], **{s: [day, tomorrow] for s in others}}
    (late,) = place.received()[gone, tomorrow]
    assert "Provider 1 CRC" in late
    assert all("Provider 1 CRC" not in place.received()[s, tomorrow][0] for s in others)


async def test_new_settings_build_the_jobs_again_on_the_same_edges(place: Place) -> None:
    """A change of the files must not drop the database, the journal or the pauses between requests."""
    async with started(place, at(date(2026, 3, 2), "09:00")) as (it, _):
        slower = it.settings.model_copy(
            update={"sources": (), "relay": it.settings.relay.model_copy(update={"per_minute": 7})}
        )

        again = it.with_settings(slower)

        assert again.edges is it.edges
        assert (again.settings, again.poller.sources) == (slower, ())
        assert again.deliverer.limits.per_minute == 7
        assert (again.recovering, again.poller.under_way) == (it.recovering, it.poller.under_way)
        assert it.poller.sources == it.settings.sources


async def test_jobs_built_again_know_what_the_old_ones_have_learned(place: Place) -> None:
    """A slow relay is not sent more at once, and no operator called twice, because a file has changed."""
    async with started(place, at(date(2026, 3, 2), "09:00")) as (it, _):
        it.deliverer.pace.connections = 1
        it.deliverer.told.add(("sending is paused: why", None))

        again = it.with_settings(it.settings)

        assert again.deliverer.pace is it.deliverer.pace
        assert again.deliverer.told is it.deliverer.told
        assert again.deliverer.relays is it.deliverer.relays
        assert again.recovery is it.recovery
        it.deliverer.stopping.set()
        assert not again.deliverer.open(date(2026, 3, 2))
