"""Complaints: feedback reports (RFC 5965), and the older layout in which Microsoft sends them."""

from __future__ import annotations

import re
from typing import Final

from digest.inbound.entity import Entity, fields_of, line
from digest.inbound.kinds import Complaint, Feedback, Own, Room

ENDING: Final = frozenset({"abuse", "fraud", "opt-out", "opt-out-list", "complaint", "miscategorized"})
"""Types by which a reader says "I do not want this": all others are for operators to read (RFC 5965 section 7.3)."""

Fields = tuple[tuple[str, str], ...]

_KINDS: Final = frozenset({"message/feedback-report", "message/global-feedback-report"})
_JMRP: Final = re.compile(r"complaint about message from\b", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"[^\s<>,;:\"@]{1,64}@[^\s<>,;:\"@]{1,255}")
_MESSAGE_ID: Final = re.compile(r"<[^\s<>]{1,250}>")


def feedback_in(mail: Entity, own: Own) -> Complaint | Feedback | None:
    """What a feedback report says; None if the message is none.

    Nothing is looked for in its words: only where the standard puts our return path and Message-ID, or in the
    headers of the message it carries.
    """
    report = next((leaf for leaf in mail.leaves() if leaf.kind in _KINDS), None)
    original = _original(mail)
    if report is not None and mail.kind == "multipart/report":
        fields = fields_of(report.content())
        kind = line(_first(fields, "Feedback-Type").lower(), 40).split(" ")[0] or "abuse"
    elif original and _JMRP.match(mail.get("Subject")) and _first(original, "X-HmXmrOriginalRecipient"):
        fields, kind = (), "abuse"
    else:
        return None
    paths = [
        _first(fields, "Original-Mail-From"),
        *_every(original, "Return-Path"),
        *_every(original, "X-Original-Sender"),
    ]
    found = _MESSAGE_ID.search(_first(original, "Message-ID"))
    named = {
        "feedback_type": kind,
        "path": next((path for value in paths if (path := _own_path(value, own))), ""),
        "message_id": found[0] if found else "",
    }
    return Complaint(**named) if kind in ENDING else Feedback(**named)


def _own_path(value: str, own: Own) -> str:
    """The local part of our return path with a token, if that is what a field names."""
    for address in _ADDRESS.findall(value[:1000]):
        place = own.place(address)
        if place is not None and place.room is Room.RETURNS and place.detail:
            return str(address.rpartition("@")[0])
    return ""


def _original(mail: Entity) -> Fields:
    """The headers of the message complained of, attached whole or headers only (RFC 5965 section 2)."""
    for leaf in mail.leaves():
        if leaf.is_message and leaf.parts:
            return leaf.parts[0].fields
        if leaf.kind in {"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}:
            return fields_of(leaf.content())
    return ()


def _first(fields: Fields, name: str) -> str:
    return next(iter(_every(fields, name)), "")


def _every(fields: Fields, name: str) -> list[str]:
    return [value for found, value in fields if found.lower() == name.lower()]
