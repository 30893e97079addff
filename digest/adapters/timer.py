"""APScheduler, as an alarm clock: it says when to look, and never what is to be done.

Its jobs live in memory and are declared anew at each start, and whenever somebody set the machine's clock:
the library reckons by that alone, and a clock put back an hour would put the next look off as long. What it
misses costs nothing: `recover` asks the store, not the clock's history. Noon and the cut-off stand in the
operator's zone; the ticks in UTC, where no hour is skipped or doubled.
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

from digest.schedule import Timetable

log = logging.getLogger(__name__)

Job = Callable[[], Awaitable[Any]]

POLL_TICK: Final = timedelta(seconds=30)
RECOVERY_TICK: Final = timedelta(minutes=5)

AGAIN_AFTER: Final = timedelta(minutes=1)
"""After a look that failed, the next: a database that restarts at noon need not cost five minutes."""

CLOCK_TICK: Final = 10.0
"""Seconds, by a clock that nobody can set, between looks at the one that can be."""

CLOCK_SET: Final = 2.0
"""Seconds that the two clocks part by in one tick when somebody set it; drifting is far less."""


def triggers(timetable: Timetable) -> dict[str, BaseTrigger]:
    """When to look, by the name of the nudge."""
    return {
        "poll": IntervalTrigger(seconds=int(POLL_TICK.total_seconds()), timezone=UTC),
        "recovery": IntervalTrigger(seconds=int(RECOVERY_TICK.total_seconds()), timezone=UTC),
        "cut-off": _daily(timetable.cutoff, timetable.zone),
        "noon": _daily(timetable.noon, timetable.zone),
    }


def _daily(at: time, zone: ZoneInfo) -> CronTrigger:
    return CronTrigger(hour=at.hour, minute=at.minute, timezone=zone)


class Timer:
    """Nudges `poll` and `recover` until it is left; then waits for what is running.

    A job that is still running is not started a second time: nudges that come meanwhile become one more run,
    afterwards. A `recover` that takes so long has `meanwhile` done beside it, at each of its own nudges.
    """

    def __init__(
        self,
        timetable: Timetable,
        *,
        poll: Job | None,
        recover: Job | None,
        meanwhile: Job | None = None,
        patience: timedelta,
    ) -> None:
        """`patience` is how long to wait for running jobs on leaving, before they are cancelled."""
        jobs = {"poll": poll, "recovery": recover, "cut-off": recover, "noon": recover}
        self._jobs = {name: job for name, job in jobs.items() if job is not None}
        self._recover, self._meanwhile = recover, meanwhile
        self._patience = patience.total_seconds()
        self._running: set[asyncio.Task[None]] = set()
        self._busy: set[Job] = set()
        self._again: set[Job] = set()  # nudged while they were busy
        self._timetable = timetable
        self._watching: asyncio.Task[None] | None = None
        # APScheduler's own default drops a job that is a second late, without a word.
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
        """Declare the jobs by the clock as it is, and look at once: who starts late has missed something."""
        for name, trigger in triggers(self._timetable).items():
            if name in self._jobs:
                self._scheduler.add_job(self._nudge, trigger, args=[name], id=name, replace_existing=True)
        for name in ("poll", "recovery"):
            if name in self._jobs:
                await self._nudge(name)

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
        # Jobs run as tasks of ours: shutting the scheduler down would cancel its own in mid-sentence.
        self._scheduler.shutdown(wait=False)
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=self._patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _nudge(self, name: str) -> None:
        job = self._jobs[name]
        if job in self._busy:
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
        """Nudge it soon; looks that are due anyway replace that."""
        if self._scheduler.running:
            soon = DateTrigger(run_date=datetime.now(UTC) + AGAIN_AFTER, timezone=UTC)
            self._scheduler.add_job(self._nudge, soon, args=[name], id=f"{name} again", replace_existing=True)
