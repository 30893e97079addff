"""What builders of public pages use: rendering, keeping and answering in one call."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from digest.pages.headers import own_path, root_of
from digest.pages.rendering import Pages
from digest.site.kept import KeptPages
from digest.site.responses import HTML, MAX_AGE, NO_HEADERS, public

Mark = Callable[[], Awaitable[str]]
"""Gives a text that changes whenever anything on public pages may have changed."""

FIXED: Final = "fixed"
"""The mark of what changes with the operator's files alone: a process that takes them over keeps nothing."""

Values = Callable[[], Awaitable[Mapping[str, Any] | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuEntry:
    """A link of the header that every public page has."""

    name: str
    page: str  # below the home page, such as "archive"; empty for the home page itself
    also: str = ""  # pages that belong to it but are not below it, such as "edition"

    def holds(self, path: str) -> bool:
        """Whether a path, such as "/archive/2026-11", is this page or one below it."""
        own = f"/{self.page}"
        below = (f"{own}/",) if self.page else ()
        return path == own or path.startswith((*below, *((f"/{self.also}/",) if self.also else ())))


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPages:
    """Renders the templates in `templates/site/`, each page once until its mark changes."""

    pages: Pages
    mark: Mark
    menu: Sequence[MenuEntry]
    kept: KeptPages = field(default_factory=KeptPages)

    async def show(
        self,
        request: Request,
        template: str,
        values: Values,
        *,
        reads: Sequence[str] = (),
        mark: str | None = None,
        max_age: int = MAX_AGE,
    ) -> Response:
        """The page of a template, such as "coverage". `values` are read only if the page is made.

        Values of None mean that there is no such page. `reads` are the names of the parameters that the page
        takes from the query: all others are ignored. `mark` is what the page changes with, unless that is
        the public mark. Nothing in the values may depend on who asks.
        """

        async def make() -> bytes | None:
            given = await values()
            if given is None:
                return None
            html = await asyncio.to_thread(self._html, request, template, reads, given)
            return html.encode()

        return await self.serve(request, make, reads=reads, mark=mark, max_age=max_age)

    async def serve(
        self,
        request: Request,
        make: Callable[[], Awaitable[bytes | None]],
        *,
        media_type: str = HTML,
        reads: Sequence[str] = (),
        mark: str | None = None,
        max_age: int = MAX_AGE,
        headers: Mapping[str, str] = NO_HEADERS,
        missing: Callable[[Request], Response] | None = None,
    ) -> Response:
        """Content of any kind, kept like a page; `make` gives it, or None: then the answer is `missing`.

        That is the page for an address that leads nowhere, if nothing else is given.
        """
        key = own_path(request.scope) + asked(request, reads)
        mark = await self.mark() if mark is None else mark
        page = await self.kept.page(key, mark, make)
        if page is None:
            return (missing or self.not_found)(request)
        return public(
            request, page.content, media_type=media_type, tag=page.tag, max_age=max_age, headers=headers
        )

    def not_found(self, request: Request) -> Response:
        """The page for an address that leads nowhere; it may lead somewhere soon, so nobody keeps it."""
        html = self._html(request, "not_found", (), {})
        return HTMLResponse(html, status_code=404, headers={"Cache-Control": "no-store"})

    def refused(self, request: Request, problem: str) -> Response:
        """The page for an address whose query cannot be read; `problem` is a sentence for readers."""
        here = root_of(request.scope) + own_path(request.scope).lstrip("/")
        html = self._html(request, "bad_request", (), {"problem": problem, "here": quote(here, safe="/.")})
        return HTMLResponse(html, status_code=400, headers={"Cache-Control": "no-store"})

    def address(self, page: str = "") -> str:
        """The public address of a page, such as "archive/2026-11"; for feeds and search engines."""
        return f"{self.pages.sender.service_url.rstrip('/')}/{page}"

    def _html(self, request: Request, template: str, reads: Sequence[str], values: Mapping[str, Any]) -> str:
        path = own_path(request.scope)
        given = {
            "menu": [(entry.name, entry.page, entry.holds(path)) for entry in self.menu],
            "canonical": self.address(path.removeprefix("/")) + asked(request, reads),
            **values,
        }
        return self.pages.html(request, f"site/{template}.html", **given)


def asked(request: Request, reads: Sequence[str], **more: object) -> str:
    """The query with the parameters that a page reads, in their order, such as "?area=Kent"; or nothing.

    `more` are parameters to add.
    """
    given = [(name, value) for name in reads for value in request.query_params.getlist(name) if value]
    given += [(name, str(value)) for name, value in more.items()]
    return f"?{urlencode(given)}" if given else ""
