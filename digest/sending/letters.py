"""Sending letters to single people, as soon as they are written.

The steps are those of editions: offer the envelope to the relay, note that handing over begins, hand the
content over, note the answer. A process that dies after the second step leaves a letter whose state is
unknown: it is never sent again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from digest.addresses import allowed_by
from digest.compose import wire_ready
from digest.deliveries import NOT_ALLOWED, Answer, Event, Message
from digest.edition import StoryKey
from digest.errors import ComposeError, LeaseLost
from digest.interventions import alteration_by, hold_at
from digest.letter_kinds import TO_OPERATORS, Alert
from digest.letters import LONGEST_LEASE, Claimed, Letter, settlement, wanted
from digest.matching import same_inspection
from digest.ports import Clock, Relay, Session, Store
from digest.relays import LastDial

log = logging.getLogger(__name__)

LEASE: Final = timedelta(minutes=5)
"""How long a worker holds a letter that it has not begun to hand over."""

UNDER_WAY: Final = LONGEST_LEASE
"""And one that it has: longer than a relay may take to answer (RFC 5321 section 4.5.3.2)."""

OVERTAKEN: Final = Answer(event=Event.LEFT_OUT, code=None, text="what it is about has changed meanwhile")
HELD: Final = Answer(event=Event.PUT_OFF, code=None, text="operators hold the edition that tells it")
DROPPED: Final = Answer(event=Event.LEFT_OUT, code=None, text="operators dropped the story that it tells")
SUPPRESSED: Final = Answer(event=Event.LEFT_OUT, code=None, text="it must not be written to")


NoteRelays = Callable[[Sequence[LastDial]], Awaitable[None]]
"""Stores whether each relay could be reached."""


async def _note_nothing(_: Sequence[LastDial]) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterSender:
    """Sends letters; any number of processes may do so at once."""

    store: Store
    relay: Relay
    compose: Callable[[Letter, datetime, int], Message]  # of a letter, now, with its number
    clock: Clock
    # On most days nothing but letters connects to the relays before noon, so their health is known from here.
    note_relays: NoteRelays = _note_nothing
    only_to: tuple[str, ...] = ()  # addresses, or domains with "@" before them; empty: to all
    sign: Callable[[bytes], Awaitable[bytes]] | None = None  # with DKIM; None: the relay signs

    async def send(self, stop: asyncio.Event | None = None) -> int:
        """Send the letters that wait; how many were tried. While sending is paused, only those to operators.

        Once `stop` is set, a letter that is being handed over is finished, and no other begins.
        """
        tried = 0
        async with AsyncExitStack() as stack:
            session: Session | None = None
            while not (stop is not None and stop.is_set()):
                paused = await self.store.pauses.current() is not None
                kinds = TO_OPERATORS if paused else None
                claimed = await self.store.letters.claim(self.clock.now(), LEASE, kinds)
                if claimed is None:
                    break
                if session is None:
                    session = await stack.enter_async_context(self.relay.session())
                with suppress(LeaseLost):  # another worker holds it now, or its reader was erased
                    await self._one(claimed, session)
                tried += 1
        if tried:
            await self.note_relays(self.relay.health())
        return tried

    async def submit(self, letter: Letter) -> bool:
        """Hand over a letter that the database cannot keep; whether the relay took it."""
        message = await self._composed(letter, 0)
        if isinstance(message, Answer):
            return False
        async with self.relay.session() as session:
            answer = await session.offer(message.envelope, len(message.wire))
            if answer.event is Event.BEGUN:
                answer = await session.hand_over(message.wire)
        return answer.event is Event.TAKEN

    async def _one(self, claimed: Claimed, session: Session) -> None:
        message = await self._message(claimed)
        begun = False
        if isinstance(message, Answer):
            answer = message
        else:
            answer = await session.offer(message.envelope, len(message.wire))
            if answer.event is Event.BEGUN:
                # Checked again: a relay may take minutes to answer, and people leave meanwhile.
                if (unwanted := await self._unwanted(claimed.letter)) is not None:
                    await session.withdraw()
                    answer = unwanted
                else:
                    await self._begin(claimed, session)
                    begun = True
                    answer = await session.hand_over(message.wire)
        now = self.clock.now()
        settled = settlement(claimed, answer, begun=begun, now=now)
        # Shielded: if this were cancelled, nobody would know that the letter was sent.
        await asyncio.shield(self.store.letters.settle(claimed, settled, answer, now))
        fields = {"letter": claimed.id, "kind": claimed.letter.kind, "state": settled.state}
        log.info("letter", extra=fields | {"code": answer.code})

    async def _begin(self, claimed: Claimed, session: Session) -> None:
        try:
            await self.store.letters.begin(claimed, self.clock.now(), UNDER_WAY)
        except LeaseLost:
            await session.withdraw()
            raise

    async def _message(self, claimed: Claimed) -> Message | Answer:
        """The letter as a message, signed if `sign` is given; or why it is not sent."""
        letter = claimed.letter
        if letter.kind not in TO_OPERATORS and not allowed_by(self.only_to)(letter.address):
            return NOT_ALLOWED
        if (unwanted := await self._unwanted(letter)) is not None:
            return unwanted
        return await self._composed(letter, claimed.id)

    async def _composed(self, letter: Letter, number: int) -> Message | Answer:
        try:
            message = await asyncio.to_thread(self.compose, letter, self.clock.now(), number)
            if self.sign is None:
                return message
            return message._replace(wire=wire_ready(await self.sign(message.content)))
        except ComposeError as error:
            return Answer(event=Event.LEFT_OUT, code=None, text=f"not composed: {error}")
        except Exception as error:
            # A letter of a later version as well: a process that understands it may still send it.
            log.exception("composing failed", extra={"kind": letter.kind})
            return Answer(event=Event.PUT_OFF, code=None, text=f"not composed: {error}")

    async def _unwanted(self, letter: Letter) -> Answer | None:
        """Why a letter must not be sent; asked as late as possible, for things change while letters wait."""
        if await self.store.subscriptions.suppressed(letter.address) is not None:
            return SUPPRESSED
        subscriber = letter.subscriber
        if subscriber is None:
            return None if wanted(letter, None) else OVERTAKEN
        found = await self.store.subscriptions.get(subscriber)
        request = await self.store.requests.get(subscriber)
        if not wanted(letter, found, request):
            return OVERTAKEN
        return await self._stopped(letter.content) if isinstance(letter.content, Alert) else None

    async def _stopped(self, alert: Alert) -> Answer | None:
        """Why operators let an alert not go: they hold its edition, or dropped its story from it."""
        acts = await self.store.editions.acts(alert.story.edition)
        if hold_at(acts, self.clock.now()) is not None:
            return HELD
        dropped = alteration_by(acts).dropped
        return DROPPED if dropped and await self._is_about(alert.about, dropped) else None

    async def _is_about(self, key: StoryKey, others: Sequence[StoryKey]) -> bool:
        """Whether a report is one of others, or is about the same inspection as one of them."""
        if key in others:
            return True
        own, *cases = [await self.store.review.case(one) for one in (key, *others)]
        return own is not None and any(
            one is not None and same_inspection(own.candidate, one.candidate) for one in cases
        )
