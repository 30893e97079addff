"""The words that fill carriers: of a text's body, of its neighbour, of grades, years and days."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from laws.readings import MOVEMENT, PREVIOUS, Fact, called, inspectorates
from laws.texts import Text, others, story
from laws.trades import PLACES, RATED, Trade
from laws.trials import Wants

MONTHS = [date(2000, month, 1).strftime("%B") for month in range(1, 13)]
GRADE_WORDS = frozenset({"grade", "higher", "lower", "high", "low", "best", "worst"})
NEUTRAL = (
    "Inspectors’ report on {name}",
    "News from {name}",
    "{name} hears from inspectors",
    "What inspectors said about {name}",
)


def grades_of(scale: str) -> tuple[str, ...]:
    """A scale's grades, best first."""
    found = inspectorates().scale(scale)
    return tuple(grade.name for grade in found.grades) if found else ()


def words_of_trade(
    rng: random.Random, trade: Trade, name: str | None, avoid: Iterable[str] = ()
) -> dict[str, str]:
    """Words for a carrier about a body; `grade` is none of those to avoid, where the scale has more."""
    grades = grades_of(trade.scale)
    free = [g for g in grades if g not in set(avoid)]
    higher, lower = sorted(rng.sample(free if len(free) > 1 else grades, 2), key=grades.index)
    half = len(grades) // 2
    part = rng.choice(trade.parts)
    year = rng.randint(2019, 2022)
    words = {
        "grade": rng.choice(free or grades),
        "higher": higher,
        "lower": lower,
        "high": rng.choice([g for g in grades[:half] if g in free] or grades[:half]),
        "low": rng.choice([g for g in grades[half:] if g in free] or grades[half:]),
        "best": grades[0],
        "worst": grades[-1],
        "kind": trade.kind,
        "kinds": trade.kinds,
        "watchdog": trade.watchdog,
        "head": trade.head,
        "thepart": part
        if part.startswith("the ") or part.endswith(("services", "care", "beds"))
        else f"the {part}",
        "part_bare": part.removeprefix("the "),
        "all_grades": ", ".join(f"‘{grade.capitalize()}’" for grade in grades),
        "place": next((p for p in PLACES if name and p in name), None) or rng.choice(PLACES),
        "year": str(year),
        "earlier": str(year - rng.randint(2, 4)),
        "old": str(rng.randint(2013, 2021)),
        "month": rng.choice(MONTHS),
        "day": f"{rng.randint(1, 28)} {rng.choice(MONTHS)} {rng.randint(2023, 2025)}",
        "oldday": f"{rng.randint(1, 28)} {rng.choice(MONTHS)} {rng.randint(2016, 2022)}",
        "number": str(rng.randint(10**6, 10**7)),
    }
    neighbour, other = next(others(rng, trade, name))
    marks = grades_of(neighbour.scale)
    above, below = sorted(rng.sample(range(len(marks)), 2))
    words |= {
        "other": other,
        "otherkind": neighbour.kind,
        "otherkinds": neighbour.kinds,
        "otherwatchdog": neighbour.watchdog,
        "othergrade": rng.choice([m for m in marks if m not in set(avoid)] or marks),
        "otherhigher": marks[above],
        "otherlower": marks[below],
    }
    return words | ({"name": name} if name else {})


def words_of_text(rng: random.Random, text: Text) -> dict[str, str]:
    return words_of_trade(rng, text.trade, text.name, text.grades)


def a_body(rng: random.Random) -> tuple[Trade, str]:
    """A body with an overall grade."""
    trade = rng.choice(RATED)
    return trade, rng.choice(trade.names)


def plain(
    rng: random.Random, trade: Trade, name: str, grade: str, *more: str, official: bool = False
) -> Text:
    """The plainest story: "X has been rated G by the inspectorate", and then what more is told."""
    opening = (f"{name} has been rated ‘{grade.capitalize()}’ by {trade.watchdog}.", *more)
    return replace(a_story(rng, trade, name, opening, official=official), grades=frozenset({grade}))


def a_story(
    rng: random.Random,
    trade: Trade,
    name: str,
    opening: Iterable[str],
    *,
    title: str | None = None,
    official: bool = False,
) -> Text:
    sentences = tuple(opening)
    if trade.watchdog not in "\n".join(sentences):
        watchdog = trade.watchdog[:1].upper() + trade.watchdog[1:]
        sentences += (f"{watchdog} inspects {trade.kinds} throughout the region.",)
    return story(
        trade,
        name,
        title or rng.choice(NEUTRAL).format(name=name),
        sentences,
        number=rng.randint(10**6, 10**7),
        official=official,
    )


def overall(name: str, grade: str) -> Fact:
    return (called(name), "overall", grade)


def previous(name: str, grade: str) -> Fact:
    return (called(name), PREVIOUS, grade)


def movement(name: str, which: str) -> Fact:
    return (called(name), MOVEMENT, which)


def step(scale: str, before: str, now: str) -> str:
    """The movement between two grades of a scale."""
    grades = grades_of(scale)
    if before == now:
        return "unchanged"
    return "upgrade" if grades.index(now) < grades.index(before) else "downgrade"


def rated(name: str, grade: str) -> Wants:
    return Wants(must=frozenset({overall(name, grade)}))


SILENT = Wants(must=frozenset())
