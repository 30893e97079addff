"""A record of a publisher's data as a page and a reading, so that it is filed as any report is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from digest.items import Page
from digest.providers import normal_name
from digest.ratings import OVERALL
from digest.records import UNCOMPARED, Cause, Graded, Origin, Record
from digest.reports import Claim, Direction, Judgement, Kind, Reading, Report


def record_page(record: Record, url: str, now: datetime) -> Page:
    """The record as text. It is stored as evidence, as a fetched page is.

    Its link leads to the page for readers, or else to the call that brought it, or to the source's `url`.
    """
    return Page(
        url=record.link or (record.place.document if _is_call(record) else url),
        body=record.text.encode(),
        content_type="text/plain; charset=utf-8",
        fetched_at=now,
    )


def _is_call(record: Record) -> bool:
    return record.place.document.startswith(("http://", "https://"))


def record_reading(record: Record, *, visited: bool = True) -> Reading:
    """What a record states. Each grade is quoted by its line of the record's text.

    `visited`: its inspectorate visits those that it grades. Else no new grade is after an inspection.
    """
    overall = next((one for one in record.grades if one.aspect == OVERALL), None)
    report = Report(
        provider=record.subject.name,
        provider_id=record.provider,
        scale=record.scale,
        overall=_claim(overall),
        previous=_previous(overall),
        direction=_direction(record),
        judgements=tuple(_judgement(one) for one in record.grades if one.aspect != OVERALL),
        inspected_on=record.inspected_on,
    )
    return Reading(
        kind=Kind.INSPECTION,
        inspectorate=record.inspectorate,
        published=record.published_on,
        title=record.subject.name,
        reports=(report,),
        text=record.text,
        number=record.number,
        origin=Origin(
            place=record.place,
            key=record.key,
            cause=Cause.ASSESSMENT if record.cause is Cause.INSPECTION and not visited else record.cause,
            inherited_from=record.inherited_from,
        ),
    )


def _claim(overall: Graded | None) -> Claim | None:
    return Claim(value=overall.grade, evidence=overall.line) if overall else None


def _previous(overall: Graded | None) -> Claim | None:
    if overall is None or overall.previous is None:
        return None
    return Claim(value=overall.previous, evidence=overall.line)


def _direction(record: Record) -> Claim | None:
    """A predecessor's own grade, or one on another scale than before, is no movement."""
    if record.cause not in UNCOMPARED or not record.grades:
        return None
    return Claim(value=Direction.NOT_COMPARABLE.value, evidence=record.grades[0].line)


def _judgement(one: Graded) -> Judgement:
    return Judgement(aspect=one.aspect, grade=one.grade, previous=one.previous, evidence=one.line)


def has_text(record: Record) -> bool:
    """Whether the text behind a record is the report that its grades are from.

    For any other cause than an inspection, the text is an earlier report, and may state the earlier grade.
    """
    return record.text_link is not None and record.cause in {None, Cause.INSPECTION}


def with_text(reading: Reading, said: Reading) -> Reading:
    """A record's reading with the findings, quotes, lead and visit that its report's text tells.

    The grades stay the record's. Where the text states another one, both are told to operators.
    """
    [own] = reading.reports
    told = _about(own, said.reports)
    if told is None:
        return replace(reading, lead=said.lead)
    assert reading.origin is not None
    report = replace(
        own,
        findings=told.findings,
        quotes=told.quotes,
        inspected=told.inspected,
        inspected_on=own.inspected_on or told.inspected_on,
        caseload=told.caseload,
    )
    return replace(
        reading,
        published=reading.published or said.published,
        reports=(report,),
        lead=said.lead,
        links=said.links,
        text=f"{reading.text}\n\n{said.text}",
        origin=replace(reading.origin, differs=tuple(_differences(own, told))),
    )


def _about(own: Report, told: Sequence[Report]) -> Report | None:
    """The text's report of the record's provider: the one of that name, or the only one."""
    name = normal_name(own.provider or "")
    named = [one for one in told if one.provider and normal_name(one.provider) == name]
    if len(named) == 1 or len(told) == 1:
        return (named or told)[0]
    return None


def _differences(own: Report, told: Report) -> Iterator[str]:
    """Each grade of which record and text state different ones, with the words of both."""
    if own.scale != told.scale:
        return
    grades = {judgement.aspect: judgement for judgement in own.graded()}
    for other in told.graded():
        mine = grades.get(other.aspect)
        if mine is not None and mine.grade != other.grade:
            subject = "" if mine.aspect == OVERALL else f"{mine.aspect}: "
            yield (
                f"{subject}the data says {mine.grade} ({mine.evidence}); "
                f"the report says {other.grade} (“{other.evidence[:_QUOTED]}”)"
            )


_QUOTED: Final = 300  # characters of a sentence that operators are shown
