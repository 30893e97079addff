"""The stories of sealed editions as rows: a number that is never used again, and what they are found by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from digest.changes import Movement
from digest.edition import Edition, SectionKind, Story
from digest.providers import normal_name
from digest.store.codec import STORY
from digest.store.public.spelling import words_of
from digest.wishes import moves

_PLACES: Final = 100_000
"""Above the most stories that an edition can have."""


def number_of(day: date, place: int) -> int:
    """The number of the story at a place of a day's edition: 2026112900003."""
    return int(f"{day:%Y%m%d}") * _PLACES + place


def story_rows(edition: Edition) -> Iterator[dict[str, Any]]:
    """A row for each story, in order, without what the register knows of its provider."""
    for place, story in enumerate(edition.stories):
        yield {
            "number": number_of(edition.day, place),
            "day": edition.day,
            "item_id": story.key.item,
            "place": story.key.place,
            "entry_id": story.provider,
            "service_id": None,
            "inspectorate": story.inspectorate,
            "kind": "",
            "area": "",
            "section": story.section,
            "movement": movement_of(story),
            "grade": story.change.after if story.change else None,
            "correction": story.correction is not None,
            "title": story.title,
            "content": STORY.dump(story),
        }


def movement_of(story: Story) -> Movement | None:
    """The movement that a story tells: of the overall grade or else of the aspects, if these agree."""
    movements = {change.movement for change in story.summary}
    moved = {change.movement for change in story.summary if change.moved}
    only = moved or movements
    return next(iter(only)) if len(only) == 1 else None


def day_row(edition: Edition, mark: str) -> dict[str, Any]:
    counts = {section.kind: len(section.stories) for section in edition.sections}
    return {
        "day": edition.day,
        "stories": len(edition.stories),
        "up": counts.get(SectionKind.UPGRADES, 0),
        "down": counts.get(SectionKind.DOWNGRADES, 0),
        "mark": mark,
    }


def name_row(row: dict[str, Any]) -> dict[str, Any]:
    """The row by which the search finds a story."""
    return {
        "service_id": None,
        "story": row["number"],
        "former": False,
        "written": row["title"],
        "words": normal_name(row["title"]),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the register knows of the provider of a story."""

    service: str
    kind: str
    area: str
    names: tuple[str, ...]

    @property
    def columns(self) -> Mapping[str, Any]:
        """What a story's own row says of it."""
        return {"service_id": self.service, "kind": self.kind, "area": self.area}


NOWHERE: Final[Mapping[str, Any]] = {"service_id": None, "kind": "", "area": ""}


def word_rows(number: int, story: Story, place: Place | None) -> Iterator[dict[str, Any]]:
    """A row for each word by which wishes for places find a story, and one with no word."""
    names = (*place.names, place.area) if place else ()
    row = {
        "number": number,
        "kind": normal_name(place.kind) if place else "",
        "inspectorate": story.inspectorate,
        "moves": moves(story),
    }
    for word in ("", *place_words((*names, story.provider_name or ""))):
        yield {"word": word} | row


def place_words(names: Iterable[str]) -> tuple[str, ...]:
    """The words of names in the form for comparing, each once."""
    return tuple(words_of(" ".join(map(normal_name, names))))
