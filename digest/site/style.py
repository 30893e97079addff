"""The style sheet of public pages, and what search engines are asked to leave alone."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.pages.headers import OWN_PAGES
from digest.site.pages import FIXED
from digest.site.responses import AN_HOUR
from digest.site.site import Site


def routes(site: Site) -> list[Route]:
    async def style(request: Request) -> Response:
        async def make() -> bytes:
            return site.pages.pages.sheet("site/site.css")

        return await site.pages.serve(
            request, make, media_type="text/css; charset=utf-8", mark=FIXED, max_age=AN_HOUR
        )

    async def robots(request: Request) -> Response:
        async def make() -> bytes:
            return _robots(site).encode()

        return await site.pages.serve(
            request, make, media_type="text/plain; charset=utf-8", mark=FIXED, max_age=AN_HOUR
        )

    return [Route("/site.css", style), Route("/robots.txt", robots)]


def _robots(site: Site) -> str:
    """The file by which crawlers go (RFC 9309), with the prefix of the public address."""
    sitemap = f"Sitemap: {site.pages.address('sitemap.xml')}"
    prefix = urlsplit(site.pages.address()).path
    return "\n".join(["User-agent: *", *(f"Disallow: {prefix}{first}/" for first in OWN_PAGES), sitemap, ""])
