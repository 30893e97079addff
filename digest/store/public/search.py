"""The search: names that have the words that were asked for, or words that are spelled nearly so.

The same tables and the same queries find the same names on both databases. Each step reads so many rows at
most, the shortest names and the newest stories first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise, product
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.ports.public import Found, FoundService, FoundStory
from digest.providers import normal_name
from digest.store.public.search_index import FIRST_STORY, place_of_story
from digest.store.public.services import services_of
from digest.store.public.spelling import most_wrong, parts_of, trigrams, words_of, wrong_letters
from digest.store.public.stories import stories_where
from digest.store.public.told import number_of
from digest.store.tables import search_names, search_spellings, search_vocabulary, search_words, told_stories

LONGEST: Final = 100
"""Characters of what is asked for that count."""

_WORDS: Final = 8  # that count
_BEGUN: Final = 10  # words that begin with one that was asked for
_COMPARED: Final = 60  # words, letter by letter
_NEAR: Final = 5  # words that are spelled nearly so
_ROWS: Final = 4000  # names with one word that are looked through for the others
_FIRST_ROWS: Final = 1000  # of them at first: mostly enough have the others as well
_SERVICES: Final = 100  # candidates of one step, as is the next
_STORIES: Final = 40
_FEW: Final = 3  # names: with fewer, a word that was asked for may be a slip that some name has, too
_ALONE: Final = 2  # words that are looked up without the others

_LIKE: Final = 0.5
"""A name is found if it is like what was asked for to this share."""

_own: Final = search_names.c
_word: Final = search_words.c
_MORE: Final = "\U0010ffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A word that was asked for, and the words of names that it may mean."""

    word: str
    begun: Mapping[str, int]  # those that begin with it: how many names have each
    near: Mapping[str, int] = field(default_factory=dict)  # those spelled nearly so: wrong letters of each
    near_names: int = 0  # how many names these have

    @property
    def names(self) -> int:
        return sum(self.begun.values()) + self.near_names

    @property
    def meanings(self) -> tuple[str, ...]:
        return (*self.begun, *self.near)

    def likeness(self, words: Iterable[str]) -> float:
        """How much the likest of these words is like it."""
        best = 0.0
        for word in words:
            if word == self.word:
                return 1.0
            if word.startswith(self.word):
                best = max(best, len(self.word) / (len(self.word) + 1))
            elif word in self.near:
                best = max(best, 1 - self.near[word] / len(self.word))
        return best


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
    text = normal_name(asked[:LONGEST])
    words = words_of(text)[:_WORDS]
    if not words:
        return Found()
    step = _Step(connection, until)
    meant = await _begun(connection, words)
    rows = await step.with_all(meant)
    if guessing := not rows or (len(words) == 1 and len(rows) < _FEW):
        unknown = {one.word for one in meant if one.word not in one.begun} or set(words)
        meant = [await _with_near(connection, one) if one.word in unknown else one for one in meant]
        if any(one.near for one in meant):
            rows |= await step.with_all(meant)
    if guessing and len(words) > 1 and len(rows) < limit:
        for one in sorted((one for one in meant if one.names), key=lambda one: one.names)[:_ALONE]:
            rows |= await step.with_all([one])
    rows |= await step.beginning(text)
    matches = _matches(text, meant, rows.values())
    if not matches:
        parted = await _parted(connection, words)
        matches = _matches(text, parted, (await step.with_all(parted)).values()) if parted else []
    return await _found(connection, sorted(matches, key=lambda one: one.place), until, limit)


# -- the words that are meant -----------------------------------------------------------------------------


async def _begun(connection: AsyncConnection, words: Sequence[str]) -> list[_Asked]:
    """The words, each with those that begin with it: the word itself, and those that most names have."""
    own = search_vocabulary.c
    each = []
    for number, word in enumerate(words):
        query = select(literal(number).label("of"), own.word, own.names, (own.word != word).label("longer"))
        query = query.where(own.word >= word, own.word < word + _MORE)
        each.append(
            select(query.order_by(own.word != word, own.names.desc(), own.word).limit(_BEGUN).subquery())
        )
    found: list[dict[str, int]] = [{} for _ in words]
    rows = (await connection.execute(union_all(*each))).all()
    for row in sorted(rows, key=lambda row: (row.of, row.longer, -row.names, row.word)):
        found[row.of][row.word] = row.names
    return [_Asked(word=word, begun=begun) for word, begun in zip(words, found, strict=True)]


async def _with_near(connection: AsyncConnection, asked: _Asked) -> _Asked:
    """The same, with the words that are spelled nearly so: those with the fewest wrong letters."""
    word, most = asked.word, most_wrong(asked.word)
    if not most:
        return asked
    own = search_spellings.c
    like = select(own.word, func.count().label("parts"))
    like = like.where(
        own.part.in_(sorted(parts_of(word))), own.size.between(len(word) - most, len(word) + most)
    )
    some = like.group_by(own.word).order_by(func.count().desc(), own.word).limit(_COMPARED).subquery()
    same = search_vocabulary.c.word == some.c.word
    rows = await connection.execute(
        select(some.c.word, search_vocabulary.c.names).join(search_vocabulary, same)
    )
    names = {row.word: row.names for row in rows}
    wrong = {one: wrong_letters(word, one, most) for one in names if one not in asked.begun}
    order = sorted((n, -names[one], one) for one, n in wrong.items() if n is not None)
    near = {one: n for n, _, one in order[:_NEAR]}
    return _Asked(word=word, begun=asked.begun, near=near, near_names=sum(names[one] for one in near))


async def _parted(connection: AsyncConnection, words: Sequence[str]) -> list[_Asked]:
    """The words with two of them written as one, or one as two, if names have them so; else none."""
    joined = {a + b: (a, b) for a, b in pairwise(words)}
    split = {(word[:i], word[i:]): word for word in words for i in range(2, len(word) - 1)}
    wanted = {*joined, *(part for pair in split for part in pair)}
    own = search_vocabulary.c
    query = select(own.word, own.names).where(own.word.in_(sorted(wanted)))
    known = {row.word: row.names for row in await connection.execute(query)} if wanted else {}
    for one, (a, b) in joined.items():
        if one in known:
            others = [word for word in words if word not in {a, b}]
            return await _begun(connection, [one, *others])
    pairs = [pair for pair in split if pair[0] in known and pair[1] in known]
    if not pairs:
        return []
    best = max(pairs, key=lambda pair: (min(known[one] for one in pair), pair))
    others = [word for word in words if word != split[best]]
    return await _begun(connection, [*best, *others])


# -- the names that have them -----------------------------------------------------------------------------


class _Step:
    """Reads rows of names, by id."""

    def __init__(self, connection: AsyncConnection, until: date) -> None:
        self._connection = connection
        told = place_of_story(number_of(until + timedelta(days=1), 0))  # newer stories have lower places
        self._parts = (
            (_word.place < FIRST_STORY, _SERVICES),
            (_word.place > told, _STORIES),
        )

    async def beginning(self, text: str) -> dict[int, Any]:
        """Names of services that begin with a text."""
        # Not "story IS NULL": SQLite would take the index of stories, and sort all names of services.
        of_services = func.coalesce(_own.story, 0) == 0
        begins = and_(_own.words >= text, _own.words < text + _MORE, of_services)
        return await self._rows(begins, order=_own.words)

    async def with_all(self, asked: Sequence[_Asked]) -> dict[int, Any]:
        """Names that have, for each word that was asked for, one that it may mean."""
        if not all(one.names for one in asked):
            return {}
        rarest = min(asked, key=lambda one: one.names)
        others = [_has_one(one) for one in asked if one is not rarest]
        rows = await self._among(rarest, others, _FIRST_ROWS if others else _SERVICES)
        if others and rarest.names > _FIRST_ROWS and not _is_enough(rows):
            rows = await self._among(rarest, others, _ROWS)
        # Names with the word itself come before those with a longer one or another.
        first = sorted(rows, key=lambda row: (row.meaning > 0, row.place, row.id))
        services = [row.id for row in first if row.place < FIRST_STORY][:_SERVICES]
        stories = [row.id for row in first if row.place >= FIRST_STORY][:_STORIES]
        ids = {*services, *stories}
        return await self._rows(_own.id.in_(ids), most=len(ids)) if ids else {}

    async def _among(self, asked: _Asked, others: Sequence[Any], looked: int) -> Sequence[Any]:
        """Names that meet the conditions, of the first `looked` with each meaning of a word."""
        found = []
        for (number, word), (part, most) in product(enumerate(asked.meanings), self._parts):
            rows = select(_word.name_id, _word.place).where(_word.word == word, part)
            rows = rows.order_by(_word.place, _word.name_id).limit(looked if others else most)
            some = rows.subquery()
            query = select(some.c.name_id.label("id"), some.c.place, literal(number).label("meaning"))
            if others:
                query = query.join(search_names, _own.id == some.c.name_id).where(*others)
                query = query.order_by(some.c.place, some.c.name_id).limit(most)
            found.append(select(query.subquery()))
        return (await self._connection.execute(union_all(*found))).all()

    async def _rows(
        self, *met: ColumnElement[bool], most: int = _SERVICES, order: Any = None
    ) -> dict[int, Any]:
        query = select(search_names).where(*met).limit(most)
        query = query if order is None else query.order_by(order)
        return {row["id"]: row for row in (await self._connection.execute(query)).mappings()}


def _is_enough(rows: Sequence[Any]) -> bool:
    """Whether more names would change nothing: as many as are wanted have the word itself."""
    places: list[int] = [row.place for row in rows if row.meaning == 0]
    services = sum(place < FIRST_STORY for place in places)
    return services >= _SERVICES and len(places) - services >= _STORIES


def _has_one(asked: _Asked) -> ColumnElement[bool]:
    """Whether a name has one of the words that a word may mean."""
    padded = " " + _own.words + " "
    return or_(
        *([padded.contains(f" {asked.word}")] if asked.begun else []),
        *(padded.contains(f" {word} ") for word in asked.near),
    )


# -- which of them are like it, and in which order ---------------------------------------------------------


def _matches(text: str, asked: Sequence[_Asked], rows: Iterable[Mapping[str, Any]]) -> list[_Match]:
    """The rows that are like what was asked for, each with its place among them."""
    return list(_each_match(text, asked, rows))


def _each_match(text: str, asked: Sequence[_Asked], rows: Iterable[Mapping[str, Any]]) -> Iterator[_Match]:
    wanted = trigrams(text)
    letters = sum(len(one.word) for one in asked)

    def likeness(words: Sequence[str]) -> float:
        return sum(one.likeness(words) * len(one.word) for one in asked) / letters

    for row in rows:
        words = row["words"].split()
        like = likeness(words)
        if like < _LIKE:  # some of it may be written as one word, or as two
            like = max(like, len(wanted & trigrams(row["words"])) / len(wanted))
        if like >= _LIKE or row["words"].startswith(text):
            name = normal_name(row["written"])
            place = (
                name != text,
                -round(like, 2),
                -round(likeness(name.split()), 2),
                not name.startswith(text),
                row["former"],
                -(row["story"] or 0),
                len(name),
                name,
                row["service_id"] or "",
            )
            yield _Match(
                row["service_id"], row["story"], row["former"], row["written"], round(like, 3), place
            )


async def _found(connection: AsyncConnection, matches: Iterable[_Match], until: date, limit: int) -> Found:
    of_services: dict[str, _Match] = {}
    of_stories: dict[int, _Match] = {}
    for one in matches:
        if one.service is not None and len(of_services) < limit:
            of_services.setdefault(one.service, one)
        elif one.story is not None and len(of_stories) < limit:
            of_stories.setdefault(one.story, one)
    known = await services_of(connection, list(of_services)) if of_services else {}
    stories = await _stories(connection, list(of_stories), until) if of_stories else {}
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


async def _stories(connection: AsyncConnection, numbers: Sequence[int], until: date) -> dict[int, Any]:
    own = told_stories.c.number.in_(list(numbers))
    return {one.number: one for one in await stories_where(connection, own, until=until, limit=len(numbers))}
