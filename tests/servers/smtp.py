"""Real SMTP servers on loopback: a sound one that keeps what it is given, and one that misbehaves on request.

`SmtpServer` stands for a relay that works::

    async with SmtpServer() as server:
        server.answers["full@example.org"] = "452 4.2.2 mailbox full"  # to RCPT
        ...submit to server.host, server.port...
        await server.until(3)
        assert server.to("zoe@example.org")[0].content.startswith(b"Subject:")

`ScriptedSmtpServer` follows a script: what to do the first, second, third time a moment of the dialogue
comes; when a script has run out, it answers soundly. Nothing here sleeps: lateness is an event that the
test sets::

    late = asyncio.Event()
    script = {At.RCPT: [(Until(late), Say("550 5.1.1 no such user"))], At.DOT: repeat(Drop())}
    async with ScriptedSmtpServer(script) as server:
        ...
        await server.reached(At.DOT)
"""

from __future__ import annotations

import asyncio
import contextlib
import mailbox
import socket
import struct
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from servers.certificates import Authority

PATIENCE: Final = 60.0
"""Seconds that a test waits for something that must come before it fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One message whose final dot arrived."""

    bounce_to: str
    recipients: tuple[str, ...]
    content: bytes  # as handed over: dots unstuffed, CRLF line ends
    options: tuple[str, ...] = ()  # of MAIL, upper case, such as "SIZE=1234"


class _Loopback(ABC):
    """Listening on loopback: a free port at first, the same port after `stop` and `start`."""

    host: Final = "127.0.0.1"

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        """How many were ever opened."""
        self.messages: list[Received] = []
        self.answers: dict[str, str] = {}
        """Replies to RCPT by address; others are welcome."""
        self.verdicts: dict[str, str] = {}
        """Replies to the final dot by address; others are accepted."""
        self._server: asyncio.Server | None = None
        self._changed = asyncio.Condition()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; again on the same port if it has listened before."""
        self._server = await self._listen()
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and cut every connection, as a machine that goes down does."""
        if self._server is not None:
            self._server.close()
            await self._cut()
            await self._server.wait_closed()
            self._server = None

    def to(self, address: str) -> list[Received]:
        """What came for one address, in order."""
        return [message for message in self.messages if address in message.recipients]

    async def until(self, count: int) -> list[Received]:
        """The messages, once there are at least `count`."""
        await self._until(lambda: len(self.messages) >= count)
        return self.messages

    async def until_to(self, address: str, count: int = 1) -> list[Received]:
        """What came for one address, once there is so much of it."""
        await self._until(lambda: len(self.to(address)) >= count)
        return self.to(address)

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(holds)

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    @abstractmethod
    async def _listen(self) -> asyncio.Server: ...

    @abstractmethod
    async def _cut(self) -> None: ...


# -- a sound relay --------------------------------------------------------------------------------------


class SmtpServer(_Loopback):
    """A relay that works (aiosmtpd); `messages` holds what it accepted, and a Maildir too if one is named.

    With `tls` it offers STARTTLS, or speaks TLS from the first octet if `implicit`; with `login` it takes
    mail from nobody who has not given that name and password.
    """

    def __init__(
        self,
        *,
        tls: Authority | None = None,
        implicit: bool = False,
        login: tuple[str, str] | None = None,
        maildir: Path | None = None,
        size_limit: int | None = None,
        utf8: bool = False,
        most: int | None = None,
    ) -> None:
        """`most`: connections at a time; one more is told so and closed."""
        super().__init__()
        self.logins: list[str] = []
        """Names that logged in."""
        self._tls = tls.server_context() if tls is not None else None
        self._implicit = implicit
        self._login = login
        self._maildir = mailbox.Maildir(maildir, create=True) if maildir is not None else None
        self._size_limit = size_limit
        self._utf8 = utf8
        self._most = most
        self.turned_away = 0
        self._open: set[SMTP] = set()

    async def _listen(self) -> asyncio.Server:
        implicit = self._tls if self._implicit else None
        loop = asyncio.get_running_loop()
        return await loop.create_server(self._connection, self.host, self.port, ssl=implicit)

    async def _cut(self) -> None:
        # The library keeps no public handle on a connection's task; without it nothing waits for the end.
        tasks = [c._handler_coroutine for c in self._open if c._handler_coroutine is not None]
        for connection in self._open:
            if isinstance(connection.transport, asyncio.WriteTransport):
                connection.transport.abort()
        for task in tasks:
            task.cancel()  # one that waits for a handshake would not notice
        await asyncio.gather(*tasks, return_exceptions=True)
        self._open.clear()

    def _connection(self) -> asyncio.Protocol:
        # The library takes its transport away when the connection is lost; before it is made there is none.
        self._open = {one for one in self._open if one.transport or one._handler_coroutine is None}
        if self._most is not None and len(self._open) >= self._most:
            self.turned_away += 1
            return _Crowded()
        self.connections += 1
        starttls = None if self._implicit else self._tls
        connection = SMTP(
            self,
            hostname="relay.test",
            loop=asyncio.get_running_loop(),
            tls_context=starttls,
            authenticator=self._authenticate,
            auth_require_tls=starttls is not None,
            data_size_limit=self._size_limit,
            enable_SMTPUTF8=self._utf8,
        )
        self._open.add(connection)
        return connection

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, said: object
    ) -> AuthResult:
        given = (said.login.decode(), said.password.decode()) if isinstance(said, LoginPassword) else None
        if given is None or given != self._login:
            return AuthResult(success=False, handled=False)
        self.logins.append(given[0])
        return AuthResult(success=True)

    async def handle_MAIL(  # noqa: N802 - the library's name
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """aiosmtpd's hook."""
        if self._login is not None and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 sender fine"

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """aiosmtpd's hook."""
        answer = self.answers.get(address, "250 2.1.5 recipient fine")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """aiosmtpd's hook."""
        verdicts = [self.verdicts[address] for address in envelope.rcpt_tos if address in self.verdicts]
        verdict = verdicts[0] if verdicts else f"250 2.0.0 Ok: queued as {len(self.messages) + 1}"
        if verdict.startswith("2"):
            assert isinstance(envelope.content, bytes)
            self.messages.append(
                Received(
                    bounce_to=envelope.mail_from or "",
                    recipients=tuple(envelope.rcpt_tos),
                    content=envelope.content,
                    options=tuple(envelope.mail_options),
                )
            )
            if self._maildir is not None:
                self._maildir.add(envelope.content)
            await self._tell()
        return verdict


class _Crowded(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(b"421 4.7.0 relay.test too many connections\r\n")
        transport.close()


# -- a relay that misbehaves ----------------------------------------------------------------------------


class At(StrEnum):
    """The moments of a dialogue at which a script may act."""

    CONNECT = "connect"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    CONTENT = "content"  # its first line has come
    DOT = "dot"  # its last line has come: from here the server has the message
    RSET = "rset"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Say:
    """Send a reply; several lines stand for several lines."""

    text: str


@dataclass(frozen=True, slots=True)
class Raw:
    """Send these octets and nothing else."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class Until:
    """Wait until the test sets the event."""

    event: asyncio.Event


@dataclass(frozen=True, slots=True)
class Mute:
    """Say nothing, and go on listening."""


@dataclass(frozen=True, slots=True)
class Stall:
    """Say nothing and read nothing more, until the server is stopped."""


@dataclass(frozen=True, slots=True)
class Drop:
    """Close the connection."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Cut the connection with a TCP reset."""


Act = Say | Raw | Until | Mute | Stall | Drop | Reset
Script = Mapping[At, Iterable[Act | tuple[Act, ...]]]

SOUND: Final[Mapping[At, str]] = {
    At.CONNECT: "220 relay.test ESMTP",
    At.STARTTLS: "454 4.7.0 TLS not available",
    At.AUTH: "235 2.7.0 welcome",
    At.MAIL: "250 2.1.0 sender fine",
    At.DATA: "354 go ahead",
    At.RSET: "250 2.0.0 reset",
    At.QUIT: "221 2.0.0 bye",
}


class ScriptedSmtpServer(_Loopback):
    """A relay that misbehaves as told. `messages` holds whatever came up to its final dot, however answered.

    It speaks no TLS: what it says about STARTTLS it cannot keep.
    """

    def __init__(
        self, script: Script | None = None, *, extensions: tuple[str, ...] = ("ENHANCEDSTATUSCODES",)
    ) -> None:
        super().__init__()
        self.commands: list[str] = []
        """Every command line of every connection, in order of arrival."""
        self.octets = 0
        """Of content, whether or not its final dot came."""
        self._script: dict[At, Iterator[Act | tuple[Act, ...]]] = {}
        self._extensions = extensions
        self._moments: Counter[At] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self.script(script or {})

    def script(self, script: Script) -> None:
        """Set what happens from now on at the moments named; the others stay as they are."""
        self._script |= {at: iter(steps) for at, steps in script.items()}

    async def reached(self, at: At, times: int = 1) -> None:
        """Once a moment has come so many times, on all connections together."""
        await self._until(lambda: self._moments[at] >= times)

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._accept, self.host, self.port, limit=2**20)

    async def _cut(self) -> None:
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.create_task(_Dialogue(self, reader, writer).run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _come(self, at: At) -> tuple[Act, ...] | None:
        """Count a moment; the script's acts for it, None where the script is silent."""
        step = next(self._script.get(at, iter(())), None)
        self._moments[at] += 1
        await self._tell()
        return (step,) if step is not None and not isinstance(step, tuple) else step

    def _ehlo(self) -> str:
        lines = ["relay.test", *self._extensions]
        return "\n".join([f"250-{line}" for line in lines[:-1]] + [f"250 {lines[-1]}"])


class _HungUp(Exception):
    """The script closed the connection."""


class _Dialogue:
    """One connection of a `ScriptedSmtpServer`."""

    def __init__(
        self, server: ScriptedSmtpServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self._bounce_to = ""
        self._options: tuple[str, ...] = ()
        self._recipients: list[str] = []

    async def run(self) -> None:
        try:
            await self._at(At.CONNECT)
            while line := await self._reader.readline():
                await self._obey(line.decode(errors="replace").rstrip("\r\n"))
        except (_HungUp, ConnectionError):
            pass
        finally:
            self._writer.transport.abort()
            with contextlib.suppress(ConnectionError):
                await self._writer.wait_closed()

    async def _obey(self, line: str) -> None:
        self._server.commands.append(line)
        verb, _, rest = line.partition(" ")
        match verb.upper():
            case "EHLO" | "HELO":
                await self._at(At.EHLO, self._server._ehlo())
            case "MAIL":
                if (await self._at(At.MAIL)).startswith("2"):
                    path, *options = rest.split()
                    self._bounce_to, self._options = _address(path), tuple(o.upper() for o in options)
                    self._recipients = []
            case "RCPT":
                address = _address(rest.split()[0])
                sound = self._server.answers.get(address, "250 2.1.5 recipient fine")
                if (await self._at(At.RCPT, sound)).startswith("2"):
                    self._recipients.append(address)
            case "DATA":
                if (await self._at(At.DATA)).startswith("354"):
                    await self._content()
            case "QUIT":
                await self._at(At.QUIT)
                raise _HungUp
            case "STARTTLS" | "AUTH" | "RSET" as known:
                await self._at(At(known.lower()))
            case _:
                await self._act(Say("500 5.5.2 what?"))

    async def _content(self) -> None:
        lines: list[bytes] = []
        while (line := await self._reader.readline()) not in {b".\r\n", b""}:
            self._server.octets += len(line)
            lines.append(line.removeprefix(b"."))
            if len(lines) == 1:
                await self._at(At.CONTENT, "")
        if not line:
            raise _HungUp
        self._server.messages.append(
            Received(
                bounce_to=self._bounce_to,
                recipients=tuple(self._recipients),
                content=b"".join(lines),
                options=self._options,
            )
        )
        verdicts = self._server.verdicts
        sound = next((verdicts[r] for r in self._recipients if r in verdicts), None)
        await self._at(At.DOT, sound or f"250 2.0.0 Ok: queued as {len(self._server.messages)}")

    async def _at(self, at: At, sound: str | None = None) -> str:
        """Do what the script says for this moment, else the sound thing; what was said."""
        acts = await self._server._come(at)
        if acts is None:
            text = SOUND[at] if sound is None else sound
            acts = (Say(text),) if text else ()
        return "".join([await self._act(act) for act in acts])

    async def _act(self, act: Act) -> str:
        match act:
            case Say(text):
                return await self._send("".join(f"{line}\r\n" for line in text.split("\n")).encode())
            case Raw(octets):
                return await self._send(octets)
            case Until(event):
                await event.wait()
            case Stall():
                self._writer.transport.pause_reading()  # type: ignore[attr-defined]
                await asyncio.Event().wait()
            case Drop():
                self._writer.close()
                raise _HungUp
            case Reset():
                raw = self._writer.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                raise _HungUp
            case Mute():
                pass
        return ""

    async def _send(self, octets: bytes) -> str:
        self._writer.write(octets)
        await self._writer.drain()
        return octets.decode(errors="replace")


def _address(path: str) -> str:
    """The address in `FROM:<...>` or `TO:<...>`."""
    return path[path.index("<") + 1 : path.rindex(">")]
