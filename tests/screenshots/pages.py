"""The pages to be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from screenshots.worlds import HARD, Played


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A page, and what its pictures are called."""

    name: str
    url: str


TIMELINE: Final = "services/cqc/cqc:1-9000000001"
"""A service with many inspections, on two scales."""

_PAGES: Final = {
    "service": TIMELINE,
    "home": "",
    "edition": "edition/2020-03-03",
    "edition-of-a-choice": "edition/2020-03-03?movement=downgrade",
    "archive": "archive",
    "archive-of-a-month": "archive/2020-03",
    "services": "services",
    "services-of-one": "services?inspectorate=cqc",
    "services-of-none": "services?inspectorate=cqc&area=Atlantis",
    "search": "search",
    "search-found": "search?q=peble+court",
    "search-nothing": "search?q=zzzzqq",
    "tables": "tables",
    "table": "tables/cqc",
    "table-of-a-past-day": "tables/cqc?on=2016-06-30",
    "table-of-a-past-day-without-grades": "tables/cqc?on=1950-06-30",
    "table-of-aspects": "tables/ofsted",
    "service-by-aspects": "services/ofsted/ofsted:990001",
    "service-that-moved-down": "services/cqc/cqc:1-9000000002",
    "service-of-a-report": "services/hmi-probation/durham-tees-valley-crc",
    "service-first-rated": "services/hmi-probation/cambridgeshire-and-peterborough-pdu",
    "service-without-grades": "services/hmi-probation/newham-pdu",
    "coverage": "coverage",
    "data": "data",
    "about": "about",
    "privacy": "privacy",
    "accessibility": "accessibility",
    "not-found": "nowhere",
    "bad-request": "tables/cqc?on=2020-02-30",
    "join": "join",
    "join-and-watch": "join?watch=durham-tees-valley-crc",
}

_OF_MANY: Final = {
    "home": "",
    "services": "services",
    "services-of-one": "services?inspectorate=cqc",
    "services-of-an-area": "services?inspectorate=cqc&area=Kent",
    "search-found": "search?q=manor+house",
    "tables": "tables",
    "table": "tables/cqc",
    "table-of-a-late-page": "tables/cqc?page=40",
    "table-of-an-area": "tables/cqc?area=Kent&on=2018-06-30",
    "table-of-prisons": "tables/hmi-prisons",
    "coverage": "coverage",
}


def pages(site: Played) -> list[Shown]:
    """Those of the demo's world or, if it has many services, those that change with their number."""
    chosen = {f"many-{name}": path for name, path in _OF_MANY.items()} if site.many else dict(_PAGES)
    if site.many:
        chosen |= {f"hard-{one.id}": f"services/{one.inspectorate}/{one.id}" for one in HARD}
        chosen["hard-search"] = "search?q=llanfair"
    return [Shown(name=name, url=f"{site.url}/{path}") for name, path in chosen.items()]


def empty_pages(url: str) -> list[Shown]:
    """Those that show what is known, while nothing is."""
    names = ("", "archive", "services", "search?q=kent", "tables", "coverage")
    return [Shown(name=f"empty-{name.partition('?')[0] or 'home'}", url=f"{url}/{name}") for name in names]
