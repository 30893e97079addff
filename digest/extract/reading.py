"""Reading a page: the reading, the reasons for what was left out of it, and its JSON.

Pure: the page, the scales and the register's names are all that it knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from digest.errors import ParseError
from digest.extract.blocks import BlockKind, sentences
from digest.extract.cast import Named
from digest.extract.dates import YEAR, inspected, only_dates, published_on, year_of_address
from digest.extract.facts import caseload, quotes
from digest.extract.findings import findings
from digest.extract.genre import (
    Opening,
    Subject,
    announces,
    bound,
    is_of_an_encyclopedia,
    is_on_an_inspection,
    opening_of,
    subject_of,
)
from digest.extract.judges import inspectorate_of, is_own_address, rivals_of, scale_of
from digest.extract.layout import Layout, ratings_by_layout
from digest.extract.maintext import MainText, main_text
from digest.extract.movements import MovementClaim
from digest.extract.names import cast_of
from digest.extract.phrases import Text
from digest.extract.prose import Place, Sentence, prose_of
from digest.extract.records import Record, record_of
from digest.extract.report_number import report_number
from digest.extract.statements import Binding, Statement
from digest.extract.statements_of_text import StatementsOfText, statements_of_text
from digest.extract.times import When
from digest.extract.withdrawal import read_as_withdrawal
from digest.items import Page
from digest.providers import Register, normal_name
from digest.ratings import Inspectorate, Inspectorates, Scale
from digest.reports import Claim, Dropped, Kind, Reading, Report

_LONGEST_OPENING: Final = 3_000  # characters of a title or lead: more is a page without full stops
_MOST_SHARED: Final = 100_000  # statements about all bodies, times bodies: no real text has so many
_LONGEST: Final = 500_000  # characters of main text: twice the longest report


def read(
    page: Page,
    *,
    inspectorates: Inspectorates,
    register: Register,
    official: bool | None = None,
    main: MainText | None = None,
) -> Reading:
    """What a page says of inspections: who was inspected, the ratings, their movement and the findings.

    `official`: the page is the inspectorate's own; None: decide by the page's address. The evidence of every
    claim is a literal part of the reading's `text`. What the text leaves in doubt is left out. The rating
    history is not used. `main`: the page's main text, if it is known already. `ParseError` if the page is not
    text or has no words.
    """
    main = main or main_text(page)
    if len(main.text) > _LONGEST:
        raise ParseError(f"a text of {len(main.text):,} characters; a report has at most {_LONGEST:,}")
    published = published_on(main.dates, main.title, main.blocks)
    whole = Text(f"{main.title}\n{main.text}")
    judge = inspectorate_of(whole, page.url, inspectorates)
    cast = cast_of(main.blocks, register, judge.bodies if judge else (), judge)
    year = published.year if published else year_of_address(page.url)
    page_year = year or _latest_year(main.text, page.fetched_at.year)
    scale = scale_of(judge, year, main.text, named=page_year) if judge else None
    own = bool(judge) and (is_own_address(judge, page.url) if official is None else official)
    layout = ratings_by_layout(main, scale, judge=judge, year=year) if judge and scale else Layout()
    prose = prose_of(main, layout.taken, layout.past)
    stated = (
        statements_of_text(
            prose,
            scale,
            cast,
            judge,
            rivals_of(judge, inspectorates, whole),
            page_year,
            layout.grades,
            modern=_is_modern(scale, year),
            ours=own or len(whole.those_of(judge.marks)) > 1,  # a single mark may be a quotation
        )
        if judge and scale
        else StatementsOfText()
    )
    lead = _lead(main)
    opening = opening_of(main.title[:_LONGEST_OPENING], (lead or "")[:_LONGEST_OPENING], cast)
    subject = subject_of(opening, prose, cast, stated, official=own)
    if not own and is_of_an_encyclopedia(page.url, main.text):
        subject = Subject(kind=Kind.OTHER, providers=())
    case = _Case(
        main=main,
        prose=prose,
        opening=opening,
        stated=stated,
        judge=judge,
        scale=scale,
        several=cast.several,
        published_year=published.year if published else None,
        page_year=page_year,
        official=own,
    )
    kind, reports, body_records = _reports(subject, case)
    reading = Reading(
        kind=kind,
        inspectorate=judge.key if judge else None,
        published=published,
        title=main.title,
        reports=reports,
        lead=lead,
        links=main.links,
        text=main.text,
        dropped=dropped(stated.statements, body_records),
        number=report_number(block.text for block in main.blocks),
    )
    return read_as_withdrawal(reading, judge=judge, cast=cast, official=own)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """All that was found in one text, from which we decide what it announces."""

    main: MainText
    prose: Sequence[Sentence]
    opening: Opening
    stated: StatementsOfText
    several: bool  # the text is about inspections of several bodies, one after the other
    judge: Inspectorate | None
    scale: Scale | None
    published_year: int | None
    page_year: int | None
    official: bool


def _latest_year(text: str, now: int) -> int | None:
    """The latest year that a text names: it was written in that year or later."""
    return max((year for found in YEAR.findall(text) if (year := int(found)) <= now), default=None)


def _is_modern(scale: Scale | None, year: int | None) -> bool:
    return bool(scale and year and scale.valid_from and year >= scale.valid_from.year)


def _lead(main: MainText) -> str | None:
    """The first two sentences of the running text; a line that only gives its date does not count."""
    for block in main.blocks:
        if block.kind is BlockKind.PARAGRAPH and block.text != main.title and not only_dates(block.text):
            first = sentences(block.text)[:2]
            if first:
                end = block.text.find(first[-1]) + len(first[-1])
                return block.text[block.text.find(first[0]) : end]
    return None


def _reports(subject: Subject, case: _Case) -> tuple[Kind, tuple[Report, ...], tuple[BodyRecord, ...]]:
    if case.judge is None or subject.kind in {Kind.THEMATIC, Kind.OTHER}:
        return subject.kind, (), ()
    scales = case.judge.scales
    key = case.scale.key if case.scale else scales[0].key if scales else ""
    alone = len(subject.providers) <= 1 and not (case.several or subject.more)
    reports = []
    body_records = []
    silenced = False
    asserted = case.stated.asserted
    stated, claimed = _Shares(asserted), _Shares(case.stated.claims)
    opening = [s for s in case.prose if s.place in {Place.FIRST, Place.LEAD}]
    told_first = [s.status for s in case.stated.statements if s.place is Place.FIRST]
    on_an_inspection = is_on_an_inspection(case.opening, opening)
    for provider in subject.providers or (None,):
        statements, claims = asserted, case.stated.claims
        if not alone and provider is not None:
            statements = tuple(asserted[place] for place in stated.of(provider))
            claims = tuple(claims[place] for place in claimed.of(provider))
        about = _about(provider, statements, alone=alone)
        record = Record()
        announced = False
        if case.scale is not None:
            if case.official:
                announced = on_an_inspection
            else:
                announced = announces(
                    case.opening,
                    opening,
                    about,
                    laid_out=any(s.laid_out for s in about),
                    named=provider is not None,
                    general_first=bool(told_first) and all(told_first),
                    alone=alone,
                )
            if announced:
                record = record_of(
                    about,
                    [c for c in claims if c.everyone or _is_claimed_of(c.who, provider, alone=alone)],
                    scale=case.scale,
                    published_year=case.published_year,
                    page_year=case.page_year,
                )
            else:
                silenced = silenced or any(s.when is not When.THEN for s in about)
        body_records.append(BodyRecord(about=tuple(about), record=record if announced else None))
        reports.append(
            Report(
                provider=provider.name if provider else None,
                scale=key,
                overall=record.overall,
                previous=record.previous,
                direction=record.direction,
                judgements=record.judgements,
            )
        )
    if silenced and not any(r.rated for r in reports):
        return Kind.OTHER, (), tuple(body_records)
    if alone:
        # In a text about several providers we cannot tell whose a fact is; with one, all facts are its own.
        running = [sentence.text for sentence in case.prose if not sentence.heading]
        visit, last_day = inspected(running)
        reports[0] = replace(
            reports[0],
            findings=findings(case.main.blocks, title=case.main.title),
            quotes=quotes(case.main.blocks),
            inspected=visit,
            inspected_on=last_day,
            caseload=caseload(running),
        )
    return subject.kind, tuple(reports), tuple(body_records)


class _Shares:
    """Where a text speaks of each body, found in a single pass: a page may name thousands."""

    def __init__(self, stated: Iterable[Statement | MovementClaim]) -> None:
        self._of_everyone: list[int] = []
        self._named: dict[str, list[int]] = {}
        for place, one in enumerate(stated):
            if one.everyone:
                self._of_everyone.append(place)
            else:
                for name in {normal_name(n.name) for n in one.who}:
                    self._named.setdefault(name, []).append(place)

        if len(self._of_everyone) * len(self._named) > _MOST_SHARED:
            self._of_everyone = []

    def of(self, provider: Named) -> list[int]:
        """The places that may be about it, in the order of the text; places that name nobody are left out."""
        return sorted((*self._of_everyone, *self._named.get(normal_name(provider.name), ())))


def _about(provider: Named | None, stated: Iterable[Statement], *, alone: bool) -> list[Statement]:
    """The statements that are asserted and bound to one body."""
    return [
        s
        for s in stated
        if (s.everyone and not alone) or (not s.everyone and bound(s, provider, alone=alone))
    ]


def _is_claimed_of(who: Iterable[Named], provider: Named | None, *, alone: bool) -> bool:
    names = {normal_name(n.name) for n in who}
    return alone if not names else provider is not None and normal_name(provider.name) in names


_ELSE: Final = "said of another body, or of a part of one"
_NOT_ANNOUNCED: Final = "mentioned, not announced"
_NO_REPORT: Final = "the text announces no inspection"
_UNBOUND: Final = "no word says surely which body it is of"
_BEFORE: Final = "of an earlier inspection"
_TWO_WAYS: Final = "the text tells it two ways"


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyRecord:
    """The statements about one body, and the record made from them; None if none was to be made."""

    about: tuple[Statement, ...]
    record: Record | None


def dropped(statements: Iterable[Statement], body_records: Sequence[BodyRecord]) -> tuple[Dropped, ...]:
    """Every statement whose grade is in no report, with the reason, in the order of the text."""
    records = _records(body_records) if body_records else None
    found = (
        Dropped(
            grade=s.grade,
            provider=s.who[0].name if s.who else None,
            reason=reason,
            evidence=s.sentence,
        )
        for s in statements
        if (reason := _reason(s, records)) is not None
    )
    return tuple(dict.fromkeys(found))


def _records(body_records: Sequence[BodyRecord]) -> Mapping[Statement, list[Record | None]]:
    """For each statement, the records of the bodies that it is about; built once, for thousands."""
    records: dict[Statement, list[Record | None]] = {}
    for one in body_records:
        for s in dict.fromkeys(one.about):
            records.setdefault(s, []).append(one.record)
    return records


def _reason(s: Statement, records: Mapping[Statement, Sequence[Record | None]] | None) -> str | None:
    if s.status is not None:
        return str(s.status)
    if s.binding is Binding.ELSE:
        return _ELSE
    if records is None:
        return _NO_REPORT
    if s not in records:
        return _UNBOUND
    reasons = [_left_out(s, record) for record in records[s]]
    return None if None in reasons else reasons[0]


def _left_out(s: Statement, record: Record | None) -> str | None:
    """Why a record lacks a statement about its body; None where it has it."""
    if record is None:
        return _NOT_ANNOUNCED
    if s.aspects:
        graded = {j.aspect: (j.grade, j.previous) for j in record.judgements}
        has = all(s.grade in graded.get(aspect, ()) for aspect in s.aspects)
    else:
        has = s.grade in {claim.value for claim in (record.overall, record.previous) if claim}
    if has:
        return None
    return _BEFORE if s.when in {When.THEN, When.DATED} or s.year else _TWO_WAYS


def as_contract(reading: Reading) -> dict[str, Any]:
    """A reading as a JSON object; every key is present, and null where the text does not say.

    `kind` is inspection, multi, thematic or other; grades and scales are named as in the scales' files.
    """
    return {
        "kind": str(reading.kind),
        "inspectorate": reading.inspectorate,
        "published": reading.published.isoformat() if reading.published else None,
        "title": reading.title,
        "reports": [_report(report) for report in reading.reports],
    }


def _report(report: Report) -> dict[str, Any]:
    return {
        "provider": report.provider,
        "scale": report.scale,
        "overall": _value(report.overall),
        "previous": _value(report.previous),
        "direction": str(report.claims),
        "judgements": [
            {"aspect": j.aspect, "grade": j.grade, "previous": j.previous, "evidence": j.evidence}
            for j in report.judgements
        ],
        "findings": [{"heading": f.heading, "kind": str(f.kind), "text": f.text} for f in report.findings],
        "evidence": {
            "overall": _evidence(report.overall),
            "previous": _evidence(report.previous),
            "direction": _evidence(report.direction),
        },
    }


def _value(claim: Claim | None) -> str | None:
    return claim.value if claim else None


def _evidence(claim: Claim | None) -> str | None:
    return claim.evidence if claim else None
