"""What stands later under an address that was read: pages of four inspectorates, and the right answer.

Each case has what the source lists and the page says first, what both say some days later, and what must come
of it: a new report, a correction, a question to operators, or no more than a version. The wordings follow the
public pages of HM Inspectorate of Probation, Ofsted, the Care Quality Commission and the Care Inspectorate;
names and figures are made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from digest.providers import Provider


class Right(StrEnum):
    """What must come of the later page."""

    NEW = "a new report"
    CORRECTION = "a correction"
    QUESTION = "a question to operators"
    VERSION = "a version at most"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One entry, and the page at its address."""

    page: str
    title: str
    date: str = "Mon, 23 Nov 2026 08:30:00 GMT"
    updated: str | None = None  # an Atom feed has both
    text: str = ""
    guid: str = "provider-17"
    link: str | None = "/report/oakshire/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An address that is used again, or is not."""

    first: Listed
    then: Listed
    days: int  # from the first reading to the second
    right: Right
    moves: tuple[str | None, str] | None = None  # the overall grade before and after, of a new report
    down: tuple[int, ...] = ()  # days since the second listing on which the pages do not answer
    baseline: bool = False  # the entry stands in the first list already, and is not read then


def oakshire(
    grade: str | None = "Good",
    visited: str | None = "between 5 and 9 October 2026",
    published: str | None = "23 November 2026",
    number: str | None = None,
    more: str = "",
    unit: str = "Oakshire PDU",
) -> str:
    """A page of HM Inspectorate of Probation."""
    rated = f"We rated {unit} overall as ‘{grade}’. " if grade else "This inspection gives no rating. "
    visit = f"Inspectors carried out fieldwork at the unit {visited}. " if visited else ""
    return _page(
        f"An inspection of probation services in {unit}",
        f"<p>Published: {published}</p>" if published else "",
        f"<p>HM Inspectorate of Probation has inspected {unit}. {rated}{visit}{more}</p>",
        "<p>Leaders know their caseload well, and staff feel supported. Too little attention is given to the "
        "safety of other people, and assessments do not draw on all that is known.</p>",
        f"<p>Report number: {number}</p>" if number else "",
    )


def elm_school(
    grade: str = "Good",
    dates: str | None = "6 and 7 October 2026",
    number: str | None = "10381234",
    more: str = "",
    before: str | None = None,
) -> str:
    """A page of an Ofsted report with an overall grade."""
    return _page(
        "Elm Lane Children's Home - Ofsted inspection report",
        f"<p>Ofsted inspected Elm Lane Children's Home{f' on {dates}' if dates else ''}. Elm Lane Children's "
        f"Home is rated {grade} overall.</p>",
        f"<p>Overall judgement at last inspection: {before}</p>" if before else "",
        "<p>Children settle well and make progress from their starting points. Staff know each child. "
        f"Records of incidents do not always say what was learnt. {more}</p>",
        f"<p>Inspection number: {number}</p>" if number else "",
    )


def rowan_house(
    grade: str = "4 - Good", took_place: str | None = "6 and 7 October 2026", more: str = ""
) -> str:
    """A page of the Care Inspectorate."""
    visit = f"This was an unannounced inspection which took place on {took_place}. " if took_place else ""
    words = grade.partition(" - ")[2].lower()
    return _page(
        "Rowan House: inspection report",
        f"<p>The Care Inspectorate has inspected Rowan House. {visit}</p><h2>Evaluations</h2>"
        f"<p>How well do we support people's wellbeing? {grade}</p>"
        f"<p>Rowan House was rated {words} for wellbeing.</p>",
        "<p>People were treated with warmth, and staff knew how each person wished to live. Personal plans "
        f"were not always up to date. {more}</p>",
    )


def hazel_court(
    grade: str = "Good",
    assessed: str | None = "from 6 October to 14 October 2026",
    published: str = "23 November 2026",
    more: str = "",
) -> str:
    """A page of the Care Quality Commission."""
    visit = f"We carried out our on-site inspection {assessed}. " if assessed else ""
    return _page(
        "Hazel Court - Care Quality Commission",
        f"<p>Published: {published}</p>",
        f"<p>The Care Quality Commission (CQC) has inspected Hazel Court. {visit}The overall rating of Hazel "
        f"Court is {grade}.</p>",
        "<p>People were safe and were protected from avoidable harm. There were enough staff. Medicines were "
        f"not always recorded when they were given. {more}</p>",
    )


def _page(title: str, *parts: str) -> str:
    return f"<!doctype html><title>{title}</title><main><h1>{title}</h1>{''.join(parts)}</main>"


REGISTER: Final = (
    Provider(id="oakshire-pdu", name="Oakshire PDU", kind="PDU", inspectorate="hmi-probation"),
    Provider(id="birchshire-pdu", name="Birchshire PDU", kind="PDU", inspectorate="hmi-probation"),
    Provider(id="elm-lane", name="Elm Lane Children's Home", kind="home", inspectorate="ofsted"),
    Provider(id="rowan-house", name="Rowan House", kind="home", inspectorate="care-inspectorate"),
    Provider(id="hazel-court", name="Hazel Court", kind="home", inspectorate="cqc"),
)

OAKSHIRE: Final = Listed(page=oakshire(), title="Oakshire PDU")
ELM: Final = Listed(page=elm_school(), title="Elm Lane Children's Home")
ROWAN: Final = Listed(page=rowan_house(), title="Rowan House")
HAZEL: Final = Listed(page=hazel_court(), title="Hazel Court")

OF_2028: Final = oakshire("Inadequate", "between 6 and 10 March 2028", "15 May 2028")
IN_2028: Final = "Mon, 15 May 2028 08:30:00 GMT"
YEAR_AND_A_HALF: Final = 539  # days from 23 November 2026 to 15 May 2028
UNDATED: Final = replace(OAKSHIRE, page=oakshire(visited=None, published=None))


def _then(first: Listed, page: str, **facts: str) -> Listed:
    return replace(first, page=page, **facts)


def _at_once(page: str, right: Right, first: Listed = OAKSHIRE, days: int = 1) -> Case:
    """The page is another when it is looked at next; the feed says nothing of it."""
    return Case(first=first, then=_then(first, page), days=days, right=right)


def _later(page: str, right: Right, first: Listed = OAKSHIRE, days: int = 60, **moves: str) -> Case:
    """The entry says something else, or has another date."""
    facts = moves or {"text": "This page was changed."}
    return Case(first=first, then=_then(first, page, **facts), days=days, right=right)


def _next(first: Listed, page: str, moves: tuple[str | None, str], **facts: str) -> Case:
    """The next inspection's report, a year and a half later."""
    then = _then(first, page, **(facts or {"date": IN_2028}))
    return Case(first=first, then=then, days=YEAR_AND_A_HALF, right=Right.NEW, moves=moves)


NEXT_INSPECTIONS: Final[Mapping[str, Case]] = {
    "the next report under a fixed address": _next(OAKSHIRE, OF_2028, ("good", "inadequate")),
    "the feed has another text, and the date of the first report": _next(
        OAKSHIRE, OF_2028, ("good", "inadequate"), text="We found much to improve."
    ),
    "the entry has a new title and a new date": _next(
        OAKSHIRE, OF_2028, ("good", "inadequate"), title="Oakshire PDU: a new inspection", date=IN_2028
    ),
    "the id is the provider's, and each report has an address": _next(
        OAKSHIRE, OF_2028, ("good", "inadequate"), date=IN_2028, link="/media/2028/oakshire.html"
    ),
    "only the time of the update moves": _next(
        replace(OAKSHIRE, updated="2026-11-23T08:30:00Z"),
        OF_2028,
        ("good", "inadequate"),
        updated="2028-05-15T08:30:00Z",
    ),
    "the same grade again": _next(
        OAKSHIRE, oakshire("Good", "between 6 and 10 March 2028", "15 May 2028"), ("good", "good")
    ),
    "visits are given by month alone": _next(
        replace(OAKSHIRE, page=oakshire(visited="in October 2026")),
        oakshire("Inadequate", "in March 2028", "15 May 2028"),
        ("good", "inadequate"),
    ),
    "another report number, and no date": _next(
        replace(UNDATED, page=oakshire(visited=None, published=None, number="HMIP-2026-114")),
        oakshire("Inadequate", None, None, number="HMIP-2028-031"),
        ("good", "inadequate"),
    ),
    "another day of publication, which the feed gives as well": _next(
        replace(OAKSHIRE, page=oakshire(visited=None)),
        oakshire("Inadequate", None, "15 May 2028"),
        ("good", "inadequate"),
    ),
    "the first report dates no visit": _next(UNDATED, OF_2028, ("good", "inadequate")),
    "the next inspection gives no rating": Case(
        first=OAKSHIRE,
        then=_then(OAKSHIRE, oakshire(None, "between 6 and 10 March 2028", "15 May 2028"), date=IN_2028),
        days=YEAR_AND_A_HALF,
        right=Right.NEW,
    ),
    "inspected again within weeks": _later(
        oakshire("Inadequate", "between 30 November and 1 December 2026", "8 December 2026"),
        Right.NEW,
        days=16,
        date="Tue, 08 Dec 2026 08:30:00 GMT",
    ),
    "a children's home is inspected again": _next(
        ELM, elm_school("Outstanding", "7 and 8 March 2028", "10459876"), ("good", "outstanding")
    ),
    "a care home in Scotland is inspected again": Case(
        first=ROWAN,
        then=_then(ROWAN, rowan_house("5 - Very Good", "7 and 8 March 2028"), date=IN_2028),
        days=YEAR_AND_A_HALF,
        right=Right.NEW,
    ),
    "a care home in England is assessed again": _next(
        HAZEL,
        hazel_court("Requires improvement", "from 7 March to 10 March 2028", "15 May 2028"),
        ("good", "requires improvement"),
    ),
    "a care home keeps its grade": _next(
        HAZEL, hazel_court("Good", "from 7 March to 10 March 2028", "15 May 2028"), ("good", "good")
    ),
    "an address of the latest report, whosever it is": Case(
        first=replace(OAKSHIRE, title="Our latest report"),
        then=Listed(
            page=oakshire("Inadequate", "between 6 and 10 March 2028", "15 May 2028", unit="Birchshire PDU"),
            title="Our latest report",
            date=IN_2028,
            text="On Birchshire.",
        ),
        days=YEAR_AND_A_HALF,
        right=Right.NEW,
    ),
    "an entry without a link tells of the next inspection": Case(
        first=Listed(page="", title="Oakshire PDU", text=oakshire(), link=None),
        then=Listed(page="", title="Oakshire PDU", text=OF_2028, link=None, date=IN_2028),
        days=YEAR_AND_A_HALF,
        right=Right.NEW,
        moves=("good", "inadequate"),
    ),
    "an entry of the baseline gets its next report": Case(
        first=OAKSHIRE,
        then=_then(OAKSHIRE, OF_2028, date=IN_2028),
        days=YEAR_AND_A_HALF,
        right=Right.NEW,
        baseline=True,
    ),
}

MENDED: Final[Mapping[str, Case]] = {
    "a grade is mended the next day": _at_once(oakshire("Requires improvement"), Right.CORRECTION),
    "a grade is mended, and the page dated three days later": _at_once(
        oakshire("Requires improvement", published="26 November 2026"), Right.CORRECTION, days=6
    ),
    "an amended report of the same number": _at_once(
        elm_school("Requires improvement to be good", more="This report was amended after publication."),
        Right.CORRECTION,
        first=ELM,
        days=6,
    ),
    "a grade is mended on a page without dates": _at_once(
        oakshire("Requires improvement", None, None), Right.CORRECTION, first=UNDATED
    ),
    "an entry without a link is mended": Case(
        first=Listed(page="", title="Oakshire PDU", text=oakshire(), link=None),
        then=Listed(page="", title="Oakshire PDU", text=oakshire("Requires improvement"), link=None),
        days=1,
        right=Right.CORRECTION,
    ),
    "the server is down when the edit is noticed": Case(
        first=OAKSHIRE,
        then=_then(OAKSHIRE, oakshire("Requires improvement"), text="Corrected."),
        days=20,
        right=Right.CORRECTION,
        down=(0,),
    ),
}

WORDS: Final[Mapping[str, Case]] = {
    "words are mended the next day": _at_once(oakshire(more="A name was mended."), Right.VERSION),
    "words are mended after months": _later(oakshire(more="A name was mended."), Right.VERSION),
    "words of a Scottish report are mended": _at_once(
        rowan_house(more="A link was mended."), Right.VERSION, ROWAN
    ),
    "the visit was a day longer": _at_once(oakshire(visited="between 5 and 10 October 2026"), Right.VERSION),
    "a digit of the report's number is mended": _at_once(
        elm_school(number="10381235"), Right.VERSION, first=ELM
    ),
    "a new site dates all pages again": _later(
        oakshire(published="15 May 2028"), Right.VERSION, days=YEAR_AND_A_HALF, date=IN_2028
    ),
    "the feed is dated again and the page is as it was": _later(
        oakshire(), Right.VERSION, days=YEAR_AND_A_HALF, date=IN_2028
    ),
    "words change on a page without dates": _later(
        oakshire(visited=None, published=None, more="A name was mended."),
        Right.VERSION,
        first=UNDATED,
        days=200,
        date="Fri, 11 Jun 2027 08:30:00 GMT",
    ),
    "an entry without a link has another wording": Case(
        first=Listed(page="", title="Oakshire PDU", text=oakshire(), link=None),
        then=Listed(page="", title="Oakshire PDU", text=oakshire(more="A name was mended."), link=None),
        days=60,
        right=Right.VERSION,
    ),
    "an entry of the baseline is dated again, and its page tells of an old inspection": Case(
        first=OAKSHIRE,
        then=_then(
            OAKSHIRE, oakshire("Inadequate", "between 2 and 6 March 2026", "15 May 2026"), date=IN_2028
        ),
        days=YEAR_AND_A_HALF,
        right=Right.VERSION,
        baseline=True,
    ),
}

UNSURE: Final[Mapping[str, Case]] = {
    "a grade changes after two months, and nothing else": _later(oakshire("Inadequate"), Right.QUESTION),
    "a grade changes after months on a page without dates": _later(
        oakshire("Inadequate", None, None), Right.QUESTION, first=UNDATED, days=200
    ),
    "the grade of before is named as the former one": _later(
        elm_school("Outstanding", None, None, before="Good"),
        Right.QUESTION,
        first=replace(ELM, page=elm_school(dates=None, number=None)),
        days=20,
    ),
    "the page is dated a year later, the feed is not": _later(
        oakshire("Inadequate", None, "15 May 2028"),
        Right.QUESTION,
        first=replace(OAKSHIRE, page=oakshire(visited=None)),
        days=YEAR_AND_A_HALF,
    ),
    "all is dated again, the visit is the same, and the grade another": _later(
        oakshire("Inadequate", published="15 May 2028"), Right.QUESTION, days=YEAR_AND_A_HALF, date=IN_2028
    ),
    "another number and another grade for the same visit": _at_once(
        elm_school("Inadequate", number="10459876"), Right.QUESTION, first=ELM
    ),
    "the visit is months later and before the report was published": _at_once(
        oakshire("Good", "between 5 and 9 October 2026"),
        Right.QUESTION,
        first=replace(OAKSHIRE, page=oakshire(visited="between 4 and 8 May 2026")),
    ),
    "an earlier inspection comes back with its grade": _at_once(
        oakshire("Inadequate", "between 5 and 9 June 2023", "4 September 2023"), Right.QUESTION
    ),
    "the rating is gone": _at_once(oakshire(None), Right.QUESTION),
    "the rating is gone after months": _later(oakshire(None), Right.QUESTION),
    "a grade changes after two months at a care home": _later(
        hazel_court("Requires improvement"), Right.QUESTION, first=HAZEL
    ),
}

ALL: Final[Mapping[str, Case]] = {**NEXT_INSPECTIONS, **MENDED, **WORDS, **UNSURE}
