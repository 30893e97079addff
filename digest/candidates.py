"""Candidates from a reading: each report is compared with the ratings before it, and ready for an edition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from digest.changes import Change, Claimed, compare, not_comparable, withdrawals
from digest.edition import Candidate, StoryKey
from digest.items import Item, Page
from digest.providers import Register, provider_id
from digest.ratings import OVERALL, Inspectorates, Rating
from digest.records import RESTATED, UNCOMPARED, register_id
from digest.reports import Claim, Reading, Report
from digest.sources import Authority, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What candidates are compared with: inspectorates and scales, providers, and the ratings we hold."""

    inspectorates: Inspectorates
    register: Register
    history: Mapping[str, Sequence[Rating]]  # by provider id

    def provider_of(self, report: Report) -> str | None:
        """The id of a report's provider; None if the report names none."""
        if report.provider_id is not None:
            known = self.register.get(report.provider_id)
            return known.id if known else report.provider_id
        if report.provider is None:
            return None
        return self.id_of(report.provider)

    def id_of(self, provider: str) -> str:
        """The id of the provider with this name, or the id that a new provider with this name would get."""
        known = self.register.named(provider)
        return known.id if known else provider_id(provider)


def providers_of(reading: Reading, register: Register) -> set[str]:
    """The ids of the providers in a reading. `candidates_of` needs the history of each."""
    reference = Reference(inspectorates=Inspectorates(all=()), register=register, history={})
    return {id for report in reading.reports if (id := reference.provider_of(report)) is not None}


def candidates_of(
    reading: Reading, *, item: int, listed: Item, page: Page, source: Source, reference: Reference
) -> tuple[Candidate, ...]:
    """One candidate for each report of the reading; one without a report if the reading has none.

    Claims, findings and quotes that do not stand word for word in the page's text are left out.
    """
    reports: Sequence[Report | None] = [grounded(r, reading.text) for r in reading.reports] or (None,)
    return tuple(
        _candidate(reading, report, StoryKey(item=item, place=place), listed, page, source, reference)
        for place, report in enumerate(reports)
    )


def grounded(report: Report, text: str) -> Report:
    """The report, without claims, findings and quotes that do not stand word for word in the text."""

    def carried(claim: Claim | None) -> Claim | None:
        return claim if claim and claim.evidence in text else None

    overall = carried(report.overall)
    return replace(
        report,
        overall=overall,
        previous=carried(report.previous) if overall else None,
        direction=carried(report.direction),
        judgements=tuple(j for j in report.judgements if j.evidence in text),
        findings=tuple(f for f in report.findings if f.text in text),
        quotes=tuple(q for q in report.quotes if q.text in text),
    )


def _candidate(  # noqa: PLR0917 -- one call, just above
    reading: Reading,
    report: Report | None,
    key: StoryKey,
    listed: Item,
    page: Page,
    source: Source,
    reference: Reference,
) -> Candidate:
    inspectorate = reference.inspectorates.named(reading.inspectorate or source.inspectorate or "")
    provider = reference.provider_of(report) if report else None
    known = reference.register.get(provider) if provider else None
    published = _published(reading, listed, page.fetched_at)
    scale = reference.inspectorates.scale(report.scale) if report else None
    dated = published or page.fetched_at.date()
    link = _link(report) or page.url
    # Only a text of the inspectorate itself withdraws a rating.
    withdrawn_by_another = report is not None and report.withdraws and source.authority is Authority.BLOG
    return Candidate(
        key=key,
        source=source.id,
        source_name=source.name,
        authority=source.authority,
        kind=reading.kind,
        inspectorate=inspectorate.key if inspectorate else None,
        inspectorate_name=inspectorate.name if inspectorate else None,
        provider=provider,
        provider_name=known.name if known else report.provider if report else None,
        title=listed.title,
        link=link,
        published=published,
        found_at=page.fetched_at,
        report=report,
        changes=()
        if withdrawn_by_another
        else _own(reading, changes_of(report, provider, dated, link, _witnesses(reading, reference))),
        lead=reading.lead,
        links=reading.links,
        by_aspects=scale is not None and not scale.has_overall,
        ungraded=scale is not None and scale.may_lack_grades(dated),
        left_out=_left_out(reading, report, source),
        number=reading.number,
        from_feed=reading.from_feed,
        origin=reading.origin,
        predecessors=_inspected_before(reading, reference),
    )


def _inspected_before(reading: Reading, reference: Reference) -> tuple[str, ...]:
    """The name of the provider whose grades a record states of its successor, if the register knows it."""
    if reading.origin is None or reading.origin.inherited_from is None or reading.inspectorate is None:
        return ()
    known = reference.register.get(register_id(reading.inspectorate, reading.origin.inherited_from))
    return (known.name,) if known else ()


def _witnesses(reading: Reading, reference: Reference) -> Reference:
    """What a report is compared with. A record that restates a rating says itself what it was before.

    Our history, which goes by inspections, may have the grade of the inspection before.
    """
    restates = reading.origin is not None and reading.origin.cause in RESTATED
    return replace(reference, history={}) if restates else reference


def _own(reading: Reading, changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """The changes; none of them is a movement of the provider if its grades can be compared with none."""
    if reading.origin is None or reading.origin.cause not in UNCOMPARED:
        return changes
    return tuple(not_comparable(change) for change in changes)


def _link(report: Report | None) -> str | None:
    """The page on which the rating stands, if it is another than the report's first page."""
    return next((j.link for j in report.graded()), None) if report else None


def _left_out(reading: Reading, report: Report | None, source: Source) -> tuple[str, ...]:
    """The grades in the text of an official report without a rating, each with why it was not taken."""
    if source.authority is not Authority.OFFICIAL or report is None or report.rated or report.withdraws:
        return ()
    return tuple(dict.fromkeys(f"{d.grade}: {d.reason}" for d in reading.dropped))


def _published(reading: Reading, listed: Item, found_at: datetime) -> date | None:
    """The day of publication, from the page or else the feed; None if unknown or later than the fetch."""
    listed_on = listed.published_at.date() if listed.published_at else None
    published = reading.published or listed_on
    return published if published and published <= found_at.date() else None


def changes_of(
    report: Report | None,
    provider: str | None,
    dated: date,
    link: str,
    reference: Reference,
    *,
    decided: bool = False,
) -> tuple[Change, ...]:
    """The change of each aspect that a report grades, or the changes of the rating that it withdraws.

    Empty if the report's provider is not known.
    `decided`: an operator says that the report withdraws the latest rating.
    """
    if report is None or provider is None:
        return ()
    history = reference.history.get(provider, ())
    if report.withdraws:
        said = report.direction.evidence if report.direction and not decided else None
        return withdrawals(
            history,
            provider=provider,
            scale=report.scale,
            said=said,
            dated=dated,
            inspectorates=reference.inspectorates,
        )
    changes = []
    for judgement in report.graded():
        rating = Rating(
            provider=provider,
            aspect=judgement.aspect,
            scale=report.scale,
            grade=judgement.grade,
            inspected_on=report.inspected_on,
            published_on=dated,
            evidence=judgement.evidence,
            link=judgement.link or link,
        )
        claimed = (
            Claimed(previous=judgement.previous, direction=report.claims)
            if judgement.aspect == OVERALL
            else Claimed(previous=judgement.previous)
        )
        changes.append(compare(history, rating, claimed, reference.inspectorates))
    return tuple(changes)
