"""Refuses forms that another site made a browser send, and forms that are too large.

Our forms use no cookies: the token in the address is what allows a change. The check of the sending site is a
second safeguard, so a browser that does not say where a form comes from is accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from digest.pages.headers import own_path

_OURS: Final = frozenset({"same-origin", "none"})


class SameSiteForms:
    """Refuses a POST that says it comes from another site, except below the paths `open_to_all`.

    Mail programs post to the one-click address from their own sites.
    """

    def __init__(
        self, app: ASGIApp, *, open_to_all: Collection[str], turned_away: Callable[[Request], Response]
    ) -> None:
        self._app = app
        self._open = tuple(open_to_all)
        self._turned_away = turned_away

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST":
            request = Request(scope)
            # Only Sec-Fetch-Site tells: our pages send no referrer, so browsers write "Origin: null".
            said = request.headers.get("sec-fetch-site", "none")
            if said not in _OURS and not own_path(scope).startswith(self._open):
                await self._turned_away(request)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class BodyLengthLimit:
    """Refuses a body by its Content-Length; `RequestBodyLimitMiddleware` counts those that lie about it."""

    def __init__(
        self, app: ASGIApp, most: int, *, refused: Callable[[Request, HTTPException], Response]
    ) -> None:
        self._app = app
        self._most = most
        self._refused = refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            said = Headers(scope=scope).get("content-length", "0")
            if said.isdecimal() and int(said) > self._most:
                await self._refused(Request(scope), HTTPException(413, "Content Too Large"))(
                    scope, receive, send
                )
                return
        await self._app(scope, receive, send)
