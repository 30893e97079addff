"""Once a week: that nothing moved is told to those who asked for it, only where it is true."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

from journey_place import SUBSCRIBERS, Place
from sqlalchemy import select
from test_calendar import at, started

from digest.app.service import Service
from digest.demo.world import SimulatedClock
from digest.sources import Polled
from digest.store.tables import letters
from digest.subscriptions import Wishes

FRIDAY = date(2020, 3, 6)
ADA, BEN, CLEO = SUBSCRIBERS
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PROOF = Wishes(proof_of_life=True)


async def live(it: Service, clock: SimulatedClock, until: datetime) -> None:
    """Let the service look at the hours that matter, and at the end."""
    while clock.now() < until:
        await it.recover()
        local = clock.now().replace(minute=0) + timedelta(hours=1)
        while local < until and f"{local:%H:%M}" not in {"11:00", "12:00", "13:00"}:
            local += timedelta(hours=1)
        clock.move_to(min(local, until))
    await it.recover()


async def wish(it: Service, address: str, wishes: Wishes = PROOF) -> None:
    await it.store.subscriptions.add(address, wishes, LONG_AGO)


async def proofs(it: Service) -> dict[str, Any]:
    """What was written to each, by the part of the address before the @."""
    async with it.store.database.read() as connection:
        rows = (await connection.execute(select(letters.c.address, letters.c.kind, letters.c.content))).all()
    assert {row.kind for row in rows} <= {"proof-of-life"}
    counts = Counter(row.address for row in rows)
    assert all(count == 1 for count in counts.values())
    return {row.address.partition("@")[0]: row.content for row in rows}


async def read_by(it: Service, now: datetime, *but: str) -> None:
    """Let every source have been read lately, those aside that are named."""
    for source in it.settings.sources:
        then = now - timedelta(days=3 if source.id in but else 0)
        trouble = "503" if source.id in but else None
        polled = Polled(source=source.id, next_poll_at=now, checked_at=then, trouble=trouble)
        await it.store.sources.record(polled.source, lambda _, polled=polled: polled)


async def test_a_quiet_week_is_told_on_friday_to_those_who_asked(place: Place) -> None:
    async with started(place, at(FRIDAY, "08:00")) as (it, clock):
        await read_by(it, at(FRIDAY, "11:00"))
        await wish(it, ADA)
        await live(it, clock, at(FRIDAY, "11:45"))
        assert await proofs(it) == {}

        await live(it, clock, at(FRIDAY + timedelta(days=1), "15:00"))
        [(name, said)] = (await proofs(it)).items()

    assert name == "ada"
    assert said == {
        "generation": 1,
        "first": "2020-02-29",
        "last": "2020-03-06",
        "narrowed": False,
        "sources": len(it.settings.sources),
        "troubled": [],
    }
    assert place.server.messages == []


async def test_it_names_the_source_that_could_not_be_read(place: Place) -> None:
    async with started(place, at(FRIDAY, "12:00")) as (it, _):
        source, *_others = it.settings.sources
        await read_by(it, at(FRIDAY, "11:00"), source.id)
        await wish(it, ADA)
        await it.recover()
        said = (await proofs(it))["ada"]

    assert said["troubled"] == [{"name": source.name, "checked_at": "2020-03-03T11:00:00+00:00"}]


async def test_who_had_an_edition_hears_of_no_silence(place: Place) -> None:
    async with started(place, at(FRIDAY - timedelta(days=2), "09:00")) as (it, clock):
        await wish(it, ADA)
        await wish(it, BEN, Wishes(areas=("Kent",), proof_of_life=True))
        await place.file(1, at(FRIDAY - timedelta(days=2), "09:00"))
        await live(it, clock, at(FRIDAY, "15:00"))
        said = await proofs(it)

    assert set(said) == {"ben"}
    assert said["ben"]["narrowed"]


async def test_an_edition_on_the_day_itself_goes_before_it(place: Place) -> None:
    async with started(place, at(FRIDAY, "09:00")) as (it, clock):
        await wish(it, ADA)
        await place.file(1, at(FRIDAY, "09:00"))
        await live(it, clock, at(FRIDAY, "18:00"))

        assert await proofs(it) == {}
    assert (ADA, FRIDAY) in place.received()


async def test_silence_is_not_told_to_whom_the_week_held_something_now_wished_for(place: Place) -> None:
    """Nothing of Kent came on Wednesday; that on Friday all had been quiet would be wrong to say."""
    async with started(place, at(FRIDAY - timedelta(days=2), "09:00")) as (it, clock):
        await wish(it, ADA, Wishes(areas=("Kent",), proof_of_life=True))
        await place.file(1, at(FRIDAY - timedelta(days=2), "09:00"))
        await live(it, clock, at(FRIDAY, "09:00"))
        await wish(it, ADA, Wishes(kinds=("CRC",), proof_of_life=True))
        await live(it, clock, at(FRIDAY, "15:00"))

        assert await proofs(it) == {}


async def test_a_process_that_was_down_for_a_day_does_not_tell_it_late(place: Place) -> None:
    async with started(place, at(FRIDAY + timedelta(days=1), "12:15")) as (it, clock):
        await wish(it, ADA)
        await live(it, clock, at(FRIDAY + timedelta(days=4), "12:00"))

        assert await proofs(it) == {}


async def test_each_week_has_its_own(place: Place) -> None:
    async with started(place, at(FRIDAY, "12:00")) as (it, clock):
        await wish(it, ADA)
        await it.recover()
        clock.move_to(at(FRIDAY + timedelta(days=7), "12:00"))
        await it.recover()
        async with it.store.database.read() as connection:
            keys = (await connection.execute(select(letters.c.key).order_by(letters.c.id))).scalars().all()

    assert [key.rpartition(" ")[0] for key in keys] == ["proof 2020-W10", "proof 2020-W11"]
