"""What is posted to webhooks: the API's own stories, as the description of the API says."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import httpx2
import pytest
from builders import DAY, a_change, a_provider, a_story, an_edition
from desk import BASE, INSPECTORATES, KNOWN, TIMETABLE, Service
from pydantic import TypeAdapter
from worlds import publish

from digest.edition import Correction, SectionKind
from digest.site.api.events import EventWriter
from digest.site.api.made import AnswerMaker
from digest.site.api.values import StoryEvent
from digest.site.entries import EntryWriter
from digest.webhooks import EventType

TOMORROW = DAY + timedelta(days=1)


@pytest.fixture
def writer(service: Service) -> EventWriter:
    def address(page: str) -> str:
        return f"{BASE}/{page}"

    entries = EntryWriter(
        address=address,
        noon_of=TIMETABLE.noon_of,
        names=INSPECTORATES,
        known=KNOWN,
        renderer=service.renderer,
    )
    stories = AnswerMaker(address=address, known=KNOWN, entries=entries)
    return EventWriter(stories=stories, noon_of=TIMETABLE.noon_of)


async def test_an_event_has_the_story_of_the_api(
    site: httpx2.AsyncClient, service: Service, writer: EventWriter
) -> None:
    wrong = Correction(told_on=DAY, told=a_change(), why="We misread a table.")
    corrects = a_story(1, SectionKind.CORRECTIONS, correction=wrong)
    await service.store.providers.load([a_provider(area="Kent")], [])
    service.clock.on(days=30)
    await publish(service, an_edition(a_story(1), a_story(2)), an_edition(corrects, day=TOMORROW))

    told = await service.store.public.stories_after(0, until=TOMORROW, limit=9)
    events = [json.loads(writer.of(one)) for one in told]

    answered = (await site.get("/api/v1/reports")).json()["stories"]
    assert [one["data"] for one in reversed(events)] == answered
    assert [one["type"] for one in events] == ["story.told", "story.told", "story.corrected"]
    assert [one["timestamp"] for one in events] == [
        *["2026-03-10T12:00:00Z"] * 2,
        "2026-03-11T12:00:00Z",
    ]
    assert events[2]["data"]["corrects"]["number"] == events[0]["data"]["number"]


def test_the_sample_is_an_event_that_nobody_takes_for_news(writer: EventWriter) -> None:
    event = TypeAdapter(StoryEvent).validate_json(writer.sample(date(2028, 2, 29)))

    assert (event.type, event.data.number, event.data.service) == (EventType.TEST, 0, None)


async def test_the_description_of_the_api_describes_the_events(site: httpx2.AsyncClient) -> None:
    found: dict[str, Any] = (await site.get("/api/v1/openapi.json")).json()
    schema = found["components"]["schemas"]["StoryEvent"]

    assert set(found["webhooks"]) == {"story.told", "story.corrected"}
    for one in found["webhooks"].values():
        body = one["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert body == {"$ref": "#/components/schemas/StoryEvent"}
        assert {each["name"] for each in one["post"]["parameters"]} == {
            *("webhook-id", "webhook-timestamp", "webhook-signature")
        }
    assert set(schema["required"]) == {"type", "timestamp", "data"}
    assert schema["properties"]["data"]["$ref"] == "#/components/schemas/Story"
