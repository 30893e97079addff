"""All day: what a source lists is written down, then read one item at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from builders import DAY, KENT, a_provider, a_rating, a_timetable, inspectorates

from digest.adapters.newsletters import ImapFolders
from digest.changes import Movement
from digest.edition import SectionKind
from digest.edition_assembly import assemble
from digest.extract import read
from digest.items import Item, Page
from digest.jobs.listers.feed import FeedLister
from digest.jobs.not_read import TRIES
from digest.jobs.poll import Poller, Polling
from digest.jobs.read import Reader
from digest.jobs.source_kinds import NoNewsletters, NothingKept, listers
from digest.listing import Listed, Listing, NotAsked, NotListed, Unchanged
from digest.ports import Blocked, Fetched, HostShut, NotModified, Outcome, Unreached
from digest.reports import Reading
from digest.source_specs import SourceKind
from digest.sources import Authority, Source, Validators
from digest.store.sql import SqlStore

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)

START = datetime(2026, 3, 10, 8, tzinfo=UTC)
ROUND = timedelta(hours=2)
FEED = "https://inspectorate.example/feed"
SOURCE = Source(
    id="hmip",
    name="HM Inspectorate of Probation",
    url=FEED,
    authority=Authority.OFFICIAL,
    inspectorate="hmi-probation",
    every=timedelta(minutes=30),
    recent=timedelta(days=14),
    pages=20,
)
RATED = "The inspectorate has rated Kent PDU as Good."
A_BOT_CHECK = b"<html><title>Just a moment...</title><script>window._cf_chl_opt={}</script></html>"
NOTHING_LISTED = b'<rss version="2.0"><channel><title>HMIP</title></channel></rss>'


class Inline:
    """Workers that do their work here and now."""

    async def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)


@dataclass
class World:
    """The far side: what each address answers, and what a source lists."""

    time: datetime = START
    answers: dict[str, Outcome] = field(default_factory=dict)
    listing: Listing = field(default_factory=Unchanged)
    asked: list[str] = field(default_factory=list)

    def now(self) -> datetime:
        return self.time

    async def fetch(self, url: str, validators: Any = None, **_: Any) -> Outcome:
        self.asked.append(url)
        return self.answers[url]

    async def claim(self, hosts: Mapping[str, timedelta | None]) -> frozenset[str]:
        return frozenset(hosts)

    async def list_items(self, source: Source, known: Validators) -> Listing:
        return self.listing


def item(name: str) -> Item:
    return Item(title=f"Report {name}", guid=name, link=f"https://inspectorate.example/{name}")


def a_page(url: str, body: bytes = b"<p>Nothing.</p>") -> Fetched:
    return Fetched(url=url, body=body, content_type="text/html", validators=Validators())


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def poll(store: SqlStore, world: World) -> Callable[[], Any]:
    """Polls the one source two hours after the last time; it has listed an old item before."""
    reader = Reader(inspectorates=inspectorates(), store=store, fetcher=world, workers=Inline(), clock=world)
    poller = Poller(
        sources=(SOURCE,),
        listers={SourceKind.FEED: world},
        reader=reader,
        store=store,
        clock=world,
        hosts=world,
    )

    async def polled() -> Polling:
        world.time += ROUND
        [polling] = await poller.poll()
        return polling

    await store.providers.load([a_provider()], [])
    world.listing = Listed(items=(item("known"),))
    await polled()
    return polled


async def test_an_item_that_cannot_be_had_does_not_keep_the_next_from_being_read(
    poll: Callable[[], Any], world: World
) -> None:
    world.listing = Listed(items=(item("a"), item("b")))
    world.answers[item("a").link or ""] = Blocked(reason="410 Gone")
    world.answers[item("b").link or ""] = a_page(item("b").link or "")

    polling = await poll()

    assert (polling.listed, polling.trouble, polling.parked) == (2, None, ())
    assert [candidate.title for candidate in polling.candidates] == ["Report b"]


async def test_an_item_that_brings_out_a_fault_of_ours_does_not_keep_the_next_from_being_read(
    poll: Callable[[], Any], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumbles(page: Page, **facts: Any) -> Reading:
        if page.url == item("a").link:
            raise RecursionError("too deep")
        return read(page, **facts)

    monkeypatch.setattr("digest.jobs.read.read", stumbles)
    world.listing = Listed(items=(item("a"), item("b")))
    world.answers = {(item(name).link or ""): a_page(item(name).link or "") for name in "ab"}

    polling = await poll()

    assert polling.trouble is None
    assert [candidate.title for candidate in polling.candidates] == ["Report b"]


async def test_an_item_is_parked_once_it_was_tried_often_enough(
    poll: Callable[[], Any], world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    world.listing = Listed(items=(item("a"),))
    world.answers[item("a").link or ""] = Unreached(reason="no answer")

    parked = []
    while not parked:
        world.time += timedelta(hours=6)
        parked += (await poll()).parked

    assert parked == ["Report a"]
    assert [r.getMessage() for r in caplog.records] == ["item put off"] * (TRIES - 1) + ["item parked"]


async def test_a_page_that_withdraws_a_rating_is_told_as_such_and_the_rating_is_no_longer_the_one_before(
    poll: Callable[[], Any], world: World, store: SqlStore
) -> None:
    said = "HM Inspectorate of Probation has withdrawn its rating of Kent PDU."
    title = "Kent PDU: rating withdrawn"
    body = f"<title>{title}</title><main><h1>{title}</h1><p>{said}</p></main>"
    await store.providers.load([a_provider()], [a_rating("good"), a_rating("inadequate", date(2021, 1, 4))])
    world.listing = Listed(items=(item("a"),))
    world.answers[item("a").link or ""] = a_page(item("a").link or "", body.encode())

    await poll()

    waiting = await store.editions.waiting(world.time + ROUND)
    edition = assemble(DAY, a_timetable(), waiting=waiting, told=(), sources=()).edition
    [section] = edition.sections
    [story] = section.stories
    assert (section.kind, story.evidence) == (SectionKind.WITHDRAWN, said)
    assert story.change is not None
    assert (story.change.movement, story.change.before) == (Movement.WITHDRAWN, "good")
    held = {rating.grade: rating.withdrawn for rating in await store.providers.history(KENT)}
    assert held == {"good": True, "inadequate": False}


async def test_a_withdrawal_listed_twice_is_told_once_and_withdraws_no_second_rating(
    poll: Callable[[], Any], world: World, store: SqlStore
) -> None:
    said = "HM Inspectorate of Probation has withdrawn its rating of Kent PDU."
    body = f"<title>Kent PDU: rating withdrawn</title><main><p>{said}</p></main>".encode()
    await store.providers.load([a_provider()], [a_rating("good"), a_rating("inadequate", date(2021, 1, 4))])
    world.answers = {(item(name).link or ""): a_page(item(name).link or "", body) for name in "ab"}
    for name in "ab":
        world.listing = Listed(items=(item(name),))
        await poll()
        await poll()

    waiting = await store.editions.waiting(world.time + ROUND)
    edition = assemble(DAY, a_timetable(), waiting=waiting, told=(), sources=()).edition
    assert [story.section for story in edition.stories] == [SectionKind.WITHDRAWN]
    held = {rating.grade: rating.withdrawn for rating in await store.providers.history(KENT)}
    assert held == {"good": True, "inadequate": False}


async def test_a_source_that_cannot_be_listed_is_asked_again_later_each_time(
    poll: Callable[[], Any], world: World, store: SqlStore
) -> None:
    world.listing = NotListed(reason="403 Forbidden", wait=timedelta(hours=1))

    assert (await poll()).trouble == "403 Forbidden"
    [memory] = await store.sources.polled()
    assert (memory.failures, memory.next_poll_at) == (1, world.time + timedelta(hours=1))


def test_every_kind_of_source_has_a_lister(kind: str, world: World) -> None:
    made = listers(
        fetcher=world,
        workers=Inline(),
        data_workers=Inline(),
        zone=ZoneInfo("Europe/London"),
        records=NothingKept(),
        inspectorates=inspectorates(),
        clock=world,
        keys={},
        folders=ImapFolders(),
        newsletters=NoNewsletters("nothing comes here"),
    )
    assert set(made) == set(SourceKind)


@pytest.mark.parametrize(
    ("answer", "listing"),
    [
        (NotModified(), Unchanged()),
        (Blocked(reason="403 Forbidden", wait=ROUND), NotListed(reason="403 Forbidden", wait=ROUND)),
        (Unreached(reason="no answer"), NotListed(reason="no answer", answered=False)),
        (HostShut(reason="shut", wait=ROUND), NotAsked(reason="shut", wait=ROUND)),
        (a_page(FEED, NOTHING_LISTED), Listed()),
        (
            Blocked(reason="403 Forbidden", by_server=True),
            NotListed(reason="403 Forbidden", refused=True),
        ),
        (a_page(FEED, A_BOT_CHECK), NotListed(reason="a bot check (Cloudflare)", refused=True)),
    ],
    ids=[
        "not modified",
        "blocked",
        "unreached",
        "a host that asked us to wait",
        "an empty feed",
        "a refusal",
        "a bot check",
    ],
)
async def test_a_feed_lists_what_its_server_gives(
    kind: str, world: World, answer: Outcome, listing: Listing
) -> None:
    world.answers[FEED] = answer

    lister = FeedLister(fetcher=world, workers=Inline(), zone=ZoneInfo("Europe/London"))
    assert await lister.list_items(SOURCE, Validators()) == listing
