"""The home page: the latest edition, the form to join, and what the service covers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.errors import StoreError
from digest.site.coverage import Covered, covered
from digest.site.site import Site
from digest.site.stories import StoryLine, story_line

MOST_STORIES: Final = 12
"""The most stories that the home page shows; the edition has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """The latest public edition that has stories."""

    day: date
    up: int
    down: int
    lines: tuple[StoryLine, ...]
    more: int  # how many stories there are beside these


def routes(site: Site) -> list[Route]:
    async def home(request: Request) -> Response:
        form, found, mark = await site.join_form(), await _covered(site), await _mark(site)

        async def values() -> Mapping[str, Any]:
            return {**form, "covered": found, "latest": await _latest(site) if mark else None}

        return await site.pages.show(request, "home", values, mark=f"{mark} {form!r} {found!r}", max_age=60)

    return [Route("/", home)]


async def _mark(site: Site) -> str:
    """The public mark; empty while the database cannot be read: the form is shown all the same."""
    try:
        return await site.pages.mark()
    except StoreError:
        return ""


async def _covered(site: Site) -> Covered | None:
    """What we cover now; None while the database cannot be read."""
    try:
        return await covered(site)
    except StoreError:
        return None


async def _latest(site: Site) -> Latest | None:
    """The newest edition that has stories; None if there is none yet."""
    until = site.until
    newest = await site.public.stories(until=until, limit=1)
    if not newest:
        return None
    day = newest[0].day
    stories = await site.public.stories_of(day, until=until)
    counts = await site.public.days(day, day, until=until)
    shown = [told for told in stories if told.story.summary] or list(stories)
    lines = tuple(
        story_line(told, names=site.inspectorates, known=site.known) for told in shown[:MOST_STORIES]
    )
    return Latest(
        day=day,
        up=sum(one.up for one in counts),
        down=sum(one.down for one in counts),
        lines=lines,
        more=len(stories) - len(lines),
    )
