"""What the API answers, as typed values. Both the answers and their description are written from these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from digest.changes import Movement
from digest.edition import SectionKind
from digest.grade_periods import Given
from digest.providers import Link
from digest.ratings import Precision
from digest.webhooks import EventType


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """The terms on which a publisher's reports and ratings may be used."""

    name: str
    link: str
    attribution: Annotated[str, Field(description="The words that you must give if you use them.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """An ordered list of grades."""

    key: str
    grades: Annotated[list[str], Field(description="The best first.")]
    aspects: Annotated[list[str], Field(description="The parts of a service that get grades of their own.")]
    overall: Annotated[bool, Field(description="Whether the service as a whole gets a grade.")]
    valid_from: date | None
    valid_until: Annotated[date | None, Field(description="The first day on which it is no longer used.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspectorate:
    """An inspectorate, and how many services of it we know."""

    key: str
    name: str
    services: int
    rated: Annotated[int, Field(description="How many of them have a grade now.")]
    scales: list[Scale]
    licence: Annotated[Licence | None, Field(description="null: we do not know it; ask the inspectorate.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AspectGrade:
    """The present grade of one aspect of a service."""

    aspect: str
    scale: str
    grade: str
    rank: Annotated[int | None, Field(description="0 is the best grade of the scale.")]
    since: Annotated[date | None, Field(description="The earliest day that it can be.")]
    precision: Annotated[Precision, Field(description="How much is known of `since`.")]
    movement: Movement | None
    before: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service with its grades as they are now."""

    id: str
    name: str
    former_names: list[str]
    inspectorate: Annotated[str | None, Field(description="A key; null: not known.")]
    kind: str | None
    area: str | None
    scale: str | None
    grade: Annotated[str | None, Field(description="Overall; null: it has none now.")]
    rank: Annotated[int | None, Field(description="0 is the best grade of the scale.")]
    since: Annotated[date | None, Field(description="Of its present grades: the earliest day it can be.")]
    precision: Annotated[Precision, Field(description="How much is known of `since`.")]
    movement: Annotated[Movement | None, Field(description="To the present grade.")]
    before: Annotated[str | None, Field(description="The overall grade before.")]
    moved_on: Annotated[date | None, Field(description="When one of its grades last went up or down.")]
    told_on: Annotated[date | None, Field(description="The last edition with a story about it.")]
    aspects: list[AspectGrade]
    page: Annotated[str, Field(description="Its page for people.")]
    licence: Annotated[Licence | None, Field(description="null: we do not know it; ask the inspectorate.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class GradePeriod:
    """From when to when a service has a grade."""

    inspectorate: str | None
    aspect: Annotated[str, Field(description='"overall" or the name of an aspect.')]
    scale: str
    given: Annotated[Given, Field(description="Whether it stands, was withdrawn, or is in doubt.")]
    grade: str | None
    rank: int | None
    since: date | None
    precision: Annotated[Precision, Field(description="How much is known of `since`.")]
    until: Annotated[date | None, Field(description="The first day on which it no longer counts; null: now.")]
    movement: Movement | None
    before: str | None
    evidence: Annotated[str | None, Field(description="The sentence or record that states it.")]
    report: Annotated[str | None, Field(description="Where it is stated.")]
    told_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedService:
    """A service that came before or after another. Grades are never taken over from one to the other."""

    id: str
    name: str
    link: Annotated[Link, Field(description="How the later one came after the earlier one.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRecord:
    """All that we know of a service."""

    service: Service
    other_ids: Annotated[list[str], Field(description="Ids that lead to this service as well.")]
    grades: Annotated[list[GradePeriod], Field(description="By inspectorate and aspect, earliest first.")]
    predecessors: list[RelatedService]
    successors: list[RelatedService]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How the grade of one aspect changed."""

    aspect: Annotated[str, Field(description='"overall" or the name of an aspect.')]
    scale: str
    movement: Movement
    before: str | None
    before_on: date | None
    before_precision: Annotated[Precision, Field(description="How much is known of `before_on`.")]
    after: Annotated[str | None, Field(description="null: the rating was withdrawn.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a story corrects."""

    number: Annotated[int | None, Field(description="The number of the story that it corrects.")]
    told_on: Annotated[date, Field(description="The day of the edition that it corrects.")]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A story that an edition has told. It never changes, but for `corrected_on`."""

    number: Annotated[int, Field(description="It grows with the day, and is never used again.")]
    id: Annotated[str, Field(description="The id of its entry in our feeds.")]
    day: date
    section: SectionKind
    title: str
    name: Annotated[str, Field(description="The service's name as the story has it, or else the title.")]
    service: Annotated[str | None, Field(description="An id; null: about none that we know.")]
    inspectorate: str | None
    kind: str | None
    area: str | None
    changes: Annotated[
        list[Change], Field(description="Of the overall grade first; none once it was corrected.")
    ]
    published: Annotated[date | None, Field(description="When the report was published.")]
    report: Annotated[str | None, Field(description="The report at its publisher.")]
    page: Annotated[str, Field(description="The story in its edition.")]
    reported_by: Annotated[str | None, Field(description="The blog that tells it, if no report was seen.")]
    corrects: Correction | None
    corrected_on: Annotated[date | None, Field(description="The edition that corrected it.")]
    licence: Annotated[Licence | None, Field(description="null: we do not know it; ask the publisher.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryEvent:
    """What is posted to a webhook: that an edition has told a story."""

    type: Annotated[
        EventType, Field(description="Whether the story is new, corrects an earlier one, or is made up.")
    ]
    timestamp: Annotated[datetime, Field(description="Noon of the edition's day.")]
    data: Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A day's edition, in numbers."""

    day: date
    stories: int
    up: int
    down: int
    page: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectorateList:
    inspectorates: list[Inspectorate]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePage:
    services: list[Service]
    next: Annotated[str | None, Field(description="The address of the next page; null: this is the last.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPage:
    stories: Annotated[list[Story], Field(description="The newest first. It may be short and not the last.")]
    next: Annotated[str | None, Field(description="The address of the next page; null: this is the last.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionPage:
    editions: Annotated[list[Edition], Field(description="The newest first.")]
    next: Annotated[str | None, Field(description="The address of the next page; null: this is the last.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionStories:
    """A day's edition with its stories, in its order."""

    edition: Edition
    stories: list[Story]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What was wrong with a request (RFC 9457)."""

    title: str
    status: int
    detail: str


ANSWERS = (
    InspectorateList,
    ServicePage,
    ServiceRecord,
    StoryPage,
    EditionPage,
    EditionStories,
    Problem,
)
"""Each kind of answer."""
