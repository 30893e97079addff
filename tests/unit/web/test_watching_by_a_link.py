"""Each story leads to a page that watches its service, or stops watching it, by a button."""

from __future__ import annotations

from dataclasses import replace

import httpx2
import pytest
from builders import KENT, a_provider
from desk import Service
from test_pages import MINA, manage, pressed
from test_wishing import Filled

from digest.subscriptions import Wishes

Site = httpx2.AsyncClient


@pytest.fixture(autouse=True)
async def register(service: Service) -> None:
    kent = a_provider(KENT, "Kent PDU", predecessors=("kent-crc",))
    await service.store.providers.load([kent, a_provider("kent-crc", "Kent CRC", kind="CRC")], [])


async def test_a_link_and_a_button_watch_a_service_and_stop_it(site: Site, service: Service) -> None:
    link, subscriber = await manage(service)
    page = f"{link}/watch?service={KENT}"

    asked = await site.get(page)
    assert "<h1>Watch Kent PDU?</h1>" in asked.text
    assert "This changes the emails to <b>m…@example.org</b>." in asked.text, (
        "the email may be a forwarded one"
    )
    assert f'href="../../join?watch={KENT}"' in asked.text, "for who was forwarded it"
    assert (await service.now(subscriber)).wishes == Wishes(), "looking changes nothing"
    watched = await pressed(site, page, do="watch")
    assert "You are now watching Kent PDU." in watched.text
    assert (await service.now(subscriber)).wishes == Wishes(watched=(KENT,))
    steps = await service.steps(subscriber)
    await pressed(site, page, do="watch")
    assert await service.steps(subscriber) == steps, "pressed twice, it is one step"

    assert "<h1>Stop watching Kent PDU?</h1>" in (await site.get(page)).text
    stopped = await pressed(site, page, do="unwatch")
    assert "You are no longer watching Kent PDU." in stopped.text
    assert (await service.now(subscriber)).wishes == Wishes()


async def test_who_joins_to_watch_a_service_has_a_short_form(site: Site, service: Service) -> None:
    """The service is named above it, and is in what is sent."""
    form = (await site.get(f"/join?watch={KENT}")).text

    assert "<h1>Watch Kent PDU by email</h1>" in form
    assert "<title>Watch Kent PDU by email" in form
    assert form.index("everything we publish about <b>Kent PDU</b>") < form.index("news of other services")
    assert "<details>\n<summary>Choose what you get</summary>" in form
    await site.post("/join", data=Filled(form).fields | {"address": MINA})
    found = await service.store.subscriptions.find(MINA)
    assert found is not None
    assert found.wishes == Wishes(watched=(KENT,))


async def test_who_watches_a_predecessor_stops_the_stories_of_its_successor(
    site: Site, service: Service
) -> None:
    """That is why they have the story; without any service to watch there are no alerts either."""
    wishes = Wishes(watched=("kent-crc",), areas=("Kent",), alerts=True)
    link, subscriber = await manage(service, wishes=wishes)

    assert "Stop watching Kent PDU?" in (await site.get(f"{link}/watch?service={KENT}")).text
    await pressed(site, f"{link}/watch?service={KENT}", do="unwatch")

    assert (await service.now(subscriber)).wishes == replace(wishes, watched=(), alerts=False)


@pytest.mark.parametrize("service_id", ["", "nothing", "%3Cscript%3E"])
async def test_what_is_no_service_cannot_be_watched(site: Site, service: Service, service_id: str) -> None:
    link, subscriber = await manage(service)

    assert (await site.get(f"{link}/watch?service={service_id}")).status_code == 404
    assert (await pressed(site, f"{link}/watch?service={service_id}", do="watch")).status_code == 404
    assert (await service.now(subscriber)).wishes == Wishes()


async def test_a_post_that_our_button_did_not_send_changes_nothing(site: Site, service: Service) -> None:
    link, subscriber = await manage(service)

    assert "Watch Kent PDU?" in (await pressed(site, f"{link}/watch?service={KENT}")).text

    assert (await service.now(subscriber)).wishes == Wishes()
