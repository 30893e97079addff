"""An edition as a public page. It holds no subscriber's own link, because people pass such pages on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from digest.compose import as_page
from digest.ports import Clock, EditionStore
from digest.schedule import Timetable
from digest.web.pages import HEADERS, Pages

# The page is the HTML of the message, which has its styles on its elements.
_POLICY: Final = HEADERS["Content-Security-Policy"].replace(
    "style-src 'self'", "style-src 'self' 'unsafe-inline'"
)


MOST_KEPT: Final = 7
"""Rendered pages kept in memory: many people open them at noon. A sealed edition never changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedEditions:
    """The request handler for shared editions."""

    editions: EditionStore
    clock: Clock
    timetable: Timetable
    pages: Pages
    home: str  # the address of the page to join
    inspectorates: Mapping[str, str]  # names by key
    _kept: dict[date, str] = field(default_factory=dict)  # the most recently used last
    _rendering: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def edition(self, request: Request) -> Response:
        try:
            day = date.fromisoformat(request.path_params["day"])
            noon = self.timetable.noon_of(day)
        except (ValueError, OverflowError):
            return self.pages.show(request, "not_found", status=404)
        # Subscribers have it from noon; nobody sees it earlier.
        html = await self._page(day) if self.clock.now() >= noon else None
        if html is None:
            return self.pages.show(request, "not_found", status=404)
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "public, max-age=300"}
        return HTMLResponse(html, headers=headers)

    async def _page(self, day: date) -> str | None:
        """The edition as HTML, rendered once, in a thread; None if there is no edition with stories."""
        async with self._rendering:
            html = self._kept.pop(day, None)
            if html is None:
                edition = await self.editions.sealed(day)
                if edition is None or not edition.stories:
                    return None
                html = await asyncio.to_thread(
                    as_page,
                    edition,
                    sender=self.pages.sender,
                    renderer=self.pages.renderer,
                    zone=self.timetable.zone,
                    names=self.inspectorates,
                    join_url=self.home,
                )
            self._kept[day] = html
            while len(self._kept) > MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        return html
