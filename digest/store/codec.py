"""Codecs: values to JSON and back, for columns that hold a whole value.

Pydantic reads the dataclasses' annotations. Rows written before a field existed get the field's default.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

from digest.edition import Candidate, ClosingLine, Edition, Story
from digest.interventions import Alteration
from digest.items import Item
from digest.records import Record
from digest.reports import Reading
from digest.subscriptions import Wishes

T = TypeVar("T")


class Codec(Generic[T]):
    """Writes values of one type to a JSON column and reads them back."""

    def __init__(self, kind: type[T]) -> None:
        self._adapter: TypeAdapter[T] = TypeAdapter(kind)

    def dump(self, value: T) -> Any:
        return self._adapter.dump_python(value, mode="json")

    def load(self, stored: Any) -> T:
        return self._adapter.validate_python(stored, strict=False)


EDITION = Codec(Edition)
CLOSING: Codec[tuple[ClosingLine, ...]] = Codec(tuple[ClosingLine, ...])
ALTERATION = Codec(Alteration)
STORY = Codec(Story)
CANDIDATE = Codec(Candidate)
READING = Codec(Reading)
RECORD = Codec(Record)
ITEM = Codec(Item)
WISHES = Codec(Wishes)
