"""Listings: the result of one poll of a source, the same for all kinds of sources."""

from __future__ import annotations

import json
import pickle
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Final, NamedTuple, TypeVar

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from digest.characters import storable_json
from digest.items import Item
from digest.records import Record, Snapshot
from digest.sources import Took, Validators

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """What is to be remembered of a publisher's data once the items made of it are stored.

    `records` are packed in parts (`packed`), so that a hundred thousand of them take little room.
    """

    snapshot: Snapshot
    records: tuple[bytes, ...] = ()  # new or changed, each with its version
    past: tuple[str, ...] = ()  # keys of records whose grades are no news, and enter the history all the same
    gone: tuple[str, ...] = ()  # keys that the data has no more
    baseline: bool = False  # nothing was remembered before: what it states is no news
    binding: str = ""  # by which the records were read (`records.binding_of`)
    read: tuple[str, ...] | None = None  # keys of the records that were read now; None: all that it has


AT_ONCE: Final = 500
"""So many records are in a part."""


_RECORD: Final = TypeAdapter(Record)


class Numbered(NamedTuple):
    """A record of a part, with its version and what is stored of it."""

    version: int
    record: Record
    standing: str
    json: str  # the record, as a text that can be stored


def packed(records: Iterable[tuple[int, Record]]) -> tuple[bytes, ...]:
    """Records with their versions, in parts of `AT_ONCE`, as they are stored: of large files in a worker."""
    made = ((version, record.standing, _json(record)) for version, record in records)
    return tuple(zlib.compress(pickle.dumps(part), 1) for part in batched(made, AT_ONCE))


def unpacked(part: bytes) -> tuple[Numbered, ...]:
    """The records of a part that our own process or worker has packed."""
    found = pickle.loads(zlib.decompress(part))  # noqa: S301
    return tuple(
        Numbered(version, _RECORD.validate_json(text), standing, text) for version, standing, text in found
    )


def _json(record: Record) -> str:
    try:
        text = _RECORD.dump_json(record).decode()
    except PydanticSerializationError:  # half a surrogate pair
        text = None
    if text is None or "\\u0000" in text:
        text = json.dumps(storable_json(_RECORD.dump_python(record, mode="json")))
    return text


def batched(things: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """The things in tuples of `size`; the last may be shorter."""
    rest = iter(things)
    while part := tuple(islice(rest, size)):
        yield part


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """All items that the source lists now, old and new; of a publisher's data only what is new in it."""

    items: tuple[Item, ...] = ()
    data: Data | None = None  # None: the source publishes no data
    validators: Validators = field(default_factory=Validators)  # to send with the next poll
    took: Took | None = field(default=None, compare=False)  # None: it was not measured
    moved_to: str | None = None  # where its server says that it has moved for good
    empty_is_all: bool = False  # a list without items is a list: what comes then is news


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """The source lists the same as the last time."""

    took: Took | None = field(default=None, compare=False)
    moved_to: str | None = None  # as in `Listed`


@dataclass(frozen=True, slots=True, kw_only=True)
class NotListed:
    """The source could not be listed."""

    reason: str
    wait: timedelta | None = None  # the server's Retry-After
    answered: bool = True  # whether the server answered, with an error too
    refused: bool = False  # whether it refuses us


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAsked:
    """No request was made: the host has asked us to wait."""

    reason: str
    wait: timedelta  # still to go


Listing = Listed | Unchanged | NotListed | NotAsked
