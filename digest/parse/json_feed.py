"""JSON Feed 1.1 (jsonfeed.org), which feedparser does not read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from digest.errors import ParseError
from digest.items import Item
from digest.parse.entries import LONGEST, Entry, to_item


class _Feed(BaseModel):
    version: str = Field(pattern=r"^https?://jsonfeed\.org/version/")
    items: list[Any]  # each is read on its own: one that is wrong does not lose the others


class _Entry(BaseModel):
    id: str | int | float | None = None  # a number is to be taken as its text
    url: str | None = None
    external_url: str | None = None
    title: str | None = None
    summary: str | None = None
    content_html: str | None = None
    content_text: str | None = None
    date_published: str | None = None
    date_modified: str | None = None


def parse_json_feed(body: bytes, *, url: str, zone: ZoneInfo) -> tuple[Item, ...]:
    """The feed's items in its order; `ParseError` where the bytes are no JSON Feed."""
    try:
        feed = _Feed.model_validate(json.loads(body))
    except (ValueError, RecursionError) as error:
        raise ParseError("this is not a feed: JSON that is no JSON Feed") from error
    items = tuple(_items(feed.items, url, zone))
    if feed.items and not items:
        raise ParseError(f"none of the feed's {len(feed.items)} entries can be read")
    return items


def _items(entries: list[Any], url: str, zone: ZoneInfo) -> Iterator[Item]:
    for raw in entries:
        try:
            item = _item(raw, url, zone)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001, S112  # whatever it is, the other entries do not pay for it
            continue
        if item:
            yield item


def _item(raw: Any, url: str, zone: ZoneInfo) -> Item | None:
    read = _Entry.model_validate(raw)
    entry = Entry(
        title=(read.title or "")[:LONGEST],
        guid="" if read.id is None else str(read.id)[:LONGEST],
        links=tuple((link or "")[:LONGEST] for link in (read.url, read.external_url)),
        dates=tuple((date or "")[:LONGEST] for date in (read.date_published, read.date_modified)),
        texts=(read.summary or "", read.content_html or read.content_text or ""),
    )
    return to_item(entry, base=url, zone=zone)
