"""The page that explains what programs can read of the site: feeds, files, the API, and licences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.site.site import Site


def routes(site: Site) -> list[Route]:
    async def page(request: Request) -> Response:
        read = (await site.coverage()).offered

        async def values() -> Mapping[str, Any]:
            counted = [one.name for one in await site.public.inspectorates()]
            keys = {*read, *counted}
            shown = sorted(
                (one for one in site.known if one.key in keys), key=lambda one: one.name.casefold()
            )
            return {
                "address": site.pages.address,
                "example": next((key for key in [*counted, *read, *site.inspectorates] if key), ""),
                "licences": [(one.name, one.key, one.licence) for one in shown],
            }

        mark = f"{await site.pages.mark()} {' '.join(read)}"
        return await site.pages.show(request, "data", values, mark=mark)

    return [Route("/data", page)]
