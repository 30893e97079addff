"""A service as its page shows it: its grades now, how they came about, and what editions told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Final

from digest.changes import Movement
from digest.grade_periods import DayOf, Given, GradePeriod
from digest.ports.public import AspectGrade, RelatedService, Service, ServiceRecord, ToldStory
from digest.present.story import StoryView, story_view
from digest.present.tidy import one_line, tidy, web_link
from digest.present.timeline import Chart, Former, by_aspect, chart_of, span_of
from digest.providers import Link
from digest.ratings import OVERALL, Inspectorate, Inspectorates, Licence, Precision

MOST_INSPECTIONS: Final = 40
"""The most inspections that the page shows, the latest; the publisher has the others."""

MOST_GRADES: Final = 80
"""The most grades of these, or fewer inspections are shown: each grade is drawn, and stands in a table."""

MOST_STORIES: Final = 12
MOST_RELATED: Final = 12


class Standing(StrEnum):
    """What is to be said first of a service."""

    GRADED = "graded"  # it has an overall grade
    BY_ASPECTS = "by aspects"  # it has grades of aspects alone
    WITHDRAWN = "withdrawn"
    IN_DOUBT = "in doubt"  # its latest grade is being checked
    UNRATED = "unrated"  # we know of no present grade


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeNow:
    """A present grade, or one that was withdrawn."""

    aspect: str
    grade: str
    before: str
    movement: Movement | None
    since: date | None
    precision: Precision
    day_of: DayOf | None
    first: GradePeriod | None  # when the same grade was first given, if inspections have confirmed it since
    link: str | None  # what states it
    scale: tuple[str, ...]  # the names of its grades, the lowest first; empty: the scale is not known

    @property
    def moved_on_scale(self) -> bool:
        """Whether another grade of the scale is known to be the one before."""
        return self.before != self.grade and self.before in self.scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """An aspect that is graded now, and its grades over time."""

    now: GradeNow
    chart: Chart | None  # None: fewer than two of its grades can be drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The grade of one aspect at one inspection."""

    aspect: str
    given: Given
    grade: str
    before: str
    movement: Movement | None
    of_other_scale: bool  # the grade before was on another scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """All grades of one inspection, on one scale."""

    since: date | None
    precision: Precision
    day_of: DayOf | None
    overall: Judged | None
    aspects: tuple[Judged, ...]
    link: str | None  # the report
    told_on: date | None
    page: str  # the place in the edition that told it, below the home page; empty: none did


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A story of an edition about the service."""

    day: date
    page: str  # below the home page
    view: StoryView
    corrected_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """A service that came before or after."""

    name: str
    page: str  # below the home page
    merged: bool  # it is one of several that became one
    last: GradePeriod | None  # its last overall grade


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceView:
    """Everything on the page of a service."""

    service: Service
    name: str
    former_names: tuple[str, ...]
    inspectorate: str  # its name; empty: not known
    website: str | None  # of the inspectorate
    standing: Standing
    now: GradeNow | None  # the overall grade, or the withdrawn one
    stated: StoryView | None  # the story that told it; None: it is of the register, or was corrected
    areas: tuple[Area, ...]
    chart: Chart | None  # of the overall grade
    former_areas: tuple[Chart, ...]  # of aspects that have no grade now
    ended: date | None  # when grades on another scale took the overall grade's place, if they did
    inspections: tuple[Inspection, ...]  # the latest first
    more_inspections: int
    findings: Told | None  # the latest story that has findings or a quote
    told: tuple[Told, ...]  # the latest first
    before: tuple[Related, ...]
    after: tuple[Related, ...]
    report: str | None  # the link of the latest report
    licence: Licence | None  # of the inspectorate's reports and ratings; None: we do not know it

    @property
    def charts(self) -> tuple[Chart, ...]:
        """All drawings of the page."""
        found = (self.chart, *(area.chart for area in self.areas), *self.former_areas)
        return tuple(one for one in found if one is not None)

    @property
    def moves(self) -> frozenset[Movement]:
        """The movements that the page marks, by colour or in words."""
        now = [one.movement for one in (self.now, *(area.now for area in self.areas)) if one]
        given = [each for one in self.inspections for each in (one.overall, *one.aspects) if each]
        dots = [dot for chart in self.charts for dot in chart.dots if not dot.owner]
        found = (*now, *(one.movement for one in given), *(dot.movement for dot in dots))
        return frozenset(one for one in found if one is not None)

    @property
    def link_now(self) -> str | None:
        """What states the grade now; of grades of areas, what states the latest."""
        if self.standing is Standing.GRADED:
            return self.now.link if self.now else None
        latest = max((area.now for area in self.areas), key=lambda one: one.since or date.min, default=None)
        return latest.link if latest and self.standing is Standing.BY_ASPECTS else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """How pages are addressed, below the home page."""

    edition: Callable[[date, str], str]  # by its day and an anchor
    service: Callable[[str, str, str], str]  # by its id, slug and inspectorate


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceViews:
    """Makes views of services; `until` is the last public day."""

    known: Inspectorates
    names: Mapping[str, str]  # of inspectorates, by key
    pages: Pages
    until: date

    def of(self, record: ServiceRecord, stories: Sequence[ToldStory]) -> ServiceView:
        """The view of a service. `stories` are its newest, the newest first."""
        service, place = record.service, _Places(pages=self.pages, stories=stories)
        inspectorate = self.known.named(service.inspectorate)
        own = [one for one in record.periods if service.inspectorate in ("", one.inspectorate)]
        inspections = _inspections(record.periods, place, [one.aspect for one in service.aspects])
        shown = _latest_of(inspections)
        told = tuple(self._told(one) for one in stories)
        latest = _latest(own, service)
        states = next((one for one in stories if latest and one.number == latest.story), None)
        charts = self._charts(record, place, since=shown[-1].since if shown else None)
        graded = {OVERALL, *(one.aspect for one in service.aspects)}
        return ServiceView(
            service=service,
            name=one_line(service.name),
            former_names=tuple(map(one_line, service.former_names)),
            inspectorate=self.names.get(service.inspectorate, ""),
            website=_website(inspectorate),
            standing=_standing(service, own),
            now=self._now(service, latest, own),
            stated=self._told(states).view if states and not states.corrected_on else None,
            areas=tuple(self._area(one, own, charts.get(one.aspect)) for one in service.aspects),
            chart=_if_worth_drawing(charts.get(OVERALL)),
            former_areas=tuple(
                one for aspect, one in charts.items() if aspect not in graded and _if_worth_drawing(one)
            ),
            ended=_ended(own),
            inspections=shown,
            more_inspections=len(inspections) - len(shown),
            findings=next((one for one in told if _has_findings(one)), None),
            told=told[:MOST_STORIES],
            before=tuple(map(self._related, record.predecessors[:MOST_RELATED])),
            after=tuple(map(self._related, record.successors[:MOST_RELATED])),
            report=next((one.link for one in shown if one.link), None),
            licence=inspectorate.licence if inspectorate else None,
        )

    def _now(
        self, service: Service, latest: GradePeriod | None, own: Sequence[GradePeriod]
    ) -> GradeNow | None:
        if latest is None or latest.grade is None:
            return None
        overall = AspectGrade(
            aspect=OVERALL,
            scale=latest.scale,
            grade=latest.grade,
            rank=latest.rank,
            since=latest.since,
            precision=latest.precision,
            movement=service.movement,
            before=service.before,
        )
        return self._grade_now(overall, own)

    def _area(self, one: AspectGrade, own: Sequence[GradePeriod], chart: Chart | None) -> Area:
        """An aspect with its grade now, and its drawing if that has more than one dot."""
        return Area(now=self._grade_now(one, own), chart=_if_worth_drawing(chart))

    def _grade_now(self, one: AspectGrade, own: Sequence[GradePeriod]) -> GradeNow:
        scale = self.known.scale(one.scale)
        given = (each for each in reversed(own) if (each.aspect, each.since) == (one.aspect, one.since))
        period = next(given, None)
        return GradeNow(
            aspect=one.aspect,
            grade=one.grade,
            before=one.before or "",
            movement=one.movement,
            since=one.since,
            precision=one.precision,
            day_of=period.day_of if period else None,
            first=_first_with_it(one.aspect, own),
            link=web_link(period.link) if period else None,
            scale=scale.lowest_first if scale else (),
        )

    def _told(self, story: ToldStory) -> Told:
        return Told(
            day=story.day,
            page=self.pages.edition(story.day, story.anchor),
            view=story_view(tidy(story.story), known=self.known),
            corrected_on=story.corrected_on,
        )

    def _related(self, one: RelatedService) -> Related:
        graded = [each for each in one.periods if each.aspect == OVERALL and each.given is Given.GRADE]
        return Related(
            name=one_line(one.name),
            page=self.pages.service(one.id, one.slug, one.inspectorate),
            merged=one.link is Link.MERGED,
            last=max(graded, key=lambda each: each.since or date.min, default=None),
        )

    def _charts(self, record: ServiceRecord, place: _Places, *, since: date | None) -> dict[str, Chart]:
        """The drawing of each aspect's grades, of those that are not earlier than `since`."""
        kept = [one for one in record.periods if since is None or (one.since and one.since >= since)]
        begins = min((one.since for one in kept if one.since), default=None)
        former = [(one_line(one.name), by_aspect(one.periods)) for one in record.predecessors[:MOST_RELATED]]
        ended = _ended(record.periods)
        drawn = {
            aspect: self._chart(
                aspect,
                own,
                former,
                place,
                begins=begins,
                ended=ended if aspect == OVERALL else None,
            )
            for aspect, own in by_aspect(kept).items()
        }
        return {aspect: chart for aspect, chart in drawn.items() if chart is not None}

    def _chart(
        self,
        aspect: str,
        own: Sequence[GradePeriod],
        former: Iterable[tuple[str, Mapping[str, Sequence[GradePeriod]]]],
        place: _Places,
        *,
        begins: date | None,
        ended: date | None,
    ) -> Chart | None:
        """A drawing from the first grade of the aspect on."""
        before = [Former(name=name, periods=of.get(aspect, ()), gone=begins) for name, of in former]
        small = aspect != OVERALL
        span = span_of([*own, *(each for one in before for each in one.periods)], self.until)
        if span is None:
            return None
        return chart_of(
            aspect, own, before, span=span, known=self.known, told=place.of, small=small, ended=ended
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Places:
    """Where in the editions the grades of a service were told."""

    pages: Pages
    stories: Sequence[ToldStory]

    def of(self, period: GradePeriod) -> str:
        """The place in an edition that told a grade; empty: none did."""
        if period.told_on is None:
            return ""
        anchors = (one.anchor for one in self.stories if one.number == period.story)
        return self.pages.edition(period.told_on, next(anchors, ""))


def _website(inspectorate: Inspectorate | None) -> str | None:
    return web_link(f"https://{inspectorate.sites[0]}") if inspectorate and inspectorate.sites else None


def _latest(own: Sequence[GradePeriod], service: Service) -> GradePeriod | None:
    """The period that the service's present or withdrawn overall grade is of."""
    overall = [one for one in own if one.aspect == OVERALL]
    if service.grade is not None:
        return next((one for one in reversed(overall) if one.present), None)
    gone = [one for one in overall if one.given is Given.WITHDRAWN]
    return gone[-1] if gone and service.movement is Movement.WITHDRAWN else None


def _if_worth_drawing(chart: Chart | None) -> Chart | None:
    """The drawing, if it has more than one dot: one grade is told better in words."""
    return chart if chart and len(chart.dots) > 1 else None


def _first_with_it(aspect: str, own: Iterable[GradePeriod]) -> GradePeriod | None:
    """The first of the last periods that all have the same grade; None if the last one is alone with it."""
    first: GradePeriod | None = None
    confirmed = False
    for one in own:
        if one.aspect != aspect:
            continue
        same = first is not None and (one.grade, one.scale, one.given) == (
            first.grade,
            first.scale,
            first.given,
        )
        first, confirmed = (first, True) if same else (one, False)
    return first if confirmed else None


def _ended(own: Sequence[GradePeriod]) -> date | None:
    """When the last overall grade stopped counting, because grades on another scale were given."""
    last = next((one for one in reversed(own) if one.aspect == OVERALL), None)
    if last is None or last.until is None or last.given is not Given.GRADE:
        return None
    others = (one for one in own if one.since == last.until and one.scale != last.scale)
    return last.until if next(others, None) else None


def _standing(service: Service, own: Sequence[GradePeriod]) -> Standing:
    if service.grade is not None:
        return Standing.GRADED
    if service.aspects:
        return Standing.BY_ASPECTS
    if service.movement is Movement.WITHDRAWN:
        return Standing.WITHDRAWN
    if any(one.given is Given.IN_DOUBT and one.until is None for one in own):
        return Standing.IN_DOUBT
    return Standing.UNRATED


def _latest_of(inspections: tuple[Inspection, ...]) -> tuple[Inspection, ...]:
    """The latest inspections, as many as one page has room for; at least one."""
    grades, most = 0, min(len(inspections), MOST_INSPECTIONS)
    for count, one in enumerate(inspections[:most]):
        grades += len(one.aspects) + (one.overall is not None)
        if count and grades > MOST_GRADES:
            return inspections[:count]
    return inspections[:most]


def _has_findings(told: Told) -> bool:
    return told.corrected_on is None and bool(told.view.groups or told.view.quote or told.view.commentary)


def _inspections(
    periods: Iterable[GradePeriod], place: _Places, order: Sequence[str]
) -> tuple[Inspection, ...]:
    """The grades of each inspection together, the latest first; those without a date last.

    Its aspects are in the order given; others follow.
    """
    groups: dict[tuple[date, Precision, str, str], list[GradePeriod]] = {}
    scales = _scales_before(periods := list(periods))
    for one in periods:
        key = (one.since or date.min, one.precision, one.scale, one.link)
        groups.setdefault(key, []).append(one)
    numbers = {aspect: number for number, aspect in enumerate(order)}

    def number(one: Judged) -> int:
        return numbers.get(one.aspect, len(numbers))

    found = []
    for _, group in sorted(groups.items(), key=lambda each: each[0][0], reverse=True):
        judged = [_judged(one, scales.get((one.aspect, one.since), one.scale)) for one in group]
        told = next((one for one in group if one.told_on is not None), None)
        found.append(
            Inspection(
                since=group[0].since,
                precision=group[0].precision,
                day_of=group[0].day_of,
                overall=next((one for one in judged if one.aspect == OVERALL), None),
                aspects=tuple(sorted((one for one in judged if one.aspect != OVERALL), key=number)),
                link=web_link(group[0].link),
                told_on=told.told_on if told else None,
                page=place.of(told) if told else "",
            )
        )
    return tuple(found)


def _scales_before(periods: Sequence[GradePeriod]) -> Mapping[tuple[str, date | None], str]:
    """The scale of the grade before each, by aspect and day."""
    pairs = pairwise(periods)
    return {(after.aspect, after.since): one.scale for one, after in pairs if one.aspect == after.aspect}


def _judged(period: GradePeriod, scale_before: str) -> Judged:
    return Judged(
        aspect=period.aspect,
        given=period.given,
        grade=period.grade or "",
        before=period.before or "",
        movement=period.movement,
        of_other_scale=scale_before != period.scale,
    )
