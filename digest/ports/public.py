"""What the public site reads: stories that editions have told, and services with their grades.

A service is a provider as readers know it. `until` is the last public day: nothing that an edition of a later
day tells is seen. Services and their grades are kept as of that day (`PublicModelStore`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Protocol

from digest.changes import Movement
from digest.edition import Story
from digest.grade_periods import GradePeriod
from digest.providers import Link
from digest.ratings import Inspectorates, Precision


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldStory:
    """A story of a sealed edition."""

    number: int  # it grows with the day and the place in the edition, and is never used again
    day: date
    service: str | None  # the id of its service that counts; None: the story is about none that we know
    inspectorate: str | None
    kind: str
    area: str
    movement: Movement | None  # None: it tells no grade, or grades that moved in several ways
    grade: str | None  # the overall grade that it tells
    corrects: int | None  # the number of the story that it corrects; None: it is no correction
    corrected_on: date | None  # the day of the edition that corrected it; None: none did
    story: Story

    @property
    def anchor(self) -> str:
        """The id of its place on the page of the edition."""
        return self.story.key.anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldDay:
    """A day with a sealed edition."""

    day: date
    stories: int
    up: int
    down: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WishedStories:
    """Which stories somebody may wish for: those of `watched` services, and those that meet all the rest.

    A field that is None lets all stories through; an empty one lets none.
    """

    watched: tuple[str, ...] = ()  # ids of services that count
    services: tuple[str, ...] | None = None  # the same
    inspectorates: tuple[str, ...] | None = None
    kinds: tuple[str, ...] | None = None  # in the form for comparing, as are the next
    places: tuple[str, ...] | None = None  # words that a name or the area of the service has
    moves: bool = False  # only those for readers who want movements only


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPart:
    """Some stories, the newest first."""

    stories: tuple[ToldStory, ...]
    before: int | None  # go on with numbers below this; None: there are no more


@dataclass(frozen=True, slots=True, kw_only=True)
class AspectGrade:
    """The present grade of one aspect of a service."""

    aspect: str
    scale: str
    grade: str
    rank: int | None  # 0 is the best grade of the scale; None: the scale is not known
    since: date | None  # the earliest day that it can be; None: not known
    precision: Precision
    movement: Movement | None
    before: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A provider as the site shows it: its names, and its grades as they are now."""

    id: str
    slug: str  # of its name, for its address; empty if the id is made of the name
    name: str
    former_names: tuple[str, ...]
    inspectorate: str  # a key; empty: not known
    kind: str
    area: str
    scale: str | None  # of its present grades
    grade: str | None  # overall; None: it has none now
    rank: int | None  # 0 is the best grade of the scale
    since: date | None  # the day of its present grades: the earliest that it can be
    precision: Precision
    movement: Movement | None  # to the present grade; `WITHDRAWN`: the last rating was withdrawn
    before: str | None  # the overall grade before
    moved_on: date | None  # when one of its grades last went up or down
    told_on: date | None  # the day of the last edition with a story about it
    rated: bool  # whether it has a present grade, overall or of an aspect
    aspects: tuple[AspectGrade, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedService:
    """A service that came before or after another. Its grades are never the other's own."""

    id: str
    name: str
    slug: str
    inspectorate: str
    link: Link
    periods: tuple[GradePeriod, ...] = ()  # of a successor none


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRecord:
    """All that is public of a service, without its stories."""

    service: Service
    merged: tuple[str, ...]  # other ids of it
    periods: tuple[GradePeriod, ...]  # by inspectorate and aspect, overall first; the earliest first
    predecessors: tuple[RelatedService, ...]
    successors: tuple[RelatedService, ...]


class ServiceOrder(StrEnum):
    GRADE = "grade"  # the best first, then the latest; those without a grade last
    NAME = "name"
    DATE = "date"  # of the present grade, the latest first
    MOVED = "moved"  # the last move first


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFilter:
    """Which services; a field that is empty leaves all through."""

    inspectorate: str = ""
    kind: str = ""
    area: str = ""
    rated: bool | None = None
    scale: str = ""


ALL_SERVICES: Final = ServiceFilter()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAddress:
    """What the address of a service's page is made of."""

    id: str
    slug: str
    inspectorate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePage:
    """Some services of a list, and how many there are in all of it."""

    services: tuple[Service, ...]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """An inspectorate, a kind or an area, and how many services have it."""

    name: str
    services: int
    rated: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeCount:
    """How many services have a grade."""

    scale: str
    grade: str
    rank: int | None  # 0 is the best
    services: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PastGrade:
    """The overall grade that a service had on a day."""

    service: str
    slug: str
    name: str
    inspectorate: str
    kind: str
    area: str
    scale: str
    grade: str
    rank: int | None
    since: date | None
    precision: Precision
    movement: Movement | None  # to this grade, from the one before
    before: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPage:
    """Some of the services that had a grade on a day, and how many had one."""

    grades: tuple[PastGrade, ...]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AspectCount:
    """How many services have a grade of an aspect."""

    scale: str
    aspect: str
    grade: str
    rank: int | None  # 0 is the best
    services: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AspectRow:
    """A service, and the grades of its aspects that are asked for."""

    service: Service  # as it is now
    aspects: tuple[AspectGrade, ...]  # never empty


@dataclass(frozen=True, slots=True, kw_only=True)
class AspectPage:
    """Some of the services that have a grade of an aspect, and how many have one."""

    rows: tuple[AspectRow, ...]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundService:
    """A service that a search has found."""

    service: Service
    former_name: str | None  # the former name that matched; None: its name or area did
    likeness: float  # from 0 to 1, for all of what was asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundStory:
    """A story that a search has found by its title."""

    story: ToldStory
    likeness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search has found, the likeliest first."""

    services: tuple[FoundService, ...] = ()
    stories: tuple[FoundStory, ...] = ()


class PublicStore(Protocol):
    """What the public site reads. Nothing here writes."""

    async def mark(self) -> str:
        """A text that changes whenever anything is written that the other questions may answer with."""
        ...

    async def stories_of(self, day: date, *, until: date) -> tuple[ToldStory, ...]:
        """The stories of a day's edition, in its order."""
        ...

    async def stories(
        self, *, until: date, service: str = "", before: int | None = None, limit: int = 50
    ) -> tuple[ToldStory, ...]:
        """The newest stories first: of a service, by any of its ids; those with a number below `before`."""
        ...

    async def wished(self, which: WishedStories, *, until: date, before: int, limit: int) -> StoryPart:
        """The newest stories with a number below `before` that somebody may wish for.

        It has all that they wish for, and few others: a name may have the words of a place apart. It looks
        at so many stories at most: a part may be shorter than `limit`, or empty, and not be the last.
        """
        ...

    async def stories_after(self, number: int, *, until: date, limit: int) -> tuple[ToldStory, ...]:
        """The first stories with a number above this one, in the order of their numbers."""
        ...

    async def kept_until(self) -> date | None:
        """The last public day for which all that is public was written; None if there was none yet."""
        ...

    async def days(self, first: date, last: date, *, until: date) -> tuple[ToldDay, ...]:
        """The days with an edition from `first` to `last`, also with one without stories; the first first."""
        ...

    async def span(self, *, until: date) -> tuple[date, date] | None:
        """The first and the last public day with an edition; None if there is none."""
        ...

    async def moves(
        self, since: date, *, until: date, inspectorate: str = "", kind: str = "", area: str = ""
    ) -> Mapping[date, Mapping[Movement, int]]:
        """How many upgrades and downgrades were told on each day from `since` on, but for corrected ones."""
        ...

    async def told_by_source(self, since: date, *, until: date) -> Mapping[str, int]:
        """How many stories of each source were told from `since` on, by the source's id."""
        ...

    async def named(self, ids: Collection[str]) -> Mapping[str, Service]:
        """The services with these ids, also of merged entries, by the id asked for; at most some hundreds."""
        ...

    async def record(self, id: str) -> ServiceRecord | None:
        """All that is public of a service; for the id of a merged entry, of the one that counts."""
        ...

    async def services(
        self,
        which: ServiceFilter = ALL_SERVICES,
        order: ServiceOrder = ServiceOrder.GRADE,
        *,
        offset: int = 0,
        limit: int = 50,
    ) -> ServicePage:
        """A page of services, in an order that is the same each time."""
        ...

    async def services_after(
        self, id: str = "", *, inspectorate: str = "", limit: int = 1000
    ) -> tuple[Service, ...]:
        """Services in the order of their ids, those after one id: to read all of them in parts."""
        ...

    async def addresses(self, first: str = "", *, limit: int = 1000) -> tuple[ServiceAddress, ...]:
        """What the addresses of services are made of, in the order of their ids, from the id `first` on."""
        ...

    async def every(self, step: int) -> tuple[str, ...]:
        """The ids of the first service and of each that comes `step` later, in the order of their ids."""
        ...

    async def graded_on(
        self,
        day: date,
        which: ServiceFilter,
        order: ServiceOrder = ServiceOrder.GRADE,
        *,
        offset: int = 0,
        limit: int = 50,
    ) -> PastPage:
        """The services that had an overall grade on a day. `which.rated` does not count."""
        ...

    async def aspects_on(
        self, which: ServiceFilter, *, on: date | None = None, by: str = "", offset: int = 0, limit: int = 50
    ) -> AspectPage:
        """The services that have grades of aspects, or had them on a day, by name.

        With an aspect `by`, the best in it come first, and those without a grade of it last. `which` names
        an inspectorate and a scale; its `rated` does not count.
        """
        ...

    async def aspect_distribution(
        self, which: ServiceFilter, *, on: date | None = None
    ) -> tuple[AspectCount, ...]:
        """How many services have each grade of each aspect, by scale and aspect, the best first."""
        ...

    async def inspectorates(self) -> tuple[Counted, ...]:
        """The inspectorates that have services, by key."""
        ...

    async def kinds(self, inspectorate: str) -> tuple[Counted, ...]:
        """The kinds of services of an inspectorate, by name, without "not known"."""
        ...

    async def areas(self, inspectorate: str, kind: str = "") -> tuple[Counted, ...]:
        """The areas of an inspectorate's services, by name, without "not known"."""
        ...

    async def distribution(self, which: ServiceFilter, *, on: date | None = None) -> tuple[GradeCount, ...]:
        """How many services have each overall grade, by scale, the best first; had it, with a day `on`."""
        ...

    async def search(self, text: str, *, until: date, limit: int = 20) -> Found:
        """Services by name, former name or area, and stories by title, forgiving of spelling."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Public:
    """What decides which facts are public, and how grades are read."""

    until: date  # the last public day
    inspectorates: Inspectorates


class PublicModelStore(Protocol):
    """Keeps the tables that the site reads. Nothing else writes them; they can be made again at any time.

    Each call may be repeated, and killed at any point.
    """

    async def days_to_tell(self) -> tuple[date, ...]:
        """The days of closed editions whose stories the model does not have, the first one first."""
        ...

    async def tell(self, day: date) -> int:
        """Write the stories of a day's edition once it is closed; returns how many there are."""
        ...

    async def changed(self, public: Public) -> tuple[str, ...]:
        """The ids of the register's entries of which the model may not say what it should."""
        ...

    async def rewrite(self, ids: tuple[str, ...], public: Public) -> None:
        """Write what is public of these entries, and of those that are the same providers.

        All is one transaction, so a few hundred ids at most.
        """
        ...

    async def note_kept(self, until: date) -> None:
        """Note that all is written that is public on a last public day."""
        ...
