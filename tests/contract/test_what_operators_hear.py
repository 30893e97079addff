"""What operators hear of an edition, and that silence or good news is never said of one that went wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from builders import a_candidate, an_edition
from clocks import Clock
from noon_run import TIMETABLE, Noon, PatientRelay, with_a_story
from store_values import DAY, MINUTE, NOON, plan
from test_sources_and_items import PAGE, READING, list_items

from digest.adapters.journal import FileJournal
from digest.deliveries import Answer, Envelope, Event, Pause, Settled
from digest.edition_assembly import Assembly
from digest.jobs.monitor import LAST_ANSWERS, STANDSTILL, Monitor
from digest.ports import Session
from digest.store.sql import SqlStore
from digest.subscriptions import Channel, Evidence, Step, Subscription, Wishes

CANARY = "canary@example.org"
HOUR = 60 * MINUTE


@dataclass
class Listening:
    """Operators, and whether they hear what is said."""

    heard: list[tuple[str, str]] = field(default_factory=list)
    deaf: bool = False

    async def well(self, what: str) -> bool:
        return self._hear("well", what)

    async def call(self, what: str) -> bool:
        return self._hear("call", what)

    def _hear(self, how: str, what: str) -> bool:
        if not self.deaf:
            self.heard.append((how, what))
        return not self.deaf


@pytest.fixture
def operators() -> Listening:
    return Listening()


@pytest.fixture
def noon(store: SqlStore, tmp_path: Path) -> Noon:
    return Noon(store, Clock(NOON), FileJournal(tmp_path / "journal"))


def watch(noon: Noon, operators: Listening, **more: Any) -> Monitor:
    values: dict[str, Any] = {"timetable": TIMETABLE, "store": noon.store, "clock": noon.clock}
    return Monitor(**{**values, "operators": operators, **more})


async def canary(noon: Noon, **wishes: Any) -> Subscription:
    return await noon.store.subscriptions.add(CANARY, Wishes(**wishes), NOON - HOUR)


@pytest.mark.parametrize("step", [Step.LEFT, Step.PAUSED, Step.COMPLAINED], ids=str)
async def test_a_canary_that_is_no_subscriber_now_is_told(
    noon: Noon, operators: Listening, step: Step
) -> None:
    """A watch that watches nothing must not go on saying that all is well."""
    await noon.subscribe(3)
    own = await canary(noon)
    evidence = Evidence(channel=Channel.SERVICE)
    await noon.store.subscriptions.take(own.subscriber, own.generation, step, evidence, NOON - HOUR / 2)
    await noon.planned()
    await noon.deliverer().deliver(DAY)

    await watch(noon, operators, canary=CANARY).check_editions()

    ((how, what),) = operators.heard
    assert how == "call"
    assert "canary" in what


async def test_a_canary_that_is_left_out_is_told(noon: Noon, operators: Listening) -> None:
    await noon.subscribe(3)
    await canary(noon)
    await noon.planned()
    await noon.deliverer(only_to=("a0@example.org",)).deliver(DAY)

    await watch(noon, operators, canary=CANARY).check_editions()

    assert operators.heard == [("call", f"the canary did not get the edition of {DAY}: skipped")]


async def test_a_day_without_news_says_nothing_of_the_canary(noon: Noon, operators: Listening) -> None:
    await canary(noon)
    nothing = Assembly(edition=an_edition(day=DAY), settled=(), doubts=())
    await noon.store.editions.seal(nothing, NOON)
    await plan(noon.store, DAY, everybody=False)

    await watch(noon, operators, canary=CANARY).check_editions()

    assert operators.heard == [("well", f"the edition of {DAY} is complete: nothing to send")]


@pytest.mark.parametrize(("doubts", "said"), [(1, "1 report waits"), (2, "2 reports wait")])
async def test_the_message_of_the_day_counts_the_open_cases(
    noon: Noon, operators: Listening, doubts: int, said: str
) -> None:
    for name in ("a", "b")[:doubts]:
        [one] = await list_items(noon.store, name)
        doubted = a_candidate(one.id, provider=None, provider_name=None)
        await noon.store.items.file(one.id, PAGE, READING, [doubted])
    await noon.store.editions.seal(Assembly(edition=an_edition(day=DAY), settled=(), doubts=()), NOON)
    await plan(noon.store, DAY, everybody=False)

    await watch(noon, operators).check_editions()

    complete = f"the edition of {DAY} is complete: nothing to send"
    assert operators.heard == [("well", f"{complete}; {said} for your decision")]


async def test_a_day_that_ends_at_midnight_is_told_after_it(noon: Noon, operators: Listening) -> None:
    """As late as can be: the moment its time is over, another day has begun."""
    timetable = replace(TIMETABLE, lateness=timedelta(hours=14))
    await noon.subscribe(3)
    await noon.planned()
    watching = watch(noon, operators, timetable=timetable)
    noon.clock.at = NOON + MINUTE
    await watching.check_editions()

    noon.clock.at = timetable.deadline_of(DAY) + MINUTE
    await watching.check_editions()
    await watching.check_editions()

    assert operators.heard == [("call", f"the edition of {DAY}: 3 deliveries were not made in time")]


async def test_a_day_that_was_not_made_and_ended_unseen_is_told_the_next(
    noon: Noon, operators: Listening
) -> None:
    watching = watch(noon, operators)
    noon.clock.at = NOON + MINUTE
    await watching.check_editions()
    noon.clock.at = NOON + 20 * HOUR  # the database was away until then

    await watching.check_editions()

    assert operators.heard == [("call", f"the edition of {DAY} was not made")]


async def test_a_service_that_starts_knows_nothing_of_yesterday(noon: Noon, operators: Listening) -> None:
    await noon.subscribe(3)
    await noon.planned()
    await noon.deliverer().deliver(DAY)
    noon.clock.at = NOON + 20 * HOUR

    await watch(noon, operators).check_editions()

    assert operators.heard == []


async def test_an_edition_that_stands_still_is_told_half_an_hour_after_noon(
    noon: Noon, operators: Listening
) -> None:
    await noon.subscribe(3)
    await noon.planned()
    await noon.store.pauses.pause(Pause(since=NOON - HOUR, by="ada", why="a test"))
    watching = watch(noon, operators)
    for at in (NOON + STANDSTILL - MINUTE, NOON + STANDSTILL, NOON + STANDSTILL + HOUR):
        noon.clock.at = at
        await watching.check_editions()

    told = f"the edition of {DAY} stands still: 3 planned; sending is paused: a test"
    assert operators.heard == [("call", told)]


async def test_an_edition_that_most_were_refused_is_no_good_news(noon: Noon, operators: Listening) -> None:
    await noon.subscribe(5)
    await noon.planned()
    batch = await noon.store.deliveries.claim(DAY, owner="w", now=NOON, lease=HOUR)
    assert batch is not None
    answers = (Event.TAKEN, Event.TAKEN, Event.REJECTED, Event.REJECTED, Event.REJECTED)
    settled = [
        Settled(due.delivery, Answer(event, None, ""), NOON, begun=True)
        for due, event in zip(await noon.store.deliveries.due_in(batch), answers, strict=True)
    ]
    await noon.store.deliveries.record(batch, settled, now=NOON, lease=None)

    await watch(noon, operators).check_editions()

    (told,) = operators.heard
    assert told == (
        "call",
        f"the edition of {DAY} was given to less than half of its readers: 2 accepted, 3 refused",
    )


async def test_what_was_not_heard_is_said_again(noon: Noon, operators: Listening) -> None:
    await noon.subscribe(3)
    await noon.planned()
    await noon.deliverer().deliver(DAY)
    watching = watch(noon, operators)
    operators.deaf = True
    await watching.check_editions()
    operators.deaf = False
    for _ in range(2):
        await watching.check_editions()

    assert operators.heard == [("well", f"the edition of {DAY} is complete: 3 accepted")]


@pytest.mark.parametrize("sealed", [False, True], ids=["not sealed", "not planned"])
async def test_an_edition_that_nobody_has_made_is_told_while_there_is_time(
    noon: Noon, operators: Listening, sealed: bool
) -> None:
    """The process that publishes is down, or fails each time."""
    await noon.subscribe(3)
    if sealed:
        await noon.store.editions.seal(with_a_story(), NOON)
    watching = watch(noon, operators)
    for at in (NOON + STANDSTILL - MINUTE, NOON + STANDSTILL, NOON + STANDSTILL + HOUR):
        noon.clock.at = at
        await watching.check_editions()

    assert operators.heard == [("call", f"the edition of {DAY} stands still: it is not made yet")]


async def test_last_answers_may_come_after_the_deadline(noon: Noon, operators: Listening) -> None:
    """What was begun in time is no cause to call anybody while its answer is under way."""
    await noon.subscribe(2)
    await noon.planned()
    watching = watch(noon, operators)
    begun, answer = asyncio.Event(), asyncio.Event()

    async def during(_: str) -> None:
        begun.set()
        await answer.wait()

    noon.relay = PatientRelay(during)
    noon.clock.at = TIMETABLE.deadline_of(DAY) - timedelta(seconds=1)
    run = asyncio.create_task(noon.deliverer(connections=2).deliver(DAY))
    await begun.wait()
    noon.clock.at = TIMETABLE.deadline_of(DAY) + timedelta(seconds=1)
    await watching.check_editions()
    assert operators.heard == []

    answer.set()
    await run
    await watching.check_editions()
    assert [how for how, _ in operators.heard] == ["well"]


async def test_what_a_dead_worker_leaves_behind_is_told_all_the_same(
    noon: Noon, operators: Listening
) -> None:
    await noon.subscribe(2)
    await noon.planned()
    await noon.store.deliveries.claim(DAY, owner="lost", now=NOON, lease=HOUR)
    watching = watch(noon, operators)
    noon.clock.at = TIMETABLE.deadline_of(DAY) + LAST_ANSWERS
    await watching.check_editions()

    assert operators.heard == [("call", f"the edition of {DAY}: 2 deliveries were not made in time")]


async def test_a_pause_of_the_services_own_is_told_until_it_is_heard(
    noon: Noon, operators: Listening
) -> None:
    await noon.subscribe(20)
    await noon.planned()
    noon.relay = UnwillingRelay()
    it = noon.deliverer(call=operators.call)
    operators.deaf = True
    await it.deliver(DAY)
    operators.deaf = False
    for _ in range(3):
        await it.deliver(DAY)

    assert operators.heard == [("call", "sending is paused: the relay refuses us: 550 5.7.1")]

    await noon.store.pauses.resume()
    for _ in range(3):
        noon.clock.at += HOUR
        await it.deliver(DAY)
    assert len(operators.heard) == 2, "the next pause is another one"


async def test_what_a_person_paused_is_told_nobody(noon: Noon, operators: Listening) -> None:
    await noon.subscribe(3)
    await noon.planned()
    await noon.store.pauses.pause(Pause(since=NOON, by="ada", why="a test"))
    await noon.deliverer(call=operators.call).deliver(DAY)

    assert operators.heard == []


class UnwillingRelay(PatientRelay):
    """Refuses all our messages."""

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        yield cast("Session", self)

    async def offer(self, _envelope: Envelope, _size: int) -> Answer:
        await asyncio.sleep(0)
        return Answer(event=Event.PUT_OFF, code=550, text="5.7.1 policy", about_us=True)
