"""No address in clear in what a service writes of itself: its log at its most talkative, and its metrics."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from journey_place import SUBSCRIBERS, Place
from test_calendar import at, live, started

from digest.adapters.logs import log_to_stderr
from digest.letter_kinds import Welcome
from digest.letters import Letter
from digest.store.sql import SqlStore
from digest.subscriptions import Channel, Evidence, Step, Suppression, Wishes
from digest.web.metrics import Metrics

DAY = date(2020, 3, 3)
WEB = Evidence(channel=Channel.WEB, wording="ada@example.org said yes")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the service would write to standard error, told to leave out nothing of its own."""
    written, root, ours = io.StringIO(), logging.getLogger(), logging.getLogger("digest")
    before = root.level, ours.level, list(root.handlers)
    log_to_stderr(logging.DEBUG)
    [handler] = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written)
    yield written
    root.setLevel(before[0])
    ours.setLevel(before[1])
    root.handlers[:] = before[2]


async def test_a_day_on_which_everything_goes_wrong_names_nobody(place: Place, log: io.StringIO) -> None:
    place.server.answers["ada@example.org"] = "450 4.2.1 <ada@example.org> mailbox full"
    place.server.answers["ben@example.org"] = "550 5.1.1 <ben@example.org>: no such user"
    await place.file(1, at(DAY, "09:00"))

    async with started(place, at(DAY, "11:30")) as (it, clock):
        await live(it, clock, at(DAY, "13:00"))
        await place.server.stop()
        await place.file(2, at(DAY + timedelta(days=1), "09:00"))
        await live(it, clock, at(DAY + timedelta(days=1), "18:30"))
        await _people_come_and_go(it.store, clock.now())
        timetable = it.settings.edition.timetable
        metrics = (await Metrics(store=it.store, timetable=timetable, clock=clock).text()).decode()
        await _break_the_state(it.store)
        with pytest.raises(Exception, match=r"no such table|does not exist|UndefinedTable"):
            await it.prune()

    said = log.getvalue()
    assert "a stage failed" in said
    assert "deliveries planned" in said
    for name in (*SUBSCRIBERS, "dan@example.org", "eve@example.org"):
        assert name not in said.casefold()
        assert name not in metrics
    assert "@" not in metrics


async def _people_come_and_go(store: SqlStore, now: object) -> None:
    from datetime import datetime

    assert isinstance(now, datetime)
    asked = await store.subscriptions.ask("dan@example.org", Wishes(), WEB, now)
    await store.subscriptions.take(asked.subscriber, 1, Step.CONFIRMED, WEB, now)
    await store.subscriptions.take(asked.subscriber, 1, Step.MOVED, WEB, now, address="eve@example.org")
    welcome = Welcome(subscriber=asked.subscriber, generation=1)
    letter = Letter(content=welcome, address="eve@example.org", expires_at=now + timedelta(days=1))
    await store.letters.write(letter, now)
    await store.subscriptions.suppress("eve@example.org", Suppression(why="asked", since=now, by="ada"))
    await store.subscriptions.take(asked.subscriber, 1, Step.ERASED, WEB, now)


async def _break_the_state(store: SqlStore) -> None:
    """So that the next who writes meets an error in the midst of people's rows."""
    from sqlalchemy import text

    async with store.database.write() as connection:
        await connection.execute(text("DROP TABLE letters"))
