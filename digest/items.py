"""Items: what a source lists, and how an item is recognised when it is listed again, perhaps changed.

An item is identified by a set of keys, the strongest first. Dates never decide whether an item is new.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that a source lists; Atom calls it an entry."""

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
    """A listed item that is stored already."""

    item: Item
    id: int  # of the stored item


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """A listed item that is new, and the keys that identify it from now on."""

    item: Item
    keys: tuple[str, ...]


_TRACKING: Final = re.compile(
    r"(?:utm|mtm|pk|hsa)_.*|mc_cid|mc_eid|at_medium|at_campaign|_ga|_gl|ref_src|share"
    r"|fbclid|gclid|dclid|msclkid|twclid|yclid|igshid",
    re.IGNORECASE,
)
_UNRESERVED: Final = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
)  # RFC 3986 section 2.3
_SAFE: Final = "%/:@!$&'()*+,;=~"
_LONGEST_KEY: Final = 400  # characters; a longer one would not fit a database's index


def canonical_link(link: str) -> str:
    """A link in a form for comparing: without tracking, fragment, `www.`, scheme and trailing slash.

    Links to the same page are equal in this form, and applying it twice changes nothing. It is not meant to
    be followed. A text that is no web link is only stripped of white space.
    """
    text = link.strip()
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return text
    if parts.scheme not in ("http", "https", "") or not parts.hostname:
        return text
    host = _host(parts.hostname)
    query = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _TRACKING.fullmatch(name)
    ]
    return (
        f"//{host}{'' if port in (None, 80, 443) else f':{port}'}{_path(parts.path)}"
        f"{'?' if query else ''}{urlencode(sorted(query), errors='replace')}"
    )


def _host(name: str) -> str:
    name = re.sub(r"^(?:www\.)+(?=.)", "", quote(name, safe=_SAFE, errors="replace").lower()).rstrip(".")
    return f"[{name}]" if ":" in name else name


def _path(path: str) -> str:
    """A path with percent-encoding normalised (RFC 3986 section 6.2.2): "%7e", "%7E" and "~" become one."""

    def decoded(octet: re.Match[str]) -> str:
        code = int(octet[1], 16)
        return chr(code) if code in _UNRESERVED else octet[0].upper()

    escaped = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", path)
    return quote(re.sub(r"%(..)", decoded, escaped), safe=_SAFE, errors="replace").rstrip("/")


def fingerprint(item: Item) -> str:
    """A hash of an item's text: title, date as written and summary, with white space folded."""
    text = "\n".join(" ".join(part.split()) for part in (item.title, item.published_raw or "", item.summary))
    return _hashed(text)


def _hashed(text: str) -> str:
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=16).hexdigest()


def keys(items: Iterable[Item]) -> dict[Item, tuple[str, ...]]:
    """The identity keys of all items of one document, the strongest first.

    Items with the same keys and title are one item. A key that two items share identifies neither and is left
    out. An item without any key of its own is identified by its whole text.
    """
    listed: dict[tuple[tuple[str, ...], str], Item] = {}
    for item in items:
        same = (_identity_keys(item), _name(item))
        listed[same] = max(listed.get(same, item), item, key=_says)
    counts = Counter(key for found, _ in listed for key in found)
    return {
        item: tuple(key for key in found if counts[key] == 1) or (_last_resort(item, found),)
        for (found, _), item in listed.items()
    }


def _last_resort(item: Item, found: tuple[str, ...]) -> str:
    # The shared keys are part of it, because two items may also have the same text.
    return "text:" + _hashed("\n".join((*found, fingerprint(item))))


def _says(item: Item) -> tuple[int, str]:
    """A sort key: the length of the summary, then the text; the order in the document makes no difference."""
    return len(item.summary), repr(item)


def _identity_keys(item: Item) -> tuple[str, ...]:
    found = []
    if guid := (item.guid or "").strip():
        # GOV.UK's organisation feeds add "#" and the time of the update, so each edit has a new id.
        web = guid.startswith(("http://", "https://"))
        found.append(_key("id", canonical_link(guid) if web else guid))
    place = canonical_link(item.link or "").removeprefix("//")
    if "/" in place or "?" in place:  # a link to the site's front page identifies no item
        found.append(_key("link", place))
    if date := (item.published_raw or "").strip():
        found.append("title:" + _hashed(f"{_name(item)}\n{date}"))
    return tuple(found)


def _name(item: Item) -> str:
    return " ".join(item.title.casefold().split())


def _key(kind: str, text: str) -> str:
    return f"{kind}:{text if len(text) <= _LONGEST_KEY else _hashed(text)}"


def news(items: Iterable[Item], seen: Mapping[str, int]) -> tuple[list[Fresh], list[Known]]:
    """A document's items, divided into new and known ones.

    `seen` maps every key that this source ever listed, also for deleted items, to the id of the stored item.
    An item with a known id but a new link and a new title is new: the source has used the id again. If the
    keys belong to several stored items, the one with most of them is taken, then the newest.
    """
    fresh: list[Fresh] = []
    known: list[Known] = []
    for item, own in keys(items).items():
        matched = [key for key in own if key in seen]
        if not matched or _id_was_reused(own, matched):
            fresh.append(Fresh(item=item, keys=tuple(key for key in own if key not in seen)))
        else:
            votes = Counter(seen[key] for key in matched)
            id = max(votes, key=lambda one: (votes[one], one))
            known.append(Known(item=item, id=id))
    return fresh, known


def _id_was_reused(own: tuple[str, ...], matched: list[str]) -> bool:
    """Whether only the id matches, although the item has a link and a date as well."""
    return all(key.startswith("id:") for key in matched) and len(own) == 3
