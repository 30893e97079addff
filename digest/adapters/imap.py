"""Reads a mailbox over IMAP (RFC 9051), with imap-tools, where no mail server hands messages to us.

A message is handled first and moved afterwards, never deleted. If the process stops between the two, the next
one finds the message again, and handling it twice has no effect. Messages that are not ours stay untouched.
"""

from __future__ import annotations

import asyncio
import imaplib
import logging
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, assert_never

from imap_tools import BaseMailBox, ImapToolsError, MailBox, MailBoxStartTls, MailBoxUnencrypted

from digest.errors import MailboxError
from digest.inbound.entity import fields_of
from digest.ports import MAIL_KEPT, Mail, Receiving, Reception
from digest.settings import Tls

log = logging.getLogger(__name__)

MOST: Final = 200
"""Messages to handle in one visit; the rest waits for the next visit."""
_RECIPIENT_FIELDS: Final = ("x-original-to", "envelope-to", "delivered-to")
"""Headers in which servers note the envelope's recipient; the first two name it as it was before aliases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapOptions:
    host: str
    port: int
    tls: Tls
    username: str
    password: str = field(repr=False)
    folder: str
    handled: str = ""  # the folder for messages that are handled
    ca_file: Path | None = None
    timeout: float = 60.0  # seconds for each answer


class ImapMailbox:
    """Reads one folder; one visit at a time."""

    def __init__(self, options: ImapOptions, receiving: Receiving) -> None:
        self._options = options
        self._receiving = receiving
        # By the folder's validity and UID:
        self._left: set[tuple[str, str]] = set()  # not ours
        self._refused: set[tuple[str, str]] = set()  # the server refused to give or move it
        self._dealt: set[tuple[str, str]] = set()  # handled, and not moved yet

    async def look(self) -> int:
        """Handle new messages; returns how many. `MailboxError` if some could not be read or moved.

        A message that the server refuses is named and tried again at the next visit; the others go on.
        """
        with told():
            box = await asyncio.to_thread(opened, self._options)
            try:
                return await self._read(box)
            finally:
                await asyncio.to_thread(leave, box)

    async def _read(self, box: BaseMailBox) -> int:
        done = refused = 0
        for one in await asyncio.to_thread(self._new, box):
            try:
                if one in self._dealt or await self._deal_with(box, one):
                    await asyncio.to_thread(_move, box, one[1], self._options.handled)
                    self._dealt.discard(one)
                    done += 1
                self._refused.discard(one)
            except imaplib.IMAP4.abort:
                raise
            except (ImapToolsError, imaplib.IMAP4.error) as error:
                refused += 1
                self._refused.add(one)
                why = type(error).__name__
                log.warning("the server refuses a message of our mailbox", extra={"uid": one[1], "why": why})
        if refused:
            raise MailboxError(f"its server would not give or move {refused} of its messages")
        return done

    async def _deal_with(self, box: BaseMailBox, one: tuple[str, str]) -> bool:
        """Whether a message is handled and can be moved."""
        found = await asyncio.to_thread(fetched, box, one[1])
        mail = mail_in(*found) if found is not None else None
        if mail is None or not self._receiving.ours(mail.sent_to):
            self._left.add(one)
            log.info("mail in our mailbox is not ours", extra={"uid": one[1]})
            return False
        match await self._receiving.receive(mail):
            case Reception.TAKEN:
                self._dealt.add(one)
                return True
            case Reception.NOT_OURS:
                self._left.add(one)
            case Reception.LATER:
                pass  # it is still unseen
        return False

    def _new(self, box: BaseMailBox) -> list[tuple[str, str]]:
        handled = self._options.handled
        if not box.folder.exists(handled):
            box.folder.create(handled)
            box.folder.subscribe(handled, True)
        name = validity_of(box)
        unseen = [(name, uid) for uid in box.uids("UNSEEN UNDELETED", charset=None)]
        new = sorted((one for one in unseen if one not in self._left), key=self._refused.__contains__)
        return new[:MOST]


def opened(said: ImapOptions, *, readonly: bool = False) -> BaseMailBox:
    """The mailbox, logged in, with its folder selected."""
    match said.tls:
        case Tls.IMPLICIT:
            box: BaseMailBox = MailBox(said.host, said.port, said.timeout, ssl_context=_trust(said))
        case Tls.STARTTLS:
            box = MailBoxStartTls(said.host, said.port, said.timeout, ssl_context=_trust(said))
        case Tls.NONE:
            box = MailBoxUnencrypted(said.host, said.port, said.timeout)
        case _:
            assert_never(said.tls)
    try:
        box.login(said.username, said.password, None)
        box.folder.set(said.folder, readonly)
        # Servers often list their capabilities only after the login; the library asks before it.
        _, offered = box.client.capability()
        box.client.capabilities = tuple(b" ".join(offered).decode("ascii", "replace").upper().split())
    except BaseException:
        with suppress(OSError, imaplib.IMAP4.error):
            box.client.shutdown()
        raise
    return box


def validity_of(box: BaseMailBox) -> str:
    """While this number stays the same, UIDs name the same messages (RFC 9051 section 2.3.1.1)."""
    validity = (box.client.response("UIDVALIDITY")[1] or [b""])[0]
    return validity.decode("ascii", "replace") if isinstance(validity, bytes) else ""


def _trust(options: ImapOptions) -> ssl.SSLContext:
    # By default, the library checks no certificate.
    return ssl.create_default_context(cafile=str(options.ca_file) if options.ca_file else None)


def leave(box: BaseMailBox) -> None:
    try:
        box.logout()
    except (OSError, ImapToolsError, imaplib.IMAP4.error):
        with suppress(OSError):
            box.client.shutdown()  # without an answer to LOGOUT the library leaves the socket open


def fetched(box: BaseMailBox, uid: str) -> tuple[bytes, int] | None:
    """The beginning of a message and the octets that follow it, without marking it as seen; None if gone.

    The library's `fetch` is not used: its parser fails on messages with hostile nesting.
    """
    said, found = box.client.uid("FETCH", uid, f"(RFC822.SIZE BODY.PEEK[]<0.{MAIL_KEPT}>)")
    if said != "OK":
        raise imaplib.IMAP4.error("FETCH was refused")
    answer = next((part for part in found if isinstance(part, tuple)), None)
    if answer is None:
        return None
    size = re.search(rb"RFC822\.SIZE (\d{1,15})\b", answer[0])
    return answer[1], max(0, int(size[1]) - len(answer[1])) if size else 0


def _move(box: BaseMailBox, uid: str, folder: str) -> None:
    """Move one message. If the server has no MOVE (RFC 6851), copy it and remove the original alone."""
    if "MOVE" in box.client.capabilities:
        box.move(uid, folder)
        return
    box.copy(uid, folder)
    # The library's `delete` is not used: its EXPUNGE also removes messages that others have marked.
    box.client.uid("STORE", uid, "+FLAGS", r"(\Seen \Deleted)")
    if "UIDPLUS" in box.client.capabilities:
        box.client.uid("EXPUNGE", uid)


def mail_in(content: bytes, left_out: int = 0) -> Mail | None:
    """A message with its envelope as the mailbox's server noted it; None if it noted none.

    The recipient counts only above the first Received header: a sender may have written what is below (RFC
    5321 section 4.4). Some servers put the return path further down; forging it gains nothing, because a
    sender could use that return path anyway.
    """
    head = re.split(rb"\r?\n\r?\n", content[:MAIL_KEPT].lstrip(b"\r\n"), maxsplit=1)[0]
    fields = [(name.lower(), value.strip()) for name, value in fields_of(head)]
    sent_from = next((value for name, value in fields if name == "return-path"), "")
    top: dict[str, str] = {}
    for name, value in fields:
        if name == "received":
            break
        top.setdefault(name, value)
    to = next((top[name] for name in _RECIPIENT_FIELDS if top.get(name)), None)
    if to is None:
        return None
    return Mail(sent_from=sent_from.strip("<> "), sent_to=to.strip("<> "), content=content, left_out=left_out)


@contextmanager
def told() -> Iterator[None]:
    """The library's errors as a `MailboxError`, without the parts of the login that they quote."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise MailboxError(f"the server's certificate is not trusted: {error.verify_message}") from None
    except (OSError, EOFError) as error:
        raise MailboxError(getattr(error, "strerror", None) or type(error).__name__) from error
    except (ImapToolsError, imaplib.IMAP4.error) as error:
        raise MailboxError(type(error).__name__) from None
