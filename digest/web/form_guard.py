"""Guards before the pages: a form that another site made a browser send, or one too large, changes nothing.

Our forms need no cookie, so there is little to steal; a token in an address is the right to act. The first
guard is the second lock, and it fails softly: a browser that says nothing is believed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from digest.web.pages import own_path

_OURS: Final = frozenset({"same-origin", "none"})


class OwnForms:
    """Lets posts through that do not say that they come from elsewhere; `open_to_all` need not ask (F81)."""

    def __init__(
        self, app: ASGIApp, *, open_to_all: Collection[str], turned_away: Callable[[Request], Response]
    ) -> None:
        self._app = app
        self._open = tuple(open_to_all)
        self._turned_away = turned_away

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST":
            request = Request(scope)
            # Sec-Fetch-Site alone: our pages send no referrer, and browsers then write "Origin: null".
            said = request.headers.get("sec-fetch-site", "none")
            if said not in _OURS and not own_path(scope).startswith(self._open):
                await self._turned_away(request)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class ShortForms:
    """Refuses a body by the length that it is said to have; one that lies is counted while it is read."""

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
