"""Pages offer what a live source covers, and say at once what a choice cannot bring."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from builders import a_provider, a_source_of
from desk import WEB, Service, link_to, text_of
from test_pages import MINA, Page, manage
from test_wishing import Filled

from digest.sources import Authority, Polled
from digest.subscriptions import Wishes

Site = httpx2.AsyncClient

NAME = "HM Inspectorate of Prisons"
BLOG = a_source_of("hmi-prisons", id="a-blog", name="A good blog", authority=Authority.BLOG)


def cover(service: Service, *keys: str) -> None:
    service.sources = (*map(a_source_of, keys), BLOG)
    service.membership = service.membership_with()
    service.enrolment = service.membership.enrolment


@pytest.fixture(autouse=True)
async def register(service: Service) -> None:
    """Only probation is covered."""
    leeds = a_provider("hmp-leeds", "HMP Leeds", kind="prison", inspectorate="hmi-prisons")
    await service.store.providers.load((a_provider(), leeds), ())
    cover(service, "hmi-probation")


def boxes(page: Page, name: str) -> list[Any]:
    return [one["value"] for one in page.all("input") if one.get("name") == name]


async def test_of_one_inspectorate_the_form_says_that_it_is_the_one(site: Site) -> None:
    page = Page((await site.get("/")).text)

    assert boxes(page, "inspectorate") == []
    assert "We cover one inspectorate at present: HM Inspectorate of Probation." in page.words
    assert boxes(page, "kind") == ["PDU"]
    assert NAME not in page.words


async def test_who_has_chosen_what_is_no_longer_covered_keeps_it_marked(site: Site, service: Service) -> None:
    both = Wishes(inspectorates=("hmi-probation", "hmi-prisons"), kinds=("PDU", "prison"))
    link, subscriber = await manage(service, wishes=both)

    shown = await site.get(f"{link}/wishes")
    page = Page(shown.text)
    assert boxes(page, "inspectorate") == ["hmi-probation", "hmi-prisons"]
    assert f"{NAME} (not covered at present)" in page.words
    assert "Prison (not covered at present)" in page.words
    await site.post(f"{link}/wishes", data=Filled(shown.text).fields)
    assert (await service.now(subscriber)).wishes == both

    overview = Page((await site.get(link)).text)
    assert f"{NAME} (not covered at present)" in overview.words


async def test_what_a_choice_cannot_bring_is_said_on_the_page_that_follows(
    site: Site, service: Service
) -> None:
    """The form was shown while prisons were covered."""
    link, subscriber = await manage(service)
    fields: dict[str, Any] = {"inspectorate": "hmi-prisons", "commentary": "yes", "areas": "", "watched": ""}

    for url in (f"{link}/wishes", "/join"):
        page = Page((await site.post(url, data=fields | {"address": "new@example.org"})).text)
        assert (
            f"We do not cover {NAME} at present, so we have nothing to send you yet. We will email you when "
            "that changes." in page.words
        )
    assert (await service.now(subscriber)).wishes == Wishes(inspectorates=("hmi-prisons",))
    letter = await service.read("new@example.org", "confirm")
    welcome = Page((await site.post(link_to("confirm", letter))).text)
    assert f"We do not cover {NAME} at present" in welcome.words


async def test_part_of_a_choice_that_cannot_come_is_no_reason_to_fear_for_the_rest(
    site: Site, service: Service
) -> None:
    link, _ = await manage(service, wishes=Wishes(inspectorates=("hmi-probation", "hmi-prisons")))

    assert f"We do not cover {NAME} at present. We will email you" in Page((await site.get(link)).text).words


async def test_the_name_of_what_cannot_come_is_text(site: Site, service: Service) -> None:
    """It is a publisher's word."""
    hostile = a_provider("hmp-hull", "HMP <b>Hull</b>", kind="prison", inspectorate="hmi-prisons")
    await service.store.providers.load((hostile,), ())
    link, _ = await manage(service, wishes=Wishes(watched=("hmp-hull",)))

    assert "We do not cover HMP &lt;b&gt;Hull&lt;/b&gt; at present" in (await site.get(link)).text


async def test_ticking_the_only_box_is_a_choice_and_ticking_all_of_several_is_none(
    site: Site, service: Service
) -> None:
    link, subscriber = await manage(service, wishes=Wishes(inspectorates=("hmi-probation",)))
    fields: dict[str, Any] = {"commentary": "yes", "areas": "", "watched": ""}

    await site.post(f"{link}/wishes", data=fields | {"inspectorate": "hmi-probation"})
    assert (await service.now(subscriber)).wishes == Wishes(inspectorates=("hmi-probation",))
    await site.post(f"{link}/wishes", data=fields)
    assert (await service.now(subscriber)).wishes == Wishes()


async def test_the_page_of_what_is_covered_names_that_alone_and_how_it_is_read(
    site: Site, service: Service
) -> None:
    now = service.clock.now()
    read = Polled(source="hmi-probation", next_poll_at=now, checked_at=now)
    await service.store.sources.record("hmi-probation", lambda _: read)

    page = Page((await site.get("/coverage")).text)
    assert page.heading == "What we cover"
    assert "HM Inspectorate of Probation" in page.words
    assert "Last read on 3 March 2026 at 14:00" in page.words
    assert "A good blog" in page.words
    assert NAME not in page.words

    service.clock.on(days=2)
    assert (
        "Not read since 3 March 2026 at 14:00. Its news may reach you late"
        in Page((await site.get("/coverage")).text).words
    )
    await service.store.sources.record("hmi-probation", lambda _: replace(read, paused_at=now))
    paused = Page((await site.get("/coverage")).text).words
    assert "Paused since 3 March 2026: we are not reading it at the moment" in paused


async def test_a_source_that_is_added_is_offered_within_a_minute(site: Site, service: Service) -> None:
    assert boxes(Page((await site.get("/")).text), "inspectorate") == []

    shadowed = a_source_of("hmi-prisons", shadow=timedelta(days=1))
    began = Polled(source="hmi-prisons", next_poll_at=service.clock.now(), began_at=service.clock.now())
    await service.store.sources.record("hmi-prisons", lambda _: began)
    object.__setattr__(service.membership.covering, "sources", (*service.sources, shadowed))
    service.clock.on(minutes=2)
    assert boxes(Page((await site.get("/")).text), "inspectorate") == []

    service.clock.on(days=1)
    assert boxes(Page((await site.get("/")).text), "inspectorate") == ["hmi-probation", "hmi-prisons"]


async def test_by_mail_only_what_is_covered_can_be_joined_for(service: Service) -> None:
    named = service.membership.covering.wishes_named

    assert await named("hmi-probation+PDU") == Wishes(inspectorates=("hmi-probation",), kinds=("pdu",))
    gap = await named("hmi-prisons")
    await service.enrolment.help(MINA, WEB, gap=gap)  # type: ignore[arg-type]
    said = " ".join(text_of(await service.read(MINA, "help")).split())
    assert f"You wrote to join for {NAME}. We do not cover it at present" in said
    assert "join+hmi-probation@mail.digest.example.org" in said


async def test_licences_are_those_of_what_is_read_here(site: Site) -> None:
    """Nobody is led to think that we cover an inspectorate because we know its licence."""
    page = (await site.get("/data")).text

    assert "<code>hmi-probation</code>" in page
    assert "<code>hmi-prisons</code>" not in page
