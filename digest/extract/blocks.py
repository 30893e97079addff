"""Blocks of a page - headings, paragraphs, list items, rows - in reading order, and the sentences of a block."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Final

import sentencex


class BlockKind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"  # of a list
    ROW = "row"  # of a table, its cells joined
    CAPTION = "caption"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One piece of a page, white space folded, with what its markup and its place on the page say of it."""

    kind: BlockKind
    text: str
    cells: tuple[str, ...] = ()  # of a row: each under its column, spans resolved, a cell's lines apart
    head: bool = False  # of a row: it names the columns
    table: int | None = None  # of a row or a caption: which of the page's tables it belongs to
    level: int | None = None  # of a heading: 1 to 6 where the markup says so
    stem: str | None = None  # of an item: the line that its list completes
    marked: tuple[str, ...] = ()  # stretches that are set apart: chosen ones of a list, else what is bold
    linked: bool = False  # all of it leads to another page


CELL_JOIN: Final = " | "

BULLET: Final = re.compile(r"^(?:[•‣▪●◦·–*-]|\d{1,2}[.)]|\(?[a-z]\))\s+(?=\S)")
_FINAL: Final = tuple(".!?;,")
_HEADING_LENGTH: Final = 110
_HEADING_WORDS: Final = 16
_WRAP_FROM, _WRAP_TO = 45, 100  # the widths at which mail and old pages wrap their lines


def folded(text: str) -> str:
    """The text with each run of white space as one space."""
    return " ".join(text.replace("\N{SOFT HYPHEN}", "").split())


def plain_blocks(text: str) -> tuple[Block, ...]:
    """Plain text as blocks: bullets are items, short lines without a final stop are headings.

    Each line is a block of its own, except where lines were wrapped at a width.
    """
    return tuple(_block(line) for line in _unwrapped(text.splitlines()))


def with_stems(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The same blocks; each item knows the line that introduces its list."""
    stem: str | None = None
    known: list[Block] = []
    for block in blocks:
        if block.kind is BlockKind.ITEM:
            known.append(replace(block, stem=stem))
            continue
        introduces = block.kind is BlockKind.HEADING or block.text.endswith((":", "–", "-"))
        stem = block.text if introduces else None
        known.append(block)
    return tuple(known)


def _block(line: str) -> Block:
    bullet = BULLET.match(line)
    if bullet:
        return Block(kind=BlockKind.ITEM, text=folded(line[bullet.end() :]))
    kind = BlockKind.HEADING if _reads_as_heading(line) else BlockKind.PARAGRAPH
    return Block(kind=kind, text=folded(line))


def _reads_as_heading(line: str) -> bool:
    bare = line.rstrip("\"'”’ ")
    return (
        len(line) <= _HEADING_LENGTH
        and len(line.split()) <= _HEADING_WORDS
        and not bare.endswith((*_FINAL, ":"))
        and ". " not in line
    )


def _unwrapped(lines: list[str]) -> Iterator[str]:
    """The lines that say something, wrapped ones put together again."""
    pending = ""
    wrapped = _is_wrapped(lines)
    for raw in lines:
        line = raw.strip()
        if pending and wrapped and line and not BULLET.match(line) and _goes_on(pending):
            pending = f"{pending} {line}"
            continue
        if pending:
            yield pending
        pending = line
    if pending:
        yield pending


def _goes_on(line: str) -> bool:
    return not line.rstrip("\"'”’").endswith((".", "!", "?", ":"))


def _is_wrapped(lines: list[str]) -> bool:
    """Whether most lines that are followed by another stop at a width, mid-sentence."""
    widest = max((len(line) for line in lines), default=0)
    if not _WRAP_FROM <= widest <= _WRAP_TO:
        return False
    inner = [a.strip() for a, b in pairwise(lines) if a.strip() and b.strip()]
    broken = [a for a in inner if _goes_on(a) and len(a) >= _WRAP_FROM]
    return len(broken) >= 2 and 2 * len(broken) >= len(inner)


# The segmenter keeps a quotation whole, and takes quadratic time where quotes never close (measured:
# 28 s for 300 kB of opening quotes). Blanked one for one they cost nothing and the places stay right.
_QUOTES: Final = str.maketrans(dict.fromkeys('"“”„‟«»‹›‘', " "))
_CLOSING: Final = re.compile(r"['’](?!\w)|(?<!\w)['’]")
_ABBREVIATION: Final = re.compile(
    r"\b(?:Para|Paras|Approx|Reg|Regs|Dept|Cllr|Supt|Insp|Sgt|No|Nos|St|Rev)\.\s*$"
)


_ASKED: Final = re.compile(r"[?!][\"'”’»\s]*$")
_GOES_ON: Final = re.compile(r"\s*[,;a-z]")
_OPENING: Final = re.compile(r"(?<=\s)[\"'“‘«]+$")


@lru_cache(maxsize=4096)  # a page's blocks are asked for several times
def sentences(text: str) -> tuple[str, ...]:
    """The sentences of `text`, stripped; each is a stretch of `text` itself."""
    blanked = _CLOSING.sub(" ", text.translate(_QUOTES))
    found: list[str] = []
    start = end = 0
    for piece in sentencex.segment("en", blanked):
        end += len(piece)
        if _ABBREVIATION.search(piece[-12:]) and end < len(text):
            continue
        if _ASKED.search(piece[-6:]) and _GOES_ON.match(text, end):
            continue  # "‘How good is our setting?’ and ‘how good ...?’, were rated as 3"
        cut = end
        opening = _OPENING.search(text, start, end)
        if opening and end < len(text):
            cut = opening.start()  # it belongs to the words that follow
        found.append(text[start:cut].strip())
        start = cut
    found.append(text[start:].strip())
    return tuple(s for s in found if any(c.isalnum() for c in s))
