"""Key findings: strengths and areas for improvement, each under the heading a reader would look for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from digest.extract.aspects import plain
from digest.extract.blocks import Block, BlockKind
from digest.reports import Finding, FindingKind

_STRENGTHS: Final = re.compile(
    r"\b(?:key |main )?(?:strengths?|positives?|what (?:was|is) working well|good practice)\b", re.IGNORECASE
)
_IMPROVEMENTS: Final = re.compile(
    r"\b(?:(?:areas?|points?|things) (?:for|of|needing) (?:further )?improvement|(?:areas|aspects)\b.{0,40}\brequiring "
    r"improvement|areas? (?:to|that (?:need|require)[s]?(?: to)?) (?:improve|improvement)|weaknesses|concerns|"
    r"what needs to improve)\b",
    re.IGNORECASE,
)
_SUBJECT: Final = re.compile(
    r"\b(?:strengths?|improvement)\b,? (?:of|for|in|on|with) (?:the )?(?P<subject>[^:.,]{3,60}?)"
    r"(?: (?:are|is|include|were)\b.*)?:?\s*$"
    r"|^areas of (?P<other>[^:.,]{3,60}?) requiring improvement",
    re.IGNORECASE,
)
_LONGEST_LABEL: Final = 160
_GENERAL: Final = frozenset({"organisation", "service", "crc", "unit", "division", "inspectors", "area"})


def findings_of(blocks: Iterable[Block]) -> tuple[Finding, ...]:
    """The findings that lists give: what stands as an item under a label that says which kind it is.

    A label may be a heading of its own or the line above the list. Where it names its own subject
    ("Key strengths of unpaid work are:") under a heading that joins several, the subject is the heading.
    """
    return tuple(dict.fromkeys(_found(blocks)))


def _found(blocks: Iterable[Block]) -> Iterator[Finding]:
    heading: str | None = None
    subject: str | None = None
    spelt: dict[
        str, str
    ] = {}  # the first spelling of each subject: "Through-the-gate", "Through the Gate work"
    kind: FindingKind | None = None
    for block in blocks:
        if block.kind is BlockKind.ITEM:
            if kind is not None and len(block.text.split()) > 2:
                yield Finding(heading=subject or heading, kind=kind, text=block.text)
            continue
        label = _kind_of(block)
        if label is not None:
            kind = label
            subject = _subject(block.text, heading)
            if subject is not None:
                key = (
                    plain(subject).removesuffix(" work") if plain(subject) != "unpaid work" else "unpaid work"
                )
                subject = spelt.setdefault(key, subject)
        elif block.kind is BlockKind.HEADING:
            heading, subject, kind = block.text, None, None
        elif not block.text.endswith(":"):
            kind = None


def _kind_of(block: Block) -> FindingKind | None:
    """Which kind of list a line announces; None where it announces none, or both at once."""
    text = block.text
    if block.kind is BlockKind.PARAGRAPH and not text.endswith(":"):
        return None
    if len(text) > _LONGEST_LABEL:
        return None
    tail = text[-_LONGEST_LABEL:]
    strengths, improvements = _STRENGTHS.search(tail), _IMPROVEMENTS.search(tail)
    if bool(strengths) == bool(improvements):
        return None
    return FindingKind.STRENGTH if strengths else FindingKind.IMPROVEMENT


def _subject(label: str, heading: str | None) -> str | None:
    """The label's own subject, where the heading over it joins it with others."""
    found = _SUBJECT.search(label)
    words = " ".join((found["subject"] or found["other"] or "").split()) if found else ""
    if not words or words.casefold() in _GENERAL:
        return None
    joined = heading is not None and re.search(r"\band\b|&", heading) is not None
    return words[0].upper() + words[1:] if heading is None or joined else None
