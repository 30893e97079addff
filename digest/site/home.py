"""The home page: what the service does, the form to join it, and what it covers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.errors import StoreError
from digest.site.coverage import Covered, covered
from digest.site.site import Site


def routes(site: Site) -> list[Route]:
    async def home(request: Request) -> Response:
        form, found = await site.join_form(), await _covered(site)

        async def values() -> Mapping[str, Any]:
            return {**form, "covered": found}

        mark = f"{await site.pages.mark()} {form!r} {found!r}"
        return await site.pages.show(request, "home", values, mark=mark, max_age=60)

    return [Route("/", home)]


async def _covered(site: Site) -> Covered | None:
    """What we cover now; None while the database cannot be read: the form is shown all the same."""
    try:
        return await covered(site)
    except StoreError:
        return None
