"""GOV.UK: answers of its search API to items, and content items to pages.

The search API is described in `docs/using-the-search-api.md` of alphagov/search-api, content items by the
schemas of alphagov/publishing-api.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode, urljoin, urlsplit

from digest.errors import ParseError
from digest.items import Item
from digest.parse.text import fit, fold, shortened, text_of_html
from digest.source_specs import Attachments, GovukSpec

AT_ONCE: Final = 50
"""So many results are in a page of results."""

FILES: Final = "assets.publishing.service.gov.uk"
"""The host on which GOV.UK keeps the files of its publications."""

_FIELDS: Final = "title,link,description,public_timestamp,content_id,latest_change_note,is_withdrawn"
_MOST_ATTACHED: Final = 50
_FIRST_NOTE: Final = re.compile(r"first published\.?", re.IGNORECASE)
_TITLE: Final = 300  # characters


def search_call(url: str, spec: GovukSpec, page: int) -> str:
    """The address of a page of results, the last changed first; the first page is 0."""
    asked = [
        *(("filter_organisations", one) for one in spec.organisations),
        *(("filter_content_store_document_type", one) for one in spec.document_types),
        *((("q", spec.words),) if spec.words else ()),
        ("order", "-public_timestamp"),
        ("fields", _FIELDS),
        ("count", str(AT_ONCE)),
        ("start", str(page * AT_ONCE)),
    ]
    return f"{url}?{urlencode(asked, safe=',')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """A page of results."""

    items: tuple[Item, ...]  # those whose title the source wants
    last: bool  # there is no page after it


def parse_search(body: bytes, *, url: str, spec: GovukSpec, page: int) -> Results:
    """The items of a page of results; `ParseError` if it is none, or if the search finds nothing at all.

    The search gives the time of the last change only, so that an item's date is of that.
    """
    found = _object(body)
    results, total = found.get("results"), found.get("total")
    if not isinstance(results, list) or not isinstance(total, int):
        raise ParseError('this is no answer of GOV.UK\'s search: it has no "results" and "total"')
    if total == 0:
        raise ParseError(
            "the search finds nothing: is there a wrong word in organisations or document_types?"
        )
    items = tuple(_items(results, url, spec))
    return Results(items=items, last=(page + 1) * AT_ONCE >= total or not results)


def _items(results: list[Any], url: str, spec: GovukSpec) -> Iterator[Item]:
    for one in _objects(results):
        if one.get("is_withdrawn") is True:
            continue
        title, link = _line(one.get("title")), _link(one.get("link"), url)
        if title and link and (not spec.title or re.search(spec.title, title)):
            changed = _instant(one.get("public_timestamp"))
            yield Item(
                title=shortened(title, _TITLE),
                guid=_line(one.get("content_id")) or None,
                link=link,
                published_at=changed,
                published_raw=_line(one.get("public_timestamp")) or None,
                summary=_summary(one),
                updated_at=changed,
            )


def _summary(result: dict[str, Any]) -> str:
    """The description, and what the publisher says was changed last."""
    said, note = _line(result.get("description")), _line(result.get("latest_change_note"))
    noted = f"Change made: {note}" if note and not _FIRST_NOTE.fullmatch(note) else ""
    return "".join(f"<p>{html.escape(one)}</p>" for one in (said, noted) if one)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A document that belongs to a publication."""

    url: str  # absolute
    title: str
    is_page: bool  # a page of GOV.UK; else a PDF


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What stands on a page of GOV.UK."""

    link: str  # where people read it
    title: str
    page: bytes  # HTML with title, date of first publication, description and body, and no more
    first_published: datetime | None
    attachments: tuple[Attachment, ...] = ()  # those that the source wants
    note: str = ""  # what its publisher says was changed last
    withdrawn: str | None = None  # why its publisher has withdrawn it; None: it has not


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """A page of GOV.UK that has moved."""

    to: str  # absolute


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A page that GOV.UK has taken away."""

    why: str


def content_call(link: str) -> str:
    """The address of the content item of a page of GOV.UK."""
    parts = urlsplit(link)
    return parts._replace(path=f"/api/content{parts.path}", query="", fragment="").geturl()


def content_of(body: bytes, *, url: str, attachments: Attachments) -> Content | Redirect | Gone:
    """What a content item says; `url` is where it was asked for. `ParseError` if it is none."""
    item = _object(body)
    kind = item.get("schema_name") or item.get("document_type")
    details = item["details"] if isinstance(item.get("details"), dict) else {}
    if kind == "gone":
        return Gone(why=text_of_html(_text(details.get("explanation"))) or "its publisher says no more")
    if kind == "redirect":
        for one in _objects(item.get("redirects")):
            if to := _link(one.get("destination"), url):
                return Redirect(to=to)
        raise ParseError("the page has moved, and GOV.UK does not say where to")
    title, link = _line(item.get("title")), _link(item.get("base_path"), url)
    if not title or not link or not kind:
        raise ParseError(
            'this is no content item of GOV.UK: it has no "title", "base_path" and "schema_name"'
        )
    first = _instant(item.get("first_published_at"))
    return Content(
        link=link,
        title=title,
        page=_page(title, first, _line(item.get("description")), _body(details.get("body"))),
        first_published=first,
        attachments=tuple(_attached(details, link, attachments)),
        note=_last_note(details.get("change_history")),
        withdrawn=_withdrawn(item.get("withdrawn_notice")),
    )


def _page(title: str, first: datetime | None, description: str, body: str) -> bytes:
    # Always the day of first publication: a check that moves a date alone makes no other report.
    dated = f'<meta name="govuk:first-published-at" content="{first.isoformat()}">' if first else ""
    lead = f"<p>{html.escape(description)}</p>" if description else ""
    name = html.escape(title)
    head = f'<meta charset="utf-8"><title>{name}</title>{dated}'
    whole = f"<!doctype html><html><head>{head}</head><body><main><h1>{name}</h1>{lead}{body}</main></body>"
    return whole.encode(errors="replace")


def _body(body: object) -> str:
    """The body's HTML. Some kinds of pages give several forms of it."""
    if isinstance(body, list):
        forms = (one.get("content") for one in _objects(body) if one.get("content_type") == "text/html")
        body = next(forms, None)
    return fit(_text(body))


def _attached(details: dict[str, Any], link: str, wanted: Attachments) -> Iterator[Attachment]:
    for one in _objects(details.get("attachments"))[:_MOST_ATTACHED]:
        url = _link(one.get("url"), link)
        if url is None or url == link:
            continue
        host, own = urlsplit(url).hostname, urlsplit(link).hostname
        if one.get("attachment_type") == "html" and host == own and wanted.pages:
            yield Attachment(url=url, title=_line(one.get("title")), is_page=True)
        elif one.get("content_type") == "application/pdf" and host in (FILES, own) and wanted.pdfs:
            yield Attachment(url=url, title=_line(one.get("title")), is_page=False)


def _last_note(history: object) -> str:
    last = max(_objects(history), key=lambda one: _text(one.get("public_timestamp")), default={})
    return _line(last.get("note"))


def _withdrawn(notice: object) -> str | None:
    """Why and when a page was withdrawn; a page that was not has no notice or an empty one."""
    if not isinstance(notice, dict) or not notice:
        return None
    why, at = text_of_html(_text(notice.get("explanation"))), _instant(notice.get("withdrawn_at"))
    return f"{f'on {at.date()}' if at else 'on a day that is not given'}: {why or 'no reason is given'}"


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"this is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise ParseError("this is not a JSON object")
    return found


def _objects(value: object) -> list[dict[str, Any]]:
    """The objects of a list; none if it is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _line(value: object) -> str:
    return fold(_text(value))


def _link(value: object, base: str) -> str | None:
    """A whole address: the search leaves out the first slash of some paths."""
    text = _line(value)
    if not text:
        return None
    try:
        url = urljoin(base, text if "://" in text or text.startswith("/") else f"/{text}")
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in url
    except ValueError:
        return None
    return url if usable and len(url) <= 2000 else None


def _instant(value: object) -> datetime | None:
    """An instant of RFC 3339, in UTC; None if it is none or has no zone."""
    try:
        read = datetime.fromisoformat(_text(value))
        return read.astimezone(UTC) if read.tzinfo else None
    except (ValueError, OverflowError):
        return None
