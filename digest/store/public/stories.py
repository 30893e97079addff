"""The stories that editions have told, as the public site reads them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.changes import Movement
from digest.ports.public import ToldDay, ToldStory
from digest.store.codec import STORY
from digest.store.tables import items, told_days, told_stories

_own: Final = told_stories.c


async def stories_where(
    connection: AsyncConnection, *which: ColumnElement[bool], until: date, limit: int, newest: bool = True
) -> tuple[ToldStory, ...]:
    """The public stories that meet all conditions, by number."""
    query = select(told_stories).where(_own.day <= until, *which)
    query = query.order_by(_own.number.desc() if newest else _own.number).limit(limit)
    rows = (await connection.execute(query)).mappings().all()
    same = await _of_the_same_reports(connection, rows, until)
    return tuple(_story(row, same[row["item_id"], row["place"]]) for row in rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """A story, as far as it says what another one corrects."""

    number: int
    day: date
    correction: bool


async def _of_the_same_reports(
    connection: AsyncConnection, rows: Iterable[Any], until: date
) -> Mapping[tuple[int, int], list[_Told]]:
    """All public stories of these stories' reports, the first one first."""
    items = {row["item_id"] for row in rows}
    found: dict[tuple[int, int], list[_Told]] = defaultdict(list)
    if items:
        query = select(_own.item_id, _own.place, _own.number, _own.day, _own.correction)
        query = query.where(_own.item_id.in_(items), _own.day <= until)
        for row in await connection.execute(query.order_by(_own.number)):
            one = _Told(number=row.number, day=row.day, correction=row.correction)
            found[row.item_id, row.place].append(one)
    return found


def _story(row: Any, same: Sequence[_Told]) -> ToldStory:
    earlier = [one.number for one in same if one.number < row["number"]]
    later = [one.day for one in same if one.correction and one.number > row["number"]]
    return ToldStory(
        number=row["number"],
        day=row["day"],
        service=row["service_id"],
        inspectorate=row["inspectorate"],
        kind=row["kind"],
        area=row["area"],
        movement=Movement(row["movement"]) if row["movement"] else None,
        grade=row["grade"],
        corrects=max(earlier, default=None) if row["correction"] else None,
        corrected_on=min(later, default=None),
        story=STORY.load(row["content"]),
    )


async def days_between(connection: AsyncConnection, first: date, last: date) -> tuple[ToldDay, ...]:
    own = told_days.c
    query = select(own.day, own.stories, own.up, own.down).where(own.day.between(first, last))
    rows = (await connection.execute(query.order_by(own.day))).mappings()
    return tuple(ToldDay(**row) for row in rows)


async def span_until(connection: AsyncConnection, until: date) -> tuple[date, date] | None:
    query = select(func.min(told_days.c.day), func.max(told_days.c.day)).where(told_days.c.day <= until)
    first, last = (await connection.execute(query)).one()
    return None if first is None else (first, last)


async def moves_since(  # noqa: PLR0917 -- one call, in `reads`
    connection: AsyncConnection, since: date, until: date, inspectorate: str, kind: str, area: str
) -> dict[date, dict[Movement, int]]:
    """How many stories of each day tell an upgrade or a downgrade that no later edition corrected."""
    later = told_stories.alias()
    same = (later.c.item_id == _own.item_id) & (later.c.place == _own.place)
    corrected = select(later.c.number).where(
        same, later.c.correction, later.c.number > _own.number, later.c.day <= until
    )
    query = select(_own.day, _own.movement, func.count()).where(
        _own.day.between(since, until),
        _own.movement.in_([Movement.UPGRADE, Movement.DOWNGRADE]),
        ~corrected.exists(),
    )
    for column, wanted in ((_own.inspectorate, inspectorate), (_own.kind, kind), (_own.area, area)):
        if wanted:
            query = query.where(column == wanted)
    found: dict[date, dict[Movement, int]] = {}
    for day, movement, count in await connection.execute(query.group_by(_own.day, _own.movement)):
        found.setdefault(day, {})[Movement(movement)] = count
    return dict(sorted(found.items()))


async def told_by_source(connection: AsyncConnection, since: date, until: date) -> dict[str, int]:
    """How many stories of each source were told from a day on; an item is of one source."""
    told = told_stories.join(items, items.c.id == _own.item_id)
    query = select(items.c.source_id, func.count().label("stories")).select_from(told)
    query = query.where(_own.day.between(since, until)).group_by(items.c.source_id)
    return {row.source_id: row.stories for row in await connection.execute(query)}
