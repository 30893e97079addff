"""The stories that somebody may wish for, found by the words of their places.

Each wish is some walks: a walk goes down the numbers of the stories that have one word, and perhaps one kind,
in an index. It ends after so many stories, so that no wish costs a reading of all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.listing import batched
from digest.ports.public import StoryPart, WishedStories
from digest.store.public.stories import stories_where
from digest.store.public.told import number_of, place_words
from digest.store.tables import told_stories, told_words

_own: Final = told_words.c

MOST_WALKED: Final = 4000
"""Stories of all walks of one question together."""

LEAST_WALKED: Final = 200  # of one walk
_MOST_WALKS: Final = 40  # by kind or by inspectorate; for more of them, a walk takes all of them at once
_AT_ONCE: Final = 100  # parts of one statement; SQLite takes 500
_EVERY: Final = ("",)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    """Stories with all of some words, and of a kind or an inspectorate."""

    words: tuple[str, ...]  # never empty; the empty word is in all stories
    kind: str | None = None  # None: any, as is the next
    inspectorate: str | None = None

    def met(self, word: str) -> list[ColumnElement[bool]]:
        """What the rows of a walk along a word meet, as its index has them."""
        wanted = {"kind": self.kind, "inspectorate": self.inspectorate}
        return [
            _own.word == word,
            *(_own[name] == value for name, value in wanted.items() if value is not None),
        ]


async def wished(
    connection: AsyncConnection, which: WishedStories, *, until: date, before: int, limit: int
) -> StoryPart:
    before = min(before, number_of(until + timedelta(days=1), 0))
    walks = [] if which.services is not None else list(dict.fromkeys(_walks(which)))
    most = max(LEAST_WALKED, MOST_WALKED // max(1, len(walks)))
    ends = await _ends(connection, walks, before, most)
    queries = [
        *(
            _numbers(one, word, range(end, before), which, limit)
            for one, (word, end) in zip(walks, ends, strict=True)
        ),
        *(_of_services(ids, before, limit) for ids in (which.watched, which.services) if ids),
    ]
    if not queries:
        return StoryPart(stories=(), before=None)
    end = max((end for _, end in ends), default=0)  # below it some walk has not looked
    found = union_all(*(select(query.subquery()) for query in queries))
    numbers = sorted({number for number in (await connection.execute(found)).scalars() if number >= end})
    wanted = numbers[::-1][:limit]
    stories = await stories_where(connection, told_stories.c.number.in_(wanted), until=until, limit=limit)
    full = len(wanted) == limit
    return StoryPart(stories=stories, before=wanted[-1] if full else end or None)


def _walks(which: WishedStories) -> Iterator[_Walk]:
    """The walks that meet all the stories; a provider of no known kind has the kind in its name."""
    places = [place_words([one]) or _EVERY for one in ([""] if which.places is None else which.places)]
    most = _MOST_WALKS // max(1, len(places))
    if which.kinds is not None and len(which.kinds) <= most:
        for words, kind in product(places, which.kinds):
            yield _Walk(words=words, kind=kind)
            both = tuple(dict.fromkeys((*filter(None, words), *place_words([kind]))))
            yield _Walk(words=both or _EVERY, kind="")
    elif which.inspectorates is not None and len(which.inspectorates) <= most:
        for words, key in product(places, which.inspectorates):
            yield _Walk(words=words, inspectorate=key)
    else:
        yield from (_Walk(words=words) for words in places)


async def _ends(
    connection: AsyncConnection, walks: Sequence[_Walk], before: int, most: int
) -> list[tuple[str, int]]:
    """For each walk the word that the fewest stories have, and the last number that it comes to; 0: all."""
    each = []
    for place, walk in enumerate(walks):
        for word in walk.words:
            end = select(_own.number).where(*walk.met(word), _own.number < before)
            end = end.order_by(_own.number.desc()).limit(1).offset(most - 1)
            each.append(
                select(
                    literal(place).label("walk"),
                    literal(word).label("word"),
                    end.scalar_subquery().label("end"),
                )
            )
    found: list[list[tuple[int, str]]] = [[] for _ in walks]
    for part in batched(each, _AT_ONCE):
        for row in await connection.execute(union_all(*part)):
            found[row.walk].append((row.end or 0, row.word))
    return [(word, end) for end, word in map(min, found)]


def _numbers(walk: _Walk, word: str, numbers: range, which: WishedStories, limit: int) -> Select[Any]:
    """The numbers of a walk's newest stories, of these."""
    met = [*walk.met(word), _own.number < numbers.stop, _own.number >= numbers.start]
    if which.inspectorates is not None:
        met.append(_own.inspectorate.in_(which.inspectorates))
    if which.moves:
        met.append(_own.moves)
    met += (_has(other) for other in walk.words if other != word)
    return select(_own.number).where(*met).order_by(_own.number.desc()).limit(limit)


def _has(word: str) -> ColumnElement[bool]:
    """Whether a story of a walk has another word, too."""
    other = told_words.alias()
    return select(other.c.word).where(other.c.word == word, other.c.number == _own.number).exists()


def _of_services(ids: Sequence[str], before: int, limit: int) -> Select[Any]:
    own = told_stories.c
    query = select(own.number).where(own.service_id.in_(ids), own.number < before)
    # Not the plain column: a walk along all numbers would take long where services have few stories.
    return query.order_by((own.number + 0).desc()).limit(limit)
