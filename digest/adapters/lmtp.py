"""An LMTP server (RFC 2033), on aiosmtpd: a mail server on this machine hands messages to it.

A message is handled first and acknowledged afterwards, for each recipient separately. Its beginning is kept
and the rest is only counted, so memory does not grow with the size of messages. aiosmtpd is not made for the
open Internet, so the port stays on loopback unless the settings say otherwise.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self, cast

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session

from digest.adapters.stopping import Stopping
from digest.errors import DigestError
from digest.ports import MAIL_KEPT, Mail, Receiving, Reception

log = logging.getLogger(__name__)

MOST: Final = 100
"""Recipients of one message; a mail server tries further ones again later (RFC 5321 section 4.5.3.1.10)."""

CONNECTIONS: Final = 50
"""Connections at the same time; a mail server tries again later. Postfix opens 20 to one destination."""

IDLE: Final = 300.0
"""Seconds for the next command or for a whole message (RFC 5321 section 4.5.3.2.7)."""

ERRORS: Final = 100
"""Refusals in a row, without a recipient or message that is taken, after which a connection is closed."""

BUFFER: Final = 64 * 1024
"""Octets of a connection that are read ahead; twice as many may wait (`asyncio.StreamReader`)."""

_REPLIES: Final = {
    Reception.TAKEN: "250 2.0.0 taken",
    Reception.NOT_OURS: "550 5.1.1 nobody of that name here",
    Reception.LATER: "451 4.3.0 trouble of our own, try again later",
}
_TOO_BIG: Final = "552 5.3.4 the message is too big"  # RFC 1870 section 6.3
_CROWDED: Final = "421 4.3.2 too many connections, try again later"
_SENT_OFF: Final = "421 4.7.0 too many errors"


class LmtpServer:
    """Listens inside `async with`; `port` 0 takes any free one."""

    def __init__(
        self,
        receiving: Receiving,
        *,
        host: str,
        port: int,
        max_bytes: int,
        connections: int = CONNECTIONS,
        idle: float = IDLE,
        stopping: Stopping | None = None,
    ) -> None:
        """`max_bytes` is announced, and larger messages are refused; `idle` is in seconds.

        `stopping` says how long messages under way may take after a stop; the mail server brings the others
        again.
        """
        # aiosmtpd's log would hold addresses, and content if a client is out of step. We log errors here.
        logging.getLogger("mail.log").setLevel(logging.CRITICAL + 1)
        self._handler = _Handler(receiving)
        self._max_bytes = max_bytes
        self._most_connections = connections
        self._idle = idle
        self._stopping = stopping or Stopping()
        self._connections: set[_Connection] = set()
        self._server: asyncio.Server | None = None
        self.host = host
        self.port = port

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(self._connection, self.host, self.port)
        except OSError as error:
            reason = error.strerror or str(error)
            raise DigestError(f"cannot listen on {self.host}:{self.port} for mail: {reason}") from error
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is None:
            return
        self._server.close()
        await self._stopping.finish("received mail", [asyncio.create_task(self._handler.idle.wait())])
        for connection in list(self._connections):
            if connection.transport is not None:
                connection.transport.close()
        await asyncio.sleep(0)
        self._server = None

    def _connection(self) -> asyncio.BaseProtocol:
        if len(self._connections) >= self._most_connections:
            return _Crowded()
        connection = _Connection(
            self._handler,
            self._connections.discard,
            data_size_limit=self._max_bytes,
            enable_SMTPUTF8=True,
            hostname="digest.localhost",
            ident="ready",
            timeout=self._idle,
        )
        self._connections.add(connection)
        return connection


class _Crowded(asyncio.Protocol):
    """A connection beyond the most that are served: the mail server is told to come again."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        client = cast("asyncio.Transport", transport)  # uvloop's class does not say so
        client.write(_CROWDED.encode() + b"\r\n")
        client.close()


class _Handler:
    """Called by aiosmtpd: which recipients we take, and what to do with a message."""

    def __init__(self, receiving: Receiving) -> None:
        self._receiving = receiving
        self._under_way = 0
        self.idle = asyncio.Event()
        self.idle.set()

    async def handle_EHLO(  # noqa: N802 - these are the names that aiosmtpd looks for
        self, _server: LMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        # RFC 2033 section 5 asks for both.
        return [*responses[:-1], "250-ENHANCEDSTATUSCODES", "250-PIPELINING", responses[-1]]

    async def handle_RCPT(  # noqa: N802
        self, _server: LMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not self._receiving.ours(address):
            return _REPLIES[Reception.NOT_OURS]
        if len(envelope.rcpt_tos) >= MOST:
            return "452 4.5.3 too many recipients at once"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 ok"

    async def take(self, server: _Connection, envelope: Envelope, content: bytes, left_out: int) -> str:
        """One reply for each recipient, in their order (RFC 2033 section 4.2)."""
        sender = (envelope.mail_from or "").strip("<> ")
        self._under_way += 1
        self.idle.clear()
        try:
            mails = [
                Mail(sent_from=sender, sent_to=to, content=content, left_out=left_out)
                for to in envelope.rcpt_tos
            ]
            return "\r\n".join([_REPLIES[await self._reception(mail, server)] for mail in mails])
        finally:
            self._under_way -= 1
            if not self._under_way:
                self.idle.set()

    async def _reception(self, mail: Mail, server: _Connection) -> Reception:
        server.still_at_work()
        try:
            return await self._receiving.receive(mail)
        except Exception as error:  # noqa: BLE001 - a "5yz" for it would lose the message
            _failed(error)
            return Reception.LATER

    async def handle_exception(self, error: Exception) -> str:
        """The reply after an error of ours. aiosmtpd's own would be permanent and quote the error."""
        _failed(error)
        return _REPLIES[Reception.LATER]


def _failed(error: Exception) -> None:
    # Its words may hold an address.
    log.error("a mail server could not be answered", extra={"error": type(error).__name__})


class _Connection(LMTP):
    line_length_limit = BUFFER

    def __init__(self, handler: _Handler, when_closed: Callable[[_Connection], None], **options: Any) -> None:
        self._handler = handler
        self._when_closed = when_closed
        self._errors = 0
        super().__init__(handler, **options)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        assert self._handler_coroutine is not None
        self._handler_coroutine.add_done_callback(_ended)

    def connection_lost(self, error: Exception | None) -> None:
        self._when_closed(self)
        super().connection_lost(error)

    def still_at_work(self) -> None:
        """Restart the connection's time-out: it is for silent clients, not for our own work."""
        if self.transport is not None:
            self._reset_timeout()

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Read a message and hand it over. aiosmtpd's own method keeps all of it, line by line."""
        if await self.check_helo_needed():
            return
        assert self.envelope is not None
        if not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 RCPT comes first")
            return
        if arg:
            await self.push("501 5.5.4 DATA stands alone")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        content, left_out = await self._content()
        if len(content) + left_out > (self.data_size_limit or 0):
            replies = "\r\n".join([_TOO_BIG] * len(self.envelope.rcpt_tos))
        else:
            replies = await self._handler.take(self, self.envelope, content, left_out)
        self.envelope = self._create_envelope()
        await self.push(replies)

    async def _content(self) -> tuple[bytes, int]:
        """The beginning of a message, and how many octets follow it up to its end.

        It ends with a dot on a line of its own, between whole line ends (RFC 5321 section 4.1.1.4). A dot
        that begins another line has been added by the client and is removed (section 4.5.2).
        """
        begin = b"\r\n"  # the end of the line with DATA
        kept, tail, size = bytearray(begin), begin, 0
        while not tail.endswith(b"\r\n.\r\n"):
            try:
                chunk = await self._reader.readuntil(b".\r\n")
            except asyncio.LimitOverrunError as far:
                chunk = await self._reader.read(far.consumed)
            kept += chunk[: len(begin) + MAIL_KEPT - len(kept)]
            tail = (tail + chunk[-5:])[-5:]
            size += len(chunk)
        size -= len(b".\r\n")
        del kept[len(begin) + size :]
        left_out = size + len(begin) - len(kept)
        return bytes(kept.replace(b"\r\n.", b"\r\n")[len(begin) :]), left_out

    async def push(self, status: str | bytes) -> None:
        text = status if isinstance(status, str) else status.decode("utf-8", "replace")
        if text.startswith("552 Error"):
            text = _TOO_BIG  # aiosmtpd's own words have no enhanced status (RFC 3463)
        if text.startswith("250 2."):
            self._errors = 0
        self._errors += text.startswith("5")
        if self._errors < ERRORS:
            await super().push(text)
            return
        await super().push(_SENT_OFF)
        if self.transport is not None:
            self.transport.close()


def _ended(handling: asyncio.Task[None]) -> None:
    """Take note of how a connection ended; one that was lost is nothing to log."""
    error = None if handling.cancelled() else handling.exception()
    if isinstance(error, Exception) and not isinstance(error, OSError):
        _failed(error)
