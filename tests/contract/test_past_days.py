"""Tables of a past day say what the grades' own rows say, however these came to be, on either database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import product
from random import Random
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from builders import PRISONS, PROBATION, a_provider, a_rating
from sqlalchemy import Connection, delete, select, update
from test_the_public_model import at, keep

from digest.changes import Movement
from digest.ports.public import ServiceFilter, ServiceOrder
from digest.providers import Provider
from digest.ratings import OVERALL, Rating
from digest.store.database import MIGRATIONS
from digest.store.public.past_counts import changes_of, joined
from digest.store.sql import SqlStore
from digest.store.tables import past_counts, service_grades, services

FIRST = date(2019, 12, 20)
DAYS = tuple(FIRST + timedelta(days=n) for n in (0, 11, 12, 43, 400, 777, 1100, 1500))
FILTERS = tuple(
    ServiceFilter(inspectorate=key, scale=scale, kind=kind, area=area)
    for (key, scale), kind, area in product(
        (("hmi-probation", PROBATION), ("hmi-prisons", PRISONS), ("hmi-prisons", "")),
        ("", "PDU", "Prison"),
        ("", "Kent"),
    )
)
SOME = tuple(Random(7).sample(list(product(DAYS, FILTERS)), 48))  # all take a minute
GRADES = {PROBATION: ("outstanding", "good", "inadequate"), PRISONS: ("good", "reasonably good", "poor")}
Row = Any


def a_world(random: Random, count: int = 14) -> tuple[list[Provider], list[Rating]]:
    """Services with a few visits each: on one scale overall, on the other by aspects."""
    providers, ratings = [], []
    for n in range(count):
        key, scale = ("hmi-probation", PROBATION) if n % 2 else ("hmi-prisons", PRISONS)
        kind, area = random.choice(("PDU", "Prison", "")), random.choice(("Kent", "Essex"))
        id = f"one-{n}"
        providers.append(a_provider(id, f"Place {n * 7 % 10}", kind=kind, inspectorate=key, area=area))
        for _ in range(random.randrange(4)):
            day = FIRST + timedelta(days=random.choice((0, 11, 12, 40, 300, 420, 760, 1200)))
            for aspect in (OVERALL,) if n % 2 else random.sample(("safety", "respect"), random.randint(1, 2)):
                grade = random.choice(GRADES[scale])
                ratings.append(a_rating(grade, day, provider=id, aspect=aspect, scale=scale))
    return providers, ratings


@pytest.fixture
async def graded(store: SqlStore) -> SqlStore:
    """Services whose kinds, areas and grades have changed since they were first written."""
    await store.providers.load(*a_world(Random(3)))
    await keep(store, at(12))
    await store.providers.load(*a_world(Random(4)))
    await keep(store, at(13))
    return store


async def rows_of(store: SqlStore) -> list[Row]:
    """All grade periods, each with the name of its service."""
    query = select(service_grades, services.c.by_name.label("name")).join(
        services, services.c.id == service_grades.c.service_id
    )
    async with store.database.read() as connection:
        return list((await connection.execute(query)).mappings())


def passing(rows: Sequence[Row], which: ServiceFilter, on: date) -> Iterator[Row]:
    """Those that count on a day and pass a filter."""
    wanted = {
        name: value for name in ("inspectorate", "scale", "kind", "area") if (value := getattr(which, name))
    }
    for row in rows:
        counts = (row["since"] or date.min) <= on and (row["until"] is None or row["until"] > on)
        if counts and row["given"] == "grade" and all(row[name] == value for name, value in wanted.items()):
            yield row


def placed(row: Row, order: ServiceOrder) -> Any:
    rank = 99 if row["rank"] is None else row["rank"]
    dated = -(row["since"] or date.min).toordinal(), row["service_id"]
    moved = row["movement"] in {Movement.UPGRADE, Movement.DOWNGRADE}
    return {
        ServiceOrder.GRADE: (rank, *dated),
        ServiceOrder.NAME: row["name"],
        ServiceOrder.DATE: dated,
        ServiceOrder.MOVED: (not moved, *dated),
    }[order]


async def test_overall_grades_of_a_past_day_are_those_of_the_rows(graded: SqlStore) -> None:
    rows = [row for row in await rows_of(graded) if row["aspect"] == OVERALL]
    seen = 0
    for day, which in SOME:
        own = list(passing(rows, which, day))
        for order in ServiceOrder:
            expected = [row["service_id"] for row in sorted(own, key=lambda row: placed(row, order))]
            page = await graded.public.graded_on(day, which, order, offset=1, limit=3)
            assert ([one.service for one in page.grades], page.count) == (expected[1:4], len(own)), (
                day,
                which,
            )
        counts = await graded.public.distribution(which, on=day)
        expected_counts = Counter((row["scale"], row["grade"], row["rank"]) for row in own)
        assert {(one.scale, one.grade, one.rank): one.services for one in counts} == expected_counts
        seen += len(own)
    assert seen > 20


async def test_grades_of_aspects_of_a_past_day_are_those_of_the_rows(graded: SqlStore) -> None:
    rows = [row for row in await rows_of(graded) if row["aspect"] != OVERALL]
    seen = 0
    for day, which in (one for one in SOME if one[1].scale):
        own = list(passing(rows, which, day))
        names = {row["service_id"]: row["name"] for row in own}
        for by in ("", "safety"):
            ranks = {row["service_id"]: row["rank"] for row in own if row["aspect"] == by}
            order = sorted(names, key=lambda one: (one not in ranks, ranks.get(one, 0), names[one]))
            for offset in (0, 2):
                page = await graded.public.aspects_on(which, on=day, by=by, offset=offset, limit=2)
                found = [one.service.id for one in page.rows]
                assert (found, page.count) == (order[offset : offset + 2], len(names)), (day, which, by)
        counts = await graded.public.aspect_distribution(which, on=day)
        expected = Counter((row["aspect"], row["grade"], row["rank"]) for row in own)
        assert {(one.aspect, one.grade, one.rank): one.services for one in counts} == expected
        seen += len(own)
    assert seen > 20


async def test_an_upgraded_state_has_the_tables_of_one_that_was_made_now(graded: SqlStore) -> None:
    keys = [service_grades.c[name] for name in ("by_date", "by_move", "by_rank", "by_first")]

    def refill(connection: Connection) -> None:
        migration = ScriptDirectory(str(MIGRATIONS)).get_revision("0055").module
        connection.execute(delete(past_counts))
        connection.execute(update(service_grades).values({key.name: None for key in keys}))
        with Operations.context(MigrationContext.configure(connection)):
            migration._fill_columns()
            migration._fill_counts(past_counts)

    async def all_of_it() -> list[Any]:
        own = service_grades.c
        counts = await connection.execute(select(past_counts).order_by(*past_counts.c))
        columns = await connection.execute(select(*keys).order_by(own.service_id, own.number))
        return [counts.all(), columns.all()]

    async with graded.database.write() as connection:
        before = await all_of_it()
        await connection.run_sync(refill)
        assert await all_of_it() == before
        assert len(before[0]) > 50


@pytest.mark.parametrize(
    ("stretches", "found"),
    [
        ([(1, 3), (3, 5), (7, None)], [(1, 5), (7, None)]),
        ([(4, 6), (1, 9), (2, 3)], [(1, 9)]),
        ([(2, None), (3, 4)], [(2, None)]),
        ([], []),
    ],
)
def test_stretches_that_touch_are_one(
    stretches: list[tuple[int, int | None]], found: list[tuple[int, int | None]]
) -> None:
    def dated(each: list[tuple[int, int | None]]) -> list[tuple[date, date | None]]:
        return [(date(2025, 1, first), date(2025, 1, after) if after else None) for first, after in each]

    assert list(joined(dated(stretches))) == dated(found)


def test_a_grade_that_ended_before_it_began_counts_on_no_day() -> None:
    named = dict.fromkeys(("service_id", "inspectorate", "scale", "kind", "grade", "by_grade"), "x")
    row = named | {"aspect": OVERALL, "rank": 1, "given": "grade", "since": date(2025, 3, 1)}

    assert changes_of([row | {"until": date(2025, 2, 1)}]) == {}
    assert changes_of([row | {"until": None}]) != {}
