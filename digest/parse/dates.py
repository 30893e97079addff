"""Dates as sources write them, read into UTC: the project's one date parser.

Pure: a date that leans on today ("yesterday", "Monday", "12:30") or on a guess ("11/23/2026", an unheard-of
zone) is not read at all.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from zoneinfo import ZoneInfo

import dateparser

_LONGEST: Final = 100  # characters
# Software without a date writes its zero: year 1 or 1970. Nobody we read published before the Web.
_YEARS: Final = range(1990, 2200)

_RFC_822: Final = re.compile(
    r"(?:[A-Z]{3,9},? )?[0-9]{1,2} [A-Z]{3} (?:[0-9]{2}|[0-9]{4}) [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?"
    r" (?:[+-][0-9]{4}|GMT|UTC|UT|Z)",
    re.IGNORECASE,
)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_IN_WORDS: Final = re.compile(
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? |(?:mon|tue|wed|thu|fri|sat|sun),? )?"
    r"(?P<day>[0-9]{1,2}) "
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:tember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?) (?P<year>[0-9]{4})"
    r"(?:(?: -| at|,)? (?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?P<half> ?[ap]m)?)?",
    re.IGNORECASE,
)
_NUMERIC: Final = re.compile(r"(?:[0-9]{4}|[0-9]{1,2})[-/.](?P<month>[0-9]{1,2})[-/.][0-9]")
_LAST_WORD: Final = re.compile(r"\b[A-Z]{2,5}\)?$")
# Where an abbreviation means several zones we take none, but for BST, which a British source means British.
_LAST_WORDS: Final = frozenset(
    {"AM", "PM", "GMT", "UTC", "UT", "BST", "WET", "WEST", "CET", "CEST", "EET", "EEST"}
    | {"EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT"}  # RFC 822 section 5.1
)
_HOW: Final = {
    "DATE_ORDER": "DMY",
    "STRICT_PARSING": True,  # day, month and year must all be there
    "PARSERS": ["absolute-time"],
    "RELATIVE_BASE": datetime(2000, 1, 1),  # noqa: DTZ001  # unused by strict parsing, but asked for: the clock
}


def parse_date(raw: str, zone: ZoneInfo) -> datetime | None:
    """The instant that `raw` names, in UTC; None where it cannot be read surely.

    Read are ISO 8601, RFC 822 and what British pages print ("23 November 2026 - 12:01pm", "23/11/2026").
    A time without a zone is `zone`'s, a day without a time is its first moment there, and a time that the
    autumn clock shows twice is the first of the two.
    """
    text = " ".join(raw.split())
    if not text or len(text) > _LONGEST:
        return None
    try:
        read = _iso(text) or _rfc_822(text) or _in_words(text) or _as_printed(text)
        if read is None or read.year not in _YEARS:
            return None
        return (read.replace(tzinfo=zone) if read.tzinfo is None else read).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _rfc_822(text: str) -> datetime | None:
    if not _RFC_822.fullmatch(text):
        return None
    read = parsedate_to_datetime(text)
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read  # "-0000": UTC, place unknown


def _in_words(text: str) -> datetime | None:
    """The usual forms of `_as_printed`, "Monday 23 November 2026 - 6:00pm", in a hundredth of its time.

    A list of thousands of entries has a date for each.
    """
    found = _IN_WORDS.fullmatch(text)
    if found is None:
        return None
    hour, half = int(found["hour"] or 0), (found["half"] or "").strip().lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    month = _MONTHS.index(found["month"][:3].lower()) + 1
    read = (int(found["year"]), month, int(found["day"]), hour, int(found["minute"] or 0))
    return datetime(*read)  # noqa: DTZ001 - the caller knows the zone


def _as_printed(text: str) -> datetime | None:
    """By dateparser: a hundred times slower, and lenient, so what it would guess at is turned away first."""
    numeric, last = _NUMERIC.match(text), _LAST_WORD.search(text)
    if numeric and int(numeric["month"]) > 12:
        return None
    if last and last[0].rstrip(")") not in _LAST_WORDS:
        return None
    read: datetime | None = dateparser.parse(text, languages=["en"], settings=_HOW)
    return read
