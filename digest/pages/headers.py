"""The headers of every response, and a request's path within the site."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # our addresses hold tokens that other sites must not see
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}

OWN_PAGES: Final = (
    *("code", "confirm", "come-back", "manage", "move", "address", "export", "erase"),
    *("leave", "one-click", "never-again", "stop-alerts", "stop-sign-of-life"),
)
"""The first parts of the paths of subscribers' own pages; a token follows."""


def own_path(scope: Scope) -> str:
    """The request's path without the prefix under which the site is served."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def root_of(scope: Scope) -> str:
    """The relative way from the request's path to the home page, such as "../".

    Links are relative: only the proxy may know the path under which we are served.
    """
    return "../" * (own_path(scope).count("/") - 1) or "./"


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
