"""What a cell says: days as publishers write them, words that stand for nothing, links."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from digest.items import spelled
from digest.parse.text import fold

LONGEST: Final = 1_000  # characters of a cell that are kept

_ISO: Final = re.compile(r"([12][0-9]{3})-([0-9]{1,2})-([0-9]{1,2})(?:[T ].*)?")
_NUMBERS: Final = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})(?:[ T,-].*)?")
_WORDS: Final = re.compile(
    r"([0-9]{1,2})(?:st|nd|rd|th)?[ /-]([a-z]{3,9})[ /,-]+([0-9]{4})(?:[ T,-].*)?", re.IGNORECASE
)
_SERIAL: Final = re.compile(r"([2-9][0-9]{4})(?:\.0*)?")
_BEGIN: Final = date(1899, 12, 30)  # day 0 of spreadsheets
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEARS: Final = range(1900, 2200)
_LINK: Final = re.compile(r"https?://[^\s\"'<>]{3,1000}")
_AS_TEXT: Final = re.compile(r'="(.*)"', re.DOTALL)


def plain(cell: str) -> str:
    """A cell on one line, without what keeps a spreadsheet from taking it for a number."""
    text = cell
    if text.startswith('="') and (within := _AS_TEXT.fullmatch(text.strip())):
        text = within[1]
    text = fold(text[: 2 * LONGEST])
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


@lru_cache(maxsize=20_000)
def day_of(text: str, *, month_first: bool = False) -> date | None:
    """The day that a cell names, its time of day left out; None if it cannot be read surely.

    Read are 2026-03-09, 9/3/2026, 09-03-26, 9 March 2026, 09/Mar/2026 and a spreadsheet's own number of days.
    """
    try:
        if found := _ISO.fullmatch(text):
            return _day(found[1], found[2], found[3])
        if found := _NUMBERS.fullmatch(text):
            day, month = (found[3], found[1]) if month_first else (found[1], found[3])
            return _day(found[4] if len(found[4]) == 4 else f"20{found[4]}", month, day)
        if found := _WORDS.fullmatch(text):
            return _in_words(found[1], found[2], found[3])
        if found := _SERIAL.fullmatch(text):
            return _BEGIN + timedelta(days=int(found[1]))
    except ValueError:
        return None
    return None


def _in_words(day: str, word: str, year: str) -> date | None:
    name = word[:3].lower()
    return _day(year, str(_MONTHS.index(name) + 1), day) if name in _MONTHS else None


def _day(year: str, month: str, day: str) -> date | None:
    return date(int(year), int(month), int(day)) if int(year) in _YEARS else None


def link_of(text: str) -> str | None:
    """The web address in a cell, which may be a formula that shows it."""
    found = _LINK.search(text)
    return found[0] if found else None


@lru_cache(maxsize=20_000)
def said(text: str) -> str:
    """Words in their form for comparing. A number loses its empty fraction: spreadsheets give 2.0 for 2."""
    words = spelled(text)
    return words[:-2] if words.endswith(".0") and words[:-2].isdigit() else words
