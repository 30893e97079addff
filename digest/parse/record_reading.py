"""A record of a publisher's data as a page and a reading, so that it is filed as any report is."""

from __future__ import annotations

from datetime import datetime

from digest.items import Page
from digest.ratings import OVERALL
from digest.records import Cause, Graded, Origin, Record
from digest.reports import Claim, Direction, Judgement, Kind, Reading, Report


def record_page(record: Record, url: str, now: datetime) -> Page:
    """The record as text. It is stored as evidence, as a fetched page is."""
    return Page(
        url=record.link or url,
        body=record.text.encode(),
        content_type="text/plain; charset=utf-8",
        fetched_at=now,
    )


def record_reading(record: Record) -> Reading:
    """What a record states. Each grade is quoted by its line of the record's text."""
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
            place=record.place, key=record.key, cause=record.cause, inherited_from=record.inherited_from
        ),
    )


def _claim(overall: Graded | None) -> Claim | None:
    return Claim(value=overall.grade, evidence=overall.line) if overall else None


def _previous(overall: Graded | None) -> Claim | None:
    if overall is None or overall.previous is None:
        return None
    return Claim(value=overall.previous, evidence=overall.line)


def _direction(record: Record) -> Claim | None:
    """A grade that is a predecessor's own is no movement of the provider."""
    if record.cause is not Cause.INHERITED or not record.grades:
        return None
    return Claim(value=Direction.NOT_COMPARABLE.value, evidence=record.grades[0].line)


def _judgement(one: Graded) -> Judgement:
    return Judgement(aspect=one.aspect, grade=one.grade, previous=one.previous, evidence=one.line)
