"""An edition as a page: every story of the day as its mail told it, and beside it what became known since."""

from __future__ import annotations

import asyncio
import html
import re
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from enum import Enum
from itertools import chain
from typing import Any

import httpx2
import pytest
import sample_editions as samples
from builders import DAY, a_change, a_provider, a_story, an_edition
from desk import BASE, KNOWN, SENDER, Service
from sample_editions import LONDON
from shelf import a_closing_line, a_week
from worlds import publish, seal

from digest.changes import Movement
from digest.edition import Correction, Edition, SectionKind, SourceNote, StoryKey
from digest.pages.wished import MOST_DAYS, copy_page
from digest.ports import Carried
from digest.present.layout import PLANS, Plan, edition_view
from digest.present.tidy import tidy
from digest.providers import Register
from digest.reports import Judgement
from digest.schedule import Weekday
from digest.site import editions
from digest.site.addresses import edition_page
from digest.subscriptions import Wishes

Visitor = httpx2.AsyncClient

LATER = DAY + timedelta(days=2)
NEXT = LATER + timedelta(days=1)


def words(page: str) -> str:
    """What is read on a page, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def anchors(page: str) -> list[str]:
    return re.findall(r'id="(story-\d+-\d+)"', page)


HIDDEN = "\U000e0069\ufe01\u200b\u202e\u200d"


@pytest.fixture
async def page(site: Visitor, service: Service) -> Any:
    """Reads the page of an edition, or what a query chooses of it."""
    service.clock.on(days=30)

    async def read(day: date = DAY, query: str = "") -> str:
        answer = await site.get(f"/edition/{day}{query}")
        assert answer.status_code == 200
        return answer.text

    return read


def two_days() -> tuple[Edition, Edition]:
    """The later edition corrects what the earlier one told of Kent."""
    wrong = Correction(told_on=DAY, told=a_change(), why="We misread a table.")
    down = a_change(Movement.DOWNGRADE, "inadequate", before="good", before_on=date(2024, 3, 5))
    ash = {"provider": "ash", "provider_name": "Ash", "inspectorate": "hmi-prisons"}
    first = an_edition(a_story(1), a_story(2, SectionKind.DOWNGRADES, change=down, **ash))
    second = an_edition(
        a_story(1, SectionKind.CORRECTIONS, correction=wrong, change=down, evidence="Kent is inadequate."),
        day=LATER,
    )
    return first, second


@pytest.fixture
async def told(service: Service, page: Any) -> Service:
    ash = a_provider("ash", "Ash", inspectorate="hmi-prisons", kind="prison")
    await service.store.providers.load([a_provider(area="Kent"), ash], [])
    await publish(service, *two_days())
    return service


async def test_a_busy_day_is_there_as_a_whole_with_a_place_for_each_story(
    page: Any, service: Service
) -> None:
    plan = PLANS[0]
    edition = an_edition(*(a_story(n) for n in range(1, plan.told + plan.listed + 10)))
    await seal(service.store, edition)

    shown = await page()

    assert anchors(shown) == [story.key.anchor for story in edition.stories]
    assert "left out" not in shown
    assert SENDER.daily_at in shown


async def test_the_first_page_of_a_large_edition_leads_to_each_story(page: Any, service: Service) -> None:
    """An address of a story has no page in it: so the first page has a place for each, told or named."""
    edition = an_edition(*(a_story(n) for n in range(1, 121)))
    await seal(service.store, edition)

    first = await page()

    told = {1: re.findall(r'<(?:article|li) class="entry" id="(story-[^"]+)"', first)}
    for number in range(2, 5):
        shown = await page(query=f"?page={number}")
        told[number] = anchors(shown)
        assert f"Page {number} of 4" in shown
        assert f", page {number} –" in shown[: shown.index("</title>")]
        assert f'/edition/{DAY}?page={number}"' in shown[: shown.index("</head>")]
    assert sorted(chain(*told.values())) == sorted(story.key.anchor for story in edition.stories)
    named = re.findall(r'<li id="(story-[^"]+)"><a href="\?page=(\d)#(story-[^"]+)">', first)
    assert [(there, int(number)) for there, number, _ in named] == [
        (anchor, number) for number in range(2, 5) for anchor in told[number]
    ]
    assert all(there == leads for there, _, leads in named)
    assert await page(query="?page=99") == await page(query="?page=4")


async def test_a_large_edition_stays_small_for_who_has_a_long_address(page: Any, service: Service) -> None:
    """Each link to another page has the whole address: wishes for many places, and weeks that were missed."""
    await seal(service.store, an_edition(*(a_story(n) for n in range(1, 301)), day=LATER))
    missed = "&".join(f"late={LATER - timedelta(days=n)}" for n in range(1, MOST_DAYS + 1))

    shown = await page(LATER, f"/reports?{missed}")

    assert len(shown.encode()) < 60_000
    named = len(re.findall(r'<li id="story-', shown))
    assert f"And {280 - named} more." in shown


async def test_pages_of_a_large_edition_keep_what_is_chosen(page: Any, service: Service) -> None:
    down = a_change(Movement.DOWNGRADE, "inadequate", before="good")
    falls = (a_story(n, SectionKind.DOWNGRADES, change=down) for n in range(51, 111))
    await publish(service, an_edition(*(a_story(n) for n in range(1, 51)), *falls))

    shown = await page(query="?movement=downgrade&page=2")

    assert set(anchors(shown)) < {f"story-{n}-0" for n in range(51, 111)}
    assert 'href="?movement=downgrade"' in shown
    assert "Page 2 of 2" in shown


async def test_the_page_says_what_the_mail_said(page: Any, service: Service) -> None:
    """In the same words, with the sentence and the link that state each grade."""
    stories = (samples.durham(), samples.a_downgrade(), samples.a_not_comparable(), samples.a_record_story())
    edition = samples.an_edition(*stories, samples.a_retelling(), samples.a_thematic())
    await publish(service, edition)
    view = edition_view(
        tidy(edition), Wishes(), Plan(told=20, listed=20), known=KNOWN, register=Register(), zone=LONDON
    )
    values = {
        "sender": SENDER,
        "layout": view,
        "leave_url": "l",
        "manage_url": "m",
        "share_url": "s",
        "copy_url": "c",
    }
    values |= {"service_url": samples.service_page, "watch_url": samples.watch_page}
    mail = service.renderer.render("mail/edition/body.html", values)
    shown = await page(edition.day)

    for story in stories:
        assert story.evidence in words(shown)
        assert f'href="{story.link}"' in shown
    in_mail = {words(one) for one in re.findall(r"<(?:li|blockquote|h2|h3|h4)[^>]*>(.*?)</", mail, re.DOTALL)}
    assert len(in_mail) > 20
    on_page = words(shown)
    assert [one for one in in_mail if one not in on_page] == ["About this email"]


async def test_a_corrected_story_stays_as_it_was_told_and_leads_to_its_correction(
    page: Any, told: Service
) -> None:
    first, second = await page(), await page(LATER)
    (key,) = (one.key for one in two_days()[1].stories)

    assert f'href="../edition/{LATER}#{key.anchor}"' in first
    assert f"Corrected on {LATER.day} March 2026" in words(first)
    assert "up from Requires improvement" in words(first)
    assert words(first).count("Corrected on") == 1
    assert f'href="../edition/{DAY}#{key.anchor}"' in second
    assert "Corrected on" not in words(second)
    assert anchors(second) == [key.anchor]


async def test_a_correction_of_tomorrow_is_not_told_today(site: Visitor, told: Service) -> None:
    told.clock.on(days=(LATER - timedelta(days=1) - told.clock.now().date()).days)

    shown = (await site.get(f"/edition/{DAY}")).text

    assert anchors(shown)
    assert "Corrected" not in shown
    assert str(LATER) not in shown


@pytest.mark.parametrize(
    ("query", "names", "said"),
    [
        ("?inspectorate=hmi-prisons", ["story-2-0"], "HM Inspectorate of Prisons"),
        ("?area=Kent", ["story-1-0"], "Kent"),
        ("?kind=prison&movement=downgrade", ["story-2-0"], "Prison, Moved down"),
        ("?area=Kent&movement=downgrade", [], "Kent, Moved down"),
        ("?area=Atlantis", [], "Atlantis"),
    ],
)
async def test_a_choice_shows_those_stories_alone_and_says_so(
    page: Any, told: Service, query: str, names: list[str], said: str
) -> None:
    shown = await page(DAY, query)

    assert anchors(shown) == names
    assert f"Showing {len(names)} of 2 stories: {said}. Show all" in words(shown)
    assert f'<link rel="canonical" href="{BASE}/edition/{DAY}">' in shown
    assert anchors(await page()) == ["story-2-0", "story-1-0"]  # the lower grade first


async def test_a_readers_copy_has_what_they_were_mailed_in_their_order(page: Any, told: Service) -> None:
    watching = Wishes(watched=("kent-pdu",))
    shown = await page(DAY, copy_page("", watching))

    assert anchors(shown) == ["story-1-0", "story-2-0"]
    assert "Services you watch" in shown
    prisons = await page(DAY, copy_page("", Wishes(inspectorates=("hmi-prisons",))))
    assert anchors(prisons) == ["story-2-0"]
    assert "Showing 1 of 2 stories, as you chose. Show all" in words(prisons)
    assert f'href="../../edition/{DAY}">Show all' in prisons
    assert f'rel="canonical" href="{BASE}/edition/{DAY}"' in prisons


async def test_a_weekly_readers_copy_has_the_whole_week_as_they_got_it(page: Any, told: Service) -> None:
    """What was corrected in the week is told once, as corrected; what was missed is late."""
    week = copy_page("", Wishes(), Carried(kept=(DAY,)))
    shown = await page(LATER, week)

    assert anchors(shown) == ["story-1-0", "story-2-0"]
    assert f"<h1>The week to Thursday {LATER.day} March 2026</h1>" in shown
    assert f"Stories of Tuesday {DAY.day} March and Thursday {LATER.day} March" in words(shown)
    assert "Showing" not in shown
    assert "Late:" not in words(shown)
    assert f'rel="canonical" href="{BASE}/edition/{LATER}"' in shown

    prisons = Wishes(inspectorates=("hmi-prisons",))
    late = await page(LATER, copy_page("", prisons, Carried(missed=(DAY,))))
    assert anchors(late) == ["story-2-0"]
    assert "Late: this was missing from our edition of Tuesday 10 March." in words(late)
    assert "The week to" not in late
    (whole,) = re.findall(r'href="\.\./\.\./edition/([^"]*)">Show all', late)
    assert anchors(await page(date.fromisoformat(whole[:10]), html.unescape(whole[10:]))) == [
        "story-1-0",
        "story-2-0",
    ]


@pytest.mark.parametrize(
    "query",
    ["with=yesterday", f"with={LATER}", "late=2025-03-10", "with=", "with=2026-03-01&late=10000-01-01"],
)
async def test_a_copy_carries_days_of_the_weeks_before_alone(
    site: Visitor, told: Service, query: str
) -> None:
    told.clock.on(days=30)

    assert (await site.get(f"/edition/{LATER}/reports?{query}")).status_code == 400


async def test_a_copy_for_wishes_that_we_do_not_know_is_refused(site: Visitor, told: Service) -> None:
    told.clock.on(days=30)

    assert (await site.get(f"/edition/{DAY}/reports?area=Atlantis")).status_code == 400
    assert (await site.get(f"/edition/{DAY}/else")).status_code == 404


@pytest.mark.parametrize(
    ("wishes", "page"),
    [
        (Wishes(), "edition/2026-03-10"),
        (Wishes(alerts=True), "edition/2026-03-10"),
        (Wishes(movements_only=True), "edition/2026-03-10/movements"),
        (
            Wishes(areas=("Kent",), commentary=False),
            "edition/2026-03-10/reports?area=Kent&commentary=no",
        ),
        (Wishes(watched=tuple(f"provider-number-{n}" for n in range(99))), "edition/2026-03-10"),
    ],
)
def test_the_address_of_a_copy_has_the_wishes_and_is_never_too_long(wishes: Wishes, page: str) -> None:
    assert copy_page(edition_page(DAY), wishes) == page


async def test_a_closing_line_stands_below_with_the_ratings_that_make_it_true(
    page: Any, told: Service
) -> None:
    story = a_story(1)
    line = a_closing_line(story, kind="<PDU>")
    odd = replace(line.proof[1], link="javascript:alert(1)")
    await seal(
        told.store,
        replace(an_edition(story, day=NEXT), closing=(replace(line, proof=(line.proof[0], odd)),)),
    )

    read = await page(NEXT)
    below = read[read.index('id="closing"') :]

    assert "Kent PDU is the third <PDU> rated Inadequate in our editions since 1 January." in words(below)
    assert "How we know" in below
    assert "Essex North PDU : Inadequate , 12 February 2026 · as we told it" in words(below)
    assert 'href="../services/hmi-probation/essex-north-pdu"' in below
    assert 'href="../edition/2026-02-12#story-500-0"' in below
    assert "javascript:" not in below
    assert "From our records" not in await page(NEXT, "?movement=downgrade")


async def test_a_closing_line_about_a_story_that_was_corrected_since_says_so(
    page: Any, told: Service
) -> None:
    wrong = Correction(told_on=NEXT, told=a_change(), why="We misread a table.")
    first = replace(an_edition(a_story(50), day=NEXT), closing=(a_closing_line(a_story(50)),))
    second = an_edition(
        a_story(50, SectionKind.CORRECTIONS, correction=wrong, change=a_change(), evidence="Kent is good."),
        day=NEXT + timedelta(days=1),
    )
    await publish(told, first, second)

    read = await page(NEXT)

    assert "Corrected on" in words(read[read.index('id="closing"') :])


async def test_the_week_stands_below_and_leads_to_the_stories_of_its_days(page: Any, told: Service) -> None:
    week = a_week()
    await seal(told.store, replace(an_edition(a_story(1), day=NEXT), scoreboard=week))

    read = await page(NEXT)
    below = read[read.index('id="week"') :]

    assert "Ofsted 6 14 0 1" in words(below)
    assert 'href="../edition/2026-03-04#story-601-0"' in below
    copy = await page(NEXT, "/reports?inspectorate=hmi-probation")
    assert "by the inspectorates that you follow" in copy
    assert "Low Meadow" not in copy


def test_the_address_of_a_copy_keeps_its_days_whatever_is_wished_for() -> None:
    carried = Carried(missed=(DAY - timedelta(days=9),), kept=(DAY - timedelta(days=1),))
    days = "with=2026-03-09&late=2026-03-01"

    kent = Wishes(areas=("Kent",), weekly=Weekday.TUESDAY, brief=True)
    assert copy_page(edition_page(DAY), kent, carried) == f"edition/{DAY}/reports?area=Kent&{days}"
    too_many = Wishes(watched=tuple(f"provider-number-{n}" for n in range(99)))
    for wishes in (Wishes(), too_many):
        assert copy_page(edition_page(DAY), wishes, carried) == f"edition/{DAY}/reports?{days}"
    four_weeks = Carried(missed=tuple(DAY - timedelta(days=n) for n in range(1, MOST_DAYS + 1)))
    assert copy_page(edition_page(DAY), Wishes(), four_weeks).count("late=") == MOST_DAYS


@pytest.mark.parametrize("day", ["0001-01-15", "0001-02-15", "9999-12-01"])
async def test_a_copy_of_a_day_at_the_end_of_the_calendar_is_not_there(site: Visitor, day: str) -> None:
    answer = await site.get(f"/edition/{day}/reports?with=0001-01-03")

    assert answer.status_code in {400, 404}


async def test_copies_of_many_days_are_made_one_by_one(
    site: Visitor, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody may ask for any days, and each choice is a page of its own."""
    await seal(service.store, *two_days())
    service.clock.on(days=30)
    at_once: list[int] = []
    under_way = 0

    async def values(*given: Any, **named: Any) -> Any:
        nonlocal under_way
        under_way += 1
        at_once.append(under_way)
        for _ in range(100):  # the others come as far as they can
            await asyncio.sleep(0)
        under_way -= 1

    monkeypatch.setattr(editions, "_values", values)
    days = (f"/edition/{LATER}/reports?late={LATER - timedelta(days=n)}" for n in range(1, 5))
    await asyncio.gather(*map(site.get, days))

    assert at_once == [1] * 4


async def test_an_edition_leads_to_the_ones_before_and_after_and_to_its_month(
    page: Any, told: Service
) -> None:
    first, second = await page(), await page(LATER)

    for near, html_of in ((("next", str(LATER)), first), (("prev", str(DAY)), second)):
        leads = [*re.finditer(r'rel="(\w+)" href="\.\./edition/([\d-]+)"', html_of)]
        assert [one.groups() for one in leads] == [near, near]
        assert leads[0].start() < html_of.index("<section") < leads[1].start()  # at the top, and at the end
    assert 'href="../archive/2026-03"' in first
    assert 'archive" aria-current="page">Archive</a>' in first


async def test_the_boxes_are_explained_before_the_first_and_only_what_is_used(
    page: Any, service: Service
) -> None:
    new = a_change(Movement.FIRST_RATING, "good", before=None)
    first = an_edition(a_story(1, SectionKind.STEADY, change=new), day=DAY)
    await publish(service, first, an_edition(a_story(2), day=LATER))

    rated, moved = await page(), await page(LATER)
    assert "The filled box is the grade now." in rated
    assert "thick border" not in words(rated)
    assert "now: green after a move up, red after a move down; the one with a thick border" in moved
    for one in (rated, moved):
        assert one.index("Each box is a grade") < one.index('class="strip"')


async def test_a_story_leads_to_the_page_of_its_service(site: Visitor, page: Any, told: Service) -> None:
    (kent,) = re.findall(r'<h3><a href="\.\.(/services/[^"]+)">Kent PDU</a></h3>', await page())

    assert (await site.get(kent)).status_code == 200


async def test_an_edition_is_there_at_noon_though_the_sites_tables_are_late(
    page: Any, service: Service
) -> None:
    await seal(service.store, *two_days())

    assert anchors(await page()) == ["story-2-0", "story-1-0"]


def with_hidden(value: Any) -> Any:
    """The value, in which every text hides something, and is markup."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return value if value.startswith(("https://", "hmi-", "durham")) else f"{HIDDEN}{value}<i>"
    if isinstance(value, tuple):
        return tuple(map(with_hidden, value))
    if is_dataclass(value) and not isinstance(value, StoryKey | type):
        return replace(value, **{f.name: with_hidden(getattr(value, f.name)) for f in fields(value)})
    return value


async def test_nothing_that_a_source_hides_in_its_texts_reaches_the_page(page: Any, service: Service) -> None:
    edition = an_edition(with_hidden(samples.durham()), with_hidden(samples.a_retelling()))
    note = SourceNote(name=f"{HIDDEN}A<i>", checked_at=None, trouble=None)
    await publish(service, replace(edition, sources=(note,)))

    shown = await page()

    assert "Durham Tees Valley CRC" in shown
    assert not set(shown) & set(HIDDEN)
    assert "<i>" not in shown


async def test_a_story_that_moved_by_area_alone_has_a_headline(page: Any, service: Service) -> None:
    """With its arrow; three areas, those that went down first, and how many more."""
    names = ("safety", "respect", "release", "purpose", "health")
    moves = [a_change(aspect=one, before="requires improvement", after="good") for one in names[:4]]
    moves.append(a_change(Movement.DOWNGRADE, "inadequate", before="good", aspect="health"))
    graded = tuple(Judgement(aspect=one, grade="", evidence=f"We judged {one}.") for one in names)
    story = a_story(1, change=None, evidence=None, aspects=tuple(moves), judgements=graded)
    await publish(service, an_edition(story))

    html = await page()
    told = html[html.index('id="story-1-0"') : html.index('<table class="aspects"')]
    assert re.findall(r'class="arrow (\w+)"', told) == ["down", "up", "up"]
    assert "Health moved down from Good to Inadequate" in words(told)
    assert "Safety moved up from Requires improvement to Good" in words(told)
    assert "And 2 more." in words(told)
