"""A record of a publisher's data as a reader sees it: where it stands, and why it states another grade."""

from __future__ import annotations

import re
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
    place, cause = story.origin.place, story.origin.cause
    return Provenance(
        publisher=place.publisher,
        document=place.document,
        dated=None if place.dated is None or _says(place.document, place.dated) else place.dated,
        row=place.row,
        number=_number(story, story.origin),
        cause=cause,
        regraded=_regraded(story) if cause is Cause.REGRADED else 0,
        inherits=story.origin.inherited_from is not None,
        inherited_from=next(iter(story.predecessors), None),
    )


def _number(story: Story, origin: Origin) -> str:
    """The publisher's number of the provider, or "" if the place says it, or the data has none.

    Without numbers the key is made of words, such as name and postcode. A part of a provider has the part's
    name in its key, and in its own name.
    """
    number, _, part = origin.key.partition("/")
    if not (part and (story.provider_name or "").endswith(f"({part})")):
        number = origin.key
    said = number in origin.place.document or number in origin.place.row
    return "" if said or " " in number else number


def _says(document: str, day: date) -> bool:
    """Whether the name of a file says of which day it is: "31 Jan 2026", "02_March_2026", "2026-03-02"."""
    words = f" {_BETWEEN_WORDS.sub(' ', document.casefold())} "
    forms = (f"{day.day} {month} {day.year}" for month in (f"{day:%B}".casefold(), f"{day:%b}".casefold()))
    return day.isoformat() in document or any(re.search(rf"\b0?{re.escape(form)}\b", words) for form in forms)


_BETWEEN_WORDS: Final = re.compile(r"[\W_]+")


def _regraded(story: Story) -> int:
    changed = [c for c in story.aspects if c.aspect != OVERALL and c.movement is not Movement.UNCHANGED]
    return len(changed)


def origin_in_words(origin: Origin) -> str:
    """Where a record stands and its cause, in a line for operators."""
    place = origin.place
    dated = place.dated.isoformat() if place.dated else ""
    where = ", ".join(filter(None, (place.publisher, place.document, dated, place.row, origin.key)))
    inherited = f", inherited from {origin.inherited_from}" if origin.inherited_from else ""
    why = _CAUSES[origin.cause] + inherited if origin.cause else inherited.removeprefix(", ")
    return f"{where} ({why})" if why else where


_CAUSES: Final = {
    Cause.INSPECTION: "new inspection",
    Cause.ASSESSMENT: "new assessment of figures",
    Cause.REGRADED: "graded again, without a new inspection",
    Cause.INHERITED: "a predecessor's grades",
    Cause.CORRECTION: "corrected by the publisher",
    Cause.RESCALED: "graded again on another scale, without a new inspection",
}
