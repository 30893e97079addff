"""What an operator decides about a page that says something else, and what is looked at again at all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from feed_cases import BEGIN, Stage, stage
from reused_addresses import OAKSHIRE, OF_2028, REGISTER, UNSURE, Listed, oakshire
from servers.publisher import say
from test_reused_addresses import DAY, HALF_AN_HOUR, HOUR, KNOWN, edition, lists

from digest.adapters.config.packaged_scales import packaged_scales
from digest.edition import SectionKind, StoryKey
from digest.errors import Refused
from digest.jobs.review import settle
from digest.review import Decision, PageIs
from digest.sources import released
from digest.store.sql import SqlStore

UNIT = "oakshire-pdu"
AFTER_TWO_MONTHS = UNSURE["a grade changes after two months, and nothing else"]
THEN = BEGIN + 60 * DAY


@pytest.fixture
async def made(store: SqlStore) -> AsyncIterator[Stage]:
    """A source that lists one report, which has been told."""
    async with stage("baseline-lost", store) as made:
        made.poller = replace(
            made.poller, reader=replace(made.poller.reader, inspectorates=packaged_scales())
        )
        await store.providers.load(REGISTER, [])
        lists(made, KNOWN)
        await made.poll(BEGIN)
        lists(made, KNOWN, OAKSHIRE)
        await made.poll(BEGIN + HOUR)
        await edition(made)
        yield made


async def edited(made: Stage, then: Listed = AFTER_TWO_MONTHS.then) -> StoryKey:
    """The entry and its page are edited after two months, and operators are asked."""
    await made.poll(THEN - DAY)
    lists(made, KNOWN, then)
    await made.poll(THEN)
    [case] = await made.store.review.open()
    return case.key


async def decide(made: Stage, key: StoryKey, page_is: PageIs) -> None:
    await settle(key, page_is, by="ada", why="I asked them.", store=made.store, clock=made.clock)


async def test_a_question_about_a_page_shows_what_it_said_and_what_it_says(made: Stage) -> None:
    key = await edited(made)

    [case] = await made.store.review.open()
    assert case.doubts == (
        "the page was edited, or tells of another inspection: overall good, now overall inadequate",
    )
    assert (case.candidate.grade, case.told and case.told.grade) == ("good", "good")
    asked = await made.store.versions.in_question(key)
    assert asked is not None
    assert asked.candidate.grade == "inadequate"
    assert b"Inadequate" in asked.page.body
    assert await edition(made) == []


async def test_a_page_that_an_operator_calls_a_new_report_is_told_with_its_movement(made: Stage) -> None:
    key = await edited(made, replace(AFTER_TWO_MONTHS.then, page=oakshire("Inadequate", None, None)))
    await decide(made, key, PageIs.NEW_REPORT)
    await made.poll(THEN + HALF_AN_HOUR)

    [story] = await edition(made)
    assert story.section is SectionKind.DOWNGRADES
    assert story.change is not None
    assert (story.change.before, story.change.after) == ("good", "inadequate")
    assert story.key != key
    assert await made.store.review.open() == []
    assert {r.grade for r in await made.store.providers.history(UNIT)} == {"good", "inadequate"}


async def test_a_page_that_an_operator_calls_a_correction_corrects_what_was_told(made: Stage) -> None:
    key = await edited(made)
    await decide(made, key, PageIs.CORRECTION)

    [story] = await edition(made)
    assert (story.key, story.section) == (key, SectionKind.CORRECTIONS)
    assert story.correction is not None
    assert story.correction.why == "I asked them."
    assert {r.grade for r in await made.store.providers.history(UNIT)} == {"inadequate"}
    assert await made.store.review.open() == []


async def test_a_page_that_an_operator_calls_nothing_is_not_asked_about_again(made: Stage) -> None:
    key = await edited(made)
    await decide(made, key, PageIs.NOTHING)
    lists(made, KNOWN, replace(AFTER_TWO_MONTHS.then, text="Changed again."))
    await made.poll(THEN + 10 * DAY)

    assert await made.store.review.open() == []
    case = await made.store.review.case(key)
    assert case is not None
    assert (case.candidate.grade, case.decided[-1].decision) == ("good", Decision.ACCEPTED)
    assert await edition(made) == []
    with pytest.raises(Refused, match="is in question"):
        await decide(made, key, PageIs.CORRECTION)


async def test_a_page_that_says_again_what_it_said_ends_the_question(made: Stage) -> None:
    key = await edited(made)
    lists(made, KNOWN, OAKSHIRE)
    await made.poll(THEN + DAY + HOUR)

    assert await made.store.review.open() == []
    assert await made.store.versions.in_question(key) is None


async def test_a_page_is_in_question_once_however_often_it_is_looked_at(made: Stage) -> None:
    key = await edited(made)
    for days in range(1, 9):
        await made.poll(THEN + days * DAY + HOUR)

    item = key.item
    assert len([one for one in await made.store.versions.of(item) if one.what == "page"]) == 1


async def test_an_old_page_is_asked_for_a_few_times_a_week_however_often_its_entry_changes(
    made: Stage,
) -> None:
    await made.poll(THEN - DAY)
    before = len(made.asked)
    for polls in range(4 * 24):
        lists(made, KNOWN, replace(OAKSHIRE, text=f"Read by {polls} people."))
        await made.poll(THEN + polls * 2 * HOUR)

    asked = [at for at, path in made.asked[before:] if path == OAKSHIRE.link]
    assert len(asked) <= 4


async def test_an_entry_whose_date_alone_moves_is_asked_for_once_a_day(made: Stage) -> None:
    before = len(made.asked)
    for polls in range(20):
        date = f"Tue, 24 Nov 2026 {polls:02}:00:00 GMT"
        lists(made, KNOWN, replace(OAKSHIRE, date=date))
        await made.poll(BEGIN + HOUR + (1 + polls) * HALF_AN_HOUR)

    assert len([path for _, path in made.asked[before:] if path == OAKSHIRE.link]) == 1


async def test_a_feed_that_dates_all_its_entries_anew_has_no_page_asked_for(made: Stage) -> None:
    others = [replace(KNOWN, guid=f"k{n}", title=f"Known {n}", link=f"/known-{n}") for n in range(3)]
    lists(made, KNOWN, OAKSHIRE, *others)
    await made.poll(BEGIN + 3 * HOUR)
    before = len(made.asked)
    now = "Mon, 23 Nov 2026 12:00:00 GMT"
    lists(made, *(replace(one, date=now) for one in (KNOWN, OAKSHIRE, *others)))
    await made.poll(BEGIN + 5 * HOUR)

    assert OAKSHIRE.link not in [path for _, path in made.asked[before:]]


async def read_in_shadow(made: Stage) -> None:
    """Put the source in shadow for 30 days, and read the report on Oakshire there."""
    reader = replace(made.poller.reader, inspectorates=packaged_scales())
    [source] = made.poller.sources
    shadowed = (replace(source, shadow=timedelta(days=30)),)
    made.poller = replace(made.poller, reader=reader, sources=shadowed)
    await made.store.providers.load(REGISTER, [])
    lists(made, KNOWN)
    await made.poll(BEGIN)
    lists(made, KNOWN, OAKSHIRE)
    await made.poll(BEGIN + HOUR)


@pytest.mark.parametrize(("after", "news"), [(40, True), (10, False)])
async def test_the_next_inspection_of_an_item_in_shadow_is_news_once_the_shadow_is_over(
    store: SqlStore, after: int, *, news: bool
) -> None:
    async with stage("baseline-lost", store) as made:
        await read_in_shadow(made)
        assert [one.grade for one in await store.admissions.in_shadow("feed")] == ["good"]
        visited = "between 24 November and 25 November 2026"
        page = oakshire("Inadequate", visited, "1 December 2026")
        lists(made, KNOWN, replace(OAKSHIRE, page=page, date="Tue, 01 Dec 2026 08:30:00 GMT"))
        await made.poll(BEGIN + after * DAY)
        await made.poll(BEGIN + after * DAY + HALF_AN_HOUR)

        assert [s.change and s.change.after for s in await edition(made)] == (["inadequate"] if news else [])
        expected = ["good"] if news else ["good", "inadequate"]
        assert [one.grade for one in await store.admissions.in_shadow("feed")] == expected


async def test_a_grade_that_is_mended_in_shadow_is_mended_for_operators(store: SqlStore) -> None:
    async with stage("baseline-lost", store) as made:
        await read_in_shadow(made)
        lists(made, KNOWN, replace(OAKSHIRE, page=oakshire("Requires improvement")))
        await made.poll(BEGIN + DAY + 2 * HOUR)

        [one] = await store.admissions.in_shadow("feed")
        assert one.grade == "requires improvement"
        assert await edition(made) == []
        assert await store.review.open() == []


async def test_a_released_item_has_eight_days_from_its_release(store: SqlStore) -> None:
    async with stage("baseline-lost", store) as made:
        lists(made, KNOWN)
        await made.poll(BEGIN)
        await store.sources.record("feed", partial(_held, at=BEGIN))
        lists(made, KNOWN, OAKSHIRE)
        await made.poll(BEGIN + HOUR)
        late = BEGIN + 20 * DAY
        await made.poll(late - HOUR)
        await store.sources.record("feed", partial(released, "feed", now=late))
        assert await store.admissions.release("feed", now=late) == 1
        [waiting] = await store.items.unread("feed", limit=9, now=late)
        assert waiting.since == late

        made.publisher.routes["/report/oakshire/"] = say(404)
        await made.poll(late + HOUR)
        assert [one.title for one in await store.items.unopened(late)] == ["Oakshire PDU"]


def _held(before: object, *, at: object) -> object:
    return replace(before, held_at=at)  # type: ignore[type-var]


async def test_the_old_report_keeps_its_page_and_the_new_one_has_the_keys(made: Stage) -> None:
    [old] = await made.store.items.filed(UNIT)
    then = replace(OAKSHIRE, page=OF_2028, date="Mon, 15 May 2028 08:30:00 GMT")
    lists(made, KNOWN, then)
    late = BEGIN + 539 * DAY
    await made.poll(late)
    [_, new] = await made.store.items.filed(UNIT)

    assert new.key.item != old.key.item
    assert await made.store.items.keys(old.key.item) == []
    assert [one.key for one in await made.store.items.keys(new.key.item)] != []
    case = await made.store.review.case(old.key)
    assert case is not None
    assert "‘Good’" in case.text
    await made.poll(late + HALF_AN_HOUR)
    assert len(await made.store.items.filed(UNIT)) == 2
