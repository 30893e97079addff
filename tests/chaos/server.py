"""A relay that lies as a noon's plan says, and keeps what it took; commands come strictly in turn."""

from __future__ import annotations

import asyncio
import contextlib
import random
import ssl
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email import message_from_bytes, policy
from typing import Final
from zoneinfo import ZoneInfo

from chaos.faults import DENIALS, Lie

PATIENCE: Final = 1.2  # seconds: longer than the service's own for an answer, which is one
_LATE: Final = 0.15
_GARBAGE: Final = b"\xff\xfehm?\r\n"
_ZONE: Final = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """One message whose final dot came, and which the relay keeps."""

    recipient: str
    day: str  # of the Message-ID: the edition's
    on: date  # the subscriber's local day when the content began to flow
    text: str
    denied: bool  # the relay said that it did not take it


class _Cut(Exception):
    """The connection ends here."""


class LyingServer:
    """Listens on one port for the whole of a run; lies as its plan says."""

    host: Final = "127.0.0.1"

    def __init__(self, tls: ssl.SSLContext, now: Callable[[], datetime]) -> None:
        """`now` is what the harness's clock shows."""
        self._now = now
        self.port = 0
        self.takings: list[Taking] = []
        self.lies: Counter[Lie] = Counter()
        self.moments = 0
        self.moved = asyncio.Event()
        self._tls = tls
        self._chances: Mapping[Lie, float] = {}
        self._dice = random.Random(0)
        self._starttls = False
        self._pipelining = 1.0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    def plan(self, chances: Mapping[Lie, float], *, seed: int, starttls: bool, pipelining: float) -> None:
        self._chances, self._dice = chances, random.Random(seed)
        self._starttls, self._pipelining = starttls, pipelining
        self.moments = 0

    def be_honest(self) -> None:
        self._chances = {}

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            for writer in list(self._open):
                _abort(writer)
            self._server = None

    def _lies(self, *lies: Lie) -> Lie | None:
        """Which of these lies to tell now, if any."""
        self.moments += 1
        self.moved.set()
        for lie in lies:
            if self._dice.random() < self._chances.get(lie, 0.0):
                self.lies[lie] += 1
                return lie
        return None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with contextlib.suppress(_Cut, ConnectionError, asyncio.IncompleteReadError, OSError, ssl.SSLError):
            await self._talk(reader, writer)
        self._open.discard(writer)
        _abort(writer)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        match self._lies(Lie.HANG_UP, Lie.GREET_421, Lie.GREET_GARBAGE):
            case Lie.HANG_UP:
                raise _Cut
            case Lie.GREET_GARBAGE:
                writer.write(_GARBAGE)
                raise _Cut
            case Lie.GREET_421:
                await self._say(writer, "421 4.3.2 not now")
                raise _Cut
        await self._say(writer, "220 relay.test ESMTP")
        sender, recipient, secured = "", "", False
        while line := await reader.readline():
            verb, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            match verb.upper():
                case "EHLO":
                    if self._lies(Lie.EHLO_GARBAGE):
                        writer.write(_GARBAGE)
                        continue
                    offers = ["relay.test", "ENHANCEDSTATUSCODES"]
                    offers += ["PIPELINING"] if self._dice.random() < self._pipelining else []
                    offers += ["STARTTLS"] if self._starttls and not secured else []
                    await self._say(writer, *(f"250-{o}" for o in offers), "250 8BITMIME")
                case "STARTTLS":
                    match self._lies(Lie.REFUSE_TLS, Lie.BREAK_TLS):
                        case Lie.REFUSE_TLS:
                            await self._say(writer, "454 4.7.0 not now")
                            continue
                        case Lie.BREAK_TLS:
                            await self._say(writer, "220 go ahead")
                            writer.write(b"this is no handshake\r\n")
                            raise _Cut
                    await self._say(writer, "220 go ahead")
                    try:
                        await writer.start_tls(self._tls)
                    except AttributeError:  # CPython 3.11, where the other end is gone before its handshake
                        raise _Cut from None
                    secured = True
                case "MAIL":
                    sender = recipient = ""
                    if await self._misled(
                        writer, {Lie.MAIL_421: "421 4.3.2 closing", Lie.MAIL_354: "354 go on"}
                    ):
                        continue
                    sender = rest
                    await self._say(writer, "250 2.1.0 fine")
                case "RCPT":
                    if not sender:
                        await self._say(writer, "503 5.5.1 MAIL first")
                        continue
                    lies = {Lie.RCPT_450: "450 4.2.0 later", Lie.RCPT_550: "550 5.1.1 no such user"}
                    if await self._misled(writer, lies):
                        continue
                    recipient = rest.partition("<")[2].partition(">")[0]
                    await self._say(writer, "250 2.1.5 fine")
                case "DATA":
                    if not recipient:
                        if self._lies(Lie.DATA_NOBODY):
                            await self._say(writer, "354 to nobody")
                            await self._content(reader, cut=False)
                            await self._say(writer, "554 5.5.1 no valid recipients")
                        else:
                            await self._say(writer, "503 5.5.1 RCPT first")
                        continue
                    if await self._misled(
                        writer, {Lie.DATA_250: "250 fine", Lie.DATA_451: "451 4.3.0 later"}
                    ):
                        continue
                    if self._lies(Lie.DATA_CUT):
                        raise _Cut
                    on = self._now().astimezone(_ZONE).date()
                    await self._say(writer, "354 go on")
                    content = await self._content(reader, cut=bool(self._lies(Lie.CONTENT_CUT)))
                    await self._verdict(writer, recipient, content, on)
                    sender = recipient = ""
                case "RSET":
                    sender = recipient = ""
                    await self._say(writer, "250 2.0.0 reset")
                case "QUIT":
                    await self._say(writer, "221 2.0.0 bye")
                    raise _Cut
                case _:
                    await self._say(writer, "502 5.5.2 what?")

    async def _misled(self, writer: asyncio.StreamWriter, lies: Mapping[Lie, str]) -> bool:
        """Whether another reply than the true one went out."""
        lie = self._lies(*lies, Lie.GARBAGE, Lie.LATE, Lie.TOO_LATE)
        match lie:
            case None:
                return False
            case Lie.GARBAGE:
                writer.write(_GARBAGE)
            case Lie.LATE:
                await asyncio.sleep(_LATE)
                return False
            case Lie.TOO_LATE:
                await asyncio.sleep(PATIENCE)
                return False
            case _:
                await self._say(writer, lies[lie])
                if lies[lie].startswith("421"):
                    raise _Cut
        return True

    async def _content(self, reader: asyncio.StreamReader, *, cut: bool) -> bytes:
        lines: list[bytes] = []
        while (line := await reader.readline()) != b".\r\n":
            if not line or (cut and len(lines) > 3):
                raise _Cut
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    async def _verdict(self, writer: asyncio.StreamWriter, recipient: str, content: bytes, on: date) -> None:
        """What is said to the final dot, and whether the message is kept."""
        lie = self._lies(
            Lie.DOT_CUT_UNTAKEN,
            Lie.DOT_CUT_TAKEN,
            Lie.DOT_SILENT,
            Lie.DOT_421,
            Lie.DOT_451,
            Lie.DOT_554,
            Lie.DOT_451_TAKEN,
            Lie.DOT_554_TAKEN,
            Lie.DOT_354_TAKEN,
            Lie.DOT_GARBAGE_TAKEN,
            Lie.LATE,
            Lie.DRIBBLE,
        )
        untaken = {Lie.DOT_CUT_UNTAKEN, Lie.DOT_421, Lie.DOT_451, Lie.DOT_554}
        if lie not in untaken:
            self._keep(recipient, content, on, denied=lie in DENIALS)
        match lie:
            case Lie.DOT_CUT_UNTAKEN | Lie.DOT_CUT_TAKEN:
                raise _Cut
            case Lie.DOT_SILENT:
                await asyncio.sleep(_LATE)
                raise _Cut
            case Lie.DOT_421:
                await self._say(writer, "421 4.3.2 closing")
                raise _Cut
            case Lie.DOT_451 | Lie.DOT_451_TAKEN:
                await self._say(writer, "451 4.3.0 later")
            case Lie.DOT_554 | Lie.DOT_554_TAKEN:
                await self._say(writer, "554 5.6.0 not this")
            case Lie.DOT_354_TAKEN:
                await self._say(writer, "354 go on")
            case Lie.DOT_GARBAGE_TAKEN:
                writer.write(_GARBAGE)
            case Lie.LATE:
                await asyncio.sleep(_LATE)
                await self._say(writer, "250 2.0.0 queued")
            case Lie.DRIBBLE:
                for octet in b"250 2.0.0 queued\r\n":
                    writer.write(bytes([octet]))
                    await writer.drain()
                    await asyncio.sleep(0.001)
            case _:
                await self._say(writer, "250 2.0.0 queued")

    def _keep(self, recipient: str, content: bytes, on: date, *, denied: bool) -> None:
        message = message_from_bytes(content, policy=policy.default)
        body = message.get_body(("plain",))
        self.takings.append(
            Taking(
                recipient=recipient,
                day=str(message["Message-ID"])[1:11],
                on=on,
                text=body.get_content() if body else "",
                denied=denied,
            )
        )

    async def _say(self, writer: asyncio.StreamWriter, *lines: str) -> None:
        writer.write("".join(f"{line}\r\n" for line in lines).encode())
        await writer.drain()


def _abort(writer: asyncio.StreamWriter) -> None:
    transport: asyncio.WriteTransport | None = writer.transport  # none after a handshake with nobody
    if transport is not None:
        transport.abort()
