"""Carries out what operators decide on today's edition before it goes: hold, release, drop, restore, note.

Each function returns the edition as it is in hand afterwards; `Refused` says why something cannot be done.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from digest.deliveries import WAITING
from digest.edition import Edition, StoryKey
from digest.errors import Refused
from digest.interventions import Act, InHand, Intervention, refusal
from digest.jobs.publish import draft
from digest.ports import Clock, Store
from digest.present.visible import visible
from digest.schedule import Timetable
from digest.sources import Source

log = logging.getLogger(__name__)


class Stage(StrEnum):
    """How far today's edition is."""

    OPEN = "open"  # before the cut-off: what is found still enters it
    SEALED = "sealed"
    HELD = "held"
    GOING = "going"
    GONE = "gone"
    OVER = "over"  # its deadline is past, and it did not go to all


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """Today's edition as it stands."""

    hand: InHand
    at: datetime  # when it stands so
    whole: Edition  # with the dropped stories; until it is sealed, as it would be now
    stage: Stage
    open: bool  # whether operators may still change it
    noon: datetime
    hold_end: datetime  # when a hold would end by itself

    @property
    def day(self) -> date:
        return self.hand.day


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionDesk:
    """What operators do with today's edition."""

    timetable: Timetable
    sources: Sequence[Source]
    store: Store
    clock: Clock

    async def today(self) -> Today:
        now = self.clock.now()
        day = self.timetable.day_of(now)
        hand = await self.store.editions.in_hand(day)
        return Today(
            hand=hand,
            at=now,
            whole=hand.assembled or await self._drafted(day, now),
            stage=await self._stage(hand, now),
            open=hand.is_open(self.timetable, now),
            noon=self.timetable.noon_of(day),
            hold_end=self.timetable.hold_end_of(day),
        )

    async def hold(self, *, by: str, why: str) -> InHand:
        """Let nothing of today's edition go out before it is released, or the hold ends by itself."""
        return await self._make(Act.HOLD, by, why)

    async def release(self, *, by: str, why: str = "") -> InHand:
        return await self._make(Act.RELEASE, by, why)

    async def drop(self, story: StoryKey, *, by: str, why: str) -> InHand:
        """Leave a story out of today's edition."""
        return await self._make(Act.DROP, by, why, story)

    async def restore(self, story: StoryKey, *, by: str, why: str = "") -> InHand:
        return await self._make(Act.RESTORE, by, why, story)

    async def note(self, text: str, *, by: str) -> InHand:
        """Let today's edition begin with a note to readers; an empty one takes the last one back."""
        return await self._make(Act.NOTE, by, text)

    async def _make(self, act: Act, by: str, words: str, story: StoryKey | None = None) -> InHand:
        now = self.clock.now()
        day = self.timetable.day_of(now)
        until = self.timetable.hold_end_of(day) if act is Act.HOLD else None
        words = " ".join(visible(words).split())
        wanted = Intervention(day=day, act=act, by=by, at=now, words=words, story=story, until=until)
        hand = await self.store.editions.in_hand(day)
        stories = (hand.assembled or await self._drafted(day, now)).stories

        def refused(found: InHand, wanted: Intervention) -> str | None:
            return refusal(found, wanted, stories, self.timetable)

        if (why := await self.store.editions.intervene(wanted, refused)) is not None:
            raise Refused(why)
        told = {"edition": day.isoformat(), "act": act.value, "by": by, "story": str(story or "")}
        log.info("an operator changed the edition", extra=told)
        return await self.store.editions.in_hand(day)

    async def _drafted(self, day: date, now: datetime) -> Edition:
        until = min(now, self.timetable.cutoff_of(day))
        found = await draft(
            day, timetable=self.timetable, sources=self.sources, store=self.store, until=until
        )
        return found.edition

    async def _stage(self, hand: InHand, now: datetime) -> Stage:
        if hand.held(now) is not None:
            return Stage.HELD
        if now < self.timetable.cutoff_of(hand.day):
            return Stage.OPEN
        if now < self.timetable.noon_of(hand.day):
            return Stage.SEALED if hand.assembled is not None else Stage.OPEN
        planned = await self.store.editions.planned(hand.day)
        if planned and not WAITING & (await self.store.deliveries.tally(hand.day)).keys():
            return Stage.GONE
        return Stage.OVER if now >= self.timetable.deadline_of(hand.day) else Stage.GOING
