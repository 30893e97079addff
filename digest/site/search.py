"""The search: services by name, former name or area, and stories by title."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.ports.public import Found
from digest.site.asking import text_of
from digest.site.service_lines import service_line
from digest.site.site import Site
from digest.site.stories import story_line

SERVICES: Final = 20
"""The most services and the most stories that one page shows."""

SHORTEST: Final = 2
"""Letters or digits of the shortest text that is looked up."""

_WORDS: Final = 3
_GUESSES: Final = 5


def routes(site: Site) -> list[Route]:
    async def search(request: Request) -> Response:
        asked = text_of(request, "q")

        async def values() -> Mapping[str, Any]:
            return await _values(site, asked)

        return await site.pages.show(request, "search", values, reads=("q",), max_age=60)

    return [Route("/search", search)]


async def _values(site: Site, asked: str) -> Mapping[str, Any]:
    short = sum(one.isalnum() for one in asked) < SHORTEST
    until = site.until
    found = Found() if short else await site.public.search(asked, until=until, limit=SERVICES)
    nothing = not (found.services or found.stories)
    guesses = await _guesses(site, asked) if nothing and not short else Found()
    likeness = [*(one.likeness for one in found.services), *(one.likeness for one in found.stories)]
    return {
        "asked": asked,
        "short": short,
        "empty": not await site.public.inspectorates(),
        "near": not nothing and max(likeness) < 1,  # nothing has all of what was asked for
        "services": _lines(site, found),
        "stories": [
            story_line(one.story, names=site.inspectorates, known=site.known) for one in found.stories
        ],
        "guesses": _lines(site, guesses)[:_GUESSES],
        "most": SERVICES,
        "canonical": "",
    }


def _lines(site: Site, found: Found) -> list[Any]:
    return [
        service_line(one.service, names=site.inspectorates, known=site.known, former=one.former_name)
        for one in found.services
    ]


async def _guesses(site: Site, asked: str) -> Found:
    """What the longest word finds that finds anything, if all words together find nothing."""
    words = sorted(dict.fromkeys(asked.split()), key=len, reverse=True)
    for word in words[:_WORDS] if len(words) > 1 else ():
        found = await site.public.search(word, until=site.until, limit=_GUESSES)
        if found.services:
            return found
    return Found()
