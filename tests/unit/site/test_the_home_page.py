"""The home page: first what moved in the latest edition, then the form, and the editions before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import httpx2
import pytest
from builders import DAY, a_change, a_provider, a_story, an_edition
from desk import Service
from sqlalchemy import event
from worlds import publish

from digest.changes import Movement
from digest.edition import SectionKind, Story
from digest.site.home import EDITIONS, MOST_STORIES
from digest.sources import Polled
from digest.store.sql import SqlStore

Visitor = httpx2.AsyncClient


def about(
    n: int, movement: Movement = Movement.UPGRADE, section: SectionKind = SectionKind.UPGRADES
) -> Story:
    own = {"provider": f"pdu-{n}", "provider_name": f"PDU {n}"}
    return a_story(n, section, change=a_change(movement, provider=f"pdu-{n}"), **own)


@pytest.fixture
async def home(site: Visitor, service: Service) -> str:
    """Ten moved on the latest day; before it there were more editions than are listed."""
    await service.store.providers.load([a_provider(f"pdu-{n}", f"PDU {n}") for n in range(1, 12)], [])
    latest = [about(1, Movement.UNCHANGED, SectionKind.CORRECTIONS), *(about(n) for n in range(2, 12))]
    before = [an_edition(about(20 + n), day=DAY - timedelta(days=n)) for n in range(1, 8)]
    service.clock.on(days=30)
    await publish(service, an_edition(*latest), *before)
    return (await site.get("/")).text


async def test_what_moved_comes_before_the_form_and_leads_to_the_services(site: Visitor, home: str) -> None:
    moved = home[home.index('id="latest"') : home.index('id="get-it"')]
    links = re.findall(r'<h3><a href="\.(/services/[^"]+)">(PDU \d+)</a></h3>', moved)

    assert [name for _, name in links] == [f"PDU {n}" for n in range(2, 2 + MOST_STORIES)]
    assert (await site.get(links[0][0])).status_code == 200
    assert moved.count("Up from Requires improvement") == MOST_STORIES
    assert f'href="./edition/{DAY}">Read the whole edition</a>, with 3 more stories' in moved


async def test_the_stories_that_lead_the_edition_lead_the_home_page(site: Visitor, service: Service) -> None:
    """Those found first are not those that matter most; and where most fell, it also shows who rose."""
    fell = a_change(Movement.DOWNGRADE, provider="pdu-9", before="outstanding", after="inadequate")
    worst = replace(about(9), change=fell, section=SectionKind.DOWNGRADES)
    await service.store.providers.load([a_provider(f"pdu-{n}", f"PDU {n}") for n in range(1, 12)], [])
    service.clock.on(days=30)
    await publish(service, an_edition(*(about(n) for n in range(1, 9)), worst))
    html = (await site.get("/")).text
    page = (await site.get(f"/edition/{DAY}")).text

    names = re.findall(r'<h3><a href="\./services/[^"]+">(PDU \d+)</a></h3>', html)
    assert names[0] == "PDU 9"
    told = re.findall(r"<h3><a [^>]*>(PDU \d+)</a></h3>", page)
    assert names == told[:MOST_STORIES]


async def test_the_editions_before_the_latest_are_listed(home: str) -> None:
    listed = home[home.index('id="recent"') :]

    days = [date.fromisoformat(day) for day in re.findall(r'href="\./edition/([\d-]+)"', listed)]
    assert days == [DAY - timedelta(days=n) for n in range(1, 1 + EDITIONS)]
    assert 'href="./archive"' in listed


@contextmanager
def statements(store: SqlStore) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    asked: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    engine = store.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def test_a_kept_home_page_asks_for_its_two_marks_alone(
    site: Visitor, service: Service, home: str
) -> None:
    with statements(service.store) as asked:
        again = await site.get("/")

    assert again.text == home
    # What waits to be done for readers is looked for all the time.
    of_page = [one for one in asked if one.startswith("SELECT") and "arrivals" not in one]
    assert len(of_page) == 2, asked


async def test_a_kept_home_page_changes_with_a_source_and_when_one_grows_old(
    site: Visitor, service: Service
) -> None:
    now = service.clock.now()
    well = Polled(source="hmi-probation", next_poll_at=now, began_at=now, checked_at=now)

    async def cover() -> str:
        return (await site.get("/")).text

    never = await cover()
    await service.store.sources.record("hmi-probation", lambda _: well)
    read = await cover()
    service.clock.on(hours=25)
    old = await cover()
    paused = replace(well, paused_at=service.clock.now())
    await service.store.sources.record("hmi-probation", lambda _: paused)

    assert len({never, read, old, await cover()}) == 4


async def test_a_day_without_a_move_counts_its_first_ratings(site: Visitor, service: Service) -> None:
    """The heading promises moves: three stories would be taken for three of them."""
    assert "The first appears here at noon on the first day with news." in (await site.get("/")).text
    first = [about(n, Movement.FIRST_RATING, SectionKind.STEADY) for n in (1, 2)]
    steady = about(3, Movement.UNCHANGED, SectionKind.STEADY)
    service.clock.on(days=30)
    await publish(service, an_edition(*first), an_edition(steady, day=DAY - timedelta(days=1)))

    html = (await site.get("/")).text
    assert "<p>2 first ratings</p>" in html
    assert '<span class="soft">1 story</span>' in html
    assert "We follow HM Inspectorate of Probation and HM Inspectorate of Prisons." in " ".join(html.split())
