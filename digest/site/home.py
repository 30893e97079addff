"""The home page: the latest edition, the form to join, and what the service covers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.changes import Movement
from digest.errors import StoreError
from digest.ports.public import ToldDay, ToldStory
from digest.present.glance import both_ways
from digest.present.ranking import ranked
from digest.present.story import story_view
from digest.present.tidy import tidy
from digest.providers import Register
from digest.site.coverage import Covered, CoveredNow
from digest.site.edition_stories import service_pages
from digest.site.site import Site
from digest.site.stories import StoryLine, story_line

MOST_STORIES: Final = 8
"""The most stories that the home page shows; the edition has them all."""

EDITIONS: Final = 5
"""How many editions before the latest one the home page lists."""

_LATELY: Final = timedelta(days=60)
"""How far back from the latest edition others are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """The latest public edition that has stories."""

    day: date
    up: int
    down: int
    lines: tuple[StoryLine, ...]
    more: int  # how many stories there are beside these
    earlier: tuple[ToldDay, ...]  # the editions before it, the newest first
    firsts: Mapping[date, int]  # how many first ratings there are in each, if none of its ratings moved


def routes(site: Site) -> list[Route]:
    covering, joining = CoveredNow(site), _Joining(site)

    async def home(request: Request) -> Response:
        (form, asked), (found, told), mark = await joining.read(), await _covered(covering), await _mark(site)

        async def values() -> Mapping[str, Any]:
            return {
                **form,
                "covered": found,
                "known": bool(mark),
                "latest": await _latest(site) if mark else None,
            }

        return await site.pages.show(request, "home", values, mark=f"{mark} {asked} {told}", max_age=60)

    return [Route("/", home)]


@dataclass(slots=True)
class _Joining:
    """The form to join."""

    site: Site
    _held: tuple[Mapping[str, Any], str] | None = field(default=None, init=False)

    async def read(self) -> tuple[Mapping[str, Any], str]:
        """The values of the form, and a text that changes with them."""
        form = await self.site.join_form()
        if self._held is None or self._held[0] is not form:
            self._held = form, repr(form)
        return self._held


async def _mark(site: Site) -> str:
    """The public mark; empty while the database cannot be read: the form is shown all the same."""
    try:
        return await site.pages.mark()
    except StoreError:
        return ""


async def _covered(covering: CoveredNow) -> tuple[Covered | None, str]:
    """What we cover now; None while the database cannot be read."""
    try:
        return await covering.read()
    except StoreError:
        return None, ""


async def _latest(site: Site) -> Latest | None:
    """The newest edition that has stories; None if there is none yet."""
    until = site.until
    newest = await site.public.stories(until=until, limit=1)
    if not newest:
        return None
    day = newest[0].day
    stories = await site.public.stories_of(day, until=until)
    editions = await _editions(site, day)
    shown = await asyncio.to_thread(_leading, _news_first(stories), site, await site.register())
    pages = await service_pages(site, shown)
    lines = [story_line(told, names=site.inspectorates, known=site.known) for told in shown]
    return Latest(
        day=day,
        up=editions[0].up if editions else 0,
        down=editions[0].down if editions else 0,
        lines=tuple(
            replace(line, page=pages.get(told.service or "", line.page))
            for told, line in zip(shown, lines, strict=True)
        ),
        more=len(stories) - len(lines),
        earlier=tuple(one for one in editions if one.day != day),
        firsts={one.day: await _firsts(site, one) for one in editions},
    )


def _news_first(stories: Sequence[ToldStory]) -> Sequence[ToldStory]:
    """The stories that tell a move; if none does, those that tell a grade, or else all."""
    moved = [told for told in stories if any(change.moved for change in told.story.summary)]
    return moved or [told for told in stories if told.story.summary] or stories


def _leading(stories: Sequence[ToldStory], site: Site, register: Register) -> Sequence[ToldStory]:
    """The stories that lead the page of their edition too, in its order, and of both directions."""
    told = {one.story.key: one for one in stories}
    views = [story_view(tidy(one.story), known=site.known) for one in stories]
    first = both_ways(ranked(views, register, site.known), MOST_STORIES)
    return [told[one.view.story.key] for one in first]


async def _firsts(site: Site, told: ToldDay) -> int:
    """The first ratings of an edition in which none moved."""
    if told.up or told.down:
        return 0
    stories = await site.public.stories_of(told.day, until=site.until)
    return sum(one.movement is Movement.FIRST_RATING for one in stories)


async def _editions(site: Site, day: date) -> tuple[ToldDay, ...]:
    """The latest editions that have stories up to a day, the newest first."""
    told = await site.public.days(day - _LATELY, day, until=site.until)
    return tuple(reversed([one for one in told if one.stories]))[: EDITIONS + 1]
