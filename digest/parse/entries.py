"""Entries: what any kind of feed says of one thing, and the item that we make of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from digest.identity import is_filler
from digest.items import Item
from digest.parse.dates import parse_date
from digest.parse.text import fit, fold, shortened, text_of_html

LONGEST: Final = 4000  # characters of what is no text to read: a title, a link, an id, a date
_TITLE: Final = 300  # characters
_FIRST_WORDS: Final = 80
_LONGEST_LINK: Final = 2000
_AMPERSAND: Final = re.compile(r"&(?:amp|#0*38);", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry's own words, raw; empty where it says nothing. Of links and dates, the better ones first."""

    title: str = ""
    guid: str = ""
    links: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()  # the summary, the content: HTML or plain


def to_item(entry: Entry, *, base: str, zone: ZoneInfo) -> Item | None:
    """The item, its links made absolute from `base`; None where there is nothing to show a reader.

    An entry without a title is called by its first words, or by its link.
    """
    link = next(filter(None, (absolute(link, base) for link in entry.links)), None)
    summary = fit(max(entry.texts, key=len, default="")).strip()
    title = (
        shortened(text_of_html(entry.title), _TITLE) or shortened(text_of_html(summary), _FIRST_WORDS) or link
    )
    if not title:
        return None
    raw = [date for date in map(fold, entry.dates) if date]
    read = [(parse_date(date, zone), date) for date in raw]
    published_at, published_raw = next((pair for pair in read if pair[0]), read[0] if read else (None, None))
    return Item(
        title=title,
        guid=fold(entry.guid) or None,
        link=link,
        published_at=published_at,
        published_raw=published_raw,
        summary=summary,
        updated_at=max((at for at, _ in read if at), default=None),
    )


def absolute(link: str, base: str) -> str | None:
    """The link as a browser would read it, if it leads to a web page; "n/a" and "#" are no links."""
    # Within CDATA an ampersand needs no escape, and gets one all the same (WordPress writes "&#038;").
    text = _AMPERSAND.sub("&", re.sub(r"[\t\r\n]", "", fit(link)).strip()).replace(" ", "%20")
    if not text or (is_filler(text) and not text.startswith(("/", "."))):
        return None
    try:
        url = urljoin(base, text)
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return url if usable and len(url) <= _LONGEST_LINK else None
