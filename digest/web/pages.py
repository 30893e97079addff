"""Pages from templates, and the headers of every response."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest.addresses import truncated
from digest.compose import Sender
from digest.ports import Renderer
from digest.subscriptions import Channel, Evidence
from digest.web.forms import network

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # our addresses hold tokens that other sites must not see
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Renders the templates in `templates/web/`."""

    renderer: Renderer
    sender: Sender

    def show(self, request: Request, page: str, *, status: int = 200, **values: Any) -> Response:
        # Links are relative: only the proxy may know the path under which we are served.
        root = "../" * (own_path(request.scope).count("/") - 1) or "./"
        html = self.renderer.render(f"web/{page}.html", {"sender": self.sender, "root": root, **values})
        return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store"})

    def evidence(self, request: Request, button: str) -> Evidence:
        """Evidence that somebody pressed a button, named as in `web/words.txt`, and from which network."""
        origin = truncated(network(request))  # empty for a visitor without an address
        wording = self.renderer.render("web/words.txt", {"button": button}).strip()
        return Evidence(channel=Channel.WEB, wording=wording, origin=origin)

    async def style(self, _: Request) -> Response:
        sheet = self.renderer.render("web/style.css", {})
        return Response(sheet, media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})


def own_path(scope: Scope) -> str:
    """The request's path without the prefix under which the site is served."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


class SecurityHeaders:
    """Adds `HEADERS` to every response, errors included; a header that is already set stays."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, sending)
