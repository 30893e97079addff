"""Which of a source's new items are news, which are only known, and which are held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.admission import ABSENT_AFTER, LATE_ONES, MANY, Admission, Fate, Look, Memory, admit
from digest.identity import Fresh
from digest.items import Item
from digest.rhythm import BATCH_FLOOR, BATCH_TIMES
from digest.sources import Authority, Polled, Source, Validators, succeeded

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOURCE = Source(
    id="blog",
    name="Blog",
    url="https://blog.example.org/feed",
    authority=Authority.BLOG,
    inspectorate=None,
    every=HOUR,
    recent=14 * DAY,
    pages=20,
)
STEADY = Polled(
    source="blog",
    next_poll_at=NOW,
    began_at=NOW - 90 * DAY,
    baselined_at=NOW - 90 * DAY,
    full_at=NOW - HOUR,
    url=SOURCE.url,
)
ONE_A_DAY = {NOW.date() - n * DAY: 1 for n in range(1, 60)}
KNOWN = Item(title="Known")


def new(count: int, *, at: datetime | None = None, title: str = "New") -> list[Fresh]:
    return [
        Fresh(item=Item(title=f"{title} {n}", published_at=at), keys=(f"{title} {n}",)) for n in range(count)
    ]


def admitted(
    fresh: Sequence[Fresh], memory: Memory, *, source: Source = SOURCE, known: Sequence[Item] = (KNOWN,)
) -> Admission:
    after = partial(succeeded, source, validators=Validators(), now=NOW)
    return admit(Look(source=source, fresh=fresh, known=known, at=NOW), memory, after)


def fates(fresh: Sequence[Fresh], memory: Memory, **facts: Any) -> set[Fate]:
    return {one.fate for one in admitted(fresh, memory, **facts).items}


def steady(days: dict[date, int] | None = None, **facts: Any) -> Memory:
    return Memory(polled=STEADY, days=ONE_A_DAY if days is None else days, **facts)


# -- baselines --------------------------------------------------------------------------------------


def test_the_first_list_that_is_not_empty_is_the_baseline() -> None:
    empty = admitted([], Memory(polled=None), known=())
    first = admitted(new(30), Memory(polled=empty.polled), known=())
    second = admitted(new(3), Memory(polled=first.polled))

    assert empty.polled.baselined_at is None
    assert (first.baseline, second.baseline) == (True, False)
    assert {one.fate for one in first.items} == {Fate.KNOWN}
    assert {one.fate for one in second.items} == {Fate.NEWS}


def test_after_a_long_absence_the_next_list_is_a_baseline_also_if_an_empty_one_comes_first() -> None:
    away = replace(STEADY, full_at=NOW - ABSENT_AFTER - HOUR)
    empty = admitted([], Memory(polled=away), known=()).polled

    for before in (away, empty):
        after = admitted(new(25), Memory(polled=before, days=ONE_A_DAY), known=())
        assert {one.fate for one in after.items} == {Fate.KNOWN}
        assert after.polled.baselined_at == NOW


def test_after_a_shorter_absence_what_was_written_meanwhile_is_news() -> None:
    away = replace(STEADY, full_at=NOW - ABSENT_AFTER)

    assert fates(new(25), Memory(polled=away, days=ONE_A_DAY)) == {Fate.NEWS}


@given(st.integers(0, 40), st.integers(0, 40))
def test_of_two_that_poll_a_source_first_one_makes_the_baseline(one: int, more: int) -> None:
    first = admitted(new(one), Memory(polled=None), known=())
    second = admitted(new(min(more, BATCH_FLOOR), title="Newer"), Memory(polled=first.polled))

    assert {item.fate for item in first.items} <= {Fate.KNOWN}
    assert second.polled.baselined_at is not None or not one
    assert {item.fate for item in second.items} <= ({Fate.NEWS} if one else {Fate.KNOWN})


# -- batches that are too large ---------------------------------------------------------------------


def test_an_archive_that_moved_is_held_whole() -> None:
    held = admitted(new(120), steady())

    assert {one.fate for one in held.items} == {Fate.HELD}
    assert held.items[0].why == "120 new items at once, where 10 are likely"


def test_what_comes_after_a_batch_that_is_held_is_news() -> None:
    assert fates(new(1), steady()) == {Fate.NEWS}


@given(st.integers(1, 150), st.integers(1, 400))
def test_a_batch_is_news_up_to_a_few_times_the_busiest_day(busiest: int, count: int) -> None:
    fate = fates(new(count), steady({NOW.date() - 9 * DAY: busiest}))

    assert fate == ({Fate.NEWS} if count <= max(BATCH_FLOOR, BATCH_TIMES * busiest) else {Fate.HELD})


def test_an_archive_that_comes_bit_by_bit_is_held_as_well() -> None:
    """A site that is being rebuilt lists some more of its old pages at each look."""
    news = 0
    for _ in range(20):
        fate = fates(new(9), steady(ONE_A_DAY | {NOW.date(): news}))
        news += 9 if fate == {Fate.NEWS} else 0

    assert news == 2 * 9


def test_the_dates_of_known_items_tell_the_rhythm_of_a_source_that_is_new() -> None:
    """An inspectorate that publishes forty reports a day would else be held on its second day."""
    dated = [Item(title=f"{day} {n}", published_at=NOW - day * DAY) for day in range(1, 4) for n in range(40)]

    assert fates(new(60), steady({}), known=dated) == {Fate.NEWS}
    assert fates(new(60), steady({}), known=[KNOWN]) == {Fate.HELD}
    assert fates(new(60), steady(ONE_A_DAY), known=dated) == {Fate.HELD}


def test_old_items_that_are_listed_under_new_addresses_are_held_also_if_they_are_few() -> None:
    fresh = new(MANY)
    again = frozenset(one.item.title for one in fresh[:3])

    assert fates(fresh, steady(titles=again)) == {Fate.HELD}
    assert fates(fresh[:-1], steady(titles=again)) == {Fate.NEWS}
    assert fates(new(MANY + 2, title="Other"), steady(titles=again)) == {Fate.NEWS}


def test_reports_that_all_have_one_title_are_no_old_ones() -> None:
    fresh = [Fresh(item=Item(title="Report published"), keys=(str(n),)) for n in range(8)]

    assert fates(fresh, steady(titles={"Report published"})) == {Fate.NEWS}


def test_what_an_operator_holds_is_held_and_the_dates_make_no_difference() -> None:
    memory = Memory(polled=replace(STEADY, held_at=NOW - HOUR), days=ONE_A_DAY)

    assert fates([*new(1), *new(1, at=NOW - 900 * DAY, title="Old")], memory) == {Fate.HELD}


# -- dates before the window --------------------------------------------------------------------------


def test_one_or_two_old_dates_from_a_steady_source_are_news() -> None:
    """A draft from last year is published today, under its old date."""
    old = new(LATE_ONES, at=NOW - 300 * DAY)

    assert fates(old, steady()) == {Fate.NEWS}


@pytest.mark.parametrize(
    ("count", "memory"),
    [
        (LATE_ONES + 1, steady()),
        (1, steady(lately=[NOW - 300 * DAY] * LATE_ONES)),
        (1, Memory(polled=replace(STEADY, full_at=NOW - 3 * DAY), days=ONE_A_DAY)),
    ],
    ids=["too many", "there were two today", "it was away for three days"],
)
def test_other_old_dates_are_no_news_and_operators_are_told(count: int, memory: Memory) -> None:
    old = admitted(new(count, at=NOW - 300 * DAY), memory)

    assert {one.fate for one in old.items} == {Fate.KNOWN}
    assert {one.why for one in old.items} == {"it is new and dated 2026-01-27, before the window"}


def test_a_list_of_which_nothing_is_known_shows_no_steady_source() -> None:
    assert fates(new(1, at=NOW - 300 * DAY), steady(), known=()) == {Fate.KNOWN}


def test_old_dates_beside_news_leave_it_news() -> None:
    both = admitted([*new(5, at=NOW - 300 * DAY, title="Old"), *new(2, at=NOW - HOUR)], steady())

    assert [one.fate for one in both.items] == [Fate.KNOWN] * 5 + [Fate.NEWS] * 2


# -- moves ------------------------------------------------------------------------------------------------


def test_at_a_new_address_old_items_are_known_and_what_is_surely_new_is_news() -> None:
    moved = Memory(polled=replace(STEADY, url="https://old.example.org/"), days=ONE_A_DAY, titles={"New 0"})
    since = NOW - timedelta(minutes=30)
    fresh = [*new(2, at=since), *new(2, title="Undated"), *new(2, at=NOW - 2 * HOUR, title="Older")]

    after = admitted(fresh, moved)

    assert [one.fate for one in after.items] == [Fate.KNOWN, Fate.NEWS, *[Fate.KNOWN] * 4]
    assert after.polled.url == SOURCE.url
    assert after.polled.baselined_at == STEADY.baselined_at


def test_at_a_new_address_what_is_dated_with_the_day_of_the_last_list_is_news() -> None:
    moved = Memory(polled=replace(STEADY, url="https://old.example.org/"), days=ONE_A_DAY, titles={"Old 0"})
    today, earlier = (NOW.replace(hour=0) - timedelta(days=days) for days in (0, 2))

    assert fates(new(1, at=today), moved) == {Fate.NEWS}
    assert fates(new(1, at=earlier), moved) == {Fate.KNOWN}
    assert fates(new(1, at=today, title="Old"), moved) == {Fate.KNOWN}


def test_an_empty_list_at_a_new_address_is_no_move_yet() -> None:
    old = replace(STEADY, url="https://old.example.org/")

    after = admitted([], Memory(polled=old), known=()).polled
    assert after.url == old.url
    assert fates(new(1, at=NOW - HOUR / 2), Memory(polled=after)) == {Fate.NEWS}


def test_a_new_address_whose_items_are_all_dated_today_is_held() -> None:
    moved = Memory(polled=replace(STEADY, url="https://old.example.org/"), days=ONE_A_DAY)

    assert fates(new(40, at=NOW), moved, known=()) == {Fate.HELD}


# -- laws ---------------------------------------------------------------------------------------------------

instants = st.none() | st.integers(-800, 400).map(lambda days: NOW + days * DAY)


@given(
    st.lists(instants, max_size=30),
    st.dictionaries(st.dates(date(2026, 1, 1), NOW.date()), st.integers(1, 50)),
    st.booleans(),
    st.sampled_from([None, SOURCE.url, "https://old.example.org/"]),
)
def test_every_new_item_has_one_fate_and_only_news_has_no_reason(
    dates: list[datetime | None], days: dict[date, int], known: bool, url: str | None
) -> None:
    fresh = [Fresh(item=Item(title=str(n), published_at=at), keys=(str(n),)) for n, at in enumerate(dates)]
    memory = Memory(polled=replace(STEADY, url=url), days=days)

    after = admitted(fresh, memory, known=[KNOWN] if known else [])

    assert [one.fresh for one in after.items] == fresh
    assert all((one.why is None) is (one.fate is Fate.NEWS) for one in after.items)
    assert len({one.fate for one in after.items} - {Fate.KNOWN}) <= 1


# -- data ----------------------------------------------------------------------------------------------


def of_data(count: int, rows: int, *, last: timedelta = DAY, **facts: Any) -> set[Fate]:
    """The fates of so many changed records of a publisher's data that has so many rows."""
    look = Look(source=replace(SOURCE, **facts), fresh=new(count), known=(), at=NOW, rows=rows)
    memory = Memory(polled=replace(STEADY, full_at=NOW - last))
    return {
        one.fate
        for one in admit(look, memory, partial(succeeded, SOURCE, validators=Validators(), now=NOW)).items
    }


def test_a_months_changes_of_data_are_news_in_the_first_month() -> None:
    assert of_data(200, 22_000) == {Fate.NEWS}
    assert of_data(2_200, 22_000) == {Fate.NEWS}


def test_data_of_which_most_grades_change_at_once_is_held() -> None:
    assert of_data(2_201, 22_000) == {Fate.HELD}
    assert of_data(12_000, 22_000, last=90 * DAY) == {Fate.HELD}


@pytest.mark.parametrize(("rows", "most"), [(9, 10), (60, 30), (200, 50)])
def test_of_a_short_table_half_may_change_at_once(rows: int, most: int) -> None:
    assert of_data(most, rows) == {Fate.NEWS}
    assert of_data(most + 1, rows) == {Fate.HELD}


def test_what_changed_in_data_that_was_not_read_for_long_or_has_moved_is_news() -> None:
    assert of_data(5, 200, last=ABSENT_AFTER + DAY) == {Fate.NEWS}
    assert of_data(5, 200, url="https://blog.example.org/new.csv") == {Fate.NEWS}


@pytest.mark.parametrize(
    ("published", "fate"),
    [(13 * DAY, Fate.NEWS), (60 * DAY, Fate.NEWS), (91 * DAY, Fate.KNOWN)],
    ids=["lately", "since we look", "before we looked"],
)
def test_a_record_that_was_never_seen_is_news_if_it_is_recent_or_published_since_we_look(
    published: timedelta, fate: Fate
) -> None:
    look = Look(source=SOURCE, fresh=new(1, at=NOW - published), known=(), at=NOW, rows=500)
    after = partial(succeeded, SOURCE, validators=Validators(), now=NOW)
    assert [one.fate for one in admit(look, Memory(polled=STEADY), after).items] == [fate]
