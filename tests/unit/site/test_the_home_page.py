"""The home page: first what moved in the latest edition, then the form, and the editions before."""

from __future__ import annotations

import re
from datetime import date, timedelta

import httpx2
import pytest
from builders import DAY, a_change, a_provider, a_story, an_edition
from desk import Service
from worlds import publish

from digest.changes import Movement
from digest.edition import SectionKind, Story
from digest.site.home import EDITIONS, MOST_STORIES

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


async def test_the_latest_editions_are_listed(home: str) -> None:
    listed = home[home.index('id="recent"') :]

    days = [date.fromisoformat(day) for day in re.findall(r'href="\./edition/([\d-]+)"', listed)]
    assert days == [DAY - timedelta(days=n) for n in range(EDITIONS)]
    assert 'href="./archive"' in listed
