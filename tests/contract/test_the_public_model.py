"""What the public site reads, on either database: nothing before its noon, and nothing that is in doubt."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from builders import (
    DAY,
    KENT,
    PRISONS,
    PROBATION,
    a_candidate,
    a_change,
    a_provider,
    a_rating,
    a_report,
    a_timetable,
    inspectorates,
)
from clocks import Clock
from sqlalchemy import delete, event, select
from test_sources_and_items import PAGE, READING, list_items
from test_the_register import OAK, a_record, load

from digest.changes import Movement
from digest.edition import Candidate, StoryKey
from digest.edition_assembly import assemble
from digest.grade_periods import Given
from digest.jobs.keep_public import EVERY, PublicKeeper
from digest.jobs.review import accept, correct, reject
from digest.ports.public import GradeCount, Service, ServiceFilter, ServiceOrder, ServiceRecord
from digest.providers import Link, Linked
from digest.ratings import Inspectorates, Precision
from digest.reports import Direction
from digest.review import Amendment
from digest.store.database import Database
from digest.store.public import search
from digest.store.sql import SqlStore
from digest.store.tables import metadata

TEXT = replace(READING, text="Kent was rated good. Kent requires improvement.")
YESTERDAY = DAY - timedelta(days=1)
TOMORROW = DAY + timedelta(days=1)
SUMMER = DAY + timedelta(days=100)
MODEL = (
    *(
        "told_days",
        "told_stories",
        "told_words",
        "services",
        "service_grades",
        "service_counts",
        "service_entries",
    ),
    *("search_names", "search_words", "search_vocabulary", "search_spellings", "past_counts"),
)


def keeper(store: SqlStore, now: datetime, known: Inspectorates | None = None) -> PublicKeeper:
    return PublicKeeper(
        store=store.public_model,
        editions=store.editions,
        inspectorates=known or inspectorates(),
        timetable=a_timetable(),
        clock=Clock(now),
    )


async def keep(store: SqlStore, now: datetime) -> int:
    return await keeper(store, now).keep()


def at(hour: int, day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


async def tell(store: SqlStore, *candidates: Candidate, day: date = DAY) -> None:
    """File candidates and seal the day's edition with them."""
    for candidate in candidates:
        await store.items.file(candidate.key.item, PAGE, TEXT, [candidate])
    await seal(store, day)


async def seal(store: SqlStore, day: date) -> None:
    waiting = await store.editions.waiting(at(23, day))
    told = await store.editions.told(day - timedelta(days=60))
    assembly = assemble(day, a_timetable(), waiting=waiting, told=told, sources=())
    await store.editions.seal(assembly, at(11, day))


async def a_kent_story(store: SqlStore, name: str = "a", **facts: Any) -> Candidate:
    item = (await list_items(store, name))[-1].id
    return a_candidate(item, **facts)


async def service(store: SqlStore, id: str = KENT) -> Service:
    found = (await store.public.named([id])).get(id)
    assert found is not None
    return found


async def record(store: SqlStore, id: str = KENT) -> ServiceRecord:
    found = await store.public.record(id)
    assert found is not None
    return found


async def grades(store: SqlStore, id: str = KENT) -> list[str | None]:
    return [one.grade for one in (await record(store, id)).periods]


@pytest.fixture
async def told(store: SqlStore) -> SqlStore:
    """Kent was rated in 2024, and today's edition tells that it went up."""
    await store.providers.load([a_provider(area="Kent")], [a_rating("requires improvement")])
    await tell(store, await a_kent_story(store))
    return store


async def test_nobody_sees_an_edition_before_its_noon(told: SqlStore) -> None:
    assert await keep(told, at(11)) == 1

    assert (await service(told)).grade == "requires improvement"
    assert await told.public.stories(until=YESTERDAY) == ()
    assert await told.public.stories_of(DAY, until=YESTERDAY) == ()
    assert await told.public.span(until=YESTERDAY) is None
    assert await told.public.days(DAY, DAY, until=YESTERDAY) == ()
    assert (await told.public.search("Release", until=YESTERDAY)).stories == ()

    assert await keep(told, at(12)) == 1

    now = await service(told)
    assert (now.grade, now.before, now.movement) == ("good", "requires improvement", Movement.UPGRADE)
    assert (now.told_on, now.moved_on, now.rank) == (DAY, DAY, 1)
    [story] = await told.public.stories(until=DAY)
    assert (story.service, story.kind, story.area, story.movement) == (KENT, "PDU", "Kent", Movement.UPGRADE)
    assert story.anchor == f"story-{story.story.key.item}-0"
    assert await told.public.span(until=DAY) == (DAY, DAY)
    [day] = await told.public.days(DAY, DAY, until=DAY)
    assert (day.stories, day.up, day.down) == (1, 1, 0)
    assert await told.public.moves(DAY, until=DAY) == {DAY: {Movement.UPGRADE: 1}}
    assert await told.public.told_by_source(DAY, until=DAY) == {"hmip": 1}
    assert await told.public.told_by_source(DAY, until=YESTERDAY) == {}
    assert [one.story for one in (await told.public.search("Release", until=DAY)).stories] == [story]


async def test_a_second_look_writes_nothing(told: SqlStore) -> None:
    await keep(told, at(12))

    assert await keep(told, at(13)) == 0
    assert await told.public_model.days_to_tell() == ()


async def test_a_rating_that_no_edition_has_told_is_not_public(told: SqlStore) -> None:
    await keep(told, at(12))
    later = await a_kent_story(told, "b", grade="inadequate", published=TOMORROW)
    await told.items.file(later.key.item, PAGE, READING, [later])

    await keep(told, at(13))

    assert (await service(told)).grade == "good"
    assert await grades(told) == ["requires improvement", "good"]


async def test_the_next_look_is_at_noon_when_an_edition_becomes_public(store: SqlStore) -> None:
    assert await keeper(store, at(11)).look() == EVERY
    assert await keeper(store, at(12) - timedelta(seconds=90)).look() == timedelta(seconds=90)
    assert await keeper(store, at(12)).look() == EVERY


async def test_a_story_that_was_corrected_says_so_and_moves_nothing(told: SqlStore) -> None:
    await keep(told, at(12))
    [story] = await told.public.stories(until=DAY)
    await _correct(
        told, story.story.key, overall="requires improvement", evidence="Kent requires improvement."
    )
    await keep(told, at(13))

    # What was told is known to be wrong, and what is right is not told yet.
    assert (await service(told)).grade == "requires improvement"
    assert await grades(told) == ["requires improvement"]

    await seal(told, TOMORROW)
    await keep(told, at(12, TOMORROW))

    [later, earlier] = await told.public.stories(until=TOMORROW)
    assert (earlier.number, earlier.corrected_on, later.corrected_on) == (story.number, TOMORROW, None)
    [before] = await told.public.stories(until=DAY)
    assert before.corrected_on is None  # nobody sees it before its noon
    now = await service(told)
    assert (now.grade, now.movement) == ("requires improvement", Movement.UNCHANGED)
    assert await told.public.moves(DAY, until=TOMORROW) == {}
    last = (await record(told)).periods[-1]
    assert (last.told_on, last.story) == (TOMORROW, later.number)


async def _correct(store: SqlStore, key: StoryKey, **amendment: Any) -> None:
    await correct(
        key,
        Amendment(**amendment),
        by="ada",
        why="We misread a table.",
        inspectorates=inspectorates(),
        store=store,
        clock=Clock(at(13)),
    )


async def test_a_report_that_was_rejected_leaves_no_grade(told: SqlStore) -> None:
    await keep(told, at(12))
    [story] = await told.public.stories(until=DAY)
    await reject(story.story.key, by="ada", why="no report", store=told, clock=Clock(at(13)))

    await keep(told, at(14))

    assert await grades(told) == ["requires improvement"]


async def test_a_withdrawn_rating_is_no_present_grade(told: SqlStore) -> None:
    taken_back = a_change(Movement.WITHDRAWN, None, before="good", before_on=DAY)
    facts = {"report": a_report(None, direction=Direction.WITHDRAWN), "changes": (taken_back,)}
    later = await a_kent_story(told, "b", published=TOMORROW, found_at=at(9, TOMORROW), **facts)
    await tell(told, later, day=TOMORROW)

    await keep(told, at(11, TOMORROW))
    assert (await service(told)).grade == "good"

    await keep(told, at(12, TOMORROW))
    now = await service(told)
    assert (now.grade, now.movement, now.before, now.rated) == (None, Movement.WITHDRAWN, "good", False)
    last = (await record(told)).periods[-1]
    assert (last.given, last.grade, last.until) == (Given.WITHDRAWN, "good", TOMORROW)
    assert (await told.public.graded_on(TOMORROW, ServiceFilter())).count == 0
    assert [one.grade for one in (await told.public.graded_on(DAY, ServiceFilter())).grades] == []


async def test_a_grade_in_doubt_is_not_shown_until_operators_agree(store: SqlStore) -> None:
    await store.providers.load([a_provider()], [a_rating("requires improvement")])
    doubted = a_change(review="the text says upgrade; we hold another")
    candidate = await a_kent_story(store, changes=(doubted,))
    await tell(store, candidate)
    await keep(store, at(12))

    now = await service(store)
    assert (now.grade, now.rated, now.movement) == (None, False, None)
    assert [(one.given, one.grade) for one in (await record(store)).periods] == [
        (Given.GRADE, "requires improvement"),
        (Given.IN_DOUBT, None),
    ]
    [story] = await store.public.stories(until=DAY)
    assert story.movement is Movement.NOT_COMPARABLE

    await accept(candidate.key, by="ada", why="right", store=store, clock=Clock(at(13)))
    await seal(store, TOMORROW)
    await keep(store, at(12, TOMORROW))

    now = await service(store)
    assert (now.grade, now.movement) == ("good", Movement.UPGRADE)


async def test_merged_entries_are_one_service_with_the_grades_of_both(told: SqlStore) -> None:
    await load(told, a_record(name="Kent Delivery Unit"))
    await keep(told, at(12))
    assert {one.id for one in await told.public.services_after()} == {KENT, OAK}

    await told.register.merge(OAK, KENT, by="ada", why="", now=at(13))
    await keep(told, at(13))

    [one] = await told.public.services_after()
    assert (one.id, one.name, one.former_names) == (OAK, "Kent Delivery Unit", ("Kent PDU",))
    assert await service(told, KENT) == one
    assert await grades(told, KENT) == ["requires improvement", "good", "good"]
    assert (await record(told, KENT)).merged == (KENT,)
    assert [story.service for story in await told.public.stories(until=DAY)] == [OAK]
    for id in (KENT, OAK):
        assert len(await told.public.stories(service=id, until=DAY)) == 1

    await told.register.split(KENT, by="ada", why="", now=at(14))
    await keep(told, at(14))

    assert await grades(told, OAK) == ["good"]
    assert [story.service for story in await told.public.stories(until=DAY)] == [KENT]


async def test_services_are_found_by_any_of_their_ids_at_once(told: SqlStore) -> None:
    await told.providers.load([a_provider("old-kent", "Old Kent")], [])
    await told.register.merge(KENT, "old-kent", by="ada", why="the same", now=at(12))
    await keep(told, at(12))

    found = await told.public.named([KENT, "old-kent", "kent"])

    assert {id: one.id for id, one in found.items()} == {KENT: KENT, "old-kent": KENT}
    assert await told.public.named([]) == {}


async def test_a_predecessors_grades_stay_apart(store: SqlStore) -> None:
    old, new = a_provider("kent-crc", "Kent CRC"), a_provider()
    await store.providers.load([old, new], [a_rating("inadequate", provider="kent-crc"), a_rating("good")])
    linked = Linked(provider=KENT, predecessor="kent-crc", link=Link.MERGED)
    await keep(store, at(12))
    await store.register.link(linked, by="ada", why="", now=at(12))
    await keep(store, at(13))

    found = await record(store)
    assert [one.grade for one in found.periods] == ["good"]
    assert found.periods[0].movement is None
    [before] = found.predecessors
    assert (before.name, before.link, [one.grade for one in before.periods]) == (
        "Kent CRC",
        Link.MERGED,
        ["inadequate"],
    )
    [after] = (await record(store, "kent-crc")).successors
    assert (after.id, after.periods) == (KENT, ())


async def test_a_provider_that_only_a_text_has_named_is_public_once_it_is_told(store: SqlStore) -> None:
    named = await a_kent_story(store, provider="medway-pdu", provider_name="Medway PDU")
    await store.items.file(named.key.item, PAGE, READING, [named])
    await keep(store, at(9))
    assert not await store.public.named(["medway-pdu"])

    await seal(store, DAY)
    await keep(store, at(11))
    assert not await store.public.named(["medway-pdu"])
    assert (await store.public.search("medway", until=YESTERDAY)).services == ()

    await keep(store, at(12))
    now = await service(store, "medway-pdu")
    assert (now.name, now.grade, now.slug) == ("Medway PDU", None, "")  # operators are asked about it


# -- grades of every kind --------------------------------------------------------------------------------


async def test_on_a_scale_without_an_overall_grade_the_aspects_are_the_rating(store: SqlStore) -> None:
    prison = a_provider("hmp-leeds", "HMP Leeds", kind="prison", inspectorate="hmi-prisons")
    facts = {"provider": "hmp-leeds", "scale": PRISONS}
    ratings = [
        a_rating("poor", date(2020, 1, 1), aspect="safety", **facts),
        a_rating("good", date(2022, 1, 1), aspect="safety", **facts),
        a_rating("reasonably good", date(2022, 1, 1), aspect="respect", **facts),
        a_rating("poor", date(2022, 1, 1), aspect="resettlement", **facts),
    ]
    await store.providers.load([prison], ratings)

    await keep(store, at(12))

    now = await service(store, "hmp-leeds")
    assert (now.grade, now.rated, now.scale, now.since) == (None, True, PRISONS, date(2022, 1, 1))
    assert [(one.aspect, one.grade, one.rank, one.movement) for one in now.aspects] == [
        ("safety", "good", 0, Movement.UPGRADE),
        ("respect", "reasonably good", 1, None),
        ("preparation for release", "poor", 3, None),
    ]
    assert now.moved_on == date(2022, 1, 1)


async def test_a_new_scale_is_a_break_with_no_comparison(store: SqlStore) -> None:
    school = a_provider("oak-school", "Oak School", kind="school", inspectorate="ofsted")
    facts = {"provider": "oak-school"}
    ratings = [
        a_rating("good", date(2019, 1, 1), scale="ofsted-4", **facts),
        a_rating("urgent", date(2026, 1, 15), scale="ofsted-reportcard-5", **facts),
    ]
    await store.providers.load([school], ratings)

    await keep(store, at(12))

    [old, new] = (await record(store, "oak-school")).periods
    assert (old.until, new.movement, new.before) == (date(2026, 1, 15), Movement.NOT_COMPARABLE, "good")
    now = await service(store, "oak-school")
    assert (now.grade, now.rank, now.moved_on) == ("urgent", 4, None)
    on = await store.public.distribution(ServiceFilter(inspectorate="ofsted"), on=date(2025, 6, 30))
    assert on == (GradeCount(scale="ofsted-4", grade="good", rank=1, services=1),)


async def test_another_order_of_grades_in_the_files_makes_the_model_again(told: SqlStore) -> None:
    await keep(told, at(12))
    [probation, *others] = inspectorates()
    [scale] = probation.scales
    grades = (*scale.grades[:1], replace(scale.grades[1], rank=3), *scale.grades[2:])
    known = Inspectorates(all=(replace(probation, scales=(replace(scale, grades=grades),)), *others))

    assert await keeper(told, at(12), known).keep() == 1

    assert (await service(told)).rank == 2


async def test_how_much_is_known_of_a_date_stays_with_it(store: SqlStore) -> None:
    ratings = [
        a_rating("inadequate", None),
        a_rating("requires improvement", date(2019, 1, 1), published_precision=Precision.YEAR),
        a_rating("good", date(2021, 3, 1), published_precision=Precision.MONTH),
    ]
    await store.providers.load([a_provider()], ratings)

    await keep(store, at(12))

    periods = (await record(store)).periods
    assert [(one.since, one.precision, one.until) for one in periods] == [
        (None, Precision.NOT_BEFORE, date(2019, 1, 1)),
        (date(2019, 1, 1), Precision.YEAR, date(2021, 3, 1)),
        (date(2021, 3, 1), Precision.MONTH, None),
    ]
    assert (await service(store)).precision is Precision.MONTH


# -- lists -----------------------------------------------------------------------------------------------


@pytest.fixture
async def many(store: SqlStore) -> SqlStore:
    """Five units in two areas, four of them rated."""
    names = ["Ash", "Beech", "Cedar", "Dogwood", "Elder"]
    units = [
        a_provider(name.lower(), name, area="Kent" if n % 2 else "Essex", kind="YJS" if n == 4 else "PDU")
        for n, name in enumerate(names)
    ]
    stated = ["good", "inadequate", "outstanding", "good"]
    ratings = [
        a_rating(grade, date(2024, 1, 1 + n), provider=names[n].lower()) for n, grade in enumerate(stated)
    ]
    await store.providers.load(units, [a_rating("good", date(2020, 1, 1), provider="beech"), *ratings])
    await keep(store, at(12))
    return store


@pytest.mark.parametrize(
    ("order", "names"),
    [
        (ServiceOrder.GRADE, ["Cedar", "Dogwood", "Ash", "Beech", "Elder"]),
        (ServiceOrder.NAME, ["Ash", "Beech", "Cedar", "Dogwood", "Elder"]),
        (ServiceOrder.DATE, ["Dogwood", "Cedar", "Beech", "Ash", "Elder"]),
        (ServiceOrder.MOVED, ["Beech", "Ash", "Cedar", "Dogwood", "Elder"]),
    ],
)
async def test_services_come_in_an_order_and_in_pages(
    many: SqlStore, order: ServiceOrder, names: list[str]
) -> None:
    first = await many.public.services(order=order, limit=3)
    second = await many.public.services(order=order, offset=3, limit=3)

    assert [one.name for one in (*first.services, *second.services)] == names
    assert (first.count, second.count) == (5, 5)


async def test_services_are_counted_by_kind_area_and_grade(many: SqlStore) -> None:
    [own] = await many.public.inspectorates()
    assert (own.name, own.services, own.rated) == ("hmi-probation", 5, 4)
    kinds = await many.public.kinds("hmi-probation")
    assert [(one.name, one.services, one.rated) for one in kinds] == [("PDU", 4, 4), ("YJS", 1, 0)]
    areas = await many.public.areas("hmi-probation", "PDU")
    assert [(one.name, one.services) for one in areas] == [("Essex", 2), ("Kent", 2)]
    counts = await many.public.distribution(ServiceFilter(inspectorate="hmi-probation", kind="PDU"))
    assert [(one.grade, one.services) for one in counts] == [
        ("outstanding", 1),
        ("good", 2),
        ("inadequate", 1),
    ]
    some = await many.public.services(ServiceFilter(kind="PDU", area="Kent", rated=True))
    assert [one.name for one in some.services] == ["Dogwood", "Beech"]
    assert (await many.public.services(ServiceFilter(rated=False))).count == 1


async def test_a_table_of_a_past_day_has_the_grades_of_that_day(many: SqlStore) -> None:
    day = date(2024, 1, 3)

    page = await many.public.graded_on(day, ServiceFilter(inspectorate="hmi-probation"), limit=2)

    assert [(one.name, one.grade) for one in page.grades] == [("Cedar", "outstanding"), ("Ash", "good")]
    assert page.count == 3
    before = await many.public.graded_on(date(2023, 1, 1), ServiceFilter(area="Kent"))
    assert [(one.name, one.grade) for one in before.grades] == [("Beech", "good")]


@pytest.mark.parametrize(
    ("order", "names"),
    [
        (ServiceOrder.GRADE, ["Cedar", "Dogwood", "Ash", "Beech"]),
        (ServiceOrder.NAME, ["Ash", "Beech", "Cedar", "Dogwood"]),
        (ServiceOrder.DATE, ["Dogwood", "Cedar", "Beech", "Ash"]),
        (ServiceOrder.MOVED, ["Beech", "Dogwood", "Cedar", "Ash"]),
    ],
)
async def test_a_table_of_a_past_day_has_the_same_orders(
    many: SqlStore, order: ServiceOrder, names: list[str]
) -> None:
    which = ServiceFilter(inspectorate="hmi-probation", scale=PROBATION)
    first = await many.public.graded_on(DAY, which, order, limit=3)
    second = await many.public.graded_on(DAY, which, order, offset=3, limit=3)

    assert [one.name for one in (*first.grades, *second.grades)] == names
    [beech] = [one for one in (*first.grades, *second.grades) if one.name == "Beech"]
    assert (beech.movement, beech.before) == (Movement.DOWNGRADE, "good")
    assert (await many.public.graded_on(DAY, replace(which, scale=PRISONS))).count == 0
    assert (await many.public.services(replace(which, scale=PRISONS))).count == 0


async def test_grades_of_aspects_are_listed_by_name_or_by_one_of_them(store: SqlStore) -> None:
    prisons = [
        a_provider(f"hmp-{name}", name, kind="prison", inspectorate="hmi-prisons", area=area)
        for name, area in (("oak", "Kent"), ("pine", "Kent"), ("yew", "Essex"))
    ]
    given = [
        ("oak", "safety", "poor", 2020),
        ("oak", "safety", "good", 2024),
        ("oak", "respect", "poor", 2024),
        ("pine", "respect", "good", 2023),
        ("yew", "safety", "poor", 2024),
    ]
    ratings = [
        a_rating(grade, date(year, 1, 1), provider=f"hmp-{name}", aspect=aspect, scale=PRISONS)
        for name, aspect, grade, year in given
    ]
    await store.providers.load(prisons, ratings)
    await keep(store, at(12))
    which = ServiceFilter(inspectorate="hmi-prisons", scale=PRISONS)

    async def names(**asked: Any) -> list[str]:
        return [one.service.name for one in (await store.public.aspects_on(which, **asked)).rows]

    assert await names() == ["oak", "pine", "yew"]
    assert await names(by="respect") == ["pine", "oak", "yew"]
    assert await names(by="safety", offset=1, limit=1) == ["yew"]
    assert await names(on=date(2023, 6, 1)) == ["oak", "pine"]
    page = await store.public.aspects_on(replace(which, area="Kent"), limit=1)
    assert page.count == 2
    assert {one.aspect: (one.grade, one.movement) for one in page.rows[0].aspects} == {
        "safety": ("good", Movement.UPGRADE),
        "respect": ("poor", None),
    }
    counts = await store.public.aspect_distribution(which)
    assert [(one.aspect, one.grade, one.services) for one in counts] == [
        ("respect", "good", 1),
        ("respect", "poor", 1),
        ("safety", "good", 1),
        ("safety", "poor", 1),
    ]
    before = await store.public.aspect_distribution(which, on=date(2023, 6, 1))
    assert [(one.aspect, one.grade) for one in before] == [("respect", "good"), ("safety", "poor")]


async def test_stories_are_found_by_what_they_are_about(told: SqlStore) -> None:
    other = await a_kent_story(told, "b", movement=Movement.DOWNGRADE, grade="inadequate", published=SUMMER)
    other = replace(other, found_at=at(9, SUMMER))
    await tell(told, other, day=SUMMER)
    await keep(told, at(12, SUMMER))
    stories = await told.public.stories(until=SUMMER)
    assert [story.day for story in stories] == [SUMMER, DAY]

    assert await told.public.stories(until=SUMMER, before=stories[0].number) == stories[1:]
    assert await told.public.stories(until=SUMMER, limit=1) == stories[:1]
    assert await told.public.stories(service=KENT, until=SUMMER) == stories
    assert await told.public.stories(service="essex-pdu", until=SUMMER) == ()
    assert await told.public.moves(
        DAY, until=SUMMER, inspectorate="hmi-probation", kind="PDU", area="Kent"
    ) == {
        DAY: {Movement.UPGRADE: 1},
        SUMMER: {Movement.DOWNGRADE: 1},
    }
    assert [day.down for day in await told.public.days(DAY, SUMMER, until=SUMMER)] == [0, 1]


# -- the search ------------------------------------------------------------------------------------------


@pytest.fixture
async def named(store: SqlStore) -> SqlStore:
    units = [
        a_provider("a", "Northamptonshire Probation", area="Midlands"),
        a_provider("b", "Acorn House", area="Northamptonshire", aliases=("Ivy Lodge",)),
        a_provider("c", "St Mary's Primary School", area="Kent"),
        a_provider("d", "100% Care_Home", area=""),
    ]
    await store.providers.load(units, [])
    await keep(store, at(12))
    return store


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Northamptonshire", ["a", "b"]),
        ("northhamptonshire", ["a", "b"]),
        ("nothamptonshire probaton", ["a", "b"]),
        ("acorn hose", ["b"]),
        ("house acorn", ["b"]),
        ("saint marys", ["c"]),
        ("st marys", ["c"]),
        ("ac", ["b"]),
        ("acrn huose", ["b"]),
        ("acornhouse", ["b"]),
        ("ivy loge", ["b"]),
        ("100%", ["d"]),
        ("care_home", ["d"]),
        ("zzzz", []),
        ('\'; "OR" * NEAR(', []),
        ("", []),
        ("%", []),
    ],
)
async def test_a_search_forgives_the_spelling(named: SqlStore, asked: str, found: list[str]) -> None:
    result = await named.public.search(asked, until=DAY)

    assert [one.service.id for one in result.services] == found


async def test_a_name_is_found_below_many_shorter_ones_with_one_of_its_words(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = (
        "Park School",
        "Park Lane Nursery",
        "The Old Park and Garden School",
        "The School",
        "Hill School",
    )
    await store.providers.load([a_provider(f"n{n}", name) for n, name in enumerate(names)], [])
    await keep(store, at(12))
    monkeypatch.setattr(search, "_FIRST_ROWS", 1)

    found = (await store.public.search("park school", until=DAY)).services

    assert [one.service.id for one in found] == ["n0", "n2"]


async def test_a_search_tells_the_former_name_that_it_found(named: SqlStore) -> None:
    [one] = (await named.public.search("Ivy Lodge", until=DAY)).services

    assert (one.service.id, one.former_name, one.likeness) == ("b", "Ivy Lodge", 1.0)


# -- how it is kept --------------------------------------------------------------------------------------


async def model(store: SqlStore) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the model, without the numbers of names, which mean nothing."""
    async with store.database.read() as connection:
        rows = {
            name: [tuple(row) for row in await connection.execute(select(table).order_by(*table.c))]
            for name in MODEL
            for table in (metadata.tables[name],)
        }
    return rows | {
        "search_names": sorted(map(repr, (row[1:] for row in rows["search_names"]))),
        "search_words": sorted(row[:2] for row in rows["search_words"]),
    }


async def forget(store: SqlStore) -> None:
    """What a restore does: it empties the tables, and not the index of the search."""
    async with store.database.write() as connection:
        for name in MODEL:
            await connection.execute(delete(metadata.tables[name]))


async def test_what_was_emptied_is_made_again(told: SqlStore) -> None:
    await keep(told, at(12))
    before = await model(told)
    await forget(told)

    await keep(told, at(12))

    assert await model(told) == before
    [one] = (await told.public.search("kent pdu", until=DAY)).services
    assert one.service.id == KENT


class Killed(BaseException):
    """As `kill -9` at a statement, as far as the database sees it."""


@contextmanager
def killed_at(database: Database, number: int) -> Iterator[list[int]]:
    """The database's `number`-th statement that writes is not done, and neither is anything after it."""
    seen = [0]

    def count(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().startswith(("INSERT", "UPDATE", "DELETE")):
            seen[0] += 1
            if seen[0] == number:
                raise Killed

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", count)


async def test_whatever_statement_it_is_killed_at_the_next_look_finishes_it(told: SqlStore) -> None:
    await load(told, a_record(name="Kent Delivery Unit"))
    await keep(told, at(12))
    whole = await model(told)
    number = 1
    while True:
        await forget(told)
        with killed_at(told.database, number) as seen:
            try:
                await keep(told, at(12))
            except Killed:
                pass
            else:
                break
        assert seen == [number]
        await keep(told, at(12))
        assert await model(told) == whole
        number += 1
    assert number > 8
