"""The book of laws, in the order of their numbers, and what they are tried on."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Final

from laws import bodies, layout, mention, moments, status
from laws.carriers import SEEN, carriers
from laws.readings import reader
from laws.texts import labelled
from laws.trials import Law, Outcome, Stock, drawn, judged

CEILING: Final = Path(__file__).parents[1] / "labelled" / "laws.json"
LAWS: tuple[Law, ...] = tuple(
    sorted(
        (*mention.LAWS, *moments.LAWS, *status.LAWS, *bodies.LAWS, *layout.LAWS), key=lambda law: law.number
    )
)


@cache
def stock(path: Path = SEEN) -> Stock:
    texts = labelled()
    return Stock(
        announcing=tuple(text for text in texts if text.announces),
        quiet=tuple(text for text in texts if not text.announces),
        carriers=carriers(path),
    )


_read = cache(reader)


def tried(number: int, count: int, *, path: Path = SEEN, seed: int = 0) -> list[Outcome]:
    """A law, tried so often."""
    law = next(law for law in LAWS if law.number == number)
    return [judged(trial, _read()) for trial in drawn(law, stock(path), count, seed)]


@cache
def ceiling() -> dict[str, dict[str, int]]:
    """How many of a law's trials may be broken, and how many may tell something false."""
    ceilings: dict[str, dict[str, int]] = json.loads(CEILING.read_text(encoding="utf-8"))
    return ceilings


def holds(number: int, count: int = 60) -> None:
    """Tries a law a few times, the same each time, and tells at length where it is broken.

    A law that does not hold yet has a ceiling of breaks. Lower it when the reader gets better.
    """
    counted = [outcome for outcome in tried(number, count) if outcome.counted]
    breaks = [outcome for outcome in counted if outcome.broken]
    false = [outcome for outcome in breaks if outcome.lies]
    most = ceiling().get(str(number), {"broken": 0, "false": 0})
    listed = "\n".join(map(str, (false + breaks)[:12]))
    assert counted, f"law {number} was never tried: no text is read right before the change"
    assert len(breaks) <= most["broken"], (
        f"law {number}: {len(breaks)} of {len(counted)} trials broken\n{listed}"
    )
    assert len(false) <= most["false"], f"law {number}: {len(false)} trials tell something false\n{listed}"
