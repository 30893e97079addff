"""Key findings: strengths, areas for improvement and recommendations, each under its heading.

A line announces findings by its own words ("Areas for improvement", "Inspectors were concerned that:"), by a turn
("But:" after the strengths) or not at all ("Inspectors found:"); then only the findings' own words tell which kind
they are of, and where these leave it open there is no finding.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from digest.extract import finding_cues as cues
from digest.extract import finding_headings as headings
from digest.extract.aspects import comparable
from digest.extract.blocks import BULLET, CELL_JOIN, Block, BlockKind, sentences
from digest.extract.dates import only_dates
from digest.extract.finding_cues import Sense
from digest.extract.findings_in_prose import (
    LEAST_WORDS,
    LONGEST_BLOCK,
    LONGEST_SENTENCE,
    dated_back,
    told_in_prose,
)
from digest.reports import Finding

_ANNOUNCING: Final = frozenset((*cues.KINDS, Sense.EITHER))
_ASKED: Final = frozenset((Sense.IMPROVEMENT, Sense.RECOMMENDATION, Sense.FORMER))
_CUT: Final = re.compile(r"(?:…|\.\.\.|\[…\]|\[\.\.\.\])\s*$")
_LONGEST_CELL: Final = 8  # words of a head or a topic in a table
_LONGEST_LABEL: Final = 60  # characters before the colon of "Strengths: ..."
_LONGEST_TITLE: Final = 120  # characters of a line that stands for a heading
_LEAST_ALIKE: Final = 2  # findings of clear tone that speak for the rest of their list
_PART_JOIN: Final = re.compile(r",\s*(?:and\s+)?|\s+(?:and|&)\s+")
_NUMBER: Final = re.compile(
    r"^(?:R\d{1,2}[.:)]?|\d{1,2}\.\d{1,2}[.:)]?|\d{1,2}[.:)]|Recommendation \d{1,2}[.:)]?)\s+(?=\S)"
)
_SIGN: Final = "•■□▪▫●○◦◆◼►▶➤➢✓✔❖§\ue000-\uf8ff"  # the last are private signs of fonts
_SIGNED: Final = re.compile(rf"\s*[{_SIGN}]\s*(?=\S)")
_SIGNS_WITHIN: Final = re.compile(rf"\s[{_SIGN}]\s+(?=\S)")
_LEAST_STEM: Final = 5  # words of an item with sub-points that is a finding itself
_SENTENCE_LIKE: Final = re.compile(
    r"\b(?:should|must|needs? to|does(?: not|n['’]t)|do(?: not|n['’]t)|is(?: not|n['’]t)|are(?: not|n['’]t))\b"
)


@dataclass(slots=True, kw_only=True)
class _Run:
    """Pieces that one line announces."""

    sense: Sense
    heading: str | None
    turned: bool = False  # the line sets them against the run before
    listed: list[str] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)  # nothing but an introduction where a list follows
    introduces: bool = False
    graded: bool = False  # "This is a good school" stands over its reasons, which may be grades too
    mixed: bool = False  # "rated requires improvement because" stands over good and bad

    @property
    def pieces(self) -> list[str]:
        return self.listed or ([] if self.introduces else self.prose)


def findings(blocks: Iterable[Block], *, title: str = "") -> tuple[Finding, ...]:
    """The findings of a text about one inspection, in its order.

    `title` is no heading of a section; where it is not given, a first heading over running text is taken for it.
    What is said twice counts once; what was cut off loses its last, broken sentence. Without any list or heading
    of findings, running text is asked for what inspectors praised or were concerned about.
    """
    page = tuple(_itemised(blocks))
    runs = _Walk(page, title).runs()
    found = tuple(dict.fromkeys(_settled(runs)))
    return found or tuple(dict.fromkeys(told_in_prose(page)))


def _itemised(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks, with items where only a printed sign shows that they are items of a list."""
    for block in blocks:
        if block.kind not in {BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.ITEM}:
            yield block
            continue
        signed = _SIGNED.match(block.text)
        text = block.text[signed.end() :] if signed else block.text
        parts = [p.strip() for p in _SIGNS_WITHIN.split(text) if p.strip()]
        if len(parts) == 1 or len(block.text) > LONGEST_BLOCK or not (signed or len(parts) > _LEAST_ALIKE):
            yield replace(block, kind=BlockKind.ITEM, text=text) if signed and text else block
            continue
        for place, part in enumerate(parts):
            item = signed is not None or block.kind is BlockKind.ITEM or place > 0
            yield replace(block, kind=BlockKind.ITEM if item else BlockKind.PARAGRAPH, text=part)


class _Walk:
    """One pass over the blocks, gathering what each announcing line is followed by."""

    def __init__(self, page: Sequence[Block], title: str) -> None:
        self._page = page
        self._repeated = Counter(comparable(b.text) for b in page if b.kind is BlockKind.HEADING)
        self._title = title or _title_of(page)
        self._runs: list[_Run] = []
        self._section: str | None = None
        self._over: _Run | None = None  # announced by the heading above
        self._run: _Run | None = None  # announced by the last line
        self._silent: Sense | None = None  # why the section says nothing of ours
        self._columns: tuple[Sense, ...] = ()
        self._topics = ""  # the head over the first column
        self._table: _Run | None = None  # announced by a head over the whole table
        self._one = False  # the last line leads to one paragraph
        self._demands = False  # the last line leads to demands, whether or not bullets stand before them
        self._sure = False  # whether headings that announce are this section's own

    def runs(self) -> list[_Run]:
        """What is announced, in order."""
        for before, block, after in _with_neighbours(self._page):
            if block.kind is not BlockKind.ROW:
                self._columns, self._table = (), None
            if self._goes_on(block):
                self._take_item(block.text)
            elif block.kind is BlockKind.HEADING and _leads(block, after):
                if self._silent is None:
                    self._take_lead(block.text)
            elif _is_title(block, after) or (block.kind is BlockKind.HEADING and not self._is_piece(block)):
                self._take_heading(block.text, before)
            elif block.kind is BlockKind.ROW:
                self._take_row(block.text, before, after)
            elif self._silent is None:
                self._take_text(block, after)
        return self._runs

    def _goes_on(self, block: Block) -> bool:
        """Whether a line without a bullet belongs to the list that the line before it announced."""
        if self._run is None or self._run.sense not in cues.KINDS or block.text.rstrip().endswith((":", "?")):
            return False
        if self._one and block.kind is BlockKind.PARAGRAPH and not self._run.listed:
            return True
        return (
            self._demands
            and block.kind in {BlockKind.PARAGRAPH, BlockKind.HEADING}
            and not _NUMBER.match(block.text)
            and bool(headings.DEMANDS.match(cues.simple(block.text)))
            and len(block.text.split()) > LEAST_WORDS
        )

    def _take_text(self, block: Block, after: Block | None) -> None:
        if block.kind is BlockKind.ITEM or _NUMBER.match(block.text) or BULLET.match(block.text):
            self._take_item(block.text)
        elif _is_lead(block, after):
            self._take_lead(block.text)
        elif self._run and not self._run.listed and after is not None and after.kind is BlockKind.ITEM:
            self._take_item(block.text)  # the first of the list, outside of it
        else:
            self._take_prose(block.text)

    # -- headings

    def _is_piece(self, block: Block) -> bool:
        """Whether what looks like a heading is a finding in bold, or a recommendation without a full stop."""
        over = self._run or self._over
        if over is None or over.sense not in cues.KINDS:
            return False
        if _NUMBER.match(block.text):
            return over.sense is Sense.RECOMMENDATION
        return (
            len(block.text.split()) > LEAST_WORDS + 1
            and bool(_SENTENCE_LIKE.search(block.text))
            and not block.text.endswith("?")
            and headings.of_heading(block.text) is Sense.OTHER
        )

    def _take_heading(self, text: str, before: Block | None) -> None:
        if text.startswith("(") or only_dates(text):
            return
        headline = comparable(text) == comparable(self._title)
        sense = Sense.OTHER if headline else headings.of_heading(text)
        if self._silent is Sense.FORMER and sense in _ASKED:
            return  # "Areas for improvement" below "... since the last inspection"
        self._run = self._over = None
        self._one = self._demands = False
        self._silent = sense if sense in {Sense.SILENT, Sense.FORMER} else None
        if sense in _ANNOUNCING:
            heading = self._heading_over(
                text, before, goes_on=self._sure and sense is not Sense.RECOMMENDATION
            )
            self._over = self._start(sense, heading)
            self._over.mixed = headings.gives_middling(text)
            self._sure = heading is not None
        elif not headline and (graded := headings.of_graded(text)) in cues.KINDS:
            self._over = self._start(graded, None)
            self._over.introduces = True  # the list below gives the reasons; running text does not
            self._over.graded = True
        elif not headings.is_bare_rating(text):
            self._sure = False
            self._section = None if headline else headings.without_grade(text.strip(" :")) or None

    def _heading_over(self, text: str, before: Block | None, *, goes_on: bool) -> str | None:
        """The section that an announcing heading belongs to, where that is sure.

        It stands right below it, names it, or comes again under other sections; else it may well be its sister.
        """
        if self._section is None:
            return None
        part = _part_meant(self._section, text)
        under = before is not None and (
            headings.without_grade(before.text.strip(" :")) == self._section
            or headings.is_bare_rating(before.text)
        )
        named = comparable(part) in comparable(text)
        return part if goes_on or under or named or self._repeated[comparable(text)] > 1 else None

    def _start(self, sense: Sense, heading: str | None, *, turned: bool = False) -> _Run:
        run = _Run(sense=sense, heading=heading, turned=turned)
        self._runs.append(run)
        return run

    # -- lists and running text

    def _take_lead(self, text: str) -> None:
        spoken = sentences(text) or (text,)
        last = spoken[-1]
        titled = headings.of_heading(last)  # "This is what the service did well:"
        sense = titled if titled in cues.KINDS else headings.of_lead(last)
        if (
            sense in {Sense.OTHER, Sense.EITHER}
            and headings.REFERS_BACK.search(cues.simple(last))
            and len(spoken) > 1
        ):
            sense = headings.of_lead(spoken[-2])
        if sense is Sense.OTHER and headings.AGREED.search(cues.simple(text)):
            sense = Sense.IMPROVEMENT
        if self._over is not None:
            self._over.introduces = True
            demanded = self._over.sense is Sense.IMPROVEMENT and headings.of_demand(last) is not None
            sense = _under(self._over.sense, sense, demanded=demanded)
        if sense in {*_ANNOUNCING, Sense.TURN}:
            heading = (
                self._over.heading
                if self._over
                else _part_meant(self._section, text)
                if self._section
                else None
            )
            self._run = self._start(sense, heading, turned=headings.turns(last))
            self._run.mixed = headings.gives_middling(last)
            self._one = sense in cues.KINDS and bool(headings.ONE.search(cues.simple(last)))
            self._demands = sense in {Sense.IMPROVEMENT, Sense.RECOMMENDATION}
        else:
            self._run = self._start(Sense.SILENT, None)

    def _take_item(self, text: str) -> None:
        run = self._run or self._over
        if run is None:
            return
        text = _unnumbered(text)
        if headings.BARE_TURN.fullmatch(cues.simple(text).rstrip(",")):
            self._run = self._start(Sense.TURN, run.heading, turned=True)
            return
        whole = _whole(text)
        if whole.endswith(":"):
            sense = headings.of_lead(whole)
            if (
                headings.SPEAKS.search(cues.simple(whole))
                and sense in {*cues.KINDS, Sense.TURN}
                and sense is not run.sense
            ):
                self._take_lead(whole)
            elif (
                run.sense in cues.KINDS
                and len(whole.split()) >= _LEAST_STEM
                and not cues.WHO_IS_ASKED.search(cues.simple(whole))
            ):
                run.listed.append(whole)
        elif whole and len(whole.split()) > 1:
            run.listed.append(whole)

    def _take_prose(self, text: str) -> None:
        self._run = None
        label, _, rest = text[:_LONGEST_LABEL].partition(":")
        sense = headings.of_heading(label) if rest else Sense.OTHER
        if sense in {Sense.SILENT, Sense.FORMER} and self._over is not None:  # "Why we inspected: ..."
            self._over = None
            return
        if sense in _ANNOUNCING:  # "Strengths: leaders know their people."
            run = self._start(sense, self._over.heading if self._over else self._section)
            run.prose += _candidates(_whole(text[len(label) + 1 :]))
        elif self._over is not None:
            self._over.prose += _candidates(_whole(text))

    # -- tables

    def _take_row(self, text: str, before: Block | None, after: Block | None) -> None:
        cells = text.split(CELL_JOIN)
        senses = tuple(s if (s := headings.of_heading(cell)) in cues.KINDS else Sense.OTHER for cell in cells)
        if len(cells) == 1 and senses[0] in cues.KINDS:
            self._take_heading(text, before)
            self._table = self._over
        elif self._silent is not None:
            return
        elif len(cells) == 1:
            self._take_item(text)
        elif (
            senses[0] in cues.KINDS
            and senses[1] is Sense.OTHER
            and (_is_long(cells[1]) or _labelled(before) or _labelled(after))
        ):
            self._add(senses[0], self._section, cells[1])
        elif any(s in cues.KINDS for s in senses) and not any(map(_is_long, cells)):
            self._columns, self._topics = senses, cells[0]
        elif self._columns and cells[0] and cells[0] == self._topics:
            self._columns = ()  # the head of another table
        elif self._columns:
            self._take_cells(cells)
        elif self._table is not None:  # the cell that says it, not its number
            self._take_item(cells[0] if _is_long(cells[0]) else cells[1])

    def _take_cells(self, cells: Sequence[str]) -> None:
        """A row under a head with a column for each kind; a first column of another sort names the topic."""
        topic = cells[0] if self._columns[0] is Sense.OTHER and not _is_long(cells[0]) else ""
        for sense, cell in zip(self._columns, cells, strict=False):
            if sense in cues.KINDS:
                self._add(sense, topic or self._section, cell)

    def _add(self, sense: Sense, heading: str | None, cell: str) -> None:
        self._start(sense, heading).listed += [_unnumbered(s) for s in sentences(_whole(cell))]


def _with_neighbours(page: Sequence[Block]) -> Iterator[tuple[Block | None, Block, Block | None]]:
    """Each block between its neighbours, up to where a press release speaks to the press."""
    for i, block in enumerate(page):
        if block.kind is not BlockKind.ITEM and headings.END.fullmatch(
            cues.simple(block.text[:_LONGEST_LABEL])
        ):
            return
        if len(block.text) <= LONGEST_BLOCK and block.kind is not BlockKind.CAPTION:
            yield (page[i - 1] if i else None), block, (page[i + 1] if i + 1 < len(page) else None)


def _is_title(block: Block, after: Block | None) -> bool:
    """Whether a paragraph stands for a heading, as plain text shows none in a question or before a colon.

    It is a question, numbered or of the words that announce findings, or announces the paragraph below its colon.
    """
    if len(block.text) > _LONGEST_TITLE:
        return False
    if block.kind is BlockKind.ITEM:  # "3. How good is the teaching?" stands in no list of findings
        return block.text.endswith("?")
    if block.kind is not BlockKind.PARAGRAPH:
        return False
    if after is not None and after.kind is BlockKind.ITEM and headings.of_graded(block.text) in cues.KINDS:
        return True
    sense = headings.of_heading(block.text)
    announces = sense is not Sense.OTHER
    if sense is Sense.FORMER and block.text[-1].isalpha():
        return True
    if block.text.endswith("?"):
        return announces or _NUMBER.match(block.text) is not None
    prose = after is not None and after.kind is BlockKind.PARAGRAPH and after.text.endswith((".", "…"))
    return block.text.endswith(":") and announces and prose


def _leads(block: Block, after: Block | None) -> bool:
    """Whether what looks like a heading is a sentence of inspectors before a list, without its colon."""
    return (
        after is not None
        and after.kind is BlockKind.ITEM
        and len(block.text.split()) > LEAST_WORDS
        and headings.of_heading(block.text) is Sense.OTHER
        and headings.of_lead(block.text) in cues.KINDS
        and headings.SPEAKS.search(cues.simple(block.text)) is not None
    )


def _title_of(page: Sequence[Block]) -> str:
    """A first heading, unless the next line announces findings of what it names: "Key strengths of court work are:"."""
    if not page or page[0].kind is not BlockKind.HEADING:
        return ""
    after = page[1].text if len(page) > 1 and page[1].text.endswith(":") else ""
    named = comparable(_part_meant(page[0].text, after)) in comparable(after)
    return "" if named and headings.of_lead(after) in _ANNOUNCING else page[0].text


def _is_lead(block: Block, after: Block | None) -> bool:
    """Whether a paragraph leads to a list: by its colon, or by what it says where a list follows."""
    text = block.text.rstrip()
    words = comparable(text[-300:])
    if (
        text.endswith(":")
        or headings.AS_FOLLOWS.search(words)
        or headings.BARE_TURN.fullmatch(cues.simple(text).rstrip(","))
    ):
        return True
    if after is None or not (after.kind is BlockKind.ITEM or BULLET.match(after.text)):
        return False
    return text[-1] not in ".!?" or bool(headings.ANNOUNCED.search(words) or headings.AGREED.search(words))


def _under(over: Sense, lead: Sense, *, demanded: bool = False) -> Sense:
    """What a line announces under a heading that announces something itself: the heading prevails over a mere "must"."""
    if lead in {Sense.SILENT, Sense.FORMER}:
        return lead
    if lead in {Sense.EITHER, Sense.OTHER} or (not demanded and lead, over) in {
        (Sense.RECOMMENDATION, Sense.IMPROVEMENT),
        (Sense.IMPROVEMENT, Sense.RECOMMENDATION),
    }:
        return over
    return lead


def _labelled(block: Block | None) -> bool:
    """Whether a row begins with a label that announces findings, as its neighbours then do."""
    if block is None or block.kind is not BlockKind.ROW:
        return False
    cells = block.text.split(CELL_JOIN)
    return headings.of_heading(cells[0]) in cues.KINDS and all(
        headings.of_heading(c) not in cues.KINDS for c in cells[1:]
    )


def _is_long(cell: str) -> bool:
    return len(cell.split()) > _LONGEST_CELL or cell.rstrip().endswith(".")


def _unnumbered(text: str) -> str:
    found = _NUMBER.match(text) or BULLET.match(text)
    return text[found.end() :] if found else text


def _candidates(text: str) -> list[str]:
    """The sentences of running text that may be findings."""
    return [
        s
        for s in sentences(text)
        if LEAST_WORDS <= len(s.split()) <= LONGEST_SENTENCE
        and not cues.COUNTED.search(s)
        and not s.endswith(":")
    ]


def _whole(text: str) -> str:
    """The text as far as its sentences are whole: the last one of a text that was cut is not."""
    if not _CUT.search(text):
        return text
    kept = sentences(text)[:-1]
    return text[: text.find(kept[-1]) + len(kept[-1])] if kept else ""


def _part_meant(section: str, line: str) -> str:
    """The section's heading, or the one part of a compound heading that the line names."""
    words = comparable(line)
    parts = [part for part in _PART_JOIN.split(section) if part]
    meant = [part for part in parts if comparable(part) in words]
    if len(parts) > 1 and len(meant) == 1:
        return meant[0][0].upper() + meant[0][1:]
    return section


# -- of which kind ----------------------------------------------------------------------------------------


def _settled(runs: Sequence[_Run]) -> Iterator[Finding]:
    senses = _senses(runs)
    for run, sense in zip(runs, senses, strict=True):
        kept = [
            piece
            for piece in run.pieces
            if cues.is_finding(piece, graded=run.graded) and not piece.endswith("?")
        ]
        if run.mixed and sense is Sense.IMPROVEMENT and any(cues.tone(p) is Sense.STRENGTH for p in kept):
            for piece in kept:
                if kind := cues.tone(piece) or (Sense.IMPROVEMENT if cues.faults(piece) else None):
                    yield Finding(heading=run.heading, kind=cues.KINDS[kind], text=piece)
        elif sense in cues.KINDS:
            for piece, kind in _as_announced(kept, sense, listed=bool(run.listed)):
                yield Finding(heading=run.heading, kind=cues.KINDS[kind], text=piece)
        elif sense is Sense.EITHER:
            for piece, kind in _by_their_words(
                [p for p in kept if run.listed or not dated_back(p)], listed=bool(run.listed)
            ):
                yield Finding(heading=run.heading, kind=cues.KINDS[kind], text=piece)


def _senses(runs: Sequence[_Run]) -> list[Sense]:
    """The sense of each run, where it turns on the one before or on the one after."""
    senses = [run.sense for run in runs]
    for i, (first, second) in enumerate(pairwise(runs)):
        if not second.turned or not first.pieces:
            continue
        if senses[i] is Sense.EITHER:
            against = senses[i + 1] if second.sense in cues.OPPOSITE else None
            senses[i] = _first_of_two(first, second, against)
        if senses[i + 1] is Sense.TURN:
            senses[i + 1] = cues.OPPOSITE.get(senses[i], Sense.EITHER)
    return [Sense.EITHER if sense is Sense.TURN else sense for sense in senses]


def _first_of_two(first: _Run, second: _Run, against: Sense | None) -> Sense:
    """The kind of the first of two lists set against each other: by what both say, else strengths come first."""
    balance = _praise(first.pieces) - (_praise(second.pieces) if against is None else 0)
    if balance:
        return Sense.STRENGTH if balance > 0 else Sense.IMPROVEMENT
    return cues.OPPOSITE[against] if against else Sense.STRENGTH


def _praise(pieces: Iterable[str]) -> int:
    tones = Counter(cues.tone(piece) for piece in pieces)
    return tones[Sense.STRENGTH] - tones[Sense.IMPROVEMENT]


def _as_announced(pieces: Iterable[str], sense: Sense, *, listed: bool) -> Iterator[tuple[str, Sense]]:
    """Each piece as the line announces it; from a "However" on the opposite, where the words agree, or nothing."""
    turned = False
    for piece in pieces:
        turned = headings.turns(piece) or (turned and not listed)
        if not turned or sense is Sense.RECOMMENDATION:
            yield piece, sense
        elif cues.tone(cues.PART.sub(" ", f" {piece}", count=1)) is cues.OPPOSITE[sense]:
            yield piece, cues.OPPOSITE[sense]


def _is_complete(piece: str) -> bool:
    """Whether a piece is a whole sentence at least, and nothing in it keeps others from speaking for it."""
    return sentences(piece)[:1] != () and sentences(piece)[0].endswith((".", ";")) and not cues.doubts(piece)


def _by_their_words(pieces: Sequence[str], *, listed: bool) -> Iterator[tuple[str, Sense]]:
    """The pieces whose own words tell their kind, and those of a list that all others speak for."""
    kinds = [cues.tone(piece) for piece in pieces]
    clear = {kind for kind in kinds if kind}
    alike = len(clear) == 1 and sum(kind is not None for kind in kinds) >= _LEAST_ALIKE
    last: Sense | None = None
    for piece, own in zip(pieces, kinds, strict=True):
        kind = own
        if listed and kind is None and last is not None and headings.turns(piece):
            kind = cues.OPPOSITE[last] if last is Sense.STRENGTH and cues.denies(piece) else None
        elif listed and kind is None and alike and clear == {Sense.STRENGTH} and _is_complete(piece):
            kind = Sense.STRENGTH
        if kind:
            last = kind
            yield piece, kind
