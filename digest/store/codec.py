"""Values to JSON and back, for the columns that keep a whole value.

Pydantic reads the dataclasses' own annotations, so a field added with a default still reads older rows.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

from digest.edition import Candidate, Edition
from digest.reports import Reading
from digest.subscriptions import Wishes

T = TypeVar("T")


class Codec(Generic[T]):
    """One type's way into a JSON column."""

    def __init__(self, kind: type[T]) -> None:
        self._adapter: TypeAdapter[T] = TypeAdapter(kind)

    def dump(self, value: T) -> Any:
        return self._adapter.dump_python(value, mode="json")

    def load(self, stored: Any) -> T:
        return self._adapter.validate_python(stored, strict=False)


EDITION = Codec(Edition)
CANDIDATE = Codec(Candidate)
READING = Codec(Reading)
WISHES = Codec(Wishes)
