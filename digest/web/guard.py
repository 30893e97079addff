"""A guard against posts that another site makes a browser send: they change nothing and are asked for again.

Our forms need no cookie, so there is little to steal; a token in an address is the right to act. This is the
second lock, and it fails softly: a browser that says nothing is believed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

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
            own = scope["path"].removeprefix(scope.get("root_path", ""))
            # Sec-Fetch-Site alone: our pages send no referrer, and browsers then write "Origin: null".
            said = request.headers.get("sec-fetch-site", "none")
            if said not in _OURS and not own.startswith(self._open):
                await self._turned_away(request)(scope, receive, send)
                return
        await self._app(scope, receive, send)
