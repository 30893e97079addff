"""Today's edition as it stands: its stories with what states them, and what may be done before it goes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.routing import Route

from digest.edition import Edition, StoryKey
from digest.errors import Refused
from digest.interventions import LONGEST_WORDS, InHand
from digest.jobs.interventions import EditionDesk
from digest.present.layout import EditionView, whole_view
from digest.present.tidy import tidy
from digest.ratings import Inspectorates
from digest.web.forms import Form
from digest.web.operators.pages import HOME, NO_SUCH_ACT, OperatorPages, done
from digest.web.operators.session import Operator

_LONGEST: Final = LONGEST_WORDS + 1
"""One more than is taken: what is too long is refused, and not cut in silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionPages:
    desk: EditionDesk
    inspectorates: Inspectorates
    pages: OperatorPages

    def routes(self) -> list[Route]:
        answer = self.pages.page("today", self._look, self._act)
        return [Route(f"/{HOME}", answer, methods=["GET", "POST"])]

    async def _look(self, _: Request, operator: Operator) -> Mapping[str, Any]:
        today = await self.desk.today()
        whole, drops = today.whole, today.hand.drops
        own = {story.key for story in whole.stories}
        return {
            "layout": await self._laid_out(whole) if whole.stories else None,
            "today": today,
            "hand": today.hand,
            "held": today.hand.held(today.at),
            "drops": drops,
            "left": len(whole.stories) - len(own & drops.keys()),
            "elsewhere": [(key, drop) for key, drop in drops.items() if key not in own],
            "longest": LONGEST_WORDS,
        }

    async def _laid_out(self, edition: Edition) -> EditionView:
        """All stories in the order of the public page."""
        register = await self.desk.store.providers.register()
        known, zone = self.inspectorates, self.pages.zone
        return await asyncio.to_thread(whole_view, tidy(edition), known=known, register=register, zone=zone)

    async def _act(self, _: Request, operator: Operator, form: Form) -> str:
        today, by = await self.desk.today(), operator.name
        if form.text("day") != today.day.isoformat():
            raise Refused("that page showed the edition of another day; this is today's")
        words = form.text("words", _LONGEST)
        acts: dict[str, Callable[[], Awaitable[InHand]]] = {
            "hold": lambda: self.desk.hold(by=by, why=words),
            "release": lambda: self.desk.release(by=by),
            "drop": lambda: self.desk.drop(_story(form), by=by, why=words),
            "restore": lambda: self.desk.restore(_story(form), by=by),
            "note": lambda: self.desk.note(words, by=by),
        }
        what = form.text("act")
        if what not in acts:
            raise Refused(NO_SUCH_ACT)
        await acts[what]()
        return done(HOME, what)


def _story(form: Form) -> StoryKey:
    key = story_key(form.text("story"))
    if key is None:
        raise Refused("the edition has no such story")
    return key


def story_key(words: str) -> StoryKey | None:
    """The report that "12" or "12.1" names; None for anything else."""
    item, _, place = words.partition(".")
    digits = (item, place or "0")
    if not all(one.isascii() and one.isdigit() and len(one) < 10 for one in digits):
        return None
    return StoryKey(item=int(digits[0]), place=int(digits[1]))
