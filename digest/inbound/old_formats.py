"""Bounces in words only, from servers that do not speak RFC 3464: codes first, then words, then known layouts."""

from __future__ import annotations

import re
from email.message import Message
from email.utils import getaddresses
from itertools import islice
from typing import Final

from flufl.bounce import all_failures

from digest.inbound.codes import NONE, codes_in
from digest.inbound.entity import Entity, line
from digest.smtp_verdicts import FULL, NO_DOMAIN, NO_SUCH, Notice

_ORIGINAL: Final = re.compile(
    r"^[ \t]*(?:-{2,}.{0,60}(?:copy|original|returned|header|message follows)|(?:the )?(?:original )?message headers? follow"
    r"|original message headers|Return-Path:|Received: from|-{3,} ?Forwarded|>{1,2} ?(?:From|Received|Subject):)",
    re.IGNORECASE | re.MULTILINE,
)
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
SHOWN: Final = 2_000
_LAYOUT: Final = 16 * 1024
_WIDTH: Final = 300  # the library's patterns are quadratic in the length of a line


def from_a_server(mail: Entity, sent_from: str) -> bool:
    """Whether a mail server itself speaks, by its name; an empty return path alone says only "a machine"."""
    sender = mail.get("From")
    return (
        _DAEMON.match(sent_from.strip("<> ").rpartition("@")[0]) is not None
        or _DAEMON.search(sender.rpartition("<")[2].partition("@")[0]) is not None
        or _DAEMON_NAME.search(sender.rpartition("<")[0] or sender) is not None
        or bool(mail.raw("X-Failed-Recipients"))
    )


def human_text(mail: Entity) -> str:
    """What the message says before it quotes ours, the plain text where there is one."""
    leaves = list(mail.leaves())
    for kind in ("text/plain", "text/html"):
        text = "\n".join(leaf.text() for leaf in islice((e for e in leaves if e.kind == kind), 2))
        if text.strip():
            quoted = _ORIGINAL.search(text)
            before = text[: quoted.start()] if quoted else text
            return before if before.strip() else text[:SHOWN]
    return ""


def notice_in(mail: Entity) -> Notice | None:
    """What a server's words say; None where they say nothing that we understand."""
    subject, text = mail.get("Subject"), human_text(mail)
    codes = codes_in(text)
    fails = _FAILED.search(subject) or _FAILED.search(text)
    if _DELAYED.search(subject) or (_DELAYED.search(text) and not _FAILED.search(subject)):
        action = "delayed"
    elif fails or codes is not NONE or any(said.said_in(text) for said in (FULL, NO_SUCH, NO_DOMAIN)):
        action = "failed"
    else:
        action = _by_layout(mail)
    if not action:
        return None
    where = codes.at if codes is not NONE else (fails.start() if fails and fails.string is text else 0)
    return Notice(
        action=action, status=codes.status, code=codes.code, text=_about(text, where, exact=codes is not NONE)
    )


def _about(text: str, at: int, *, exact: bool) -> str:
    """The words around the codes: the rest is often advice that speaks of spam and policies."""
    start = text.rfind("\n\n", 0, at) + 1 if exact else 0
    return line(text[max(start, at - 300, 0) : at + 400])


def _by_layout(mail: Entity) -> str:
    """What the layouts of old servers say; the library tells lasting from passing and nothing more."""
    try:
        passing, lasting = all_failures(_rebuilt(mail))
    except Exception:  # noqa: BLE001 - seventeen heuristics on hostile text: whatever they trip over is no bounce
        return ""
    return "failed" if lasting else "delayed" if passing else ""


def _rebuilt(mail: Entity) -> Message:
    """A small and plain message of the same layout, so that no pattern meets more than it can bear."""
    message = Message()
    # One of the library's patterns stumbles over a From without an address.
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
