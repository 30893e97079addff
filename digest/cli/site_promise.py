"""Which pages keep what the public site promises, by the figures of `digest bench site`: pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

PAGE_BYTES: Final = 60_000
PAGE_MS: Final = 100
SEARCH_MS: Final = 50
"""Milliseconds, at the median, until a page is there of which nothing is kept."""

_NOISE: Final = 1.25  # by so much two runs differ on a machine that does other work
_FOR_PROGRAMS: Final = ("feed", "API")  # what no browser shows may be larger

World = Mapping[str, Any]
"""The figures of one world."""


def growth(worlds: Sequence[World]) -> dict[str, dict[str, dict[str, float]]]:
    """By page and number of providers: how many times as much a first view takes as with the fewest."""
    fewest, *others = worlds
    return {
        kind: {
            str(other["providers"]): {
                "ms": other["pages"][kind]["first_ms"]["p50"] / one["first_ms"]["p50"],
                "processor_ms": _ratio(other["pages"][kind]["first_processor_ms"], one["first_processor_ms"]),
            }
            for other in others
        }
        for kind, one in fewest["pages"].items()
    }


def logarithm(worlds: Sequence[World]) -> list[float]:
    """How many times as much each number of providers has as its logarithm, to that of the fewest."""
    fewest, *others = worlds
    return [math.log(one["providers"]) / math.log(fewest["providers"]) for one in others]


def broken(worlds: Sequence[World], database: str) -> dict[str, tuple[str, ...]]:
    """For each page what it breaks of the promise with the most providers; nothing for one that keeps it."""
    pages = worlds[-1]["pages"]
    return {kind: tuple(_broken(kind, worlds, database)) for kind in pages}


def _broken(kind: str, worlds: Sequence[World], database: str) -> Iterator[str]:
    page = worlds[-1]["pages"][kind]
    size, ms = page["bytes"], page["first_ms"]["p50"]
    most = SEARCH_MS if kind.startswith("search") else PAGE_MS
    if size > PAGE_BYTES and not kind.startswith(_FOR_PROGRAMS):
        yield f"{size:,} bytes"
    if ms > most:
        yield f"{ms:.0f} ms, {page['first_processor_ms']:.0f} of them ours"
    if len(worlds) > 1:
        # A PostgreSQL works in processes of its own: only the whole time has its share.
        how = "processor_ms" if database == "sqlite" else "ms"
        grown = growth(worlds)[kind][str(worlds[-1]["providers"])][how]
        if grown > logarithm(worlds)[-1] * _NOISE:
            yield f"{grown:.1f} times as much"


def verdict(worlds: Sequence[World], database: str) -> str:
    """One line on all pages."""
    found = broken(worlds, database)
    kept = sum(not each for each in found.values())
    bad = "; ".join(f"{kind} ({', '.join(each)})" for kind, each in found.items() if each)
    line = f"{kept} of {len(found)} pages keep the promise with {worlds[-1]['providers']:,} providers"
    return f"{line}; not: {bad}" if bad else line


def _ratio(more: float, few: float) -> float:
    return more / few if few else 1.0
