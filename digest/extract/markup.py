"""HTML to blocks: the main part of a page, in reading order, without what stands around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from digest.errors import ParseError
from digest.extract.blocks import CELL_JOIN, Block, BlockKind, folded, plain_blocks

# Lexbor looks up the whole stack of open elements for each new one: 80,000 nested `div` took 9 s.
_DEEPEST: Final = 2_000
_TAG: Final = re.compile(
    r"<(/?)(?:div|span|section|article|table|ul|ol|dl|blockquote|b|i|em|font)\b", re.IGNORECASE
)

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
    "popup promo recommended toolbar masthead footer print tags tagcloud".split()
)
_BREAKING: Final = frozenset(
    "p div section article main header blockquote ul ol dl dt dd table thead tbody tr hr pre address figure "
    "details summary center".split()
)
_CONTAINERS: Final = frozenset("body div section main article td tbody tr table center".split())
_KINDS: Final = {
    **{f"h{n}": BlockKind.HEADING for n in range(1, 7)},
    "li": BlockKind.ITEM,
    "tr": BlockKind.ROW,
    "figcaption": BlockKind.CAPTION,
    "caption": BlockKind.CAPTION,
}
_BOLD: Final = frozenset({"strong", "b"})
_HOLDS_THE_TEXT: Final = 0.75
_LINKS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """What an HTML page's markup tells."""

    title: str  # empty where it has none
    blocks: tuple[Block, ...]
    links: tuple[str, ...]
    dates: tuple[str, ...]  # publication dates as its markup gives them, unread


def read_markup(html: str, url: str) -> Marked:
    """The title, the main text's blocks and links, and the dates of an HTML page."""
    _refuse_if_too_deep(html)
    tree = LexborHTMLParser(html)
    dates = tuple(_dates(tree, html))
    title = _title(tree)
    if tree.body is None:
        return Marked(title=title, blocks=(), links=(), dates=dates)
    root = _main_element(tree.body)
    blocks = tuple(_Walk(root).blocks())
    heading = tree.css_first("h1")
    if heading is not None and not any(folded(heading.text()) == b.text for b in blocks):
        # Many themes keep the headline outside the element that holds the text.
        blocks = (Block(kind=BlockKind.HEADING, text=folded(heading.text())), *blocks)
    return Marked(
        title=title,
        blocks=tuple(b for b in blocks if b.text),
        links=_links(root, url),
        dates=dates,
    )


def _refuse_if_too_deep(html: str) -> None:
    depth = 0
    for tag in _TAG.finditer(html):
        depth = max(depth - 1, 0) if tag[1] else depth + 1
        if depth > _DEEPEST:
            raise ParseError("markup nested too deeply for a page")


def _title(tree: LexborHTMLParser) -> str:
    heading = tree.css_first("main h1, article h1") or tree.css_first("h1")
    if heading is not None and folded(heading.text()):
        return folded(heading.text())
    meta = tree.css_first('meta[property="og:title"]')
    if meta is not None and folded(meta.attributes.get("content") or ""):
        return folded(meta.attributes["content"] or "")
    title = tree.css_first("title")
    return re.split(r" [|–—-] ", folded(title.text()))[0] if title is not None else ""


_META_DATES: Final = (
    'meta[property="article:published_time"], meta[name="article:published_time"], '
    'meta[itemprop="datePublished"], meta[name="dc.date"], meta[name="dcterms.issued"], meta[name="date"]'
)
_TIMES: Final = "time[itemprop=datePublished], time.published, time.entry-date, time[pubdate]"
_JSON_DATE: Final = re.compile(r'"datePublished"\s*:\s*"([^"]{8,40})"')


def _dates(tree: LexborHTMLParser, html: str) -> Iterator[str]:
    """The markup's own publication dates, the most binding first."""
    for meta in tree.css(_META_DATES):
        yield meta.attributes.get("content") or ""
    for time in tree.css(_TIMES):
        yield time.attributes.get("datetime") or folded(time.text())
    yield from _JSON_DATE.findall(html)


def _main_element(body: LexborNode) -> LexborNode:
    """The element that holds the page's own text: what the markup calls so, else by weight."""
    total = _weight(body)
    named = [n for n in body.css("article, main, [role=main], [itemprop=articleBody]") if not _hidden(n)]
    # A list of teasers is articles too: the smallest that holds most of the text is the page's own.
    holding = [(w, n) for n in named if (w := _weight(n)) * 2 > total]
    if holding:
        return min(holding, key=lambda pair: pair[0])[1]
    node = body
    while True:
        inner = [
            (w, child)
            for child in _elements(node)
            if child.tag in _CONTAINERS and (w := _weight(child)) >= _HOLDS_THE_TEXT * total
        ]
        if not inner or not total:
            return node
        node = inner[0][1]


def _elements(node: LexborNode) -> Iterator[LexborNode]:
    child = node.child
    while child is not None:
        if child.is_element_node:
            yield child
        child = child.next


def _weight(root: LexborNode) -> int:
    """How many characters of running text an element holds: links and furniture do not count."""
    return sum(len(text) for text in _Walk(root, links=False).texts())


def _hidden(node: LexborNode) -> bool:
    """Whether an element stands around the text rather than in it."""
    tag = node.tag or ""
    if tag in _NEVER:
        return True
    if tag in {"body", "main", "article", "li", "p"} or tag in _KINDS:
        return False
    attributes = node.attributes
    if (attributes.get("role") or "") in _NEVER_ROLES or "hidden" in attributes:
        return True
    names = re.split(r"[^a-z]+", f"{attributes.get('class') or ''} {attributes.get('id') or ''}".lower())
    # Themes name wrappers of everything after what else is inside ("content-sidebar-wrap").
    return not _FURNITURE.isdisjoint(names) and node.css_first("main, article, h1") is None


class _Walk:
    """One pass over an element, without recursion: real pages nest deeper than Python may."""

    def __init__(self, root: LexborNode, *, links: bool = True) -> None:
        self._root = root
        self._links = links

    def _events(self) -> Iterator[tuple[bool, LexborNode]]:
        """Every node that counts, on entering (True) and on leaving (False)."""
        stack: list[tuple[bool, LexborNode]] = [(True, self._root)]
        while stack:
            entering, node = stack.pop()
            yield entering, node
            if not entering or not node.is_element_node:
                continue
            stack.append((False, node))
            child = node.last_child
            while child is not None:
                if not (child.is_element_node and self._left_out(child)):
                    stack.append((True, child))
                child = child.prev

    def _left_out(self, node: LexborNode) -> bool:
        return (not self._links and node.tag == "a") or _hidden(node)

    def texts(self) -> Iterator[str]:
        for entering, node in self._events():
            if entering and node.is_text_node:
                yield node.text_content or ""

    def blocks(self) -> Iterator[Block]:
        text: list[str] = []
        bold: list[str] = []
        within: list[LexborNode] = []  # the open elements that give a block its kind
        in_bold = 0
        for entering, node in self._events():
            tag = node.tag or ""
            if node.is_text_node:
                piece = node.text_content or ""
                text.append(re.sub(r"\s", " ", piece))
                if in_bold:
                    bold.append(piece)
            elif tag == "br":
                text.append("\n" if entering else "")
            elif tag in {"td", "th"}:
                text.append("" if entering else CELL_JOIN)
            elif tag in _BOLD:
                in_bold += 1 if entering else -1
            elif tag in _BREAKING or tag in _KINDS:
                if not (_in_row(within) and tag not in {"tr", "table"}):
                    yield from _flush("".join(text), "".join(bold), within)
                    text, bold = [], []
                if tag in _KINDS:
                    within = [*within, node] if entering else within[:-1]
        yield from _flush("".join(text), "".join(bold), within)


def _in_row(within: list[LexborNode]) -> bool:
    return bool(within) and within[-1].tag == "tr"


def _flush(text: str, bold: str, within: list[LexborNode]) -> Iterator[Block]:
    """What was read since the last break, as the kind of block it stands in."""
    if not text.strip():
        return
    tag = within[-1].tag or "" if within else ""
    kind = _KINDS.get(tag, BlockKind.PARAGRAPH)
    if kind is BlockKind.ROW:
        cells = [folded(cell) for cell in text.split(CELL_JOIN)]
        while cells and not cells[-1]:
            cells.pop()
        if cells:  # empty ones within keep the others under their columns
            yield Block(kind=kind, text=CELL_JOIN.join(cells))
    elif kind is not BlockKind.PARAGRAPH:
        yield Block(kind=kind, text=folded(text))
    elif "\n" in text.strip():
        yield from plain_blocks(text)
    else:
        # A short paragraph all in bold is how press offices write headings.
        heading = folded(text) == folded(bold) and plain_blocks(text)[0].kind is BlockKind.HEADING
        yield Block(kind=BlockKind.HEADING if heading else kind, text=folded(text))


def _links(root: LexborNode, url: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for entering, node in _Walk(root)._events():  # noqa: SLF001
        if not entering or node.tag != "a" or len(found) >= _LINKS:
            continue
        link = _absolute(url, node.attributes.get("href") or "")
        if link:
            found[link] = None
    return tuple(found)


def _absolute(url: str, href: str) -> str | None:
    if not href or href.startswith("#"):
        return None
    try:
        link = urljoin(url, href.strip())
        parts = urlsplit(link)
    except ValueError:  # such as an unclosed IPv6 bracket
        return None
    return link if parts.scheme in {"http", "https"} and parts.netloc else None
