"""The sitemap (sitemaps.org): an index, the pages and editions in one part, and services by thousands."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import date
from typing import Final
from urllib.parse import quote
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.site.addresses import edition_page, service_page
from digest.site.responses import AN_HOUR, public_stream
from digest.site.site import Site

SERVICES_IN_A_PART: Final = 10_000
"""Services in one part; a sitemap may have 50,000 addresses."""

XML: Final = "application/xml; charset=utf-8"
PAGES: Final = (
    *("", "archive", "services", "tables", "data"),
    *("coverage", "about", "privacy", "accessibility"),
)

_AT_ONCE: Final = 1000  # services read at a time
_SPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"


def routes(site: Site) -> list[Route]:
    async def index(request: Request) -> Response:
        async def make() -> bytes:
            firsts = await site.public.every(SERVICES_IN_A_PART)
            parts = ("sitemap-pages.xml", *(f"sitemap-services.xml?from={quote(id)}" for id in firsts))
            lines = (f"<sitemap><loc>{escape(site.pages.address(part))}</loc></sitemap>" for part in parts)
            return _document("sitemapindex", lines)

        return await site.pages.serve(request, make, media_type=XML, max_age=AN_HOUR)

    async def pages(request: Request) -> Response:
        async def make() -> bytes:
            return _document("urlset", [*(_url(site, page) for page in PAGES), *await _editions(site)])

        return await site.pages.serve(request, make, media_type=XML, max_age=AN_HOUR)

    async def services(request: Request) -> Response:
        parts = _services(site, request.query_params.get("from", ""))
        return public_stream(request, parts, mark=await site.pages.mark(), media_type=XML, max_age=AN_HOUR)

    return [
        Route("/sitemap.xml", index),
        Route("/sitemap-pages.xml", pages),
        Route("/sitemap-services.xml", services),
    ]


async def _editions(site: Site) -> list[str]:
    until = site.until
    span = await site.public.span(until=until)
    if span is None:
        return []
    days = await site.public.days(*span, until=until)
    return [_url(site, edition_page(one.day), changed=one.day) for one in days if one.stories]


async def _services(site: Site, first: str) -> AsyncIterator[bytes]:
    """A part of the services, from the one with this id on, written while it is read."""
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{_SPACE}">\n'.encode()
    left = SERVICES_IN_A_PART
    while left and (found := await site.public.addresses(first, limit=min(_AT_ONCE, left) + 1)):
        part, after = found[:_AT_ONCE][:left], found[_AT_ONCE:]
        pages = (service_page(one.id, one.slug, one.inspectorate) for one in part)
        yield "".join(f"{_url(site, page)}\n" for page in pages).encode()
        left -= len(part)
        if not after:
            break
        first = after[0].id
    yield b"</urlset>\n"


def _url(site: Site, page: str, *, changed: date | None = None) -> str:
    said = f"<lastmod>{changed}</lastmod>" if changed else ""
    return f"<url><loc>{escape(site.pages.address(page))}</loc>{said}</url>"


def _document(root: str, lines: Iterable[str]) -> bytes:
    body = "\n".join(lines)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_SPACE}">\n{body}\n</{root}>\n'.encode()
