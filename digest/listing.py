"""Listings: what one look at a source brings, whatever kind of source it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from digest.items import Item, Page
from digest.reports import Reading
from digest.sources import Validators


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An item of a source that publishes data: what it states is known without fetching a page."""

    item: Item
    page: Page  # the record as it was published; kept as evidence, as a fetched page is
    reading: Reading  # what it states; every quoted sentence stands in the reading's text


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Everything the source lists now, old and new."""

    items: tuple[Item, ...] = ()  # each has a page behind it, which is fetched later
    records: tuple[Record, ...] = ()
    validators: Validators = field(default_factory=Validators)  # to send with the next look


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """The source lists what it listed the last time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotListed:
    """The source could not be listed."""

    reason: str
    wait: timedelta | None = None  # how long the server asks us to stay away


Listing = Listed | Unchanged | NotListed
