"""The demo's world as typed values: what is published when, who reads, and what each edition should say.

Nothing in it hangs on the calendar: `World.starting` moves the whole story, the dates on its pages included,
to any other first day. Instants are aware and in UTC; `digest.demo.world_file` reads it from local times.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from digest.changes import Movement
from digest.edition import SectionKind
from digest.providers import Provider
from digest.ratings import Rating
from digest.sources import Authority
from digest.subscriptions import Wishes

SLUG: Final = r"^[a-z0-9]+(-[a-z0-9]+)*$"


class Told(BaseModel):
    """The base of everything in the file: frozen, and no key that we do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Publisher(Told):
    """One who publishes: its pages, and the feed that lists them."""

    key: str = Field(pattern=SLUG)  # the first step of its paths, and its folder of pages
    name: str
    authority: Authority
    inspectorate: str | None
    format: Literal["rss", "atom"]
    feed: str  # below /<key>/
    holds: int = Field(gt=0)  # the feed lists so many, newest first
    about: str
    author: str | None = None

    @property
    def feed_path(self) -> str:
        return f"/{self.key}/{self.feed}"


class ExpectedStory(Told):
    """What one story should say of one provider."""

    provider: str
    movement: Movement
    before: str | None = None
    after: str
    strengths: int = 0  # how many findings of each kind
    improvements: int = 0


class Expected(Told):
    """Where a publication should be found in the editions."""

    section: SectionKind | None = None  # None: it has no story of its own, because it joins one
    stories: tuple[ExpectedStory, ...] = ()
    joins: str | None = None  # slug: attached to that publication's story, in the same edition
    follows: str | None = None  # slug: comments on a story that an earlier edition told
    stands_in: bool = False  # a blog's word, where no official item was seen
    days_later: int = Field(default=0, ge=0)  # 1: published after its day's cut-off

    @model_validator(mode="after")
    def _has_one_place(self) -> Self:
        if (self.section is None) == (self.joins is None):
            raise ValueError("either a section of its own or a publication that it joins")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One thing that a publisher puts out."""

    publisher: str
    id: int  # WordPress's ?p=
    slug: str
    title: str
    summary: str
    day: date  # local
    published_at: datetime  # aware, UTC
    expect: Expected | None  # None: out before the first day, and told by no edition

    @property
    def path(self) -> str:
        return f"/{self.publisher}/{self.slug}/"

    @property
    def edition(self) -> date | None:
        """The day of the edition that should carry it."""
        return self.day + timedelta(days=self.expect.days_later) if self.expect else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of the story."""

    date: date
    publications: tuple[Publication, ...]
    readers: tuple[str, ...]  # keys of the subscribers who should get its edition


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """One who subscribes before the first day."""

    key: str
    name: str
    address: str
    wants: str  # the wishes in words
    wishes: Wishes


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything there is: publishers, subscribers, and what happens on which day."""

    zone: ZoneInfo
    opens: time  # local, on the first day: the first poll
    publishers: tuple[Publisher, ...]
    providers: tuple[Provider, ...]
    history: tuple[Rating, ...]  # known before the first day
    subscribers: tuple[Subscriber, ...]
    before: tuple[Publication, ...]  # the baseline
    days: tuple[Day, ...]
    pages: Path
    moved_by: timedelta = timedelta(0)  # whole days, against what the page files say

    @property
    def opens_at(self) -> datetime:
        return instant_of(self.days[0].date, self.opens, self.zone)

    @property
    def publications(self) -> tuple[Publication, ...]:
        """Oldest first."""
        everything = (*self.before, *(p for day in self.days for p in day.publications))
        return tuple(sorted(everything, key=lambda p: (p.published_at, p.id)))

    def out(self, now: datetime) -> tuple[Publication, ...]:
        """What is published by `now`, oldest first."""
        return tuple(p for p in self.publications if p.published_at <= now)

    def page_file(self, publication: Publication) -> Path:
        return self.pages / publication.publisher / f"{publication.slug}.html"

    def page(self, publication: Publication) -> bytes:
        """The page as served: the file's bytes, its dates moved with the story."""
        text = self.page_file(publication).read_text(encoding="utf-8")
        return _redated(text, self.moved_by).encode()

    def starting(self, day: date) -> World:
        """The same story told from another first day on; times of day stay, whatever the clocks do."""
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
            moved_by=self.moved_by + by,
        )


# The two places where a page says its date.
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
