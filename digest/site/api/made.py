"""Answers of the API, made of what the site reads: pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from digest import grade_periods, ratings
from digest.ports import public
from digest.present.story import story_view
from digest.present.tidy import tidy, web_link
from digest.site.addresses import edition_page, service_page
from digest.site.api import values
from digest.site.entries import EntryWriter, licence_of


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerMaker:
    """Makes the values of answers."""

    address: Callable[[str], str]  # the public address of a page
    known: ratings.Inspectorates
    entries: EntryWriter  # knows the ids of stories

    def inspectorate(self, one: ratings.Inspectorate, counted: public.Counted | None) -> values.Inspectorate:
        return values.Inspectorate(
            key=one.key,
            name=one.name,
            services=counted.services if counted else 0,
            rated=counted.rated if counted else 0,
            scales=list(map(_scale, one.scales)),
            licence=_licence(one.licence),
        )

    def service(self, one: public.Service) -> values.Service:
        return values.Service(
            **_same(values.Service, tidy(one), but={"aspects", "former_names", "page", "licence"})
            | {name: tidy(getattr(one, name)) or None for name in ("inspectorate", "kind", "area")},
            former_names=list(tidy(one.former_names)),
            aspects=[values.AspectGrade(**_same(values.AspectGrade, tidy(each))) for each in one.aspects],
            page=self.address(service_page(one.id, one.slug, one.inspectorate)),
            licence=self._licence_of(one.inspectorate),
        )

    def record(self, one: public.ServiceRecord) -> values.ServiceRecord:
        return values.ServiceRecord(
            service=self.service(one.service),
            other_ids=list(one.merged),
            grades=list(map(_period, one.periods)),
            predecessors=list(map(_related, one.predecessors)),
            successors=list(map(_related, one.successors)),
        )

    def story(self, told: public.ToldStory) -> values.Story:
        view = story_view(tidy(told.story))
        story = view.story
        changes = () if told.corrected_on else view.changes
        told_wrong = story.correction
        return values.Story(
            number=told.number,
            id=self.entries.tag(told),
            day=told.day,
            section=story.section,
            title=story.title,
            name=view.name,
            service=told.service,
            inspectorate=told.inspectorate,
            kind=tidy(told.kind) or None,
            area=tidy(told.area) or None,
            changes=[values.Change(**_same(values.Change, one)) for one in changes],
            published=story.published,
            report=view.link,
            page=self.address(edition_page(told.day, told.anchor)),
            reported_by=story.reported_by,
            corrects=values.Correction(number=told.corrects, told_on=told_wrong.told_on, why=told_wrong.why)
            if told_wrong
            else None,
            corrected_on=told.corrected_on,
            licence=_licence(licence_of(told.story, self.known)),
        )

    def edition(self, one: public.ToldDay) -> values.Edition:
        page = self.address(edition_page(one.day)) if one.stories else None
        return values.Edition(**_same(values.Edition, one, but={"page"}), page=page)

    def _licence_of(self, inspectorate: str) -> values.Licence | None:
        found = self.known.named(inspectorate)
        return _licence(found.licence) if found else None


def _same(kind: Any, one: Any, *, but: set[str] | None = None) -> dict[str, Any]:
    """The fields that both have under the same name."""
    return {field.name: getattr(one, field.name) for field in fields(kind) if field.name not in (but or ())}


def _licence(one: ratings.Licence | None) -> values.Licence | None:
    return values.Licence(**_same(values.Licence, one)) if one else None


def _scale(one: ratings.Scale) -> values.Scale:
    return values.Scale(
        key=one.key,
        grades=[grade.name for grade in one.grades],
        aspects=[aspect.name for aspect in one.aspects],
        overall=one.has_overall,
        valid_from=one.valid_from,
        valid_until=one.valid_until,
    )


def _period(one: grade_periods.GradePeriod) -> values.GradePeriod:
    shown = one.given is grade_periods.Given.GRADE  # what states a grade in doubt names that grade
    return values.GradePeriod(
        **_same(values.GradePeriod, tidy(one), but={"inspectorate", "evidence", "report"}),
        inspectorate=one.inspectorate or None,
        evidence=(tidy(one.evidence) or None) if shown else None,
        report=web_link(one.link),
    )


def _related(one: public.RelatedService) -> values.RelatedService:
    return values.RelatedService(**_same(values.RelatedService, tidy(one)))
