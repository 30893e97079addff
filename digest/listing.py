"""Listings: the result of one poll of a source, the same for all kinds of sources."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from digest.items import Item, Page
from digest.reports import Reading
from digest.sources import Took, Validators


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An item of a source that publishes data: what it states is known without fetching a page."""

    item: Item
    page: Page  # the record as published; it is stored as evidence, like a fetched page
    reading: Reading  # what it states; the reading's text contains every quoted sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """All items that the source lists now, old and new."""

    items: tuple[Item, ...] = ()  # their pages are fetched later
    records: tuple[Record, ...] = ()
    validators: Validators = field(default_factory=Validators)  # to send with the next poll
    took: Took | None = field(default=None, compare=False)  # None: it was not measured
    moved_to: str | None = None  # where its server says that it has moved for good


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
