"""An edition as a public page. It holds no subscriber's own link, because people pass such pages on."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.compose import as_page
from digest.pages.headers import HEADERS
from digest.site.site import Site

# The page is the HTML of the message, which has its styles on its elements.
_POLICY: Final = HEADERS["Content-Security-Policy"].replace(
    "style-src 'self'", "style-src 'self' 'unsafe-inline'"
)

_SEALED: Final = "sealed"
"""The mark of every edition: a sealed one never changes."""


def routes(site: Site) -> list[Route]:
    async def edition(request: Request) -> Response:
        try:
            day = date.fromisoformat(request.path_params["day"])
            noon = site.timetable.noon_of(day)
        except (ValueError, OverflowError):
            return site.pages.not_found(request)
        if site.clock.now() < noon:  # subscribers have it from noon; nobody sees it earlier
            return site.pages.not_found(request)
        return await site.pages.serve(
            request, lambda: _page(site, day), mark=_SEALED, headers={"Content-Security-Policy": _POLICY}
        )

    return [Route("/edition/{day}", edition)]


async def _page(site: Site, day: date) -> bytes | None:
    """The edition as HTML, rendered in a thread; None if there is no edition with stories."""
    edition = await site.editions.sealed(day)
    if edition is None or not edition.stories:
        return None
    html = await asyncio.to_thread(
        as_page,
        edition,
        sender=site.pages.pages.sender,
        renderer=site.pages.pages.renderer,
        zone=site.timetable.zone,
        names=site.inspectorates,
        join_url=site.pages.address(),
    )
    return html.encode()
