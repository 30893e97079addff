"""Complaints: feedback reports (RFC 5965), and the older layout that Microsoft sends."""

from __future__ import annotations

import re
from typing import Final

from digest.inbound.entity import Entity, fields_of, line
from digest.inbound.kinds import AddressRole, Complaint, Feedback, OurAddresses

ENDING: Final = frozenset({"abuse", "fraud", "opt-out", "opt-out-list", "complaint", "miscategorized"})
"""Types that mean "I do not want this mail". Operators read reports of all other types (RFC 5965 section 7.3)."""

Fields = tuple[tuple[str, str], ...]

_KINDS: Final = frozenset({"message/feedback-report", "message/global-feedback-report"})
_JMRP: Final = re.compile(r"complaint about message from\b", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"[^\s<>,;:\"@]{1,64}@[^\s<>,;:\"@]{1,255}")
_MESSAGE_ID: Final = re.compile(r"<[^\s<>]{1,250}>")


def feedback_in(mail: Entity, ours: OurAddresses) -> Complaint | Feedback | None:
    """What a feedback report says; None if the message is no feedback report.

    Our return path and Message-ID are read from the report's fields and from the headers of the attached
    message, never from text.
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
        "path": next((path for value in paths if (path := _own_path(value, ours))), ""),
        "message_id": found[0] if found else "",
    }
    return Complaint(**named) if kind in ENDING else Feedback(**named)


def _own_path(value: str, ours: OurAddresses) -> str:
    """The local part of our return path with its token, if the field's value names one; else empty."""
    for address in _ADDRESS.findall(value[:1000]):
        recipient = ours.find(address)
        if recipient is not None and recipient.role is AddressRole.RETURNS and recipient.detail:
            return str(address.rpartition("@")[0])
    return ""


def _original(mail: Entity) -> Fields:
    """The headers of the message that the complaint is about; it is attached whole, or its headers are (RFC 5965 section 2)."""
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
