"""The page of a service: one address, every grade with what states it, and the way to watch it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import httpx2
import pytest
from builders import a_change, a_provider, a_rating, a_story, an_edition
from desk import Service
from sqlalchemy import insert
from worlds import keep

from digest.ratings import OVERALL, Precision
from digest.reports import Finding, FindingKind
from digest.store.codec import EDITION
from digest.store.tables import editions

Visitor = httpx2.AsyncClient

KENT = "/services/hmi-probation/kent-pdu"
LEEDS = "/services/hmi-prisons/hmi-prisons:17-hmp-leeds"
DAY = date(2026, 3, 3)
HOSTILE = "Ann's <b>Home</b> & Ffôn"


@pytest.fixture(autouse=True)
async def known(service: Service) -> None:
    """Kent with a past and a story, Leeds by aspects, one that took over, one entry merged, one hostile."""
    await service.store.providers.load(
        [
            a_provider(aliases=("Kent Probation Delivery Unit",), area="Kent", predecessors=("kent-crc",)),
            a_provider("kent-crc", "Kent CRC"),
            a_provider("old-kent", "Old Kent"),
            a_provider("hmi-prisons:17", "HMP Leeds", kind="prison", inspectorate="hmi-prisons"),
            a_provider("hmi-probation:9", HOSTILE),
        ],
        [
            a_rating("inadequate", date(2019, 5, 1), published_precision=Precision.YEAR, link=""),
            a_rating("requires improvement", date(2022, 6, 1)),
            a_rating("good", date(2018, 2, 1), provider="kent-crc"),
            *(
                a_rating(grade, day, provider="hmi-prisons:17", aspect="safety", scale="hmip-hpt-4")
                for grade, day in (("poor", date(2019, 1, 5)), ("good", date(2024, 2, 6)))
            ),
            a_rating(
                "poor", date(2024, 2, 6), provider="hmi-prisons:17", aspect="respect", scale="hmip-hpt-4"
            ),
        ],
    )
    await service.store.register.merge(
        "kent-pdu", "old-kent", by="ada", why="the same", now=service.clock.now()
    )
    finding = Finding(
        kind=FindingKind.STRENGTH, heading="Staff", text="Staff know the people they supervise."
    )
    edition = an_edition(a_story(change=a_change(), findings=(finding,), title="Kent improves"), day=DAY)
    at = datetime(2026, 3, 3, 12, tzinfo=UTC)
    async with service.store.database.write() as connection:
        values = {"day": DAY, "cutoff": at, "content": EDITION.dump(edition), "sealed_at": at}
        await connection.execute(insert(editions).values(values))
    await keep(service)


def said(answer: httpx2.Response) -> str:
    """The page; words that stand together on a line are apart like others."""
    return answer.text.replace("\N{NO-BREAK SPACE}", " ")


ELSEWHERE = {
    "/services/hmi-prisons/kent-pdu": KENT,  # of another inspectorate
    "/services/other/old-kent": KENT,  # merged
    "/services/hmi-probation/kent-pdu-a-former-name": KENT,
    "/services/hmi-prisons/hmi-prisons:17": LEEDS,
    "/services/hmi-prisons/hmi-prisons:17-leeds-prison": LEEDS,
}


async def test_whatever_names_a_service_leads_to_its_one_page(site: Visitor) -> None:
    for asked, page in ELSEWHERE.items():
        answer = await site.get(asked)
        assert answer.status_code == 301, asked
        assert answer.url.join(answer.headers["Location"]) == answer.url.join(page)
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        assert (await site.get(page)).status_code == 200


async def test_what_names_no_service_is_not_found(site: Visitor) -> None:
    for name in ("nobody", "kent", "-", "hmi-prisons:1", "a-" * 900, "kent-pdu/x/y", ""):
        assert (await site.get(f"/services/hmi-probation/{name}")).status_code == 404, name


async def test_the_page_says_each_grade_and_where_it_is_said(site: Visitor) -> None:
    html = said(await site.get(KENT))
    drawn = re.findall(r"<svg.*?</svg>", html, re.DOTALL)

    assert "Requires improvement</b>" in html
    assert ">before</span>" in html
    assert '<td><b class="">Inadequate</b>' in html
    assert "No link known" in html
    assert len(drawn) == 1
    assert "Inadequate, published 2019. We know of no link to the report" in drawn[0]
    assert drawn[0].count("<a href=") == 2  # with that of the service before it
    assert "Kent CRC, Overall: Good, published 1 February 2018" in drawn[0]
    assert (
        "Each dot is a grade, at the day it was published: select it for the report, where we know of one."
        in html
    )
    assert "Each links to the report or record that states it, where we know of one." in html
    assert "Its grades are not this service’s own" in html
    assert "Staff know the people they supervise." in html
    assert not re.search(r"<script|style=|<table[^>]*>(?!\s*<caption>)", html)


async def test_a_story_of_an_edition_is_reached_at_its_place(site: Visitor) -> None:
    html = (await site.get(KENT)).text
    (place,) = re.findall(r'href="\.\./\.\./(edition/[^"]+)">3 March 2026', html)
    page, _, anchor = place.partition("#")

    assert f'id="{anchor}"' in (await site.get(f"/{page}")).text


async def test_a_service_graded_by_aspects_shows_each_of_them(site: Visitor) -> None:
    html = said(await site.get(LEEDS))

    assert "a grade in each area, and no overall grade" in html
    assert "<h3>Safety</h3>" in html
    assert "since 6 February 2024 (published), up from Poor" in html
    assert ">published 6 February 2024</span>" in html  # no other grade of respect is known before
    assert re.findall(r"<li>(\w+): <b", html) == ["Safety", "Respect", "Safety"]  # in the same order as above


async def test_a_grade_that_the_latest_inspection_did_not_give_again_says_when_it_was_given(
    site: Visitor, service: Service
) -> None:
    """Nor is the day of a service's own inspection said to be the day on which a scale came in."""
    given = ("safety", "good", date(2024, 2, 6)), ("education", "poor", date(2019, 1, 5))
    ratings = [
        a_rating(grade, day, provider="hmi-prisons:18", aspect=aspect, scale="hmip-hpt-4")
        for aspect, grade, day in given
    ]
    prison = a_provider("hmi-prisons:18", "HMP York", kind="prison", inspectorate="hmi-prisons")
    await service.store.providers.load([prison], ratings, whole=False)
    await keep(service)
    html = said(await site.get("/services/hmi-prisons/hmi-prisons:18", follow_redirects=True))

    assert 'Poor</b> <span class="soft small">when last graded, 5 January 2019 (published)</span>' in html
    assert ">published 6 February 2024</span>" in html
    assert "HM Inspectorate of Prisons number 18" in html


async def test_a_page_promises_no_link_that_it_does_not_have(site: Visitor, service: Service) -> None:
    grades = ("good", date(2019, 1, 5)), ("poor", date(2024, 2, 6))
    await service.store.providers.load(
        [a_provider("solo", "Solo")],
        [a_rating(grade, day, provider="solo", link="") for grade, day in grades],
    )
    await keep(service)
    html = (await site.get("/services/hmi-probation/solo")).text

    assert "Each dot is a grade, at the day it was published.</p>" in html
    assert "a link for each grade" not in html
    assert "Each links to" not in html


async def test_a_date_says_what_happened_and_since_is_said_only_of_a_move(
    site: Visitor, service: Service
) -> None:
    """Ash was inspected before it was published; Elm kept its first grade; Oak has one grade alone."""
    good = {"grade": "good", "published_on": date(2023, 8, 9)}
    await service.store.providers.load(
        [a_provider(name.casefold(), name) for name in ("Ash", "Elm", "Oak")],
        [
            a_rating("inadequate", date(2019, 5, 1), provider="ash", inspected_on=date(2019, 4, 1)),
            a_rating(**good, provider="ash", inspected_on=date(2023, 7, 6)),
            a_rating("good", date(2019, 5, 1), provider="elm"),
            a_rating(**good, provider="elm", inspected_on=date(2023, 7, 6)),
            a_rating(**good, provider="oak"),
        ],
    )
    await keep(service)
    ash, elm, oak = [said(await site.get(f"/services/hmi-probation/{one}")) for one in ("ash", "elm", "oak")]

    assert "since 6 July 2023 (inspected), up from Inadequate</span>" in ash
    assert '<th scope="row">Inspected 6 July 2023</th>' in ash
    assert "Each dot is a grade, at the day of the inspection: select" in ash
    assert '<b class="up">Green</b> marks a move up, whatever the grade.' in ash
    assert ">published 1 May 2019, confirmed 6 July 2023 (inspected)</span>" in elm
    assert "at the day of the inspection or, where we do not know it, of publication: select" in elm
    assert ">published 9 August 2023</span>" in oak
    assert "marks a move" not in elm + oak
    assert "<svg" not in oak  # one grade is no drawing


async def test_what_cannot_be_compared_is_said_once_and_boxes_are_explained_before_them(
    site: Visitor, service: Service
) -> None:
    """Two grades of safety before disagree, so it is compared with neither; respect has one grade."""
    own = {"provider": "hmi-prisons:4", "scale": "hmip-hpt-4"}
    first, last = date(2019, 5, 1), date(2024, 2, 6)
    await service.store.providers.load(
        [a_provider("hmi-prisons:4", "Ash", kind="prison", inspectorate="hmi-prisons")],
        [
            a_rating("poor", first, aspect="safety", **own),
            a_rating("good", first, aspect="safety", link="https://inspectorate.example/other", **own),
            a_rating("good", last, aspect="safety", **own),
            a_rating("good", last, aspect="respect", **own),
        ],
    )
    await keep(service)
    html = said(await site.get("/services/hmi-prisons/hmi-prisons:4-ash"))
    areas = html[html.index('id="now"') : html.index('class="act"')]

    assert areas.count("Not comparable with an earlier grade: safety.") == 1
    assert "not comparable" not in html
    assert areas.count("Each box is a grade") == 1
    assert areas.index("Each box is a grade") < areas.index('class="strip"')
    assert "thick border" not in areas


async def test_a_name_is_text_wherever_it_stands(site: Visitor) -> None:
    answer = await site.get("/services/hmi-probation/hmi-probation:9", follow_redirects=True)

    assert answer.status_code == 200
    assert "<b>Home" not in answer.text
    assert "We know of no grade for this service" in answer.text


async def test_to_watch_a_service_is_to_join_with_it_chosen(site: Visitor, service: Service) -> None:
    before = await service.everything()
    html = (await site.get(KENT)).text
    (link,) = re.findall(r'class="button" href="\.\./\.\./([^"]+)"', html)
    form = (await site.get(f"/{link}")).text

    assert re.search(r'<textarea id="watched"[^>]*>\s*Kent PDU</textarea>', form)
    assert "<details open>\n<summary>More choices" in form
    assert await service.everything() == before
    assert "<h1>Watch Kent PDU by email</h1>" in form
    unknown = (await site.get("/join?watch=%3Cscript%3E")).text
    assert unknown == (await site.get("/join")).text


async def test_a_long_history_makes_no_large_page(site: Visitor, service: Service) -> None:
    """Thirty inspections, each with six grades: the latest are shown, and the page says how many are not."""
    grades = ("inadequate", "requires improvement", "good", "outstanding")
    aspects = (OVERALL, "assessment", "planning", "leadership", "reviewing", "staff")
    ratings = [
        a_rating(grades[(visit + n) % 4], date(1996 + visit, 5, 6), provider="old-hall", aspect=aspect)
        for visit in range(30)
        for n, aspect in enumerate(aspects)
    ]
    await service.store.providers.load([a_provider("old-hall", "Old Hall")], ratings, whole=False)
    await keep(service)

    answer = await site.get("/services/hmi-probation/old-hall")

    assert "17 earlier inspections are not shown." in answer.text
    assert answer.text.count('<th scope="row">') == 13
    assert len(answer.content) < 60_000


async def test_the_chart_of_an_area_begins_with_its_own_first_grade(site: Visitor, service: Service) -> None:
    given = (OVERALL, 2012), (OVERALL, 2024), ("leadership", 2022), ("leadership", 2024)
    ratings = [a_rating("good", date(year, 5, 6), provider="yew", aspect=one) for one, year in given]
    await service.store.providers.load([a_provider("yew", "Yew")], ratings, whole=False)
    await keep(service)
    html = (await site.get("/services/hmi-probation/yew")).text
    overall, area = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    years = [re.findall(r">(\d{4})</text>", one) for one in (overall, area)]

    assert int(years[0][0]) < 2022
    assert years[1][0] == "2022"
    assert html.index("Read the report</a>") < html.index('class="act"')


def luminance(colour: str) -> float:
    """How light a colour such as "#7f8588" is, as WCAG 2.2 counts it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


async def test_an_empty_box_can_be_seen_in_light_and_dark(site: Visitor) -> None:
    """Its border stands out 3 to 1 from what is around it and in it; that of the grade before is thicker."""
    css = (await site.get("/site.css")).text
    colours = {name: re.findall(rf"--{name}: (#\w+)", css) for name in ("edge", "paper", "tint")}
    for scheme, place in (("light", 0), ("dark", 1)):
        edge, *others = [luminance(found[place]) for found in colours.values()]
        for other in others:
            assert (max(edge, other) + 0.05) / (min(edge, other) + 0.05) >= 3, scheme
    for box in (r"\.box", r"\.ladder li"):
        assert re.search(box + r" \{[^}]*border: 1px solid var\(--edge\)", css), box
    for box in (r"\.box\.before", r"\.ladder \.was"):
        assert re.search(box + r" \{[^}]*border: 3px solid var\(--ink\)", css), box
