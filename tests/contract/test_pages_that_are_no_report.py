"""A page that is no report is never filed; in the end the feed's words stand in, until the page comes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest
from builders import KENT, a_provider, a_rating, a_timetable
from feed_cases import BEGIN, Stage, a_feed, stage
from servers.publisher import Act, say

from digest.edition import Edition, SectionKind
from digest.edition_assembly import assemble
from digest.jobs.not_read import ASKED_EVERY, ASKED_FOR, WALL_TRIES
from digest.review import FEED_FIRST
from digest.store.sql import SqlStore

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
TITLE: Final = "Kent PDU: an inspection"
IN_FEED: Final = "HM Inspectorate of Probation has rated Kent PDU 'Good'."
WALL: Final = (
    "<title>Just a moment...</title><h1>Prove that you are a person</h1><p>Turn on JavaScript to go on."
)
TRIED: Final = [
    HOUR,
    2 * HOUR,
    7 * HOUR,
    25 * HOUR,
]  # when the page is asked for, until the feed's words stand in


PUT_OFF: Final = [(TITLE, "listed"), ("Known", "baseline")]
READ: Final = [(TITLE, "read"), ("Known", "baseline")]


def lists(made: Stage, summary: str, *paths: str) -> None:
    day = "<pubDate>Mon, 23 Nov 2026 06:00:00 +0000</pubDate>"
    entries = (
        f"<item><title>{TITLE}</title><link>/{path}</link><guid>{path}</guid>{day}"
        f"<description>{summary}</description></item>"
        for path in paths or ("2",)
    )
    feed = f"<rss version='2.0'><channel><title>Visits</title>{''.join(entries)}</channel></rss>"
    made.publisher.routes["/feed"] = say(200, feed.encode())


def a_page(*sentences: str) -> str:
    return f"<title>{TITLE}</title><main><h1>{TITLE}</h1><p>{' '.join(sentences)}</p></main>"


def answers(made: Stage, page: str) -> None:
    made.publisher.routes["/2"] = say(200, page.encode(), Content_Type="text/html")


@pytest.fixture
async def made(store: SqlStore) -> AsyncIterator[Stage]:
    """A source with one new item, whose page is a bot check; Kent PDU was rated inadequate before."""
    await store.providers.load([a_provider()], [a_rating("inadequate")])
    async with stage("baseline-lost", store) as one:
        one.publisher.routes["/feed"] = say(200, a_feed("Known"))
        await one.poll(BEGIN)
        lists(one, IN_FEED)
        answers(one, WALL)
        yield one


async def stands_in(made: Stage) -> None:
    for after in TRIED:
        await made.poll(BEGIN + after)


async def drafted(made: Stage, day: timedelta = DAY) -> Edition:
    """The edition of a day as it would be, and as it is sealed if it has stories."""
    timetable, cutoff = a_timetable(), BEGIN + day + 4 * HOUR
    editions = made.store.editions
    assembly = assemble(
        (BEGIN + day).date(),
        timetable,
        waiting=await editions.waiting(cutoff),
        told=await editions.told((BEGIN - 30 * DAY).date()),
        sources=(),
    )
    return await editions.seal(assembly, cutoff) if assembly.edition.stories else assembly.edition


async def test_a_wall_is_asked_again_and_after_a_day_the_feeds_words_stand_in(made: Stage) -> None:
    for after in TRIED[:-1]:
        await made.poll(BEGIN + after)
        await made.poll(BEGIN + after + HOUR / 2)
        assert await made.items() == PUT_OFF
    assert (await drafted(made)).empty

    [polling] = await made.poll(BEGIN + TRIED[-1])

    assert made.asked_for("/2") == TRIED
    assert len(TRIED) == WALL_TRIES
    assert polling.parked == (TITLE,)
    [parked] = await made.store.items.parked()
    assert (parked.trouble, parked.stands_in) == ("no report: a bot check", True)
    assert parked.retry_at == BEGIN + TRIED[-1] + ASKED_EVERY
    [story] = (await drafted(made)).stories
    assert (story.from_feed, story.section) == (True, SectionKind.UPGRADES)
    assert (story.evidence, story.link) == (IN_FEED, made.publisher.url("/2"))
    assert [rating.grade for rating in await made.store.providers.history(KENT)] == ["inadequate", "good"]


@pytest.mark.parametrize("answer", [say(403), say(404)], ids=["403", "404"])
async def test_for_a_page_that_a_server_keeps_from_us_the_feeds_words_stand_in_after_the_same_wait(
    made: Stage, answer: Act
) -> None:
    made.publisher.routes["/2"] = answer
    for hours in range(1, 20, 2):
        await made.poll(BEGIN + hours * HOUR)
        assert await made.items() == PUT_OFF
    await made.poll(BEGIN + 21 * HOUR)

    [story] = (await drafted(made)).stories
    assert (story.from_feed, story.evidence) == (True, IN_FEED)
    answers(made, a_page(IN_FEED))
    await made.poll(BEGIN + 21 * HOUR + ASKED_EVERY)
    assert await made.items() == READ


async def test_a_robots_txt_that_cannot_be_read_costs_no_try_and_the_page_is_read_when_it_can(
    made: Stage,
) -> None:
    made.publisher.routes["/robots.txt"] = say(503)
    answers(made, a_page(IN_FEED))
    for hours in range(1, 20):
        await made.poll(BEGIN + hours * HOUR)
    [waiting] = await made.store.items.unread("feed", limit=20, now=BEGIN + 20 * HOUR)
    assert (waiting.attempts, made.asked_for("/2")) == (0, [])

    made.publisher.routes["/robots.txt"] = say(404)
    await made.poll(BEGIN + 20 * HOUR)
    assert await made.items() == READ


async def test_what_robots_txt_forbids_is_told_in_the_feeds_words_after_the_same_wait(made: Stage) -> None:
    made.publisher.routes["/robots.txt"] = say(200, b"User-agent: *\nDisallow: /")
    for hours in range(1, 22, 2):
        await made.poll(BEGIN + hours * HOUR)

    [story] = (await drafted(made)).stories
    assert (story.from_feed, story.evidence) == (True, IN_FEED)
    assert made.asked_for("/2") == []


async def test_a_page_that_comes_in_time_is_read_as_ever(made: Stage) -> None:
    await made.poll(BEGIN + TRIED[0])
    answers(made, a_page(IN_FEED))
    await made.poll(BEGIN + TRIED[1])

    assert await made.items() == READ
    [story] = (await drafted(made)).stories
    assert not story.from_feed


async def test_a_page_that_stays_away_is_asked_for_daily_for_a_week_and_told_once(made: Stage) -> None:
    await stands_in(made)
    assert len((await drafted(made)).stories) == 1
    for days in range(2, 20):
        await made.poll(BEGIN + days * DAY + 2 * HOUR)

    later = [at for at in made.asked_for("/2") if at > TRIED[-1]]
    assert later == [days * DAY + 2 * HOUR for days in range(2, ASKED_FOR.days + 1)]
    [parked] = await made.store.items.parked()
    assert parked.retry_at is None
    assert (await drafted(made, 19 * DAY)).empty


async def test_a_page_that_comes_before_noon_takes_the_place_of_the_feeds_words(made: Stage) -> None:
    await stands_in(made)
    answers(made, a_page("HM Inspectorate of Probation has rated Kent PDU 'Requires improvement'."))
    await made.poll(BEGIN + TRIED[-1] + ASKED_EVERY)

    assert await made.items() == READ
    assert await made.store.items.parked_count() == 0
    grades = [rating.grade for rating in await made.store.providers.history(KENT)]
    assert grades == ["inadequate", "requires improvement"]
    [story] = (await drafted(made, 3 * DAY)).stories
    assert (story.from_feed, story.correction, story.change and story.change.before) == (
        False,
        None,
        "inadequate",
    )


async def test_a_page_that_says_what_the_feed_said_is_not_told_again(made: Stage) -> None:
    await stands_in(made)
    assert len((await drafted(made)).stories) == 1
    answers(made, a_page(IN_FEED))
    await made.poll(BEGIN + TRIED[-1] + ASKED_EVERY)

    assert await made.items() == READ
    assert (await drafted(made, 3 * DAY)).empty


async def test_a_page_that_says_something_else_corrects_what_was_told(made: Stage) -> None:
    await stands_in(made)
    await drafted(made)
    answers(made, a_page("HM Inspectorate of Probation has rated Kent PDU 'Requires improvement'."))
    await made.poll(BEGIN + TRIED[-1] + ASKED_EVERY)

    [story] = (await drafted(made, 3 * DAY)).stories
    assert story.section is SectionKind.CORRECTIONS
    assert story.correction is not None
    assert (story.correction.told_on, story.correction.why) == ((BEGIN + DAY).date(), FEED_FIRST)
    assert story.correction.told is not None
    assert story.correction.told.after == "good"
    assert (story.from_feed, story.change and story.change.after) == (False, "requires improvement")
    assert (await drafted(made, 4 * DAY)).empty


async def test_a_page_that_says_more_is_told_as_an_addition(made: Stage) -> None:
    lists(made, "Published today.")
    await stands_in(made)
    [first] = (await drafted(made)).stories
    assert (first.from_feed, first.change) == (True, None)
    answers(made, a_page(IN_FEED))
    await made.poll(BEGIN + TRIED[-1] + ASKED_EVERY)

    [story] = (await drafted(made, 3 * DAY)).stories
    assert (story.correction, story.first_told) == (None, (BEGIN + DAY).date())


async def test_an_operator_has_a_page_read_again_in_whose_place_the_feeds_words_stand(made: Stage) -> None:
    await stands_in(made)
    [parked] = await made.store.items.parked()
    assert await made.store.items.retry([parked.id]) == 1
    answers(made, a_page(IN_FEED))
    await made.poll(BEGIN + TRIED[-1] + HOUR)

    assert await made.items() == READ
    [story] = (await drafted(made, 2 * DAY)).stories
    assert not story.from_feed


async def test_a_host_that_asks_to_wait_uses_up_no_try_of_a_parked_item(made: Stage) -> None:
    await stands_in(made)
    [before] = await made.store.items.parked()
    made.publisher.routes["/2"] = say(503, b"", Retry_After="7200")
    at = BEGIN + TRIED[-1] + ASKED_EVERY
    for after in (timedelta(0), HOUR, ASKED_EVERY):
        await made.poll(at + after)

    [parked] = await made.store.items.parked()
    assert parked.attempts - before.attempts == 2
    assert replace(parked, attempts=0, trouble="", retry_at=None) == replace(
        before, attempts=0, trouble="", retry_at=None
    )


async def test_what_a_feed_says_is_no_earlier_rating_and_makes_no_report_a_repeat(made: Stage) -> None:
    await stands_in(made)
    [parked] = await made.store.items.parked()
    history = await made.store.providers.history(KENT, without_item=parked.id)
    assert [rating.grade for rating in history] == ["inadequate"]

    made.publisher.routes["/3"] = say(200, a_page(IN_FEED).encode(), Content_Type="text/html")
    lists(made, IN_FEED, "2", "3")
    await made.poll(BEGIN + TRIED[-1] + HOUR)

    found = await made.store.editions.waiting(BEGIN + 2 * DAY)
    assert sorted((one.from_feed, one.repeats) for one in found) == [(False, None), (True, None)]
    assert [story.from_feed for story in (await drafted(made, 2 * DAY)).stories] == [False]


async def test_a_feed_that_mends_its_words_while_they_stand_in_corrects_what_was_told(made: Stage) -> None:
    await stands_in(made)
    await drafted(made)
    lists(made, IN_FEED.replace("Good", "Outstanding"))
    await made.poll(BEGIN + 2 * DAY)

    [story] = (await drafted(made, 2 * DAY)).stories
    assert (story.section, story.from_feed) == (SectionKind.CORRECTIONS, True)
    assert story.change is not None
    assert story.change.after == "outstanding"
    answers(made, a_page(IN_FEED.replace("Good", "Outstanding")))
    await made.poll(BEGIN + 3 * DAY + 3 * HOUR)
    assert await made.items() == READ
    assert [story.correction for story in (await drafted(made, 4 * DAY)).stories if story.correction] == []
