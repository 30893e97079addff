"""Automatic mail: how mail from machines is known, and which mail we may answer (RFC 3834)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import getaddresses
from typing import Final

from digest.addresses import problem_with, same_mailbox
from digest.inbound.entity import Entity
from digest.inbound.kinds import OurAddresses

HOPS: Final = 100
"""A message with more Received fields than this is in a loop (RFC 5321 section 6.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A header field that means: do not answer this message."""

    name: str
    pattern: re.Pattern[str]  # must match the whole value
    why: str
    reply: bool = False  # the message is itself an automatic reply


def _sign(name: str, pattern: str, why: str, *, reply: bool = False) -> Sign:
    return Sign(name=name, pattern=re.compile(pattern, re.IGNORECASE | re.DOTALL), why=why, reply=reply)


_ANY: Final = r".*"
_NOT_NO: Final = r"(?!\s*(?:no|none|false|0)?\s*(?:[;(]|$)).*"

SIGNS: Final = (
    # RFC 3834 section 5: any value but "no"; parameters and comments may follow.
    _sign("Auto-Submitted", r"\s*auto-(?:replied|notified).*", "it is an automatic reply", reply=True),
    _sign("Auto-Submitted", _NOT_NO, "a machine sent it"),
    _sign("Precedence", r"\s*auto_reply.*", "it is an automatic reply", reply=True),
    _sign("Precedence", r"\s*(?:bulk|list|junk).*", "it is bulk mail"),
    _sign("X-Autoreply", _NOT_NO, "it is an automatic reply", reply=True),
    _sign("X-Autorespond", _ANY, "it is an automatic reply", reply=True),
    _sign("X-Autoresponder", _ANY, "it is an automatic reply", reply=True),
    _sign("X-Auto-Reply", _NOT_NO, "it is an automatic reply", reply=True),
    _sign("X-AutoReply-From", _ANY, "it is an automatic reply", reply=True),
    _sign("X-Mail-Autoreply", _ANY, "it is an automatic reply", reply=True),
    _sign("X-Vacation", _ANY, "it is an automatic reply", reply=True),
    _sign("X-Delivery-Agent", r"TMDA.*", "it asks senders to prove themselves", reply=True),
    _sign("X-Auto-Response-Suppress", _NOT_NO, "it asks that no machine answer"),
    _sign("List-Id", _ANY, "it comes from a mailing list"),
    _sign("List-Post", _ANY, "it comes from a mailing list"),
    _sign("List-Help", _ANY, "it comes from a mailing list"),
    _sign("List-Unsubscribe", _ANY, "it comes from a mailing list"),
    _sign("List-Owner", _ANY, "it comes from a mailing list"),
    _sign("List-Archive", _ANY, "it comes from a mailing list"),
    _sign("Mailing-List", _ANY, "it comes from a mailing list"),
    _sign("X-Mailing-List", _ANY, "it comes from a mailing list"),
    _sign("X-Loop", _ANY, "a machine marked it against loops"),
    _sign("Feedback-ID", _ANY, "it is bulk mail"),
    _sign("X-Failed-Recipients", _ANY, "it is a mail server's report"),
    _sign("Return-Path", r"\s*<\s*>.*", "its return path is empty"),
    _sign("Content-Type", r"\s*multipart/report\b.*", "it is a report"),
)

# RFC 3834 section 2 names the first ones; nobody reads mail to the last ones.
_ROBOTS: Final = re.compile(
    r"(?:mailer-?daemon|mail-?daemon|mdaemon|postmaster|listserv|majordomo|sympa|owner-.*|.*-(?:owner|request|bounces?|admin)"
    r"|bounces?|abuse|(?:do-?)?no-?t?-?reply(?:[-_.].*)?|.*[-_.]no-?reply)",
    re.IGNORECASE,
)

_AWAY: Final = re.compile(
    r"\s*(?:re:\s*)?[\[(*]?\s*(?:"
    r"out[- ]of[- ](?:the[- ])?office|automatic(?:ally generated)? (?:reply|response)|auto[- ]?(?:reply|response|responder)\b|on (?:annual )?leave\b"
    r"|(?:i am |i'm )?(?:currently )?(?:on (?:holiday|vacation|maternity leave)|away from)|vacation (?:reply|message|notice)|ooo\b"
    r"|abwesenheit|automatische antwort|(?:ich bin )?nicht im b(?:ü|ue)ro|autom\. antwort"
    r"|r[ée]ponse automatique|absen(?:ce|te?) d[ue]|message d['’]absence|en cong[ée]"
    r"|respuesta autom[áa]tica|fuera de (?:la )?oficina|ausente|resposta autom[áa]tica|fora do escrit[óo]rio|aus[êe]ncia"
    r"|automatisch (?:antwoord|bericht)|afwezig|niet aanwezig|risposta automatica|fuori (?:sede|ufficio)|assente"
    r"|autoodpowied[źz]|odpowied[źz] automatyczna|automatyczna odpowied[źz]|poza biurem|nieobecno[śs][ćc]"
    r"|autosvar|automatiskt? sva?r|fr[åa]nvaro|frav[æa]r|automaattinen vastaus|poissa|automatick[áa] odpov[ěe][ďd]"
    r"|automatikus v[áa]lasz|otomatik yan[ıi]t|автоответ|автоматический ответ|ateb awtomatig|allan o['’]r swyddfa"
    r"|自動応答|自動返信|不在|自动回复|自動回覆|자동 ?회신|부재중)",
    re.IGNORECASE,
)
BY_SUBJECT: Final = "its subject is that of an automatic reply"
"""The reason that a person may give too, by writing under such a subject."""
_CHALLENGE: Final = re.compile(
    r"(?:please )?(?:confirm|verify) (?:that )?(?:your (?:message|e-?mail)|you(?:'re| are) (?:a )?(?:human|person|real))"
    r"|.{0,40}\b(?:sender verification|verification required|awaiting (?:your )?(?:verification|approval))",
    re.IGNORECASE,
)


def may_answer(mail: Entity, *, sent_from: str, ours: OurAddresses) -> bool:
    """Whether a machine may answer: only a person's own mail, to the address that it surely comes from."""
    if why_not_answered(mail, sent_from=sent_from, ours=ours) is not None:
        return False
    return why_no_addressee(mail, sent_from=sent_from) is None


_BATV: Final = re.compile(r"(?:prvs=[0-9a-z]{4,12}=|btv1==[0-9a-z]{4,32}==)(?=[^@]+@)", re.IGNORECASE)
"""What servers put before the local part of a return path, to know their own bounces again."""


def why_no_addressee(mail: Entity, *, sent_from: str) -> str | None:
    """Why it is not sure who would get an answer; None if return path and From agree.

    RFC 3834 section 4 wants an answer to go to the return path, and ours go to From: so both must be one
    mailbox. A return path that a forwarder has rewritten (SRS) or a list has marked (VERP) does not agree:
    anybody can write a stranger's address into such a one. Nor does mail whose answers are wanted elsewhere.
    """
    author = sender_of(mail)
    if author is None:
        return "it has not one sender"
    if not same_mailbox(_BATV.sub("", sent_from.strip("<> "), count=1), author):
        return "its return path is not its sender's"
    for name in ("Sender", "Reply-To"):
        values = mail.all(name)
        if values and not (len(values) == 1 and _is_only(values[0], author)):
            return f"its {name} is not its sender"
    return None


def _is_only(value: str, author: str) -> bool:
    one = _address_in(value)
    return one is not None and same_mailbox(one, author)


def why_not_answered(mail: Entity, *, sent_from: str, ours: OurAddresses) -> str | None:
    """Why a message may not be answered; None if it may."""
    if sent_from.strip().strip("<>") == "":
        return "its return path is empty"
    if _ROBOTS.fullmatch(sent_from.strip("<> ").rpartition("@")[0]):
        return "its return path is a robot's"
    if mail.cut:
        return "its header is too long to be read whole"
    if sign := next(_signs(mail), None):
        return sign.why
    sender = sender_of(mail)
    if sender is None:
        return "it has not one sender"
    if _ROBOTS.fullmatch(sender.rpartition("@")[0]):
        return "a robot sent it"
    if reason := why_loop(mail, sent_from=sent_from, ours=ours):
        return reason
    return why_automatic_reply(mail)


def _signs(mail: Entity) -> Iterator[Sign]:
    return (
        sign
        for sign in SIGNS
        if any(sign.pattern.fullmatch(_COMMENTS.sub("", value)) for value in mail.all(sign.name))
    )


_COMMENTS: Final = re.compile(r"^(?:\s*\([^()]{0,200}\))+")
"""Comments before a value: they may stand anywhere (RFC 3834 section 5, RFC 5322 section 3.2.2)."""


def why_automatic_reply(mail: Entity) -> str | None:
    """Why a message counts as a machine's reply to one of ours; None if it does not."""
    if sign := next((sign for sign in _signs(mail) if sign.reply), None):
        return sign.why
    if is_absence_notice(mail):
        return BY_SUBJECT
    if _CHALLENGE.match(mail.get("Subject")):
        return "it asks senders to prove themselves"
    return None


def is_absence_notice(mail: Entity) -> bool:
    """Whether the subject is that of a holiday or out-of-office notice."""
    return _AWAY.match(mail.get("Subject")) is not None


def why_loop(mail: Entity, *, sent_from: str, ours: OurAddresses) -> str | None:
    """Why a message counts as our own mail come back, or as one that servers pass in a loop; None if neither."""
    if len(mail.all("Received")) > HOPS:
        return "it passed too many servers"
    sender = sender_of(mail)
    if sender is not None and ours.is_sender(sender):
        return "it names us as its sender"
    if ours.is_sender(sent_from.strip("<> ")):
        return "its return path is ours"
    return None


def sender_of(mail: Entity) -> str | None:
    """The address in From, its domain in lower case; None unless there is exactly one that can be written to."""
    values = mail.all("From")
    found = _address_in(values[0]) if len(values) == 1 else None
    if found is None:
        return None
    local, _, domain = found.rpartition("@")
    return f"{local}@{domain.lower()}"


_ASIDE: Final = re.compile(
    r'"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)|=\?[^?\s]*\?[bq]\?[^?\s]*\?=', re.IGNORECASE
)
"""Quoted names, comments and encoded words of an address field, which may hold any character."""


def _address_in(value: str) -> str | None:
    """The only address in a field; None if there are several, or none, or a group (RFC 5322 section 3.4)."""
    # More brackets than anybody writes exhaust the library's recursion.
    if len(value) > 1_000 or value.count("(") > 50 or ":" in (bare := _ASIDE.sub("", value)) or ";" in bare:
        return None
    found = [address for _, address in getaddresses([value]) if address]
    return found[0] if len(found) == 1 and not problem_with(found[0]) else None
