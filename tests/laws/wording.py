"""The words that fill carriers: of a text's body, of its neighbour, of grades, years and days."""

from __future__ import annotations

import random
from collections.abc import Iterable

from laws.readings import MOVEMENT, PREVIOUS, Fact, called, inspectorates
from laws.texts import Text, others, story
from laws.trades import PLACES, RATED, Trade
from laws.trials import Wants

MONTHS = "January February March April May June July August September October November December".split()
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


def words_of_trade(rng: random.Random, trade: Trade, name: str | None, avoid: Iterable[str] = ()) -> dict[str, str]:
    """Words for a carrier about a body; `grade` is none of those to avoid, where the scale has more."""
    grades = grades_of(trade.scale)
    better, worse = sorted(rng.sample(range(len(grades)), 2))
    half = len(grades) // 2
    part = rng.choice(trade.parts)
    year = rng.randint(2019, 2022)
    words = {
        "grade": rng.choice([g for g in grades if g not in set(avoid)] or grades),
        "higher": grades[better],
        "lower": grades[worse],
        "high": rng.choice(grades[:half]),
        "low": rng.choice(grades[half:]),
        "best": grades[0],
        "worst": grades[-1],
        "kind": trade.kind,
        "kinds": trade.kinds,
        "watchdog": trade.watchdog,
        "head": trade.head,
        "thepart": part if part.startswith("the ") or part.endswith(("services", "care", "beds")) else f"the {part}",
        "part_bare": part.removeprefix("the "),
        "all_grades": ", ".join(f"‘{grade.capitalize()}’" for grade in grades),
        "place": rng.choice(PLACES),
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


def plain(rng: random.Random, trade: Trade, name: str, grade: str, *more: str, official: bool = False) -> Text:
    """The plainest story: "X has been rated G by the inspectorate", and then what more is told."""
    told = (f"{name} has been rated ‘{grade.capitalize()}’ by {trade.watchdog}.", *more)
    return a_story(rng, trade, name, told, official=official)


def a_story(
    rng: random.Random, trade: Trade, name: str, told: Iterable[str], *, title: str | None = None, official: bool = False
) -> Text:
    return story(
        trade,
        name,
        title or rng.choice(NEUTRAL).format(name=name),
        tuple(told),
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
