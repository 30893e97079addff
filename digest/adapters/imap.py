"""A mailbox that is read over IMAP (RFC 9051), with imap-tools, for where no mail server hands messages over.

A message is dealt with first and moved then, never deleted: whoever is stopped between the two finds it again
and does nothing twice. What is not ours stays where it is, untouched.
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
from digest.ports import Mail, Receiving, Reception
from digest.settings import Tls

log = logging.getLogger(__name__)

MOST: Final = 200
"""Messages of one look; the rest waits for the next."""
LARGEST: Final = 1_000_000
"""Octets of a message that are fetched: no more of it is looked at or kept."""
_RECIPIENT_FIELDS: Final = ("x-original-to", "envelope-to", "delivered-to")
"""Where servers put the envelope's recipient; the first two before any alias was followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapOptions:
    host: str
    port: int
    tls: Tls
    username: str
    password: str = field(repr=False)
    folder: str
    handled: str  # the folder for what was dealt with
    ca_file: Path | None = None
    timeout: float = 60.0  # seconds for each answer


class ImapMailbox:
    """Reads one folder; one look at a time."""

    def __init__(self, options: ImapOptions, receiving: Receiving) -> None:
        self._options = options
        self._receiving = receiving
        # By the folder's validity and UID:
        self._left: set[tuple[str, str]] = set()  # not ours
        self._refused: set[tuple[str, str]] = set()  # the server would not give it or move it
        self._dealt: set[tuple[str, str]] = set()  # dealt with, and not moved yet

    async def look(self) -> int:
        """Deal with what is new; how many messages. `MailboxError` if any of it cannot be read or moved.

        What the server refuses is named and tried again by the next look; it keeps nothing else waiting.
        """
        with _told():
            box = await asyncio.to_thread(self._open)
            try:
                return await self._read(box)
            finally:
                await asyncio.to_thread(_leave, box)

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
        """Whether a message is dealt with, and to be moved."""
        content = await asyncio.to_thread(_fetched, box, one[1])
        mail = mail_in(content) if content is not None else None
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

    def _open(self) -> BaseMailBox:
        said = self._options
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
            box.login(said.username, said.password, said.folder)
            # What a server can do is often told after the login only, and the library asks before it.
            _, offered = box.client.capability()
            box.client.capabilities = tuple(b" ".join(offered).decode("ascii", "replace").upper().split())
        except BaseException:
            with suppress(OSError, imaplib.IMAP4.error):
                box.client.shutdown()
            raise
        return box

    def _new(self, box: BaseMailBox) -> list[tuple[str, str]]:
        handled = self._options.handled
        if not box.folder.exists(handled):
            box.folder.create(handled)
            box.folder.subscribe(handled, True)
        # UIDs stand for the same messages only while this number does (RFC 9051 section 2.3.1.1).
        validity = (box.client.response("UIDVALIDITY")[1] or [b""])[0]
        name = validity.decode("ascii", "replace") if isinstance(validity, bytes) else ""
        unseen = [(name, uid) for uid in box.uids("UNSEEN UNDELETED", charset=None)]
        new = sorted((one for one in unseen if one not in self._left), key=self._refused.__contains__)
        return new[:MOST]


def _trust(options: ImapOptions) -> ssl.SSLContext:
    # The library's own default checks no certificate.
    return ssl.create_default_context(cafile=str(options.ca_file) if options.ca_file else None)


def _leave(box: BaseMailBox) -> None:
    try:
        box.logout()
    except (OSError, ImapToolsError, imaplib.IMAP4.error):
        with suppress(OSError):
            box.client.shutdown()  # without an answer to LOGOUT the library leaves the socket open


def _fetched(box: BaseMailBox, uid: str) -> bytes | None:
    """The beginning of a message, unseen as before; None if it is gone.

    Not by the library's `fetch`: that opens each message with a parser that hostile nesting stops.
    """
    said, found = box.client.uid("FETCH", uid, f"(BODY.PEEK[]<0.{LARGEST}>)")
    if said != "OK":
        raise imaplib.IMAP4.error("FETCH was refused")
    return next((part[1] for part in found if isinstance(part, tuple)), None)


def _move(box: BaseMailBox, uid: str, folder: str) -> None:
    """Move one message; where the server cannot (RFC 6851), copy it and take only this one away."""
    if "MOVE" in box.client.capabilities:
        box.move(uid, folder)
        return
    box.copy(uid, folder)
    # Not by the library's `delete`: its EXPUNGE takes away whatever else somebody marked.
    box.client.uid("STORE", uid, "+FLAGS", r"(\Seen \Deleted)")
    if "UIDPLUS" in box.client.capabilities:
        box.client.uid("EXPUNGE", uid)


def mail_in(content: bytes) -> Mail | None:
    """A message of a mailbox with its envelope, as its server noted it; None if it noted none.

    The recipient is believed only above the first Received: what stands below may be anybody's (RFC 5321
    section 4.4). Some servers put the return path further down; who forges that could have sent from there.
    """
    head = re.split(rb"\r?\n\r?\n", content[:LARGEST].lstrip(b"\r\n"), maxsplit=1)[0]
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
    return Mail(sent_from=sent_from.strip("<> "), sent_to=to.strip("<> "), content=content)


@contextmanager
def _told() -> Iterator[None]:
    """Foreign errors as one of ours, without what they quote of the login."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise MailboxError(f"the server's certificate is not trusted: {error.verify_message}") from None
    except (OSError, EOFError) as error:
        raise MailboxError(getattr(error, "strerror", None) or type(error).__name__) from error
    except (ImapToolsError, imaplib.IMAP4.error) as error:
        raise MailboxError(type(error).__name__) from None
