"""The lines that the ratings of the register of probation would have written, told on their days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from builders import a_story, an_edition

from digest.adapters.config.packaged import packaged_register
from digest.adapters.config.packaged_scales import packaged_scales
from digest.changes import Claimed, Movement, compare
from digest.edition import ClosingLine, SectionKind
from digest.edition_history import HeldRating
from digest.present.circles import bodies_of, circles
from digest.present.closing import closing_lines, period_starts
from digest.providers import Register
from digest.ratings import Precision, Rating

PROVIDERS, PAST = packaged_register()
KNOWN, REGISTER = packaged_scales(), Register(PROVIDERS)
SECTIONS = {Movement.UPGRADE: SectionKind.UPGRADES, Movement.DOWNGRADE: SectionKind.DOWNGRADES}


def day_of(rating: Rating) -> date | None:
    """The last day on which it can have come; None if that is not known within a year."""
    known = rating.dated is not None and rating.precision not in {Precision.NOT_BEFORE, Precision.ROUND}
    return rating.precision.last(rating.dated) if known and rating.dated else None


def over_the_years() -> Iterator[tuple[date, ClosingLine]]:
    """Each line with its day. Ratings without a day are known from the beginning."""
    told = [(day, item, one) for item, one in enumerate(PAST, 1) if (day := day_of(one)) is not None]
    held = [HeldRating(rating=one) for one in PAST if day_of(one) is None]
    for day, group in groupby(sorted(told, key=lambda one: one[:2]), key=lambda one: one[0]):
        stories, new = [], []
        for _, item, rating in group:
            past = [one.rating for one in held if one.rating.provider == rating.provider]
            change = compare(past, rating, Claimed(), KNOWN)
            known = REGISTER.get(rating.provider)
            assert known is not None
            story = a_story(
                item,
                SECTIONS.get(change.movement, SectionKind.STEADY),
                provider=known.id,
                provider_name=known.name,
                change=change,
            )
            stories.append(story)
            new.append(HeldRating(rating=rating, key=story.key))
        edition = an_edition(*stories, day=day)
        found = circles(edition, REGISTER)
        asked = {
            body.id: [one for one in (*held, *new) if one.rating.provider == body.id]
            for body in bodies_of(found)
        }
        settled = [story.key for story in stories]
        lines = closing_lines(edition, found, asked, KNOWN, settled=settled, whole=period_starts(day))
        yield from ((day, line) for line in lines)
        held += [HeldRating(rating=one.rating, key=one.key, told_on=day) for one in new]


def test_the_years_of_the_register_bring_these_lines() -> None:
    lines = [
        f"{day} {line.name}: {line.rarity}, {line.number} {line.grade}" for day, line in over_the_years()
    ]

    assert lines == [
        "2022-11-23 Lewisham and Bromley PDU: in quarter, 4 inadequate",
        "2022-12-31 West Kent PDU: in year, 10 inadequate",
        "2022-12-31 West Sussex PDU: in year, 10 inadequate",
        "2022-12-31 Essex North PDU: in year, 10 inadequate",
        "2023-03-30 Kirklees PDU: in quarter, 3 inadequate",
        "2023-03-30 Sheffield PDU: in quarter, 3 inadequate",
        "2023-06-29 Liverpool North PDU: in year, 5 inadequate",
        "2023-06-29 Knowsley and St Helens PDU: in year, 5 inadequate",
    ]
