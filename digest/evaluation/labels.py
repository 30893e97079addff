"""Labels: what a careful reader finds in a text."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator


class Genre(StrEnum):
    """What sort of page a text is."""

    RELEASE = "release"  # the inspectorate's own news
    REPORT = "report"  # its report, or its page about one body
    HISTORY = "history"  # its page that lists several inspections of one body
    NEWS = "news"  # a paper or a blog about a new inspection
    OWN_SITE = "own-site"  # the provider's page, or its owner's
    ROUND_UP = "round-up"  # several bodies' results
    MINUTES = "minutes"
    MENTION = "mention"  # a story about something else
    NATIONAL = "national"  # annual, thematic, statistics
    EXPLAINER = "explainer"
    CORRECTION = "correction"
    ENFORCEMENT = "enforcement"
    OPINION = "opinion"

    @property
    def official(self) -> bool:
        """Whether the inspectorate itself speaks of what it found."""
        return self in {Genre.RELEASE, Genre.REPORT, Genre.HISTORY}


class LabelledReport(BaseModel):
    """What a text says of one provider; None and absent mean that it does not say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: str | None = None
    overall: str | None = None
    previous: str | None = None
    direction: str = "unknown"
    judgements: Mapping[str, str] = {}
    previous_judgements: Mapping[str, str] | None = None  # None: nobody labelled them

    @field_validator("judgements", "previous_judgements", mode="before")
    @classmethod
    def _only_what_was_graded(cls, given: Any) -> Any:
        """An aspect whose grade is null was named without one."""
        if not isinstance(given, Mapping):
            return given
        return {aspect: grade for aspect, grade in given.items() if grade is not None}


class LabelledFinding(BaseModel):
    """One finding that the text gives, by how it begins."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str  # strength, improvement, recommendation
    text: str


class Label(BaseModel):
    """What a careful reader finds in one text."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    file: str
    kind: str  # single, multi, thematic, other
    url: str | None = None
    inspectorate: str | None = None
    scale: str | None = None
    genre: Genre | None = None
    reports: tuple[LabelledReport, ...] = ()
    published: str | None = None
    ambiguous: bool = False
    exact: bool | str = False  # the name must be read word for word: the first report's, or this one
    findings: tuple[LabelledFinding, ...] | None = None  # None: nobody labelled them

    @property
    def announces(self) -> bool:
        """Whether the text tells what an inspection of somebody found."""
        return self.kind not in {"thematic", "other"}

    @property
    def dated(self) -> bool:
        """Whether somebody looked for the day of publication; `published` is null where none stands there."""
        return "published" in self.model_fields_set

    @property
    def exact_name(self) -> str | None:
        """The provider's name, where it must be read word for word."""
        if isinstance(self.exact, str):
            return self.exact
        return self.reports[0].provider if self.exact and self.reports else None
