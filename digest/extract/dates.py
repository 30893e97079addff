"""Dates that a text gives: when it was published, and when inspectors visited."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from digest.extract.blocks import Block, sentences
from digest.reports import Claim

YEAR: Final = re.compile(r"\b(?:19|20)\d\d\b")
MONTHS: Final = {
    name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)
}
MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_MONTH: Final = rf"{MONTH}\.?"
_WEEKDAY: Final = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?"
_DAY: Final = (
    rf"{_WEEKDAY}(?:(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m1>{_MONTH}),? (?P<y1>\d{{4}})"
    rf"|(?P<m2>{_MONTH}) (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y2>\d{{4}})"
    r"|(?P<y3>\d{4})-(?P<m3>\d{2})-(?P<d3>\d{2})|(?P<d4>\d{1,2})[/.](?P<m4>\d{1,2})[/.](?P<y4>\d{4}))(?!\d)"
)
_ANY_DAY: Final = re.compile(rf"(?<![\w/])(?:{_DAY})", re.IGNORECASE)
_TIME: Final = r"(?:,? ?(?:at )?\d{1,2}[:.]\d\d ?(?:am|pm)?)?"
_TIME_BEFORE: Final = r"(?:(?:at )?\d{1,2}[:.]\d\d ?(?:[ap]m)?,? )?"
_LENGTH_OR_AGE: Final = r"(?:\d{1,3}[ -]min(?:ute)?s?(?: read)?|this (?:story|article|page) is (?:over|more than) [\w ]{1,20} old)"
_ALONE: Final = re.compile(
    rf"[|\W]*{_TIME_BEFORE}(?:{_DAY})[\W]*{_TIME}\W*(?:{_LENGTH_OR_AGE}\W*)?", re.IGNORECASE
)
_SAID_OF_DAYS: Final = (
    r"(?:(?:first )?published|publication date|date (?:of publication|of issue|published|posted)|publication|posted|released|"
    r"release date|issued|dated|date)"
)
_LABEL: Final = rf"{_SAID_OF_DAYS}(?: on| at)?\s*[:–—-]?\s+"
# A label stands at the beginning of a line or sentence, and its date ends that line or sentence.
# Only after a label may a year be short: "Publication: 09/06/20" is the ninth of June.
_SHORT_DAY: Final = r"(?P<d5>\d{1,2})[/.](?P<m5>\d{1,2})[/.](?P<y5>\d\d)(?![\d/.]\d?)"
_LABELLED: Final = re.compile(
    rf"(?:^|[.|·•)]\s|\s[–—-]\s)\W{{0,3}}(?P<label>{_LABEL}){_TIME_BEFORE}(?:{_DAY}|{_SHORT_DAY})(?=\W*$|{_TIME}\W*$|\s*[.|·•–—(-]|\s+[\"“‘']?[A-Z])",
    re.IGNORECASE,
)
# In a report's opening: "Inspection date: 21 May 2019 Publication date: 22 August 2019".
_PUBLICATION: Final = re.compile(
    rf"\b(?:publication date|date of publication)\s*:\s*(?:{_DAY})", re.IGNORECASE
)
_JUST_ISSUED: Final = re.compile(
    rf"\bhas (?:today )?(?:issued|published|released) (?:an?|its|the|their) (?:\w{{1,20}} ){{0,3}}report \((?:{_DAY})\)",
    re.IGNORECASE,
)
_READ_IT: Final = re.compile(  # below a press release, of the report that it announces
    rf"^\W*read (?:the|our) (?!(?:last|latest|previous|earlier|first)\b).{{0,80}}\b(?:report|inspection|review of progress),? published on (?:{_DAY})\W*$",
    re.IGNORECASE,
)
_HANDED_DOWN: Final = re.compile(
    rf"\bjudgment (?:was|is) handed down(?: remotely)?,? {_TIME_BEFORE}(?:on )?(?:{_DAY})", re.IGNORECASE
)
_REPORT_OUT: Final = re.compile(
    rf"(?:(?<![\w(])(?P<before>\w{{1,20}}) )?(?<!\()\b(?:inspection )?report (?:published|publication date)(?: on)?(?P<colon>\s*:)?\s+(?:{_DAY})",
    re.IGNORECASE,
)
_TODAY: Final = re.compile(
    rf"\b(?:(?:today|this morning)(?:[’']s)?,?\s*(?:on\s+|[(\[]|[-–—]\s*)|also published (?:on )?)(?:{_DAY})",
    re.IGNORECASE,
)
_UPDATED: Final = re.compile(rf"\s[–—-] updated(?: on)?\s*:?\s+(?:{_DAY})(?=\W*$|\.\s)", re.IGNORECASE)
_BYLINE: Final = re.compile(
    rf"(?:^|[.|·•]\s)\W{{0,3}}(?:(?:(?:written|posted|published|words|report|story) )?by|author)\b:?(?P<who>[^.]{{0,60}})\b(?:{_DAY})\W*{_TIME}\W*$",
    re.IGNORECASE,
)
_IMPRINT: Final = re.compile(  # "Published: 5 March 2020", "By Ann Smith, Friday 6 March 2020", "Updated 7 March 2020"
    rf"(?:(?:{_LABEL}|(?:(?:this )?page )?(?:was )?(?:last )?(?:updated|modified|reviewed)(?: on| at)?\s*:?\s+)|by\b[^.]{{0,60}}\b)(?:{_DAY})\W*",
    re.IGNORECASE,
)
_DATELINE: Final = re.compile(rf"^\W*(?:{_DAY})\s*[.|·–—-](?P<rest>.{{0,120}})", re.IGNORECASE)
_SHORT_ALONE: Final = re.compile(r"(?P<d5>\d{1,2})[/.](?P<m5>\d{1,2})[/.](?P<y5>\d\d)")
_SERIES: Final = re.compile(  # "Headteacher's blog 15/9/23"
    rf"\b(?:blog|bulletin|newsletter|weekly news)\b\W*(?:{_DAY}|{_SHORT_ALONE.pattern})\W*$", re.IGNORECASE
)
_OF_JUDGMENT: Final = re.compile(
    rf"\[\d{{4}}\] (?:EW|UK|CS)[a-z]+ .{{0,30}}\((?:{_DAY})\)\W*$", re.IGNORECASE
)
_BY_INSPECTORS: Final = re.compile(  # "Kelby College 13 June 2014 A report by HM Inspectors"
    rf"\s(?:{_DAY})\W+an? report by\b", re.IGNORECASE
)
_CENTURY: Final = 100
_CENTURIES: Final = 2_000  # pages that write a year with two digits are all from 2000 or later
_HEAD: Final = 6  # blocks at the top in which a page shows its date
_FOOT: Final = 3  # blocks at the end in which some do
_LONGEST_LINE: Final = 400  # characters of a line with the day and the author
_SHORT: Final = 120  # characters of a line that only gives a time
_FEW: Final = 10  # words of a line that is a label
_TITLE_WORDS: Final = 4  # fewer, as in "News", may stand anywhere on a page
_LONGEST_TITLE: Final = 400  # characters
_BEFORE_TITLE: Final = 20  # blocks in which a menu may stand before the title
_DATED_PARTS: Final = 3  # lines of days in one page: a list of reports or of news
_IN_ADDRESS: Final = re.compile(r"/((?:19|20)\d\d)/(?:(0[1-9]|1[0-2])/)?")

# Words for what happened on a day that is not the page's own date.
_VISITING: Final = re.compile(
    r"\b(?:inspect(?:ed|ions?|ing)|re-?inspect\w{0,5}|visit(?:ed|s)?|fieldwork|carried out|took place|held|conducted)\b",
    re.IGNORECASE,
)
_OTHER_DAY: Final = re.compile(
    rf"{_VISITING.pattern}|\b(?:last|previous(?:ly)?|former|earlier|next|due|meeting|meets?|met|event|closes?|closing|deadline|expires?|"
    r"updated|reviewed|registered|opened|comment(?:s|ed)?)\b|"
    r"\b(?:guidance|guide|handbook|policy|framework|strategy|statistics|figures|data|plan|act|book)s? (?:was|were|is|are) (?:first )?(?:published|issued|released)\b",
    re.IGNORECASE,
)
_LABEL_OF_OTHER: Final = re.compile(
    r"^(?:(?:(?:un)?announced|short notice)\b.{0,80}\binspection\b.{0,60}|"
    r"(?:dates?|day) of (?:(?:the|this|last|our|previous|next) ){0,2}(?:inspections?|visits?|meeting|event)|"
    r"(?:(?:last|latest|previous|next|first|the) ){0,2}(?:inspections?|inspected|visits?|visited|re-?inspections?|updated|reviewed|meeting|event|report)"
    r"(?: (?:dates?|on|by|due|published|took place|carried out|completed|ended|began|started))*|fieldwork|closing date|deadline)\W*$",
    re.IGNORECASE,
)
_OF_INSPECTION: Final = re.compile(
    r"^\W*(?:(?:during|type of|after|following|this was) )?(?:(?:an?|the|our) )?(?:(?:full|short|routine|unannounced|announced|graded|ungraded|monitoring|"
    r"focused|comprehensive|core|section \d|standard|care|joint|follow[- ]up|responsive|planned) ){0,3}(?:inspections?|visits?|assessment|re-?inspection)\b",
    re.IGNORECASE,
)
# Some sites show today's date at the top: it stands beside the menu, not beside a title or text.
_MENU_WORD: Final = (
    r"(?:text size|home(?: ?page)?|subscri(?:be|ptions?)|search|menu|log ?in|sign (?:in|up)|contact(?: us)?|register|weather|"
    r"skip to (?:main )?content|advertise(?: with us)?|jobs)"
)
_MENU: Final = re.compile(
    rf"^\W*{_MENU_WORD}(?:\W*$|\s*[|:>»]|\s+(?:{_MENU_WORD}|about|news)\b)", re.IGNORECASE
)
_MEETING: Final = re.compile(
    r"\b(?:meetings?|(?<!\d )minutes|agenda|agm|open (?:day|evening|morning)|conference|hearing)\b",
    re.IGNORECASE,
)
_REPORT_ON_VISIT: Final = re.compile(
    r"^report (?:on|of) .{0,60}\b(?:visits?|inspections?|review of progress)\b(?!.*\bpublished\b)",
    re.IGNORECASE,
)
_OF_EVENT: Final = re.compile(r"^(?:time|venue|location|where|cost|booking|tickets)\b", re.IGNORECASE)
_EARLIER_REPORT: Final = frozenset("last latest previous former earlier first next old older prior".split())


def published_on(dates: Iterable[str], title: str, blocks: Sequence[Block]) -> date | None:
    """The day of publication, only if the markup or the text gives day, month and year.

    A date in running text is that of an inspection, a meeting or another report. The page's own date is
    labelled, says "today", stands alone at the top or begins the title. Where a page gives both, we take the
    day of first publication, not that of an update.
    """
    for raw in dates:
        found = _ANY_DAY.match(raw.strip()[:10]) or _ANY_DAY.match(raw.strip())
        if found and (day := _as_date(found)):
            return day
    own = [b for b in blocks if not _tells_another_day(b.text)]
    head = own[:_HEAD]
    listed = _is_list(title, own)
    return next(
        (
            day
            for days in (
                () if listed else _labelled(head),
                _matching(_PUBLICATION, head),
                _reports_out(blocks),
                _shown(head, blocks),
                _beside_title(title, own, _visits(blocks)),
                _matching(_HANDED_DOWN, blocks[: 2 * _BEFORE_TITLE]),
                _said_today(blocks),
                () if listed else _labelled([b for b in own[-_FOOT:] if len(b.text) < _SHORT], foot=True),
                _in_title(title),
                _updated(head),
                _matching(_JUST_ISSUED, head),
                _matching(_READ_IT, blocks),
            )
            for day in days
        ),
        None,
    )


def _tells_another_day(text: str) -> bool:
    """Whether a line gives the day of a visit, of another report or of an event."""
    return bool(
        len(text) < 2 * _SHORT
        and _ANY_DAY.search(text)
        and _OTHER_DAY.search(text)
        and not _LABELLED.search(text)
        and not _TODAY.search(text)
        and not _DATELINE.search(text)
        and not _BYLINE.search(text)
        and not (
            (out := _REPORT_OUT.search(text)) and (out["before"] or "").casefold() not in _EARLIER_REPORT
        )
        and not _UPDATED.search(text)
        and not _PUBLICATION.search(text)
        and not _HANDED_DOWN.search(text)
        and not _JUST_ISSUED.search(text)
    )


def _matching(pattern: re.Pattern[str], blocks: Iterable[Block]) -> Iterator[date]:
    for block in blocks:
        found = pattern.search(block.text[:1_000])
        if found and (day := _as_date(found)):
            yield day


def _is_list(title: str, blocks: Sequence[Block]) -> bool:
    """Whether a page lists posts, each with a line of its own for its day: "Published: 25 March 2024".

    If the first such line follows the page's title, the page has its own date, and lists others below.
    """
    dated = [
        (i, _as_date(m))
        for i, b in enumerate(blocks)
        if len(b.text) < _SHORT and (m := _LABELLED.match(b.text)) and m["label"][:5].casefold() == "publi"
    ]
    if len({day for _, day in dated}) < _DATED_PARTS:
        return False
    first = dated[0][0]
    return first == 0 or not _is_title(blocks[first - 1].text, title)


def _labelled(blocks: Sequence[Block], *, foot: bool = False) -> Iterator[date]:
    for i, block in enumerate(blocks):
        found = _LABELLED.match(block.text[:_SHORT]) if foot else _LABELLED.search(block.text[:400])
        if found is None or (day := _as_date(found)) is None:
            continue
        label = found["label"].casefold()
        if foot and not re.match(r"(?:first )?publi|date (?:of )?publi", label):
            continue  # a comment's date
        if i + 1 < len(blocks) and label.startswith("date") and _OF_EVENT.match(blocks[i + 1].text):
            continue
        yield day


def _reports_out(blocks: Sequence[Block]) -> Iterator[date]:
    """The newest day in the label that inspectorates give their reports; in prose only with a colon."""
    days = []
    for block in blocks:
        found = _REPORT_OUT.search(block.text[:400])
        if found is None or (found["before"] or "").casefold() in _EARLIER_REPORT:
            continue
        alone = found.start() == 0 and found.end() >= len(block.text.rstrip(" ."))
        if (found["colon"] or alone) and (day := _as_date(found)):
            days.append(day)
    if days:
        yield max(days)


def _shown(head: Sequence[Block], blocks: Sequence[Block]) -> Iterator[date]:
    """Days alone, after an author or before the text, at the top; none if the page is a list."""
    parts = {
        day
        for b in blocks
        if len(b.text) < _SHORT and (m := _ALONE.fullmatch(b.text)) and (day := _as_date(m))
    }
    if len(parts) >= _DATED_PARTS:
        return
    visits = _visits(blocks)
    texts = ["", *(b.text for b in blocks[: 2 * _HEAD]), ""]
    own = [*(b.text for b in head), ""]
    for block in head:
        opening = block.text[:200]
        day = None
        if found := _ALONE.fullmatch(block.text) if len(block.text) < _LONGEST_LINE else None:
            at = texts.index(block.text) if block.text in texts else 0
            if at and (_LABEL_OF_OTHER.match(texts[at - 1]) or _is_of_inspection(texts[at + 1])):
                return  # and so are the days below: those of earlier inspections
            at = own.index(block.text)
            if _REPORT_ON_VISIT.match(own[at - 1]) or _MENU.match(own[at + 1]):
                continue
            day = _as_date(found)
        elif found := _BYLINE.search(opening):
            day = None if _VISITING.search(found["who"]) else _as_date(found)
        elif found := _DATELINE.search(opening):
            of_meeting = len(block.text.split()) <= _FEW and _MEETING.search(found["rest"])
            day = None if of_meeting or _is_of_inspection(found["rest"]) else _as_date(found)
        if day and day not in visits:
            yield day


def _beside_title(title: str, blocks: Sequence[Block], visits: set[date]) -> Iterator[date]:
    """A day alone on the line before or after the title, however long the menu; its year may be short."""
    if len(title.split()) < _TITLE_WORDS or _REPORT_ON_VISIT.match(title):
        return
    if sum(1 for b in blocks if _alone(b.text)) >= _DATED_PARTS:
        return
    top = blocks[: _BEFORE_TITLE + 1]
    # The first block may be the window's title and no line of the page.
    named = [i for i, block in enumerate(top) if _is_title(block.text, title)]
    for i in named[1:] or named:
        for beside in (*top[i + 1 : i + 2], *top[max(i - 1, 0) : i]):
            found = _alone(beside.text)
            behind = next((b.text for b in blocks[i + 2 : i + 3] if beside is not top[i - 1]), "")
            if _is_of_inspection(behind):
                return  # "16 January 2018", and under it "During a routine inspection"
            if found and (day := _as_date(found)) and not _menu_by(top, beside) and day not in visits:
                yield day


def _alone(line: str) -> re.Match[str] | None:
    return (_ALONE.fullmatch(line) or _SHORT_ALONE.fullmatch(line)) if len(line) < _SHORT else None


def _menu_by(top: Sequence[Block], line: Block) -> bool:
    behind = next((i + 1 for i, block in enumerate(top) if block is line), len(top))
    return behind < len(top) and _MENU.match(top[behind].text) is not None


def _is_title(text: str, title: str) -> bool:
    """Whether a line is the page's title, whatever its quotation marks."""
    return re.findall(r"\w+", text.casefold()) == re.findall(r"\w+", title.casefold())


def _is_of_inspection(text: str) -> bool:
    """Whether a short line says which inspection a day belongs to: "During a routine inspection"."""
    return bool(_OF_INSPECTION.match(text)) and len(text.split()) <= _FEW and not _ANY_DAY.search(text)


def _visits(blocks: Sequence[Block]) -> set[date]:
    """The days on which the text says that inspectors were there."""
    return {
        day
        for block in blocks
        for sentence in (sentences(block.text) if _VISITING.search(block.text) else ())
        if _VISITING.search(sentence)
        and not re.search(r"\b(?:publish|today|report out)", sentence, re.IGNORECASE)
        for found in _ANY_DAY.finditer(sentence)
        if found.start() and (day := _as_date(found))
    }


def _said_today(blocks: Iterable[Block]) -> Iterator[date]:
    for block in blocks:
        found = _TODAY.search(block.text)
        if found and (day := _as_date(found)):
            yield day


def _updated(head: Iterable[Block]) -> Iterator[date]:
    """The day of an update that follows a story's place or first words, on the same line."""
    for block in head:
        found = _UPDATED.search(block.text[:200])
        if found and (day := _as_date(found)):
            yield day


def _in_title(title: str) -> Iterator[date]:
    """The day at the start of a title, at the end (blog posts, judgments), or before the report's author."""
    if found := _ANY_DAY.match(title):
        rest = title[found.end() :].lstrip(" :|–—-")
        found = None if _is_of_inspection(rest) or _MEETING.search(rest) else found
    else:
        title = title[-_LONGEST_TITLE:]
        found = _SERIES.search(title) or _OF_JUDGMENT.search(title) or _BY_INSPECTORS.search(title)
    if found and (day := _as_date(found)):
        yield day


def only_dates(text: str) -> bool:
    """Whether a paragraph says when a page was published or updated, and perhaps by whom, and nothing else."""
    line = text.strip()
    return len(line) < _LONGEST_LINE and any(pattern.fullmatch(line) for pattern in (_ALONE, _IMPRINT))


def dated_title(title: str) -> bool:
    """Whether a title begins with a day, as those of bulletins and diaries do."""
    return _ANY_DAY.match(title) is not None


def year_of_address(url: str) -> int | None:
    """The year in an address such as "/2019/05/", which is good enough to tell which scale was in force."""
    found = _IN_ADDRESS.search(url)
    return int(found[1]) if found else None


def date_parts(found: re.Match[str]) -> tuple[int, int, int]:
    """Year, month and day of a match whose groups are y1, m1, d1 and so on; 0 where it names none."""
    groups = {k[0]: v for k, v in found.groupdict().items() if v is not None and k[-1].isdecimal()}
    month = groups.get("m", "0").casefold()
    number = MONTHS.get(month[:3]) or (int(month) if month.isdecimal() else 0)
    return int(groups["y"]), number, int(groups.get("d", "0"))


def _as_date(found: re.Match[str]) -> date | None:
    year, month, day = date_parts(found)
    try:
        return date(year if year >= _CENTURY else _CENTURIES + year, month, day)
    except ValueError:
        return None


# -- the visit --------------------------------------------------------------------------------------------

_NUMBER: Final = r"\d{1,2}(?:st|nd|rd|th)?"
_TO: Final = r"(?: and | to | until |, | ?[-–—/&] ?)"
_DAYS: Final = rf"(?:{_NUMBER}(?:{_TO}{_NUMBER}){{0,3}} (?:of )?)?"
_MONTHS_NAMED: Final = (
    rf"(?P<when>(?:(?:late|early|mid)[ -])?{_WEEKDAY}{_DAYS}{_MONTH}(?: (?P<a>\d{{4}}))?"
    rf"(?P<last>(?:{_TO}{_WEEKDAY}{_DAYS}{_MONTH}){{0,3}})(?:,? (?P<year>\d{{4}}))?)(?!\w)"
)
_WHEN: Final = re.compile(
    rf"\b(?:on|in|between|during|from|of|dates?|inspected)\b:? (?:the )?{_MONTHS_NAMED}", re.IGNORECASE
)
_VISIT_LABEL: Final = re.compile(
    rf"^\W*(?:inspection dates?|dates? of (?:the |this )?(?:inspection|visit)|inspected(?: on)?|visit dates?|fieldwork)\s*[:|]?\s+{_MONTHS_NAMED}",
    re.IGNORECASE,
)
_INSPECTING: Final = re.compile(
    r"\b(?:inspect(?:ed|ions?|ing)|re-?inspect(?:ed|ion)|fieldwork)\b", re.IGNORECASE
)
_COMING: Final = re.compile(
    r"\b(?:visit(?:ed)?|looked at|examined|came|conducted|carried out|returned|spent)\b", re.IGNORECASE
)
_JUDGE: Final = re.compile(
    r"\b(?:inspect\w{2,6}|ofsted|estyn|cqc|hm[a-z]{1,6}|rqia|ciw|care quality commission|regulator|watchdog|we|rated|ratings?|grades?)\b",
    re.IGNORECASE,
)
_NOT_THIS_TIME: Final = re.compile(
    r"\b(?:last (?:inspect\w{1,6}|visit\w{0,3}|full|here|there|time)|previous(?:ly)?|earlier|prior|followed|follows|in 20\d\d, when|first|published|"
    r"report(?:ed)? (?:out|of|came)|will|would|next|due|planned|plans?|expect\w{0,3}|scheduled|at (?:that|the) time|(?:had|having) been|had (?:found|judged|rated|given)|(?:inspection|visit|report|one) before|"
    r"since (?:then|the|that|its|our|their)|years? (?:ago|later|earlier)|when (?:it|they|we|inspectors|the \w{1,20}) (?:was|were|had|found|rated|judged))\b",
    re.IGNORECASE,
)
_REPORTED: Final = re.compile(r"\b(?:report|letter|rating|rated|said|announced|told)\b|[;:]", re.IGNORECASE)
_ANOTHER_CLAUSE: Final = re.compile(rf"{_REPORTED.pattern}|\b(?:after|following|before|to)\b", re.IGNORECASE)
_NEAR: Final = 110  # characters between the visit and its time
_LONGEST_SENTENCE: Final = 1_000  # characters; more are a page without full stops
_ONE_PROGRAMME: Final = 120  # days; visits further apart are two inspections


def inspected(sentences: Iterable[str]) -> tuple[Claim | None, date | None]:
    """The time of the visit in the text's words, and its last day if the year is given.

    Only the visit that the text is about; if the text dates two visits that are far apart, neither.
    """
    visits = [claim for sentence in sentences if (claim := _visit(sentence))]
    days = [day for _, day in visits if day]
    if not visits or (days and (max(days) - min(days)).days > _ONE_PROGRAMME):
        return None, None
    return visits[0]


def _visit(sentence: str) -> tuple[Claim, date | None] | None:
    if len(sentence) > _LONGEST_SENTENCE or _NOT_THIS_TIME.search(sentence):
        return None
    found = _VISIT_LABEL.match(sentence)
    if found is None:
        found = next((m for m in _WHEN.finditer(sentence) if _is_visits(sentence, m)), None)
    if found is None:
        return None
    words = found["when"].strip(" .")
    # "May" without a capital is a verb.
    if not words[0].isupper() and not words[0].isdigit() and not re.match(r"late|early|mid", words):
        return None
    return Claim(value=words, evidence=sentence), _last_day(found)


def _is_visits(sentence: str, when: re.Match[str]) -> bool:
    """Whether a time in a sentence is that of the inspectorate's visit, not of its report."""
    verbs = [m.span() for m in _INSPECTING.finditer(sentence)]
    if _JUDGE.search(sentence):
        verbs += [m.span() for m in _COMING.finditer(sentence)]
    for start, end in verbs:
        if end <= when.start():
            near = end + _NEAR >= when.start() and not _REPORTED.search(sentence, end, when.start())
        else:  # "In January inspectors looked at ..."
            near = when.end() + _NEAR // 2 >= start and not _ANOTHER_CLAUSE.search(
                sentence, when.end(), start
            )
        if near:
            return True
    return False


def _last_day(found: re.Match[str]) -> date | None:
    year = found["year"] or found["a"]
    if year is None or (found["last"] and not found["year"]):
        return None
    last = list(
        re.finditer(
            rf"(?:(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?)?({_MONTH})(?!\w)", found["when"], re.IGNORECASE
        )
    )[-1]
    month = MONTHS[last[2][:3].casefold()]
    length = monthrange(int(year), month)[1]
    day = int(last[1]) if last[1] else length
    return date(int(year), month, day) if 1 <= day <= length else None
