"""Answers to programs whose request cannot be met: problem details (RFC 9457)."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from digest.pages.headers import own_path

MEDIA_TYPE: Final = "application/problem+json"

OPEN: Final = {"Access-Control-Allow-Origin": "*"}
"""Scripts on any site may read what is the same for everybody."""

_FOR_PROGRAMS: Final = ("/api/", "/feeds/", "/data/")


def for_a_program(request: Request) -> bool:
    """Whether programs, and not people, read what is at the request's address."""
    return own_path(request.scope).startswith(_FOR_PROGRAMS)


def problem(status: int, detail: str, *, allowed: str = "") -> Response:
    """What was wrong with a request, in a sentence; nobody keeps it. `allowed` are the methods of a 405."""
    said = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    headers = {"Cache-Control": "no-store", **OPEN, **({"Allow": allowed} if allowed else {})}
    return Response(
        json.dumps(said, ensure_ascii=False), status_code=status, media_type=MEDIA_TYPE, headers=headers
    )
