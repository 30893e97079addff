"""The plan of a soak test: sources, what each publishes and when, and what goes wrong. Pure.

The same seed always gives the same plan.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import product
from typing import Final

BEGIN: Final = datetime(2026, 12, 1, 6, tzinfo=UTC)
"""A Tuesday: the first poll of every source."""

_FIRST: Final = (
    "Ash",
    "Birch",
    "Cedar",
    "Dale",
    "Elm",
    "Fern",
    "Glen",
    "Hazel",
    "Ivy",
    "Kings",
    "Lime",
    "Maple",
)
_SECOND: Final = (
    "bury",
    "combe",
    "ford",
    "gate",
    "ham",
    "ley",
    "mere",
    "port",
    "stead",
    "ton",
    "wick",
    "worth",
)
_SIDE: Final = ("North", "South", "East", "West")
_PLACES: Final = tuple(f"{side} {a}{b}" for side, a, b in product(_SIDE, _FIRST, _SECOND))


class Fault(StrEnum):
    """What a publisher does wrong for some time. Those of a feed come first, then those of a page."""

    RESET = "the connection is reset"
    ERROR = "500 for the feed"
    BUSY = "503 with Retry-After"
    TOO_MANY = "429 with Retry-After"
    CUT_OFF = "the feed ends in the middle"
    EMPTY = "the feed lists nothing"
    APOLOGY = "an apology in place of the feed, with status 200"
    WRONG_CHARSET = "the feed names an encoding that does not exist"
    SHUFFLED = "the feed lists its items in another order each time"
    RESPELT = "the dates of the feed are written in another way"
    TRACKED = "the links of the feed carry tracking"
    NEW_IDS = "the feed has new ids for all items"
    TWICE = "the feed lists each item twice"

    PAGE_RESET = "the connection for the page is reset"
    PAGE_ERROR = "500 for the page"
    PAGE_MISSING = "the page is not there yet"
    PAGE_BUSY = "503 with Retry-After for the page"
    PAGE_CHARSET = "the page names an encoding that does not exist"
    PAGE_CHALLENGE = "the page asks whether we are human"

    @property
    def of_page(self) -> bool:
        return self.name.startswith("PAGE_")


OF_FEEDS: Final = tuple(fault for fault in Fault if not fault.of_page)
OF_PAGES: Final = tuple(fault for fault in Fault if fault.of_page)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A fault, from one instant until another."""

    fault: Fault
    begin: datetime
    end: datetime

    def at(self, now: datetime) -> bool:
        return self.begin <= now < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A report or a post, with what goes wrong with its page."""

    slug: str
    title: str
    place: str  # of the unit that it is about
    published_at: datetime
    spells: tuple[Spell, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePlan:
    """A source, its publications in order of time, and what goes wrong with its feed."""

    id: str
    host: str
    official: bool
    publications: tuple[Publication, ...]
    spells: tuple[Spell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The whole: `until` is the last instant at which anything is published or goes wrong."""

    sources: tuple[SourcePlan, ...]
    line_down: Spell  # our own line: no publisher can be reached
    until: datetime

    def reports(self) -> tuple[Publication, ...]:
        """The reports that must be told: those that came out after the baseline, of official sources."""
        return tuple(
            publication
            for source in self.sources
            if source.official
            for publication in source.publications
            if publication.published_at > BEGIN
        )


def plan(*, sources: int, hours: int, seed: int) -> Plan:
    """A plan for so many sources; a tenth of them share a host, a fifth are blogs."""
    chance = random.Random(seed)
    until = BEGIN + timedelta(hours=hours)
    hosts = [f"127.0.0.{number}" for number in range(2, 3 + sources // 10)]
    middle = _instant(chance, BEGIN + timedelta(hours=hours / 4), until - timedelta(hours=hours / 4))
    return Plan(
        sources=tuple(_source(chance, number, hosts, until) for number in range(sources)),
        line_down=Spell(fault=Fault.RESET, begin=middle, end=middle + timedelta(hours=3)),
        until=until,
    )


def _source(chance: random.Random, number: int, hosts: list[str], until: datetime) -> SourcePlan:
    official = number % 5 != 4
    old = [BEGIN - timedelta(days=2 + day, hours=chance.random() * 20) for day in range(12)]
    new = sorted(_instant(chance, BEGIN + timedelta(minutes=40), until) for _ in range(chance.randint(0, 4)))
    return SourcePlan(
        id=f"source-{number}",
        host=hosts[number % len(hosts)],
        official=official,
        publications=tuple(
            _publication(chance, number, place, at, official, until)
            for place, at in enumerate(sorted(old) + new)
        ),
        spells=tuple(
            _spell(chance, OF_FEEDS, BEGIN + timedelta(minutes=40), until, most=300) for _ in range(3)
        ),
    )


def _publication(
    chance: random.Random, source: int, place: int, at: datetime, official: bool, until: datetime
) -> Publication:
    # Each source has places of its own, so that no two publications are about one unit.
    where = f"{_PLACES[(source * 17 + place) % len(_PLACES)]} {source}"
    kind = "an inspection of" if official else "thoughts after a visit to"
    troubled = chance.random() < 0.4
    return Publication(
        slug=f"{'report' if official else 'post'}-{place}",
        title=f"{kind.capitalize()} {where} PDU",
        place=where,
        published_at=at,
        spells=(_spell(chance, OF_PAGES, at, until, most=240, soon=True),) if troubled else (),
    )


def _spell(
    chance: random.Random,
    faults: tuple[Fault, ...],
    begin: datetime,
    until: datetime,
    *,
    most: int,
    soon: bool = False,
) -> Spell:
    start = begin if soon else _instant(chance, begin, until)
    return Spell(
        fault=chance.choice(faults), begin=start, end=start + timedelta(minutes=chance.randint(10, most))
    )


def _instant(chance: random.Random, begin: datetime, end: datetime) -> datetime:
    seconds = max(int((end - begin).total_seconds()), 1)
    return begin + timedelta(seconds=chance.randrange(seconds))
