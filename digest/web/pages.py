"""Pages from templates, and the headers that every answer carries."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from starlette.background import BackgroundTask
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest.compose import Sender
from digest.ports import Renderer
from digest.subscriptions import Channel, Evidence
from digest.web.forms import NOWHERE, network

log = logging.getLogger(__name__)

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # the token in our address is nobody else's business
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Shows the templates of `web/`."""

    renderer: Renderer
    sender: Sender

    def show(self, request: Request, page: str, *, status: int = 200, **values: Any) -> Response:
        # Relative, for only the proxy before us may know under which path we are served.
        root = "../" * (own_path(request.scope).count("/") - 1) or "./"
        html = self.renderer.render(f"web/{page}.html", {"sender": self.sender, "root": root, **values})
        return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store"})

    def evidence(self, request: Request, button: str) -> Evidence:
        """That somebody pressed a button, by its name in `web/words.txt`, and from which network."""
        origin = network(request)
        wording = self.renderer.render("web/words.txt", {"button": button}).strip()
        return Evidence(channel=Channel.WEB, wording=wording, origin="" if origin == NOWHERE else origin)

    async def style(self, _: Request) -> Response:
        sheet = self.renderer.render("web/style.css", {})
        return Response(sheet, media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})


def own_path(scope: Scope) -> str:
    """The path below where the site is served."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def behind(page: Response, work: Callable[[], Awaitable[Any]]) -> Response:
    """The page, with the work done once it is on its way: so its time says nothing of what we know."""
    page.background = BackgroundTask(_done, work)
    return page


async def _done(work: Callable[[], Awaitable[Any]]) -> None:
    try:
        outcome = await work()
    except Exception:
        log.exception("what a page promised could not be done")
    else:
        log.info("asked by web", extra={"outcome": str(outcome)})


class SecurityHeaders:
    """Puts our headers on every answer, those of errors included; one already set stays."""

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
