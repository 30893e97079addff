"""The stories of sealed editions as rows: a number that is never used again, and what they are found by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from digest.changes import Movement
from digest.edition import Edition, SectionKind, Story
from digest.providers import normal_name
from digest.store.codec import STORY

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
