"""Sharing: an edition as a page that everybody may see, with no link in it that is anybody's own (F83)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from digest.compose import as_page
from digest.ports import Clock, EditionStore
from digest.schedule import Timetable
from digest.web.pages import HEADERS, Pages

# The page is the message's own: mail programs want its styles on its elements.
_POLICY: Final = HEADERS["Content-Security-Policy"].replace(
    "style-src 'self'", "style-src 'self' 'unsafe-inline'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """The handler of the link that is at the end of each edition."""

    editions: EditionStore
    clock: Clock
    timetable: Timetable
    pages: Pages
    home: str  # where one joins
    inspectorates: Mapping[str, str]  # names by key

    async def edition(self, request: Request) -> Response:
        try:
            day = date.fromisoformat(request.path_params["day"])
            noon = self.timetable.noon_of(day)
        except (ValueError, OverflowError):
            return self.pages.show(request, "not_found", status=404)
        # Nobody has it before noon.
        edition = await self.editions.sealed(day) if self.clock.now() >= noon else None
        if edition is None or not edition.stories:
            return self.pages.show(request, "not_found", status=404)
        html = as_page(
            edition,
            sender=self.pages.sender,
            renderer=self.pages.renderer,
            zone=self.timetable.zone,
            names=self.inspectorates,
            join_url=self.home,
        )
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "public, max-age=300"}
        return HTMLResponse(html, headers=headers)
