"""The demo's world as typed values: what is published when, who reads it, and what each edition should say.

`World.starting` moves the whole story, with the dates on its pages, to another first day. Instants are aware
and in UTC; `digest.demo.world_file` reads them from local times.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from digest.changes import Movement
from digest.demo.data import DataPublisher, State
from digest.demo.world_model import SLUG, WorldModel
from digest.edition import SectionKind
from digest.providers import Provider
from digest.ratings import Rating
from digest.sources import Authority
from digest.subscriptions import Wishes


class Publisher(WorldModel):
    """A web site with a feed and pages."""

    key: str = Field(pattern=SLUG)  # the first segment of its paths, and its folder of pages
    name: str
    authority: Authority
    inspectorate: str | None
    format: Literal["rss", "atom"]
    feed: str  # below /<key>/
    holds: int = Field(gt=0)  # the most items in the feed, the newest first
    about: str
    author: str | None = None

    @property
    def feed_path(self) -> str:
        return f"/{self.key}/{self.feed}"


class ExpectedStory(WorldModel):
    """What one story should say about one provider."""

    provider: str
    movement: Movement
    before: str | None = None
    after: str
    strengths: int = 0  # how many findings of each kind
    improvements: int = 0


class Expected(WorldModel):
    """Where a publication should be in the editions."""

    section: SectionKind | None = None  # None: it has no story of its own but joins one
    stories: tuple[ExpectedStory, ...] = ()
    joins: str | None = None  # slug of a publication whose story it comments on, in the same edition
    follows: str | None = None  # slug of a publication whose story an earlier edition told
    stands_in: bool = False  # a blog's report, printed because there is no official item
    days_later: int = Field(default=0, ge=0)  # 1: published after its day's cut-off

    @model_validator(mode="after")
    def _has_one_place(self) -> Self:
        if (self.section is None) == (self.joins is None):
            raise ValueError("either a section of its own or a publication that it joins")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One item of a publisher, with its page."""

    publisher: str
    id: int  # WordPress's ?p=
    slug: str
    title: str
    summary: str
    day: date  # local
    published_at: datetime  # aware, UTC
    expect: Expected | None  # None: published before the first day, and in no edition

    @property
    def path(self) -> str:
        return f"/{self.publisher}/{self.slug}/"

    @property
    def edition(self) -> date | None:
        """The day of the edition that should tell it."""
        return self.day + timedelta(days=self.expect.days_later) if self.expect else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of the story."""

    date: date
    publications: tuple[Publication, ...]
    readers: tuple[str, ...]  # keys of the subscribers who should get its edition


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """A subscriber from before the first day."""

    key: str
    name: str
    address: str
    wants: str  # the wishes in words
    wishes: Wishes


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The whole story: publishers, subscribers, and what happens on each day."""

    zone: ZoneInfo
    opens: time  # local, on the first day: the first poll
    publishers: tuple[Publisher, ...]
    providers: tuple[Provider, ...]
    history: tuple[Rating, ...]  # known before the first day
    subscribers: tuple[Subscriber, ...]
    before: tuple[Publication, ...]  # published before the first day
    days: tuple[Day, ...]
    data: tuple[DataPublisher, ...] = ()
    pages: Path  # the folder of the page files
    moved_by: timedelta = timedelta(0)  # whole days, from the dates in the page files

    @property
    def opens_at(self) -> datetime:
        return instant_of(self.days[0].date, self.opens, self.zone)

    @property
    def publications(self) -> tuple[Publication, ...]:
        """All publications, the oldest first."""
        everything = (*self.before, *(p for day in self.days for p in day.publications))
        return tuple(sorted(everything, key=lambda p: (p.published_at, p.id)))

    def changed_on(self, day: date) -> tuple[State, ...]:
        """What the data states from this day on, and is news."""
        states = (one for publisher in self.data for one in publisher.states)
        return tuple(one for one in states if one.since == day and one.expect is not None)

    def out(self, now: datetime) -> tuple[Publication, ...]:
        """The publications up to `now`, the oldest first."""
        return tuple(p for p in self.publications if p.published_at <= now)

    def page_file(self, publication: Publication) -> Path:
        return self.pages / publication.publisher / f"{publication.slug}.html"

    def page(self, publication: Publication) -> bytes:
        """The page as it is served: the file with its dates moved."""
        text = self.page_file(publication).read_text(encoding="utf-8")
        return _redated(text, self.moved_by).encode()

    def starting(self, day: date) -> World:
        """The same story from another first day on. Local times of day stay the same."""
        by = day - self.days[0].date

        def move(p: Publication) -> Publication:
            clock = p.published_at.astimezone(self.zone).time()
            return replace(p, day=p.day + by, published_at=instant_of(p.day + by, clock, self.zone))

        return replace(
            self,
            before=tuple(move(p) for p in self.before),
            days=tuple(
                replace(d, date=d.date + by, publications=tuple(move(p) for p in d.publications))
                for d in self.days
            ),
            data=tuple(publisher.moved(by) for publisher in self.data),
            moved_by=self.moved_by + by,
        )


# The two places in a page that hold its date.
_META_DATE: Final = re.compile(r'(<meta property="article:published_time" content=")(\d{4}-\d\d-\d\d)(")')
_TIME: Final = re.compile(r'<time datetime="(\d{4}-\d\d-\d\d)">[^<]*</time>')


def _redated(page: str, by: timedelta) -> str:
    def spelled(match: re.Match[str]) -> str:
        day = date.fromisoformat(match[1]) + by
        return f'<time datetime="{day.isoformat()}">{day.day} {day:%B %Y}</time>'

    def plain(match: re.Match[str]) -> str:
        return f"{match[1]}{(date.fromisoformat(match[2]) + by).isoformat()}{match[3]}"

    return _TIME.sub(spelled, _META_DATE.sub(plain, page))


def instant_of(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The instant at which a local clock shows this on this day, in UTC."""
    return datetime.combine(day, clock, zone).astimezone(UTC)


class SimulatedClock:
    """A `ports.Clock` that stands still until `move_to`."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def move_to(self, instant: datetime) -> None:
        """Set the clock to `instant`; an earlier instant changes nothing."""
        self._now = max(self._now, instant)
