"""Feeds of what is mailed: for every reader program, whatever a publisher's title holds, and stable."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import feedparser
import httpx2
import pytest
import sample_editions
from builders import DAY, a_change, a_provider, a_story, an_edition
from desk import BASE, Service
from worlds import keep, publish

from digest.changes import Movement
from digest.edition import Correction, Edition, SectionKind

Visitor = httpx2.AsyncClient
ATOM = "{http://www.w3.org/2005/Atom}"
FORMATS = ("atom", "json")


@pytest.fixture
def days() -> tuple[Edition, ...]:
    """Two editions; the later one corrects what the earlier one told of Kent."""
    wrong = Correction(told_on=DAY, told=a_change(), why="We misread a table.")
    down = a_change(Movement.DOWNGRADE, "inadequate", before="good", before_on=date(2024, 3, 5))
    first = an_edition(a_story(1), a_story(2, SectionKind.DOWNGRADES, provider="ash", provider_name="Ash"))
    second = an_edition(
        a_story(1, SectionKind.CORRECTIONS, correction=wrong, change=down, evidence="Kent is inadequate."),
        a_story(3, SectionKind.NEWS, provider=None, provider_name=None, title="A plan <for> all & more"),
        day=DAY + timedelta(days=1),
    )
    return first, second


@pytest.fixture
async def told(service: Service, days: tuple[Edition, ...]) -> Service:
    await service.store.providers.load([a_provider(area="Kent"), a_provider("ash", "Ash", kind="YJS")], [])
    service.clock.on(days=30)
    await publish(service, *days)
    return service


def parsed(content: bytes) -> Any:
    found = feedparser.parse(content)
    assert not found.bozo, found.bozo_exception
    return found


def checked(content: bytes) -> list[ElementTree.Element]:
    """The entries of an Atom feed that has all that RFC 4287 asks of it."""
    root = ElementTree.fromstring(content)
    entries = root.findall(f"{ATOM}entry")
    for one in (root, *entries):
        for name in ("id", "title", "updated"):
            (found,) = one.findall(f"{ATOM}{name}")
            assert (found.text or "").strip(), name
        assert one.findall(f"{ATOM}author/{ATOM}name")
        alternates = [link.attrib for link in one.findall(f"{ATOM}link[@rel='alternate']")]
        assert len({(link.get("type"), link.get("hreflang")) for link in alternates}) == len(alternates) == 1
    for moment in root.iter(f"{ATOM}updated"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", moment.text or "")
        assert datetime.fromisoformat(moment.text or "").tzinfo
    assert len(root.findall(f"{ATOM}link[@rel='self']")) == 1
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == len(ids)
    _advised(root, entries)
    return entries


def _advised(root: ElementTree.Element, entries: list[ElementTree.Element]) -> None:
    """What the W3C's feed validator warns of beyond that, but for equal times: those of an edition are."""
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang")
    children = [child.tag for child in root]
    assert children[len(children) - len(entries) :] == [f"{ATOM}entry"] * len(entries)  # metadata comes first
    for link in root.iter(f"{ATOM}link"):
        assert link.get("rel") in {"self", "first", "next", "alternate", "via", "license"}
        assert re.match(r"https?://\S+$", link.get("href") or "")
        assert not (link.text or "").strip()
    for entry in entries:
        assert _TAG.fullmatch(entry.findtext(f"{ATOM}id") or "")
        assert all(category.get("term") for category in entry.findall(f"{ATOM}category"))
        html = entry.findtext(f"{ATOM}content") or ""
        assert html.strip()
        assert all(re.match("https?:|mailto:", address) for address in re.findall(r'href="([^"]*)"', html))
        assert not re.search(r"<(script|style|iframe|object|embed|form)\b|<[^>]* (on\w+|style|id)=", html)


_TAG = re.compile(r"tag:[a-z0-9.-]+,\d{4}(-\d{2}){2}:[A-Za-z0-9/._~-]+")
"""A tag URI as the validator takes it (RFC 4151)."""


def checked_json(content: bytes) -> list[dict[str, Any]]:
    """The items of a feed that has all that JSON Feed 1.1 asks of it."""
    found = json.loads(content)
    assert next(iter(found)) == "version"
    assert found["title"]
    assert found["home_page_url"]
    assert found.get("next_url") != found["feed_url"]
    assert all(author.get("name") for one in (found, *found["items"]) for author in one["authors"])
    for item in found["items"]:
        assert isinstance(item["id"], str)
        assert item["content_html"].strip()
        assert all(isinstance(tag, str) and tag for tag in item["tags"])
        for name in ("date_published", "date_modified"):
            assert datetime.fromisoformat(item[name]).tzinfo
        own = {key for key in item if key.startswith("_")}
        assert own <= {"_licence"}
        assert all("." not in key and "about" in item[name] for name in own for key in item[name])
    assert len({item["id"] for item in found["items"]}) == len(found["items"])
    items: list[dict[str, Any]] = found["items"]
    return items


async def test_a_feed_has_all_that_readers_and_their_programs_need(site: Visitor, told: Service) -> None:
    answer = await site.get("/feeds/movements.atom")

    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert len(checked(answer.content)) == 3
    found = parsed(answer.content)
    assert [entry.title for entry in found.entries] == [
        "Kent PDU: correction, now Inadequate",
        "Ash: down from Requires improvement to Good",
        "Kent PDU: corrected on 11 March 2026",
    ]
    [now, other, before] = found.entries
    assert now.id == "tag:digest.example.org,2026-03-11:/story/2026031100000"
    assert now.published == now.updated == "2026-03-11T12:00:00+00:00"
    assert "This corrects our edition of 10 March 2026. We misread a table." in now.summary
    assert (before.published, before.updated) == ("2026-03-10T12:00:00+00:00", "2026-03-11T12:00:00+00:00")
    assert "Good" not in before.summary
    assert other.link == f"{BASE}/edition/2026-03-10#story-2-0"
    assert found.feed.links[0].href == f"{BASE}/feeds/movements.atom"


async def test_both_formats_say_the_same(site: Visitor, told: Service) -> None:
    entries = parsed((await site.get("/feeds/reports.atom")).content).entries
    answer = await site.get("/feeds/reports.json")

    assert answer.headers["Content-Type"] == "application/feed+json; charset=utf-8"
    found = json.loads(answer.content)
    assert found["version"] == "https://jsonfeed.org/version/1.1"
    assert found["feed_url"] == f"{BASE}/feeds/reports.json"
    assert [(one["id"], one["title"], one["url"], one["date_modified"]) for one in found["items"]] == [
        (one.id, one.title, one.link, one.updated) for one in entries
    ]
    assert len(entries) == 4
    assert "A plan <for> all & more" in {one["title"] for one in found["items"]}


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("inspectorate=hmi-probation&kind=yjs", ["2026031000001"]),
        ("area=kent&area=nowhere+else", []),
        ("provider=kent-pdu", ["2026031100000", "2026031000000"]),
        ("area=Kent", ["2026031100000", "2026031000000"]),
        ("kind=YJS&watched=kent-pdu", ["2026031100000", "2026031000001", "2026031000000"]),
        ("inspectorate=hmi-prisons", []),
    ],
)
async def test_choices_are_those_of_a_subscription(
    site: Visitor, told: Service, query: str, numbers: list[str]
) -> None:
    answer = await site.get(f"/feeds/movements.atom?{query}")

    if "nowhere" in query:
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert "nowhere else" in answer.json()["detail"]
        return
    entries = checked(answer.content)
    assert [(one.findtext(f"{ATOM}id") or "").rpartition("/")[2] for one in entries] == numbers


async def test_a_service_has_a_feed_of_its_own_under_one_address(site: Visitor, told: Service) -> None:
    home = f"{BASE}/services/hmi-probation/kent-pdu"
    links = re.findall(r'rel="alternate"[^>]* href="([^"]+/feed\.[^"]+)"', (await site.get(home)).text)
    assert links == [f"{home}/feed.{form}" for form in FORMATS]

    answer = await site.get(links[0])
    assert len(checked(answer.content)) == 2
    found = parsed(answer.content)
    assert found.feed.id == links[0]
    assert found.feed.title == "Kent PDU: Inspections at Noon"
    assert {link.href for link in found.feed.links if link.rel == "alternate"} == {home}
    assert [item["url"] for item in (await site.get(links[1])).json()["items"]] == [
        entry.link for entry in found.entries
    ]

    other = await site.get("/services/ofsted/kent-pdu-old-name/feed.atom")
    assert other.status_code == 301
    assert str(other.next_request and other.next_request.url) == links[0]
    assert (await site.get("/services/ofsted/nobody/feed.atom")).status_code == 404


@pytest.mark.parametrize(
    "query", ["before=x", "before=0", "before=1&before=2", "before=99999999999999999999", "commentary=maybe"]
)
async def test_what_is_no_choice_is_said_in_a_sentence(site: Visitor, query: str) -> None:
    answer = await site.get(f"/feeds/reports.json?{query}")

    assert (answer.status_code, answer.json()["status"]) == (400, 400)
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_feed_is_the_same_in_every_byte_until_something_is_told(
    site: Visitor, service: Service, days: tuple[Edition, ...]
) -> None:
    service.clock.on(days=7)
    await publish(service, days[0])
    first = [await site.get(f"/feeds/reports.{form}") for form in FORMATS]
    service.clock.on(hours=1)
    again = [await site.get(f"/feeds/reports.{form}?utm_source=x") for form in FORMATS]
    assert [one.content for one in again] == [one.content for one in first]
    assert [one.headers["ETag"] for one in again] == [one.headers["ETag"] for one in first]

    service.clock.on(days=1)
    await publish(service, days[1])
    later = [await site.get(f"/feeds/reports.{form}") for form in FORMATS]
    assert all(one.content != other.content for one, other in zip(later, first, strict=True))


async def test_nothing_is_in_a_feed_before_its_noon(site: Visitor, service: Service) -> None:
    service.clock.on(days=7)
    service.clock.on(hours=-3)  # 11 o'clock
    await publish(service, an_edition(a_story()))

    empty = await site.get("/feeds/reports.atom")
    assert checked(empty.content) == []
    assert (await site.get("/api/v1/reports")).json()["stories"] == []
    assert (await site.get("/api/v1/editions/2026-03-10")).status_code == 404
    assert b"Kent" not in (await site.get("/data/movements.csv")).content

    service.clock.on(hours=1)
    await keep(service)
    assert len(checked((await site.get("/feeds/reports.atom")).content)) == 1


async def test_the_pages_of_a_feed_lead_to_every_entry_once(site: Visitor, service: Service) -> None:
    service.clock.on(days=30)
    await publish(service, an_edition(*(a_story(n, title=f"Story {n}") for n in range(70))))

    for form in FORMATS:
        seen: list[str] = []
        address: str | None = f"{BASE}/feeds/reports.{form}"
        while address:
            content = (await site.get(address)).content
            if form == "atom":
                found = parsed(content)
                seen += [entry.id for entry in found.entries]
                address = next((link.href for link in found.feed.links if link.rel == "next"), None)
                assert found.feed.id == f"{BASE}/feeds/reports.atom"
            else:
                page = json.loads(content)
                seen += [item["id"] for item in checked_json(content)]
                assert page["feed_url"] == f"{BASE}/feeds/reports.json"
                address = page.get("next_url")
        assert len(seen) == len(set(seen)) == 70
        assert seen == sorted(seen, reverse=True)


EVIL = [
    "]]><script>alert(1)</script>&nbsp;&#0;",
    "bell\x07 null\x00 escape\x1b[31m nonchar\ufffe\uffff",
    "\u202egnihsilbup\u202c \u2066hidden\u2069 \u200b\u200b",
    "שלום עולם ارزیابی",
    "'\" onmouseover=x {{ 7*7 }} {% raw %}",
    "😀" * 400,
]


@pytest.mark.parametrize("text", EVIL)
async def test_whatever_publishers_write_a_feed_is_legal(site: Visitor, service: Service, text: str) -> None:
    service.clock.on(days=30)
    stored = text.replace("\x00", "\ufffd")  # the store takes no NUL
    await publish(service, sample_editions.hostile(stored))

    content = (await site.get("/feeds/reports.atom")).content
    entries = checked(content)
    assert entries
    parsed(content)
    for entry in entries:
        html = entry.findtext(f"{ATOM}content") or ""
        assert "<script" not in html
        assert "<a onmouse" not in html
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069\ufffe\uffff]", html)
    items = checked_json((await site.get("/feeds/reports.json")).content)
    assert [item["id"] for item in items] == [entry.findtext(f"{ATOM}id") for entry in entries]
    assert (await site.get("/api/v1/reports")).status_code == 200


async def test_a_feed_states_the_licence_of_the_inspectorate_and_not_of_a_blog(
    site: Visitor, told: Service
) -> None:
    found = json.loads((await site.get("/feeds/reports.json")).content)["items"]
    by_number = {item["id"].rpartition("/")[2]: item for item in found}

    assert by_number["2026031000001"]["_licence"] == {
        "about": f"{BASE}/data",
        "name": "A licence",
        "link": "https://licence.example/",
        "attribution": "Contains what A licence covers.",
    }
    page = (await site.get("/data")).text
    assert "Contains what A licence covers." in page


async def test_public_pages_name_the_feeds(site: Visitor) -> None:
    html = (await site.get("/about")).text
    links = re.findall(r'<link rel="alternate" type="([^"]+)" title="[^"]+" href="\./([^"]+)">', html)

    assert len(links) == 4
    for kind, page in links:
        assert (await site.get(f"/{page}")).headers["Content-Type"].startswith(kind)
