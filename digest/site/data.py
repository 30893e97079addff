"""The page that explains what programs can read of the site: feeds, files, the API, and licences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.site.site import Site


def routes(site: Site) -> list[Route]:
    async def values() -> Mapping[str, Any]:
        counted = await site.public.inspectorates()
        keys = [*(one.name for one in counted), *site.inspectorates]
        return {
            "address": site.pages.address,
            "example": next((key for key in keys if key in site.inspectorates), ""),
            "licences": sorted(
                ((one.name, one.key, one.licence) for one in site.known), key=lambda one: one[0].casefold()
            ),
        }

    async def page(request: Request) -> Response:
        return await site.pages.show(request, "data", values)

    return [Route("/data", page)]
