"""Public pages: the same for everybody, kept by caches, made once; and none of a subscriber's pages is."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import httpx2
import pytest
from desk import BASE, SENDER, Service, an_edition_of
from starlette.routing import Route
from worlds import keep

from digest.errors import StoreError
from digest.pages.headers import OWN_PAGES
from digest.retention import Retention
from digest.site import MENU, KeptPages
from digest.site.about import days_of
from digest.tokens import Purpose

Visitor = httpx2.AsyncClient

EDITION = date(2026, 3, 3)
PAGES = (
    *("/", "/archive", "/services", "/tables", "/search", "/data"),
    *("/coverage", "/about", "/privacy", "/accessibility"),
)
PUBLIC = (*PAGES, "/edition/2026-03-03")


@pytest.fixture(autouse=True)
async def edition(service: Service) -> None:
    await an_edition_of(service.store, EDITION, 0, accepted=None)


def titles(html: str) -> list[str]:
    return re.findall(r"<h1>(.*?)</h1>", html)


# -- what caches and search engines may do ---------------------------------------------------------------


@pytest.mark.parametrize("path", [*PUBLIC, "/site.css", "/robots.txt"])
async def test_who_has_the_page_is_told_so_in_a_line(site: Visitor, path: str) -> None:
    first = await site.get(path)
    tag = first.headers["ETag"]

    assert re.fullmatch(r"public, max-age=\d+", first.headers["Cache-Control"])
    assert first.headers["X-Robots-Tag"] == "all"
    for said in (tag, f'"other", W/{tag}', "*"):  # a proxy that compresses makes a tag weak
        again = await site.get(path, headers={"If-None-Match": said})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert (await site.get(path, headers={"If-None-Match": '"other"'})).content == first.content


@pytest.mark.parametrize("path", PUBLIC)
async def test_a_look_at_the_head_alone_says_the_same(site: Visitor, path: str) -> None:
    whole, head = await site.get(path), await site.head(path)

    assert head.content == b""
    assert int(head.headers["Content-Length"]) == len(whole.content)
    assert head.headers["ETag"] == whole.headers["ETag"]


async def test_pages_of_subscribers_are_kept_by_nobody(site: Visitor, service: Service) -> None:
    mina = await service.subscribed()
    manage = service.links.link(Purpose.MANAGE, mina.subscriber, mina.generation)

    for path in ("/join", "/fresh-link", "/code/abc", "/leave/forged", manage):
        answer = await site.get(path)
        assert answer.headers["Cache-Control"] == "no-store", path
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow", path
        assert "ETag" not in answer.headers


async def test_a_page_that_is_not_there_is_kept_by_nobody(site: Visitor, service: Service) -> None:
    """The edition of tomorrow is there tomorrow, also one that is sealed already."""
    await an_edition_of(service.store, date(2026, 3, 4), 0, accepted=None)
    for path in ("/nowhere", "/edition/2026-03-04", "/edition/spring", "/edition/2026-02-01"):
        answer = await site.get(path)
        assert (answer.status_code, titles(answer.text)) == (404, ["Page not found"]), path
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert "canonical" not in answer.text


async def test_no_public_page_lets_anything_run_or_load(site: Visitor) -> None:
    for path in PUBLIC:
        answer = await site.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<(script|img|iframe)", answer.text)
        for form in re.findall(r"<form[^>]+method=\"get[^>]+>", answer.text):
            assert re.search('class="(search|filters)"', form)  # what is asked for stands in the address
        assert len(answer.content) < 60_000


async def test_robots_are_asked_to_leave_every_page_of_subscribers_alone(site: Visitor, app: Any) -> None:
    said = (await site.get("/robots.txt")).text
    closed = set(re.findall(r"(?m)^Disallow: /(.+)/$", said))

    with_token = {path.split("/")[1] for path in paths(app) if "{token}" in path}
    assert closed == with_token == set(OWN_PAGES)


def paths(app: Any) -> Iterator[str]:
    while not hasattr(app, "routes"):
        app = getattr(app, "_app", None) or app.app
    yield from (route.path for route in app.routes if isinstance(route, Route))


# -- what a page says ------------------------------------------------------------------------------------


async def test_each_link_of_the_header_and_the_footer_leads_to_a_page(site: Visitor) -> None:
    for path in ("/about", "/privacy"):
        html = (await site.get(path)).text
        links = re.findall(r'href="\./([^"]*)"', html)
        assert {entry.page for entry in MENU} | {"privacy", "accessibility", "coverage"} <= set(links)
        for link in links:
            assert (await site.get(f"/{link}")).status_code == 200, link


async def test_the_header_says_where_one_is(site: Visitor) -> None:
    current = r'<a href="\./([^"]*)" aria-current="page">'

    assert re.findall(current, (await site.get("/about")).text) == ["about"]
    assert re.findall(current, (await site.get("/")).text) == [""]
    assert re.findall(current, (await site.get("/privacy")).text) == []


async def test_a_page_names_its_one_address_whatever_was_asked_for_with_it(site: Visitor) -> None:
    plain, tracked = await site.get("/about"), await site.get("/about?utm_source=x")

    assert f'<link rel="canonical" href="{BASE}/about">' in plain.text
    assert plain.content == tracked.content


def test_privacy_counts_each_part_of_a_day_as_a_day() -> None:
    assert days_of(replace(Retention(), ended=timedelta(hours=36)))["ended"] == 2
    assert set(days_of(Retention())) == {one.name for one in fields(Retention)}


async def test_privacy_says_what_the_settings_say(service: Service) -> None:
    """Each setting about people has its own number here, so none can stand for another."""
    of_people = ("unconfirmed", "ended", "letters", "answers", "parked", "counts", "evidence", "deliveries")
    own = {name: 1001 + 2 * n for n, name in enumerate(of_people)}
    kept = Retention(**{name: timedelta(days=days) for name, days in own.items()})

    values = {"sender": SENDER, "root": "./", "menu": [], "canonical": "", "days": days_of(kept)}
    html = service.renderer.render("site/privacy.html", values)

    assert {int(days) for days in re.findall(r"(\d{4}) days", html)} == set(own.values())


async def test_people_can_join_while_the_database_cannot_be_read(
    site: Visitor, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Last read on" in (page := (await site.get("/")).text) or "Not read yet" in page

    async def away(*_: object) -> None:
        raise StoreError("the database is away")

    monkeypatch.setattr(type(service.store.sources), "polled", away)
    monkeypatch.setattr(type(service.store.sources), "mark", away)
    monkeypatch.setattr(type(service.store.public), "mark", away)
    answer = await site.get("/")

    assert answer.status_code == 200
    assert 'action="./join"' in answer.text
    assert "Not read yet" not in answer.text


async def test_the_home_page_tells_of_an_edition_from_its_noon(site: Visitor, service: Service) -> None:
    await an_edition_of(service.store, date(2026, 3, 4), 0, accepted=None)
    await keep(service)
    service.clock.on(hours=21)  # 11 in the morning of the 4th
    assert 'href="./edition/2026-03-03"' in (await site.get("/")).text

    service.clock.on(hours=1)
    await keep(service)
    html = (await site.get("/")).text

    assert 'href="./edition/2026-03-04"' in html
    assert "Wednesday 4 March 2026" in html
    assert "Kent PDU" in html


# -- pages in memory -------------------------------------------------------------------------------------


class Made:
    """A page that notes how often it is made."""

    def __init__(self, content: bytes | None = b"a page") -> None:
        self.content, self.times = content, 0

    async def __call__(self) -> bytes | None:
        self.times += 1
        await asyncio.sleep(0)
        return self.content


async def test_a_page_that_many_ask_for_is_made_once() -> None:
    kept, made = KeptPages(), Made()

    found = await asyncio.gather(*(kept.page("/a", "now", made) for _ in range(50)))

    assert {page and page.content for page in found} == {b"a page"}
    assert made.times == 1


async def test_a_page_is_made_again_once_its_mark_has_changed() -> None:
    kept, made = KeptPages(), Made()
    for mark in ("one", "one", "two", "two"):
        await kept.page("/a", mark, made)

    assert made.times == 2


async def test_what_is_not_there_or_fails_is_asked_for_again() -> None:
    kept, none = KeptPages(), Made(None)
    for _ in range(2):
        assert await kept.page("/a", "now", none) is None
    assert none.times == 2

    async def failing() -> bytes:
        raise StoreError("away")

    with pytest.raises(StoreError):
        await kept.page("/a", "now", failing)
    assert await kept.page("/a", "now", Made()) is not None


async def test_who_gives_up_waiting_takes_nobody_elses_page_away() -> None:
    kept, made = KeptPages(), Made()
    impatient, patient = (asyncio.create_task(kept.page("/a", "now", made)) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()

    found = await patient
    assert found is not None
    assert found.content == b"a page"


async def test_pages_in_memory_have_a_bound_and_the_least_used_goes_first() -> None:
    kept = KeptPages(most=10_000)
    pages = {f"/{n}": Made(b"x" * 2000) for n in range(4)}
    for key in ("/0", "/1", "/2", "/0", "/3"):  # three have room
        await kept.page(key, "now", pages[key])
        assert kept.octets <= 10_000
    large = Made(b"x" * 20_000)
    await kept.page("/large", "now", large)
    await kept.page("/large", "now", large)

    for key in ("/3", "/2", "/0", "/1"):
        await kept.page(key, "now", pages[key])
    assert [page.times for page in pages.values()] == [1, 2, 1, 1]
    assert large.times == 2


async def test_a_site_without_services_says_so_where_they_are_searched_for(site: Visitor) -> None:
    """The name of a place alone finds nothing either."""
    for path in ("/search", "/search?q=kent"):
        html = (await site.get(path)).text
        assert "There are no services here yet." in html
        assert "the name of the place alone" not in html
    assert "There are no services here yet." in (await site.get("/services?area=Kent")).text
