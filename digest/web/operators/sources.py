"""Sources: how each is, in plain words, and what operators decide about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from starlette.requests import Request
from starlette.routing import Route

from digest.addresses import masked
from digest.errors import Refused
from digest.jobs.source_decisions import SourceDesk
from digest.jobs.standings import Standing, standings
from digest.present.tidy import one_line, web_link
from digest.web import forms
from digest.web.forms import Form
from digest.web.operators.pages import HOME, NO_SUCH_ACT, OperatorPages, done
from digest.web.operators.session import Operator

PARKED: Final = 50
"""Items that could not be read, on the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePages:
    desk: SourceDesk
    silences: Iterable[date]
    pages: OperatorPages

    def routes(self) -> list[Route]:
        answer = self.pages.page("sources", self._look, self._act)
        return [Route(f"/{HOME}/sources", answer, methods=["GET", "POST"])]

    async def _look(self, _: Request, operator: Operator) -> Mapping[str, Any]:
        store, now = self.desk.store, self.desk.clock.now()
        found = await standings(self.desk.sources, store, now, self.silences)
        parked = await store.items.parked()
        return {
            # Those that need somebody first; otherwise in the order of the file.
            "sources": [_shown(one) for one in sorted(found, key=lambda one: one.health.well)],
            "troubled": sum(not one.health.well for one in found),
            "parked": [
                {
                    "id": one.id,
                    "title": one_line(one.title),
                    "link": web_link(one.link) if one.link else None,
                    "source": one.source,
                    "trouble": masked(one_line(one.trouble)),
                    "tries": one.attempts,
                    "stands_in": one.stands_in,
                }
                for one in parked[:PARKED]
            ],
            "more_parked": max(0, len(parked) - PARKED),
        }

    async def _act(self, _: Request, operator: Operator, form: Form) -> str:
        desk, by, source = self.desk, operator.name, form.text("source")
        acts: dict[str, Callable[[], Awaitable[object]]] = {
            "poll": lambda: desk.resume(source, by=by),
            "resume": lambda: desk.resume(source, by=by),
            "pause": lambda: desk.pause(source, _until(form), by=by),
            "hold": lambda: desk.hold(source, by=by),
            "release": lambda: desk.release(source, by=by),
            "baseline": lambda: desk.baseline(source, following=False, by=by),
            "retry": lambda: self._retry(form, by),
        }
        what = form.text("act")
        if what not in acts:
            raise Refused(NO_SUCH_ACT)
        await acts[what]()
        return done(f"{HOME}/sources", f"source-{what}")

    async def _retry(self, form: Form, by: str) -> None:
        parked = {str(one.id): one.id for one in await self.desk.store.items.parked()}
        wanted = form.text("item")
        which = list(parked.values()) if wanted == "all" else [parked[wanted]] if wanted in parked else []
        if not which:
            raise Refused("no parked item has that number any more")
        await self.desk.retry(which, by=by)


def _until(form: Form) -> date | None:
    words = form.text("until")
    day = forms.day(words)
    if words and day is None:
        raise Refused(f"“{words}” is not a day such as 24 12 2026")
    return day


def _shown(one: Standing) -> Mapping[str, Any]:
    polled, facts = one.polled, one.facts
    return {
        "id": one.source.id,
        "name": one.source.name,
        "link": web_link(one.source.url),
        "health": str(one.health),
        "well": one.health.well,
        "checked_at": facts.checked_at,
        "trouble": masked(one_line(facts.trouble)) if facts.trouble else "",
        "paused": facts.paused,
        "paused_until": polled.paused_until if polled and facts.paused else None,
        "holding": bool(polled and polled.held_at),
        "held": facts.held,
        "parked": facts.parked,
        "new": one.new,
        "last_new": one.rhythm.last,
        "next_poll_at": polled.next_poll_at if polled else None,
        "moved_to": web_link(polled.moved_to) if polled and polled.moved_to else None,
    }
