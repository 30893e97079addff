"""One subscriber's copy of the edition, from the claimed delivery to the message that is submitted.

Each stage is a type of its own, and each function takes one stage and returns the next, or the answer that
settles the delivery without a message: `Claimed` -> `Rendered` -> `Composed`.

Stages are named tuples: they are made for each message, and a frozen dataclass takes three times as long.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

from digest.compose import Rendition, Tokens, wire_ready
from digest.deliveries import Answer, Batch, Event, Message, Settled
from digest.edition import Edition
from digest.errors import ComposeError
from digest.ports import Carried, Due, EditionStore, JournalPage
from digest.providers import Register
from digest.subscriptions import Wishes
from digest.wishes import personal_edition

log = logging.getLogger(__name__)

KEPT_RENDITIONS: Final = 200
"""Renditions kept at a time. Subscribers with the same wishes are planned together, so few are needed."""


@dataclass(slots=True)
class OpenBatch:
    """A batch that this worker has claimed and not given back."""

    batch: Batch
    page: JournalPage
    left: int  # copies without an outcome
    until: datetime  # when the lease ends unless it is renewed; aware, UTC
    settled: list[Settled] = field(default_factory=list)  # outcomes that are not in the ledger yet
    begun: dict[int, Due] = field(default_factory=dict)  # by subscriber: content sent, no answer yet
    lost: bool = False  # the lease is lost: nothing more of this batch may be sent
    unwritten: bool = False  # the last commit to the ledger failed


class Claimed(NamedTuple):
    """One delivery of a batch that this worker holds."""

    due: Due
    batch: OpenBatch
    domain: str  # of the subscriber's address, in lower case

    @property
    def subscriber(self) -> int:
        return self.due.delivery.subscriber


class Rendered(NamedTuple):
    """A claimed copy with the text that everybody with the same wishes reads."""

    claimed: Claimed
    rendition: Rendition
    counted: bool = False  # whether the limit of its domain has counted it already


class Composed(NamedTuple):
    """A copy with its own message, counted by all limits: ready to be submitted."""

    claimed: Claimed
    rendition: Rendition
    message: Message

    @property
    def as_rendered(self) -> Rendered:
        """The copy as it goes back into the outbox when it is not submitted after all."""
        return Rendered(self.claimed, self.rendition, counted=True)


class Render(Protocol):
    """Renders an edition as everybody with the same wishes reads it; `at` goes into Date.

    `carried` are the days of the earlier editions whose stories it has too.
    """

    def __call__(
        self, edition: Edition, wishes: Wishes, register: Register, at: datetime, carried: Carried, /
    ) -> Rendition: ...


_Read = tuple[Wishes, tuple[date, ...], tuple[date, ...]]
"""Whose copies are equal: those with the same wishes, missed days and kept days."""


class Renditions:
    """The day's edition as everybody with the same wishes reads it, rendered once for all of them."""

    def __init__(
        self, edition: Edition, at: datetime, register: Register, editions: EditionStore, render: Render
    ) -> None:
        """`at` is when the edition was closed: each attempt by any worker makes the same message."""
        self._edition = edition
        self._at = at
        self._register = register
        self._editions = editions
        self._render = render
        self._made: OrderedDict[_Read, Rendition | Exception | None] = OrderedDict()
        self._missed: dict[date, Edition | None] = {}

    async def of(
        self, wishes: Wishes, missed: tuple[date, ...], kept: tuple[date, ...] = ()
    ) -> Rendition | None:
        """The rendition for these wishes, with the stories of missed and of kept days; None if no story is
        wished for.

        `ComposeError` where rendering failed. That is remembered: a template that fails for one subscriber
        fails for all who would read the same. An error in reading the missed editions is raised as it is and
        not remembered.
        """
        key = (_read_by(wishes), missed, kept)
        if key not in self._made:
            late, in_time = await self._of(missed), await self._of(kept)
            try:
                carried = Carried(missed=missed, kept=kept)
                self._made[key] = await self._rendered(key[0], late, in_time, carried)
            except Exception as error:
                log.exception("composing failed", extra={"edition": self._edition.day.isoformat()})
                self._made[key] = error
            if len(self._made) > KEPT_RENDITIONS:
                self._made.popitem(last=False)
        made = self._made[key]
        if isinstance(made, Exception):
            raise ComposeError(f"{type(made).__name__}: {made}")
        return made

    async def _rendered(
        self, wishes: Wishes, missed: Sequence[Edition], kept: Sequence[Edition], carried: Carried
    ) -> Rendition | None:
        own = personal_edition(self._edition, missed, wishes, self._register, kept)
        if own is None:
            return None
        # Templates take milliseconds: in a thread, so that the connections go on meanwhile.
        return await asyncio.to_thread(self._render, own, wishes, self._register, self._at, carried)

    async def _of(self, days: Sequence[date]) -> list[Edition]:
        return [edition for day in days if (edition := await self._sealed(day)) is not None]

    async def _sealed(self, day: date) -> Edition | None:
        if day not in self._missed:
            self._missed[day] = await self._editions.sealed(day)
        return self._missed[day]


@lru_cache(maxsize=KEPT_RENDITIONS)
def _read_by(wishes: Wishes) -> Wishes:
    return wishes.of_editions


@dataclass(frozen=True, slots=True, kw_only=True)
class Composing:
    """Makes each subscriber's message from a rendition, and signs it if that is done here."""

    tokens: Callable[[int, int], Tokens]  # of a subscriber and generation
    sign: Callable[[bytes], Awaitable[bytes]] | None = None  # DKIM; None: the relay signs

    def compose(self, copy: Rendered) -> Composed | Answer:
        """The copy with its message, not signed yet."""
        claimed = copy.claimed
        due, subscriber = claimed.due, claimed.due.delivery.subscriber
        try:
            tokens = self.tokens(subscriber, due.generation)
            message = copy.rendition.copy_for(subscriber, due.address, tokens)
        except ComposeError as error:  # the next try would compose it from the same values
            log.warning("a copy cannot be composed", extra={"subscriber": subscriber})
            return Answer(event=Event.REJECTED, code=None, text=f"not composed: {error}")
        except Exception as error:
            log.exception("composing failed", extra={"subscriber": subscriber})
            return Answer(event=Event.PUT_OFF, code=None, text=f"not composed: {error}")
        return Composed(claimed, copy.rendition, message)

    async def compose_signed(self, copy: Rendered) -> Composed | Answer:
        """The copy with its message, signed if that is done here; one that cannot be signed is put off."""
        composed = self.compose(copy)
        if self.sign is None or isinstance(composed, Answer):
            return composed
        try:
            signed = await self.sign(composed.message.content)
        except Exception as error:
            log.exception("signing failed", extra={"subscriber": copy.claimed.subscriber})
            return Answer(event=Event.PUT_OFF, code=None, text=f"not signed: {error}")
        return composed._replace(message=composed.message._replace(wire=wire_ready(signed)))
