"""What the page of what we cover says of a source: what it is, how it is read, and how much comes of it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import httpx2
import pytest
from builders import a_provider, a_story, an_edition
from desk import Service
from worlds import keep, publish

from digest.site.coverage import Pace, pace
from digest.sources import Polled

Visitor = httpx2.AsyncClient

UNTIL = date(2026, 3, 3)


async def words(site: Visitor) -> str:
    html = (await site.get("/coverage")).text
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.fixture
def known(service: Service) -> Polled:
    now = service.clock.now()
    return Polled(
        source="hmi-probation", next_poll_at=now, checked_at=now, began_at=now - timedelta(days=500)
    )


async def test_a_source_is_told_with_what_it_is_since_when_and_how_much_comes_of_it(
    site: Visitor, service: Service, known: Polled
) -> None:
    await service.store.sources.record("hmi-probation", lambda _: known)
    assert "No story" not in await words(site)

    await publish(service, an_edition(a_story(), day=UNTIL - timedelta(days=450)))
    assert "since 19 October 2024. No story in the last year." in await words(site)


async def test_what_is_wrong_with_a_source_is_said_in_words(
    site: Visitor, service: Service, known: Polled
) -> None:
    ill = replace(
        known,
        checked_at=known.checked_at and known.checked_at - timedelta(hours=30),
        trouble="403",
        refused=True,
    )
    for memory, said in (
        (known, "Last read on 3 March 2026 at 14:00"),
        (
            ill,
            "since 2 March 2026 at 08:00: its server refuses us. Its news may reach you late",
        ),
        (replace(ill, refused=False), "at 08:00: its server is not working properly. Its news"),
        (replace(ill, checked_at=None), "Not read yet: its server refuses us"),
    ):
        await service.store.sources.record("hmi-probation", lambda _, now=memory: now)
        assert said in (await words(site)).replace(" : ", ": ").replace(" .", "."), said


@pytest.mark.parametrize(
    ("stories", "days", "months", "a_month"),
    [(0, 20, 0, 0), (7, 29, 0, 0), (1, 61, 2, 0), (3, 60, 2, 2), (11, 365, 12, 0), (400, 4000, 12, 33)],
)
def test_the_pace_of_a_source_is_that_of_whole_months_a_year_at_most(
    stories: int, days: int, months: int, a_month: int
) -> None:
    found = pace(stories, UNTIL - timedelta(days=days), UNTIL)
    assert (found, found.a_month) == (Pace(stories=stories, months=months), a_month)


async def test_an_inspectorate_of_which_we_read_nothing_is_named_with_its_services(
    site: Visitor, service: Service
) -> None:
    assert "Services without a source" not in await words(site)
    school = a_provider("ysgol", "Ysgol y Bryn", kind="school", inspectorate="estyn")
    await service.store.providers.load([school], [])
    await keep(service)

    assert "read no source of their own at present" in await words(site)
    html = (await site.get("/coverage")).text
    assert re.search(r'services\?inspectorate=estyn">[^<]+</a> <span class="soft">1</span>', html)
