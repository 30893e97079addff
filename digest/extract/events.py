"""Which inspection gave a grade: the one announced, or one before it.

A grade without a word of time takes the time of the sentences before it in its paragraph, under its heading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from digest.extract.dates import MONTHS, YEAR
from digest.extract.movements import MovementClaim
from digest.extract.prose import Place, Sentence
from digest.extract.statements import Statement
from digest.extract.times import When
from digest.reports import Direction

_OLD: Final = 2  # years: a grade that was given so long before the page is no news

_FORMER: Final = re.compile(
    r"\b(?:previous(?:ly)?|former|last|earlier|past|history|archived?)\b", re.IGNORECASE
)
_CURRENT: Final = re.compile(r"\b(?:new|current|latest|now|this|recent)\b", re.IGNORECASE)
_GOES_ON: Final = re.compile(
    r"^\W*(?:this (?:made|meant|left|came|saw)|but|however|although|though|nevertheless|despite|also|and|in addition|still|even so)\b",
    re.IGNORECASE,
)
# "The last inspection took place in 2019." dates what follows, without a grade of its own.
_LOOKED: Final = r"(?:inspect\w*|visit\w*|report\w*|looked at|assess\w*|rating)"
_SETS_BACK: Final = re.compile(
    r"^\W*(?:the|its|our|their) (?:last|previous|earlier|former|first) (?:full |ofsted |cqc |\w+ )?(?:inspection|visit|report|rating)"
    r"(?: report| rating)?,? (?:in|of|from|on|took place|came out|was (?:carried|held|published|in|on|under|conducted|completed)|was,?|had|found|said)\b"
    rf"|\b(?:last|previously|before that)\b,? (?:it |they |the \w+ )?(?:was |were |had been )?{_LOOKED}\b[^.;]{{0,50}}\b(?:19|20)\d\d\b"
    rf"|\b(?:inspected|visited|looked at|inspection|visit) (?:\w+ ){{0,2}}(?:last|previously)\b[^.;]{{0,40}}\b(?:19|20)\d\d\b"
    rf"|^\W*an? (?:previous|earlier|former) {_LOOKED}\b[^.;]{{0,50}}\b(?:19|20)\d\d\b|\bhad its last {_LOOKED}\b"
    r"|\bhad (?:also |already )?(?:published|issued|released) (?:an? |its |the )?(?:\w+ )?report\b[^.;]{0,30}\b(?:19|20)\d\d\b"
    r"|\bhad (?:earlier|previously|last|first|before) (?:carried out|undertaken|conducted|done|completed) (?:an?|our|its|the) (?:\w+ ){0,4}inspection\b[^.;]{0,90}\b(?:19|20)\d\d\b"
    r"|\b(?:previously|earlier|last|first) (?:carried out|undertook|conducted) (?:an?|our|its|the) (?:\w+ ){0,4}inspection\b[^.;]{0,90}\b(?:19|20)\d\d\b"
    rf"|\bhad (?:last |previously |also |first )?been (?:last )?(?:there|{_LOOKED})\b[^.;]{{0,60}}\b(?:19|20)\d\d\b",
    re.IGNORECASE,
)
# A sentence that opens in the past stays there to the end of its paragraph; "having been rated ..." at its end does not.
_OPENS_IN_PAST: Final = re.compile(
    r"^\W*(?:but |and |however,? )?(?:(?:at|in|during|following|under|back in|on|from) (?:its|the|their|our|an?) (?:last|previous|earlier|former|first|initial|prior|\d{4})\b"
    r"|(?:in|during|back in) (?:[a-z]+ )?(?:19|20)\d\d\b|in [a-z]+ (?:last year|of last year)\b|(?:previously|formerly|originally|initially|before that|last (?:time|year)|years ago)\b"
    r"|when (?:[^\s,;<]+ ){1,8}?(?:19|20)\d\d\b|when (?:it|the \w+|inspectors) (?:was|were)?\s?(?:last|first)|(?:the|its|their|our) (?:last|previous|earlier|former) "
    r"|(?:the |its |an? )?(?:[a-z]+ ){0,3}(?:inspection|report|inspectors|ofsted|cqc|commission|it|they) had (?:also )?(?:found|been|rated|judged|given|said|praised)\b"
    r"|in a report (?:published )?(?:in|last)|(?:the|it|<?\w+>?)[^.;,]{0,60} was (?:first|last) inspected\b)",
    re.IGNORECASE,
)
# "In May last year, inspectors issued a report." is about an earlier one, and "Inspectors found ..." below goes on.
_REPORTED_LAST_YEAR: Final = re.compile(
    r"^\W*(?:(?:back )?in [a-z]+ )?last year,? [^.;]{0,60}?\b(?:issued|published|released) (?:an?|its|their|the) (?:[a-z]+ )?report\b",
    re.IGNORECASE,
)
_INSPECTORS_AGAIN: Final = re.compile(
    r"^\W*(?:the )?(?:inspectors|report|inspection|watchdog|they|it) (?:also )?(?:found|said|rated|judged|graded|deemed|concluded|criticised|raised)\b",
    re.IGNORECASE,
)
# "At this inspection we found", "this is the first time we have rated it": back to the one announced.
_COMES_BACK: Final = re.compile(
    r"^\W*this is\b|^\W*(?:but |and |however,? )?(?:at|during|on|in) (?:this|our latest|the latest|the current|our current) (?:\w+ )?(?:inspection|visit|assessment)\b",
    re.IGNORECASE,
)
_VISITED_IN: Final = re.compile(
    r"\b(?:inspected|visited|assessed|came|went in|were there)\b[^.;]{0,60}?\b(?P<year>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
# "In 2021 the picture was another one. Inspectors rated it good that year."
_IN_A_YEAR: Final = re.compile(r"^\W*(?:back )?in (?:[a-z]+ )?(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE)
_THEN_RATED: Final = re.compile(
    r"\brating then\b|\bthen (?:rated|judged|graded|found)\b|\b(?:back then|at that (?:time|point)|on that occasion|that (?:time|year|inspection|visit|report)|in those days|"
    r"at the time,|the rating it received|the (?:verdict|outcome|result|rating) (?:then |that time |at that point )?was|it rated)\b",
    re.IGNORECASE,
)
# "We carried out an inspection on 5 April 2016": the current one, unless the text has a later one.
_VISITED_ON: Final = re.compile(
    r"\b(?:inspection|inspected|visited|visit|review|assessment)\b(?:(?!publi|report|issue|served|notice|sent|until|registered|letter)[^.;]){0,90}?\b(?:on|of) "
    r"\d{1,2}(?:st|nd|rd|th)? (?:(?:and|to|-|–) \d{1,2}(?:st|nd|rd|th)? )?(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6},? (?P<year>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_ANOTHER: Final = 4  # months: visits nearer than that belong to one inspection
_INSPECTOR_TOLD: Final = re.compile(
    r"\b(?:inspectors?|inspectorate|ofsted|cqc|commission|watchdog|regulator) (?:has |have |had )?(?:told|announced|confirmed|informed)\b",
    re.IGNORECASE,
)
_DAY: Final = re.compile(
    r"^\W*(?:(?:inspect\w+|published|report|date)\W+(?:on |of )?)?(?:\d{1,2}(?:st|nd|rd|th)? )?"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,? (?P<year>(?:19|20)\d\d)\W*$",
    re.IGNORECASE,
)


_LEFT_MEASURES: Final = re.compile(
    r"\b(?:out of|exit(?:s|ed)?|leav(?:es|ing)|left|emerg(?:es?|ed)(?: from)?|freed from|removed from|taken out of|lifted (?:out of|from)|no longer in) special measures\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionPointer:
    """The inspection that the text speaks of at one place."""

    when: When = When.BARE
    year: int | None = None


class InspectionTracker:
    """Follows a text from sentence to sentence, and gives each grade its inspection."""

    def __init__(
        self, page_year: int | None, prose: Sequence[Sentence] = (), lowest: int | None = None
    ) -> None:
        """`lowest` is the rank of the scale's lowest grade."""
        opening = (s for s in prose if s.place in {Place.TITLE, Place.FIRST})
        # Nobody leaves special measures with the lowest grade.
        self._impossible = lowest if any(_LEFT_MEASURES.search(s.text) for s in opening) else None
        self._page_year = page_year
        self._latest = max(
            (month for s in prose if (month := _month_of_visit(s.text)) is not None), default=None
        )
        self._section = InspectionPointer()
        self._now = InspectionPointer()
        self._last = InspectionPointer()  # of the last running sentence: "But ..." goes on from there
        self._block = -2
        self._visited: int | None = None  # the year of a visit that the sentence before told of
        self._last_year = False  # the paragraph before was about a report of last year
        self._days: list[int] = []  # the years of the dated headings so far

    def placed(self, sentence: Sentence, stated: Sequence[Statement]) -> tuple[Statement, ...]:
        """The statements of the next sentence, each with its time where the sentence itself gives none."""
        if sentence.place is Place.HEADING and not sentence.label:
            self._section = self._now = self._of_heading(sentence.text)
        elif sentence.block != self._block:
            goes_on = _GOES_ON.match(sentence.text) or (
                self._last_year and _INSPECTORS_AGAIN.match(sentence.text)
            )
            self._now = self._last if goes_on else self._section
            self._last_year = False
        self._block = sentence.block
        if not stated:
            self._without_grade(sentence.text)
            if not sentence.heading:
                self._last = self._now
            return ()
        if sentence.past:
            return tuple(replace(s, when=When.THEN, year=sentence.year or s.year) for s in stated)
        if _THEN_RATED.search(sentence.text):
            if self._now.when is When.BARE and self._visited is not None:
                self._now = InspectionPointer(when=When.THEN, year=self._visited)
            stated = [self._dated(s, force=True) for s in stated]
        self._visited = None
        if self._is_of_earlier_visit(sentence.text):
            self._now = InspectionPointer(when=When.THEN, year=_year_of_visit(sentence.text))
        placed = tuple(self._dated(s) for s in stated)
        first = placed[0]
        if first.when in {When.THEN, When.DATED} and _OPENS_IN_PAST.match(sentence.text):
            placed = tuple(
                replace(s, when=first.when, year=first.year) if s.when is When.BARE else s for s in placed
            )
        self._follow(sentence.text, placed)
        self._last = self._now
        return placed

    def _dated(self, s: Statement, *, force: bool = False) -> Statement:
        if s.when is When.BARE and s.rank == self._impossible and not s.aspects:
            return replace(s, when=When.THEN)
        if s.when is not When.BARE and not (force and s.when is When.THEN and s.year is None):
            return s
        if self._now.when is When.BARE:
            return s
        return replace(s, when=self._now.when, year=s.year or self._now.year)

    def _follow(self, text: str, placed: Sequence[Statement]) -> None:
        whens = {s.when for s in placed}
        if whens & {When.NOW}:
            self._now = self._section
        elif text.startswith("(") and text.rstrip(" .").endswith(")"):
            return  # an aside: the text goes on from before it
        elif whens in ({When.THEN}, {When.DATED}) and _OPENS_IN_PAST.match(text):
            self._now = InspectionPointer(when=placed[-1].when, year=placed[-1].year)

    def _without_grade(self, text: str) -> None:
        if _COMES_BACK.match(text):
            self._now = self._section
        elif _SETS_BACK.search(text):
            years = YEAR.findall(text)
            self._now = InspectionPointer(when=When.THEN, year=int(years[-1]) if years else None)
        elif _REPORTED_LAST_YEAR.match(text):
            self._now = InspectionPointer(when=When.THEN)
            self._last_year = True
        elif self._is_of_earlier_visit(text):
            self._now = InspectionPointer(when=When.THEN, year=_year_of_visit(text))
        elif opened := _IN_A_YEAR.match(text):
            self._visited = int(opened["year"])
        elif visit := _VISITED_IN.search(text):
            self._visited = int(visit["year"])
            if self._is_old(self._visited):
                self._now = InspectionPointer(when=When.THEN, year=self._visited)

    def _is_of_earlier_visit(self, text: str) -> bool:
        """Whether a sentence dates a visit long before another visit in the text."""
        month = _month_of_visit(text) if self._latest is not None else None
        return month is not None and self._latest is not None and month <= self._latest - _ANOTHER

    def _of_heading(self, text: str) -> InspectionPointer:
        """The inspection that a heading opens: "Previous inspection", or an older day than one above it."""
        if day := _DAY.search(text):
            year = int(day["year"])
            older = bool(self._days)  # the newest stands first
            self._days.append(year)
            return InspectionPointer(when=When.THEN, year=year) if older else InspectionPointer()
        if _FORMER.search(text) and not _CURRENT.search(text) and len(text) < 60 and "since" not in text:
            return InspectionPointer(when=When.THEN)
        return InspectionPointer()

    def _is_old(self, year: int) -> bool:
        return self._page_year is not None and year <= self._page_year - _OLD


def _month_of_visit(text: str) -> int | None:
    """The month of a visit told with its day, counted from the year 0."""
    found = _VISITED_ON.search(text) if "20" in text or "19" in text else None
    return int(found["year"]) * 12 + MONTHS[found["month"].casefold()] - 1 if found else None


def _year_of_visit(text: str) -> int | None:
    month = _month_of_visit(text)
    return month // 12 if month is not None else None


def _earlier(now: Sequence[Statement], page_year: int | None) -> list[Statement]:
    """Of two grades the one told with its year, or before "now": "inadequate after a visit in 2013, but now good"."""
    undated = [s for s in now if not s.year]
    sure = {s.grade for s in undated if s.when is When.NOW}
    opening = {s.grade for s in undated if s.place in {Place.TITLE, Place.FIRST}}
    before = page_year or 0
    earlier = [
        s
        for s in now
        if s.when is When.BARE
        and s.year
        and ((sure and s.grade not in sure) or (s.year < before and opening and s.grade not in opening))
    ]
    # "It slipped to requires improvement, and now inadequate": what stands before "now" in one sentence is the earlier.
    surely = {s.sentence: s.grade for s in reversed(now) if s.when is When.NOW and not s.year}
    earlier += [
        s
        for n, s in enumerate(now)
        if s.when is When.BARE
        and s not in earlier
        and surely.get(s.sentence, s.grade) != s.grade
        and any(later.when is When.NOW and later.sentence == s.sentence for later in now[n + 1 :])
    ]
    return earlier


def _reported(statements: Iterable[Statement]) -> list[Statement]:
    """What inspectors are said to have told, where nothing else is: "the inspector told them it had been rated"."""
    return [
        s
        for s in statements
        if s.when is When.DATED
        and s.year is None
        and s.place is not Place.BODY
        and _INSPECTOR_TOLD.search(s.sentence)
    ]


def now_and_before(
    statements: Iterable[Statement],
    claims: Sequence[MovementClaim],
    *,
    published_year: int | None,
    page_year: int | None,
) -> tuple[list[Statement], list[Statement]]:
    """The statements of the inspection announced, and those of earlier ones; others are left out."""
    all = list(statements)
    if any(not s.passing for s in all):
        # A rating that is mentioned as known may not be the current one.
        all = [s for s in all if not s.passing or s.when in {When.THEN, When.DATED}]
    old = page_year - _OLD if page_year is not None else 0
    now = [s for s in all if s.when in {When.NOW, When.BARE} and not (s.year and s.year <= old)]
    earlier = _earlier(now, page_year)
    now = [s for s in now if s not in earlier]
    then = [s for s in all if s.when is When.THEN] + earlier
    then += [s for s in all if s.when in {When.NOW, When.BARE, When.DATED} and s.year and s.year <= old]
    dated = [s for s in all if s.when is When.DATED and s.year is not None and s.year > old]
    now = now if now or then or dated else _reported(all)
    years = {s.year for s in all if s.when is When.DATED and s.year is not None}
    latest = max(years, default=0)
    same = {s.grade for s in now}
    for s in dated:
        if published_year is not None and s.year is not None and s.year >= published_year:
            now.append(s)
        elif s.grade in same and s.year == page_year and s.place in {Place.TITLE, Place.FIRST}:
            now.append(s)  # told twice, and once with its year
        elif now or (s.year or 0) < latest:
            then.append(s)
        elif len(years) > 1 and (published_year is None or latest >= published_year - 1):
            now.append(s)  # two dated ratings and nothing else: the later is the news
    moved = {c.direction for c in claims} & {Direction.UPGRADE, Direction.DOWNGRADE}
    for s in (s for s in all if s.when is When.AFTER):
        others = {n.grade for n in now if n.when is not When.AFTER and n.aspects == s.aspects}
        fresh = s.reacting or s.place in {Place.TITLE, Place.FIRST}
        if others == {s.grade} or (not others and fresh and not moved and not (s.year and s.year <= old)):
            now.append(s)
        elif others or moved:
            then.append(s)
    return now, then
