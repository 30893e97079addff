"""Which elements of a page readers see, and which only surround the text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from selectolax.lexbor import LexborNode

from digest.extract.blocks import BlockKind

_NEVER: Final = frozenset(
    "script style noscript template svg nav footer aside form button select textarea iframe object dialog "
    "video audio canvas head".split()
)
_NEVER_ROLES: Final = frozenset(
    "navigation banner contentinfo complementary search dialog alertdialog menu".split()
)
_FURNITURE: Final = frozenset(
    "share shares sharing sharedaddy social cookie cookies consent gdpr sidebar related comment comments "
    "respond reply newsletter subscribe subscription signup sponsor sponsors sponsored advert adverts ad ads "
    "advertisement breadcrumb breadcrumbs menu nav navigation pagination pager widget widgets skip modal "
    "popup promo recommended toolbar masthead footer print tags tagcloud teaser teasers readmore mostread "
    "trending recirculation outbrain taboola".split()
)


BLOCK_TAGS: Final = {
    **{f"h{n}": BlockKind.HEADING for n in range(1, 7)},
    "li": BlockKind.ITEM,
    "tr": BlockKind.ROW,
    "figcaption": BlockKind.CAPTION,
    "caption": BlockKind.CAPTION,
}


_UNSEEN: Final = re.compile(r"\bdisplay\s*:\s*none\b|\bvisibility\s*:\s*hidden\b", re.IGNORECASE)


def unseen(attributes: Mapping[str, str | None]) -> bool:
    """Whether the markup hides this element from readers."""
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or _UNSEEN.search(attributes.get("style") or "") is not None
    )


def hidden(node: LexborNode) -> bool:
    """Whether an element is not shown, or stands around the text rather than in it."""
    tag = node.tag or ""
    attributes = node.attributes
    if tag == "svg" and attributes.get("aria-label") and not unseen(attributes):
        return False  # a picture of a word
    if tag in _NEVER or (attributes and unseen(attributes)):
        return True
    if tag in {"body", "main", "article", "li", "p"} or tag in BLOCK_TAGS or not attributes:
        return False
    if (attributes.get("role") or "") in _NEVER_ROLES:
        return True
    names = re.split(r"[^a-z]+", f"{attributes.get('class') or ''} {attributes.get('id') or ''}".lower())
    # Themes name wrappers of everything after what else is inside ("content-sidebar-wrap").
    return not _FURNITURE.isdisjoint(names) and node.css_first("main, article, h1") is None
