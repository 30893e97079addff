"""robots.txt: pages are asked for as their hosts' owners wish, feeds in any case."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from clocks import Clock
from servers.publisher import Act, Publisher, drop, endless, say

from digest.adapters.http.fetcher import HttpFetcher
from digest.adapters.http.robots import MOST_BYTES, Robots, ours
from digest.ports import Blocked, Fetched, HostShut, Outcome
from digest.sources import Validators

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PAGE = say(200, b"<p>Good.</p>")


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def fetcher(clock: Clock, slept: list[float]) -> Callable[..., HttpFetcher]:
    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    def build(**changes: Any) -> HttpFetcher:
        usual = {"contact": "https://digest.example.org/", "pause": timedelta(0), "allow_private": True}
        return HttpFetcher(clock=clock, sleep=sleep, **(usual | changes))

    return build


def site(robots: Act) -> Publisher:
    publisher = Publisher(PAGE)
    publisher.routes["/robots.txt"] = robots
    return publisher


def paths(publisher: Publisher) -> list[str]:
    return [head.split(" ")[1] for head in publisher.requests]


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow: /reports/", False),
        ("User-agent: *\nDisallow: /reports/\nAllow: /reports/kent", True),
        ("User-agent: noon-digest\nDisallow: /reports\n\nUser-agent: *\nAllow: /", False),
        ("User-agent: Noon-Digest/1.0\nDisallow: /reports", False),
        ("User-agent: noon-digest\nAllow: /\n\nUser-agent: *\nDisallow: /", True),
        ("User-agent: other\nUser-agent: *  # all\n\nDisallow: /*nt$", False),
        ("User-agent: *\nUser-agent: other\nDisallow: /", False),
        ("User-agent: other\nDisallow: /", True),
        ("User-agent: *\nDisallow:", True),
        ("<!doctype html><title>Not here</title>", True),
        ("\ufeffUser-agent: *\r\nDisallow: /\r\n", False),
        ("", True),
        ("\0\xff\ud800Disallow: /", True),
    ],
)
async def test_a_page_is_asked_for_only_if_its_host_allows_that(fetcher, rules, allowed):
    async with site(say(200, rules.encode("utf-8", "surrogatepass"))) as publisher, fetcher() as it:
        outcome = await it.fetch(publisher.url("/reports/kent"), heed_robots=True)

    if allowed:
        assert isinstance(outcome, Fetched)
    else:
        assert outcome == Blocked(reason="robots.txt of 127.0.0.1 forbids this page", withheld=True)
        assert paths(publisher) == ["/robots.txt"]


async def test_a_feed_is_asked_for_whatever_robots_says(fetcher):
    async with site(say(200, b"User-agent: *\nDisallow: /")) as publisher, fetcher() as it:
        assert isinstance(await it.fetch(publisher.url()), Fetched)

    assert paths(publisher) == ["/feed"]


@pytest.mark.parametrize("answer", [say(404), say(401), say(403), say(410), say(302, Location="/robots.txt")])
async def test_without_rules_all_is_allowed(fetcher, answer):
    async with site(answer) as publisher, fetcher() as it:
        assert isinstance(await it.fetch(publisher.url("/kent"), heed_robots=True), Fetched)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (say(500), "robots.txt: 500 Internal Server Error"),
        (say(503), "robots.txt: 503 Service Unavailable"),
        (say(429), "robots.txt: 429 Too Many Requests"),
        (drop(), "robots.txt: "),
    ],
)
async def test_rules_that_cannot_be_had_forbid_all_for_now(fetcher, clock, answer, reason):
    """And they are asked for again, but not for each page."""
    async with site(answer) as publisher, fetcher() as it:
        for path in ("/1", "/2"):
            outcome = await it.fetch(publisher.url(path), heed_robots=True)
            assert isinstance(outcome, HostShut)  # no request for the page: no try is counted
            assert outcome.withheld
            assert outcome.reason.startswith(reason)
        asked = len(publisher.requests)
        assert set(paths(publisher)) == {"/robots.txt"}
        assert asked <= 2  # one, and once more for trouble that passes

        publisher.routes["/robots.txt"] = say(404)
        clock.at += timedelta(minutes=6)
        assert isinstance(await it.fetch(publisher.url("/1"), heed_robots=True), Fetched)


async def test_rules_are_asked_for_once_a_day(fetcher, clock):
    async with site(say(200, b"User-agent: *\nDisallow: /private")) as publisher, fetcher() as it:
        for hours in (0, 1, 23, 25):
            clock.at = NOW + timedelta(hours=hours)
            await it.fetch(publisher.url("/kent"), heed_robots=True)

    assert paths(publisher).count("/robots.txt") == 2


async def test_old_rules_hold_for_a_month_while_there_are_no_new_ones(fetcher, clock):
    rules = b"User-agent: *\nDisallow: /private"
    async with site(say(200, rules)) as publisher, fetcher() as it:
        await it.fetch(publisher.url("/kent"), heed_robots=True)
        publisher.routes["/robots.txt"] = say(500)
        for days, path, kind in [(2, "/kent", Fetched), (29, "/private", Blocked), (31, "/kent", HostShut)]:
            clock.at = NOW + timedelta(days=days)
            assert isinstance(await it.fetch(publisher.url(path), heed_robots=True), kind)


async def test_after_30_days_without_an_answer_there_are_no_rules(fetcher, clock):
    async with site(say(503)) as publisher, fetcher() as it:
        for days in range(30):
            clock.at = NOW + timedelta(days=days)
            assert isinstance(await it.fetch(publisher.url("/kent"), heed_robots=True), HostShut)
        assert set(paths(publisher)) == {"/robots.txt"}

        clock.at = NOW + timedelta(days=30)
        assert isinstance(await it.fetch(publisher.url("/kent"), heed_robots=True), Fetched)
        publisher.routes["/robots.txt"] = say(200, b"User-agent: *\nDisallow: /")
        clock.at += timedelta(hours=1)
        assert isinstance(await it.fetch(publisher.url("/kent"), heed_robots=True), Blocked)


async def test_rules_that_cannot_be_read_for_hours_are_asked_for_once_an_hour(fetcher, clock):
    async with site(say(500)) as publisher, fetcher() as it:
        for minutes in range(0, 180, 5):
            clock.at = NOW + timedelta(minutes=minutes)
            await it.fetch(publisher.url("/kent"), heed_robots=True)

    assert len(publisher.requests) == 13 + 1  # each five minutes for an hour, then each hour


async def test_each_hop_needs_the_leave_of_its_own_host(fetcher):
    async with site(say(200, b"User-agent: *\nDisallow: /there")) as there, fetcher() as it:
        led = say(302, Location=there.url("/there", host="localhost"))
        async with Publisher(led) as here:
            here.routes["/robots.txt"] = say(404)
            outcome = await it.fetch(here.url("/here"), heed_robots=True)

    assert outcome == Blocked(reason="robots.txt of localhost forbids this page", withheld=True)


async def test_a_host_that_asks_us_to_wait_gets_no_page_either(fetcher):
    async with site(say(503, Retry_After="600")) as publisher, fetcher() as it:
        first = await it.fetch(publisher.url("/1"), heed_robots=True)
        assert isinstance(first, HostShut)
        assert first.wait == timedelta(minutes=10)
        assert isinstance(await it.fetch(publisher.url("/feed")), HostShut)


@pytest.mark.parametrize(("asked", "rest"), [("4", 4), ("3600", 30), ("soon", 0), ("-1", 0), ("nan", 0)])
async def test_we_go_as_slowly_as_a_host_asks_within_reason(fetcher, slept, asked, rest):
    rules = f"User-agent: *\nCrawl-delay: {asked}".encode()
    async with site(say(200, rules)) as publisher, fetcher() as it:
        for path in ("/1", "/2"):
            assert isinstance(await it.fetch(publisher.url(path), heed_robots=True), Fetched)

    assert max(slept, default=0) == pytest.approx(rest, abs=1)


async def test_a_file_without_an_end_is_read_to_its_bound(fetcher):
    async with site(endless(b"User-agent: *\nDisallow: /private\n" * 100)) as publisher, fetcher() as it:
        assert isinstance(await it.fetch(publisher.url("/kent"), heed_robots=True), Fetched)


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"User-agent: a{n}\n" for n in range(20_000)) + "Disallow: /x\n" * 20_000,
        "User-agent: a\n" * 30_000,
        "User-agent: *\n" + "Disallow: /*a*a*a*a*a*a*b$\n" * 20_000,
        "User-agent: *\nDisallow: /" + "*a" * 250_000,
        "User-agent" + " " * 500_000,
        "user" * 125_000,
    ],
    ids=["names and rules", "names", "stars", "one long rule", "blanks", "user"],
)
async def test_a_hostile_file_takes_little_time(text: str) -> None:
    body = text.encode()[:MOST_BYTES]

    async def fetch(url: str) -> Outcome:
        return Fetched(url=url, body=body, content_type=None, validators=Validators())

    robots = Robots(fetch, Clock(NOW))
    began = time.process_time()
    await robots.objection("https://example.org/" + "a" * 1900)

    assert time.process_time() - began < 5  # minutes, where names are multiplied with rules


async def test_what_is_remembered_is_bounded() -> None:
    rules = b"User-agent: *\nDisallow: /x" + b"x" * 400_000

    async def fetch(url: str) -> Outcome:
        return Fetched(url=url, body=rules, content_type=None, validators=Validators())

    robots = Robots(fetch, Clock(NOW))
    for n in range(200):
        await robots.objection(f"https://{n}.example.org/")

    assert sum(len(site.rules or "") for site in robots._sites.values()) <= 20_000_000
    assert len(robots._sites) > 10


def test_only_what_concerns_us_is_kept() -> None:
    text = (
        "Sitemap: /s\nUser-agent: a\nDisallow: /a\nUser-agent: *\nDisallow: /b\nUser-agent: c\nDisallow: /c"
    )

    assert list(ours(text)) == ["User-agent: *", "Disallow: /b"]
