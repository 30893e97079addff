"""The relay: submitting messages by SMTP, one connection a session, one owner a connection.

The library raises the same error for a connection lost before the content and after it. So the content is
handed over in two steps here, DATA alone and then the octets, and every loss is known by its phase
(`relay_replies`).
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from aiosmtplib import (
    SMTP,
    SMTPConnectError,
    SMTPException,
    SMTPResponse,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)
from aiosmtplib.email import quote_address
from aiosmtplib.protocol import PERIOD_REGEX, normalize_message_line_endings
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_after_delay,
    wait_random_exponential,
)
from tenacity.wait import wait_base

from digest.adapters.relay_replies import Phase, Reply, agrees, answer, in_step, judge
from digest.deliveries import Answer, Envelope, Event
from digest.ports import Session
from digest.settings import Tls

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayOptions:
    """Where the relay is and how patient we are with it."""

    host: str
    port: int
    tls: Tls  # as said, never "if it happens to be offered": an offer can be stripped on the way
    local_hostname: str  # what EHLO says; given, because asking the resolver costs every connection a lookup
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None  # trusted instead of the system's authorities
    connect_timeout: timedelta = timedelta(seconds=30)
    command_timeout: timedelta = timedelta(minutes=5)  # RFC 5321 section 4.5.3.2, MAIL and RCPT
    final_timeout: timedelta = timedelta(minutes=10)  # RFC 5321 section 4.5.3.2.6, after the final dot
    connect_attempts: int = 3
    rest: timedelta = timedelta(seconds=30)  # after a relay could not be had, before it is dialled again
    max_messages: int = 100  # offers on one connection
    max_idle: timedelta = timedelta(seconds=30)


PASSING: Final = (SMTPConnectError, SMTPServerDisconnected, SMTPTimeoutError)
"""What dialling again may cure. A refused login is not among them: asking thrice locks accounts."""

TROUBLE: Final = (SMTPException, OSError, UnicodeError)  # UnicodeError: a host name that cannot be looked up

PAUSE: Final = wait_random_exponential(multiplier=1, max=10)

COURTESY: Final = 5.0  # seconds for the reply to RSET or QUIT; hanging up does as well


class SmtpRelay:
    """The server that we submit to, as `ports.Relay`; any number of sessions at a time."""

    def __init__(self, options: RelayOptions, *, pause: wait_base = PAUSE) -> None:
        """`pause` lies between attempts to connect. `OSError` if the file of authorities cannot be read."""
        self._options = options
        self._pause = pause
        # One for all: building it costs 40 ms, and the library would build one for each connection.
        self._tls = None if options.tls is Tls.NONE else ssl.create_default_context(cafile=options.ca_file)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """A session for one task; nothing is dialled before its first offer."""
        session = SmtpSession(self._options, self._tls, self._pause)
        with session.dropping():
            yield session
        await session.leave()


class SmtpSession:
    """One connection at a time, had when first needed and again after a loss. See `ports.Session`."""

    def __init__(self, options: RelayOptions, tls: ssl.SSLContext | None, pause: wait_base) -> None:
        self._options = options
        self._tls = tls
        self._pause = pause
        self._client: SMTP | None = None
        self._transport: asyncio.BaseTransport | None = None
        self._offers = 0
        self._used_at = 0.0  # by the event loop's clock, like all times here
        self._trouble: Reply | None = None
        self._rests_until = 0.0

    async def offer(self, envelope: Envelope, size: int) -> Answer:
        """MAIL and RCPT; dials first where there is no connection, or a worn one."""
        with self.dropping():
            _heed_cancellation()
            if (misfit := _misfit(envelope)) is not None:
                return misfit
            await self._retire()
            client = await self._connected()
            if isinstance(client, Reply):
                return answer(Event.PUT_OFF, client)
            old = self._offers > 0
            self._offers += 1
            said = await self._offer(client, envelope, size)
            if old and self._client is None and said.event is Event.PUT_OFF:
                # Relays drop old connections; that says nothing of this envelope, and nothing was sent.
                return await self.offer(envelope, size)
            return said

    async def withdraw(self) -> None:
        """RSET. Whatever comes of it, the next offer starts clean."""
        with self.dropping():
            if self._client is not None:
                reply = await self._ask(self._client.rset(timeout=COURTESY))
                if reply.kind != 2:
                    self.drop()

    async def hand_over(self, content: bytes) -> Answer:
        """DATA, the content, and the reply to its final dot; wants an offer that was taken up.

        `content` is 7-bit: neither 8BITMIME nor BINARYMIME was asked for.
        """
        with self.dropping():
            phase = Phase.DATA
            reply = await self._ask(self._command(b"DATA"))
            if agrees(phase, reply):
                phase = Phase.CONTENT
                reply = await self._ask(self._send(content))
            if not agrees(phase, reply):
                return await self._turned_down(phase, reply)
            return answer(Event.TAKEN, reply)

    async def leave(self) -> None:
        """QUIT and hang up; never waits long, never raises for the network."""
        with self.dropping():
            if self._client is not None:
                await self._ask(self._client.quit(timeout=COURTESY))
                self.drop()

    def drop(self) -> None:
        """Hang up at once. What was not yet written is never sent."""
        client, self._client = self._client, None
        transport, self._transport = self._transport, None
        if client is not None:
            client.close()
        if isinstance(transport, asyncio.WriteTransport):
            # `close` would first flush to a relay that may never read again.
            transport.abort()

    @contextmanager
    def dropping(self) -> Iterator[None]:
        """Hang up on any surprise, cancellation included.

        A reply that nobody waited for would be taken for the answer to the next message (measured).
        """
        try:
            yield
        except BaseException:
            self.drop()
            raise

    async def _offer(self, client: SMTP, envelope: Envelope, size: int) -> Answer:
        options, encoding = [], "ascii"
        if client.supports_extension("SIZE"):
            options.append(f"SIZE={size}")  # RFC 1870: refused before it is carried over
        if not (envelope.bounce_to + envelope.recipient).isascii():
            if not client.supports_extension("SMTPUTF8"):  # RFC 6531
                return Answer(event=Event.REJECTED, code=None, text="the relay does not offer SMTPUTF8")
            options.append("SMTPUTF8")
            encoding = "utf-8"
        phase = Phase.MAIL
        reply = await self._ask(client.mail(envelope.bounce_to, options=options, encoding=encoding))
        if agrees(phase, reply):
            phase = Phase.RCPT
            reply = await self._ask(client.rcpt(envelope.recipient, encoding=encoding))
        if not agrees(phase, reply):
            return await self._turned_down(phase, reply)
        return answer(Event.BEGUN, reply)

    async def _turned_down(self, phase: Phase, reply: Reply) -> Answer:
        if in_step(reply):
            await self.withdraw()
        else:
            log.warning("relay connection given up", extra={"phase": phase.value, "code": reply.code})
            self.drop()
        return answer(judge(phase, reply), reply)

    async def _ask(self, command: Awaitable[SMTPResponse]) -> Reply:
        """The reply to a command, whether the library returns it or raises it."""
        self._used_at = asyncio.get_running_loop().time()
        try:
            response = await command
        except TROUBLE as trouble:
            return _reply_in(trouble)
        return Reply(code=response.code, text=response.message)

    async def _command(self, command: bytes) -> SMTPResponse:
        if self._client is None:
            raise SMTPServerDisconnected("the connection was lost before this command")
        return await self._client.execute_command(command)

    async def _send(self, content: bytes) -> SMTPResponse:
        """The second half of the library's own DATA, which does not tell its halves apart."""
        if self._client is None or self._client.protocol is None:
            raise SMTPServerDisconnected("the connection was lost before the content")
        stuffed = PERIOD_REGEX.sub(b"..", normalize_message_line_endings(content))  # RFC 5321 section 4.5.2
        protocol = self._client.protocol
        protocol.write(stuffed + b".\r\n")
        return await protocol.read_response(timeout=self._options.final_timeout.total_seconds())

    async def _retire(self) -> None:
        """Part with a connection that is lost, old or long unused: relays drop those without a word."""
        if self._client is None:
            return
        idle = asyncio.get_running_loop().time() - self._used_at
        if not self._client.is_connected:
            self.drop()
        elif self._offers >= self._options.max_messages or idle > self._options.max_idle.total_seconds():
            await self.leave()

    async def _connected(self) -> SMTP | Reply:
        """The connection, else why there is none. A relay that could not be had is let rest for a while."""
        if self._client is not None:
            return self._client
        now = asyncio.get_running_loop().time
        if self._trouble is not None and now() < self._rests_until:
            return self._trouble
        try:
            self._client = await self._dial_again()
        except TROUBLE as trouble:
            self._trouble = _reply_in(trouble)
            self._rests_until = now() + self._options.rest.total_seconds()
            extra = {"relay": self._options.host, "port": self._options.port, "code": self._trouble.code}
            log.warning("relay not to be had", extra=extra)
            return self._trouble
        self._transport, self._offers, self._trouble = self._client.transport, 0, None
        return self._client

    async def _dial_again(self) -> SMTP:
        """`_dial` with patience: by name, by count and by the clock, and the last error as it was."""
        options = self._options
        patience = options.connect_timeout.total_seconds() * options.connect_attempts
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(PASSING),
            stop=stop_after_attempt(options.connect_attempts) | stop_after_delay(patience),
            wait=self._pause,
            reraise=True,
        )
        return await retrying(self._dial)

    async def _dial(self) -> SMTP:
        """Connect, secure, greet and log in, as the options say."""
        options = self._options
        client = SMTP(
            hostname=options.host,
            port=options.port,
            username=options.username,
            password=options.password,
            local_hostname=options.local_hostname,
            timeout=options.command_timeout.total_seconds(),
            use_tls=options.tls is Tls.IMPLICIT,
            start_tls=options.tls is Tls.STARTTLS,
            tls_context=self._tls,
        )
        await client.connect(timeout=options.connect_timeout.total_seconds())
        try:
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
        except BaseException:
            client.close()
            raise
        return client


def _heed_cancellation() -> None:
    """Stop between two messages if asked to.

    On Python 3.11 `asyncio.wait_for`, which the library waits with, swallows a cancellation that comes
    together with the reply; without this a worker told to stop would go on to the last message.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _reply_in(trouble: BaseException) -> Reply:
    """The reply inside an exception of the library, whose class says nothing reliable and whose code does."""
    if isinstance(trouble, SMTPResponseException):
        return Reply(code=trouble.code, text=trouble.message)
    return Reply(code=None, text=f"{type(trouble).__name__}: {trouble}")


def _misfit(envelope: Envelope) -> Answer | None:
    """An answer for addresses that cannot stand in a command; they are told without being quoted."""
    if not _fits(envelope.bounce_to):
        return Answer(event=Event.PUT_OFF, code=None, text="our bounce address cannot stand in MAIL")
    if not envelope.recipient or not _fits(envelope.recipient):
        return Answer(event=Event.REJECTED, code=None, text="the address cannot stand in RCPT")
    return None


def _fits(address: str) -> bool:
    """Whether the library would send exactly this address: it reads leniently and drops what does not fit."""
    try:
        return address.isprintable() and quote_address(address) == f"<{address}>"
    except ValueError:
        return False
