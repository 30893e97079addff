"""Which file is meant, where a page or GOV.UK's content API leads to several: the newest of a name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import unquote, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from digest.errors import TableError
from digest.parse.tables.table import shown
from digest.parse.text import fold
from digest.source_specs import FileFinder

_MOST_LINKS: Final = 5_000
_LONGEST: Final = 1_000  # characters of a title
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_GAP: Final = r"[\s_/.-]*"
_WORDS: Final = re.compile(
    rf"(?:(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?{_GAP})?(?<![a-z])"
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    rf"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?){_GAP}((?:19|20)\d\d)(?!\d)",
    re.IGNORECASE,
)
_FIGURES: Final = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[-_./]?(0[1-9]|1[0-2])[-_./]?(0[1-9]|[12]\d|3[01])(?!\d)"
)
_AS_AT: Final = re.compile(r"\bas[\s_-]+(?:at|of)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file that a page or an answer leads to."""

    url: str  # absolute
    title: str
    dated: date | None  # by its title, or else its address


def find_file(body: bytes, url: str, finder: FileFinder) -> FoundFile:
    """The newest file that fits; the first of those without a date. `TableError` if none does."""
    listed = list(_attachments(body, url) if finder.attachment is not None else _links(body, url))
    pattern = re.compile(finder.attachment or finder.link or "", re.IGNORECASE)
    fitting = [one for one in listed if _fits(one, pattern, finder)]
    if not fitting:
        what = "an attachment" if finder.attachment is not None else "a link"
        ending = f" and ends in {finder.ending}" if finder.ending else ""
        raise TableError(url, f"{what} that fits {shown(pattern.pattern)}{ending}", _told(listed))
    return max(fitting, key=lambda one: one.dated or date.min)


def file_at(url: str) -> FoundFile:
    """The file at an address that is its own."""
    name = unquote(urlsplit(url).path.rsplit("/", 1)[-1]) or urlsplit(url).netloc
    return FoundFile(url=url, title=name, dated=_date_in(name))


def _fits(one: FoundFile, pattern: re.Pattern[str], finder: FileFinder) -> bool:
    if not urlsplit(one.url).path.lower().endswith(finder.ending.lower()):
        return False
    return bool(pattern.search(one.title) or (finder.link is not None and pattern.search(one.url)))


def _told(listed: Sequence[FoundFile]) -> str:
    if not listed:
        return "none at all"
    titles = ", ".join(shown(one.title) for one in listed[:3])
    return f"{len(listed)} others, such as {titles}"


def _attachments(body: bytes, url: str) -> Iterator[FoundFile]:
    """The attachments of an answer of the content API: `details.attachments`, each with title and url."""
    try:
        answer: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise TableError(url, "an answer of GOV.UK's content API, in JSON", "none") from error
    if not isinstance(answer, dict):
        raise TableError(url, "an object in JSON", "something else")
    if (state := answer.get("schema_name")) in {"redirect", "gone"}:
        raise TableError(url, "a page that is there", f"one that is {state}")
    details = answer.get("details")
    listed = details.get("attachments") if isinstance(details, dict) else None
    for one in listed[:_MOST_LINKS] if isinstance(listed, list) else ():
        if isinstance(one, dict) and isinstance(one.get("url"), str):
            yield from _found(url, one["url"], str(one.get("title") or ""))


def _links(body: bytes, url: str) -> Iterator[FoundFile]:
    nodes: Iterable[Any] = LexborHTMLParser(body).css("a[href]")[:_MOST_LINKS]
    for node in nodes:
        yield from _found(url, node.attributes.get("href") or "", node.text())


def _found(base: str, href: str, title: str) -> Iterator[FoundFile]:
    try:
        address = urljoin(base, href.strip())
        parts = urlsplit(address)
    except ValueError:
        return
    if parts.scheme in ("http", "https") and parts.hostname:
        words = fold(title[:_LONGEST])
        yield FoundFile(url=address, title=words, dated=_date_in(words) or _date_in(unquote(parts.path)))


def _date_in(text: str) -> date | None:
    """The last date in a text; the one after "as at", if it says that. A month alone is its first day."""
    said = _AS_AT.search(text)
    after = next(_dates(text[said.end() :]), None) if said else None
    return after or max(_dates(text), default=None)


def _dates(text: str) -> Iterator[date]:
    text = text[-_LONGEST:]
    for match in _WORDS.finditer(text):
        month = _MONTHS.index(match[2][:3].lower()) + 1
        yield from _day(int(match[3]), month, int(match[1] or 1))
    for match in _FIGURES.finditer(text):
        yield from _day(int(match[1]), int(match[2]), int(match[3]))


def _day(year: int, month: int, day: int) -> Iterator[date]:
    try:
        yield date(year, month, day)
    except ValueError:
        return
