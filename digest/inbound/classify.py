"""Classifying: one received message becomes one value, by the address that it came to and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from digest.inbound.answers import is_notice_alone
from digest.inbound.automatic import (
    BY_SUBJECT,
    is_absence_notice,
    sender_of,
    why_automatic_reply,
    why_loop,
    why_no_addressee,
    why_not_answered,
)
from digest.inbound.commands import command_in, has_other_words
from digest.inbound.complaints import feedback_in
from digest.inbound.entity import SHOWN, Entity, line, parse_message, unquoted_text
from digest.inbound.kinds import (
    Action,
    AddressRole,
    AutoReply,
    Bounce,
    Command,
    Inbound,
    Letter,
    Loop,
    OurAddress,
    OurAddresses,
    Unusable,
)
from digest.inbound.own_words import Quotable
from digest.inbound.server_reports import (
    is_from_mail_server,
    notice_in_words,
    notices_in_report,
    status_part,
)
from digest.smtp_verdicts import Notice, mildest

_RECEIPTS: Final = frozenset({"message/disposition-notification", "message/global-disposition-notification"})


def read_message(
    raw: bytes, *, sent_to: str, sent_from: str, ours: OurAddresses, letters: Sequence[Quotable] = ()
) -> Inbound:
    """What a message asks or reports. Takes any octets; never raises.

    `letters` are the letters of ours that people answer to confirm; other quotes are not taken for such.
    `sent_to` and `sent_from` are the envelope's addresses (RFC 5321); an empty return path is "". Only the
    token in `sent_to` tells which message a bounce is about: anybody can write an address into a report's text.
    """
    recipient = ours.find(sent_to)
    if recipient is None:
        return Unusable(reason="it came to an address that is not ours")
    if not raw.strip():
        return Unusable(reason="it is empty")
    mail, sent_from = parse_message(raw), sent_from[:320]  # RFC 5321 section 4.5.3.1: 64, the @ and 255
    feedback = feedback_in(mail, ours)
    if feedback is not None:
        return feedback
    if notices := _server_notices(mail, sent_from):
        return _bounce(mail, notices, recipient, sent_to)
    if any(leaf.kind in _RECEIPTS for leaf in mail.leaves()):
        return AutoReply(reason="it is a receipt")
    if reason := why_loop(mail, sent_from=sent_from, ours=ours):
        return Loop(reason=reason)
    if recipient.role is AddressRole.RETURNS:
        return _other_mail_at_return_path(mail, sent_from, _path(sent_to))
    return _command_or_letter(mail, recipient, sent_from, ours, letters)


def _server_notices(mail: Entity, sent_from: str) -> list[Notice]:
    """What a mail server says of each recipient, in a standard report or in words; empty if it is no report."""
    server = is_from_mail_server(mail, sent_from)
    part = status_part(mail)
    if part is not None and (server or mail.kind == "multipart/report" or part is mail):
        return notices_in_report(part, unquoted_text(mail))
    # A holiday notice may have an empty return path too.
    if (
        (server or not sent_from.strip("<> "))
        and not is_absence_notice(mail)
        and not (why_automatic_reply(mail) and not server)
    ):
        notice = notice_in_words(mail)
        return [notice] if notice else []
    return []


def _bounce(mail: Entity, notices: list[Notice], recipient: OurAddress, sent_to: str) -> Bounce | AutoReply:
    if recipient.role is not AddressRole.RETURNS or not recipient.detail:
        return AutoReply(reason="a mail server's report that names no delivery of ours")
    notice = mildest(notices)
    return Bounce(
        path=_path(sent_to),
        verdict=notice.verdict,
        action=notice.action,
        status=notice.status,
        code=notice.code,
        diagnostic=line(notice.text),
        report=line(unquoted_text(mail), SHOWN),
    )


def _path(sent_to: str) -> str:
    return line(sent_to.strip().strip("<>").rpartition("@")[0], 100)


def _other_mail_at_return_path(mail: Entity, sent_from: str, path: str) -> Inbound:
    if reason := why_automatic_reply(mail):
        return AutoReply(reason=reason)
    if is_from_mail_server(mail, sent_from):
        return Unusable(reason="a mail server's words that we do not understand", path=path)
    if not sent_from.strip("<> "):
        return AutoReply(reason="its return path is empty")
    return _letter(mail)


def _command_or_letter(
    mail: Entity, recipient: OurAddress, sent_from: str, ours: OurAddresses, letters: Sequence[Quotable]
) -> Inbound:
    automatic = why_not_answered(mail, sent_from=sent_from, ours=ours)
    asked = command_in(mail, recipient, letters)
    sender = sender_of(mail)
    # Mail programs unsubscribe for their owners and may mark the mail as automatic: with a token it still counts.
    leaves = (
        asked is not None and asked.action is Action.LEAVE and asked.detail and not why_automatic_reply(mail)
    )
    if sender is None and not leaves:
        return Unusable(reason="it has not one sender")
    if automatic and not leaves:
        person = automatic == BY_SUBJECT and not is_notice_alone(mail, letters)
        return _letter(mail) if person else AutoReply(reason=automatic)
    if asked is None:
        return _letter(mail)
    return Command(
        action=asked.action,
        detail=asked.detail,
        from_address=sender or "",
        subject=mail.get("Subject"),
        message_id=line(mail.raw("Message-ID"), 250),
        answerable=automatic is None and why_no_addressee(mail, sent_from=sent_from) is None,
        says=asked.answer.says,
        has_other_words=has_other_words(asked),
    )


def _letter(mail: Entity) -> Letter | Unusable:
    sender = sender_of(mail)
    if sender is None:
        return Unusable(reason="it has not one sender")
    return Letter(from_address=sender, subject=mail.get("Subject"))
