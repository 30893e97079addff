"""Subscribers' pages: never stored by caches, never listed by search engines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from digest.addresses import truncated
from digest.pages.rendering import Pages
from digest.pages.visitors import network
from digest.subscriptions import Channel, Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberPages(Pages):
    """Renders the templates in `templates/web/`."""

    def show(self, request: Request, page: str, *, status: int = 200, **values: Any) -> Response:
        html = self.html(request, f"web/{page}.html", **values)
        return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store"})

    def evidence(self, request: Request, button: str) -> Evidence:
        """Evidence that somebody pressed a button, named as in `web/words.txt`, and from which network."""
        origin = truncated(network(request))  # empty for a visitor without an address
        wording = self.renderer.render("web/words.txt", {"button": button}).strip()
        return Evidence(channel=Channel.WEB, wording=wording, origin=origin)

    async def style(self, _: Request) -> Response:
        sheet = self.sheet("web/style.css")
        return Response(sheet, media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})
