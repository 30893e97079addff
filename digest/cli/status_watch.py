"""`digest status --watch`: today's edition while it is sent, as a live bar or a line now and then."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from digest.cli.common import Exit, opened, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.ports import Progress, Store
    from digest.schedule import Timetable

LIVE: Final = timedelta(seconds=1)
_COURTESY: Final = 4
"""Times as long as a look took, before the next: with a million rows, looking must not slow the sending."""


class Standing(Enum):
    """What today's edition is doing."""

    AHEAD = "not planned yet"
    PLANNED = "planned, to be sent from noon on"
    SENDING = "sending"
    PAUSED = "SENDING IS PAUSED"
    COMPLETE = "complete"
    OVER = "its time is over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at the edition of a day."""

    day: date
    at: datetime
    standing: Standing
    done: int
    planned: int
    a_minute: int  # settled in the last minute
    seconds_left: float | None

    @property
    def last(self) -> bool:
        """Whether nothing more is to be seen."""
        return self.standing in {Standing.COMPLETE, Standing.OVER}

    def pace(self) -> str:
        words = [f"{self.a_minute:,} a minute"]
        if self.seconds_left is not None:
            words.append(f"{_span(self.seconds_left)} to go")
        return ", ".join(words)

    def __str__(self) -> str:
        line = f"{self.at:%H:%M:%S} UTC, edition of {self.day}: {self.standing.value}"
        return (
            line
            if self.standing is Standing.AHEAD
            else f"{line}, {self.done:,}/{self.planned:,}, {self.pace()}"
        )

    def plain(self) -> dict[str, Any]:
        return {
            "day": self.day.isoformat(),
            "at": self.at.isoformat(),
            "standing": self.standing.name.lower(),
            "done": self.done,
            "planned": self.planned,
            "a_minute": self.a_minute,
            "seconds_left": self.seconds_left,
        }


def watch(config: Path, every: float, as_json: bool) -> Exit:
    """Show each look until the edition is complete, its time is over, or Ctrl-C."""
    live = sys.stdout.isatty() and not as_json
    show = _bar() if live else _lines(as_json)
    with contextlib.suppress(KeyboardInterrupt), show as told:
        return asyncio.run(_watch(config, LIVE.total_seconds() if live else every, told))
    return Exit.DONE


async def _watch(config: Path, every: float, told: Callable[[Look], None]) -> Exit:
    standing = Standing.AHEAD
    async for look in _looks(config, every):
        told(look)
        standing = look.standing
    return Exit.FAILED if standing is Standing.OVER else Exit.DONE


async def _looks(config: Path, every: float) -> AsyncIterator[Look]:
    from digest.adapters.clock import SystemClock

    clock = SystemClock()
    async with opened(config) as (settings, store):
        timetable = settings.edition.timetable
        day = timetable.day_of(clock.now())
        while True:
            began = time.monotonic()
            look = await _look(store, timetable, day, clock.now())
            yield look
            if look.last:
                return
            await asyncio.sleep(max(every, (time.monotonic() - began) * _COURTESY))


async def _look(store: Store, timetable: Timetable, day: date, now: datetime) -> Look:
    progress = await store.deliveries.progress(day, now)
    planned = await store.editions.planned(day)
    paused = await store.pauses.current() is not None
    standing = _standing(progress, timetable, day, now, planned=planned, paused=paused)
    everything = sum(progress.states.values())
    return Look(
        day=day,
        at=now,
        standing=standing,
        done=everything - progress.left,
        planned=everything,
        a_minute=progress.settled_lately,
        seconds_left=progress.seconds_left if standing is Standing.SENDING else None,
    )


def _standing(
    progress: Progress, timetable: Timetable, day: date, now: datetime, *, planned: bool, paused: bool
) -> Standing:
    if planned and not progress.left:
        return Standing.COMPLETE
    if now >= timetable.deadline_of(day):
        return Standing.OVER
    if paused:
        return Standing.PAUSED
    if not planned:
        return Standing.AHEAD
    return Standing.SENDING if now >= timetable.noon_of(day) else Standing.PLANNED


@contextmanager
def _lines(as_json: bool) -> Iterator[Callable[[Look], None]]:
    import json

    def told(look: Look) -> None:
        say(json.dumps(look.plain()) if as_json else str(look))
        sys.stdout.flush()  # whoever reads a pipe wants each line when it is said

    yield told


@contextmanager
def _bar() -> Iterator[Callable[[Look], None]]:
    from rich.progress import BarColumn, MofNCompleteColumn, TaskProgressColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("edition of {task.fields[day]}: {task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}", markup=False),
    )
    with Bar(*columns, auto_refresh=False) as bar:
        task = bar.add_task("", total=None, day="", pace="", visible=False)

        def told(look: Look) -> None:
            bar.update(
                task,
                description=look.standing.value,
                completed=look.done,
                # Unknown before the plan; an edition for nobody is full, not unknown.
                total=None if look.standing is Standing.AHEAD else look.planned,
                day=look.day,
                pace=look.pace(),
                visible=True,
                refresh=True,
            )

        yield told


def _span(seconds: float) -> str:
    whole = max(1, round(seconds))
    if whole < 90:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
