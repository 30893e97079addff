"""What all kinds of letters have in common: a key, a content as it is stored, and how both are read back.

A key says what a letter is about; only the first letter with a key is written. A content has the fields of
its type by name, without those in the key and without those that have their default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from typing import Any, ClassVar, Self, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSubscriber:
    """What all letters to a subscriber have in common."""

    kind: ClassVar[str]  # the folder of its templates, below mail/
    in_key: ClassVar[frozenset[str]] = frozenset({"subscriber"})  # fields that are not in the content
    subscriber: int
    generation: int  # of the subscription; the letter and its links are void for later generations

    @property
    def key(self) -> str:
        return f"{self.kind} {self.subscriber} {self.generation}"

    @property
    def repeats(self) -> str | None:
        """How the keys of earlier letters begin in whose place this one is sent; None: of no others."""
        return None

    def as_json(self) -> dict[str, Any]:
        """The content, as it is stored and as templates read it."""
        return content_of(self, self.in_key)

    @classmethod
    def read(cls, key: str, subscriber: int, content: Mapping[str, Any]) -> Self:
        """The letter from its stored key and content; `ValueError` if they do not fit this kind."""
        return typed(cls, {**content, **cls.read_key(key), "subscriber": subscriber})

    @classmethod
    def read_key(cls, key: str) -> Mapping[str, Any]:
        """The fields in the key, without `subscriber`, which has its own column."""
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class OnOccasion(ToSubscriber):
    """Letters that may be written again, once for each occasion."""

    in_key: ClassVar[frozenset[str]] = frozenset({"subscriber", "occasion"})
    occasion: str  # made by `on_day`, `in_minute` or `of_request`

    @property
    def key(self) -> str:
        return f"{self.kind} {self.subscriber} {self.generation} {self.occasion}"

    @property
    def repeats(self) -> str | None:
        return f"{self.kind} {self.subscriber} {self.generation} "

    @classmethod
    def read_key(cls, key: str) -> Mapping[str, Any]:
        return {"occasion": after_words(3, key)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToOperators:
    """What all letters to operators have in common. They go out even if sending is paused."""

    kind: ClassVar[str]
    subscriber: ClassVar[None] = None
    generation: ClassVar[None] = None
    repeats: ClassVar[None] = None
    reference: str  # a keyed hash of the address
    occasion: str

    @property
    def key(self) -> str:
        return f"{self.kind} {self.reference} {self.occasion}"

    def as_json(self) -> dict[str, Any]:
        return content_of(self, frozenset({"reference", "occasion"}))

    @classmethod
    def read(cls, key: str, content: Mapping[str, Any]) -> Self:
        _, reference, occasion = key.split(" ", 2)
        return typed(cls, {**content, "reference": reference, "occasion": occasion})


def content_of(value: Any, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """A value's fields by name, without those in `without` and those that have their default."""
    named = ((one, getattr(value, one.name)) for one in fields(value) if one.name not in without)
    return {one.name: _plain(held) for one, held in named if held is not one.default}


def _plain(value: Any) -> Any:
    """A value as JSON holds it."""
    match value:
        case date():  # and datetime
            return value.isoformat()
        case Enum():
            return value.value
        case tuple():
            return [_plain(one) for one in value]
        case _ if is_dataclass(value):
            return content_of(value)
    return value


def typed(kind: Callable[..., T], content: Mapping[str, Any]) -> T:
    """The reverse of `content_of`. Fields that a later version has added are ignored."""
    found: T = _adapter(kind).validate_python(dict(content))
    return found


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def after_words(count: int, key: str) -> str:
    """The rest of a key after its first `count` words."""
    return key.split(" ", count)[count]
