"""Lines that are nothing but the name of a body, as reports and registers begin.

"Lowenva" over a page that speaks of Lowenva, "Kinson Primary School" between "School report" and the address, and
"Name: Address: Victoria Lodge Care Home 138 Thorne Road": such names need no word for a kind of body.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from digest.extract.areas import is_common, is_house, opens, owns
from digest.extract.blocks import Block, BlockKind
from digest.extract.bodies import SORTS_OF_SERVICE
from digest.extract.strangers import POSTCODE, Strangers, is_institution, tells_inspection
from digest.providers import Words, is_capital, sought

_LOOKED_AT: Final = 16  # blocks
_LONGEST: Final = 10  # words
_LONGEST_LINE: Final = 110  # characters
_NEAR: Final = 200  # characters of the lines below
_SMALL: Final = frozenset("of and the at for in on upon by with de la le y a".split())
_JUDGES: Final = r"(?:ofsted|cqc|care quality commission|estyn|hmicfrs|care inspectorate|hmip?|gov\.uk)"
_REPORT: Final = (
    r"(?:(?:full |latest |school |key |care |care service |quality |annual |children's home )?(?:inspections?|reports?|ratings?)"
    r"(?: ?(?:reports?|ratings?|summary|history|results?))?|overview|report card|summary)"
)
_TAIL: Final = re.compile(
    rf"(?:^|\s*[|–—:›-]\s*|\s+)(?:{_JUDGES}(?:['’]s)?(?: {_REPORT})?|{_REPORT})\s*$", re.IGNORECASE
)
_DATE: Final = re.compile(r"[,\s]*\(?\b\d{1,2} [A-Z][a-z]+ \d{4}\)?$")
_ALSO: Final = re.compile(r" Also known as .{1,80}$")
_RATED_BELOW: Final = re.compile(r"^Overall(?: rating)?\s*: ?\s*[A-Z][a-z]+", re.IGNORECASE)
_NO_BODY: Final = re.compile(
    r"[:?!|]|\b(?:overview|summary|ratings?|rated|reports?|inspections?|inspected|commission|inspectorate|ofsted|key questions?|what|how|about|contact|latest)\b",
    re.IGNORECASE,
)
_ARCHIVED: Final = re.compile(r"^(?:Archived|Closed): ")
_ABOVE: Final = re.compile(
    r"^(?:(?:school|inspection|quality|care service inspection|key inspection|education|full|short) report|report of (?:an? )?.{0,30}inspection|"
    r"inspection (?:of|report for))[:.]?$",
    re.IGNORECASE,
)
_BELOW: Final = re.compile(
    r"^(?:overall(?: rating| effectiveness)?\s*:|inspection report|unique reference|urn\b|inspection (?:dates?|number)|inspected (?:by|on)|"
    r"provided and run by|unannounced|full inspection|type of (?:inspection|service)|registered (?:provider|manager)|reference number|dfe number|"
    r"latest inspection)",
    re.IGNORECASE,
)
# "Woodlands: Good, last inspected on 23 October": a list of bodies that were rated.
_RATED_ROW: Final = re.compile(
    r"^\W{0,3}(?P<name>[A-Z][^:|\n]{2,70}): (?:rated )?[A-Z][a-z]+(?: [a-z]+){0,2},? \(?(?:last )?(?:inspected|inspection|rated|published|report)\b"
)
# "Elm Nursery Day Care of Children 1 High Street".
_SORT: Final = re.compile(rf"^(?P<name>[A-Z][^|\n:;]{{2,80}}?),? (?:{'|'.join(SORTS_OF_SERVICE)})\b")
_FORM: Final = re.compile(r"\bName: Address: (?P<rest>[^|\n]{4,160})")
# The row of a form above that of the address: "Name: | Elm Park".
_NAMED: Final = re.compile(
    r"^Name(?: of (?:the )?(?:home|care home|service|establishment|agency|school))?:? ?\|? ?(?P<name>[A-Z][^|:]{2,90})$"
)
_NUMBER: Final = re.compile(r"^(?P<name>[^\d]{3,70}?)[, ]+\d{1,4}[a-zA-Z]?[, -]")
_COMPANY: Final = re.compile(r",? (?:\(UK\) )?(?:Ltd|Limited|LLP|Plc|PLC|CIC)\.?$")


def name_lines(blocks: Sequence[Block], strangers: Strangers, running: Sequence[Words]) -> Iterator[str]:
    """The names that stand as a line of their own where a page or report begins."""
    standing = _Standing(running)
    for at, block in enumerate(blocks[:_LOOKED_AT]):
        # A page of an inspectorate's own on "Urgent Care Service" rates it right below.
        if _is_rated_below(block, blocks[at + 1 : at + 3]):
            yield _ARCHIVED.sub("", " ".join(block.text.split()))
            continue
        name = name_line(block.text)
        if name is None or not (strangers.could_be(Words(name)) or is_house(Words(name).plain)):
            continue
        above = blocks[at - 1].text.strip() if at else ""
        below = [b.text.strip()[:_NEAR] for b in blocks[at + 1 : at + 3]]
        headed = bool(_ABOVE.match(above)) or any(_BELOW.match(text) for text in below[:1])
        addressed = any(_addresses(text) for text in below) and block.kind is not BlockKind.CAPTION
        title = at == 0 or (block.kind is BlockKind.HEADING and name == name_line(blocks[0].text))
        if ((headed or addressed) and (len(name.split()) > 1 or title)) or (
            title and standing.holds(name, strangers)
        ):
            yield name
    rows = (row["name"] for block in blocks if (row := _RATED_ROW.match(block.text)))
    yield from (name for name in rows if name_line(name))
    for block in blocks[:_LOOKED_AT]:
        if (sort := _SORT.match(block.text)) and (name := name_line(sort["name"])):
            yield name
        if found := _FORM.search(block.text):
            yield from _of_a_form(found["rest"])
    yield from _in_rows(blocks[:_LOOKED_AT])


def _is_rated_below(block: Block, below: Sequence[Block]) -> bool:
    return (
        block.kind is BlockKind.HEADING
        and len(block.text.split()) <= _LONGEST
        and (" " in block.text.strip() or name_line(block.text) is not None)
        and not _NO_BODY.search(block.text)
        and any(_RATED_BELOW.match(b.text) for b in below)
    )


def name_line(text: str) -> str | None:
    """The name that a line is, without what a page adds to it; None for a line that says anything else."""
    line = _ARCHIVED.sub("", " ".join(text.split()))
    if len(line) > _LONGEST_LINE:
        return None
    line = _ALSO.sub("", line)
    for _ in range(2):
        line = _DATE.sub("", _TAIL.sub("", line)).strip()
    words = Words(line)
    if not 1 <= len(words) <= _LONGEST or line[-1:] in ".:;?!" or ":" in line or "|" in line:
        return None
    if not is_capital(words.written[0]) or (words.written[0].isupper() and len(line) > 6 and line.isupper()):
        return None
    small = [
        w
        for w, plain in zip(words.written, words.plain, strict=True)
        if not is_capital(w) and plain not in _SMALL and w != "&"
    ]
    if any(not w.isdigit() for w in small) or (words.written[-1][0].islower()):
        return None
    if is_common(words.plain[0]) and words.plain[0] not in {"the", "our", "new", "all", "first", "st"}:
        return None
    if any(
        is_common(plain) and not word[0].islower() and plain not in _IN_NAMES
        for word, plain in zip(words.written[1:], words.plain[1:], strict=True)
    ):
        return None
    return None if POSTCODE.search(line) else line


_IN_NAMES: Final = (
    frozenset(
        "the our new all first good public council service services youth justice by under upon and community probation "
        "private national local second third one two".split()
    )
    | _SMALL
)


def without_company(name: str) -> str:
    """A name without the words for the sort of company: "Quality Lifestyle" of "Quality Lifestyle Ltd"."""
    return _COMPANY.sub("", name)


def _addresses(text: str) -> bool:
    found = POSTCODE.search(text)
    return (
        found is not None
        and ("," in text[: found.start()] or len(text) < 90)
        and not re.search(r"\b(?:is|was|were|has)\b", text[: found.start()])
    )


def _in_rows(blocks: Sequence[Block]) -> Iterator[str]:
    """The name in a row above that of the address."""
    for block, below in pairwise(blocks):
        named = _NAMED.match(block.text)
        if named and below.text.startswith("Address") and (name := name_line(named["name"])):
            yield name


def _of_a_form(rest: str) -> Iterator[str]:
    """The name that a form has before its address."""
    if (found := _NUMBER.match(rest)) and (name := name_line(found["name"])):
        yield name


class _Standing:
    """Which names the running text has, with capitals that nothing but a name calls for."""

    def __init__(self, running: Sequence[Words]) -> None:
        self._running = running

    def holds(self, name: str, strangers: Strangers) -> bool:
        """Whether the text has a name that ends like a body's, or that it calls inspected."""
        wanted = Words(name).plain
        is_body = is_institution(wanted)
        if wanted[:1] == ["the"] and len(wanted) > 2:
            wanted = wanted[1:]
        return any(
            is_body or tells_inspection(words.text, words.starts[i], words.ends[i + len(wanted) - 1])
            for words in self._running
            for i in self._places(words, wanted)
        )

    @staticmethod
    def _places(words: Words, wanted: Sequence[str]) -> Iterator[int]:
        n, last = len(wanted), _owner(wanted[-1])
        for i, end in enumerate(range(n, len(words) + 1)):
            if n > 1 and words.plain[i] != wanted[0]:
                continue
            if words.plain[i : end - 1] != wanted[:-1] or _owner(words.written[end - 1]) != last:
                continue
            alone = end >= len(words) or words.gap(end).strip() or not is_capital(words.written[end])
            if is_capital(words.written[i]) and alone and (n > 1 or not opens(words, i)):
                yield i


def _owner(word: str) -> str:
    return sought(word[:-2] if owns(word) else word)
