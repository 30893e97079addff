"""One session with the relay: one connection at a time, one owner, one message after another.

The library connects, secures, greets and logs in; the dialogue of each message is led here (`dialogue`), in
phases, so that every loss is known by its phase (`relay_replies`).
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

COURTESY: Final = 5.0  # seconds for the reply to RSET or QUIT; hanging up does as well


class Relays(Protocol):
    """What a session needs of the relay it belongs to."""

    per_connection: int | None

    async def dial(self) -> tuple[RelayOptions, SMTP] | Reply: ...

    def hung_up(self, options: RelayOptions) -> None: ...


class SmtpSession:
    """One connection at a time, had when first needed and again after a loss. See `ports.Session`."""

    def __init__(self, relay: Relays) -> None:
        self._relay = relay
        self._options: RelayOptions | None = None
        self._client: SMTP | None = None
        self._dialogue: Dialogue | None = None
        self._offered = 0
        self._dialled_at = self._used_at = 0.0
        self._behind: Envelope | None = None  # its envelope went out behind the last content
        self._data_asked = False  # of the envelope offered last
        self._offers = Offers()
        self._command_timeout = self._final_timeout = self._max_age = 0.0
        self._time = asyncio.get_running_loop().time

    async def offer(self, envelope: Envelope, size: int) -> Answer:
        """MAIL and RCPT; dials first where there is no connection, or a worn one."""
        try:
            behind, self._behind = self._behind, None
            if behind is not None and behind is not envelope:
                self.drop()  # the relay waits for the content of another message
            if behind is None and (unfit := misfit(envelope)) is not None:
                return unfit
            if behind is None or self._dialogue is None or self._dialogue.lost:
                behind = None
                await self._retire()
                if self._dialogue is None and (trouble := await self._connect()) is not None:
                    return judge(Phase.CONNECT, trouble)._replace(reached=False)
            old = self._offered > 0
            self._offered += 1
            said = await self._offer(envelope, size, sent=behind is not None)
            if old and self._dialogue is None and said.event is _PUT_OFF:
                # Relays drop old connections; that says nothing of this envelope, and nothing was sent.
                return await self.offer(envelope, size)
        except BaseException:
            self.drop()
            raise
        return said

    async def withdraw(self) -> None:
        """RSET, or hanging up where the relay waits for the content. The next offer starts clean."""
        with self.dropping():
            if self._data_asked or self._behind is not None:
                self.drop()
            elif self._dialogue is not None:
                reply = await self._ask(b"RSET\r\n", COURTESY)
                if reply.kind != 2:
                    self.drop()

    async def hand_over(self, wire: bytes, then: tuple[Envelope, int] | None = None) -> Answer:
        """DATA, the content, and the reply to its final dot; wants an offer that was taken up.

        `wire` is 7-bit: neither 8BITMIME nor BINARYMIME was asked for.
        """
        try:
            if self._dialogue is None or self._options is None:
                return answer(Event.PUT_OFF, _GONE)
            if not self._data_asked:
                reply = await self._ask(b"DATA\r\n", self._command_timeout)
                if not agrees(Phase.DATA, reply):
                    return await self._turned_down(Phase.DATA, reply)
            self._data_asked = False
            if not self._send(wire, then):
                gone = self._dialogue.ready() or _GONE
                self.drop()
                return answer(Event.PUT_OFF, gone)
            reply = self._dialogue.ready() or await self._dialogue.reply(self._final_timeout)
            if reply.kind != 2:
                return await self._turned_down(Phase.CONTENT, reply)
        except BaseException:
            self.drop()
            raise
        return answer(_TAKEN, reply)

    async def leave(self) -> None:
        """QUIT and hang up; never waits long, never raises for the network."""
        with self.dropping():
            if self._dialogue is not None and not self._data_asked and self._behind is None:
                await self._ask(b"QUIT\r\n", COURTESY)
            self.drop()

    def drop(self) -> None:
        """Hang up at once. What was not yet written is never sent."""
        dialogue, self._dialogue = self._dialogue, None
        client, self._client = self._client, None
        self._behind, self._data_asked = None, False
        if dialogue is not None:
            dialogue.abort()
        if client is not None:
            client.close()
            assert self._options is not None
            self._relay.hung_up(self._options)

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

    async def _offer(self, envelope: Envelope, size: int, *, sent: bool) -> Answer:
        asked: list[bytes] = []
        if not sent:
            own = commands(envelope, size, self._offers)
            if isinstance(own, Answer):
                return own
            asked = own
            if self._offers.pipelining:
                self._write(asked[0], len(_AGREED))
        assert self._dialogue is not None
        if self._offers.pipelining and self._dialogue.passed(_AGREED):
            self._data_asked = True
            return _BEGUN
        for place, phase in enumerate(_ENVELOPE):
            if self._offers.pipelining:
                reply = self._dialogue.ready() or await self._dialogue.reply(self._command_timeout)
            else:
                reply = await self._ask(asked[place], self._command_timeout)
            if reply.kind != 2:
                return await self._turned_down(phase, reply)
        if self._offers.pipelining:
            reply = self._dialogue.ready() or await self._dialogue.reply(self._command_timeout)
            if reply.kind != 3:
                return await self._turned_down(Phase.DATA, reply)
            self._data_asked = True
        return _BEGUN

    async def _turned_down(self, phase: Phase, reply: Reply) -> Answer:
        said = judge(phase, reply)
        if self._dialogue is None:
            return said
        if in_step(reply) and await self._caught_up(phase):
            if phase is not Phase.CONTENT:
                await self.withdraw()
        else:
            log.warning("relay connection given up", extra={"phase": phase.value, "code": reply.code})
            self.drop()
        return said

    async def _caught_up(self, phase: Phase) -> bool:
        """Read what comes of the commands behind the one refused; whether the connection is still of use.

        A relay that asks for the content although it has no recipient gets an empty one (RFC 2920
        section 3.1).
        """
        assert self._dialogue is not None
        if phase is Phase.CONTENT:
            return True  # what is outstanding belongs to the envelope behind
        while self._dialogue.outstanding:
            reply = await self._dialogue.reply(self._command_timeout)
            if not in_step(reply) and reply.kind not in {2, 3}:
                return False
            if reply.kind == 3:
                self._write(b".\r\n", 1)
        return True

    async def _ask(self, command: bytes, within: float) -> Reply:
        self._write(command, 1)
        return await self._dialogue.reply(within) if self._dialogue is not None else _GONE

    def _write(self, octets: bytes, replies: int) -> bool:
        self._used_at = self._time()
        return self._dialogue is not None and self._dialogue.write(octets, replies)

    def _send(self, wire: bytes, then: tuple[Envelope, int] | None) -> bool:
        """The content and its final dot, and the next envelope right behind if that may be.

        False if the connection was lost before, and surely none of it goes out.
        """
        if then is not None and self._offers.pipelining and not self._worn and misfit(then[0]) is None:
            following = commands(*then, self._offers)
            if not isinstance(following, Answer):
                self._behind = then[0]
                return self._write(wire + following[0], 1 + len(_AGREED))
        return self._write(wire, 1)

    @property
    def _worn(self) -> bool:
        if self._options is None:
            return True
        most = self._relay.per_connection or self._options.max_messages
        return self._offered >= most or self._time() - self._dialled_at > self._max_age

    async def _retire(self) -> None:
        """Part with a connection that is lost, old or long unused: relays drop those without a word."""
        if self._dialogue is None or self._options is None:
            return
        idle = self._time() - self._used_at
        if self._dialogue.lost:
            self.drop()
        elif self._worn or idle > self._options.max_idle.total_seconds():
            await self.leave()

    async def _connect(self) -> Reply | None:
        """None once there is a connection, else why there is none."""
        _heed_cancellation()
        dialled = await self._relay.dial()
        if isinstance(dialled, Reply):
            _heed_cancellation()
            return dialled
        options, client = dialled
        self._client, self._options = client, options
        _heed_cancellation()
        if client.transport is None or client.transport.is_closing():
            self.drop()
            return _GONE
        self._dialogue = Dialogue(
            cast("asyncio.Transport", client.transport)
        )  # uvloop's is none by its class
        self._dialled_at = self._used_at = self._time()
        self._offered = 0
        self._offers = Offers(
            pipelining=options.pipelining and client.supports_extension("PIPELINING"),
            size=client.supports_extension("SIZE"),
            utf8=client.supports_extension("SMTPUTF8"),
        )
        self._command_timeout = options.command_timeout.total_seconds()
        self._final_timeout = options.final_timeout.total_seconds()
        self._max_age = options.max_age.total_seconds()
        return None


_BEGUN: Final = Answer(event=Event.BEGUN, code=250, text="")
_TAKEN: Final = Event.TAKEN  # looking a member up by its class costs a microsecond on Python 3.11
_PUT_OFF: Final = Event.PUT_OFF
_ENVELOPE: Final = (Phase.MAIL, Phase.RCPT)
_AGREED: Final = b"223"  # to MAIL, to RCPT, to DATA
_GONE: Final = Reply(code=None, text="the connection was lost")


def _heed_cancellation() -> None:
    """Stop before and after dialling if asked to.

    On Python 3.11 `asyncio.wait_for`, which the library waits with, swallows a cancellation that comes
    together with the reply.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """What the relay offers in its reply to EHLO, as far as we take it up."""

    pipelining: bool = False  # RFC 2920
    size: bool = False  # RFC 1870
    utf8: bool = False  # SMTPUTF8, RFC 6531


def commands(envelope: Envelope, size: int, offers: Offers) -> list[bytes] | Answer:
    """MAIL and RCPT, or both and DATA in one where they go out together; `size` in octets."""
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
    """An answer for addresses that cannot stand in a command; they are told without being quoted."""
    if not _fits(envelope.bounce_to):
        return Answer(event=Event.PUT_OFF, code=None, text="our bounce address cannot stand in MAIL")
    if not envelope.recipient or not _fits(envelope.recipient):
        return Answer(event=Event.REJECTED, code=None, text="the address cannot stand in RCPT")
    return None


_PLAIN: Final = re.compile(r"[\w!#$%&'*+/=?^`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}", re.ASCII)


def _fits(address: str) -> bool:
    """Whether the library would send exactly this address: it reads leniently and drops what does not fit."""
    if _PLAIN.fullmatch(address) and ".." not in address and not address.startswith("."):
        return True  # asking costs as much as sending
    try:
        return address.isprintable() and quote_address(address) == f"<{address}>"
    except ValueError:
        return False
