"""The list of services: by inspectorate, kind and area, in pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.ports.public import Counted, ServiceFilter, ServiceOrder, ServicePage
from digest.site.addresses import table_page
from digest.site.asking import IN_A_PAGE, page_link, page_number, pages_of, query, text_of
from digest.site.service_lines import service_line
from digest.site.site import Site
from digest.site.tables import slugs

_READS: Final = ("inspectorate", "kind", "area", "page")


def routes(site: Site) -> list[Route]:
    async def services(request: Request) -> Response:
        which = ServiceFilter(
            inspectorate=text_of(request, "inspectorate"),
            kind=text_of(request, "kind"),
            area=text_of(request, "area"),
        )
        asked = page_number(request)

        async def values() -> Mapping[str, Any]:
            return await _values(site, which, asked)

        return await site.pages.show(request, "services", values, reads=_READS)

    return [Route("/services", services)]


async def _values(site: Site, which: ServiceFilter, asked: int) -> Mapping[str, Any]:
    """What the page shows; a page beyond the last is the last one."""
    found = await _page(site, which, asked)
    pages = pages_of(found.count)
    page = min(asked, pages)
    if page != asked:
        found = await _page(site, which, page)
    chosen = {"inspectorate": which.inspectorate, "kind": which.kind, "area": which.area}
    own = bool(which.inspectorate)
    kinds = await site.public.kinds(which.inspectorate) if own else ()
    areas = await site.public.areas(which.inspectorate, which.kind) if own else ()
    inspectorates = await site.public.inspectorates()
    ours = sum(one.services for one in inspectorates if one.name == which.inspectorate) if own else 0
    return {
        "chosen": chosen,
        "names": site.inspectorates,
        "inspectorates": site.by_name(inspectorates),
        "own_services": ours > 0,
        "all": ours or sum(one.services for one in inspectorates),
        "kinds": kinds,
        "table": _table(which, kinds) if own else "",
        "areas": areas,
        "area_options": [("", "All places"), *((one.name, one.name) for one in areas)],
        "lines": [service_line(one, names=site.inspectorates, known=site.known) for one in found.services],
        "count": found.count,
        "first": (page - 1) * IN_A_PAGE + 1,
        "page": page,
        "pages": pages,
        "previous": page_link(page - 1, pages, **chosen),
        "next": page_link(page + 1, pages, **chosen),
        "last": page_link(pages, pages, **chosen),
        "query": query,
        "canonical": site.pages.address("services") + query(**chosen, page=page if page > 1 else None),
    }


def _table(which: ServiceFilter, kinds: Sequence[Counted]) -> str:
    """The table of the same services."""
    kind = next((slug for slug, name in slugs(kinds).items() if name == which.kind), "")
    return table_page(which.inspectorate, kind) + query(area=which.area)


async def _page(site: Site, which: ServiceFilter, page: int) -> ServicePage:
    offset = (page - 1) * IN_A_PAGE
    return await site.public.services(which, ServiceOrder.NAME, offset=offset, limit=IN_A_PAGE)
