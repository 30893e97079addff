"""The book of laws, in the order of their numbers, and what they are tried on."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from laws import bodies, layout, mention, moments, status
from laws.carriers import SEEN, carriers
from laws.readings import reader
from laws.texts import labelled
from laws.trials import Law, Outcome, Stock, drawn, judged

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


def holds(number: int, count: int = 60) -> None:
    """Tries a law a few times, the same each time, and tells at length where it is broken."""
    counted = [outcome for outcome in tried(number, count) if outcome.counted]
    breaks = [outcome for outcome in counted if outcome.broken]
    told = "\n".join(map(str, breaks[:12]))
    assert counted, f"law {number} was never tried: no text is read right before the change"
    assert not breaks, f"law {number}: {len(breaks)} of {len(counted)} trials broken\n{told}"
