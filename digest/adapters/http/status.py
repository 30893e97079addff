"""What an HTTP status and its headers mean for a poll or a probe (RFC 9110). Pure."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

import aiohttp

from digest.ports import Blocked, NotModified, Unreached
from digest.sources import LONGEST_WAIT, Validators

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
PASSING: Final = frozenset({502, 503, 504})  # trouble of a proxy, often over a second later

REFUSALS: Final = frozenset({401, 403, 429, 451})
"""Statuses by which a server says that it does not serve us, or not so often, though others get an answer."""

WITHHELD: Final = REFUSALS | {404}
"""Statuses after which the page may still be there for others: 410 says that it is gone."""

BOT_CHECKS: Final = ("cf-mitigated", "x-amzn-waf-action")
"""Headers of an answer that asks a person to prove that they are one (Cloudflare, AWS WAF)."""

_CLOCKS_DIFFER: Final = timedelta(minutes=5)
_LONGEST_VALIDATOR: Final = 1024


def settled(
    status: int, headers: Mapping[str, str], now: datetime, *, conditional: bool
) -> NotModified | Blocked | Unreached | None:
    """The outcome if the status decides it; None if the body must be read.

    `conditional` says that we sent validators. Without them, a 304 must not count as "nothing new".
    """
    if any(name in headers for name in BOT_CHECKS):
        return Blocked(reason=f"{phrase(status)}: a check for bots", by_server=True, withheld=True)
    if status in (200, 203) or (status == 206 and _is_whole(headers.get("Content-Range"))):
        return None
    if status == 304 and conditional:
        return NotModified()
    reason, wait = phrase(status), retry_after(headers.get("Retry-After"), now)
    if 400 <= status < 500 and status not in (408, 425):  # these two ask for another try
        refused, withheld = status in REFUSALS, status in WITHHELD
        return Blocked(reason=reason, wait=wait, by_server=refused, withheld=withheld)
    return Unreached(reason=reason, wait=wait, answered=True)


def _is_whole(content_range: str | None) -> bool:
    """Whether a part that we did not ask for is the whole (RFC 9110 section 14.4)."""
    part = re.fullmatch(r"bytes 0-(\d{1,18})/(\d{1,18})", (content_range or "").strip())
    return part is not None and int(part[1]) + 1 == int(part[2])


def phrase(status: int) -> str:
    """The status as an operator knows it: "410 Gone"."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """How long Retry-After asks us to wait (RFC 9110 section 10.2.3), but at most `LONGEST_WAIT`."""
    text = (value or "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return min(timedelta(seconds=int(text)), LONGEST_WAIT)
    until = http_date(text)
    return None if until is None else min(max(until - now, timedelta(0)), LONGEST_WAIT)


def validators(headers: Mapping[str, str], now: datetime) -> Validators:
    """The validators to keep for the next poll.

    A Last-Modified in the future is left out, because it would match every later version; so is a value that
    cannot be sent back in a header.
    """
    modified = _sendable(headers.get("Last-Modified"))
    dated = http_date(modified or "")
    if dated is not None and dated > now + _CLOCKS_DIFFER:
        modified = None
    return Validators(etag=_sendable(headers.get("ETag")), last_modified=modified)


def _sendable(value: str | None) -> str | None:
    if not value or len(value) > _LONGEST_VALIDATOR:
        return None
    return value if value.isascii() and value.isprintable() else None


def http_date(text: str) -> datetime | None:
    """The instant of a date in a header, aware; None if the text is no date. A date without a zone is UTC."""
    try:
        read = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read


def why(error: BaseException) -> str:
    """Why a request failed, in one line; for a failed connection, the host and the system's reason.

    The library's text for a failed connection names an object of this process, a different one each time.
    """
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"no connection to {error.host}:{error.port}: {error.certificate_error}"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"no connection to {error.host}:{error.port}: {_said(error.os_error)}"
    return str(error) or type(error).__name__


def in_words(error: BaseException) -> str:
    """The error as one line for operators, cleaned, because a server may have written parts of it."""
    return one_line(why(error))


def one_line(text: str, most: int = 300) -> str:
    """A foreign text as one line of at most so many characters, without what a terminal would act on."""
    return "".join(c if c.isprintable() else "\ufffd" for c in " ".join(text.split())[:most])


def _said(error: OSError) -> str:
    if isinstance(error, ssl.SSLError) or error.errno is None:
        return str(error)
    # Of a name that is not found the number is the resolver's, below zero, and the words are its own.
    return os.strerror(error.errno) if error.errno > 0 else error.strerror or str(error)
