"""When the service looks, and that it looks at all."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

import apscheduler.schedulers.base
import apscheduler.triggers.interval
import pytest
from builders import a_timetable

from digest.adapters import timer as timer_module
from digest.adapters.stopping import Stopping
from digest.adapters.timer import Timer, triggers

LONDON = ZoneInfo("Europe/London")
TIMETABLE = a_timetable()


@pytest.mark.parametrize(("name", "clock"), [("cut-off", time(11, 45)), ("noon", time(12))])
def test_the_daily_nudges_come_once_a_local_day_through_a_year_of_clock_changes(
    name: str, clock: time
) -> None:
    trigger, now = triggers(TIMETABLE)[name], datetime(2020, 1, 1, tzinfo=UTC)
    fired: list[datetime] = []
    while len(fired) < 366:
        fired.append(trigger.get_next_fire_time(fired[-1] if fired else None, now))
        now = fired[-1].astimezone(UTC) + timedelta(seconds=1)

    assert [f.date() for f in fired] == [date(2020, 1, 1) + timedelta(days=n) for n in range(366)]
    assert {f.astimezone(LONDON).time() for f in fired} == {clock}


async def test_a_process_looks_as_soon_as_it_starts() -> None:
    """A job that exists and is never called."""
    polled, recovered = asyncio.Event(), asyncio.Event()

    async def poll() -> None:
        polled.set()

    async def recover() -> None:
        recovered.set()

    async with Timer(TIMETABLE, poll=poll, recover=recover, stopping=Stopping(patience=5.0)):
        await asyncio.wait_for(asyncio.gather(polled.wait(), recovered.wait()), 5)


async def test_a_clock_that_is_put_back_puts_no_look_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that started with a clock an hour ahead, which the network then corrects."""
    ahead = timedelta(hours=1)

    class Wrong(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + ahead

    for module in (apscheduler.schedulers.base, apscheduler.triggers.interval):
        monkeypatch.setattr(module, "datetime", Wrong)
    monkeypatch.setattr(timer_module, "wall_clock", lambda: Wrong.now(UTC).timestamp())
    monkeypatch.setattr(timer_module, "CLOCK_TICK", 0.01)
    monkeypatch.setattr(timer_module, "RECOVERY_TICK", timedelta(seconds=1))
    looks: asyncio.Queue[int] = asyncio.Queue()

    async def recover() -> None:
        looks.put_nowait(1)

    async with Timer(TIMETABLE, poll=None, recover=recover, stopping=Stopping(patience=5.0)):
        async with asyncio.timeout(20):
            await looks.get()
            ahead = timedelta(0)
            for _ in range(3):  # one at once, and by the tick from then on
                await looks.get()


async def test_a_nudge_that_comes_hours_late_is_heeded_all_the_same() -> None:
    """A machine that slept over noon; the library's own default drops what is a second late."""
    runs: asyncio.Queue[int] = asyncio.Queue()

    async def recover() -> None:
        runs.put_nowait(1)

    timer = Timer(TIMETABLE, poll=None, recover=recover, stopping=Stopping(patience=5.0))
    async with timer, asyncio.timeout(20):
        await runs.get()  # the look at the start
        timer._scheduler.modify_job("noon", next_run_time=datetime.now(UTC) - timedelta(hours=5))
        await runs.get()


async def test_a_job_under_way_is_waited_for_when_the_service_stops() -> None:
    done: list[str] = []
    begun = asyncio.Event()
    go_on = asyncio.Event()

    async def recover() -> None:
        begun.set()
        await go_on.wait()
        done.append("finished")

    async def poll() -> None: ...

    async with Timer(TIMETABLE, poll=poll, recover=recover, stopping=Stopping(patience=5.0)):
        await asyncio.wait_for(begun.wait(), 5)
        asyncio.get_running_loop().call_soon(go_on.set)

    assert done == ["finished"]


async def test_a_job_that_fails_does_not_end_the_service(caplog: pytest.LogCaptureFixture) -> None:
    failed = asyncio.Event()

    async def poll() -> None:
        failed.set()
        raise RuntimeError("the network is odd today")

    async def recover() -> None: ...

    async with Timer(TIMETABLE, poll=poll, recover=recover, stopping=Stopping(patience=5.0)):
        await asyncio.wait_for(failed.wait(), 5)

    assert "tried again in a minute" in caplog.text


async def test_a_look_that_fails_is_repeated_before_the_next_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that restarts just after noon."""
    monkeypatch.setattr(timer_module, "AGAIN_AFTER", timedelta(0))
    looks: list[int] = []
    twice = asyncio.Event()

    async def recover() -> None:
        looks.append(1)
        if len(looks) == 1:
            raise OSError("the database is away")
        twice.set()

    async with Timer(TIMETABLE, poll=None, recover=recover, stopping=Stopping(patience=5.0)):
        await asyncio.wait_for(twice.wait(), 10)


async def test_nudges_that_come_while_a_job_is_busy_become_one_more_run() -> None:
    runs: list[int] = []
    busy, go_on = asyncio.Event(), asyncio.Event()

    async def recover() -> None:
        runs.append(len(runs))
        busy.set()
        await go_on.wait()

    timer = Timer(TIMETABLE, poll=None, recover=recover, stopping=Stopping(patience=5.0))
    async with timer:
        await busy.wait()
        for name in ("recovery", "noon", "cut-off", "recovery"):
            await timer._nudge(name)
        go_on.set()
        while len(runs) < 2:  # noqa: ASYNC110 - the second run begins by itself, or the test does not end
            await asyncio.sleep(0)

    assert runs == [0, 1]


async def test_a_look_that_lasts_has_beside_it_what_cannot_wait_for_its_end() -> None:
    """A run takes hours where a relay is slow, and operators are to hear of that in its first."""
    beside: list[str] = []
    busy, go_on, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def recover() -> None:
        busy.set()
        await go_on.wait()

    async def meanwhile() -> None:
        beside.append("looked")
        done.set()

    timer = Timer(TIMETABLE, poll=None, recover=recover, meanwhile=meanwhile, stopping=Stopping(patience=5.0))
    async with timer, asyncio.timeout(10):
        await busy.wait()
        assert beside == [], "nothing lasts yet"
        for look in (1, 2):
            done.clear()
            await timer._nudge("recovery")
            await done.wait()
            assert len(beside) == look
            await asyncio.sleep(0)  # its task has ended
        go_on.set()
