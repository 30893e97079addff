"""What somebody's choices would have brought lately: "about 3 stories a week; the last were ..."."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from digest.ports import Clock, Store
from digest.ports.public import ToldStory
from digest.present.tidy import one_line
from digest.providers import Register
from digest.schedule import Timetable
from digest.subscriptions import Wishes
from digest.wishes import wanted

LATELY: Final = timedelta(days=100)
"""How far back stories count."""

MOST: Final = 2000
"""The most stories that are looked at; with more, fewer days count."""

_AT_ONCE: Final = 100  # others wait for no longer than it takes to read these
_FRESH: Final = timedelta(minutes=10)
_SHOWN: Final = 3
_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A story as the form names it."""

    day: date
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Brings:
    """How many stories some choices would have brought, and the last of them."""

    stories: int
    days: int  # that were looked at
    latest: tuple[Brought, ...]

    @property
    def per_week(self) -> int:
        """To the nearest whole number; 0 if there was less than one a week, or no whole week to go by."""
        weeks = timedelta(days=self.days) / _WEEK
        return round(self.stories / weeks) if self.stories >= weeks >= 1 else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    told: tuple[ToldStory, ...]  # the newest first
    days: int


@dataclass(slots=True, kw_only=True)
class Lately:
    """The public stories of the last 100 days, read at most every ten minutes."""

    store: Store
    clock: Clock
    timetable: Timetable
    _held: tuple[datetime, _Read] | None = field(default=None, init=False)

    async def brings(self, wishes: Wishes, register: Register) -> Brings:
        read = await self._lately()
        return await asyncio.to_thread(_brings, read, wishes, register)

    async def _lately(self) -> _Read:
        now = self.clock.now()
        if self._held is None or not timedelta() <= now - self._held[0] < _FRESH:
            self._held = now, await self._read(self.timetable.told_until(now))
        return self._held[1]

    async def _read(self, until: date) -> _Read:
        span = await self.store.public.span(until=until)
        since = max(until - LATELY + timedelta(days=1), span[0] if span else date.min)
        found: list[ToldStory] = []
        before = None
        while len(found) < MOST:
            part = await self.store.public.stories(until=until, before=before, limit=_AT_ONCE)
            found += [one for one in part if one.day >= since]
            if len(part) < _AT_ONCE or part[-1].day < since:
                break
            before = part[-1].number
        else:
            since = found[-1].day
        return _Read(told=tuple(found), days=(until - since).days + 1)


def _brings(read: _Read, wishes: Wishes, register: Register) -> Brings:
    own = [one for one in read.told if wanted(one.story, wishes, register)]
    names = ((one.day, one.story.provider_name or one.story.title) for one in own[:_SHOWN])
    latest = tuple(Brought(day=day, name=one_line(name)) for day, name in names)
    return Brings(stories=len(own), days=read.days, latest=latest)
