"""Server reports: what a mail server says became of a message of ours.

Standard reports have a part for machines (RFC 3464; RFC 6533 for addresses that are not ASCII). Older servers
write words only: those are searched for codes, then for known phrases, then for known layouts.
"""

from __future__ import annotations

import re
from email.message import Message
from email.utils import getaddresses
from itertools import islice
from typing import Final, NamedTuple

from flufl.bounce import all_failures

from digest.inbound.entity import Entity, decoded, fields_of, line, unquoted_text
from digest.smtp_verdicts import FULL, NO_DOMAIN, NO_SUCH, Notice

# Reports for machines

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
    """The part for machines; None if there is none. Attached messages are not searched: they are forwarded mail."""
    return next((leaf for leaf in mail.leaves() if leaf.kind in _KINDS), None)


def notices_in_report(part: Entity, human: str) -> list[Notice]:
    """What the report says of each recipient. `human` is the text for people; it counts if `part` has no codes.

    The message's own fields come first, then a group for each recipient (RFC 3464 section 2.1). Some servers
    leave out the empty line between them, so every group that names a recipient's fields counts.
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
    status = _status_of(fields.get("status", ""))
    diagnostic = line(decoded(fields.get("diagnostic-code", "").encode("utf-8", "replace"), "utf-8"))
    codes = _codes_of(diagnostic)
    # The reporting server's Status is often its own guess; the remote server's words are in Diagnostic-Code.
    if not _is_vague(codes.status):
        status = codes.status
    code = codes.code
    if _is_vague(status) and code is None:
        beside = _codes_in(human)
        status = beside.status or status
        code = beside.code
        diagnostic = diagnostic or line(human[max(beside.at, 0) :])
    return Notice(
        action=_FULL[action[1].lower()] if action else "",
        status=status or codes.status,
        code=code,
        text=diagnostic,
    )


# Reports in words

_DELAYED: Final = re.compile(
    r"\b(?:has|have) been delayed|not (?:yet )?(?:been )?delivered (?:yet|to any)|not yet been delivered"
    r"|\bwill (?:be retried|continue|keep trying|try again)|attempts will continue|\bstill trying|\bwarning message only"
    r"|\bno action is required|\bhas been postponed|do not need to (?:resend|take any action)|delivery is delayed"
    r"|verzögert|retardée?|vertraagd|opóźnion|retrasad[oa]|in ritardo",
    re.IGNORECASE,
)
_FAILED: Final = re.compile(
    r"\bundeliver(?:able|ed)|\b(?:could|can|was|were|is)(?: ?n[o'’]t| not)(?: be)? (?:delivered|able to deliver)|\bunable to deliver"
    r"|\bpermanent(?:ly)?\b.{0,20}(?:err|fail|fatal)|\bdeliver(?:y|ing)\b.{0,40}\bfail|\bfail(?:ed|ure)\b.{0,40}\b(?:deliver|recipient|notice)"
    r"|\breturned (?:mail|to sender|message)|\bgiving up|\bgiven up|\bdid not reach|\bnot delivered|\bwas rejected|\bfailure notice"
    r"|unzustellbar|nicht zugestellt|non remis|n['’]a pas pu être|no se (?:ha podido|pudo|puede) entregar|onbestelbaar|niet (?:worden )?bezorg"
    r"|non recapitabil|impossibile recapitare|niedostarcz|nie (?:mogła|została) .{0,20}dostarcz|配信不能|配信できません|送信できません",
    re.IGNORECASE,
)
_DAEMON: Final = re.compile(
    r"(?:mailer-?daemon|mail-?daemon|mdaemon|postmaster|mmdf|mail[-.]delivery|maildelivery|double-bounce|mailsystem)",
    re.IGNORECASE,
)
_DAEMON_NAME: Final = re.compile(
    r"mail(?:er)? ?(?:delivery|daemon|administrator|router)|delivery (?:subsystem|system|agent|notification)"
    r"|system administrator|postmaster|microsoft (?:exchange|outlook)|mail system",
    re.IGNORECASE,
)
_LAYOUT: Final = 16 * 1024
_WIDTH: Final = 300  # the library's patterns are quadratic in the length of a line


def is_from_mail_server(mail: Entity, sent_from: str) -> bool:
    """Whether a mail server wrote this, by the sender's name. An empty return path is not enough: any machine's is."""
    sender = mail.get("From")
    return (
        _DAEMON.match(sent_from.strip("<> ").rpartition("@")[0]) is not None
        or _DAEMON.search(sender.rpartition("<")[2].partition("@")[0]) is not None
        or _DAEMON_NAME.search(sender.rpartition("<")[0] or sender) is not None
        or bool(mail.raw("X-Failed-Recipients"))
    )


def notice_in_words(mail: Entity) -> Notice | None:
    """What a report in words says; None if we do not understand it."""
    subject, text = mail.get("Subject"), unquoted_text(mail)
    codes = _codes_in(text)
    fails = _FAILED.search(subject) or _FAILED.search(text)
    if _DELAYED.search(subject) or (_DELAYED.search(text) and not _FAILED.search(subject)):
        action = "delayed"
    elif (
        fails
        or codes is not _NO_CODES
        or any(phrases.said_in(text) for phrases in (FULL, NO_SUCH, NO_DOMAIN))
    ):
        action = "failed"
    else:
        action = _by_layout(mail)
    if not action:
        return None
    where = codes.at if codes is not _NO_CODES else (fails.start() if fails and fails.string is text else 0)
    return Notice(
        action=action,
        status=codes.status,
        code=codes.code,
        text=_about(text, where, exact=codes is not _NO_CODES),
    )


def _about(text: str, at: int, *, exact: bool) -> str:
    """The words around the codes. Other paragraphs often give advice that mentions spam and policies."""
    start = text.rfind("\n\n", 0, at) + 1 if exact else 0
    return line(text[max(start, at - 300, 0) : at + 400])


def _by_layout(mail: Entity) -> str:
    """The action that the layout of an old server's report means: "failed", "delayed", or empty if unknown."""
    try:
        passing, lasting = all_failures(_rebuilt(mail))
    except Exception:  # noqa: BLE001 - the library's seventeen heuristics may raise anything on hostile text
        return ""
    return "failed" if lasting else "delayed" if passing else ""


def _rebuilt(mail: Entity) -> Message:
    """A short plain message of the same layout, so that the library's slow patterns stay fast."""
    message = Message()
    # One of the library's patterns fails on a From without an address.
    sender = mail.get("From")
    message["From"] = sender if getaddresses([sender]) else "<>"
    for name in ("To", "Subject", "X-Failed-Recipients", "X-Mailer"):
        if value := mail.get(name):
            message[name] = value
    texts = [leaf for leaf in islice(mail.leaves(), 10) if leaf.kind.startswith("text/")]
    if not mail.parts:
        message.set_payload(_narrow(texts[0].text()) if texts else "")
        return message
    message["Content-Type"] = mail.kind if mail.kind.startswith("multipart/") else "multipart/mixed"
    message.set_payload([])
    for leaf in texts:
        part = Message()
        part["Content-Type"] = "text/plain"
        part["Content-Description"] = leaf.get("Content-Description")
        part.set_payload(_narrow(leaf.text()))
        message.attach(part)
    return message


def _narrow(text: str) -> str:
    rows = text[:_LAYOUT].encode("ascii", "replace").decode("ascii").splitlines()
    return "\n".join(row[:_WIDTH] for row in rows)


# Codes in a server's words

_STATUS: Final = r"([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)"
_PAIR: Final = re.compile(r"(?<![\w.:/-])([45][0-5]\d)[- ]+[(\[<]?#?" + _STATUS)
# Three numbers with dots alone may be an IP address or a version, so a word or sign must mark them as a status.
_MARKED: Final = re.compile(r"(?:#|\bstatus(?: code)?:? ?=? ?|\bDSN: ?=?)" + _STATUS, re.IGNORECASE)
_LEADING: Final = re.compile(r"\s*(?:[\w-]{1,20};\s*)?" + _STATUS)
_CODE: Final = re.compile(r"(?<![\w.:/#\[-])([45][0-5]\d)(?=[- ]\D|$)")
_LEADING_CODE: Final = re.compile(r"\s*(?:[\w-]{1,20};\s*)?([245][0-5]\d)\b")
_WHOLE_STATUS: Final = re.compile(r"\s*" + _STATUS)
_REPLY: Final = re.compile(
    r"(?:^[ \t<>.-]*|\b(?:said|responded|response|error|replied)\b[^\n]{0,80}?[: (\[\"']\s*)([45][0-5]\d)(?=[- ]\S)",
    re.IGNORECASE | re.MULTILINE,
)


class _Codes(NamedTuple):
    status: str  # empty if none is found
    code: int | None
    at: int  # their offset in the text


_NO_CODES: Final = _Codes("", None, -1)


def _status_of(value: str) -> str:
    """The status in a Status field; empty if there is none. A comment may follow it (RFC 3464 section 2.3.4)."""
    found = _WHOLE_STATUS.match(value)
    return found[1] if found else ""


def _is_vague(status: str) -> bool:
    """Whether a status gives its class and no detail (RFC 3463 section 3.1)."""
    return not status or status.endswith(".0.0")


def _codes_of(diagnostic: str) -> _Codes:
    """The codes in one Diagnostic-Code, or in one server's reply."""
    if pair := _PAIR.search(diagnostic):
        return _Codes(pair[2], int(pair[1]), pair.start())
    status = _MARKED.search(diagnostic) or _LEADING.match(diagnostic)
    code = _LEADING_CODE.match(diagnostic) or _CODE.search(diagnostic)
    if status is None and code is None:
        return _NO_CODES
    at = min(found.start() for found in (status, code) if found)
    return _Codes(status[1] if status else "", int(code[1]) if code else None, at)


def _codes_in(text: str) -> _Codes:
    """The codes in running text: a marked status, or a reply code after a server's words or at a line's start.

    A number elsewhere in a text proves nothing.
    """
    if found := _PAIR.search(text):
        return _Codes(found[2], int(found[1]), found.start())
    if marked := _MARKED.search(text):
        code = _CODE.search(text)
        return _Codes(marked[1], int(code[1]) if code else None, marked.start())
    if reply := _REPLY.search(text):
        return _Codes("", int(reply[1]), reply.start(1))
    return _NO_CODES
