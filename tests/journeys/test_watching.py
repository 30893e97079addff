"""What operators see and hear of a noon: the ping, the canary, the metrics and `digest status`."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest
from journey_place import SUBSCRIBERS, Place
from pytest_httpserver import HTTPServer
from starlette.testclient import TestClient
from test_calendar import at, live, started
from test_operators_review import digest

from digest.app import sender
from digest.web import build
from digest.web.metrics import Metrics

DAY = date(2020, 3, 3)


def heard(server: HTTPServer) -> list[tuple[str, str]]:
    return [(request.path, request.get_data(as_text=True)) for request, _ in server.log]


@pytest.fixture
def listening(place: Place, httpserver: HTTPServer) -> HTTPServer:
    """The far end of the operators' ping."""
    for path in ("/abc", "/abc/fail"):
        httpserver.expect_request(path, method="POST").respond_with_data("ok")
    config = place.config / "digest.yaml"
    text = config.read_text(encoding="utf-8")
    ping = f'operators:\n  ping: "{httpserver.url_for("/abc")}"\n  canary: ada@example.org'
    config.write_text(re.sub(r"(?m)^operators:.*$", ping, text), encoding="utf-8")
    return httpserver


async def test_a_complete_edition_is_told_once(place: Place, listening: HTTPServer) -> None:
    await place.file(1, at(DAY, "09:00"))

    async with started(place, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "15:00"))

    assert heard(listening) == [("/abc", "the edition of 2020-03-03 is complete: 3 accepted")]


async def test_an_edition_that_could_not_be_made_in_time_calls_a_person(
    place: Place, listening: HTTPServer
) -> None:
    await place.file(1, at(DAY, "09:00"))
    await place.server.stop()

    async with started(place, at(DAY, "17:50")) as (it, clock):
        await live(it, clock, at(DAY, "18:10"))

    assert heard(listening) == [
        ("/abc/fail", "the edition of 2020-03-03: 3 deliveries were not made in time"),
    ]


async def test_a_canary_that_was_not_sent_its_edition_calls_a_person(
    place: Place, listening: HTTPServer
) -> None:
    """F37."""
    place.server.answers["ada@example.org"] = "550 5.1.1 no such user"
    await place.file(1, at(DAY, "09:00"))

    async with started(place, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "13:00"))

    assert heard(listening) == [("/abc/fail", "the canary did not get the edition of 2020-03-03: refused")]


async def test_a_relay_that_refuses_us_pauses_sending_and_calls_a_person(
    place: Place, listening: HTTPServer
) -> None:
    """One refusal after another that is about us: a million of them would not help."""
    for address in SUBSCRIBERS:
        place.server.answers[address] = "554 5.7.1 your sender is on our list"
    await place.file(1, at(DAY, "09:00"))

    async with started(place, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "12:10"))

    assert place.server.messages == []
    assert "the relay refuses us: 554 5.7.1" in digest(place, "status")
    ((path, said),) = heard(listening)
    assert path == "/abc/fail"
    assert "sending is paused" in said


async def test_metrics_tell_how_things_stand_and_name_nobody(place: Place) -> None:
    place.server.answers["ben@example.org"] = "450 4.2.1 later"
    await place.file(1, at(DAY, "09:00"))

    async with started(place, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "12:00"))
        timetable = it.settings.edition.timetable
        text = (await Metrics(store=it.store, timetable=timetable, clock=clock).text()).decode()

    assert 'digest_deliveries{state="accepted"} 2.0' in text
    assert 'digest_deliveries{state="deferred"} 1.0' in text
    assert "digest_edition_sealed 1.0" in text
    assert "digest_sending_paused 0.0" in text
    assert "@" not in text


async def test_metrics_are_not_there_unless_asked_for(place: Place) -> None:
    async def ready() -> bool:
        return True

    async with started(place, at(DAY, "11:45")) as (it, clock):
        pages = build(
            store=it.store.subscriptions,
            links=it.links,
            renderer=it.renderer,
            clock=clock,
            sender=sender(it.settings),
            ready=ready,
        )
    with TestClient(pages) as client:
        assert client.get("/metrics").status_code == 404


async def test_limits_are_changed_while_the_service_runs(place: Place) -> None:
    said = json.loads(digest(place, "limits", "set", "--per-minute", "600", "--connections", "2", "--json"))
    assert said == {
        "per_minute": 600,
        "per_minute_and_domain": None,
        "per_connection": None,
        "connections": 2,
    }
    assert "per minute: 600" in digest(place, "limits", "show")
    await place.file(1, at(DAY, "09:00"))

    async with started(place, at(DAY, "11:45")) as (it, clock):
        await live(it, clock, at(DAY, "12:00"))
    assert len(place.received()) == 3

    assert "as digest.yaml says" in digest(place, "limits", "clear")
