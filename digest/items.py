"""Items: what a source lists, and how we know one again when it comes back changed.

An item's identity is a set of keys, strong ones first. Dates never decide newness: they order and label.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing a source lists; Atom calls it an entry."""

    title: str  # white space folded, never empty
    guid: str | None = None
    link: str | None = None  # absolute, http or https
    published_at: datetime | None = None  # aware, UTC; None where it is absent or cannot be read surely
    published_raw: str | None = None  # as it stood
    summary: str = ""  # the feed's own text or HTML, unsanitised: never printed as it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page behind an item, as fetched."""

    url: str  # after redirects
    body: bytes
    content_type: str | None
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An item that was seen before, and the key that told."""

    item: Item
    id: int  # the store's
    matched: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """An item never seen before, and the keys to know it by from now on."""

    item: Item
    keys: tuple[str, ...]


_TRACKING: Final = ("utm_", "mc_", "fbclid", "gclid", "ref_src", "at_medium", "at_campaign", "share")


def canonical_link(link: str) -> str:
    """A link without what does not change the page: tracking, fragment, `www.`, scheme, trailing slash."""
    parts = urlsplit(link.strip())
    query = [
        (k, v)
        for k, v in parse_qsl(parts.query, keep_blank_values=True)
        if not k.lower().startswith(_TRACKING)
    ]
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port and parts.port not in (80, 443) else ""
    return urlunsplit(("", host + port, parts.path.rstrip("/"), urlencode(sorted(query)), ""))


def fingerprint(item: Item) -> str:
    """A stable name of an item's own text: title, date as it stood and summary, white space folded."""
    text = "\n".join(" ".join(part.split()) for part in (item.title, item.published_raw or "", item.summary))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _guid_key(guid: str) -> str:
    # GOV.UK's organisation feeds add "#" and the time of the update, so each edit has a new id.
    return "id:" + (canonical_link(guid) if guid.startswith(("http://", "https://")) else guid)


def keys(items: Iterable[Item]) -> dict[Item, tuple[str, ...]]:
    """Each item's identity keys, strong ones first, given the document it was listed in.

    A key that two items of one document share tells nothing and is left out; an empty value is
    absent, never a key. An item that is left without any keeps its fingerprint.
    """
    listed = list(dict.fromkeys(items))
    candidates = {item: _candidates(item) for item in listed}
    counts = Counter(key for found in candidates.values() for key in found)
    return {
        item: tuple(key for key in found if counts[key] == 1) or ("text:" + fingerprint(item),)
        for item, found in candidates.items()
    }


def _candidates(item: Item) -> tuple[str, ...]:
    found = []
    if item.guid:
        found.append(_guid_key(item.guid))
    if item.link:
        found.append("link:" + canonical_link(item.link))
    if item.published_raw:
        text = f"{' '.join(item.title.casefold().split())}\n{item.published_raw.strip()}"
        found.append("title:" + hashlib.blake2b(text.encode(), digest_size=16).hexdigest())
    return tuple(dict.fromkeys(found))


def news(items: Iterable[Item], seen: Mapping[str, int]) -> tuple[list[Fresh], list[Known]]:
    """Part a document's items into those never seen and those seen before.

    `seen` maps every key this source ever showed, tombstones included, to the store's item id. An item whose
    id alone is known while its link and title are both new is a new thing under a used id.
    """
    fresh: list[Fresh] = []
    known: list[Known] = []
    for item, own in keys(items).items():
        matched = [key for key in own if key in seen]
        if not matched or _id_was_reused(own, matched):
            fresh.append(Fresh(item=item, keys=tuple(key for key in own if key not in seen)))
        else:
            known.append(Known(item=item, id=seen[matched[0]], matched=matched[0]))
    # Nothing to tell it by later: its every key is another item's. It would be news again at each poll.
    return [f for f in fresh if f.keys], known


def _id_was_reused(own: tuple[str, ...], matched: list[str]) -> bool:
    """Only the id matches, though link and date were there to match as well."""
    others = [key for key in own if not key.startswith("id:")]
    return all(key.startswith("id:") for key in matched) and len(others) == 2
