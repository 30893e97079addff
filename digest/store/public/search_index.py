"""What the search finds names by: their words, the vocabulary of all names, and the parts of its words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.listing import batched
from digest.store.public.spelling import parts_of, words_of
from digest.store.tables import search_names, search_spellings, search_vocabulary, search_words

FIRST_STORY: Final = 10**6
"""The places of stories begin here, the newest first. Names of services stand before, the shortest first."""

_LAST: Final = 10**14
"""Above the number of every story."""

_MOST: Final = 60
"""Words of one name that are found."""

_AT_ONCE: Final = 1000  # words in one statement


def place_of_story(number: int) -> int:
    return _LAST - number


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
    added = [row for key, row in fresh.items() if key not in there]
    await _delete(connection, gone)
    await _add(connection, added)
    counts = Counter(word for row in added for word in _words(row))
    counts.subtract(word for row in gone for word in _words(row))
    await _count(connection, {word: change for word, change in counts.items() if change})


def _key(row: Any) -> tuple[Any, ...]:
    return row["service_id"], row["story"], row["former"], row["written"], row["words"]


def _words(row: Any) -> list[str]:
    return words_of(row["words"])[:_MOST]


def _word_rows(id: int, row: Any) -> Iterable[dict[str, Any]]:
    length = min(len(row["words"]), FIRST_STORY - 1)
    place = length if row["story"] is None else place_of_story(row["story"])
    return ({"word": word, "place": place, "name_id": id} for word in _words(row))


async def _add(connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    statement = insert(search_names).returning(search_names.c.id, sort_by_parameter_order=True)
    ids = (await connection.execute(statement, rows)).scalars().all()
    words = [each for id, row in zip(ids, rows, strict=True) for each in _word_rows(id, row)]
    if words:
        await connection.execute(insert(search_words), words)


async def _delete(connection: AsyncConnection, rows: Collection[Any]) -> None:
    if not rows:
        return
    ids = [row["id"] for row in rows]
    await connection.execute(delete(search_names).where(search_names.c.id.in_(ids)))
    own = search_words.c
    same = and_(own.word == bindparam("a"), own.place == bindparam("b"), own.name_id == bindparam("c"))
    words = [
        {"a": each["word"], "b": each["place"], "c": each["name_id"]}
        for row in rows
        for each in _word_rows(row["id"], row)
    ]
    if words:
        await connection.execute(delete(search_words).where(same), words)


async def _count(connection: AsyncConnection, changes: dict[str, int]) -> None:
    """Note in how many names more, or fewer, each word is."""
    own = search_vocabulary.c
    for part in batched(sorted(changes), _AT_ONCE):
        query = select(own.word, own.names).where(own.word.in_(part))
        there = {row.word: row.names for row in await connection.execute(query)}
        fresh = [word for word in part if word not in there]
        left = {word: count + changes[word] for word, count in there.items()}
        if fresh:
            await connection.execute(
                insert(search_vocabulary), [{"word": word, "names": changes[word]} for word in fresh]
            )
            await connection.execute(insert(search_spellings), list(_spellings(fresh)))
        if more := [{"of": word, "now": count} for word, count in left.items() if count > 0]:
            one = update(search_vocabulary).where(own.word == bindparam("of"))
            await connection.execute(one.values(names=bindparam("now")), more)
        if none := [word for word, count in left.items() if count <= 0]:
            await connection.execute(delete(search_vocabulary).where(own.word.in_(none)))
            await _forget(connection, none)


def _spellings(words: Iterable[str]) -> Iterable[dict[str, Any]]:
    return (
        {"part": part, "size": len(word), "word": word} for word in words for part in sorted(parts_of(word))
    )


async def _forget(connection: AsyncConnection, words: Sequence[str]) -> None:
    own = search_spellings.c
    same = and_(own.part == bindparam("a"), own.size == bindparam("b"), own.word == bindparam("c"))
    rows = [{"a": each["part"], "b": each["size"], "c": each["word"]} for each in _spellings(words)]
    await connection.execute(delete(search_spellings).where(same), rows)
