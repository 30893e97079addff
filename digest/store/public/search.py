"""The search: candidates by an index of trigrams, ranked by how much of what was asked for they have.

First come names that begin with the words or contain all of them. Only if these are few, names that are
spelled nearly so are looked for, by their rarest trigrams. Each step reads so many rows at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    table,
    text,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.ports.public import Found, FoundService, FoundStory
from digest.providers import normal_name
from digest.store.public.search_index import has_trigrams
from digest.store.public.services import services_of
from digest.store.public.stories import stories_where
from digest.store.public.told import number_of
from digest.store.tables import search_names, told_stories

LONGEST: Final = 100
"""Characters of what is asked for that count."""

_CANDIDATES: Final = 200
_ROWS: Final = 12_000
"""So many rows that have one of the rarest trigrams are compared on SQLite, at most."""

_COMPARED: Final = 1000
"""So many names that are like what was asked for are compared on PostgreSQL, at most."""

_LIKEST: Final = 0.75
_ENOUGH: Final = 20

_LIKE: Final = 0.5
"""A name is found if it has this share of the trigrams that were asked for."""

_own: Final = search_names.c


@dataclass(frozen=True, slots=True)
class _Match:
    service: str | None
    story: int | None
    former: bool
    written: str
    likeness: float
    place: tuple[Any, ...]  # the best first


async def find(connection: AsyncConnection, asked: str, *, until: date, limit: int) -> Found:
    """What a search finds; nothing for a text without a letter or digit."""
    words = normal_name(asked[:LONGEST])
    if not words:
        return Found()
    public = or_(_own.story.is_(None), _own.story < number_of(until + timedelta(days=1), 0))
    found = {row["id"]: row for row in await _beginning(connection, words, public)}
    if _inner(words) and await has_trigrams(connection):
        index = _Sqlite() if connection.dialect.name == "sqlite" else _Postgresql()
        found |= {row["id"]: row for row in await index.containing(connection, words, public)}
        if len(found) < limit:
            found |= {row["id"]: row for row in await index.like(connection, words, public)}
    matches = sorted(_matches(words, found.values()), key=lambda one: one.place)
    return await _found(connection, matches, until, limit)


async def _found(connection: AsyncConnection, matches: Iterable[_Match], until: date, limit: int) -> Found:
    of_services: dict[str, _Match] = {}
    of_stories: dict[int, _Match] = {}
    for one in matches:
        if one.service is not None and len(of_services) < limit:
            of_services.setdefault(one.service, one)
        elif one.story is not None and len(of_stories) < limit:
            of_stories.setdefault(one.story, one)
    known = await services_of(connection, list(of_services))
    told = await stories_where(
        connection, told_stories.c.number.in_(list(of_stories)), until=until, limit=limit
    )
    stories = {one.number: one for one in told}
    return Found(
        services=tuple(
            FoundService(
                service=known[id],
                former_name=one.written if one.former else None,
                likeness=one.likeness,
            )
            for id, one in of_services.items()
            if id in known
        ),
        stories=tuple(
            FoundStory(story=stories[number], likeness=one.likeness)
            for number, one in of_stories.items()
            if number in stories
        ),
    )


def _matches(words: str, rows: Iterable[Mapping[str, Any]]) -> Iterable[_Match]:
    """The rows that are like what was asked for, each with its place among them."""
    wanted = _trigrams(words)
    for row in rows:
        likeness = _share(wanted, row["words"])
        if likeness >= _LIKE or row["words"].startswith(words):
            name = normal_name(row["written"])
            place = (
                name != words,
                -round(likeness, 2),
                -round(_share(wanted, name), 2),
                not name.startswith(words),
                row["former"],
                -(row["story"] or 0),
                len(name),
                name,
                row["service_id"] or "",
            )
            yield _Match(
                row["service_id"], row["story"], row["former"], row["written"], round(likeness, 3), place
            )


def _trigrams(words: str) -> frozenset[str]:
    """The trigrams of each word, with two spaces before it and one after it."""
    return frozenset(
        padded[i : i + 3]
        for word in words.split()
        for padded in (f"  {word} ",)
        for i in range(len(word) + 1)
    )


def _share(wanted: frozenset[str], words: str) -> float:
    return len(wanted & _trigrams(words)) / len(wanted)


async def _rows(connection: AsyncConnection, *met: ColumnElement[bool], order: Any = None) -> list[Any]:
    query = select(search_names).where(*met).limit(_CANDIDATES)
    query = query if order is None else query.order_by(order)
    return list((await connection.execute(query)).mappings())


async def _beginning(connection: AsyncConnection, words: str, public: ColumnElement[bool]) -> list[Any]:
    """Names that begin with these words."""
    if connection.dialect.name == "sqlite":
        begins = and_(_own.words >= words, _own.words < f"{words}\U0010ffff")
        return await _rows(connection, begins, public, order=_own.words)
    # On PostgreSQL, to sort all of them takes too long.
    return await _rows(connection, _own.words.startswith(words, autoescape=True), public)


class _Sqlite:
    """The index of trigrams on SQLite, FTS5."""

    async def containing(
        self, connection: AsyncConnection, words: str, public: ColumnElement[bool]
    ) -> list[Any]:
        """Names that have all trigrams of the words."""
        all_of_them = " AND ".join(f'"{one}"' for one in _inner(words))
        ids = select(_matching(all_of_them).limit(_CANDIDATES).subquery())
        found = (await connection.execute(ids)).scalars().all()
        return await _rows(connection, _own.id.in_(found), public)

    async def like(self, connection: AsyncConnection, words: str, public: ColumnElement[bool]) -> list[Any]:
        """Names that have the most of the words' rarest trigrams."""
        counts = text("SELECT term, doc FROM search_trigrams_seen WHERE term IN :terms")
        counts = counts.bindparams(bindparam("terms", expanding=True))
        seen = {row.term: row.doc for row in await connection.execute(counts, {"terms": _inner(words)})}
        terms: list[str] = []
        rows = 0
        for term in sorted(seen, key=lambda one: (seen[one], one)):
            if terms and rows + seen[term] > _ROWS:
                break
            terms.append(term)
            rows += seen[term]
        if not terms:
            return []
        each = union_all(*(_matching(f'"{term}"') for term in terms)).subquery()
        best = select(each.c.id).group_by(each.c.id).order_by(func.count().desc(), each.c.id)
        ids = (await connection.execute(best.limit(_CANDIDATES))).scalars().all()
        return await _rows(connection, _own.id.in_(ids), public)


def _matching(expression: str) -> Select[tuple[int]]:
    """The ids of the names that match an expression of FTS5."""
    ids: Select[tuple[int]] = select(literal_column("rowid").label("id"))
    matches = literal_column("search_trigrams").op("MATCH")(expression)
    return ids.select_from(table("search_trigrams")).where(matches)


def _inner(words: str) -> list[str]:
    """The trigrams within the words."""
    return list(dict.fromkeys(word[i : i + 3] for word in words.split() for i in range(len(word) - 2)))


class _Postgresql:
    """The index of trigrams on PostgreSQL, pg_trgm."""

    async def containing(
        self, connection: AsyncConnection, words: str, public: ColumnElement[bool]
    ) -> list[Any]:
        """Names that contain each of the words."""
        return await _rows(
            connection, *(_own.words.contains(word, autoescape=True) for word in words.split()), public
        )

    async def like(self, connection: AsyncConnection, words: str, public: ColumnElement[bool]) -> list[Any]:
        """Names with words that are spelled nearly so: at first the likest alone, as comparing takes time."""
        # Without the index each name is compared. The planner takes a limit for a reason to do that.
        setting = text(
            "SELECT set_config('pg_trgm.word_similarity_threshold', :like, true),"
            " set_config('enable_seqscan', 'off', true)"
        )
        found: list[Any] = []
        for like in _LIKEST, _LIKE:
            await connection.execute(setting, {"like": str(like)})
            some = select(search_names).where(_own.words.bool_op("%>")(words), public).limit(_COMPARED)
            part = some.subquery()
            best = select(part).order_by(func.word_similarity(words, part.c.words).desc(), part.c.id)
            found = list((await connection.execute(best.limit(_CANDIDATES))).mappings())
            if len(found) >= _ENOUGH:
                break
        return found
