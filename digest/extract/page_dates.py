"""The publication dates that a page's markup gives: meta elements, time elements and JSON-LD."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from digest.extract.blocks import folded
from digest.extract.visibility import hidden

_META_DATES: Final = (
    'meta[name="govuk:first-published-at"], '
    'meta[property="article:published_time"], meta[name="article:published_time"], '
    'meta[itemprop="datePublished"], meta[name="dc.date"], meta[name="dcterms.issued"], meta[name="date"]'
)
_TIMES: Final = "time[itemprop=datePublished], time.published, time.entry-date, time[pubdate]"
_TIMES_LOOKED_AT: Final = 20
_OF_A_TEXT: Final = re.compile(
    r"(?:\w*Article|BlogPosting|Report|LiveBlogPosting|WebPage|ItemPage|AboutPage|CreativeWork)$"
)
_LONGEST_JSON: Final = 500_000  # characters
_MOST_OBJECTS: Final = 200


def published_dates(tree: LexborHTMLParser, url: str) -> Iterator[str]:
    """The markup's own publication dates, the most binding first."""
    for meta in tree.css(_META_DATES):
        if not _stands_aside(meta):
            yield meta.attributes.get("content") or ""
    for time in tree.css(_TIMES)[:_TIMES_LOOKED_AT]:
        if _stands_aside(time):
            continue
        yield time.attributes.get("datetime") or folded(time.text())
    yield from _described_dates(tree, url)


def _stands_aside(node: LexborNode) -> bool:
    """Whether an element stands in a list of stories, or in what is around the text."""
    above = node.parent
    while above is not None and above.tag not in {"body", "head", "html"}:
        if hidden(above) or above.tag == "li":
            return True
        above = above.parent
    return False


def _described_dates(tree: LexborHTMLParser, url: str) -> Iterator[str]:
    """The day that the page's description for machines gives the page itself; stories it lists have theirs."""
    texts = [o for o in _objects(tree) if isinstance(o.get("datePublished"), str) and _is_a_text(o)]
    own = [o for o in texts if _is_of(o, url)]
    if not own:
        pages = [o for o in texts if "WebPage" in _types(o)]
        others = [o for o in texts if o not in pages]
        own = others if len({o["datePublished"] for o in others}) == 1 else [] if others else pages[:1]
    for one in own[:1]:
        yield one["datePublished"]


def _objects(tree: LexborHTMLParser) -> Iterator[dict[str, Any]]:
    """The things that a page's JSON-LD describes at its top, not those within them."""
    left = _MOST_OBJECTS
    for script in tree.css('script[type="application/ld+json"]'):
        text = script.text()
        if len(text) > _LONGEST_JSON:
            continue
        try:
            described = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        for one in described if isinstance(described, list) else [described]:
            graph = one.get("@graph") if isinstance(one, dict) else None
            for thing in (one, *(graph if isinstance(graph, list) else ())):
                if isinstance(thing, dict) and left:
                    left -= 1
                    yield thing


def _types(thing: Mapping[str, Any]) -> tuple[str, ...]:
    described = thing.get("@type")
    return tuple(str(t) for t in described) if isinstance(described, list) else (str(described or ""),)


def _is_a_text(thing: Mapping[str, Any]) -> bool:
    return any(_OF_A_TEXT.match(name) for name in _types(thing))


def _is_of(thing: Mapping[str, Any], url: str) -> bool:
    """Whether a description says that it is of this very page."""
    page = thing.get("mainEntityOfPage")
    page = page.get("@id") if isinstance(page, dict) else page
    return any(isinstance(a, str) and _same(a, url) for a in (page, thing.get("url"), thing.get("@id")))


def _same(address: str, url: str) -> bool:
    def bare(one: str) -> str:
        return re.sub(r"^https?://(?:www\.)?", "", one.partition("#")[0].partition("?")[0]).rstrip("/")

    return bool(bare(address)) and bare(address) == bare(url)
