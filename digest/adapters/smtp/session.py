"""One session with the relay: one message after another, on one connection at a time.

The SMTP library connects, secures, greets and logs in. The commands of each message are sent from here, in
phases, so that for every loss it is known in which phase it happened (`pipeline`, `replies`).
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Protocol, cast

from aiosmtplib import SMTP
from aiosmtplib.email import quote_address

from digest.adapters.smtp.connect import RelayOptions
from digest.adapters.smtp.pipeline import Dialogue
from digest.adapters.smtp.replies import Phase, Reply, agrees, answer, in_step, judge
from digest.deliveries import Answer, Envelope, Event

log = logging.getLogger(__name__)

COURTESY: Final = 5.0
"""Seconds to wait for the reply to RSET or QUIT; after that the connection is cut, which does as well."""


class Relays(Protocol):
    """What a session needs of the relay it belongs to."""

    per_connection: int | None

    async def dial(self) -> tuple[RelayOptions, SMTP] | Reply: ...

    def hung_up(self, options: RelayOptions) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """The extensions that we use of those that the relay offers in its reply to EHLO."""

    pipelining: bool = False  # RFC 2920
    size: bool = False  # RFC 1870
    utf8: bool = False  # SMTPUTF8, RFC 6531


class _Connection:
    """An open connection, and what was sent on it; times are those of the event loop's clock."""

    def __init__(self, options: RelayOptions, client: SMTP, transport: asyncio.Transport, now: float) -> None:
        self.options = options
        self.client = client
        self.dialogue = Dialogue(transport)
        self.offers = Offers(
            pipelining=options.pipelining and client.supports_extension("PIPELINING"),
            size=client.supports_extension("SIZE"),
            utf8=client.supports_extension("SMTPUTF8"),
        )
        self.command_timeout = options.timeouts.command.total_seconds()
        self.final_timeout = options.timeouts.final.total_seconds()
        self.longest_idle = options.lifetime.idle.total_seconds()
        self.oldest_age = options.lifetime.age.total_seconds()
        self.dialled_at = self.used_at = now
        self.offered = 0  # envelopes
        self.behind: Envelope | None = None  # the envelope that was sent right behind the last content
        self.data_asked = False  # whether DATA was sent for the envelope offered last

    @property
    def waits_for_content(self) -> bool:
        """Whether a command sent now would be read as content of a message."""
        return self.data_asked or self.behind is not None


class SmtpSession:
    """Dials at the first offer, and again after a loss. See `ports.Session`."""

    def __init__(self, relay: Relays) -> None:
        self._relay = relay
        self._connection: _Connection | None = None
        self._time = asyncio.get_running_loop().time

    async def offer(self, envelope: Envelope, size: int) -> Answer:
        """MAIL and RCPT; dials first where there is no connection, or one that is to be closed."""
        try:
            connection = self._connection
            sent = connection is not None and connection.behind is not None
            if connection is not None and sent and connection.behind is not envelope:
                self.drop()  # the relay waits for the content of another message
                connection, sent = None, False
            if not sent and (unfit := misfit(envelope)) is not None:
                return unfit
            if connection is not None:
                connection.behind = None
            if connection is None or not sent or connection.dialogue.lost:
                sent = False
                dialled = await self._usable()
                if isinstance(dialled, Reply):
                    return judge(Phase.CONNECT, dialled)._replace(reached=False)
                connection = dialled
            old = connection.offered > 0
            connection.offered += 1
            said = await self._offer(connection, envelope, size, sent=sent)
            if old and self._connection is None and said.event is _PUT_OFF:
                # Relays close old connections at any time. That says nothing of this envelope, and no content
                # was sent.
                return await self.offer(envelope, size)
        except BaseException:
            self.drop()
            raise
        return said

    async def withdraw(self) -> None:
        """RSET, or hanging up where the relay waits for the content. The next offer starts clean."""
        connection = self._connection
        if connection is None:
            return
        with self.dropping():
            if connection.waits_for_content:
                self.drop()
                return
            reply = await self._ask(connection, b"RSET\r\n", COURTESY)
            if reply.kind != 2:
                self.drop()

    async def hand_over(self, wire: bytes, then: tuple[Envelope, int] | None = None) -> Answer:
        """DATA, the content, and the reply to its final dot; the offer before must have been accepted.

        `wire` is 7-bit: neither 8BITMIME nor BINARYMIME was asked for.
        """
        connection = self._connection
        if connection is None:
            return answer(Event.PUT_OFF, _GONE)
        try:
            if not connection.data_asked:
                reply = await self._ask(connection, b"DATA\r\n", connection.command_timeout)
                if not agrees(Phase.DATA, reply):
                    return await self._turned_down(connection, Phase.DATA, reply)
            connection.data_asked = False
            if not self._send(connection, wire, then):
                gone = connection.dialogue.ready() or _GONE
                self.drop()
                return answer(Event.PUT_OFF, gone)
            reply = connection.dialogue.ready() or await connection.dialogue.reply(connection.final_timeout)
            if reply.kind != 2:
                return await self._turned_down(connection, Phase.CONTENT, reply)
        except BaseException:
            self.drop()
            raise
        return answer(_TAKEN, reply)

    async def leave(self) -> None:
        """QUIT and hang up; never waits long, never raises for the network."""
        connection = self._connection
        if connection is None:
            return
        with self.dropping():
            if not connection.waits_for_content:
                await self._ask(connection, b"QUIT\r\n", COURTESY)
            self.drop()

    def drop(self) -> None:
        """Hang up at once. What was not written yet is never sent."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.dialogue.abort()
            connection.client.close()
            self._relay.hung_up(connection.options)

    @contextmanager
    def dropping(self) -> Iterator[None]:
        """Hang up on any exception, cancellation included.

        A reply that nobody waited for would be taken for the answer to the next message (measured).
        """
        try:
            yield
        except BaseException:
            self.drop()
            raise

    async def _offer(self, connection: _Connection, envelope: Envelope, size: int, *, sent: bool) -> Answer:
        dialogue, pipelining = connection.dialogue, connection.offers.pipelining
        asked: list[bytes] = []
        if not sent:
            own = commands(envelope, size, connection.offers)
            if isinstance(own, Answer):
                return own
            asked = own
            if pipelining:
                self._write(connection, asked[0], len(_AGREED))
        if pipelining and dialogue.passed(_AGREED):
            connection.data_asked = True
            return _BEGUN
        for place, phase in enumerate(_ENVELOPE):
            if pipelining:
                reply = dialogue.ready() or await dialogue.reply(connection.command_timeout)
            else:
                reply = await self._ask(connection, asked[place], connection.command_timeout)
            if reply.kind != 2:
                return await self._turned_down(connection, phase, reply)
        if pipelining:
            reply = dialogue.ready() or await dialogue.reply(connection.command_timeout)
            if reply.kind != 3:
                return await self._turned_down(connection, Phase.DATA, reply)
            connection.data_asked = True
        return _BEGUN

    async def _turned_down(self, connection: _Connection, phase: Phase, reply: Reply) -> Answer:
        said = judge(phase, reply)
        if in_step(reply) and await self._caught_up(connection, phase):
            if phase is not Phase.CONTENT:
                await self.withdraw()
        else:
            log.warning("relay connection given up", extra={"phase": phase.value, "code": reply.code})
            self.drop()
        return said

    async def _caught_up(self, connection: _Connection, phase: Phase) -> bool:
        """Read the replies to commands behind the refused one; whether the connection can still be used.

        A relay that asks for the content although it has no recipient gets an empty one (RFC 2920
        section 3.1).
        """
        if phase is Phase.CONTENT:
            return True  # what is outstanding belongs to the envelope behind
        dialogue = connection.dialogue
        while dialogue.outstanding:
            reply = await dialogue.reply(connection.command_timeout)
            if not in_step(reply) and reply.kind not in {2, 3}:
                return False
            if reply.kind == 3:
                self._write(connection, b".\r\n", 1)
        return True

    async def _ask(self, connection: _Connection, command: bytes, within: float) -> Reply:
        self._write(connection, command, 1)
        return await connection.dialogue.reply(within)

    def _write(self, connection: _Connection, octets: bytes, replies: int) -> bool:
        connection.used_at = self._time()
        return connection.dialogue.write(octets, replies)

    def _send(self, connection: _Connection, wire: bytes, then: tuple[Envelope, int] | None) -> bool:
        """Send the content and its final dot, and the next envelope right behind if that is possible.

        False if the connection was lost before, and surely none of it is sent.
        """
        may_follow = connection.offers.pipelining and not self._is_worn(connection)
        if then is not None and may_follow and misfit(then[0]) is None:
            following = commands(*then, connection.offers)
            if not isinstance(following, Answer):
                connection.behind = then[0]
                return self._write(connection, wire + following[0], 1 + len(_AGREED))
        return self._write(connection, wire, 1)

    def _is_worn(self, connection: _Connection) -> bool:
        """Whether it has carried enough messages, or is old enough, to be closed."""
        most = self._relay.per_connection or connection.options.lifetime.messages
        return connection.offered >= most or self._time() - connection.dialled_at > connection.oldest_age

    async def _usable(self) -> _Connection | Reply:
        """The connection, or a new one where it is lost, worn or long idle, or why there is none.

        Relays close connections that are old or idle without a word.
        """
        connection = self._connection
        if connection is not None:
            idle = self._time() - connection.used_at
            if connection.dialogue.lost:
                self.drop()
            elif self._is_worn(connection) or idle > connection.longest_idle:
                await self.leave()
            else:
                return connection
        return await self._connect()

    async def _connect(self) -> _Connection | Reply:
        """A new connection, or why there is none."""
        _check_cancelled()
        dialled = await self._relay.dial()
        if isinstance(dialled, Reply):
            _check_cancelled()
            return dialled
        options, client = dialled
        try:
            _check_cancelled()
        except BaseException:
            self._close(options, client)
            raise
        if client.transport is None or client.transport.is_closing():
            self._close(options, client)
            return _GONE
        transport = cast("asyncio.Transport", client.transport)  # uvloop's class does not say so
        self._connection = _Connection(options, client, transport, self._time())
        return self._connection

    def _close(self, options: RelayOptions, client: SMTP) -> None:
        client.close()
        self._relay.hung_up(options)


_BEGUN: Final = Answer(event=Event.BEGUN, code=250, text="")
_TAKEN: Final = Event.TAKEN  # on Python 3.11 looking up a member of an enum takes a microsecond
_PUT_OFF: Final = Event.PUT_OFF
_ENVELOPE: Final = (Phase.MAIL, Phase.RCPT)
_AGREED: Final = b"223"  # to MAIL, to RCPT, to DATA
_GONE: Final = Reply(code=None, text="the connection was lost")


def _check_cancelled() -> None:
    """Raise a cancellation that the library has swallowed.

    On Python 3.11 `asyncio.wait_for`, with which the library waits, swallows a cancellation that arrives
    together with the reply.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def commands(envelope: Envelope, size: int, offers: Offers) -> list[bytes] | Answer:
    """MAIL and RCPT; with pipelining, both and DATA in one. `size` is in octets."""
    sender, recipient = envelope
    options = f" SIZE={size}" if offers.size else ""
    if not (sender.isascii() and recipient.isascii()):
        if not offers.utf8:
            return Answer(event=Event.REJECTED, code=None, text="the relay does not offer SMTPUTF8")
        options += " SMTPUTF8"
    mail, rcpt = f"MAIL FROM:<{sender}>{options}\r\n", f"RCPT TO:<{recipient}>\r\n"
    if offers.pipelining:
        return [f"{mail}{rcpt}DATA\r\n".encode()]
    return [mail.encode(), rcpt.encode()]


def misfit(envelope: Envelope) -> Answer | None:
    """The answer where an address cannot stand in a command; it does not quote the address."""
    if not _fits(envelope.bounce_to):
        return Answer(event=Event.PUT_OFF, code=None, text="our bounce address cannot stand in MAIL")
    if not envelope.recipient or not _fits(envelope.recipient):
        return Answer(event=Event.REJECTED, code=None, text="the address cannot stand in RCPT")
    return None


_PLAIN: Final = re.compile(r"[\w!#$%&'*+/=?^`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}", re.ASCII)


def _fits(address: str) -> bool:
    """Whether the library would send exactly this address: it parses leniently and drops the rest."""
    if _PLAIN.fullmatch(address) and ".." not in address and not address.startswith("."):
        return True  # the check below costs as much as sending
    try:
        return address.isprintable() and quote_address(address) == f"<{address}>"
    except ValueError:
        return False
