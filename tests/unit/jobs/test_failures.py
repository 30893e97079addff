"""One stage of a look that fails does not keep the later ones from their turn."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from builders import MORNING, a_timetable

from digest import serving
from digest.adapters.stopping import Stopping
from digest.app import service as app
from digest.app.service import Service
from digest.jobs import recover as recovering
from digest.jobs.failures import Failures
from digest.roles import Role

RUN = ["lift the pause", "publish", "deliver"]
STAGES = [
    "take over",
    *RUN,
    "score refusals",
    "watch",
    "alert",
    "prove",
    "remind",
    "tell coverage",
    "watch sources",
    "preview",
    "watch channels",
]


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Service]:
    """A service past noon each of whose stages notes its turn in `turns`; one of them raises `trouble`."""

    def make(turns: list[str], failing: str, trouble: BaseException) -> Service:
        def stage(name: str) -> Any:
            async def turn(*_: Any, **__: Any) -> None:
                turns.append(name)
                if name == failing:
                    raise trouble

            return SimpleNamespace(look=turn, check_editions=turn, write_due=turn, deliver=turn, turn=turn)

        monkeypatch.setattr(recovering, "publish", stage("publish").turn)
        monkeypatch.setattr(app, "score_refusals", stage("score refusals").turn)
        nothing: Any = None
        clock = SimpleNamespace(now=lambda: MORNING + timedelta(hours=4))
        settings = SimpleNamespace(
            edition=SimpleNamespace(timetable=a_timetable(), ending=None), sources=(), inspectorates=()
        )
        return Service(
            settings=cast("Any", settings),
            edges=cast("Any", SimpleNamespace(store=nothing, clock=clock)),
            composer=nothing,
            poller=cast("Any", SimpleNamespace(poll=stage("poll").turn)),
            deliverer=cast(
                "Any", SimpleNamespace(deliver=stage("deliver").turn, lift_pause=stage("lift the pause").turn)
            ),
            monitor=stage("watch"),
            recovery=cast("Any", SimpleNamespace(settle_lost_batches=stage("take over").turn)),
            membership=cast(
                "Any",
                SimpleNamespace(reminders=stage("remind"), coverage_letters=stage("tell coverage")),
            ),
            letter_sender=nothing,
            letter_loop=nothing,
            request_loop=nothing,
            bounces=nothing,
            receiver=nothing,
            alerter=stage("alert"),
            weekly=stage("prove"),
            store_watch=nothing,
            operators=stage("watch channels"),
            source_watch=stage("watch sources"),
            public_keeper=nothing,
            webhooks=nothing,
            preview_mail=stage("preview"),
            releases=nothing,
        )

    return make


@pytest.mark.parametrize("failing", STAGES)
async def test_whichever_stage_fails_the_others_have_their_turn(look, failing) -> None:
    """Nobody would be called about a missing noon because alerts cannot be written."""
    turns: list[str] = []

    with pytest.raises(OSError, match=failing):
        await look(turns, failing, OSError(failing)).recover()

    assert turns == STAGES


async def test_beside_a_run_that_lasts_all_but_the_run_has_its_turn(look) -> None:
    turns: list[str] = []

    with pytest.raises(OSError, match="watch"):
        await look(turns, "watch", OSError("watch")).run_urgent_jobs()

    assert sorted(turns) == sorted(set(STAGES) - set(RUN))


async def test_a_look_that_is_cancelled_stops_at_once(look) -> None:
    turns: list[str] = []

    with pytest.raises(asyncio.CancelledError):
        await look(turns, "publish", asyncio.CancelledError()).recover()

    assert turns == ["take over", "lift the pause", "publish"]


async def test_a_poll_that_was_recorded_is_told_though_its_alerts_cannot_be_written(look, caplog) -> None:
    it = look([], "alert", OSError("no space left"))
    polled = (SimpleNamespace(candidates=("a report",)),)

    async def poll(heard: Any) -> Any:
        await heard(polled[0])
        return polled

    it.poller.poll = poll

    assert await it.poll() == polled
    assert [(r.stage, r.levelname) for r in caplog.records] == [("alert", "ERROR")]


async def test_what_is_past_its_time_goes_though_the_look_before_it_failed() -> None:
    pruned = asyncio.Event()

    async def broken(**_: Any) -> None:
        raise OSError("no space left")

    async def prune() -> None:
        pruned.set()

    settings = SimpleNamespace(edition=SimpleNamespace(timetable=a_timetable()))
    it = SimpleNamespace(
        recover=broken,
        run_urgent_jobs=broken,
        prune=prune,
        edges=SimpleNamespace(wakeups=None),
        settings=settings,
        poll=prune,
    )
    async with serving._timer(cast("Any", it), Role.PUBLISH, Stopping()):
        await asyncio.wait_for(pruned.wait(), 10)


async def test_a_role_looks_beside_its_run_after_what_it_looks_after_anyway() -> None:
    busy, go_on, looked = asyncio.Event(), asyncio.Event(), asyncio.Queue[dict[str, bool]]()

    async def recover(**_: Any) -> None:
        busy.set()
        await go_on.wait()

    async def meanwhile(**ours: bool) -> None:
        looked.put_nowait(ours)

    settings = SimpleNamespace(edition=SimpleNamespace(timetable=a_timetable()))
    it = SimpleNamespace(
        recover=recover,
        run_urgent_jobs=meanwhile,
        edges=SimpleNamespace(wakeups=None),
        settings=settings,
        poll=recover,
    )
    timer = serving._timer(cast("Any", it), Role.DELIVER, Stopping())
    async with timer, asyncio.timeout(10):
        await busy.wait()
        await timer._nudge("recovery")
        assert await looked.get() == {"publishing": False, "delivering": True}
        go_on.set()


def test_a_failure_is_logged_once_where_it_happened_however_many_stages_hold_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    inner, outer = Failures(), Failures()

    with caplog.at_level(logging.ERROR), outer.contain("recover"):
        with inner.contain("publish"):
            raise OSError("first")
        with inner.contain("deliver"):
            raise OSError("second")
        inner.raise_first()

    assert [r.stage for r in caplog.records] == ["publish", "deliver"]
    with pytest.raises(OSError, match="first"):
        outer.raise_first()
