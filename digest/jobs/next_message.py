"""Which edition one reader gets next, and which one they got on a day, for operators. Nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from digest.deliveries import WAITING, State
from digest.edition import NO_ENDING, Edition, Ending
from digest.errors import Refused
from digest.interventions import InHand
from digest.jobs.publish import upcoming
from digest.ports import Carried, Store
from digest.providers import Register
from digest.ratings import Inspectorates
from digest.schedule import Timetable
from digest.sources import Source
from digest.subscriptions import Standing, Wishes
from digest.wishes import personal_edition

NOBODY: Final = 0
"""The number of a reader who is no subscriber."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Whose message it is."""

    address: str
    subscriber: int = NOBODY
    generation: int = 0
    wishes: Wishes = Wishes()  # noqa: RUF009 -- a frozen value


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadersEdition:
    """An edition as one reader gets it."""

    reader: Reader
    whole: Edition  # all stories of the day, as operators left it
    edition: Edition | None  # None: nothing in it is for them, so they get no message
    at: datetime  # what the message says in Date
    register: Register
    carried: Carried = Carried()  # noqa: RUF009 -- a frozen value; the days whose stories it has too
    state: State | None = None  # of the delivery; None: there is none
    held: bool = False  # an operator holds it

    @property
    def day(self) -> date:
        return self.whole.day


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadersEditions:
    """Makes the editions of single readers, as the noon run would."""

    timetable: Timetable
    sources: Sequence[Source]
    inspectorates: Inspectorates
    store: Store
    ending: Ending = NO_ENDING

    async def reader(self, address: str) -> Reader:
        """The subscriber with this address. `Refused` if they get no editions."""
        found = await self.store.subscriptions.find(address)
        if found is None or found.standing is not Standing.ACTIVE:
            standing = "unknown" if found is None else found.standing.value
            raise Refused(f"{address} gets no editions: {standing} (`digest subscribers show`)")
        return Reader(
            address=found.address,
            subscriber=found.subscriber,
            generation=found.generation,
            wishes=found.wishes,
        )

    async def next(self, reader: Reader, now: datetime) -> ReadersEdition:
        """What the reader gets next, as far as it is known `now`."""
        day = self.timetable.day_of(now)
        hand = await self.store.editions.in_hand(day)
        if hand.edition is not None and await self._still_comes(reader, hand, now):
            noon = self.timetable.noon_of(day)
            at = hand.closed_at or max(now, noon)
            return await self._of(reader, hand.edition, at, held=hand.held(now) is not None)
        edition = await upcoming(
            timetable=self.timetable,
            sources=self.sources,
            store=self.store,
            now=now,
            inspectorates=self.inspectorates,
            wishes=reader.wishes,
            ending=self.ending,
        )
        hand = await self.store.editions.in_hand(edition.day)
        at = max(now, self.timetable.noon_of(edition.day))
        return await self._of(reader, edition, at, held=hand.held(now) is not None)

    async def sent(self, reader: Reader, day: date) -> ReadersEdition:
        """What the reader was sent on a day. `Refused` if it has not gone, or was not for them."""
        hand = await self.store.editions.in_hand(day)
        if hand.edition is None or hand.closed_at is None:
            raise Refused(f"no edition of {day} has gone; `digest edition preview` shows what comes next")
        found = await self._of(reader, hand.edition, hand.closed_at)
        if reader.subscriber != NOBODY and found.state in {None, State.SKIPPED}:
            why = "none was planned for them" if found.state is None else "it was skipped"
            raise Refused(f"{reader.address} was sent no edition of {day}: {why}")
        return found

    async def _still_comes(self, reader: Reader, hand: InHand, now: datetime) -> bool:
        """Whether today's sealed edition has not gone to the reader yet, and still may."""
        if now >= self.timetable.deadline_of(hand.day):
            return False
        if reader.subscriber == NOBODY:
            return hand.closed_at is None
        if await self.store.editions.planned(hand.day):
            return await self.store.deliveries.state(hand.day, reader.subscriber) in WAITING
        return reader.wishes.edition_on(hand.day)

    async def _of(
        self, reader: Reader, edition: Edition, at: datetime, *, held: bool = False
    ) -> ReadersEdition:
        carried, state = Carried(), None
        if reader.subscriber != NOBODY:
            deliveries = self.store.deliveries
            carried = await deliveries.carried(edition.day, reader.subscriber, reader.wishes)
            state = await deliveries.state(edition.day, reader.subscriber)
        register = await self.store.providers.register()
        missed, kept = [
            [one for day in days if (one := await self.store.editions.sealed(day)) is not None]
            for days in carried
        ]
        return ReadersEdition(
            reader=reader,
            whole=edition,
            edition=personal_edition(edition, missed, reader.wishes.of_editions, register, kept),
            at=at,
            register=register,
            carried=carried,
            state=state,
            held=held,
        )
