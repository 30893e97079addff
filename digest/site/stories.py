"""A story of an edition in a line or two: what lists of stories on public pages show of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from digest.changes import Change
from digest.ports.public import ToldStory
from digest.present.story import StoryView, story_view
from digest.present.tidy import clip, tidy
from digest.ratings import Inspectorates, Precision
from digest.site.addresses import edition_page

LONGEST_LEAD: Final = 160
"""Characters of the sentence that a list shows of a story."""

_ASPECTS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLine:
    """The values of `story_row` in `templates/site/parts.html`, and of the words for its grade before."""

    name: str
    day: date  # of the edition that told it
    page: str  # below the home page: the story's place in its edition
    kind: str = ""  # a movement, "mixed", or empty: it tells no grade
    after: str = ""
    before: str = ""
    before_on: date | None = None
    before_precision: Precision = Precision.DAY
    scale: tuple[str, ...] = ()  # the names of its grades, the lowest first
    lead: str = ""
    inspectorate: str = ""  # its name
    corrected_on: date | None = None  # the day of the edition that corrected it: no grade is shown then
    corrects: bool = False  # whether it corrects an earlier story


def story_line(told: ToldStory, *, names: Mapping[str, str], known: Inspectorates) -> StoryLine:
    """The line of a story. `names` are those of inspectorates by key; `known` has the scales."""
    view = story_view(tidy(told.story), known=known)
    shown = StoryLine(
        name=view.name,
        day=told.day,
        page=edition_page(told.day, told.anchor),
        lead=_lead(view),
        inspectorate=names.get(told.inspectorate or "", ""),
        corrected_on=told.corrected_on,
        corrects=told.story.correction is not None,
    )
    if told.corrected_on is not None:
        return shown
    change = view.change
    if change is not None:
        sentence = view.story.evidence if view.record is None else None
        quoted = f"“{clip(sentence, LONGEST_LEAD)}”" if sentence else ""
        return _graded(replace(shown, lead=shown.lead or quoted), change, known)
    moved = [change for one in view.aspects for change in one.changes if change.moved]
    kind = told.movement.value if told.movement else "mixed" if moved else ""
    return replace(shown, kind=kind if view.aspects else "", lead=_moves(moved) or shown.lead)


def _graded(line: StoryLine, change: Change, known: Inspectorates) -> StoryLine:
    scale = known.scale(change.scale)
    return replace(
        line,
        kind="" if line.corrects else change.movement.value,
        after=change.after or "",
        before=change.before or "",
        before_on=change.before_on,
        before_precision=change.before_precision,
        scale=scale.lowest_first if scale else (),
    )


def _moves(moved: list[Change]) -> str:
    """The aspects that moved: "Respect down from good to poor, safety up from poor to good"."""
    said = [
        f"{one.aspect} {'up' if one.movement.value == 'upgrade' else 'down'}"
        f"{f' from {one.before}' if one.before else ''} to {one.after}"
        for one in moved[:_ASPECTS]
    ]
    more = len(moved) - len(said)
    text = ", ".join(said) + (f", and {more} more" if more else "")
    return text[:1].upper() + text[1:]


def _lead(view: StoryView) -> str:
    """The first finding, or else what the story says at first."""
    if view.groups:
        return clip(view.groups[0].findings[0].text, LONGEST_LEAD)
    return clip(view.story.lead or "", LONGEST_LEAD)
