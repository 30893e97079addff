"""An LMTP server (RFC 2033), on aiosmtpd: a mail server on this machine hands messages to it.

A message is handled first and acknowledged afterwards, for each recipient separately. aiosmtpd is not made
for the open Internet, so the port stays on loopback unless the settings say otherwise.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from types import TracebackType
from typing import Final, Self
from weakref import WeakSet

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session

from digest.errors import DigestError
from digest.ports import Mail, Receiving, Reception

log = logging.getLogger(__name__)

PATIENCE: Final = 20.0
"""Seconds to finish messages under way after a stop; the mail server brings the others again."""

MOST: Final = 100
"""Recipients of one message; a mail server tries further ones again later (RFC 5321 section 4.5.3.1.10)."""

_REPLIES: Final = {
    Reception.TAKEN: "250 2.0.0 taken",
    Reception.NOT_OURS: "550 5.1.1 nobody of that name here",
    Reception.LATER: "451 4.3.0 trouble of our own, try again later",
}
# aiosmtpd's own words for what has an enhanced status (RFC 3463) that the mail server passes on.
_BETTER: Final = {
    "552 ": "552 5.3.4 the message is too big",
    "500 Line too long": "500 5.6.0 a line of the message is too long",
}


class LmtpServer:
    """Listens inside `async with`; `port` 0 takes any free one."""

    def __init__(self, receiving: Receiving, *, host: str, port: int, max_bytes: int) -> None:
        # aiosmtpd's log would hold addresses, and content if a client is out of step. We log errors here.
        logging.getLogger("mail.log").setLevel(logging.CRITICAL + 1)
        self._handler = _Handler(receiving)
        self._max_bytes = max_bytes
        self._connections: WeakSet[_Connection] = WeakSet()
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
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._handler.idle.wait()
        for connection in list(self._connections):
            if isinstance(connection.transport, asyncio.WriteTransport):
                connection.transport.close()
        await asyncio.sleep(0)
        self._server = None

    def _connection(self) -> LMTP:
        connection = _Connection(
            self._handler,
            data_size_limit=self._max_bytes,
            enable_SMTPUTF8=True,
            hostname="digest.localhost",
            ident="ready",
        )
        self._connections.add(connection)
        return connection


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

    async def handle_DATA(self, server: _Connection, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """One reply for each recipient, in their order (RFC 2033 section 4.2)."""
        content = envelope.content
        assert isinstance(content, bytes)  # as the server is set not to decode
        sender = (envelope.mail_from or "").strip("<> ")
        self._under_way += 1
        self.idle.clear()
        try:
            mails = [Mail(sent_from=sender, sent_to=to, content=content) for to in envelope.rcpt_tos]
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
    # Lines of mail may have 998 octets at most, but real mail has longer ones: they are read too.
    line_length_limit = 1_000_000

    _recipients = 0  # that wait for a reply each, while their content flows

    def still_at_work(self) -> None:
        """Restart the connection's time-out: it is for silent clients, not for our own work."""
        self._reset_timeout()

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        try:
            await super().smtp_DATA(arg)
        finally:
            self._recipients = 0

    async def push(self, status: str | bytes) -> None:
        text = status if isinstance(status, str) else status.decode("utf-8", "replace")
        text = next((better for begin, better in _BETTER.items() if text.startswith(begin)), text)
        if self._recipients and "\r\n" not in text:
            text = "\r\n".join([text] * self._recipients)  # aiosmtpd refuses once, as SMTP would
        if text.startswith("354") and self.envelope:
            self._recipients = len(self.envelope.rcpt_tos)
        await super().push(text)
