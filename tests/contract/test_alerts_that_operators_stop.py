"""An alert that waits does not go once operators drop its story or hold its edition, on either database."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from builders import a_candidate, an_alerted_story
from desk import START, TIMETABLE, Service
from desk_fixtures import clock, letter_sender, links, relay, service
from servers.smtp import SmtpServer
from sqlalchemy import select
from test_sources_and_items import PAGE, READING, list_items

from digest.alerts import Alert
from digest.deliveries import State
from digest.edition import StoryKey
from digest.interventions import Act, Intervention
from digest.sending.letters import LetterSender
from digest.store.sql import SqlStore
from digest.store.tables import letters
from digest.subscriptions import Wishes

__all__ = ["clock", "letter_sender", "links", "relay", "service"]

DAY = TIMETABLE.day_of(START)
KENT = "kent-pdu"
MORNING = START - timedelta(hours=5)
NOON = TIMETABLE.noon_of(DAY)


@pytest.fixture
async def key(service: Service) -> StoryKey:
    """A report on Kent, and an alert about it that waits for its one reader."""
    service.clock.at = MORNING
    store = service.store
    [key] = await found(store, "kent")
    await store.subscriptions.add(
        "ada@example.org", Wishes(watched=(KENT,), alerts=True), MORNING - timedelta(days=30)
    )
    alert = Alert(key=key, providers=frozenset({KENT}), expires_at=NOON)
    told = replace(an_alerted_story(), edition=DAY)
    midnight = MORNING - timedelta(hours=9)
    assert await store.watches.alert(alert, told, now=MORNING, since=midnight, per_day=3, limit=9) == 1
    return key


async def found(store: SqlStore, *names: str, **facts: Any) -> list[StoryKey]:
    """Reports of official texts, one on each item."""
    keys = []
    for name in names:
        item = (await list_items(store, name))[-1].id
        await store.items.file(item, PAGE, READING, [a_candidate(item, **{"found_at": MORNING} | facts)])
        keys.append(StoryKey(item=item, place=0))
    return keys


async def act(service: Service, what: Act, story: StoryKey | None = None, **facts: Any) -> None:
    done = Intervention(
        day=DAY, act=what, by="ada", at=service.clock.now(), words="taken down", story=story, **facts
    )
    assert await service.store.editions.intervene(done, lambda *_: None) is None


async def state(store: SqlStore) -> tuple[State, str | None]:
    async with store.database.read() as connection:
        row = (await connection.execute(select(letters.c.state, letters.c.text))).one()
        return State(row.state), row.text


async def test_an_alert_goes_if_nobody_stops_it(
    key: StoryKey, service: Service, letter_sender: LetterSender, relay: SmtpServer
) -> None:
    await act(service, Act.DROP, StoryKey(item=key.item + 90, place=0))

    await letter_sender.send()

    assert len(relay.messages) == 1
    assert (await state(service.store))[0] is State.ACCEPTED


async def test_an_alert_whose_story_was_dropped_is_never_sent(
    key: StoryKey, service: Service, letter_sender: LetterSender, relay: SmtpServer
) -> None:
    await act(service, Act.DROP, key)

    await letter_sender.send()
    assert await state(service.store) == (State.SKIPPED, "operators dropped the story that it tells")
    await act(service, Act.RESTORE, key)
    service.clock.on(minutes=30)
    await letter_sender.send()

    assert relay.messages == [], "once it is restored, the edition tells it"


async def test_an_alert_is_stopped_with_another_text_on_its_inspection(
    key: StoryKey, service: Service, letter_sender: LetterSender, relay: SmtpServer
) -> None:
    """The story of an edition may be another text than the one that the alert was first written of."""
    [other] = await found(service.store, "the-same-kent")
    await act(service, Act.DROP, other)

    await letter_sender.send()

    assert relay.messages == []
    assert (await state(service.store))[0] is State.SKIPPED


async def test_a_drop_while_the_relay_is_offered_an_alert_still_stops_it(
    key: StoryKey, service: Service, letter_sender: LetterSender, relay: SmtpServer
) -> None:
    async def dropped_meanwhile(content: bytes) -> bytes:
        await act(service, Act.DROP, key)
        return content

    await replace(letter_sender, sign=dropped_meanwhile).send()

    assert relay.messages == []
    assert (await state(service.store))[0] is State.SKIPPED


async def test_an_alert_that_has_gone_stays_as_it_went(
    key: StoryKey, service: Service, letter_sender: LetterSender, relay: SmtpServer
) -> None:
    await letter_sender.send()
    await act(service, Act.DROP, key)
    await letter_sender.send()

    assert len(relay.messages) == 1
    assert (await state(service.store))[0] is State.ACCEPTED


async def test_an_alert_waits_while_its_edition_is_held_and_goes_after_the_release(
    key: StoryKey, service: Service, letter_sender: LetterSender, relay: SmtpServer
) -> None:
    await act(service, Act.HOLD, until=NOON + timedelta(hours=3))

    await letter_sender.send()
    assert await state(service.store) == (State.DEFERRED, "operators hold the edition that tells it")
    service.clock.on(minutes=10)
    await act(service, Act.RELEASE)
    service.clock.on(minutes=30)
    await letter_sender.send()

    assert len(relay.messages) == 1
    assert (await state(service.store))[0] is State.ACCEPTED


@pytest.mark.parametrize("at", [NOON, NOON + timedelta(hours=4)])
async def test_an_alert_of_an_edition_that_is_held_over_noon_never_goes(
    key: StoryKey, service: Service, letter_sender: LetterSender, relay: SmtpServer, at: datetime
) -> None:
    await act(service, Act.HOLD, until=NOON + timedelta(hours=3))
    await letter_sender.send()

    service.clock.at = at
    await letter_sender.send()

    assert relay.messages == []
