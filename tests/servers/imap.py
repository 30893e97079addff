"""An IMAP server that misbehaves on request: refuses a message, drops the line, renumbers its folder."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

_COMMAND: Final = re.compile(rb"(\S+) (?:UID )?(\S+) ?(.*)\r\n", re.IGNORECASE)


@dataclass
class Mailbox:
    """What the server holds, and how it misbehaves."""

    messages: dict[int, bytes] = field(default_factory=dict)  # by UID; all of them unseen
    moved: list[int] = field(default_factory=list)
    validity: int = 1
    refuses_fetch: set[int] = field(default_factory=set)
    drops_in_fetch: set[int] = field(default_factory=set)  # once each, in the middle of the message
    refuses_move: set[int] = field(default_factory=set)
    drops_in_move: set[int] = field(default_factory=set)  # once each, before anything was moved
    port: int = 0

    def renumber(self) -> None:
        """Other UIDs for the same messages, under another validity (RFC 9051 section 2.3.1.1)."""
        self.validity += 1
        self.messages = dict(enumerate(self.messages.values(), start=1))


@asynccontextmanager
async def running() -> AsyncIterator[Mailbox]:
    mailbox = Mailbox()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while found := _COMMAND.fullmatch(await reader.readline()):
            tag, command, rest = found[1], found[2].upper(), found[3]
            answer = _answer(mailbox, command, rest)
            if answer is None:
                break
            said, verdict = answer
            writer.write(said + tag + b" " + verdict + b"\r\n")
            if command == b"LOGOUT":
                break
        writer.close()

    async def torn(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except _Torn as half:
            writer.write(half.said)
            await writer.drain()
            writer.close()

    server = await asyncio.start_server(torn, "127.0.0.1", 0)
    mailbox.port = server.sockets[0].getsockname()[1]
    async with server:
        yield mailbox


class _Torn(Exception):
    def __init__(self, said: bytes = b"") -> None:
        super().__init__()
        self.said = said


def _answer(mailbox: Mailbox, command: bytes, rest: bytes) -> tuple[bytes, bytes] | None:
    match command:
        case b"CAPABILITY":
            return b"* CAPABILITY IMAP4rev1 MOVE UIDPLUS\r\n", b"OK done"
        case b"SELECT" | b"EXAMINE":
            return b"* OK [UIDVALIDITY %d] valid\r\n" % mailbox.validity, b"OK [READ-WRITE]"
        case b"LIST":
            return b'* LIST () "/" "Digest"\r\n', b"OK done"
        case b"SEARCH":
            return b"* SEARCH " + b" ".join(b"%d" % uid for uid in mailbox.messages) + b"\r\n", b"OK done"
        case b"FETCH":
            uid, _, wanted = rest.partition(b" ")
            return _fetch(mailbox, int(uid), wanted)
        case b"MOVE":
            return _move(mailbox, int(rest.split()[0]))
        case b"LOGOUT":
            return b"* BYE\r\n", b"OK done"
        case _:
            return b"", b"OK done"


def _fetch(mailbox: Mailbox, uid: int, wanted: bytes) -> tuple[bytes, bytes]:
    if uid in mailbox.refuses_fetch:
        return b"", b"NO [SERVERBUG] the message is damaged"
    whole = mailbox.messages[uid]
    part = re.search(rb"<0\.(\d+)>", wanted)  # RFC 9051 section 6.4.5: only so much of it
    content = whole[: int(part[1])] if part else whole
    size = b"RFC822.SIZE %d " % len(whole) if b"RFC822.SIZE" in wanted else b""
    begin = b"* 1 FETCH (UID %d %sBODY[]<0> {%d}\r\n" % (uid, size, len(content))
    if uid in mailbox.drops_in_fetch:
        mailbox.drops_in_fetch.discard(uid)
        raise _Torn(begin + content[: len(content) // 2])
    return begin + content + b")\r\n", b"OK done"


def _move(mailbox: Mailbox, uid: int) -> tuple[bytes, bytes]:
    if uid in mailbox.refuses_move:
        return b"", b"NO [OVERQUOTA] no room"
    if uid in mailbox.drops_in_move:
        mailbox.drops_in_move.discard(uid)
        raise _Torn
    del mailbox.messages[uid]
    mailbox.moved.append(uid)
    return b"", b"OK done"
