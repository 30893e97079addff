"""Facts beside the ratings: how many people a provider works with, and who is quoted with which words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from digest.extract.blocks import Block, BlockKind
from digest.extract.maintext import BLOCK_JOIN
from digest.reports import Claim, Quote

_NUMBER: Final = r"(?:(?:more than|over|about|around|nearly|almost|just over|just under|some|approximately|under) )?\d{1,3}(?:,\d{3})+|(?:(?:more than|over|about|around|nearly|almost|just over|just under|some|approximately|under) )?\d{2,4}(?!\d|[.,]\d| ?per cent|%)"
_PEOPLE: Final = (
    r"(?:people|offenders|individuals|men and women|service users|children|young people|cases|adults|clients)"
)
_CASELOAD: Final = re.compile(
    rf"\b(?:supervis(?:es|ing|ed)|manag(?:es|ing|ed)|responsible for|caseload (?:of|is|was)|looks? after|works? with|"
    rf"working with|oversees|overseeing|supporting) (?:a caseload of )?(?P<a>{_NUMBER})(?: [\w-]+){{0,5}} {_PEOPLE}\b"
    rf"|\b(?P<b>{_NUMBER}) (?:[\w-]+ ){{0,4}}?{_PEOPLE} (?:\w+ ){{0,3}}?(?:on its books|on its caseload|under (?:its )?supervision)\b"
    rf"|\bcaseload (?:of|is|was) (?P<c>{_NUMBER})",
    re.IGNORECASE,
)


def caseload(sentences: Iterable[str]) -> Claim | None:
    """How many people the provider supervises, in the text's own words."""
    for sentence in sentences:
        found = _CASELOAD.search(sentence)
        if found:
            value = next(v for v in found.group("a", "b", "c") if v)
            return Claim(value=value, evidence=sentence)
    return None


_OPEN: Final = '“"«'
_CLOSE: Final = '”"»'
_SAYS: Final = (
    r"(?:said|says|added|adds|commented|stated|told [^:.]{1,60}|continued|explained|concluded|wrote|remarked)"
)
_NAME: Final = r"[A-Z][\w’'-]{1,40}"
_PERSON: Final = (
    rf"(?<![\w’'-])(?:(?:Mr|Ms|Mrs|Miss|Dr|Dame|Sir|Lord|Lady|Cllr) )?(?:{_NAME} ){{0,7}}{_NAME}(?![\w’'-])"
)
_ANNOUNCED: Final = re.compile(
    rf"(?P<who>{_PERSON}),?(?: [a-z][^.:“\"]{{0,80}},)? {_SAYS}[^.:]{{0,60}}:\s*$|(?P<bare>{_PERSON}):\s*$"
)
_INLINE: Final = re.compile(
    rf"(?P<who>{_PERSON}),?(?: [a-z][^.:“\"]{{0,80}},)?(?: {_SAYS}[^.:“\"]{{0,40}})?:\s*[{_OPEN}](?P<text>[^{_OPEN}{_CLOSE}]{{10,2000}})[{_CLOSE}]"
)
_AFTERWARDS: Final = re.compile(
    rf"[{_OPEN}](?P<text>[^{_OPEN}{_CLOSE}]{{10,2000}}),?[{_CLOSE}],? {_SAYS} (?P<who>{_PERSON})"
)
_TITLES: Final = frozenset("Mr Ms Mrs Miss Dr Dame Sir Lord Lady Cllr".split())
_ROLES: Final = frozenset(
    "Chief Inspector Inspectors HM HMI Inspectorate of Probation Prisons Minister Secretary State Justice Director "
    "Executive Councillor Leader Head Manager Officer Chair Chairman Council Service Services Youth Commissioner "
    "Police Deputy Regional The Her His Majesty’s Majesty's".split()
)
_LONGEST: Final = 12  # blocks of one quotation


def quotes(blocks: Sequence[Block]) -> tuple[Quote, ...]:
    """Every quotation with a named speaker; "one participant said" has no name.

    A surname alone is given the full name that the text gave before.
    """
    known: dict[str, str] = {}
    found: list[Quote] = []
    for i, block in enumerate(blocks):
        for who, text in _quoted(blocks, i, block):
            speaker = _speaker(who, known)
            if speaker and text:
                found.append(Quote(speaker=speaker, text=text))
    return tuple(dict.fromkeys(found))


def _quoted(blocks: Sequence[Block], i: int, block: Block) -> Iterator[tuple[str, str]]:
    announced = _ANNOUNCED.search(block.text[-300:])
    if announced and i + 1 < len(blocks) and blocks[i + 1].text[0] in _OPEN:
        yield announced["who"] or announced["bare"], _whole(blocks[i + 1 : i + 1 + _LONGEST])
        return
    for pattern in (_INLINE, _AFTERWARDS):
        for inline in pattern.finditer(block.text[:8_000]):
            yield inline["who"], inline["text"].strip().rstrip(",")


def _whole(blocks: Sequence[Block]) -> str:
    """The quotation that opens with the first block, up to the block that closes it."""
    texts: list[str] = []
    for block in blocks:
        if block.kind is BlockKind.HEADING and texts:
            return ""  # it was never closed
        texts.append(block.text)
        if block.text.rstrip()[-1] in _CLOSE:
            return BLOCK_JOIN.join(texts)[1:].rstrip()[:-1]
    return ""


def _speaker(who: str, known: dict[str, str]) -> str | None:
    words = [word for word in who.split() if word not in _ROLES]
    titled = any(word in _TITLES for word in words)
    names = [word for word in words if word not in _TITLES][-2:]
    if not names or (len(names) < 2 and not titled):
        return known.get(names[0]) if names else None
    surname = names[-1].removesuffix("’s").removesuffix("'s")
    if len(names) == 2:
        known.setdefault(surname, " ".join(names))
    return known.get(surname, who)
