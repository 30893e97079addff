"""The post: letters to single people, sent as they come; each is committed by itself.

The order is that of editions: the relay is asked, that the content flows is noted, then it flows, then its
answer is noted. A process that dies in between leaves a letter that is unknown, which is never sent again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from digest.addresses import allowed_by
from digest.compose import wire_ready
from digest.deliveries import NOT_ALLOWED, Answer, Event, Message
from digest.errors import ComposeError, LeaseLost, LetterUnreadable
from digest.letters import Claimed, Letter, settlement, wanted
from digest.ports import Clock, Reach, Relay, Session, Store

log = logging.getLogger(__name__)

LEASE: Final = timedelta(minutes=5)
"""How long a letter is ours without a sign of life, until its content flows."""

UNDER_WAY: Final = timedelta(minutes=15)
"""And from then on: longer than a relay may take over the content and its answer (RFC 5321 4.5.3.2)."""

LOOK_EVERY: Final = 5.0
"""Seconds between looks for letters that other processes wrote, and for those put off."""

OVERTAKEN: Final = Answer(event=Event.LEFT_OUT, code=None, text="what it is about has changed meanwhile")
SUPPRESSED: Final = Answer(event=Event.LEFT_OUT, code=None, text="it must not be written to")


Tell = Callable[[Sequence[Reach]], Awaitable[None]]


async def _nobody(_: Sequence[Reach]) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """The ports and settings that sending letters needs."""

    store: Store
    relay: Relay
    compose: Callable[[Letter, datetime, int], Message]  # of the letter with a number
    clock: Clock
    tell: Tell = _nobody  # how the relays were found: on most days no edition dials them before noon
    only_to: tuple[str, ...] = ()  # addresses, or domains with "@" before them; empty: everybody
    sign: Callable[[bytes], Awaitable[bytes]] | None = None  # DKIM, if the relay does not do it
    written: asyncio.Event = field(default_factory=asyncio.Event)

    def ring(self) -> None:
        """A letter was written in this process."""
        self.written.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send letters until `stop` is set; one under way is finished first."""
        while not stop.is_set():
            self.written.clear()
            try:
                await self.send(stop)
            except Exception:
                log.exception("the post is in trouble; tried again in a moment")
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self.written.wait()

    async def send(self, stop: asyncio.Event | None = None) -> int:
        """Send what waits; how many were tried. While sending is paused, nothing at all goes out."""
        tried = 0
        async with AsyncExitStack() as stack:
            session: Session | None = None
            while not (stop is not None and stop.is_set()):
                if await self.store.pauses.current() is not None:
                    break
                claimed = await self.store.letters.claim(self.clock.now(), LEASE)
                if claimed is None:
                    break
                if session is None:
                    session = await stack.enter_async_context(self.relay.session())
                with suppress(LeaseLost):  # somebody else has it, or nobody may send it any more
                    await self._one(claimed, session)
                tried += 1
        if tried:
            await self.tell(self.relay.health())
        return tried

    async def _one(self, claimed: Claimed, session: Session) -> None:
        message = await self._message(claimed)
        begun = False
        if isinstance(message, Answer):
            answer = message
        else:
            answer = await session.offer(message.envelope, len(message.wire))
            if answer.event is Event.BEGUN:
                # Asked again: a relay may take minutes over its answer, and people leave meanwhile.
                if (unwanted := await self._unwanted(claimed.letter)) is not None:
                    await session.withdraw()
                    answer = unwanted
                else:
                    await self._begin(claimed, session)
                    begun = True
                    answer = await session.hand_over(message.wire)
        now = self.clock.now()
        settled = settlement(claimed, answer, begun=begun, now=now)
        # Cut off here it would stay unknown whether it went out: it is written down first.
        await asyncio.shield(self.store.letters.settle(claimed, settled, answer, now))
        log.info("letter", extra={"letter": claimed.id, "kind": claimed.letter.kind, "state": settled.state})

    async def _begin(self, claimed: Claimed, session: Session) -> None:
        try:
            await self.store.letters.begin(claimed, self.clock.now(), UNDER_WAY)
        except LeaseLost:
            await session.withdraw()
            raise

    async def _message(self, claimed: Claimed) -> Message | Answer:
        """The letter as a message, signed if that is ours to do; or why there is none."""
        letter = claimed.letter
        if not allowed_by(self.only_to)(letter.address):
            return NOT_ALLOWED
        if (unwanted := await self._unwanted(letter)) is not None:
            return unwanted
        try:
            message = await asyncio.to_thread(self.compose, letter, self.clock.now(), claimed.id)
            if self.sign is None:
                return message
            return message._replace(wire=wire_ready(await self.sign(message.content)))
        except ComposeError as error:
            return Answer(event=Event.LEFT_OUT, code=None, text=f"not composed: {error}")
        except LetterUnreadable as error:
            # A process of the version that wrote it may come by before it expires.
            log.error("a letter is not understood", extra={"letter": claimed.id, "kind": error.kind})  # noqa: TRY400 - no trace is needed
            return Answer(event=Event.PUT_OFF, code=None, text=f"not composed: {error}")
        except Exception as error:
            log.exception("composing failed", extra={"kind": letter.kind})
            return Answer(event=Event.PUT_OFF, code=None, text=f"not composed: {error}")

    async def _unwanted(self, letter: Letter) -> Answer | None:
        """Why it must not go out, by what holds now, which is not what held as it was written (F88)."""
        if await self.store.subscriptions.suppressed(letter.address) is not None:
            return SUPPRESSED
        subscriber = letter.subscriber
        found = None if subscriber is None else await self.store.subscriptions.get(subscriber)
        return None if wanted(letter, found) else OVERTAKEN
