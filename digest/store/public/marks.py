"""Which of the register's entries have changed since the model was written, asked of the database itself.

The mark of an entry is a text made of all that the model says of it: its row, where it leads, its links, how
many ratings it has and the sum of their ids, which are never used again, the reports of it that editions have
told, and its open cases. So a change of any of this is noticed, no matter which job or command made it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import date
from typing import Any, Final

import sqlalchemy
from sqlalchemy import ColumnElement, Select, Subquery, case, cast, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.ports.public import Public
from digest.store.tables import (
    merges,
    open_cases,
    provider_links,
    providers,
    ratings,
    reports,
    service_entries,
)

MODEL: Final = 4
"""It counts the ways in which the model was made: another number makes all of it again."""


def made_by(public: Public) -> str:
    """The part of each mark for how the model is made: also by which scales."""
    scales = repr([(i.key, i.scales) for i in public.inspectorates])
    return f"{MODEL}.{hashlib.blake2b(scales.encode(), digest_size=6).hexdigest()}"


async def changed(connection: AsyncConnection, public: Public) -> list[str]:
    """The ids of the entries whose marks are not those that were noted, and of entries that are gone."""
    marked = _marks(public.until, made_by(public)).subquery()
    noted = service_entries
    other = (
        select(marked.c.id)
        .outerjoin(noted, noted.c.entry_id == marked.c.id)
        .where(noted.c.mark.is_distinct_from(marked.c.mark))
    )
    gone = (
        select(noted.c.entry_id)
        .outerjoin(providers, providers.c.id == noted.c.entry_id)
        .where(providers.c.id.is_(None))
    )
    found = set((await connection.execute(other)).scalars())
    found |= set((await connection.execute(gone)).scalars())
    return sorted(found)


async def marks_of(connection: AsyncConnection, ids: Collection[str], public: Public) -> dict[str, str]:
    """The marks of these entries, by id; without those that are in no register."""
    query = _marks(public.until, made_by(public), ids)
    return {row.id: row.mark for row in await connection.execute(query)}


def _marks(until: date, how: str, ids: Collection[str] | None = None) -> Select[tuple[str, str]]:
    of_ratings = _counted(ratings.c.provider_id, func.sum(ratings.c.id), ids)
    told = _counted(
        reports.c.provider_id, _text(func.sum(reports.c.item_id)) + _text(func.max(reports.c.told_on)), ids
    )
    told = told.where(reports.c.told_on <= until)
    joined = {
        "ratings": of_ratings.subquery(),
        "told": told.subquery(),
        "cases": _cases(ids),
        "links": _links(ids),
    }
    entry = providers.c
    parts = [
        literal(how),
        entry.name,
        entry.kind,
        entry.inspectorate,
        entry.area,
        cast(entry.aliases, sqlalchemy.Text),
        case((entry.proposed, "proposed"), else_=""),
        func.coalesce(merges.c.into_id, ""),
        *(func.coalesce(one.c.what, "") for one in joined.values()),
    ]
    mark: ColumnElement[str] = parts[0]
    for part in parts[1:]:
        mark = mark.concat("|").concat(part)
    query = select(entry.id, mark.label("mark")).outerjoin(merges, merges.c.provider_id == entry.id)
    for one in joined.values():
        query = query.outerjoin(one, one.c.of == entry.id)
    return query if ids is None else query.where(entry.id.in_(ids))


def _text(value: Any) -> ColumnElement[str]:
    return literal(" ").concat(func.coalesce(cast(value, sqlalchemy.Text), ""))


def _counted(of: Any, what: Any, ids: Collection[str] | None) -> Select[Any]:
    """How many rows each entry has, and what is told of them together."""
    told = cast(func.count(), sqlalchemy.Text).concat(_text(what))
    query = select(of.label("of"), told.label("what")).group_by(of)
    return query if ids is None else query.where(of.in_(ids))


def _cases(ids: Collection[str] | None) -> Subquery:
    """The open cases of each entry's reports."""
    open_ = open_cases().subquery()
    same = (reports.c.item_id == open_.c.item_id) & (reports.c.place == open_.c.place)
    query = _counted(reports.c.provider_id, func.sum(open_.c.item_id), ids)
    return query.join_from(open_, reports, same).subquery()


def _links(ids: Collection[str] | None) -> Subquery:
    """The links of each entry, on either side."""
    link = provider_links.c
    said = link.provider_id.concat(">").concat(link.predecessor_id).concat(link.stated_by)
    said = said.concat(func.coalesce(link.link, ""))
    sides = []
    for side in (link.provider_id, link.predecessor_id):
        query = select(side.label("of"), said.label("said"))
        sides.append(query if ids is None else query.where(side.in_(ids)))
    both = union_all(*sides).subquery()
    ordered = select(both).order_by(both.c.of, both.c.said).subquery()
    what = func.aggregate_strings(ordered.c.said, ",").label("what")
    return select(ordered.c.of, what).group_by(ordered.c.of).subquery()
