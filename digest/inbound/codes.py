"""Codes: the reply code and the enhanced status in a mail server's words, wherever they stand in them."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_STATUS: Final = r"([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)"
_PAIR: Final = re.compile(r"(?<![\w.:/-])([45][0-5]\d)[- ]+[(\[<]?#?" + _STATUS)
# Alone, three numbers with dots may be an address or a version, so they need a sign that they are a status.
_SIGNED: Final = re.compile(r"(?:#|\bstatus(?: code)?:? ?=? ?|\bDSN: ?=?)" + _STATUS, re.IGNORECASE)
_LEADING: Final = re.compile(r"\s*(?:[\w-]{1,20};\s*)?" + _STATUS)
_CODE: Final = re.compile(r"(?<![\w.:/#\[-])([45][0-5]\d)(?=[- ]\D|$)")
_LEADING_CODE: Final = re.compile(r"\s*(?:[\w-]{1,20};\s*)?([245][0-5]\d)\b")
_WHOLE_STATUS: Final = re.compile(r"\s*" + _STATUS)


class Codes(NamedTuple):
    status: str  # empty where none was found
    code: int | None
    at: int  # where they stand


NONE: Final = Codes("", None, -1)


def status_of(value: str) -> str:
    """The status of a Status field, which may go on with a comment (RFC 3464 section 2.3.4)."""
    found = _WHOLE_STATUS.match(value)
    return found[1] if found else ""


def is_vague(status: str) -> bool:
    """Whether a status says no more than its class (RFC 3463 section 3.1)."""
    return not status or status.endswith(".0.0")


def codes_of(diagnostic: str) -> Codes:
    """The codes of one Diagnostic-Code, or of one server's reply."""
    if pair := _PAIR.search(diagnostic):
        return Codes(pair[2], int(pair[1]), pair.start())
    status = _SIGNED.search(diagnostic) or _LEADING.match(diagnostic)
    code = _LEADING_CODE.match(diagnostic) or _CODE.search(diagnostic)
    if status is None and code is None:
        return NONE
    at = min(found.start() for found in (status, code) if found)
    return Codes(status[1] if status else "", int(code[1]) if code else None, at)


def codes_in(text: str) -> Codes:
    """The codes in running text, where a bare number alone proves nothing: a status, or a reply at a line's start."""
    if found := _PAIR.search(text):
        return Codes(found[2], int(found[1]), found.start())
    if signed := _SIGNED.search(text):
        code = _CODE.search(text)
        return Codes(signed[1], int(code[1]) if code else None, signed.start())
    if reply := _REPLY.search(text):
        return Codes("", int(reply[1]), reply.start(1))
    return NONE


_REPLY: Final = re.compile(
    r"(?:^[ \t<>.-]*|\b(?:said|responded|response|error|replied)\b[^\n]{0,80}?[: (\[\"']\s*)([45][0-5]\d)(?=[- ]\S)",
    re.IGNORECASE | re.MULTILINE,
)
