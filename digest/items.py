"""Items: what a source lists, and how we recognise an item that comes back changed.

An item's identity is a set of keys, strong ones first. Dates never decide newness: they order and label.
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
    """An item that was seen before."""

    item: Item
    id: int  # the store's


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """An item never seen before, and the keys that identify it from now on."""

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
    """A link without what does not change the page: tracking, fragment, `www.`, scheme, trailing slash.

    Links that lead to one page are equal in this form, and it is its own. It is for comparing, not for
    following; what is no web link is only trimmed.
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
    """Percent-encoding as RFC 3986 section 6.2.2 would have it, so that "%7e", "%7E" and "~" are one."""

    def decoded(octet: re.Match[str]) -> str:
        code = int(octet[1], 16)
        return chr(code) if code in _UNRESERVED else octet[0].upper()

    escaped = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", path)
    return quote(re.sub(r"%(..)", decoded, escaped), safe=_SAFE, errors="replace").rstrip("/")


def fingerprint(item: Item) -> str:
    """A stable name of an item's own text: title, date as it stood and summary, white space folded."""
    text = "\n".join(" ".join(part.split()) for part in (item.title, item.published_raw or "", item.summary))
    return _hashed(text)


def _hashed(text: str) -> str:
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=16).hexdigest()


def keys(items: Iterable[Item]) -> dict[Item, tuple[str, ...]]:
    """Each item's identity keys, strong ones first, given the document it was listed in.

    An item that is listed several times, under the same keys and title, counts once. A key that two items of
    one document share identifies neither and is left out; an empty value is no key. An item that is left
    without any key is identified by its whole text.
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
    # With the shared keys: words alone may be shared as well.
    return "text:" + _hashed("\n".join((*found, fingerprint(item))))


def _says(item: Item) -> tuple[int, str]:
    """How much an item says; then its text, so that the order in the document makes no difference."""
    return len(item.summary), repr(item)


def _identity_keys(item: Item) -> tuple[str, ...]:
    found = []
    if guid := (item.guid or "").strip():
        # GOV.UK's organisation feeds add "#" and the time of the update, so each edit has a new id.
        web = guid.startswith(("http://", "https://"))
        found.append(_key("id", canonical_link(guid) if web else guid))
    place = canonical_link(item.link or "").removeprefix("//")
    if "/" in place or "?" in place:  # any item may lead to the site's front page
        found.append(_key("link", place))
    if date := (item.published_raw or "").strip():
        found.append("title:" + _hashed(f"{_name(item)}\n{date}"))
    return tuple(found)


def _name(item: Item) -> str:
    return " ".join(item.title.casefold().split())


def _key(kind: str, text: str) -> str:
    return f"{kind}:{text if len(text) <= _LONGEST_KEY else _hashed(text)}"


def news(items: Iterable[Item], seen: Mapping[str, int]) -> tuple[list[Fresh], list[Known]]:
    """Part a document's items into those never seen and those seen before.

    `seen` maps every key that this source ever showed, those of deleted items included, to the store's item
    id. An item whose id is known, while its link and title are both new, is a new item under a used id. Where
    the keys belong to several items, the one with most keys wins, then the newest: feeds list what is recent.
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
    """Only the id matches, though link and date were there to match as well."""
    return all(key.startswith("id:") for key in matched) and len(own) == 3
