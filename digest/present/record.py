"""A record of a publisher's data as a reader sees it: where it stands, and why it states another grade."""

from __future__ import annotations

from datetime import date
from typing import Final

from digest.changes import Movement
from digest.edition import Story
from digest.ratings import OVERALL
from digest.records import Cause, Origin, Provenance


def provenance(story: Story) -> Provenance | None:
    """What readers are told of the record that a story was made of; None for a story of a text."""
    if story.origin is None:
        return None
    place, key, cause = story.origin.place, story.origin.key, story.origin.cause
    return Provenance(
        publisher=place.publisher,
        document=place.document,
        dated=None if place.dated is None or _says(place.document, place.dated) else place.dated,
        row=place.row,
        number="" if key in place.document or key in place.row else key,
        cause=cause,
        regraded=_regraded(story) if cause is Cause.REGRADED else 0,
        inherits=story.origin.inherited_from is not None,
        inherited_from=next(iter(story.predecessors), None),
    )


def _says(document: str, day: date) -> bool:
    """Whether the name of a file says of which day it is."""
    words = document.casefold()
    return f"{day.day} {day:%B %Y}".casefold() in words or day.isoformat() in words


def _regraded(story: Story) -> int:
    changed = [c for c in story.aspects if c.aspect != OVERALL and c.movement is not Movement.UNCHANGED]
    return len(changed)


def origin_in_words(origin: Origin) -> str:
    """Where a record stands and its cause, in a line for operators."""
    place = origin.place
    dated = place.dated.isoformat() if place.dated else ""
    where = ", ".join(filter(None, (place.publisher, place.document, dated, place.row, origin.key)))
    inherited = f", inherited from {origin.inherited_from}" if origin.inherited_from else ""
    return f"{where} ({_CAUSES[origin.cause]}{inherited})"


_CAUSES: Final = {
    Cause.INSPECTION: "new inspection",
    Cause.REGRADED: "graded again, without a new inspection",
    Cause.INHERITED: "a predecessor's grades",
    Cause.CORRECTION: "corrected by the publisher",
    Cause.RESCALED: "graded again on another scale, without a new inspection",
    None: "cause not known",
}
