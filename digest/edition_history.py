"""The grades that led to a story's grade, as they were known at the cut-off.

They are sealed with the edition, so that it can be made again as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from digest.edition import Earlier, Edition, Story, StoryKey
from digest.grade_periods import Given, GradePeriod, KnownRating, Periods
from digest.ratings import OVERALL, Inspectorates, Precision, Rating


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRating:
    """A rating that we hold, and the report that gave it."""

    rating: Rating
    key: StoryKey | None = None  # None: the register or a publisher's data states it
    told_on: date | None = None  # the day of the edition that settled the report; None: it waits for one


MOST_EARLIER: Final = 4
"""The most earlier grades of a story, the latest ones: with the new grade they fill two lines of a phone."""

FEWEST_EARLIER: Final = 2
"""One earlier grade is no history: it is the grade before, which the story tells anyway."""


def providers_with_history(edition: Edition) -> tuple[str, ...]:
    """The ids of the providers whose ratings `with_history` needs, each once."""
    return tuple(dict.fromkeys(s.provider for s in edition.stories if s.provider and _compared(s)))


def with_history(
    edition: Edition, ratings: Mapping[str, Sequence[Rating]], inspectorates: Inspectorates
) -> Edition:
    """The edition, in which each story that compares overall grades has the grades before.

    `ratings` are all that we hold, by provider. A history that does not end with the grade that the story
    tells as the one before is left out, so a story never contradicts itself.
    """
    periods = Periods(inspectorates)

    def told(story: Story) -> Story:
        own = ratings.get(story.provider or "", ())
        return replace(story, earlier=_earlier(story, own, periods)) if own and _compared(story) else story

    return replace(
        edition,
        sections=tuple(
            replace(section, stories=tuple(map(told, section.stories))) for section in edition.sections
        ),
    )


def _compared(story: Story) -> bool:
    """Whether the story tells an overall grade and the one before, with what states them."""
    change = story.change
    sure = story.evidence is not None or story.checked is not None
    return change is not None and change.before is not None and change.before_on is not None and sure


def _earlier(story: Story, ratings: Sequence[Rating], periods: Periods) -> tuple[Earlier, ...]:
    change = story.change
    assert change is not None
    known = [KnownRating(rating=rating) for rating in ratings]
    scale = periods.scale(change.scale)
    line = [
        one
        for one in periods.of(known, story.inspectorate or "")
        if scale is not None and (own := periods.scale(one.scale)) is not None and scale.compares(own)
        if one.aspect == OVERALL and _is_sure(one)
    ]
    ends = [n for n, one in enumerate(line) if (one.grade, one.since) == (change.before, change.before_on)]
    found = line[: ends[-1] + 1][-MOST_EARLIER:] if ends else []
    if len(found) < FEWEST_EARLIER:
        return ()
    return tuple(
        Earlier(grade=one.grade, since=one.since, precision=one.precision)
        for one in found
        if one.grade is not None and one.since is not None
    )


def _is_sure(period: GradePeriod) -> bool:
    """Whether its grade and its year can be told."""
    dated = period.since is not None and period.precision is not Precision.NOT_BEFORE
    return period.given is Given.GRADE and dated
