"""The stories that somebody wishes for, in pages: what feeds, files and the API are made of."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from digest.pages.problems import problem
from digest.pages.wished import Wished, asked_in
from digest.ports.public import ToldStory
from digest.present.tidy import one_line
from digest.site.site import Site

LATEST_NUMBER: Final = 10**15
"""Above the number of every story; no database counts so far that this is too much for it."""

_MOST_PARTS: Final = 4
_AT_ONCE: Final = 100  # others wait for no longer than it takes to read these


Handler = Callable[[Request], Awaitable[Response]]


class Wrong(Exception):
    """A request that cannot be met; `args` hold what is wrong, in a sentence."""

    status = 400


class Unknown(Wrong):
    """A request that names what we do not know."""

    status = 404


def answering(handler: Handler) -> Handler:
    """The handler, with problem details in the place of `Wrong` and `Unknown`."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except Wrong as wrong:
            return problem(wrong.status, str(wrong))

    return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPage:
    """Some stories, the newest first."""

    stories: tuple[ToldStory, ...]
    before: int | None  # where the next page begins: with a number below this; None: there are no more


async def wished_by(request: Request, site: Site, *, movements_only: bool) -> Wished:
    """The wishes in the query of a request. Raises `Wrong` or `Unknown`."""
    found = asked_in(request.query_params, movements_only=movements_only)
    if isinstance(found, str):
        raise Wrong(found)
    unknown = found.unknown(await site.register(), site.inspectorates)
    if unknown:
        raise Unknown(f"We know nothing of this name: {', '.join(map(one_line, unknown))}")
    return found


def number_in(request: Request, name: str, *, least: int, most: int, usual: int) -> int:
    """A whole number of the query. Raises `Wrong` if it is none, or too small or large."""
    given = request.query_params.getlist(name) or [str(usual)]
    (text, *others) = given
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1
    if others or not least <= number <= most:
        raise Wrong(f"{name} is one whole number from {least} to {most}.")
    return number


async def page_of(site: Site, wished: Wished, *, before: int = LATEST_NUMBER, limit: int) -> ToldPage:
    """The newest of the wished stories with a number below `before`.

    It reads four parts of 100 stories at most: a page may be shorter than `limit`, or empty, and not be the
    last.
    """
    register, until = await site.register(), site.until
    among = wished.among(register)
    size = min(limit + 1, _AT_ONCE)  # enough if they wish for everything
    found: list[ToldStory] = []
    at = before
    for _ in range(_MOST_PARTS):
        part = await site.public.wished(among, until=until, before=at, limit=size)
        for one in part.stories:
            if wished.wants(one.story, register):
                if len(found) == limit:
                    return ToldPage(stories=tuple(found), before=found[-1].number)
                found.append(one)
        if part.before is None:
            return ToldPage(stories=tuple(found), before=None)
        at = part.before
    return ToldPage(stories=tuple(found), before=at)


async def pages_of(site: Site, wished: Wished) -> AsyncIterator[tuple[ToldStory, ...]]:
    """All of the wished stories, the newest first, in parts as they are read."""
    before: int | None = LATEST_NUMBER
    while before is not None:
        page = await page_of(site, wished, before=before, limit=_AT_ONCE - 1)  # one more is read: see there
        yield page.stories
        before = page.before
