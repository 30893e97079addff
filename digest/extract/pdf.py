"""PDF reports: their text as blocks - headings, paragraphs, list items and table rows, in reading order.

pypdfium2 gives stretches of text with their places on the page. Stretches on one line become one line, lines
become paragraphs, and stretches far apart on a line are the cells of a row. Only text is read: a page that is a
picture has none, and a guess would be no evidence.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Any, Final

from digest.errors import ParseError
from digest.extract.blocks import BULLET, CELL_JOIN, Block, BlockKind, folded

_MAGIC: Final = b"%PDF-"
_WITHIN: Final = 1024  # bytes; writers may put something before it (ISO 32000-1, implementation note 13)
_MOST_PAGES: Final = 200
_MOST_STRETCHES: Final = 20_000  # of a page; beyond that it is a drawing
_LEAST_TEXT: Final = 20  # characters a page, on average; a scan has none or a page number
_CELL_GAP: Final = 1.6  # line heights between the cells of a row; words of a line stand closer
_PARAGRAPH_GAP: Final = 0.9  # line heights between paragraphs
_LARGER: Final = 1.15  # times the usual height: a heading


def is_pdf(body: bytes, content_type: str | None) -> bool:
    """Whether these bytes are a PDF, by what they begin with and not by what a server calls them."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    return _MAGIC in body[:_WITHIN] if kind != "text/html" else body.startswith(_MAGIC)


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a page: its cells from left to right; places in points, from the page's lower left."""

    cells: tuple[str, ...]
    places: tuple[tuple[float, float], ...]  # where each cell begins and ends
    left: float
    bottom: float
    height: float
    page: int

    @property
    def text(self) -> str:
        return " ".join(self.cells)


def pdf_blocks(body: bytes) -> tuple[str, tuple[Block, ...]]:
    """A PDF's own title (it may be empty) and its blocks.

    `ParseError` where it is damaged, locked, too long, or a scan without text.
    """
    import pypdfium2  # it takes longer to load than most pages to read, and most are no PDFs

    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        locked = "assword" in str(error)
        raise ParseError("a PDF locked by a password" if locked else "a damaged PDF") from error
    try:
        count = len(document)
        if count > _MOST_PAGES:
            raise ParseError(f"a PDF of {count} pages; at most {_MOST_PAGES} are read")
        lines = [line for number in range(count) for line in _lines(document, number)]
        title = folded(str(document.get_metadata_dict().get("Title") or ""))
    except pypdfium2.PdfiumError as error:
        raise ParseError("a damaged PDF") from error
    finally:
        document.close()
    if sum(len(line.text) for line in lines) < _LEAST_TEXT * max(count, 1):
        raise ParseError("a scanned PDF: its pages are pictures without text")
    return title, tuple(_blocks(_without_running_heads(lines, count)))


# -- lines ----------------------------------------------------------------------------------------------


def _lines(document: Any, number: int) -> list[_Line]:
    page = document[number]
    text = page.get_textpage()
    try:
        count = text.count_rects()
        if count > _MOST_STRETCHES:
            raise ParseError(f"page {number + 1} of the PDF is a drawing of {count} pieces")
        stretches = []
        for index in range(count):
            left, bottom, right, top = text.get_rect(index)
            words = folded(text.get_text_bounded(left, bottom, right, top))
            if words:
                stretches.append((left, bottom, right, top, words))
    finally:
        text.close()
        page.close()
    return [_line(row, number) for row in _rows(stretches)]


_Stretch = tuple[float, float, float, float, str]  # left, bottom, right, top, words


def _rows(stretches: Iterable[_Stretch]) -> Iterator[list[_Stretch]]:
    """Stretches that stand on one line, the page's lines from top to bottom."""
    row: list[_Stretch] = []
    for stretch in sorted(stretches, key=lambda s: (-(s[1] + s[3]) / 2, s[0])):
        middle = (stretch[1] + stretch[3]) / 2
        if row and not (min(s[1] for s in row) <= middle <= max(s[3] for s in row)):
            yield sorted(row)
            row = []
        row.append(stretch)
    if row:
        yield sorted(row)


def _line(row: list[_Stretch], page: int) -> _Line:
    height = max(s[3] - s[1] for s in row)
    cells = [[row[0]]]
    for before, after in pairwise(row):
        if after[0] - before[2] > _CELL_GAP * height:
            cells.append([])
        cells[-1].append(after)
    texts = tuple(folded(" ".join(s[4] for s in cell)) for cell in cells)
    places = tuple((cell[0][0], max(s[2] for s in cell)) for cell in cells)
    return _Line(texts, places, row[0][0], min(s[1] for s in row), height, page)


def _without_running_heads(lines: list[_Line], pages: int) -> list[_Line]:
    """The lines without those that most pages repeat, and without page numbers."""
    on_pages: dict[str, set[int]] = {}
    for line in lines:
        on_pages.setdefault(line.text.strip("0123456789 "), set()).add(line.page)
    repeated = {text for text, where in on_pages.items() if pages > 2 and len(where) > pages // 2}
    return [
        line
        for line in lines
        if line.text.strip("0123456789 ") and line.text.strip("0123456789 ") not in repeated
    ]


# -- blocks ---------------------------------------------------------------------------------------------


def _blocks(lines: list[_Line]) -> Iterator[Block]:
    """Lines put together to paragraphs and items; rows and headings stand alone."""
    from statistics import median

    usual = median([line.height for line in lines]) if lines else 0
    for table, group in groupby(_numbered_tables(lines), key=lambda pair: pair[0]):
        together = [line for _, line in group]
        if table is None:
            yield from _running(together, usual)
            continue
        for line, cells in zip(together, _under_columns(together), strict=True):
            yield replace(_block([line], usual), cells=cells, table=table)


def _numbered_tables(lines: Iterable[_Line]) -> Iterator[tuple[int | None, _Line]]:
    """Each line, with the number of the table that it is a row of: rows that follow one another on a page."""
    number = 0
    above: _Line | None = None
    for line in lines:
        row = len(line.cells) > 1 and not BULLET.match(line.text)
        if row and (above is None or len(above.cells) < 2 or above.page != line.page):
            number += 1
        yield (number if row else None), line
        above = line if row else None


def _under_columns(rows: list[_Line]) -> list[tuple[str, ...]]:
    """The cells of a table's rows, each under its column: an empty cell leaves no trace on a page but its place."""
    columns: list[tuple[float, float]] = []
    for left, right in sorted(place for row in rows for place in row.places):
        if columns and left <= columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], right))
        else:
            columns.append((left, right))
    if len(columns) < max(len(row.cells) for row in rows):
        return [row.cells for row in rows]  # they overlap: no telling which stands under which
    found = []
    for row in rows:
        cells = [""] * len(columns)
        for (left, _), text in zip(row.places, row.cells, strict=True):
            cells[bisect_right(columns, (left, float("inf"))) - 1] = text
        found.append(tuple(cells))
    return found


def _running(lines: list[_Line], usual: float) -> Iterator[Block]:
    pending: list[_Line] = []
    for line in lines:
        if pending and not _goes_on(pending, line, usual):
            yield _block(pending, usual)
            pending = []
        pending.append(line)
    if pending:
        yield _block(pending, usual)


def _goes_on(pending: list[_Line], line: _Line, usual: float) -> bool:
    """Whether a line goes on with the block of the lines before it."""
    last = pending[-1]
    if len(last.cells) > 1 or len(line.cells) > 1 or BULLET.match(line.text):
        return False
    if _is_large(last, usual) != _is_large(line, usual):
        return False
    if last.page != line.page:  # a paragraph may run on over the page's end
        return (
            not last.text.endswith((".", "!", "?", ":"))
            and not _is_large(line, usual)
            and line.text[0].islower()
        )
    gap = last.bottom - (line.bottom + line.height)
    return gap < _PARAGRAPH_GAP * usual and not (_is_short(last) and line.text[0].isupper())


def _is_short(line: _Line) -> bool:
    """Whether a line ends far before lines do: what follows with a capital is something new."""
    return len(line.text) < 45


def _is_large(line: _Line, usual: float) -> bool:
    return line.height > _LARGER * usual


def _block(lines: list[_Line], usual: float) -> Block:
    first = lines[0]
    if len(first.cells) > 1 and not BULLET.match(first.text):
        return Block(kind=BlockKind.ROW, text=CELL_JOIN.join(first.cells))
    text = folded(" ".join(line.text for line in lines)).replace("\N{SOFT HYPHEN} ", "").replace("\ufffe", "")
    bullet = BULLET.match(text)
    if bullet:
        return Block(kind=BlockKind.ITEM, text=text[bullet.end() :])
    stands_out = _is_large(first, usual) or (len(lines) == 1 and _is_short(first) and text[-1].isalnum())
    return Block(kind=BlockKind.HEADING if stands_out else BlockKind.PARAGRAPH, text=text)
