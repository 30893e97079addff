"""Tables: the best first, of one scale each, now or on a past day; and what readers must know of them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import httpx2
import pytest
from builders import DAY, a_provider, a_rating, a_story, an_edition
from desk import Service
from worlds import keep, publish

from digest.ratings import Inspectorates, Licence

Visitor = httpx2.AsyncClient

PROBATION = "/tables/hmi-probation"
PRISONS = "/tables/hmi-prisons"


@pytest.fixture(autouse=True)
async def world(service: Service) -> None:
    """Units with an overall grade, one without; prisons with grades of aspects alone."""
    units = [
        a_provider("ash", "Ash", area="Kent"),
        a_provider("beech", "Beech", area="Essex"),
        a_provider("cedar", "Cedar", area="Kent"),
        a_provider("dogwood", "Dogwood", kind="YJS", area="Kent"),
        a_provider("elder", "Elder", area="Kent"),
        a_provider("fir", "Fir", area="Essex"),
        a_provider("gorse", "Gorse", area="Essex"),
        *(
            a_provider(f"hmp-{name.lower()}", f"HMP {name}", kind="prison", inspectorate="hmi-prisons")
            for name in ("Oak", "Pine")
        ),
    ]
    prison = {"scale": "hmip-hpt-4"}
    ratings = [
        a_rating("good", date(2024, 1, 1), provider="ash"),
        a_rating("good", date(2025, 1, 1), provider="beech"),
        a_rating("inadequate", date(2021, 1, 1), provider="cedar"),
        a_rating("outstanding", date(2025, 6, 1), provider="cedar"),
        a_rating("requires improvement", date(2015, 1, 1), provider="dogwood"),
        a_rating("requires improvement", date(2016, 1, 1), provider="fir"),
        a_rating("requires improvement", date(2016, 1, 1), provider="gorse"),
        a_rating("good", date(2024, 1, 1), provider="hmp-oak", aspect="safety", **prison),
        a_rating("poor", date(2024, 1, 1), provider="hmp-oak", aspect="respect", **prison),
        a_rating("poor", date(2023, 1, 1), provider="hmp-pine", aspect="safety", **prison),
    ]
    await service.store.providers.load(units, ratings)
    await keep(service)


def cells(html: str) -> list[list[str]]:
    """The words in each row of the first table with a body, boxes left out."""
    body = re.findall(r"<tbody>(.*?)</tbody>", html, re.DOTALL)[0]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    return [
        [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)]
        for row in (re.sub(r"\n", " ", row) for row in rows)
    ]


async def table(site: Visitor, path: str) -> list[list[str]]:
    answer = await site.get(path)
    assert answer.status_code == 200, path
    return cells(answer.text)


async def names(site: Visitor, path: str) -> list[str]:
    answer = await site.get(path)
    assert answer.status_code == 200, path
    return re.findall(r'<th scope="row"[^>]*><a href="[^"]*">(.*?)</a></th>', answer.text)


async def test_the_best_grade_comes_first_then_the_latest_and_the_same_grade_shares_a_place(
    site: Visitor,
) -> None:
    assert [row[:3] for row in await table(site, PROBATION)] == [
        ["1st", "Cedar", "Outstanding"],
        ["Joint 2nd", "Beech", "Good"],
        ["Joint 2nd", "Ash", "Good"],
        ["Joint 4th", "Fir", "Requires improvement"],
        ["Joint 4th", "Gorse", "Requires improvement"],
        ["Joint 4th", "Dogwood", "Requires improvement"],
        ["", "Elder", "No grade now"],
    ]


async def test_in_a_long_table_each_grade_leads_to_the_first_service_that_has_it(
    site: Visitor, service: Service
) -> None:
    units = [a_provider(f"unit-{n}", f"Unit {n}") for n in range(52)]
    grades = [a_rating("good", date(2024, 1, 1), provider=f"unit-{n}") for n in range(51)]
    await service.store.providers.load(
        units, [*grades, a_rating("inadequate", date(2024, 1, 1), provider="unit-51")]
    )
    await keep(service)

    html = (await site.get(PROBATION)).text
    leads = dict(reversed(one) for one in re.findall(r'<a href="([^"]+)">([A-Z][\w ]+)</a>: [\d,]+ <', html))
    assert leads == {"Good": "?#grade-1", "Inadequate": "?page=2#grade-2"}
    assert '<tr id="grade-1">' in html
    second = (await site.get(f"{PROBATION}?page=2")).text
    assert "Unit 51" in second.partition('<tr id="grade-2">')[2].partition("</tr>")[0]
    assert "#grade" not in (await site.get(f"{PROBATION}?sort=name")).text


async def test_kinds_keep_the_area_and_the_day_and_count_only_all_services(site: Visitor) -> None:
    of_kind = r'<li><a href="([^"]+)">YJSs?</a>(.*?)</li>'

    assert re.findall(of_kind, (await site.get(PROBATION)).text) == [
        ("../tables/hmi-probation/yjs", ' <span class="soft">1</span>')
    ]
    assert re.findall(of_kind, (await site.get(f"{PROBATION}?area=Kent&on=2024-06-30")).text) == [
        ("../tables/hmi-probation/yjs?area=Kent&amp;on=2024-06-30", "")
    ]


async def test_a_move_is_said_in_words(site: Visitor) -> None:
    [cedar, *_] = await table(site, PROBATION)

    assert cedar[3:] == ["1 June 2025", "↗ Up from Inadequate to Outstanding", "Kent"]


@pytest.mark.parametrize(
    ("sort", "first", "heading", "said"),
    [
        ("", "Cedar", "Grade", "best grade first, then the latest"),
        ("name", "Ash", "Service", "by name"),
        ("date", "Cedar", "Rated", "the latest grade first"),
        ("moved", "Cedar", "Change", "the latest move up or down first"),
        ("<x>", "Cedar", "Grade", "best grade first, then the latest"),
    ],
)
async def test_a_table_says_by_what_it_is_sorted(
    site: Visitor, sort: str, first: str, heading: str, said: str
) -> None:
    html = (await site.get(f"{PROBATION}?sort={sort}")).text

    assert cells(html)[0][1] == first
    assert f"<caption>HM Inspectorate of Probation, {said}</caption>" in html
    [sorted_by] = re.findall(r'<th scope="col" aria-sort="\w+"><a href="[^"]*">([\w ]+?) <', html)
    assert sorted_by == heading


async def test_a_table_is_of_one_kind_and_one_area_by_plain_links_and_a_form(site: Visitor) -> None:
    html = (await site.get(PROBATION)).text

    assert 'href="../tables/hmi-probation/yjs"' in html
    assert await names(site, f"{PROBATION}/yjs") == ["Dogwood"]
    assert await names(site, f"{PROBATION}/pdu?area=Kent&on=&sort=") == ["Cedar", "Ash", "Elder"]
    assert "There are no services here" in (await site.get(f"{PROBATION}?area=Nowhere")).text


async def test_a_past_day_has_its_own_table(site: Visitor) -> None:
    past = f"{PROBATION}?on=2024-06-30"

    assert [row[:3] for row in await table(site, past)] == [
        ["1st", "Ash", "Good"],
        ["Joint 2nd", "Fir", "Requires improvement"],
        ["Joint 2nd", "Gorse", "Requires improvement"],
        ["Joint 2nd", "Dogwood", "Requires improvement"],
        ["5th", "Cedar", "Inadequate"],
    ]
    assert await names(site, f"{past}&sort=name") == ["Ash", "Cedar", "Dogwood", "Fir", "Gorse"]
    assert await names(site, f"{past}&sort=date") == ["Ash", "Cedar", "Fir", "Gorse", "Dogwood"]
    assert "as of 30 June 2024" in (await site.get(past)).text
    before = (await site.get(f"{PROBATION}/pdu?area=Kent&on=1990-01-01")).text
    assert "We know of no grades" in before
    assert 'href="../../tables/hmi-probation/pdu?area=Kent">Show today’s grades</a>' in before


async def test_a_table_of_a_past_day_begins_with_what_we_know_of_it(site: Visitor) -> None:
    html = (await site.get(f"{PROBATION}?on=2024-06-30&area=Kent")).text

    known = (
        "We know of a grade on 30 June 2024 for 3 of 4 services. This is what we know today about that day."
    )
    assert known in html[: html.index("<table")]
    assert "The filled box is the grade on that day" in html
    of_kind = (await site.get(f"{PROBATION}/yjs?on=2024-06-30")).text
    assert "for 1 of 1 service." in of_kind
    assert "for 2 of 2 services." in (await site.get(f"{PRISONS}?on=2024-06-30")).text


async def test_very_few_services_have_no_places_and_no_shares(site: Visitor) -> None:
    """Of one service, a first place and 100% say nothing."""
    few = (await site.get(f"{PROBATION}?area=Kent")).text  # three with a grade
    assert cells(few)[0][:2] == ["Cedar", "Outstanding"]
    one = (await site.get(f"{PROBATION}/yjs")).text
    assert [row[:2] for row in cells(one)] == [["Dogwood", "Requires improvement"]]
    for html in (few, one, (await site.get(PRISONS)).text):
        assert "Position" not in re.findall(r"<thead>.*?</thead>", html, re.DOTALL)[0]
        assert 'class="shares"' not in html
        assert "%)" not in html
    assert "Few services" in few
    assert "Few services" not in one  # there is nothing to compare it with


async def test_a_day_to_come_is_read_as_now(site: Visitor) -> None:
    assert await names(site, f"{PROBATION}?on=2999-01-01") == await names(site, PROBATION)


@pytest.mark.parametrize("on", ["2025-02-30", "yesterday", "0001-01-01", "9" * 500])
async def test_what_is_no_day_is_said_to_be_none(site: Visitor, on: str) -> None:
    answer = await site.get(f"{PROBATION}/pdu?on={on}")

    assert answer.status_code == 400
    assert "is not a real date" in answer.text
    assert 'href="../../tables/hmi-probation/pdu"' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/tables/nobody", f"{PROBATION}/prison", f"{PROBATION}/pdu/x", "/tables/%00"]
)
async def test_a_table_of_nothing_that_we_know_is_not_found(site: Visitor, path: str) -> None:
    assert (await site.get(path)).status_code == 404


@pytest.mark.parametrize("page", ["0", "-3", "abc", "999"])
async def test_any_page_is_the_nearest_that_there_is(site: Visitor, page: str) -> None:
    assert len(await names(site, f"{PROBATION}?page={page}")) == 7


async def test_without_an_overall_grade_there_is_no_order_of_merit(site: Visitor) -> None:
    html = (await site.get(PRISONS)).text

    assert [row[:3] for row in cells(html)] == [["HMP Oak", "Good", "Poor"], ["HMP Pine", "Poor", "None"]]
    assert "this table is in order of name" in html
    assert "Position" not in re.findall(r"<thead>.*?</thead>", html, re.DOTALL)[0]


async def test_a_table_of_aspects_can_be_sorted_by_each(site: Visitor) -> None:
    html = (await site.get(f"{PRISONS}?sort=safety")).text
    assert [row[0] for row in cells(html)] == ["HMP Oak", "HMP Pine"]
    assert "by safety, best first" in html
    last = await table(site, f"{PRISONS}?sort=respect&on=2023-06-01")
    assert [row[0] for row in last] == ["HMP Pine"]


async def test_a_move_of_an_aspect_is_said_in_words(site: Visitor, service: Service) -> None:
    ratings = [
        a_rating(grade, date(year, 1, 1), provider="hmp-yew", aspect="safety", scale="hmip-hpt-4")
        for grade, year in (("good", 2020), ("poor", 2025))
    ]
    yew = a_provider("hmp-yew", "HMP Yew", kind="prison", inspectorate="hmi-prisons")
    await service.store.providers.load([yew], ratings)
    await keep(service)

    [yew_row] = [row for row in await table(site, PRISONS) if row[0] == "HMP Yew"]
    assert yew_row[1] == "Poor (down from Good)"


async def test_a_small_or_old_table_says_how_little_it_may_mean(site: Visitor) -> None:
    html = (await site.get(PROBATION)).text

    assert "a difference between them may mean little" in html
    assert "the oldest on this page is from January 2015" in html
    assert "This ranking is ours. HM Inspectorate of Probation does not rank services." in html
    assert "from its reports and data." in html


async def test_the_bar_and_the_boxes_run_the_same_way(site: Visitor) -> None:
    """From the lowest grade to the best, as the heading says."""
    html = (await site.get(PROBATION)).text

    assert re.findall(r"<h2>Scale: ([^<,]+)", html) == ["Inadequate to Outstanding"]
    shares = html[html.index('<ul class="shares"') :].partition("</ul>")[0]
    assert re.findall(r"</svg> ([A-Z][a-z ]+):", shares) == ["Requires improvement", "Good", "Outstanding"]
    assert html.index("Each box is a grade") < html.index('class="strip"')


async def test_shares_are_said_in_numbers(site: Visitor) -> None:
    html = " ".join(re.sub(r"<[^>]+>", " ", (await site.get(PROBATION)).text).split())

    assert "Requires improvement: 3 (50%) Good: 2 (33%) Outstanding: 1 (17%)" in html


async def test_a_table_says_under_which_licence_its_grades_are(
    site: Visitor, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms = Licence(name="Open Licence", link="https://example.org/open", attribution="Thanks to all.")
    monkeypatch.setattr(Inspectorates, "named", lambda known, key: replace(known.all[0], licence=terms))

    html = (await site.get(PROBATION)).text

    assert 'Thanks to all. <a href="https://example.org/open">Open Licence</a>.' in html
    named = replace(terms, attribution="Used under the Open Licence v3.", name="Open Licence v3")
    monkeypatch.setattr(Inspectorates, "named", lambda known, key: replace(known.all[0], licence=named))
    again = (await site.get(f"{PROBATION}?sort=name")).text
    assert 'Used under the <a href="https://example.org/open">Open Licence v3</a>.' in again
    assert again.count("Open Licence v3") == 1


async def test_the_list_of_tables_leads_to_each(site: Visitor) -> None:
    html = (await site.get("/tables")).text

    for page in ("hmi-probation", "hmi-prisons", "hmi-probation/pdu", "hmi-probation/yjs"):
        assert f'href="./tables/{page}"' in html
        assert (await site.get(f"/tables/{page}")).status_code == 200


async def test_moves_are_those_of_our_editions_and_since_when_is_said(
    site: Visitor, service: Service
) -> None:
    """The register may know of moves before the first edition, which are not counted."""
    service.clock.on(days=30)
    await publish(service, an_edition(a_story(provider="ash", provider_name="Ash")))

    html = (await site.get(PROBATION)).text
    heading = re.findall(r"<h2>(Moves[^<]*)</h2>", html)
    assert heading == [f"Moves in our editions since {DAY.day} March {DAY.year}"]
    assert "earlier moves are not counted" in html
