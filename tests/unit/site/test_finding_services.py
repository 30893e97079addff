"""The list of services and the search: what visitors find, and what they are told if they find nothing."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import httpx2
import pytest
from builders import DAY, a_provider, a_rating, a_story, an_edition
from desk import Service
from sample_editions import TEMPLATES
from worlds import keep, publish

from digest.adapters.templates import TemplateRenderer

Visitor = httpx2.AsyncClient

NOTHING = "Nothing found"


@pytest.fixture(autouse=True)
async def units(service: Service) -> None:
    units = [a_provider(f"unit-{n:02}", f"Unit {n:02}", area="Kent" if n % 2 else "Essex") for n in range(60)]
    units.append(a_provider("acorn", "Acorn House", kind="YJS", area="Devon", aliases=("Ivy Lodge",)))
    ratings = [a_rating("good", date(2024, 1, 1), provider="acorn")]
    await service.store.providers.load(units, ratings)
    await keep(service)


async def names(site: Visitor, path: str) -> list[str]:
    answer = await site.get(path)
    assert answer.status_code == 200, path
    return re.findall(r'<h3><a href="[./]+services/[^"]+">(.*?)</a></h3>', answer.text)


async def test_services_come_by_name_in_pages_of_fifty(site: Visitor) -> None:
    first = await names(site, "/services")
    second = await names(site, "/services?page=2")

    assert (len(first), first[0], first[1]) == (50, "Acorn House", "Unit 00")
    assert (len(second), second[-1]) == (11, "Unit 59")
    assert 'href="?page=2"' in (await site.get("/services")).text
    assert 'rel="prev" href="?"' in (await site.get("/services?page=2")).text


async def test_links_lead_to_services_of_an_inspectorate_a_kind_and_an_area(site: Visitor) -> None:
    path = "/services"
    for wanted in ("HM Inspectorate of Probation", "YJS", "All places"):
        page = (await site.get(path)).text
        links = {name: href for href, name in re.findall(r'<li><a href="(\?[^"]*)">([^<]+)</a>', page)}
        if wanted in links:
            path = "/services" + links[wanted].replace("&amp;", "&")

    assert path == "/services?inspectorate=hmi-probation&kind=YJS"
    assert await names(site, path) == ["Acorn House"]
    assert 'href="./tables/hmi-probation/yjs">See them in a table' in (await site.get(path)).text
    assert len(await names(site, "/services?inspectorate=hmi-probation&area=Kent")) == 30
    of_kent = (await site.get("/services?inspectorate=hmi-probation&area=Kent")).text
    assert 'href="./tables/hmi-probation?area=Kent">See them in a table' in of_kent
    nowhere = (await site.get("/services?inspectorate=hmi-probation&area=Nowhere")).text
    assert "<h1>Services in Nowhere, HM Inspectorate of Probation</h1>" in nowhere
    assert "We list no service in Nowhere." in nowhere
    assert 'inspectorate=hmi-probation">all 61 services of HM Inspectorate of Probation</a>' in nowhere
    assert ">all 61 services</a>" in (await site.get("/services?kind=hospital")).text


async def test_a_service_in_a_list_says_when_it_was_last_rated(site: Visitor) -> None:
    assert "Rated January 2024" in (await site.get("/services")).text


async def test_any_page_of_a_long_list_can_be_asked_for_by_its_number(tmp_path: Path) -> None:
    pages = '{{ parts.pagination(1, pages, kept={"area": "Kent", "on": ""}) }}'
    page = '{% import "site/parts.html" as parts %}' + pages
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    renderer = TemplateRenderer([tmp_path, TEMPLATES])

    assert "<form" not in renderer.render("page.html", {"pages": 9})
    form = renderer.render("page.html", {"pages": 10})
    assert 'name="page"' in form
    assert '<input type="hidden" name="area" value="Kent">' in form
    assert 'name="on"' not in form


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999", "1e9", "%00", "²"])
async def test_a_page_that_is_no_number_is_the_first(site: Visitor, page: str) -> None:
    assert (await names(site, f"/services?page={page}"))[0] == "Acorn House"
    assert "Page 1 of 2" in (await site.get(f"/services?page={page}")).text


async def test_a_page_beyond_the_last_is_the_last(site: Visitor) -> None:
    answer = await site.get("/services?page=999")

    assert "Page 2 of 2" in answer.text
    assert re.findall('rel="canonical" href="([^"]+)"', answer.text)[0].endswith("/services?page=2")


async def test_a_former_name_leads_to_the_service_and_is_said(site: Visitor) -> None:
    assert await names(site, "/search?q=ivy+lodge") == ["Acorn House"]
    assert "Found by its former name, Ivy Lodge" in (await site.get("/search?q=ivy+lodge")).text


async def test_a_slip_of_spelling_is_forgiven_and_said(site: Visitor) -> None:
    answer = await site.get("/search?q=acron+house")

    assert "Did you mean one of these?" in answer.text
    assert await names(site, "/search?q=acron+house") == ["Acorn House"]
    assert "Did you mean" not in (await site.get("/search?q=acorn+house")).text


async def test_a_story_that_is_found_says_of_which_edition_it_is(site: Visitor, service: Service) -> None:
    service.clock.on(days=30)
    await publish(service, an_edition(a_story(title="Zebra crossing improves", provider=None), day=DAY))

    answer = await site.get("/search?q=zebra+crossing")
    assert f"HM Inspectorate of Probation · edition of {DAY.day} {DAY:%B %Y}" in answer.text


async def test_if_all_words_find_nothing_one_of_them_may(site: Visitor) -> None:
    answer = await site.get("/search?q=acorn+xyzzyplughfrobnicate")

    assert NOTHING in answer.text
    assert "Acorn House" in answer.text
    assert 'href="./services"' in answer.text


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("", "Enter the name of a service"),
        ("a", "Enter at least 2 letters"),
        ("%25", "Enter at least 2 letters"),
        ("x" * 500, NOTHING),
        ("%00%00zz%00", NOTHING),
        ("%ff%fe%f0%28zz", NOTHING),
        ('"zz" OR NEAR(* %2b', NOTHING),
        ("<script>alert(1)</script>", NOTHING),
        ("'; DROP TABLE services;--", NOTHING),
    ],
)
async def test_any_question_has_an_answer(site: Visitor, asked: str, told: str) -> None:
    answer = await site.get(f"/search?q={asked}")

    assert answer.status_code == 200
    assert told in answer.text
    assert "<script" not in answer.text
    assert len(answer.content) < 10_000
    assert 'content="noindex"' in answer.text


async def test_a_service_that_moved_by_area_alone_shows_it(site: Visitor, service: Service) -> None:
    """Its last inspection counts: an area that moved years ago is no move of the service now."""
    prison = {"provider": "hmp-oak", "scale": "hmip-hpt-4"}
    grades = [
        ("safety", "good", 2018),
        ("safety", "poor", 2024),
        ("respect", "poor", 2018),
        ("respect", "poor", 2024),
        ("purposeful activity", "poor", 2018),
        ("purposeful activity", "good", 2019),
    ]
    ratings = [a_rating(grade, date(year, 1, 1), aspect=aspect, **prison) for aspect, grade, year in grades]
    oak = a_provider("hmp-oak", "HMP Oak", kind="prison", inspectorate="hmi-prisons")
    await service.store.providers.load([oak], ratings)
    await keep(service)

    html = (await site.get("/services?inspectorate=hmi-prisons")).text
    row = html[html.index('<li class="story">') :].partition("</li>")[0]
    assert '<span class="arrow down" aria-hidden="true">↘</span>' in row
    assert '<b class="down">Moved down</b>' in row
    assert "Safety: poor (down from good); respect: poor; purposeful activity: good" in row


async def test_of_many_areas_that_moved_both_ways_one_that_rose_is_shown(
    site: Visitor, service: Service
) -> None:
    falls = ("safety", "respect", "education", "health")
    before = [(aspect, "good", 2020) for aspect in falls] + [("release", "poor", 2020)]
    now = [(aspect, "poor", 2025) for aspect in falls] + [("release", "good", 2025)]
    ratings = [
        a_rating(grade, date(year, 1, 1), provider="hmp-ash", aspect=aspect, scale="hmip-hpt-4")
        for aspect, grade, year in (*before, *now)
    ]
    ash = a_provider("hmp-ash", "HMP Ash", kind="prison", inspectorate="hmi-prisons")
    await service.store.providers.load([ash], ratings)
    await keep(service)
    html = (await site.get("/services?inspectorate=hmi-prisons")).text

    row = html[html.index("HMP Ash</a>") :]
    assert "Moved up and down" in row
    assert "release: good (up from poor); and 1 more" in row


async def test_an_address_that_leads_nowhere_offers_the_search(site: Visitor) -> None:
    lost = await site.get("/services/nobody/nothing")

    assert lost.status_code == 404
    assert 'role="search"' in lost.text
