"""The index of trigrams: kept on SQLite row by row, and by PostgreSQL itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.store.tables import search_names

_THERE: Final = {
    "sqlite": "SELECT count(*) FROM sqlite_master WHERE name = 'search_trigrams'",
    "postgresql": "SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'",
}
_ADD: Final = text("INSERT INTO search_trigrams (rowid, words) VALUES (:id, :words)")
_DROP: Final = text(
    "INSERT INTO search_trigrams (search_trigrams, rowid, words) VALUES ('delete', :id, :words)"
)

_CLEAR: Final = text("INSERT INTO search_trigrams (search_trigrams) VALUES ('delete-all')")


async def has_trigrams(connection: AsyncConnection) -> bool:
    """Whether the database finds names by trigrams; else it finds the beginnings of names."""
    return bool(await connection.scalar(text(_THERE[connection.dialect.name])))


async def replace_names(
    connection: AsyncConnection, which: ColumnElement[bool], wanted: Iterable[dict[str, Any]]
) -> None:
    """Let the rows of `search_names` that meet a condition be these; a row that is there already stays."""
    rows = (await connection.execute(select(search_names).where(which))).mappings().all()
    fresh = {_key(row): row for row in wanted}
    there: set[tuple[Any, ...]] = set()
    gone = []
    for row in rows:
        key = _key(row)
        if key not in fresh or key in there:
            gone.append(row)
        there.add(key)
    await _delete(connection, gone)
    await add_names(connection, [row for key, row in fresh.items() if key not in there])


def _key(row: Any) -> tuple[Any, ...]:
    return row["service_id"], row["story"], row["former"], row["written"], row["words"]


async def add_names(connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    ours = await _is_kept_by_us(connection)
    if ours and await connection.scalar(select(search_names.c.id).limit(1)) is None:
        await connection.execute(_CLEAR)  # a restore has emptied the table, and not the index
    statement = insert(search_names).returning(search_names.c.id, sort_by_parameter_order=True)
    ids = (await connection.execute(statement, rows)).scalars().all()
    if ours:
        words = [{"id": id, "words": row["words"]} for id, row in zip(ids, rows, strict=True)]
        await connection.execute(_ADD, words)


async def _delete(connection: AsyncConnection, rows: Collection[Any]) -> None:
    if not rows:
        return
    ids = [row["id"] for row in rows]
    await connection.execute(delete(search_names).where(search_names.c.id.in_(ids)))
    if await _is_kept_by_us(connection):
        await connection.execute(_DROP, [{"id": row["id"], "words": row["words"]} for row in rows])


async def _is_kept_by_us(connection: AsyncConnection) -> bool:
    return connection.dialect.name == "sqlite" and await has_trigrams(connection)
