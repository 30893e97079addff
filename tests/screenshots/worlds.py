"""The sites that pictures are taken of: the demo's, also with many more services, and an empty one."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from digest.adapters.config.packaged import packaged
from digest.app.directory import configured, open_database
from digest.app.service import service
from digest.demo.run import run_demo, write_files
from digest.demo.world import SimulatedClock, World, instant_of
from digest.demo.world_file import load_world
from digest.providers import Provider
from digest.ratings import OVERALL, Precision, Rating
from digest.serving import serve_readers
from digest.web.server import listen

_GRADES: Final = ("outstanding", "good", "good", "good", "requires improvement", "inadequate")
_AREAS: Final = ("Kent", "Essex", "Isle of Wight", "Bath and North East Somerset", "Rutland", "Sir Ddinbych")
_FIRST: Final = (
    "Elm",
    "Oak",
    "Manor",
    "Mill",
    "Station",
    "Priory",
    "Castle",
    "Meadow",
    "Orchard",
    "St Anne’s",
)
_LAST: Final = ("House", "Lodge", "Court", "Grange", "Nursing Home", "Residential Care Home")

HARD: Final = (
    Provider(
        id="long-name",
        name="The Worshipful Company of Saddlers’ and Loriners’ Charitable Foundation Nursing Home for "
        "Retired Persons of the County",
        kind="care home",
        inspectorate="cqc",
        area="Bath and North East Somerset",
    ),
    Provider(
        id="one-word",
        name="Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogochysgolgynradd",
        kind="school",
        inspectorate="estyn",
        area="Ynys Môn",
        aliases=("Ysgol Gynradd Gymraeg Llanfairpwll",),
    ),
    Provider(id="without-grades", name="Dôl-y-Bryn", kind="school", inspectorate="estyn", area="Gŵyr"),
    Provider(id="hmp-by-aspects", name="HMP & YOI Styal", kind="prison", inspectorate="hmi-prisons"),
    Provider(id="hmp-another", name="HMP Berwyn", kind="prison", inspectorate="hmi-prisons"),
)
"""Services that are hard to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A site that is served."""

    url: str
    many: bool


@asynccontextmanager
async def played(directory: Path, services: int = 0) -> AsyncIterator[Played]:
    """The site at the end of the demo's week."""
    world = load_world(packaged("seeds") / "world" / "world.yaml")
    async with run_demo(world, directory, lambda _: None, serve=True) as found:
        assert found.address is not None
        assert not found.differences
        if services:
            await _enlarge(directory / "config", world, services)
        yield Played(url=found.address, many=services > 0)


@asynccontextmanager
async def empty(directory: Path) -> AsyncIterator[str]:
    """The site of a service that has read nothing yet; where it is."""
    directory.mkdir(parents=True)
    world = load_world(packaged("seeds") / "world" / "world.yaml")
    listener, stop = listen("127.0.0.1", 0), asyncio.Event()
    url = "http://{}:{}".format(*listener.getsockname())
    write_files(
        directory, world, site_url="http://127.0.0.1:9", pages_url=url, smtp_host="127.0.0.1", smtp_port=9
    )
    settings, secrets = configured(directory)
    database = open_database(settings, secrets, directory)
    await database.create()
    await database.dispose()
    async with service(settings, secrets, directory=directory, clock=SimulatedClock(world.opens_at)) as it:
        serving = asyncio.create_task(serve_readers(it, listener, stop))
        try:
            yield url
        finally:
            stop.set()
            await serving


async def _enlarge(config: Path, world: World, services: int) -> None:
    """Add services to the state of a site."""
    settings, secrets = configured(config)
    last = world.days[-1].date
    clock = SimulatedClock(instant_of(last, world.opens.replace(hour=20), world.zone))
    async with service(settings, secrets, directory=config, clock=clock) as it:
        rolls = random.Random(7)  # the same pictures each time
        many = [*HARD, *_homes(services, rolls)]
        await it.store.providers.load(many, list(_ratings(many, rolls)), whole=False)
        await it.public_keeper.keep()


def _homes(count: int, rolls: random.Random) -> Iterator[Provider]:
    for number in range(count):
        name = f"{rolls.choice(_FIRST)} {rolls.choice(_FIRST)} {rolls.choice(_LAST)}"
        yield Provider(
            id=f"cqc:2-{number}",
            name=name,
            kind=rolls.choice(("care home", "home care", "dentist")),
            inspectorate="cqc",
            area=rolls.choice(_AREAS),
        )


def _ratings(many: list[Provider], rolls: random.Random) -> Iterator[Rating]:
    for one in many:
        match one.inspectorate:
            case "cqc":
                for year in sorted(rolls.sample(range(2014, 2020), k=rolls.randrange(1, 4))):
                    yield _rating(one.id, OVERALL, "cqc-4", rolls.choice(_GRADES), year)
            case "hmi-prisons":
                for aspect in ("safety", "respect", "purposeful activity", "preparation for release"):
                    for year in (2015, 2017, 2019):
                        yield _rating(one.id, aspect, "hmip-hpt-4", rolls.choice(_PRISONS), year)


_PRISONS: Final = ("good", "reasonably good", "not sufficiently good", "poor")


def _rating(provider: str, aspect: str, scale: str, grade: str, year: int) -> Rating:
    return Rating(
        provider=provider,
        aspect=aspect,
        scale=scale,
        grade=grade,
        inspected_on=None,
        published_on=date(year, 1 + hash_of(provider) % 12, 1 + hash_of(provider) % 27),
        published_precision=Precision.DAY,
        evidence=f"{aspect}: {grade}",
        link="",
    )


def hash_of(text: str) -> int:
    return sum(map(ord, text))
