"""Delivery status notifications (RFC 3464; with non-ASCII addresses, RFC 6533)."""

from __future__ import annotations

import re
from typing import Final

from digest.inbound.codes import codes_in, codes_of, is_vague, status_of
from digest.inbound.entity import Entity, decoded, fields_of, line
from digest.smtp_verdicts import Notice

_KINDS: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})
_GROUPS: Final = re.compile(rb"(?:\r?\n[ \t]*){2,}")
_PER_RECIPIENT: Final = frozenset({"action", "status", "diagnostic-code", "final-recipient"})
_ACTIONS: Final = re.compile(r"\s*(fail|delay|deliver|relay|expand)", re.IGNORECASE)
_FULL: Final = {
    "fail": "failed",
    "delay": "delayed",
    "deliver": "delivered",
    "relay": "relayed",
    "expand": "expanded",
}
MOST: Final = 100
"""Recipients of one report that are looked at."""


def status_part(mail: Entity) -> Entity | None:
    """The machine-readable part, not looking into attached messages: what somebody forwards is no report."""
    return next((leaf for leaf in mail.leaves() if leaf.kind in _KINDS), None)


def notices_of(part: Entity, human: str) -> list[Notice]:
    """What the report says of each recipient; `human` is the text beside it, asked where it says nothing.

    The message's own fields come first, then a group for each recipient (RFC 3464 section 2.1). Some servers
    leave out the empty line between, so every group that speaks of a recipient counts.
    """
    groups = _GROUPS.split(part.content().strip(), maxsplit=MOST)
    found = []
    for group in groups:
        fields = {name.lower(): value for name, value in reversed(fields_of(group))}
        if _PER_RECIPIENT & fields.keys():
            found.append(_notice(fields, human))
    return found


def _notice(fields: dict[str, str], human: str) -> Notice:
    action = _ACTIONS.match(fields.get("action", ""))
    status = status_of(fields.get("status", ""))
    diagnostic = line(decoded(fields.get("diagnostic-code", "").encode("utf-8", "replace"), "utf-8"))
    codes = codes_of(diagnostic)
    # The reporting server's Status is often its own guess; the remote server's words are in Diagnostic-Code.
    if not is_vague(codes.status):
        status = codes.status
    code = codes.code
    if is_vague(status) and code is None:
        told = codes_in(human)
        status = told.status or status
        code = told.code
        diagnostic = diagnostic or line(human[max(told.at, 0) :])
    return Notice(
        action=_FULL[action[1].lower()] if action else "",
        status=status or codes.status,
        code=code,
        text=diagnostic,
    )
