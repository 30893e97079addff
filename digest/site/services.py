"""The page of a service, under its one address; whatever else leads to it is sent there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from digest.pages.headers import own_path, root_of
from digest.ports.public import Service
from digest.present.service import Pages, ServiceView, ServiceViews
from digest.site.addresses import edition_page, service_page
from digest.site.asking import query
from digest.site.responses import MAX_AGE
from digest.site.site import Site

STORIES: Final = 60
"""The newest stories of a service that its page is made of."""

_LONGEST: Final = 400
"""Characters of the longest address that is looked up: an id, a hyphen and a slug of 60."""

_PAGES: Final = Pages(edition=edition_page, service=service_page)


def routes(site: Site) -> list[Route]:
    async def service(request: Request) -> Response:
        found = await service_at(site, request.path_params["address"], own_path(request.scope))
        if found is None:
            return site.pages.not_found(request)
        page = page_of(found)
        if own_path(request.scope) != f"/{unquote(page)}":
            return moved(request, page)

        async def values() -> Mapping[str, Any] | None:
            return await _values(site, found.id, page)

        return await site.pages.show(request, "service", values)

    return [Route("/services/{inspectorate}/{address:path}", service)]


def page_of(service: Service) -> str:
    """The one address of a service's page, below the home page."""
    return service_page(service.id, service.slug, service.inspectorate)


async def service_at(site: Site, address: str, path: str = "") -> Service | None:
    """The service that the last part of an address names: by its id, alone or before any name.

    If several are possible, the one whose page is at `path` is meant, or else the one with the longest id.
    """
    if len(address) > _LONGEST:
        return None
    ids = list(_ids(address))
    found = await site.public.named(ids)
    possible = [found[id] for id in ids if id in found]
    exact = (one for one in possible if f"/{unquote(page_of(one))}" == path)
    return next(exact, next(iter(possible), None))


def _ids(address: str) -> Iterator[str]:
    """The ids that the address may begin with, the longest first."""
    yield address
    while "-" in address:
        address = address.rpartition("-")[0]
        yield address


def moved(request: Request, page: str) -> Response:
    """To the one address of a page, for good."""
    headers = {"Cache-Control": f"public, max-age={MAX_AGE}", "X-Robots-Tag": "all"}
    return RedirectResponse(root_of(request.scope) + page, status_code=301, headers=headers)


async def _values(site: Site, id: str, page: str) -> Mapping[str, Any] | None:
    record = await site.public.record(id)
    if record is None:
        return None
    until = site.until
    stories = await site.public.stories(service=id, until=until, limit=STORIES)
    views = ServiceViews(known=site.known, names=site.inspectorates, pages=_PAGES, until=until)
    view = views.of(record, stories)
    return {"view": view, "trail": _trail(view), "canonical": site.pages.address(page)}


def _trail(view: ServiceView) -> list[tuple[str, str]]:
    """The lists that the service is in, each narrower than the one before, as text and page."""
    own, chosen, trail = view.service, dict[str, str](), []
    for name, value, text in (
        ("inspectorate", own.inspectorate, view.inspectorate or own.inspectorate),
        ("kind", own.kind, own.kind),
        ("area", own.area, own.area),
    ):
        if value:
            chosen[name] = value
            trail.append((text, "services" + query(**chosen)))
        elif name == "inspectorate":  # kinds and areas are offered within one
            break
    return trail
