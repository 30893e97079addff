"""Cases: reports in doubt, each with what was read and the sentences, and the decisions on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Route

from digest.edition import StoryKey
from digest.errors import Refused
from digest.jobs import review
from digest.ports import Clock, InQuestion, Store
from digest.present.record import origin_in_words
from digest.present.tidy import one_line, web_link
from digest.ratings import Inspectorates
from digest.reports import Direction, Report
from digest.review import Amendment, Case, PageIs
from digest.web.forms import Form
from digest.web.operators.edition import story_key
from digest.web.operators.pages import HOME, NO_SUCH_ACT, OperatorPages, done, given
from digest.web.operators.session import Operator

SHOWN: Final = 50
"""Cases on the list."""

CHECKED: Final = "checked against the report"
"""The reason for accepting a case if the operator gives none."""

_LONGEST_WHY: Final = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPages:
    inspectorates: Inspectorates
    store: Store
    clock: Clock
    pages: OperatorPages

    def routes(self) -> list[Route]:
        listed = self.pages.page("review", self._list)
        one = self.pages.page("case", self._one, self._decide)
        return [
            Route(f"/{HOME}/review", listed),
            Route(f"/{HOME}/review/{{case}}", one, methods=["GET", "POST"]),
        ]

    async def _list(self, _: Request, operator: Operator) -> Mapping[str, Any]:
        cases = await self.store.review.open()
        return {"cases": [_shown(case) for case in cases[:SHOWN]], "more": max(0, len(cases) - SHOWN)}

    async def _one(self, request: Request, operator: Operator) -> Mapping[str, Any]:
        case = await self._case(request)
        asked = await self.store.versions.in_question(case.key)
        scale = self._scale(case.candidate.report)
        return {
            "case": _shown(case),
            "asked": _page_now(asked) if asked is not None else None,
            "grades": [grade.name for grade in scale.grades] if scale else [],
            "directions": [str(one) for one in Direction],
            "ways": [str(one) for one in PageIs],
        }

    async def _decide(self, request: Request, operator: Operator, form: Form) -> str:
        case = await self._case(request)
        key, by, why = case.key, operator.name, form.text("why", _LONGEST_WHY)
        what = form.text("act")
        if not why and what != "accept":
            raise Refused("give the reason")
        match what:
            case "accept":
                await review.accept(key, by=by, why=why or CHECKED, store=self.store, clock=self.clock)
            case "reject":
                await review.reject(key, by=by, why=why, store=self.store, clock=self.clock)
            case "settle":
                await review.settle(key, _page_is(form), by=by, why=why, store=self.store, clock=self.clock)
            case "correct":
                await self._correct(key, by, why, form)
            case _:
                raise Refused(NO_SUCH_ACT)
        return done(f"{HOME}/review", what)

    async def _correct(self, key: StoryKey, by: str, why: str, form: Form) -> None:
        movement = given(form, "movement")
        amendment = Amendment(
            provider=given(form, "provider"),
            overall=given(form, "overall"),
            previous=given(form, "previous"),
            direction=Direction(movement) if movement in list(Direction) else None,
            evidence=form.text("evidence", 4000) or None,
        )
        if amendment == Amendment():
            raise Refused("nothing to correct: fill in what is wrong")
        await review.correct(
            key,
            amendment,
            by=by,
            why=why,
            inspectorates=self.inspectorates,
            store=self.store,
            clock=self.clock,
        )

    async def _case(self, request: Request) -> Case:
        key = story_key(request.path_params["case"])
        case = await self.store.review.case(key) if key is not None else None
        if case is None:
            raise HTTPException(404)
        return case

    def _scale(self, report: Report | None) -> Any:
        return self.inspectorates.scale(report.scale) if report and report.scale else None


def _page_is(form: Form) -> PageIs:
    given = form.text("as")
    if given not in list(PageIs):
        raise Refused("choose what the page is now")
    return PageIs(given)


def _shown(case: Case) -> Mapping[str, Any]:
    """What a page shows of a case. Its words are a publisher's, on one visible line each."""
    candidate, report = case.candidate, case.candidate.report
    claims = (report.overall, report.previous, report.direction) if report else ()
    said = dict.fromkeys(one.evidence for one in claims if one and one.evidence)
    return {
        "name": str(case.key),
        "provider": one_line(candidate.provider_name or ""),
        "provider_id": candidate.provider or "",
        "title": one_line(candidate.title),
        "link": web_link(candidate.link),
        "source": candidate.source_name,
        "official": str(candidate.authority) == "official",
        "record": origin_in_words(candidate.origin) if candidate.origin else "",
        "overall": report.overall.value if report and report.overall else "",
        "previous": report.previous.value if report and report.previous else "",
        "movement": str(report.claims or "") if report else "",
        "evidence": [one_line(sentence) for sentence in said],
        "judgements": [(j.aspect, j.grade, one_line(j.evidence)) for j in report.judgements]
        if report
        else [],
        "told_on": case.told.told_on if case.told else None,
        "withheld": case.withheld,
        "doubts": [one_line(doubt) for doubt in case.doubts],
        "decided": case.decided,
    }


def _page_now(asked: InQuestion) -> Mapping[str, Any]:
    """What the page says now about which operators are asked."""
    candidate = asked.candidate
    graded = candidate.report.graded() if candidate.report else ()
    return {
        "provider": one_line(candidate.provider_name or "no provider"),
        "title": one_line(candidate.title),
        "link": web_link(asked.page.url),
        "at": asked.page.fetched_at,
        "judgements": [(j.aspect, j.grade, one_line(j.evidence)) for j in graded],
    }
