"""Keeps the tables that the public site reads by what the others say: `ports.PublicModelStore` on SQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.grade_periods import Periods
from digest.interventions import altered
from digest.listing import batched
from digest.ports.public import Public
from digest.store.codec import EDITION, STORY
from digest.store.database import Database, insert_new
from digest.store.interventions import closed_with
from digest.store.public.counts import count, counted_now, sorts_of
from digest.store.public.known import Groups, groups_of, known_of
from digest.store.public.made import ServiceRows, rows_of
from digest.store.public.marks import MODEL, changed, marks_of
from digest.store.public.past_counts import changes_of, count_past, counted_past
from digest.store.public.search_index import replace_names
from digest.store.public.told import NOWHERE, Place, day_row, name_row, number_of, story_rows, word_rows
from digest.store.tables import (
    editions,
    public_version,
    search_names,
    service_entries,
    service_grades,
    services,
    told_days,
    told_stories,
    told_words,
)

_AT_ONCE: Final = 1000  # stories whose words are looked at in one statement

_ALONE: Final = text("SELECT pg_advisory_xact_lock(20120, 3)")
"""One process at a time writes the model. If another has just written the same, that changes nothing."""


class SqlPublicModel:
    """`ports.PublicModelStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def days_to_tell(self) -> tuple[date, ...]:
        told = (told_days.c.day == editions.c.day) & (told_days.c.mark == str(MODEL))
        query = select(editions.c.day).outerjoin(told_days, told).where(told_days.c.day.is_(None))
        query = query.where(editions.c.closed_at.is_not(None))
        async with self._database.read() as connection:
            return tuple((await connection.execute(query.order_by(editions.c.day))).scalars())

    async def tell(self, day: date) -> int:
        async with self._database.read() as connection:
            columns = (editions.c.content, editions.c.closed_at, editions.c.closed_with)
            row = (await connection.execute(select(*columns).where(editions.c.day == day))).first()
        with_ = closed_with(row) if row is not None else None
        if row is None or with_ is None:
            return 0
        edition = altered(EDITION.load(row.content), with_)
        rows = list(story_rows(edition))
        async with self._alone() as connection:
            for table in (told_stories, told_days):
                await connection.execute(delete(table).where(table.c.day == day))
            numbers = range(number_of(day, 0), number_of(day + timedelta(days=1), 0))
            of_day = told_words.c.number.between(numbers[0], numbers[-1])
            await connection.execute(delete(told_words).where(of_day))
            places = await _places(connection, [row["entry_id"] for row in rows])
            placed = [(row, places.get(row["entry_id"])) for row in rows]
            if rows:
                led = [{**row, **_columns(place)} for row, place in placed]
                await connection.execute(insert(told_stories), led)
                await connection.execute(insert(told_words), _words(placed))
            own = search_names.c.story.in_([row["number"] for row in rows])
            await replace_names(connection, own, map(name_row, rows))
            await connection.execute(insert(told_days).values(day_row(edition, str(MODEL))))
        return len(rows)

    async def changed(self, public: Public) -> tuple[str, ...]:
        async with self._database.read() as connection:
            return tuple(await changed(connection, public))

    async def rewrite(self, ids: tuple[str, ...], public: Public) -> None:
        async with self._database.read() as connection:
            groups = await groups_of(connection, ids)
            # The marks first: what commits between the two is noticed by the next look.
            marks = await marks_of(connection, groups.entries, public)
            known = await known_of(connection, groups, public.until)
        periods = Periods(public.inspectorates)
        made = {id: rows_of(one, periods) for id, one in known.items()}
        async with self._alone() as connection:
            await _write(connection, groups, made)
            await _note(connection, groups, marks, made)
            await _lead_stories(connection, groups.entries)

    async def note_kept(self, until: date) -> None:
        own = public_version
        async with self._database.read() as connection:
            if await connection.scalar(select(own.c.kept_until)) == until:
                return
        async with self._database.write() as connection:
            await connection.execute(insert_new(connection, own).values(id=1, writes=0))
            await connection.execute(update(own).values(kept_until=until))

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[AsyncConnection]:
        async with self._database.write() as connection:
            if connection.dialect.name == "postgresql":
                await connection.execute(_ALONE)
            yield connection
            await _count_write(connection)


async def _count_write(connection: AsyncConnection) -> None:
    own = public_version
    counted = await connection.execute(update(own).values(writes=own.c.writes + 1))
    if counted.rowcount == 0:
        await connection.execute(insert(own).values(id=1, writes=1))


async def _write(connection: AsyncConnection, groups: Groups, made: Mapping[str, ServiceRows]) -> None:
    """Write the services of these groups in the place of those that stand."""
    stale = list(groups.stale)
    new_grades = [row for one in made.values() for row in one.grades]
    changes = sorts_of((one.service for one in made.values()), new_grades)
    changes.subtract(await counted_now(connection, stale))
    await count(connection, changes)
    dated = changes_of(new_grades)
    dated.subtract(await counted_past(connection, stale))
    await count_past(connection, dated)
    for table, id in ((services, services.c.id), (service_grades, service_grades.c.service_id)):
        await connection.execute(delete(table).where(id.in_(stale)))
    for table, rows in (
        (services, [one.service for one in made.values()]),
        (service_grades, new_grades),
    ):
        if rows:
            await connection.execute(insert(table), rows)
    names = [row for one in made.values() for row in one.names]
    await replace_names(connection, search_names.c.service_id.in_(stale), names)


async def _note(
    connection: AsyncConnection, groups: Groups, marks: Mapping[str, str], made: Collection[str]
) -> None:
    """Note the marks by which the services were written."""
    own = service_entries
    await connection.execute(delete(own).where(own.c.entry_id.in_(groups.entries)))
    rows = [
        {"entry_id": id, "service_id": head if head in made else None, "mark": marks[id]}
        for head, each in groups.members.items()
        for id in each
        if id in marks
    ]
    if rows:
        await connection.execute(insert(own), rows)


async def _lead_stories(connection: AsyncConnection, entries: Sequence[str]) -> None:
    """Let the stories about these entries lead to the services that count, and be found by their names."""
    own = told_stories.c
    query = select(own.number, own.entry_id, own.service_id, own.kind, own.area, own.content)
    rows = (await connection.execute(query.where(own.entry_id.in_(entries)))).mappings().all()
    places = await _places(connection, [row["entry_id"] for row in rows])
    placed = [(row, places.get(row["entry_id"])) for row in rows]
    other = [
        {"of": row["number"], **_columns(place)}
        for row, place in placed
        if any(row[name] != value for name, value in _columns(place).items())
    ]
    if other:
        await connection.execute(update(told_stories).where(own.number == bindparam("of")), other)
    await replace_words(connection, [row["number"] for row in rows], _words(placed))


def _words(stories: Iterable[tuple[Any, Place | None]]) -> list[dict[str, Any]]:
    """The words of rows of stories, each with what is known of its provider."""
    each = (word_rows(row["number"], STORY.load(row["content"]), place) for row, place in stories)
    return [word for words in each for word in words]


async def replace_words(
    connection: AsyncConnection, numbers: Iterable[int], wanted: Iterable[dict[str, Any]]
) -> None:
    """Let the words of these stories be these; those of a story stay if they are the same."""
    own, after = told_words.c, _by_number(wanted)
    for some in batched(numbers, _AT_ONCE):
        there = (await connection.execute(select(told_words).where(own.number.in_(some)))).mappings()
        before = _by_number(map(dict, there))
        other = [number for number in some if before.get(number) != after.get(number)]
        if other:
            await connection.execute(delete(told_words).where(own.number.in_(other)))
        if rows := [row for number in other for row in after.get(number, {}).values()]:
            await connection.execute(insert(told_words), rows)


def _by_number(rows: Iterable[dict[str, Any]]) -> dict[int, dict[str, dict[str, Any]]]:
    found: dict[int, dict[str, dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["number"], {})[row["word"]] = row
    return found


def _columns(place: Place | None) -> Mapping[str, Any]:
    return place.columns if place else NOWHERE


async def _places(connection: AsyncConnection, entries: Sequence[str | None]) -> dict[str, Place]:
    """What is known of each entry that has a service."""
    ids = {id for id in entries if id is not None}
    if not ids:
        return {}
    own = services.c
    query = select(service_entries.c.entry_id, own.id, own.kind, own.area, own.name, own.former_names)
    query = query.join(services, own.id == service_entries.c.service_id)
    rows = await connection.execute(query.where(service_entries.c.entry_id.in_(ids)))
    return {
        row.entry_id: Place(service=row.id, kind=row.kind, area=row.area, names=(row.name, *row.former_names))
        for row in rows
    }
