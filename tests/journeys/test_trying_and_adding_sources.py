"""`digest sources test` and `add`: an operator sees what a site would bring before it is a source."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from command import digest
from feed_cases import a_feed
from journey_place import Place
from servers.publisher import Publisher, say

from digest.adapters.config.files import load_sources
from digest.adapters.config.packaged import packaged
from digest.app.directory import configured, open_database
from digest.providers import Provider
from digest.store.sql import SqlStore

PAGE = b"<title>All about prisons</title>"
COMMENTS = '<link rel="alternate" type="application/rss+xml" href="/comments/feed">'
REPORT = b"""<!doctype html><title>a</title><main><h1>a</h1>
<p>HM Inspectorate of Probation inspected Kent CRC in October 2026.
Kent CRC has been raised from requires improvement to good.</p>
<p>Inspectors visited the unit for three days in October. They spoke with staff and with the people who live
there, read records, and watched how the days go. Leaders know their service well and act on what they
learn.</p></main>"""
MAIN = '<link rel="alternate" type="application/rss+xml" href="feed" title="All posts">'


@asynccontextmanager
async def site(place: Place) -> AsyncIterator[Publisher]:
    """A publisher on this machine, and a config that may ask it."""
    file = place.config / "digest.yaml"
    text = file.read_text().replace("allow_private: false", "allow_private: true")
    file.write_text(text.replace("per_host: 2s", "per_host: 0s"))
    async with Publisher() as publisher:
        yield publisher


async def at_work(place: Place, *words: str, expect: int = 0) -> str:
    return await asyncio.to_thread(lambda: place.digest(*words, expect=expect))


def feed_of(publisher: Publisher, *names: str) -> bytes:
    return a_feed(*names).replace(b"https://probation.example/", publisher.url("/").encode())


async def stored(place: Place) -> tuple[int, int]:
    settings, secrets = configured(place.config)
    database = open_database(settings, secrets, place.config)
    try:
        store = SqlStore(database, seal=secrets.seal)
        return len(await store.sources.polled()), len((await store.sources.seen("one")).keys)
    finally:
        await database.dispose()


def only_source(place: Place, url: str) -> None:
    (place.config / "sources.yaml").write_text(
        f"sources:\n  - id: one\n    name: One\n    url: {url}\n    authority: official\n"
        "    inspectorate: hmi-probation\n    enabled: false\n"
    )


async def test_a_trial_shows_what_would_be_read_and_told_and_stores_nothing(place: Place) -> None:
    async with site(place) as publisher:
        only_source(place, publisher.url("/feed"))
        publisher.routes["/feed"] = say(200, feed_of(publisher, "a", "b", "c"))
        publisher.routes["/a"] = say(200, REPORT, Content_Type="text/html")

        unknown = await at_work(place, "sources", "test", "one", "--items", "1")
        async with place.opened() as store:
            kent = Provider(id="kent-crc", name="Kent CRC", kind="CRC", inspectorate="hmi-probation")
            await store.providers.load([kent], [])
        said = await at_work(place, "sources", "test", "one", "--items", "2")
        found = json.loads(await at_work(place, "sources", "test", "one", "--items", "2", "--json"))

        listed = await at_work(place, "sources", "list")

    assert listed.startswith("one  off  One\n    switched off in sources.yaml; no good check yet")
    assert "3 items, 3 of them not listed before; nothing is stored" in said
    assert "a poll would make this list the baseline: nothing of it is told" in said
    assert "not read: 404 Not Found" in said
    first, second = found["items"]
    assert (first["title"], first["trouble"], first["known"]) == ("a", None, False)
    (report,) = first["reports"]
    assert (report["provider"], report["overall"]["grade"]) == ("Kent CRC", "good")
    assert [change["movement"] for change in report["changes"]] == ["upgrade"]
    (story,) = first["stories"]
    assert (
        story["line"] == "upgrades: Kent CRC - upgrade from requires improvement to good (as the text says)"
    )
    assert f"told: {story['line']}\n" in said
    assert "waits for you" not in said
    assert "told: inspected: Kent CRC - not comparable to good" in unknown
    assert "waits for you: Kent CRC is not in the register" in unknown
    assert "until you decide, no movement is told: digest review accept N --why ..." in unknown
    assert second["trouble"] == "404 Not Found"
    assert await stored(place) == (0, 0)


DATASET = """sources:
  - id: one
    name: Homes
    url: {url}
    kind: dataset
    dataset: {{ key: Number, name: Name, ratings: [{{ scale: cqc-4, grade: Rating, published: On }}] }}
    authority: official
    inspectorate: cqc
"""


async def test_a_trial_of_a_file_of_data_shows_its_first_rows(place: Place) -> None:
    async with site(place) as publisher:
        (place.config / "sources.yaml").write_text(DATASET.format(url=publisher.url("/homes.csv")))
        body = b"Homes in Kent\nNumber,Name,Rating,On\n" + b"".join(
            b"%d,Home %d,Good,28/07/2026\n" % (n, n) for n in range(9)
        )
        publisher.routes["/homes.csv"] = say(200, body)

        said = await at_work(place, "sources", "test", "one", "--items", "1")
        checked = await at_work(place, "sources", "check", "one")
        publisher.routes["/homes.csv"] = say(200, body.replace(b"Rating", b"Ratings"))
        wrong = await at_work(place, "sources", "test", "one", expect=1)

    assert "9 items" in said
    assert "overall good: Rating: Good" in said
    assert "   Tue 28 Jul 2026; " in said
    assert "told: inspected: Home 0 - first rating to good (no earlier report is known)" in said
    assert "homes.csv, line 3" in said
    assert "  9 records" in checked
    assert 'line 2: found as the nearest "Ratings"; expected a column headed "Rating"' in wrong
    assert await stored(place) == (0, 0)


async def test_a_trial_of_a_source_that_is_polled_says_what_is_known_and_reads_it_all_the_same(
    place: Place,
) -> None:
    async with site(place) as publisher:
        only_source(place, publisher.url("/feed"))
        file = place.config / "sources.yaml"
        file.write_text(file.read_text().replace("    enabled: false\n", ""))
        publisher.routes["/feed"] = say(200, feed_of(publisher, "b"))
        await at_work(place, "poll")
        before = await stored(place)
        publisher.routes["/feed"] = say(200, feed_of(publisher, "a", "b"))
        for name in ("a", "b"):
            publisher.routes[f"/{name}"] = say(200, REPORT, Content_Type="text/html")

        found = json.loads(await at_work(place, "sources", "test", "one", "--json"))
        publisher.routes["/feed"] = say(200, feed_of(publisher, *(f"Old-{n}" for n in range(12)), "b"))
        many = await at_work(place, "sources", "test", "one", "--items", "1")

    assert found["admission"] == {
        "baseline": False,
        "held": 0,
        "held_why": None,
        "no_news": 0,
        "no_news_why": None,
    }
    why = "12 new items at once, where 10 are likely"
    assert f"  a poll would hold 12 new items for you: {why}\n" in many
    assert [(one["title"], one["known"]) for one in found["items"]] == [("a", False), ("b", True)]
    assert [len(one["reports"]) for one in found["items"]] == [1, 1]
    assert [len(one["stories"]) for one in found["items"]] == [1, 0]  # b says the same as a
    assert found["new"] == 1
    assert await stored(place) == before


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_trial_of_an_address_needs_no_state_and_no_source(place: Place) -> None:
    async with site(place) as publisher:
        publisher.routes["/feed"] = say(200, feed_of(publisher, "a\u202ehidden"))
        (place.config / "secrets.env").unlink()

        said = await at_work(place, "sources", "test", publisher.url("/feed"))
        assert "which items are known already is not known: there are no secrets" in said
        assert "\u202e" not in said
        page = await at_work(place, "sources", "test", publisher.url("/"), expect=1)
        assert "it cannot be read: 404 Not Found" in page
        assert "no source in sources.yaml has that id" in await at_work(
            place, "sources", "test", "nobody", expect=2
        )


Laid = Callable[[Publisher], str]


def named_by_the_page(site: Publisher) -> str:
    site.routes["/news/"] = say(200, PAGE + f"{COMMENTS}{MAIN}".encode(), Content_Type="text/html")
    site.routes["/news/feed"] = say(200, feed_of(site, "a", "b"))
    site.routes["/comments/feed"] = say(
        200, feed_of(site, "c", "d", "e").replace(b"<title>", b"<title>Comments ")
    )
    return "/news/"


def linked_by_the_page(site: Publisher) -> str:
    site.routes["/"] = say(200, PAGE + b'<a href="/news/feed">RSS</a>', Content_Type="text/html")
    site.routes["/news/feed"] = say(200, feed_of(site, "a", "b"))
    return "/"


def where_blogs_have_it(site: Publisher) -> str:
    site.routes["/news"] = say(200, PAGE, Content_Type="text/html")
    site.routes["/news/feed/"] = say(200, feed_of(site, "a", "b"))
    return "/news"


def in_the_sitemap(site: Publisher) -> str:
    sitemap = f"<urlset><url><loc>{site.url('/news/feed.rss')}</loc></url></urlset>".encode()
    site.routes["/robots.txt"] = say(200, f"Sitemap: {site.url('/map.xml')}\n".encode())
    site.routes["/map.xml"] = say(200, sitemap)
    site.routes["/news/feed.rss"] = say(200, feed_of(site, "a", "b"))
    return "/gone"


def the_feed_itself(site: Publisher) -> str:
    site.routes["/news/feed"] = say(200, feed_of(site, "a", "b"))
    return "/news/feed"


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "laid", [named_by_the_page, linked_by_the_page, where_blogs_have_it, in_the_sitemap, the_feed_itself]
)
async def test_the_feed_behind_an_address_is_found(place: Place, laid: Laid) -> None:
    async with site(place) as publisher:
        asked = laid(publisher)
        found = json.loads(await at_work(place, "sources", "add", publisher.url(asked), "--json"))

    proposed = next(feed for feed in found["feeds"] if feed["proposed"])
    assert proposed["url"].startswith(publisher.url("/news/feed"))
    assert proposed["items"] == 2
    assert found["entry"]["url"] == proposed["url"]
    assert (found["entry"]["authority"], found["entry"]["shadow"]) == ("blog", "14d")
    assert found["written"] is None


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_what_is_found_is_written_once_and_the_files_comments_stay(place: Place) -> None:
    file = place.config / "sources.yaml"
    before = file.read_text()
    file.chmod(0o640)
    async with site(place) as publisher:
        publisher.routes["/feed"] = say(200, feed_of(publisher, "a"))
        address = publisher.url("/feed")
        assert "nothing is written" in await at_work(place, "sources", "add", address)
        assert file.read_text() == before

        await at_work(place, "sources", "add", address, "--write")
        assert file.read_text().startswith(before.rstrip("\n"))
        assert "\n  # Seen on " in file.read_text().removeprefix(before.rstrip("\n"))
        assert file.stat().st_mode & 0o777 == 0o640
        assert "is the source 127-0-0-1 already" in await at_work(
            place, "sources", "add", address, "--write", expect=1
        )
    polled = len(load_sources(place.config).polled())
    assert polled == len(load_sources(packaged("config")).polled()) + 1
    assert re.search(rf"config is sound: {polled} sources", place.digest("config", "check"))
    assert [p.name for p in place.config.glob(".sources*")] == []


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_where_there_is_no_feed_the_answer_is_what_was_tried(place: Place) -> None:
    async with site(place) as publisher:
        said = await at_work(place, "sources", "add", publisher.url("/"), expect=1)

    assert "no feed was found" in said
    assert "docs/sources.md has an example of each kind" in said
    assert "/atom.xml: 404 Not Found" in said
    assert len(publisher.requests) <= 25
    assert "begins with https://" in digest("sources", "add", "example.org", expect=2)
