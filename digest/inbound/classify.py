"""Reading: one received message becomes one value, decided by the address it came to."""

from __future__ import annotations

from typing import Final

from digest.inbound.automatic import away, loop, reason_for_silence, sender_of, why_a_reply
from digest.inbound.commands import command_in, words_beside
from digest.inbound.complaints import feedback_in
from digest.inbound.dsn import notices_of, status_part
from digest.inbound.entity import Entity, line, opened
from digest.inbound.kinds import (
    Action,
    AutoReply,
    Bounce,
    Command,
    Inbound,
    Letter,
    Loop,
    Own,
    Place,
    Room,
    Unusable,
)
from digest.inbound.old_formats import SHOWN, from_a_server, human_text, notice_in
from digest.smtp_verdicts import Notice, mildest

_RECEIPTS: Final = frozenset({"message/disposition-notification", "message/global-disposition-notification"})


def read(raw: bytes, *, sent_to: str, sent_from: str, own: Own) -> Inbound:
    """What a message is to us. Never an error, whatever the octets.

    `sent_to` and `sent_from` are the envelope's (RFC 5321); an empty return path is "". A bounce is known by
    the token in `sent_to` alone: what stands in a report's text anybody can write.
    """
    place = own.place(sent_to)
    if place is None:
        return Unusable(reason="it came to an address that is not ours")
    if not raw.strip():
        return Unusable(reason="it is empty")
    mail, sent_from = opened(raw), sent_from[:320]  # RFC 5321 section 4.5.3.1: 64, the @ and 255
    feedback = feedback_in(mail, own)
    if feedback is not None:
        return feedback
    if reported := _reported(mail, sent_from):
        return _bounce(mail, reported, place, sent_to)
    if any(leaf.kind in _RECEIPTS for leaf in mail.leaves()):
        return AutoReply(reason="it is a receipt")
    if reason := loop(mail, sent_from=sent_from, own=own):
        return Loop(reason=reason)
    if place.room is Room.RETURNS:
        return _at_the_return_path(mail, sent_from, _path(sent_to))
    return _at_the_desk(mail, place, sent_from, own)


def _reported(mail: Entity, sent_from: str) -> list[Notice]:
    """What a mail server says, in the standard's form or in words."""
    server = from_a_server(mail, sent_from)
    part = status_part(mail)
    if part is not None and (server or mail.kind == "multipart/report" or part is mail):
        return notices_of(part, human_text(mail))
    # A machine with an empty return path may be anybody's holiday notice.
    if (server or not sent_from.strip("<> ")) and not away(mail) and not (why_a_reply(mail) and not server):
        notice = notice_in(mail)
        return [notice] if notice else []
    return []


def _bounce(mail: Entity, notices: list[Notice], place: Place, sent_to: str) -> Bounce | AutoReply:
    if place.room is not Room.RETURNS or not place.detail:
        return AutoReply(reason="a mail server's report that names no delivery of ours")
    notice = mildest(notices)
    return Bounce(
        path=_path(sent_to),
        verdict=notice.verdict,
        action=notice.action,
        status=notice.status,
        code=notice.code,
        diagnostic=line(notice.text),
        report=line(human_text(mail), SHOWN),
    )


def _path(sent_to: str) -> str:
    return line(sent_to.strip().strip("<>").rpartition("@")[0], 100)


def _at_the_return_path(mail: Entity, sent_from: str, path: str) -> Inbound:
    if reason := why_a_reply(mail):
        return AutoReply(reason=reason)
    if from_a_server(mail, sent_from):
        return Unusable(reason="a mail server's words that we do not understand", path=path)
    if not sent_from.strip("<> "):
        return AutoReply(reason="its return path is empty")
    return _letter(mail)


def _at_the_desk(mail: Entity, place: Place, sent_from: str, own: Own) -> Inbound:
    silence = reason_for_silence(mail, sent_from=sent_from, own=own)
    asked = command_in(mail, place)
    sender = sender_of(mail)
    if sender is None:
        return Unusable(reason="it has not one sender")
    if asked is None:
        return AutoReply(reason=silence) if silence else _letter(mail)
    action, detail = asked
    # Mail programs unsubscribe for their owners, and some say truly that a machine sent it: the token suffices.
    leaves = action is Action.LEAVE and detail and not why_a_reply(mail)
    if silence and not leaves:
        return AutoReply(reason=silence)
    return Command(
        action=action,
        detail=detail,
        from_address=sender,
        subject=mail.get("Subject"),
        message_id=line(mail.raw("Message-ID"), 250),
        answerable=silence is None,
        worded=words_beside(mail),
    )


def _letter(mail: Entity) -> Letter | Unusable:
    sender = sender_of(mail)
    if sender is None:
        return Unusable(reason="it has not one sender")
    return Letter(from_address=sender, subject=mail.get("Subject"))
