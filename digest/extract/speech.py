"""What stands beside the ratings: words in somebody's mouth, how many people are supervised, and when it was."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from digest.extract.blocks import Block, BlockKind
from digest.extract.claims import Sentence
from digest.reports import Claim, Quote

_SPEAKER: Final = re.compile(
    r"(?P<speaker>(?:HM |His Majesty[’']s |Her Majesty[’']s )?Chief Inspector[^:“\"]{0,60}?|(?:Mr|Ms|Mrs|Dr) [A-Z]\w+) "
    r"(?:said|added|commented)\b[^:“\"]{0,40}:?\s*$"
)
_QUOTED: Final = re.compile(r"^[“\"](?P<words>[^”\"]{20,})[”\"]?\.?$")
_CASELOAD: Final = re.compile(
    r"\b(?:supervis\w+|works? with|caseload of|responsible for)\b[^.]{0,40}?(?P<number>\d[\d,]*|\d+)\b[^.]{0,80}",
    re.IGNORECASE,
)
_MONTH: Final = "January|February|March|April|May|June|July|August|September|October|November|December"
_INSPECTED: Final = re.compile(
    rf"\b(?:inspected|inspection|fieldwork|visited)\b[^.]{{0,120}}?\b(?:in|on|during|between)\s+"
    rf"(?P<when>(?:\d{{1,2}} )?(?:{_MONTH})(?:(?: and |\s?[-–]\s?| to )(?:\d{{1,2}} )?(?:{_MONTH}))?(?: \d{{4}})?)",
)
_INSPECTED_FIRST: Final = re.compile(
    rf"\b(?:in|during|between)\s+(?P<when>(?:{_MONTH})(?:(?: and |\s?[-–]\s?| to )(?:{_MONTH}))?(?: \d{{4}})?),?"
    rf"[^.]{{0,80}}?\binspected\b",
    re.IGNORECASE,
)
_MONTHS: Final = {name: number for number, name in enumerate(_MONTH.split("|"), start=1)}


def quotes_of(blocks: Iterable[Block]) -> tuple[Quote, ...]:
    """What the chief inspector is quoted with: paragraphs in quotation marks under a line that says who speaks."""
    return tuple(_quotes(blocks))


def _quotes(blocks: Iterable[Block]) -> Iterator[Quote]:
    speaker: str | None = None
    speaking = False
    for block in blocks:
        if block.kind is not BlockKind.PARAGRAPH:
            speaker, speaking = None, False
            continue
        introduced = _SPEAKER.search(block.text)
        if introduced:
            speaker, speaking = introduced["speaker"].strip(), False
            continue
        opens = block.text.startswith(("“", '"'))
        if speaker and (opens or speaking):
            yield Quote(speaker=speaker, text=block.text.strip('“”"'))
            speaking = not block.text.rstrip().endswith(("”", '"'))
            if not speaking:
                speaker = None
        else:
            speaker, speaking = None, False


def caseload_of(told: Iterable[Sentence]) -> Claim | None:
    """How many people the service supervises, in the text's words."""
    for sentence in told:
        found = _CASELOAD.search(sentence.text)
        if found and int(found["number"].replace(",", "")) >= 20:
            return Claim(value=found[0].strip(), evidence=sentence.text)
    return None


def inspected_of(told: Iterable[Sentence]) -> tuple[Claim | None, date | None]:
    """When the visit was, in the text's words; a date only where its year is stated, then the month's first day."""
    for sentence in told:
        found = _INSPECTED.search(sentence.text) or _INSPECTED_FIRST.search(sentence.text)
        if found and "last inspect" not in sentence.text.casefold():
            return Claim(value=found["when"], evidence=sentence.text), None
    return None, None
