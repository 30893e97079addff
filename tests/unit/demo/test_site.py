"""The demo's site: what it shows is what is out, and what it says of it is honest."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import feedparser
import pytest

from digest.demo.site import Site


def publisher(world, key):
    return next(p for p in world.publishers if p.key == key)


async def listed(site, http, publisher):
    async with http.get(site.feed_url(publisher)) as answer:
        assert answer.status == 200
        headers = {"content-type": answer.headers["Content-Type"]}
        return feedparser.parse(io.BytesIO(await answer.read()), response_headers=headers)


async def test_a_page_exists_from_its_instant_on_and_not_before(site, http, clock, world):
    for publication in world.publications:
        clock.at = publication.published_at - timedelta(seconds=1)
        async with http.get(site.url + publication.path) as early:
            assert early.status == 404
        clock.at = publication.published_at
        async with http.get(site.url + publication.path) as answer:
            assert answer.status == 200
            assert answer.content_type == "text/html"
            assert await answer.read() == world.page_file(publication).read_bytes()


async def test_a_page_of_a_moved_story_says_its_new_day(world, clock, http):
    moved = world.starting(world.days[0].date + timedelta(days=1000))
    last = moved.publications[-1]
    clock.at = last.published_at

    async with Site(moved, clock) as site, http.get(site.url + last.path) as answer:
        assert f'<time datetime="{last.day}">' in await answer.text()


@pytest.mark.parametrize("key", ["inspectorate", "blog"])
async def test_a_feed_carries_what_is_out_newest_first(site, http, clock, world, key):
    own = publisher(world, key)
    for day in world.days:
        clock.at = datetime(day.date.year, day.date.month, day.date.day, 11, 30, tzinfo=UTC)
        out = [p for p in world.out(clock.at) if p.publisher == key]
        found = await listed(site, http, own)

        assert not found.bozo
        assert found.version == {"rss": "rss20", "atom": "atom10"}[own.format]
        assert [e.title for e in found.entries] == [p.title for p in reversed(out)][: own.holds]
        assert [e.link for e in found.entries] == [site.url + p.path for p in reversed(out)][: own.holds]
        assert [datetime(*e.published_parsed[:6], tzinfo=UTC) for e in found.entries] == [
            p.published_at for p in reversed(out)
        ][: own.holds]
        assert len({e.id for e in found.entries}) == len(found.entries)
        assert all(p.summary in e.summary for p, e in zip(reversed(out), found.entries, strict=False))


async def test_the_inspectorates_feed_drops_its_eleventh_item(site, http, world):
    own = publisher(world, "inspectorate")
    everything = [p for p in world.publications if p.publisher == own.key]
    found = await listed(site, http, own)

    assert len(everything) > len(found.entries) == own.holds == 10
    assert everything[0].title not in {e.title for e in found.entries}


async def test_a_wordpress_item_is_known_by_its_number(site, http, world):
    found = await listed(site, http, publisher(world, "inspectorate"))

    assert found.entries[0].id == f"{site.url}/inspectorate/?p=9708"


@pytest.mark.parametrize("key", ["inspectorate", "blog"])
async def test_an_empty_feed_is_a_feed(site, http, clock, world, key):
    clock.at = world.publications[0].published_at - timedelta(days=1)
    found = await listed(site, http, publisher(world, key))

    assert not found.bozo
    assert found.entries == []


@pytest.mark.parametrize("key", ["inspectorate", "blog"])
@pytest.mark.parametrize(
    ("given_as", "sent_as"), [("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since")]
)
async def test_an_unchanged_feed_is_not_sent_again_and_a_changed_one_is(
    site, http, clock, world, key, given_as, sent_as
):
    own = publisher(world, key)
    clock.at = world.opens_at
    async with http.get(site.feed_url(own)) as first:
        held = {sent_as: first.headers[given_as]}
    clock.at += timedelta(minutes=30)
    async with http.get(site.feed_url(own), headers=held) as again:
        assert again.status == 304
        assert await again.read() == b""
        assert again.headers[given_as] == held[sent_as]
    clock.at += timedelta(days=5)
    async with http.get(site.feed_url(own), headers=held) as changed:
        assert changed.status == 200
        assert changed.headers[given_as] != held[sent_as]


async def test_an_etag_that_differs_outweighs_a_date_that_does_not(site, http, world):
    own = publisher(world, "blog")
    async with http.get(site.feed_url(own)) as first:
        held = {"If-Modified-Since": first.headers["Last-Modified"], "If-None-Match": '"another"'}

    async with http.get(site.feed_url(own), headers=held) as answer:
        assert answer.status == 200


async def test_requests_and_304s_are_counted_by_path(site, http, world):
    own = publisher(world, "blog")
    async with http.get(site.feed_url(own)) as first:
        etag = first.headers["ETag"]
    async with http.get(site.feed_url(own), headers={"If-None-Match": etag}):
        pass
    async with http.get(site.url + "/nowhere/") as lost:
        assert lost.status == 404

    assert site.requests == {own.feed_path: 2, "/nowhere/": 1}
    assert site.not_modified == {own.feed_path: 1}


async def test_a_site_can_come_back_at_the_same_address(world, clock, http):
    async with Site(world, clock) as first:
        port = int(first.url.rpartition(":")[2])
    async with Site(world, clock, port=port) as second:
        assert second.url == first.url


async def test_a_taken_port_is_an_error_that_leaves_nothing_open(world, clock, site):
    port = int(site.url.rpartition(":")[2])

    with pytest.raises(OSError, match="address already in use"):
        async with Site(world, clock, port=port):
            raise AssertionError


async def test_the_file_of_data_is_found_by_its_title_and_states_the_day(site, http, clock, world):
    clock.at = datetime(2020, 3, 2, 8, tzinfo=UTC)
    early = await _file_of_schools(site, http)
    clock.at = datetime(2020, 3, 3, 8, tzinfo=UTC)
    late = await _file_of_schools(site, http)

    assert [row["Achievement"] for row in early[:2]] == ["Needs attention", "Expected standard"]
    assert [row["Achievement"] for row in late[:2]] == ["Strong standard", "Urgent improvement"]
    assert early[2:] == late[2:]


async def _file_of_schools(site, http):
    async with http.get(f"{site.url}/schools/content") as answer:
        [attachment] = (await answer.json())["details"]["attachments"]
    assert attachment["title"].startswith("State-funded schools: latest inspections as at ")
    async with http.get(attachment["url"]) as answer:
        return list(csv.DictReader(io.StringIO((await answer.read()).decode("utf-8-sig"))))


async def test_the_api_lists_its_locations_and_each_has_a_page_that_its_record_names(site, http, clock):
    async with http.get(f"{site.url}/care/locations") as answer:
        ids = [one["locationId"] for one in (await answer.json())["locations"]]
    for id in ids[:3]:
        async with http.get(f"{site.url}/care/locations/{id}") as answer:
            name = (await answer.json())["name"]
        async with http.get(f"{site.url}/care/provider/{id}") as page:
            assert f"<h1>{name}</h1>" in await page.text()
    for wrong in ("locations/1-1", "files/2020-03-03.csv", ""):
        async with http.get(f"{site.url}/care/{wrong}") as answer:
            assert answer.status == 404
