"""How often the brake holds lawful batches, and how often a rebuilt archive passes: `python -m brake_years`.

It plays made-up years of sources with plausible cadences. Counts vary more than by chance alone
(gamma-Poisson); the days after bank holidays bring what those would have, and half a day more. Decision 0041
has the figures of twenty years each.
"""

from __future__ import annotations

import argparse
import math
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from feed_cases import a_source

from digest.admission import Fate, Look, Memory, admit
from digest.bank_holidays import bank_holidays
from digest.identity import Fresh
from digest.items import Item
from digest.sources import Polled

BEGIN: Final = date(2025, 9, 1)
HOLIDAYS: Final = bank_holidays(2025) | bank_holidays(2026)
LOOKS: Final = range(16, 40)  # half hours of a day, from 08:00
SOURCE: Final = a_source("s", "https://s.example/feed")
SIZES: Final = (10, 20, 50, 120, 500)

Cadence = Callable[[random.Random, date], int]


def _on_weekdays(most: Cadence) -> Cadence:
    return lambda chance, day: most(chance, day) if day.weekday() < 5 else 0


def _poisson(chance: random.Random, mean: float) -> int:
    if mean > 60:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    end, count, product = math.exp(-mean), 0, chance.random()
    while product > end:
        product *= chance.random()
        count += 1
    return count


def _varied(mean: float, shape: float) -> Cadence:
    return lambda chance, _: _poisson(chance, chance.gammavariate(shape, mean / shape))


CADENCES: Final[dict[str, Cadence]] = {
    "3 reports a month": _on_weekdays(lambda chance, _: _poisson(chance, 3 / 21)),
    "6 a month in lumps": _on_weekdays(lambda c, _: c.choice([2, 3, 4, 5]) if c.random() < 6 / 73.5 else 0),
    "a daily blog": lambda chance, day: _poisson(chance, 1.0 if day.weekday() < 5 else 0.3),
    "a weekly blog": lambda chance, _: _poisson(chance, 0.2),
    "a blog with bursts of 6": lambda c, _: _poisson(c, 0.5) + (6 if c.random() < 0.02 else 0),
    "a monthly bulletin of 15": lambda _, day: 15 if day.day == 12 else 0,
    "25 reports a day": _on_weekdays(_varied(25, 2)),
    "40 reports a day": _on_weekdays(_varied(40, 3)),
    "60 reports a day, in one list": _on_weekdays(_varied(60, 4)),
}
IN_ONE_LIST: Final = {"6 a month in lumps", "a monthly bulletin of 15", "60 reports a day, in one list"}


@dataclass(slots=True, kw_only=True)
class Year:
    """What came of a year: the new items of each day, and how many batches were held."""

    days: Counter[date]
    held: int = 0


def year(name: str, seed: int, *, outages: float = 0, dated: bool = True) -> Year:
    """Play a year. `outages` is the chance of each day that ours begins one of 1 to 10 days."""
    chance, make = random.Random(seed), CADENCES[name]
    known = _first_list(chance, make) if dated else []
    played, waiting, carried = Year(days=Counter()), 0, 0
    last = back = _at(BEGIN, 0)
    for day in (BEGIN + timedelta(days=n) for n in range(365)):
        count = make(chance, day)
        if day in HOLIDAYS:
            carried, count = carried + count, 0
        elif carried and day.weekday() < 5:
            count, carried = count + carried + round(count / 2), 0
        slots = Counter({19: count}) if name in IN_ONE_LIST else Counter(chance.choices(LOOKS[:-2], k=count))
        if outages and chance.random() < outages:
            back = _at(day, 0) + timedelta(days=chance.choice([1, 2, 3, 5, 10]))
        for slot in LOOKS:
            at = _at(day, slot)
            waiting += slots[slot]
            if at < back:
                continue
            if waiting:
                played.held += _is_held(waiting, known, played.days, at, last)
                played.days[day] += waiting  # an operator releases what was held: it is news of that day
                waiting = 0
            last = at
    return played


def passed(name: str, seed: int, size: int, *, by: int | None = None) -> int:
    """How many entries of an archive pass after a year, all at once or so many in each look."""
    days = year(name, seed).days
    through = 0
    for look in range(size // (by or size)):
        at = _at(BEGIN + timedelta(days=365), 20) + look * timedelta(minutes=30)
        if not _is_held(by or size, [], days, at, at - timedelta(minutes=30)):
            through += by or size
            days[at.date()] += by or size
    return through


def _first_list(chance: random.Random, make: Cadence) -> list[Item]:
    """The dates of the thirty items that a source lists when it is added."""
    past = (BEGIN - timedelta(days=n) for n in range(1, 60))
    dates = [day for day in past for _ in range(make(chance, day))]
    return [Item(title="k", published_at=_at(day, 24)) for day in dates[:30]]


def _is_held(count: int, known: Sequence[Item], days: Counter[date], at: datetime, last: datetime) -> bool:
    fresh = tuple(Fresh(item=Item(title=f"t{at}{n}"), keys=(f"{at}{n}",)) for n in range(count))
    polled = Polled(
        source=SOURCE.id,
        next_poll_at=at,
        url=SOURCE.url,
        began_at=_at(BEGIN, 0),
        baselined_at=_at(BEGIN, 0),
        full_at=last,
    )
    look = Look(source=SOURCE, fresh=fresh, known=known, at=at)
    admission = admit(look, Memory(polled=polled, days=dict(days)), lambda before: before or polled)
    return bool(admission.of(Fate.HELD))


def _at(day: date, half_hours: int) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=30) * half_hours


def main() -> None:
    words = argparse.ArgumentParser(prog="python -m brake_years", description=__doc__)
    words.add_argument("--years", type=int, default=20)
    seeds = range(words.parse_args().years)
    print(f"{'lawful batches held in a year':<32}{'usual':>8}{'outages':>9}{'undated':>9}")
    for name in CADENCES:
        kinds = ({}, {"outages": 0.02}, {"dated": False})
        held = [sum(year(name, s, **facts).held for s in seeds) / len(seeds) for facts in kinds]  # type: ignore[arg-type]
        print(f"{name:<32}{held[0]:>8.2f}{held[1]:>9.2f}{held[2]:>9.2f}", flush=True)
    print(
        f"\n{'years in which an archive passes':<32}" + "".join(f"{size:>6}" for size in SIZES) + "  120 by 8"
    )
    for name in CADENCES:
        through = [sum(passed(name, s, size) > 0 for s in seeds) for size in SIZES]
        bits = sum(passed(name, s, 120, by=8) for s in seeds) / len(seeds)
        print(f"{name:<32}" + "".join(f"{count:>6}" for count in through) + f"{bits:>10.0f}", flush=True)


if __name__ == "__main__":
    main()
