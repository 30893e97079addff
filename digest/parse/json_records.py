"""Answers of a JSON API to records: where each field stands is said as a path (JMESPath)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

import jmespath
import jmespath.exceptions

from digest.errors import ParseError
from digest.parse.dates import parse_date
from digest.parse.entries import absolute
from digest.parse.text import fold
from digest.ratings import OVERALL, Inspectorates, Scale
from digest.records import Graded, Place, Record, Subject
from digest.source_specs import JsonRating, JsonSpec

_LONGEST: Final = 300  # characters of a name, number or grade
_MOST: Final = 200_000
"""A list that has more things than this is no list of inspections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer of the API, and the call that brought it."""

    call: str  # the address, as `shown_call` gives it
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAnswer:
    """One page of a list."""

    ids: tuple[str, ...]  # of the things to ask for one by one; () if the list has them whole
    next: str | None = None  # the address of the next page, where the answer gives it
    pages: int | None = None  # how many pages there are, where the answer says it


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """The records in some answers, and what could not be understood of them."""

    records: tuple[Record, ...]
    troubles: tuple[str, ...] = ()  # for operators, each once


_SECRET: Final = re.compile(
    r"key|token|secret|signature|^sig$|auth|passw|credential|session|^x-amz-|^partnercode$", re.IGNORECASE
)
"""The name of a parameter whose value may be a secret."""


def shown_call(url: str) -> str:
    """The address of a call without what may be secret, also by a redirect: readers see it."""
    parts = urlsplit(url)
    kept = [one for one in parts.query.split("&") if not _SECRET.search(unquote(one.partition("=")[0]))]
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=host, query="&".join(kept), fragment=""))


def list_answer(answer: Answer, spec: JsonSpec) -> ListAnswer:
    """The ids in one page of a list, and what it says of further pages.

    `ParseError` if the answer is no JSON, or nothing stands where the list should be.
    """
    said = _loaded(answer)
    things = _things(said, spec, answer)
    ids: Iterator[str] = (_id(one, spec) for one in things) if spec.detail else iter(())
    return ListAnswer(
        ids=tuple(dict.fromkeys(filter(None, ids))),
        next=absolute(str(_searched(spec.next, said) or ""), answer.call),
        pages=_count(_searched(spec.pages, said)),
    )


def _count(said: Any) -> int | None:
    """A number of pages. Some publishers write numbers as text."""
    if isinstance(said, str) and said.isdecimal() and len(said) < 10:
        return int(said)
    return said if isinstance(said, int) and not isinstance(said, bool) else None


def _id(thing: Any, spec: JsonSpec) -> str:
    found = _searched(spec.id, thing)
    text = fold(str(found)) if isinstance(found, str | int) else ""
    return text.upper() if spec.upper else text


def records_of(
    answers: Sequence[Answer], spec: JsonSpec, *, source: Place, inspectorate: str, zone: ZoneInfo,
    inspectorates: Inspectorates,
) -> Stated:  # fmt: skip
    """The records in answers: of a list that has them whole, or of one thing each.

    `source` is the place of them all; each record's has its call. Of a thing that says something that is not
    understood, the rest is read. `ParseError` if no thing has a key and a name.
    """
    scales = {scale.key: scale for one in inspectorates for scale in one.scales}
    maker = _Maker(spec, source, inspectorate, zone, scales, {})
    things = [(answer, one) for answer in answers for one in _in_answer(answer, spec)]
    records = tuple(filter(None, (maker.record(answer, one) for answer, one in things)))
    if things and not records:
        raise ParseError(f"nothing stands at key: {spec.key!r} and name: {spec.name!r} in any answer")
    return Stated(records=records, troubles=tuple(maker.troubles))


def _in_answer(answer: Answer, spec: JsonSpec) -> Iterator[Any]:
    """Each thing in an answer. One whose parts are rated is there for each part, with that as `each`."""
    said = _loaded(answer)
    for thing in [said] if spec.detail else _things(said, spec, answer):
        if not isinstance(thing, dict):
            continue
        found = _searched(spec.each, thing)
        parts = found if isinstance(found, list) else []
        for part in parts or (None,):
            name = _searched(spec.each_name, part) if len(parts) > 1 else None
            yield {**thing, "each": part, "part": fold(str(name)) if name else ""}


def _things(said: Any, spec: JsonSpec, answer: Answer) -> list[Any]:
    things = _searched(spec.list, said)
    if not isinstance(things, list) or len(things) > _MOST:
        raise ParseError(f"{answer.call}: nothing stands at list: {spec.list!r}, where a list is expected")
    return things


def _loaded(answer: Answer) -> Any:
    try:
        return json.loads(answer.body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        start = " ".join(answer.body[:40].decode("utf-8", "replace").split())
        raise ParseError(f"{answer.call}: this is not JSON ({error}); it begins with {start!r}") from error


@lru_cache(maxsize=256)
def _compiled(path: str) -> Any:
    return jmespath.compile(path)


def _searched(path: str | None, thing: Any) -> Any:
    """What stands at a path; None if nothing does, or something of another form than the path expects."""
    if path is None:
        return None
    try:
        return _compiled(path).search(thing)
    except jmespath.exceptions.JMESPathError:
        return None


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes records of things."""

    spec: JsonSpec
    source: Place
    inspectorate: str
    zone: ZoneInfo
    scales: Mapping[str, Scale]
    troubles: dict[str, None]

    def record(self, answer: Answer, thing: Any) -> Record | None:
        """The record of a thing; None if it has no key or name."""
        spec = self.spec
        key, name = self._text(thing, spec.key), self._text(thing, spec.name)
        if not key or not name:
            self.troubles["an answer without a key or name was left out"] = None
            return None
        rating, grades = self._rated(thing)
        number, part = self._text(thing, spec.provider) or key, thing["part"]
        inspected = self._text(thing, rating.inherited_from if rating else None)
        if inspected in (key, number):  # it was inspected itself
            inspected = ""
        if part:
            key, number, name = f"{key}/{part}", f"{number}/{part}", f"{name} ({part})"
        return Record(
            key=key,
            subject=Subject(
                id=number,
                name=name,
                kind=self._text(thing, spec.provider_kind),
                area=self._text(thing, spec.area),
                former_names=self._texts(thing, spec.former_names),
                predecessors=self._texts(thing, spec.predecessors),
            ),
            inspectorate=self.inspectorate,
            scale=rating.scale if rating else "",
            grades=grades,
            number=self._text(thing, rating.number if rating else None) or None,
            inspected_on=self._day(thing, rating.inspected if rating else None),
            published_on=self._day(thing, rating.published if rating else None),
            link=self._link(thing, spec.link),
            text_link=self._link(thing, spec.text_link),
            inherited_from=inspected or None,
            lines=tuple(self._lines(thing, rating)),
            place=replace(self.source, document=answer.call),
        )

    def _rated(self, thing: Any) -> tuple[JsonRating | None, tuple[Graded, ...]]:
        """The first rating of which the thing has grades."""
        for rating in self.spec.ratings:
            found = _searched(rating.grades, thing)
            listed = found if isinstance(found, list) else [{"aspect": OVERALL, "grade": found}]
            grades = [self._graded(rating, one) for one in listed]
            kept = {one.aspect: one for one in reversed(grades) if one is not None}
            if kept:
                ordered = sorted(kept.values(), key=lambda one: one.aspect != OVERALL)
                return rating, tuple(ordered)
        return None, ()

    def _graded(self, rating: JsonRating, said: Any) -> Graded | None:
        scale = self.scales[rating.scale]
        heading, words = self._text(said, "aspect"), self._text(said, "grade")
        if not heading or not words or words.casefold() in {one.casefold() for one in rating.no_grade}:
            return None
        overall = heading.casefold() == OVERALL and scale.has_overall
        aspect = OVERALL if overall else getattr(scale.aspect(heading), "name", None)
        meant = next((to for word, to in rating.words if word.casefold() == words.casefold()), words)
        grade = scale.grade(meant)
        if aspect is None:
            self.troubles[f"{heading!r} is no aspect of {scale.key}"] = None
        if grade is None:
            self.troubles[f"{words!r} is no grade of {scale.key}; no_grade names words that are none"] = None
        if aspect is None or grade is None:
            return None
        return Graded(
            aspect=aspect,
            grade=grade.name,
            heading=heading[:1].upper() + heading[1:],
            words=words,
            graded_on=self._day(said, "dated"),
        )

    def _lines(self, thing: Any, rating: JsonRating | None) -> Iterator[tuple[str, str]]:
        for heading, path in (("Name", self.spec.name), ("Number", self.spec.key)):
            yield heading, self._text(thing, path)
        if rating is not None:
            stated = (
                ("Inspected", rating.inspected),
                ("Published", rating.published),
                ("Report", rating.number),
                ("Rating inherited from", rating.inherited_from),
            )
            for heading, at in stated:
                if words := self._text(thing, at):
                    yield heading, words

    def _link(self, thing: Any, path: str | None) -> str | None:
        """The link that a path gives, or that a form with "{key}" in it makes."""
        if path is None:
            return None
        if path.startswith(("http://", "https://")):
            key = quote(self._text(thing, self.spec.key), safe="")
            return absolute(path.replace("{key}", key), path)
        return absolute(self._text(thing, path), self.spec.detail or "https:")

    def _text(self, thing: Any, path: str | None) -> str:
        found = _searched(path, thing)
        if isinstance(found, bool) or not isinstance(found, str | int | float):
            return ""
        return fold(str(found))[:_LONGEST]

    def _texts(self, thing: Any, path: str | None) -> tuple[str, ...]:
        found = _searched(path, thing)
        some = found if isinstance(found, list) else [found]
        return tuple(
            dict.fromkeys(fold(one)[:_LONGEST] for one in some if isinstance(one, str) and fold(one))
        )

    def _day(self, thing: Any, path: str | None) -> date | None:
        words = self._text(thing, path)
        if not words:
            return None
        found = parse_date(words, self.zone)
        if found is None:
            self.troubles[f"{words!r} is no date that can be read"] = None
            return None
        return found.astimezone(self.zone).date()
