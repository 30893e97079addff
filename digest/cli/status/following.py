"""`digest status --watch`: today's edition while it is sent."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from digest.cli.common import Exit, complain, say, waiting

if TYPE_CHECKING:
    from digest.deliveries import Progress
    from digest.ports import Store
    from digest.schedule import Timetable

LIVE: Final = timedelta(seconds=1)
_COURTESY: Final = 4
"""Between two looks passes at least this many times the time of a look: else watching slows the sending."""


class Phase(Enum):
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
    standing: Phase
    done: int
    planned: int
    a_minute: int  # settled in the last minute
    seconds_left: float | None

    @property
    def last(self) -> bool:
        """Whether the edition does not change any more."""
        return self.standing in {Phase.COMPLETE, Phase.OVER}

    def pace(self) -> str:
        words = [f"{self.a_minute:,} a minute"]
        if self.seconds_left is not None:
            words.append(f"{_span(self.seconds_left)} to go")
        return ", ".join(words)

    def __str__(self) -> str:
        line = f"{self.at:%H:%M:%S} UTC, edition of {self.day}: {self.standing.value}"
        return (
            line if self.standing is Phase.AHEAD else f"{line}, {self.done:,}/{self.planned:,}, {self.pace()}"
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


def follow(config: Path, every: float, as_json: bool) -> Exit:
    """Show each look until the edition is complete, its time is over, or Ctrl-C."""
    live = sys.stdout.isatty() and not as_json
    show = _bar() if live else _lines(as_json)
    with contextlib.suppress(KeyboardInterrupt), show as told:
        return waiting(_watch(config, LIVE.total_seconds() if live else every, told))
    return Exit.DONE


async def _watch(config: Path, every: float, told: Callable[[Look], None]) -> Exit:
    standing = Phase.AHEAD
    async for look in _looks(config, every):
        told(look)
        standing = look.standing
    return Exit.FAILED if standing is Phase.OVER else Exit.DONE


async def _looks(config: Path, every: float) -> AsyncIterator[Look]:
    import asyncio

    from digest.adapters.clock import SystemClock
    from digest.app.wrong_files import looked_into

    clock = SystemClock()
    async with looked_into(config) as found:
        timetable, store = found.settings.edition.timetable, found.store
        for problem in found.problems:
            complain(str(problem))
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
        seconds_left=progress.seconds_left if standing is Phase.SENDING else None,
    )


def _standing(
    progress: Progress, timetable: Timetable, day: date, now: datetime, *, planned: bool, paused: bool
) -> Phase:
    if planned and not progress.left:
        return Phase.COMPLETE
    if now >= timetable.deadline_of(day):
        return Phase.OVER
    if paused:
        return Phase.PAUSED
    if not planned:
        return Phase.AHEAD
    return Phase.SENDING if now >= timetable.noon_of(day) else Phase.PLANNED


@contextmanager
def _lines(as_json: bool) -> Iterator[Callable[[Look], None]]:
    import json

    def told(look: Look) -> None:
        say(json.dumps(look.plain()) if as_json else str(look))
        sys.stdout.flush()  # so that a program that reads a pipe gets each line at once

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
                # None, unknown, before the plan. An edition without recipients is complete, not unknown.
                total=None if look.standing is Phase.AHEAD else look.planned,
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
