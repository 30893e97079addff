"""Items: what a source lists, and the forms in which their titles, links and texts are compared."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from digest.records import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that a source lists; Atom calls it an entry."""

    title: str  # white space folded, never empty
    guid: str | None = None
    link: str | None = None  # absolute, http or https
    published_at: datetime | None = None  # aware, UTC; None where it is absent or cannot be read surely
    published_raw: str | None = None  # as it stood
    summary: str = ""  # the feed's own text or HTML, unsanitised: never printed as it is
    record: Record | None = None  # of a source that publishes data: what it states needs no page
    updated_at: datetime | None = field(default=None, compare=False)  # the latest date that the entry gives

    @property
    def last_dated(self) -> datetime | None:
        """The latest date of the entry: of its last update, if it gives one."""
        return self.updated_at or self.published_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page behind an item, as fetched."""

    url: str  # after redirects
    body: bytes
    content_type: str | None
    fetched_at: datetime
    etag: str | None = None  # as the server gave it, as is the next
    last_modified: str | None = None


_TRACKING: Final = re.compile(
    r"(?:utm|mtm|pk|hsa)_.*|mc_cid|mc_eid|at_medium|at_campaign|_ga|_gl|ref_src|share"
    r"|fbclid|gclid|dclid|msclkid|twclid|yclid|igshid",
    re.IGNORECASE,
)
_UNRESERVED: Final = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
)  # RFC 3986 section 2.3
_SAFE: Final = "%/:@!$&'()*+,;=~"


_PLAIN: Final = re.compile(
    r"https?://(?:www\.)*([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::80|:443)?(/[A-Za-z0-9._~/:@!$&'()*+,;=-]*)?"
)
"""Most links: they have nothing that must be rewritten, and a match costs a tenth of taking them apart."""


@lru_cache(maxsize=16)
def canonical_link(link: str) -> str:
    """A link in a form for comparing: without tracking, fragment, `www.`, scheme and trailing slash.

    Links to the same page are equal in this form, and applying it twice changes nothing. It is not meant to
    be followed. A text that is no web link is only stripped of white space.
    """
    text = link.strip()
    if plain := _PLAIN.fullmatch(text):
        return f"//{plain[1]}{(plain[2] or '').rstrip('/')}"
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


_SPELLINGS: Final = str.maketrans(
    dict.fromkeys("‘’‚‛′`´ʼ", "'")
    | dict.fromkeys("“”„‟″«»", '"')
    | dict.fromkeys("‐‑‒–—―−", "-")
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
)


def spelled(text: str) -> str:
    """A text in a form for comparing: its case, white space, quotation marks, dashes and accents as any.

    No-break spaces, typographic quotation marks and the normal form of accents (Unicode NFC or NFD) make no
    difference.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_SPELLINGS)).casefold()
        text = unicodedata.normalize("NFKC", text).translate(_SPELLINGS)
    return " ".join(text.casefold().replace("`", "'").split())


_TAG: Final = re.compile(r"<[^<>]*>")


def fingerprint(item: Item) -> str:
    """A hash of an item's title and one of its summary, as far as a reader sees them: "2:...:...".

    Markup and dates make no difference: many feeds write both anew each time. Fingerprints of earlier
    versions have no "2:" and are compared with nothing.
    """
    seen = _TAG.sub(" ", item.summary) if "<" in item.summary else item.summary
    seen = html.unescape(seen) if "&" in seen else seen
    return f"2:{hashed(spelled(item.title))}:{hashed(spelled(seen))}"


def hashed(text: str) -> str:
    """32 hexadecimal digits."""
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=16).hexdigest()
