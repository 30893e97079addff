"""A report in parts: a contents page whose rating stands on a page below it, or on a page beside it.

Only links within the report's own path are parts of it: a deeper path on the same host, or a numbered page
beside a numbered page. Each part is read with the report's title before it, and gives only what it says of
the report's own provider.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qsl, urljoin, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser

from digest.errors import ParseError
from digest.extract.blocks import folded
from digest.extract.maintext import decode, is_html
from digest.extract.pdf import is_pdf
from digest.extract.reading import read
from digest.items import Page
from digest.providers import Register, normal_name
from digest.ratings import Inspectorates
from digest.reports import Claim, Judgement, Kind, Reading, Report

MOST_PARTS: Final = 8
"""So many parts of one report are asked for at most."""

_LONGEST_OPENING: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A page that may be a part of a report."""

    url: str
    title: str  # the words of the link to it


_INSPECTED: Final = re.compile(r"\b(?:inspect(?:ed|ions?|ors?)|report|assessment|PEEL)\b", re.IGNORECASE)
_OF_ALL: Final = re.compile(
    r"\b(?:thematic|annual|national|state of|all reports|latest reports)\b", re.IGNORECASE
)


def may_be_in_parts(reading: Reading) -> bool:
    """Whether a page of an inspectorate is about an inspection, and no rating was read from it."""
    if reading.kind is Kind.THEMATIC or any(r.rated or r.withdraws for r in reading.reports):
        return False
    opening = f"{reading.title}. {reading.lead or ''}"[:_LONGEST_OPENING]
    return (
        len(reading.reports) <= 1 and bool(_INSPECTED.search(opening)) and not _OF_ALL.search(reading.title)
    )


_NO_PAGE: Final = re.compile(
    r"\.(?:jpe?g|png|gif|svg|webp|ico|css|js|zip|docx?|xlsx?|csv|pptx?|odt|ods|mp[34]|ics|xml|json)$"
    r"|(?:^|/)(?:feed|rss|atom|print|printable|share|email|comments?|subscribe|login|search|tag|amp)(?:/|$)",
    re.IGNORECASE,
)
_NUMBERED: Final = re.compile(r"^(?P<stem>.*?)(?P<number>\d{1,2})(?P<rest>[-_.].*)?$")
_PAGED: Final = frozenset({"page", "part", "chapter", "section", "p"})
_LIKELY: Final = re.compile(
    r"\b(?:rat(?:ing|ed)s?|grad(?:e|ing)s?|judg(?:e?ments?)|scores?|outcomes?)\b", re.IGNORECASE
)
_NEXT: Final = re.compile(r"\b(?:summary|overall|findings|overview)\b", re.IGNORECASE)


def parts_of(page: Page) -> tuple[Part, ...]:
    """The pages that may be parts of this one, at most `MOST_PARTS`, the likeliest to give a rating first."""
    if is_pdf(page.body, page.content_type):
        return ()
    text = decode(page.body, page.content_type)
    if not is_html(text, page.content_type):
        return ()
    found: dict[str, Part] = {}
    for node in LexborHTMLParser(text).css("a[href]"):
        url = _without_fragment(page.url, node.attributes.get("href") or "")
        if url and url not in found and is_below_or_beside(url, page.url):
            found[url] = Part(url=url, title=folded(node.text()))
    ranked = sorted(found.values(), key=_rank)
    return tuple(ranked[:MOST_PARTS])


def _rank(part: Part) -> int:
    words = f"{part.title} {part.url.rpartition('/')[2].replace('-', ' ')}"
    return 0 if _LIKELY.search(words) else 1 if _NEXT.search(words) else 2


def _without_fragment(base: str, href: str) -> str | None:
    try:
        parts = urlsplit(urljoin(base, href.strip()))
        host = parts.hostname
    except ValueError:
        return None
    return urlunsplit(parts._replace(fragment="")) if parts.scheme in {"http", "https"} and host else None


def is_below_or_beside(url: str, own: str) -> bool:
    """Whether a page is within the path of a report, `own`."""
    one, base = urlsplit(url), urlsplit(own)
    if one.netloc.casefold() != base.netloc.casefold() or _NO_PAGE.search(one.path):
        return False
    path, root = one.path.rstrip("/"), base.path.rstrip("/")
    if not root or path == root:
        return bool(root) and path == root and _is_paged(one.query, base.query)
    if one.query:
        return False
    parent, _, last = root.rpartition("/")
    numbered = _NUMBERED.match(last)
    above, _, name = path.rpartition("/")
    if numbered and parent and above == parent:
        other = _NUMBERED.match(name)
        return other is not None and other["stem"] == numbered["stem"]
    return path.startswith(f"{re.sub(r'/(?:index|contents|default)[.a-z]*$', '', root)}/")


def _is_paged(query: str, own: str) -> bool:
    """Whether two queries differ in the number of the page alone: "?page=2"."""
    one, base = dict(parse_qsl(query)), dict(parse_qsl(own))
    moved = {name for name in one.keys() | base.keys() if one.get(name) != base.get(name)}
    return len(moved) == 1 and moved <= _PAGED and (one.get(moved.pop()) or "").isdigit()


_OPENS: Final = re.compile(r"<(?:main|article|body)\b[^<>]*>", re.IGNORECASE)
_TITLE: Final = re.compile(r"<title\b[^<>]*>.*?</title\s*>", re.IGNORECASE | re.DOTALL)
_H1: Final = re.compile(r"<(/?)h1\b", re.IGNORECASE)


def read_part(
    part: Page, first: Reading, *, inspectorates: Inspectorates, register: Register, official: bool | None
) -> Reading:
    """What a part says, read under the title and opening of its report; `ParseError` if it is no page."""
    page = _under_its_report(part, first)
    return read(page, inspectorates=inspectorates, register=register, official=official)


def _under_its_report(part: Page, first: Reading) -> Page:
    """A part as a page of its report: under the report's title and opening, which say whose it is."""
    if is_pdf(part.body, part.content_type):
        return part
    text = decode(part.body, part.content_type)
    if not is_html(text, part.content_type):
        raise ParseError("a part that is no page")
    title, lead = html.escape(first.title), html.escape(first.lead or "")
    head = f"<h1>{title}</h1>" + (f"<p>{lead}</p>" if lead else "")
    own = _H1.sub(r"<\1h2", _TITLE.sub("", text, count=1))
    found = _OPENS.search(own)
    for found in _OPENS.finditer(own):
        if not found[0].lower().startswith("<body"):
            break
    cut = found.end() if found else 0
    body = f"<title>{title}</title>{own[:cut]}{head}{own[cut:]}"
    return replace(part, body=body.encode(errors="replace"), content_type="text/html; charset=utf-8")


def joined(first: Reading, parts: Sequence[tuple[str, Reading]]) -> Reading:
    """The reading of a report with what its parts, with their addresses, say of the same provider."""
    report = next(iter(first.reports), None)
    text, findings = [first.text], list(report.findings if report else ())
    for url, part in parts:
        own = _own_report(part, report, first.title)
        if own is None:
            continue
        report = _filled(
            report or replace(own, overall=None, previous=None, direction=None, judgements=(), findings=()),
            own,
            url,
        )
        findings += [finding for finding in own.findings if finding not in findings]
        text.append(part.text)
        first = replace(first, inspectorate=first.inspectorate or part.inspectorate, kind=part.kind)
    if report is None:
        return first
    return replace(
        first, reports=(replace(report, findings=tuple(findings)),), text="\n\n".join(dict.fromkeys(text))
    )


def gathered(first: Reading, parts: Sequence[tuple[str, Reading]]) -> Reading:
    """The reading of a publication with what its documents, with their addresses, say.

    Unlike pages around a report, they are surely of it. So each report that they have counts, if they have
    several; the first of each provider.
    """
    found: dict[str, Report] = {}
    for url, part in parts:
        for report in part.reports:
            if report.rated and report.provider is not None:
                found.setdefault(normal_name(report.provider), _linked(report, url))
    of_one = first.reports[0].provider if len(first.reports) == 1 else None
    if len(found) < 2 and of_one is not None:
        return joined(first, parts)
    if not found:
        return first
    rated = {normal_name(one.provider) for one in first.reports if one.provider and one.rated}
    own = tuple(one for one in first.reports if one.rated)
    text = (first.text, *(part.text for _, part in parts))
    return replace(
        first,
        kind=next(part.kind for _, part in parts if part.reports) if len(found) == 1 else Kind.MULTI,
        inspectorate=first.inspectorate or next((p.inspectorate for _, p in parts if p.inspectorate), None),
        reports=(*own, *(one for name, one in found.items() if name not in rated)),
        text="\n\n".join(dict.fromkeys(text)),
    )


def _linked(report: Report, url: str) -> Report:
    """A report whose grades have the address of the document that gives them."""

    def at(claim: Claim | None) -> Claim | None:
        return replace(claim, link=claim.link or url) if claim else None

    return replace(
        report,
        overall=at(report.overall),
        previous=at(report.previous),
        direction=at(report.direction),
        judgements=tuple(_at(one, url) for one in report.judgements),
    )


def _own_report(part: Reading, report: Report | None, title: str) -> Report | None:
    """What a part says of the report's provider; None if it is about others, or gives no rating."""
    if len(part.reports) != 1 or not part.reports[0].rated or part.reports[0].provider is None:
        return None
    [own] = part.reports
    named = normal_name(own.provider or "")
    if report is not None and report.provider is not None:
        return own if normal_name(report.provider) == named else None
    return own if named in normal_name(title) else None


def _filled(report: Report, own: Report, url: str) -> Report:
    """The report with the grades of a part that it lacks, each with the part's address."""

    def at(claim: Claim | None) -> Claim | None:
        return replace(claim, link=url) if claim else None

    held = {judgement.aspect for judgement in report.judgements}
    more = tuple(_at(j, url) for j in own.judgements if j.aspect not in held)
    taken = report.overall is None and own.overall is not None
    return replace(
        report,
        scale=own.scale,
        overall=at(own.overall) if taken else report.overall,
        previous=at(own.previous) if taken else report.previous,
        direction=at(own.direction) if taken else report.direction,
        judgements=(*report.judgements, *more),
        inspected=report.inspected or own.inspected,
        inspected_on=report.inspected_on or own.inspected_on,
    )


def _at(judgement: Judgement, url: str) -> Judgement:
    return replace(judgement, link=url)
