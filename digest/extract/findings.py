"""Key findings: the listed strengths and areas for improvement, each under its heading."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from digest.extract.aspects import plain
from digest.extract.blocks import Block, BlockKind
from digest.extract.sentences import sentences
from digest.reports import Finding, FindingKind

_IMPROVEMENT: Final = re.compile(
    r"\b(?:areas?|room|scope|points?)\b[^.]{0,40}\b(?:for|of|requiring|needing|in need of) (?:further )?improvement\b"
    r"|\brequir(?:es?|ed|ing) improvement\b|\bimprovements? (?:(?:is|are|was|were) )?(?:needed|required|necessary)\b"
    r"|\bneed(?:s|ed)? (?:to )?improve(?:d|ment)?\b|\bweakness(?:es)?\b|\bshortcomings?\b|\bless effective\b"
    r"|\b(?:areas?|causes?) (?:of|for) concern\b|\bnot (?:working|going|done) well\b|\bwhat needs to\b"
)
_STRENGTH: Final = re.compile(
    r"\bstrengths?\b|\bpositives?\b|\b(?:working|works|worked|going|went|done|doing) well\b|\bgood practice\b"
    r"|\b(?:pleased|impressed|encouraged) (?:that|to|by|with)\b|\bachievements?\b"
)
_RECOMMENDATION: Final = re.compile(
    r"\brecommendations?\b|\brecommend(?:s|ed)? that\b|\b(?:service|board|partnership|trust|leaders|region|unit|school|"
    r"home|force|prison|provider|council)s? (?:should|must)\b|\b(?:should|must) ?:$"
)
_CUT: Final = re.compile(r"(?:…|\.\.\.|\[…\]|\[\.\.\.\])\s*$")
_LEAST_WORDS: Final = 4  # of a sentence in running text: fewer are a label
_MOST_WORDS: Final = 5  # of a heading over findings: a headline has more
_PART_JOIN: Final = re.compile(r",\s*(?:and\s+)?|\s+(?:and|&)\s+")


def findings(blocks: Iterable[Block]) -> tuple[Finding, ...]:
    """What stands under a line which says that strengths, improvements or recommendations follow.

    Each list item is one finding, and each sentence of running text right under such a heading. What is said
    twice counts once; what was cut off loses its last, broken sentence.
    """
    return tuple(dict.fromkeys(_findings(blocks)))


def _findings(blocks: Iterable[Block]) -> Iterator[Finding]:
    section: str | None = None
    heading: str | None = None
    kind: FindingKind | None = None
    listed = titled = False
    for block in blocks:
        if kind is not None and block.kind is BlockKind.ITEM:
            listed = True
            text = _whole(block.text)
            if text:
                yield Finding(heading=heading, kind=kind, text=text)
            continue
        if kind is not None and titled and not listed and _is_prose(block):
            for sentence in sentences(_whole(block.text)):
                if len(sentence.split()) >= _LEAST_WORDS:
                    yield Finding(heading=heading, kind=kind, text=sentence)
            continue
        if block.kind is BlockKind.ITEM:
            continue
        kind = _announced(block)
        listed, titled = False, block.kind is BlockKind.HEADING and len(block.text.split()) <= _MOST_WORDS
        if block.kind is BlockKind.HEADING and kind is None:
            section = block.text.strip(" :")
        heading = _part_meant(section, block.text) if section else None


def _is_prose(block: Block) -> bool:
    return block.kind is BlockKind.PARAGRAPH and not block.text.rstrip().endswith(":")


def _whole(text: str) -> str:
    """The text as far as its sentences are whole: the last one of a text that was cut is not."""
    if not _CUT.search(text):
        return text
    kept = sentences(text)[:-1]
    return text[: text.find(kept[-1]) + len(kept[-1])] if kept else ""


def _announced(block: Block) -> FindingKind | None:
    """The kind of finding that a line says will follow."""
    if block.kind is not BlockKind.HEADING and not block.text.rstrip().endswith(":"):
        return None
    words = plain(block.text)
    if _RECOMMENDATION.search(words):
        return FindingKind.RECOMMENDATION
    if _IMPROVEMENT.search(words):
        # "Strengths and areas for improvement" announces both, and so neither.
        return None if re.search(r"\bstrengths?\b", words) else FindingKind.IMPROVEMENT
    return FindingKind.STRENGTH if _STRENGTH.search(words) else None


def _part_meant(section: str, line: str) -> str:
    """The section's heading, or the one part of a compound heading that the line names."""
    words = plain(line)
    parts = [part for part in _PART_JOIN.split(section) if part]
    meant = [part for part in parts if plain(part) in words]
    if len(parts) > 1 and len(meant) == 1:
        return meant[0][0].upper() + meant[0][1:]
    return section
