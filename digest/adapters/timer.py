"""APScheduler as an alarm clock: it says when to check the store; the store says what is due.

Its jobs are in memory, and set up at each start and whenever somebody sets the machine's clock: APScheduler
only uses that clock, and a clock set back by an hour would delay the next run by an hour. A missed run costs
nothing, because `recover` asks the store. Noon and the cut-off are in the operator's time zone; the regular
ticks are in UTC, which skips and repeats no hour.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from time import time as wall_clock
from types import TracebackType
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from digest.adapters.stopping import Stopping
from digest.schedule import Timetable

log = logging.getLogger(__name__)

Job = Callable[[], Awaitable[Any]]

POLL_TICK: Final = timedelta(seconds=30)
RECOVERY_TICK: Final = timedelta(minutes=5)

AGAIN_AFTER: Final = timedelta(minutes=1)
"""How soon a failed run is tried again: a database that restarts at noon must not cost five minutes."""

CLOCK_TICK: Final = 10.0
"""Seconds between two checks of the machine's clock, by a clock that nobody can set."""

CLOCK_SET: Final = 2.0
"""If the two clocks differ by more seconds than this after one check, somebody set the clock."""


def triggers(timetable: Timetable) -> dict[str, BaseTrigger]:
    """The trigger of each regular run, by its name."""
    return {
        "poll": IntervalTrigger(seconds=int(POLL_TICK.total_seconds()), timezone=UTC),
        "recovery": IntervalTrigger(seconds=int(RECOVERY_TICK.total_seconds()), timezone=UTC),
        "cut-off": _daily(timetable.cutoff, timetable.zone),
        "noon": _daily(timetable.noon, timetable.zone),
    }


def _daily(at: time, zone: ZoneInfo) -> CronTrigger:
    return CronTrigger(hour=at.hour, minute=at.minute, timezone=zone)


class Timer:
    """Runs `poll` and `recover` on time inside `async with`, and waits at the end for jobs under way.

    `recover` never runs twice at once: triggers that come while it runs lead to one more run afterwards, and
    each of them runs `meanwhile` beside it. `poll` runs at each tick, also while earlier runs wait for slow
    servers.
    """

    def __init__(
        self,
        timetable: Timetable,
        *,
        poll: Job | None,
        recover: Job | None,
        meanwhile: Job | None = None,
        stopping: Stopping,
    ) -> None:
        """`stopping` says how long to wait at the end for running jobs before they are cancelled."""
        jobs = {"poll": poll, "recovery": recover, "cut-off": recover, "noon": recover}
        self._jobs = {name: job for name, job in jobs.items() if job is not None}
        self._recover, self._meanwhile = recover, meanwhile
        self._stopping = stopping
        self._running: set[asyncio.Task[None]] = set()
        self._busy: set[Job] = set()
        self._again: set[Job] = set()  # triggered while they were running
        self._timetable = timetable
        self._watching: asyncio.Task[None] | None = None
        # By default, APScheduler silently drops a job that is a second late.
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    async def __aenter__(self) -> Self:
        self._scheduler.start()
        await self._begin()
        self._watching = asyncio.create_task(self._watch_the_clock())
        return self

    async def _begin(self) -> None:
        """Set up the jobs by the present clock, and run each once: a late start may have missed something."""
        for name, trigger in triggers(self._timetable).items():
            if name in self._jobs:
                self._scheduler.add_job(self._nudge, trigger, args=[name], id=name, replace_existing=True)
        for name in ("poll", "recovery"):
            if name in self._jobs:
                await self._nudge(name)

    async def recover_now(self) -> None:
        """Run `recover` now, or once more after the run that is under way."""
        if "recovery" in self._jobs:
            await self._nudge("recovery")

    async def follow(self, timetable: Timetable) -> None:
        """From now on, run the jobs by another timetable; each runs once now, for it may have become due."""
        self._timetable = timetable
        await self._begin()

    async def _watch_the_clock(self) -> None:
        steady = asyncio.get_running_loop().time
        before = wall_clock() - steady()
        while True:
            await asyncio.sleep(CLOCK_TICK)
            now = wall_clock() - steady()
            if abs(now - before) > CLOCK_SET:
                log.warning("the clock was set", extra={"seconds": round(now - before)})
                await self._begin()
            before = now

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching
        # Jobs run as our own tasks: shutting the scheduler down would cancel its tasks midway.
        self._scheduler.shutdown(wait=False)
        await self._stopping.finish("jobs of the timer", self._running)

    async def _nudge(self, name: str) -> None:
        job = self._jobs[name]
        if job in self._busy and name != "poll":
            self._again.add(job)
            if job is self._recover and self._meanwhile is not None and self._meanwhile not in self._busy:
                self._start(f"beside {name}", self._meanwhile)
            return
        self._start(name, job)

    def _start(self, name: str, job: Job) -> None:
        self._busy.add(job)
        task = asyncio.create_task(self._contained(name, job), name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _contained(self, name: str, job: Job) -> None:
        try:
            await self._once(name, job)
            while job in self._again and self._scheduler.running:
                await self._once(name, job)
        finally:
            self._busy.discard(job)

    async def _once(self, name: str, job: Job) -> None:
        self._again.discard(job)
        try:
            await job()
        except Exception:
            again = name in self._jobs
            when = "in a minute at the latest" if again else "with the next look"
            log.exception("job failed; tried again %s", when, extra={"job": name})
            if again:
                self._retry(name)

    def _retry(self, name: str) -> None:
        """Run a job again soon; a regular run replaces this one."""
        if self._scheduler.running:
            soon = DateTrigger(run_date=datetime.now(UTC) + AGAIN_AFTER, timezone=UTC)
            self._scheduler.add_job(self._nudge, soon, args=[name], id=f"{name} again", replace_existing=True)
