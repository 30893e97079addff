"""Dates that a text states: when it was published, and when inspectors were there."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from digest.extract.blocks import Block
from digest.reports import Claim

_MONTHS: Final = {
    name[:3]: number
    for number, name in enumerate(
        "january february march april may june july august september october november december".split(), 1
    )
}
_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAY: Final = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?"
_DAY: Final = (
    rf"{_WEEKDAY}(?:(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m1>{_MONTH}),? (?P<y1>\d{{4}})"
    rf"|(?P<m2>{_MONTH}) (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y2>\d{{4}})"
    r"|(?P<y3>\d{4})-(?P<m3>\d{2})-(?P<d3>\d{2})|(?P<d4>\d{1,2})[/.](?P<m4>\d{1,2})[/.](?P<y4>\d{4}))(?!\d)"
)
_ANY_DAY: Final = re.compile(rf"(?<![\w/])(?:{_DAY})", re.IGNORECASE)
_ALONE: Final = re.compile(
    rf"[|\W]*(?:{_DAY})[\W]*(?:(?:at )?\d{{1,2}}[:.]\d\d ?(?:am|pm)?)?\W*", re.IGNORECASE
)
_SAID_OF_DAYS: Final = r"\b(?:published|publication date|date published|posted|released|release date|first published|date|dated|updated)"
_LABELLED: Final = re.compile(
    rf"{_SAID_OF_DAYS}(?: on| at)?\s*:?\s+(?:{_DAY})",
    re.IGNORECASE,
)
_TODAY: Final = re.compile(
    rf"\b(?:today|out|published|released|issued|this morning),?\s*(?:on\s+|\(|[-–—]\s*)(?:{_DAY})",
    re.IGNORECASE,
)
_BYLINE: Final = re.compile(rf"\bby\b[^.]{{0,60}}\b(?:{_DAY})\s*$", re.IGNORECASE)
_IMPRINT: Final = re.compile(  # "Published: 5 March 2020", "By Ann Smith, Friday 6 March 2020"
    rf"(?:(?:last )?{_SAID_OF_DAYS}(?: on| at)?\s*:?\s+|by\b[^.]{{0,60}}\b)(?:{_DAY})\W*", re.IGNORECASE
)
_DATELINE: Final = re.compile(rf"^\W*(?:{_DAY})\s*[.|·–—-]", re.IGNORECASE)
_HEAD: Final = 6  # blocks at the top in which a page shows its date
_IN_ADDRESS: Final = re.compile(r"/((?:19|20)\d\d)/(?:(0[1-9]|1[0-2])/)?")


def published_on(dates: Iterable[str], title: str, blocks: Sequence[Block]) -> date | None:
    """The day of publication, only where day, month and year stand in the markup or the text.

    A date in running prose is an inspection's or a meeting's: only one that is labelled, says "today", stands
    alone at the top or opens the title is the page's own.
    """
    for raw in dates:
        found = _ANY_DAY.match(raw.strip()[:10]) or _ANY_DAY.match(raw.strip())
        if found and (day := _as_date(found)):
            return day
    for block in blocks[:_HEAD]:
        opening = block.text[:200]
        found = _ALONE.fullmatch(block.text) or _BYLINE.search(opening) or _DATELINE.search(opening)
        if found and (day := _as_date(found)):
            return day
    for pattern, texts in (
        (_TODAY, [b.text for b in blocks]),
        (
            _LABELLED,
            [b.text[:400] for b in blocks[:_HEAD]] + [b.text for b in blocks[-3:] if len(b.text) < 120],
        ),
    ):
        for text in texts:
            found = pattern.search(text)
            if found and (day := _as_date(found)):
                return day
    in_title = _ANY_DAY.match(title)
    return _as_date(in_title) if in_title else None


def only_dates(text: str) -> bool:
    """Whether a paragraph says when a page was published, and perhaps by whom, and nothing else."""
    return any(pattern.fullmatch(text.strip()) for pattern in (_ALONE, _IMPRINT))


def dated_title(title: str) -> bool:
    """Whether a title opens with a day, as bulletins' and diaries' do."""
    return _ANY_DAY.match(title) is not None


def year_of_address(url: str) -> int | None:
    """The year in an address such as "/2019/05/", which is good enough to tell which scale was in force."""
    found = _IN_ADDRESS.search(url)
    return int(found[1]) if found else None


def _as_date(found: re.Match[str]) -> date | None:
    groups = {k[0]: v for k, v in found.groupdict().items() if v is not None}
    month = groups["m"].casefold()
    number = _MONTHS.get(month[:3]) or (int(month) if month.isdecimal() else 0)
    try:
        return date(int(groups["y"]), number, int(groups["d"]))
    except ValueError:
        return None


_VISIT: Final = re.compile(
    r"\b(?:inspect(?:ed|ion|ions|ing)?|reinspect(?:ed|ion)|re-inspection|visit(?:ed)?|fieldwork|looked at|examined|"
    r"came|conducted)\b",
    re.IGNORECASE,
)
_WHEN: Final = re.compile(
    rf"\b(?:in|between|during|from|since|of) (?P<when>(?:(?:late|early|mid) )?(?:\d{{1,2}} )?{_MONTH}(?: (?P<a>\d{{4}}))?"
    rf"(?:(?: and | to |-| – |/)(?:\d{{1,2}} )?(?P<last>{_MONTH}))?(?:,? (?P<year>\d{{4}}))?)(?![\w])",
    re.IGNORECASE,
)
_LAST_TIME: Final = re.compile(
    r"\b(?:last (?:inspect\w+|visit\w*|here|there)|previous|earlier|followed|follows|in 20\d\d, when|first|published|"
    r"report(?:ed)? (?:out|of))\b",
    re.IGNORECASE,
)


def inspected(sentences: Iterable[str]) -> tuple[Claim | None, date | None]:
    """When inspectors were there in the text's words, and the last day of it where the year is stated."""
    for sentence in sentences:
        found = _WHEN.search(sentence)
        if not found or not _VISIT.search(sentence) or _LAST_TIME.search(sentence):
            continue
        words = found["when"].strip(" .")
        # "May" without a capital is a verb.
        if not words[0].isupper() and not words[0].isdigit() and not re.match(r"late|early|mid", words):
            continue
        return Claim(value=words, evidence=sentence), _last_day(found)
    return None, None


def _last_day(found: re.Match[str]) -> date | None:
    year = found["year"] or found["a"]
    if year is None or (found["last"] and not found["year"]):
        return None
    months = re.findall(_MONTH, found["when"], re.IGNORECASE)
    month = _MONTHS[months[-1][:3].casefold()]
    return date(int(year), month, monthrange(int(year), month)[1])
