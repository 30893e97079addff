"""Public responses: caches may keep them, and who has the present one is told so (RFC 9110 section 13)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

HTML: Final = "text/html; charset=utf-8"

MAX_AGE: Final = 300
"""Seconds for which caches and browsers may show a page without asking again."""

AN_HOUR: Final = 3600
"""The same for what changes seldom, or is large."""

NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})

_TAG: Final = re.compile(r'(?:W/)?("[^"]*")')


def tag_of(content: bytes) -> str:
    """A strong entity tag of these bytes: equal bytes have equal tags, in every process."""
    return f'"{sha256(content).hexdigest()[:32]}"'


def has_it(request: Request, tag: str) -> bool:
    """Whether the client says that it has the content with this tag.

    Tags are compared without their "W/": a proxy that compresses a page makes its tag weak.
    """
    said = request.headers.get("if-none-match", "").strip()
    return said == "*" or tag in _TAG.findall(said)


def public(
    request: Request,
    content: bytes,
    *,
    media_type: str = HTML,
    tag: str | None = None,
    max_age: int = MAX_AGE,
    headers: Mapping[str, str] = NO_HEADERS,
) -> Response:
    """Content that is the same for everybody; 304 without it for a client that has it.

    `tag` is the content's `tag_of`, if it is known already; `max_age` is in seconds.
    """
    tag = tag or tag_of(content)
    kept = {"Cache-Control": f"public, max-age={max_age}", "ETag": tag, "X-Robots-Tag": "all", **headers}
    if has_it(request, tag):
        return Response(status_code=304, headers=kept)
    return Response(content, headers=kept, media_type=media_type)


def public_stream(
    request: Request,
    parts: AsyncIterator[bytes],
    *,
    mark: str,
    media_type: str,
    max_age: int = MAX_AGE,
    headers: Mapping[str, str] = NO_HEADERS,
) -> Response:
    """Content that is too large to be kept, sent while it is made; `mark` is what it changes with.

    It is not made at all for a client that has it, nor for HEAD. Its tag is weak: nobody has seen its bytes.
    """
    tag = tag_of(mark.encode())
    kept = {"Cache-Control": f"public, max-age={max_age}", "X-Robots-Tag": "all", **headers}
    kept["ETag"] = f"W/{tag}"
    if has_it(request, tag):
        return Response(status_code=304, headers=kept)
    if request.method == "HEAD":
        return StreamingResponse(iter(()), headers=kept, media_type=media_type)
    return StreamingResponse(parts, headers=kept, media_type=media_type)
