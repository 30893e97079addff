"""Two buttons of the operators' pages: to settle what a page is, and to read a page again."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from builders import a_candidate, admitting
from desk import OPERATORS_SECRET, Service

from digest.edition import StoryKey
from digest.identity import Fresh
from digest.items import Item, Page
from digest.ports import InQuestion
from digest.reports import Kind, Reading
from digest.review import Decision, PageIs
from digest.sources import Polled

Site = httpx2.AsyncClient
READING = Reading(kind=Kind.INSPECTION, inspectorate="hmi-probation", published=None, title="Kent")


async def listed(service: Service, *names: str) -> list[int]:
    """Items that a source lists and that wait to be read."""
    now = service.clock.now()
    fresh = [
        Fresh(item=Item(title=name, link=f"https://i.example/{name}"), keys=(f"link:{name}",))
        for name in names
    ]
    polled = Polled(source="hmip", next_poll_at=now, baselined_at=now - timedelta(days=9))
    await service.store.sources.take_in("hmip", fresh, admitting(polled, fresh), now=now)
    return [one.id for one in await service.store.items.unread("hmip", limit=9, now=now)]


async def in_question(service: Service) -> int:
    """A report whose page says something else now; its number."""
    [item] = await listed(service, "kent")
    found = a_candidate(item, found_at=service.clock.now())
    page = Page(url="https://i.example/kent", body=b"x", content_type=None, fetched_at=service.clock.now())
    await service.store.items.file(item, page, READING, [found])
    asked = InQuestion(
        candidate=a_candidate(item, grade="outstanding", found_at=service.clock.now()),
        page=page,
        reading=READING,
        reason="the page was edited",
    )
    await service.store.versions.question(item, asked)
    return item


async def sign_in(site: Site, name: str = "Ada") -> None:
    answer = await site.post("/operators/sign-in", data={"name": name, "secret": OPERATORS_SECRET})
    assert answer.status_code == 303


async def form_on(site: Site, page: str) -> str:
    found = re.search(r'name="form" value="([^"]+)"', (await site.get(page)).text)
    assert found is not None
    return found[1]


async def press(site: Site, page: str, act: str, **fields: Any) -> httpx2.Response:
    given = {"form": await form_on(site, page), "act": act}
    return await site.post(page, data=given | fields, follow_redirects=True)


async def decisions(service: Service, item: int) -> list[tuple[Decision, str, str]]:
    case = await service.store.review.case(StoryKey(item=item, place=0))
    assert case is not None
    return [(one.decision, one.by, one.why) for one in case.decided]


@pytest.mark.parametrize("way", list(PageIs))
async def test_one_press_settles_what_a_page_is_under_the_name_of_who_pressed(
    site: Site, service: Service, caplog: pytest.LogCaptureFixture, way: PageIs
) -> None:
    item = await in_question(service)
    await sign_in(site)
    page = f"/operators/review/{item}"
    assert "Settle" in (await site.get(page)).text
    assert await decisions(service, item) == [], "a look decides nothing"

    with caplog.at_level(logging.INFO):
        said = await press(site, page, "settle", **{"as": way}, why="compared with the report")

    assert (said.status_code, "The case is settled." in said.text) == (200, True)
    [(_, by, why)] = await decisions(service, item)
    assert (by, why) == ("Ada", "compared with the report")
    [logged] = [one for one in caplog.records if one.message == "case decided"]
    assert (logged.__dict__["item"], logged.__dict__["by"]) == (item, "Ada")
    again = await press(site, page, "settle", **{"as": way}, why="again")
    assert again.status_code == 409, "what is settled cannot be settled again"
    assert len(await decisions(service, item)) == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"as": "nothing", "why": ""}, "give the reason"),
        ({"why": "x"}, "choose what the page is now"),
        ({"as": "correction ", "why": "\u200b"}, "give the reason"),
        ({"as": "elsewhere", "why": "x"}, "choose what the page is now"),
    ],
)
async def test_what_is_missing_to_settle_a_page_is_said(
    site: Site, service: Service, fields: dict[str, str], said: str
) -> None:
    item = await in_question(service)
    await sign_in(site)

    answer = await press(site, f"/operators/review/{item}", "settle", **fields)

    assert (answer.status_code, said in answer.text.lower()) == (409, True)
    assert await decisions(service, item) == []


async def test_nothing_is_settled_or_read_again_without_our_own_form(site: Site, service: Service) -> None:
    item = await in_question(service)
    [other] = await listed(service, "surrey")
    await service.store.items.park(other, "no text")
    case, sources = f"/operators/review/{item}", "/operators/sources"
    asked = {
        case: {"act": "settle", "as": "nothing", "why": "x"},
        sources: {"act": "retry", "item": "all"},
    }
    await sign_in(site, "Ben")
    of_ben = await form_on(site, case)
    site.cookies.clear()
    for page, fields in asked.items():
        answer = await site.post(page, data=fields | {"form": of_ben})
        assert (answer.status_code, "sign-in" in answer.headers["location"]) == (303, True)

    await sign_in(site, "Ada")
    own = await form_on(site, case)
    for page, fields in asked.items():
        for forged in ("", "0" * 36, of_ben, f"{own} {own}"):
            answer = await site.post(page, data=fields | {"form": forged})
            assert (answer.status_code, "Nothing was changed" in answer.text) == (403, True), forged
        elsewhere = {"Sec-Fetch-Site": "cross-site"}
        answer = await site.post(page, data=fields | {"form": own}, headers=elsewhere)
        assert answer.status_code == 403
        await site.get(page, params=fields | {"form": own})
        assert (await site.put(page, data=fields | {"form": own})).status_code == 405

    assert await decisions(service, item) == []
    assert [one.id for one in await service.store.items.parked()] == [other]


async def test_one_press_has_a_page_read_again_under_the_name_of_who_pressed(
    site: Site, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    one, other, third = await listed(service, "kent", "surrey", "essex")
    for item in (one, other, third):
        await service.store.items.park(item, "no text")
    await sign_in(site)

    with caplog.at_level(logging.INFO):
        said = await press(site, "/operators/sources", "retry", item=str(other))

    assert "It will be read again with the next poll." in said.text
    assert {one.id for one in await service.store.items.parked()} == {one, third}
    logged = [one for one in caplog.records if one.message == "an operator has items read again"]
    assert [(one.__dict__["by"], one.__dict__["items"]) for one in logged] == [("Ada", 1)]
    now = service.clock.now()
    assert [one.id for one in await service.store.items.unread("hmip", limit=9, now=now)] == [other]

    for wrong in (str(other), "", "0", "-1", "١", f" {one}x", "9" * 400, "all of them"):
        said = await press(site, "/operators/sources", "retry", item=wrong)
        assert (said.status_code, "no parked item has that number" in said.text.lower()) == (409, True), wrong
    assert {one.id for one in await service.store.items.parked()} == {one, third}

    await press(site, "/operators/sources", "retry", item="all")
    assert await service.store.items.parked() == []
    said = await press(site, "/operators/sources", "retry", item="all")
    assert said.status_code == 409, "there is none left"
