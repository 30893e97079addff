"""Sources without a feed: pages that list reports, and sitemaps, polled by the real poller."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from builders import a_provider, a_rating
from feed_cases import BEGIN, MINUTE, Stage, a_report, stage
from mailed import mail_of
from servers.publisher import say

from digest.source_specs import ListingSpec, SitemapSpec
from digest.store.sql import SqlStore

HOUR = timedelta(hours=1)

# The make-up of the listings of HM Inspectorates of Probation and Prisons (ministryofjustice/hale, 4.35).
HALE = ListingSpec(
    item=".list-item",
    link=".list-item-title a",
    date="time.published-date",
    summary=".detail-post_summary",
    next="a[rel=next]",
    pages=3,
    empty="Your search matched no reports",
)
Row = tuple[str, str]  # name and day


def a_page(rows: Sequence[Row], *, next_page: str = "") -> bytes:
    listed = "".join(
        f'<div class="list-item"><h2 class="list-item-title">'
        f'<a href="/document/{name}/">Visit to {name}</a></h2>'
        f'<div class="list-item-detail detail-published-date"><div class="list-item-detail-label">Published:'
        f'</div> <time class="entry-date published-date" datetime="{day}T00:01:00+00:00">{day}</time></div>'
        f'<div class="list-item-detail detail-post_summary"><p>{name} was visited.</p></div></div>'
        for name, day in rows
    )
    more = f'<a href="{next_page}" rel="next">Next</a>' if next_page else ""
    return f'<html><title>Reports</title><body><a href="/">Home</a>{listed}{more}</body></html>'.encode()


NOTHING = b"<html><body><h2>Your search matched no reports</h2></body></html>"
AN_ERROR = b"<html><title>Slim Application Error</title><body><h1>Sorry</h1></body></html>"


def serve(made: Stage, *pages: bytes) -> None:
    for number, body in enumerate(pages, start=1):
        path = "/feed" if number == 1 else f"/feed/page/{number}/"
        made.publisher.routes[path] = say(200, body, Content_Type="text/html")


def list_rows(made: Stage, *pages: Sequence[Row]) -> None:
    """Serve these pages, and an ordinary report for each row."""
    for name, _ in (row for rows in pages for row in rows):
        report = say(200, a_report(f"Visit to {name}"), Content_Type="text/html")
        made.publisher.routes[f"/document/{name}/"] = report
    ends = [f"/feed/page/{number}/" for number in range(2, len(pages) + 1)] + [""]
    serve(made, *(a_page(rows, next_page=end) for rows, end in zip(pages, ends, strict=True)))


@asynccontextmanager
async def listing(store: SqlStore, *pages: Sequence[Row]) -> AsyncIterator[Stage]:
    """A listing that was polled once, with these pages."""
    async with stage("", store, spec=HALE) as made:
        list_rows(made, *pages)
        await made.poll(BEGIN)
        yield made


async def news_of(made: Stage) -> list[str]:
    return [title.removeprefix("Visit to ") for title, state in await made.items() if state != "baseline"]


OLD = ("oak", "2026-11-20")
ASH, ELM, YEW = ("ash", "2026-11-23"), ("elm", "2026-11-23"), ("yew", "2026-11-23")


async def test_what_a_listing_lists_first_is_a_baseline_and_what_comes_then_is_read(store: SqlStore) -> None:
    async with listing(store, [OLD]) as made:
        list_rows(made, [ASH, OLD])
        await made.poll(BEGIN + HOUR)
        await made.poll(BEGIN + 2 * HOUR)

        assert await made.items() == [("Visit to ash", "read"), ("Visit to oak", "baseline")]
        assert len(made.asked_for("/document/ash/")) == 1


async def test_an_item_that_slips_between_two_pages_is_found_by_the_next_look(store: SqlStore) -> None:
    async with listing(store, [OLD]) as made:
        list_rows(made, [ASH, ELM], [ELM, OLD])  # yew stood on page two first, and on page one then
        sound = made.publisher.routes["/feed/page/2/"]
        list_rows(made, [ASH, ELM], [YEW, OLD])
        found = made.publisher.routes["/feed/page/2/"]
        acts = iter([sound, found, found])

        async def in_turn(reader, writer) -> None:  # type: ignore[no-untyped-def]
            await next(acts)(reader, writer)

        made.publisher.routes["/feed/page/2/"] = in_turn
        await made.poll(BEGIN + HOUR)

        assert await news_of(made) == ["ash", "elm", "yew"]
        assert len(made.asked_for("/feed/page/2/")) == 3


async def test_pages_that_end_with_another_day_are_read_once(store: SqlStore) -> None:
    async with listing(store, [ASH], [OLD]) as made:
        assert len(made.asked_for("/feed/page/2/")) == 1


async def test_a_listing_that_says_that_it_is_empty_is_no_failure(store: SqlStore) -> None:
    async with listing(store, [OLD]) as made:
        serve(made, NOTHING)
        [polling] = await made.poll(BEGIN + HOUR)

        assert polling.trouble is None


async def test_an_error_page_with_200_is_no_empty_listing(store: SqlStore) -> None:
    async with listing(store, [OLD]) as made:
        serve(made, AN_ERROR)
        [polling] = await made.poll(BEGIN + HOUR)

        assert polling.trouble == (
            "nothing stands at item: '.list-item' in the page, which calls itself “Slim Application Error”,"
            " and it does not say that it is empty"
        )


async def test_if_a_later_page_is_refused_the_first_ones_count_and_all_is_asked_again(
    store: SqlStore,
) -> None:
    async with listing(store, [OLD]) as made:
        list_rows(made, [ASH], [OLD])
        made.publisher.routes["/feed"] = say(
            200, a_page([ASH], next_page="/feed/page/2/"), Content_Type="text/html", ETag='"1"'
        )
        made.publisher.routes["/feed/page/2/"] = say(429, b"", Retry_After="600")
        [polling] = await made.poll(BEGIN + HOUR)

        assert (polling.trouble, polling.listed) == (None, 1)
        assert (await made.polled()).validators.etag is None


RATED = b"""<!doctype html><title>An inspection of probation services in Kent PDU</title><main>
<h1 class="flexible-post-type-title">An inspection of probation services in Kent PDU</h1>
<p class="flexible-post-type-published-date">23 November 2026</p><div class="flexible-post-type-content">
<p>HM Inspectorate of Probation has rated Kent PDU as Good. The unit was inspected in September 2026.</p>
<p>Leaders know the service well. Training for new staff begins late, and some records are not complete.</p>
</div></main>"""


async def test_readers_get_what_is_new_once_however_the_listing_is_ordered_refused_or_empty(
    store: SqlStore,
) -> None:
    await store.providers.load([a_provider()], [a_rating("requires improvement")])
    kent = ("kent", "2026-11-23")
    about = {"inspectorate": "hmi-probation", "name": "HM Inspectorate of Probation"}
    async with stage("", store, spec=HALE, **about) as made:

        async def look(minutes: int, *pages: Sequence[Row]) -> str | None:
            if pages:
                list_rows(made, *pages)
                page = say(200, RATED, Content_Type="text/html")
                made.publisher.routes["/document/kent/"] = page
            [polling] = await made.poll(BEGIN + minutes * MINUTE)
            return polling.trouble

        assert await look(0, [OLD]) is None
        serve(made, NOTHING)
        assert await look(31) is None
        made.publisher.routes["/feed"] = say(429, b"", Retry_After="600")  # and no answer for ten minutes
        assert "429" in (await look(62) or "")
        assert await look(93, [ASH, kent], [OLD]) is None
        assert await look(124, [kent, OLD], [ASH]) is None
        assert await made.mail() == mail_of("listing")

        assert await look(26 * 60, [OLD, ASH], [kent]) is None
        assert await made.mail() is None


async def test_a_listing_that_robots_may_not_read_is_not_read(store: SqlStore) -> None:
    async with stage("", store, spec=HALE) as made:
        made.publisher.routes["/robots.txt"] = say(200, b"User-agent: *\nDisallow: /feed\n")
        list_rows(made, [OLD])
        [polling] = await made.poll(BEGIN)

        assert polling.trouble is not None
        assert "robots.txt" in polling.trouble
        assert made.asked_for("/feed") == []


def a_sitemap(made: Stage, *names: str, day: str) -> None:
    """A sitemap that gives every page the day of today as its last change, as many do."""
    urls = "".join(
        f"<url><loc>{made.publisher.url(f'/reports/visit-to-{n}')}</loc><lastmod>{day}</lastmod></url>"
        for n in names
    )
    head = '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    other = f"<url><loc>{made.publisher.url('/about')}</loc></url>"
    made.publisher.routes["/feed"] = say(200, f"{head}{other}{urls}</urlset>".encode())
    for name in names:
        report = say(200, a_report(f"Visit to {name}"), Content_Type="text/html")
        made.publisher.routes[f"/reports/visit-to-{name}"] = report


@pytest.mark.parametrize("in_an_index", [False, True])
async def test_a_sitemap_with_the_day_of_today_on_all_pages_tells_only_new_ones(
    store: SqlStore, *, in_an_index: bool
) -> None:
    spec = SitemapSpec(pages="/reports/", maps="reports")
    async with stage("", store, spec=spec, name="HM Inspectorate of Probation") as made:

        async def look(hours: int, *names: str) -> None:
            a_sitemap(made, *names, day=(BEGIN + hours * HOUR).date().isoformat())
            if in_an_index:
                routes, place = made.publisher.routes, "/reports.xml"
                routes[place] = routes["/feed"]
                maps = (made.publisher.url(place), made.publisher.url("/pictures.xml"))
                named = "".join(f"<sitemap><loc>{one}</loc></sitemap>" for one in maps)
                routes["/feed"] = say(200, f"<sitemapindex>{named}</sitemapindex>".encode())
            await made.poll(BEGIN + hours * HOUR)

        await look(0, "oak")
        await look(1, "oak", "ash")
        assert await made.mail() == mail_of("sitemap")
        await look(2, "ash", "oak")
        await look(28, "ash", "oak")
        assert await made.mail() is None

        assert await made.items() == [("Visit to ash", "read"), ("Visit to oak", "baseline")]
        assert made.asked_for("/pictures.xml") == []
