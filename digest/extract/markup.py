"""HTML to blocks: the main part of a page, in reading order, without what stands around it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from digest.errors import ParseError
from digest.extract.blocks import CELL_JOIN, Block, BlockKind, folded, plain_blocks
from digest.extract.page_dates import published_dates
from digest.extract.visibility import BLOCK_TAGS, hidden, unseen

# Lexbor looks up the whole stack of open elements for each new one: 80,000 nested `div` took 9 s.
_DEEPEST: Final = 2_000
_TAG: Final = re.compile(
    r"<(/?)(?:div|span|section|article|table|ul|ol|dl|blockquote|b|i|em|font)\b", re.IGNORECASE
)

_BREAKING: Final = frozenset(
    "p div section article main header blockquote ul ol dl dt dd table thead tbody tr hr pre address figure "
    "details summary center".split()
)
_CONTAINERS: Final = frozenset("body div section main article td tbody tr table center".split())
_BOLD: Final = frozenset({"strong", "b"})
_HOLDS_THE_TEXT: Final = 0.75
_LINKS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """What was read from an HTML page's markup."""

    title: str  # empty where it has none
    blocks: tuple[Block, ...]
    links: tuple[str, ...]
    dates: tuple[str, ...]  # publication dates as its markup gives them, unread


def read_markup(html: str, url: str) -> Marked:
    """The title, the main text's blocks and links, and the dates of an HTML page."""
    _refuse_if_too_deep(html)
    tree = LexborHTMLParser(html)
    dates = tuple(published_dates(tree, url))
    title = _title(tree)
    if tree.body is None:
        return Marked(title=title, blocks=(), links=(), dates=dates)
    known: _LeftOut = {}
    root = _main_element(tree.body, known)
    blocks = tuple(_Walk(root, known).blocks())
    heading = _shown(tree, "h1")
    if heading and not any(heading == b.text for b in blocks):
        # Many themes keep the headline outside the element that holds the text.
        blocks = (Block(kind=BlockKind.HEADING, text=heading, level=1), *blocks)
    return Marked(
        title=title,
        blocks=tuple(b for b in blocks if b.text),
        links=_links(root, url, known),
        dates=dates,
    )


def _refuse_if_too_deep(html: str) -> None:
    depth = 0
    for tag in _TAG.finditer(html):
        depth = max(depth - 1, 0) if tag[1] else depth + 1
        if depth > _DEEPEST:
            raise ParseError("markup nested too deeply for a page")


def _title(tree: LexborHTMLParser) -> str:
    heading = _shown(tree, "main h1, article h1") or _shown(tree, "h1")
    if heading:
        return heading
    meta = tree.css_first('meta[property="og:title"]')
    if meta is not None and folded(meta.attributes.get("content") or ""):
        return folded(meta.attributes["content"] or "")
    title = tree.css_first("title")
    return re.split(r" [|–—-] ", folded(title.text()))[0] if title is not None else ""


_LOOKED_AT: Final = 5  # of a page's main headings; it should have one


def _shown(tree: LexborHTMLParser, selector: str) -> str:
    """The words of the first such heading that readers are shown; empty where there is none."""
    for heading in tree.css(selector)[:_LOOKED_AT]:
        node: LexborNode | None = heading
        while node is not None and not unseen(node.attributes):
            node = node.parent
        words = folded("".join(_Walk(heading).texts())) if node is None else ""
        if words:
            return words
    return ""


def _main_element(body: LexborNode, known: _LeftOut) -> LexborNode:
    """The element that holds the page's own text: what the markup calls so, else by weight."""
    weights = _weights(body, known)
    total = weights.get(body.mem_id, 0)
    named = [n for n in body.css("article, main, [role=main], [itemprop=articleBody]") if not hidden(n)]
    # A list of teasers is articles too: the smallest that holds most of the text is the page's own.
    holding = [(w, n) for n in named if (w := weights.get(n.mem_id, 0)) * 2 > total]
    if holding:
        return min(holding, key=lambda pair: pair[0])[1]
    node = body
    while True:
        inner = [
            child
            for child in _elements(node)
            if child.tag in _CONTAINERS and weights.get(child.mem_id, 0) >= _HOLDS_THE_TEXT * total
        ]
        if not inner or not total:
            return node
        node = inner[0]


def _elements(node: LexborNode) -> Iterator[LexborNode]:
    child = node.child
    while child is not None:
        if child.is_element_node:
            yield child
        child = child.next


def _weights(body: LexborNode, known: _LeftOut) -> dict[int, int]:
    """How many characters of running text each element holds: links and furniture do not count."""
    weights: dict[int, int] = {}
    read = 0
    opened: list[int] = []
    for entering, node in _Walk(body, known, links=False).events():
        if node.is_text_node:
            read += len(node.text_content or "") if entering else 0
        elif entering:
            opened.append(read)
        else:
            weights[node.mem_id] = read - opened.pop()
    return weights


_CHOSEN: Final = re.compile(r"(?:^|[-_])(?:active|selected|current|chosen|highlighted)$")


def _chosen(attributes: Mapping[str, str | None]) -> bool:
    """Whether the markup says that this one of a list is the one that holds."""
    if (attributes.get("aria-current") or "false") != "false":
        return True
    if "true" in {attributes.get("aria-selected"), attributes.get("aria-checked")}:
        return True
    return any(_CHOSEN.search(name) for name in (attributes.get("class") or "").lower().split())


# What pictures and badges of grades are called; others are drawings.
_SPOKEN_GRADE: Final = re.compile(
    r"(?:[\w' -]{1,40}[:–-] ?)?(?:rat(?:ed|ing)[: ] ?|grade[d:]? ?)?(?:\d ?[-–:] ?)?(?:outstanding|(?:very |reasonably |not "
    r"sufficiently )?good|requires (?:significant )?improvement|inadequate|adequate|excellent|satisfactory|weak|poor|"
    r"unsatisfactory|exceptional|(?:strong|expected) standard|needs attention|urgent improvement)(?: rating)?",
    re.IGNORECASE,
)
_SPOKEN_IN_A_CELL: Final = 40  # characters
_MOST_COLUMNS: Final = 40


def _spoken(node: LexborNode, attributes: Mapping[str, str | None]) -> str:
    """The word that a picture or an empty badge stands for; empty where it says nothing of its own."""
    tag = node.tag or ""
    words = folded((attributes.get("alt") if tag == "img" else attributes.get("aria-label")) or "")
    if not words or (tag not in {"img", "svg"} and folded(node.text())):
        return ""
    if _SPOKEN_GRADE.fullmatch(words):
        return words
    cell = node.parent
    while cell is not None and cell.tag not in {"td", "dd", "div", "body"}:
        cell = cell.parent
    alone = cell is not None and cell.tag in {"td", "dd"} and not folded(cell.text())
    return words if alone and len(words) <= _SPOKEN_IN_A_CELL else ""


_LeftOut = dict[int, bool]
"""Whether an element is left out, by its place in memory: a page is walked several times."""


class _Walk:
    """One pass over an element, without recursion: real pages nest deeper than Python may."""

    def __init__(self, root: LexborNode, left_out: _LeftOut | None = None, *, links: bool = True) -> None:
        self._root = root
        self._links = links
        self._known = {} if left_out is None else left_out

    def events(self) -> Iterator[tuple[bool, LexborNode]]:
        """Every node that counts, on entering (True) and on leaving (False)."""
        stack: list[tuple[bool, LexborNode]] = [(True, self._root)]
        while stack:
            entering, node = stack.pop()
            yield entering, node
            if not entering or not node.is_element_node:
                continue
            stack.append((False, node))
            child = node.last_child if node.tag != "svg" else None
            while child is not None:
                if child.is_text_node or (child.is_element_node and not self._left_out(child)):
                    stack.append((True, child))
                child = child.prev

    def _left_out(self, node: LexborNode) -> bool:
        if not self._links and node.tag == "a":
            return True
        place = node.mem_id
        found = self._known.get(place)
        if found is None:
            found = self._known[place] = hidden(node)
        return found

    def texts(self) -> Iterator[str]:
        for entering, node in self.events():
            if entering and node.is_text_node:
                yield node.text_content or ""

    def blocks(self) -> Iterator[Block]:
        draft = _Draft()
        for entering, node in self.events():
            if node.is_text_node:
                draft.write(node.text_content or "")
            elif entering:
                yield from draft.enter(node)
            else:
                yield from draft.leave(node)
        yield from draft.flush()


@dataclass(slots=True)
class _Table:
    """A table that is being read."""

    number: int
    holds_facts: bool  # it has heads, so that lists in its cells are lines of them and no list of the page's
    spans: dict[int, tuple[int, str]]  # by column: for how many rows a cell above reaches down, and its words


class _Draft:
    """The block that is being read, and where in the page we are."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._bold: list[str] = []
        self._linked: list[str] = []
        self._within: list[LexborNode] = []  # the open elements that give a block its kind
        self._tables: list[_Table] = []
        self._count = 0
        self._cells: list[tuple[str, int, int, bool]] = []  # words, columns, rows, whether it is a head
        self._cell_from: int | None = None
        self._marks: list[str] = []
        self._mark: tuple[int, int] | None = None  # the open marked element, and where its words begin
        self._strong: list[str] = []
        self._strong_from: int | None = None
        self._in_bold = self._in_link = 0
        self._in_thead = 0
        self._seam: str = ""  # "closed", then "open": two elements side by side without a space
        self._checked = False

    def write(self, piece: str) -> None:
        words = re.sub(r"\s", " ", piece)
        if self._seam == "open" and words and self._text:
            before = self._text[-1][-1:]
            if (before.isalnum() or before == ")") and (words[0].isupper() or words[0].isdigit()):
                self._text.append(" ")  # badges are kept apart by style sheets
        self._seam = ""
        self._text.append(words)
        if self._in_bold:
            self._bold.append(piece)
        if self._in_link:
            self._linked.append(piece)

    def enter(  # noqa: C901, PLR0912 -- one arm a kind of element
        self, node: LexborNode
    ) -> Iterator[Block]:
        tag = node.tag or ""
        attributes = node.attributes
        self._seam = "open" if self._seam else ""
        if tag == "br":
            self._text.append("\n")
        elif tag in _BOLD:
            self._in_bold += 1
            if self._in_bold == 1:
                self._strong_from = len(self._text)
        elif tag == "a" and "href" in attributes:
            self._in_link += 1
        elif tag == "thead":
            self._in_thead += 1
        if tag in _BREAKING or tag in BLOCK_TAGS:
            yield from self._break(tag)
            if tag in BLOCK_TAGS and not self._is_line(tag):
                self._within.append(node)
        if tag == "table":
            self._count += 1
            self._tables.append(
                _Table(number=self._count, holds_facts=node.css_first("th") is not None, spans={})
            )
        elif tag in {"td", "th"}:
            self._cell_from = len(self._text)
        if attributes:
            if self._mark is None and tag != "body" and _chosen(attributes):
                self._mark = (node.mem_id, len(self._text))
            if tag in {"img", "svg", "span", "div", "i"} and (spoken := _spoken(node, attributes)):
                self._text.append(f" {spoken} ")
        if tag == "input" and "checked" in attributes:
            self._checked = True

    def leave(self, node: LexborNode) -> Iterator[Block]:
        tag = node.tag or ""
        self._seam = "closed"
        if self._mark is not None and self._mark[0] == node.mem_id:
            self._marks.append(folded("".join(self._text[self._mark[1] :])))
            self._mark = None
        if tag in {"td", "th"}:
            self._leave_cell(node)
        elif tag in _BOLD:
            self._in_bold -= 1
            if not self._in_bold and self._strong_from is not None:
                self._strong.append(folded("".join(self._text[self._strong_from :])))
        elif tag == "a" and "href" in node.attributes:
            self._in_link -= 1
        elif tag == "thead":
            self._in_thead -= 1
        if tag in _BREAKING or tag in BLOCK_TAGS:
            yield from self._break(tag)
            if tag in BLOCK_TAGS and not self._is_line(tag):
                self._within.pop()
        if tag == "table":
            self._tables.pop()

    def _break(self, tag: str) -> Iterator[Block]:
        if self._within and self._within[-1].tag == "tr" and tag not in {"tr", "table"}:
            self._text.append("\n")  # lines of one cell
        else:
            yield from self.flush()

    def _is_line(self, tag: str) -> bool:
        """Whether an item is a line of a cell."""
        in_row = bool(self._within) and self._within[-1].tag == "tr"
        return tag == "li" and in_row and bool(self._tables) and self._tables[-1].holds_facts

    def _leave_cell(self, node: LexborNode) -> None:
        if self._cell_from is not None:
            lines = map(folded, "".join(self._text[self._cell_from :]).split("\n"))
            attributes = node.attributes
            self._cells.append(
                (
                    "\n".join(filter(None, lines)),
                    _number(attributes.get("colspan")),
                    _number(attributes.get("rowspan")),
                    node.tag == "th",
                )
            )
            self._cell_from = None
        self._text.append(CELL_JOIN)

    def flush(self) -> Iterator[Block]:
        """What was read since the last break, as the kind of block it stands in."""
        text = "".join(self._text)
        tag = self._within[-1].tag or "" if self._within else ""
        cells, head = self._row() if tag == "tr" else ((), False)
        if text.strip():
            marked = tuple(filter(None, self._marks or self._strong))
            if self._checked:
                marked = (folded(text),)
            linked = bool(self._linked) and folded("".join(self._linked)) == folded(text)
            for block in _blocks_of(text, "".join(self._bold), tag, marked=marked, linked=linked):
                if block.kind is BlockKind.ROW:
                    yield replace(block, cells=cells, head=head, table=self._number())
                elif tag == "caption":
                    yield replace(block, table=self._number())
                else:
                    yield block
        self._text, self._bold, self._linked = [], [], []
        self._marks, self._strong, self._checked = [], [], False
        self._cell_from = None
        self._strong_from = 0 if self._in_bold else None
        if self._mark is not None:
            self._mark = (self._mark[0], 0)

    def _number(self) -> int | None:
        return self._tables[-1].number if self._tables else None

    def _row(self) -> tuple[tuple[str, ...], bool]:
        """The row's cells, each under its column, and whether they are heads; none where they are too many."""
        cells, self._cells = self._cells, []
        if not cells or not self._tables:
            return (), False
        spans = self._tables[-1].spans
        row: list[str] = []

        def reach_down() -> None:
            while (left := spans.get(len(row))) is not None:
                rows, words = left
                if rows > 1:
                    spans[len(row)] = (rows - 1, words)
                else:
                    del spans[len(row)]
                row.append(words)

        for words, columns, rows, _ in cells:
            reach_down()
            for _ in range(min(columns, _MOST_COLUMNS)):
                if len(row) >= _MOST_COLUMNS:
                    return (), False
                if rows > 1:
                    spans[len(row)] = (rows - 1, words)
                row.append(words)
        reach_down()
        return tuple(row), bool(self._in_thead) or all(is_head for *_, is_head in cells)


def _number(words: str | None) -> int:
    return max(int(words), 1) if words and words.isascii() and words.isdigit() and len(words) < 9 else 1


def _blocks_of(text: str, bold: str, tag: str, *, marked: tuple[str, ...], linked: bool) -> Iterator[Block]:
    kind = BLOCK_TAGS.get(tag, BlockKind.PARAGRAPH)
    if kind is BlockKind.ROW:
        cells = [_pieces_apart(cell) for cell in text.split(CELL_JOIN)]
        while cells and not cells[-1]:
            cells.pop()
        if cells:  # empty ones within keep the others under their columns
            yield Block(kind=kind, text=CELL_JOIN.join(cells), marked=marked)
    elif kind is not BlockKind.PARAGRAPH:
        level = int(tag[1]) if kind is BlockKind.HEADING else None
        yield Block(kind=kind, text=folded(text), level=level, marked=marked, linked=linked)
    elif "\n" in text.strip():
        yield from plain_blocks(text)
    else:
        # A short paragraph all in bold is how press offices write headings.
        heading = folded(text) == folded(bold) and plain_blocks(text)[0].kind is BlockKind.HEADING
        kind = BlockKind.HEADING if heading else kind
        yield Block(kind=kind, text=folded(text), marked=marked, linked=linked)


_BETWEEN: Final = re.compile(r"\n[^\S\n]*\n")
_LEAST_PIECE: Final = 3  # words of a paragraph or item; fewer are a label and its value


def _pieces_apart(cell: str) -> str:
    """A cell's words; paragraphs and items within it end as sentences do."""
    pieces = [words for piece in _BETWEEN.split(cell) if (words := folded(piece))]
    if len(pieces) < 2 or any(len(words.split()) < _LEAST_PIECE for words in pieces):
        return folded(cell)
    return " ".join(
        words if words.endswith((".", "!", "?", ":", ";", ",")) else f"{words}." for words in pieces
    )


def _links(root: LexborNode, url: str, known: _LeftOut) -> tuple[str, ...]:
    found: dict[str, None] = {}
    seen: set[str] = set()
    for entering, node in _Walk(root, known).events():
        if not entering or node.tag != "a":
            continue
        href = node.attributes.get("href") or ""
        if href in seen:
            continue
        seen.add(href)
        link = _absolute(url, href)
        if link:
            found[link] = None
            if len(found) >= _LINKS:
                break
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
