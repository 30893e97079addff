"""Pages about the service: what it does, what is kept of people, and how its pages can be used."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.retention import Retention
from digest.site.pages import FIXED
from digest.site.responses import AN_HOUR
from digest.site.site import Site


def routes(site: Site) -> list[Route]:
    return [
        Route("/about", _page(site, "about", {})),
        Route("/privacy", _page(site, "privacy", {"days": days_of(site.retention)})),
        Route("/accessibility", _page(site, "accessibility", {})),
    ]


def _page(site: Site, template: str, given: Mapping[str, Any]) -> Callable[[Request], Awaitable[Response]]:
    async def values() -> Mapping[str, Any]:
        return given

    async def page(request: Request) -> Response:
        return await site.pages.show(request, template, values, mark=FIXED, max_age=AN_HOUR)

    return page


def days_of(kept: Retention) -> dict[str, int]:
    """For how many days each thing is kept, by the names of the settings; parts of a day count as one."""
    return {one.name: -(-getattr(kept, one.name) // timedelta(days=1)) for one in fields(kept)}
