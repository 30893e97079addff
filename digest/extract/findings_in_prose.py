"""Findings in running text: what inspectors praised, were concerned about, or found good or bad."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from digest.extract import finding_cues as cues
from digest.extract import finding_headings as headings
from digest.extract.blocks import Block, BlockKind, sentences
from digest.extract.finding_cues import Sense
from digest.reports import Finding

LEAST_WORDS: Final = 4  # of a sentence in running text: fewer are a label
LONGEST_SENTENCE: Final = 60  # words; more are several run together
LONGEST_BLOCK: Final = 20_000  # characters; no paragraph of a report is longer


def told_in_prose(page: Sequence[Block]) -> Iterator[Finding]:
    """What the text says that inspectors praised, were concerned about, or found good or bad."""
    silent = before = False  # before: whether the paragraph before told anything
    for block in page:
        words = cues.simple(block.text[:100])
        if headings.END.fullmatch(words):
            return
        if block.kind is BlockKind.HEADING:
            silent = headings.of_heading(block.text) in {Sense.SILENT, Sense.FORMER}
        if (
            silent
            or block.kind is not BlockKind.PARAGRAPH
            or block.text[0] in "“\"'‘"
            or len(block.text) > LONGEST_BLOCK
        ):
            continue
        last: Sense | None = None
        for place, sentence in enumerate(sentences(block.text)):
            if not _may_tell(sentence):
                continue
            turned = headings.turns(sentence)
            parts = tuple(_parts_told(sentence)) or tuple(_asked_within(sentence))
            against = turned and (last is not None or (place == 0 and before))
            if not parts and (last is Sense.IMPROVEMENT or against):
                parts = tuple(_goes_on_blaming(sentence, turned=turned))
            parts = parts or tuple(_summed_up(sentence))
            for text, sense in parts:
                if len(text.split()) >= LEAST_WORDS and cues.is_finding(text):
                    yield Finding(heading=None, kind=cues.KINDS[sense], text=_without_opening(text))
            last = parts[-1][1] if parts else last
        before = last is not None


def _may_tell(sentence: str) -> bool:
    """Whether a sentence may tell a finding: it is of this time, no quotation and no line before a list."""
    quoted, leads = sentence[0] in '“"', sentence.endswith(":")
    return len(sentence.split()) <= LONGEST_SENTENCE and not (quoted or leads or dated_back(sentence))


def dated_back(sentence: str) -> bool:
    """Whether a sentence is about another time than this inspection's."""
    return cues.ANOTHER_TIME.search(cues.SINCE_LAST.sub("", cues.simple(sentence))) is not None


def _without_opening(text: str) -> str:
    """What was found, without "Inspectors found that" or "However," in front of it."""
    for opening in (cues.OPENING, cues.FOUND_THAT):
        found = opening.match(text)
        if found and len(text[found.end() :].split()) >= LEAST_WORDS:
            text = text[found.end() :]
    return text


def _asked_within(sentence: str) -> Iterator[tuple[str, Sense]]:
    """What recommendations include: "Two recommendations are for the board, including to meet each month"."""
    found = cues.INCLUDING_TO.search(sentence)
    if found:
        yield sentence[found.end() :], Sense.RECOMMENDATION


def _goes_on_blaming(sentence: str, *, turned: bool) -> Iterator[tuple[str, Sense]]:
    """A further fault in a paragraph about faults, or one set against the paragraph before."""
    words = cues.simple(sentence)
    if cues.EXPLAINS.search(words) or cues.STANDING.search(words) or cues.CAPITAL_GRADE.search(sentence):
        return
    turn = cues.PART.search(sentence, 1)
    part = sentence[turn.end() :] if turn else sentence
    if cues.tone(part) is Sense.IMPROVEMENT or (turned and cues.names_fault(part)):
        yield part, Sense.IMPROVEMENT


def _summed_up(sentence: str) -> Iterator[tuple[str, Sense]]:
    """A sentence that judges a part of the work as a whole: "Partnership working was a strength"."""
    words = cues.simple(sentence)
    if cues.SUMMED_UP.search(words) and cues.tone(sentence) is not Sense.IMPROVEMENT:
        yield sentence, Sense.STRENGTH


def _parts_told(sentence: str) -> Iterator[tuple[str, Sense]]:
    """The sentence with its kind, or both halves of "praised ..., but found ..."."""
    turn = cues.PART.search(sentence, 1)
    if turn is None:
        sense = _told_sense(sentence)
        if sense:
            yield sentence, sense
        return
    first, second = sentence[: turn.start()].rstrip(" ,;"), sentence[turn.end() :]
    sense = _told_sense(first)
    if sense is None or cues.PART.search(second):
        return
    yield first, sense
    goes_on = cues.GOES_ON.search(cues.simple(second)) and cues.tone(second) is not sense
    if goes_on or cues.tone(second) is cues.OPPOSITE[sense]:
        yield second, cues.OPPOSITE[sense]


def _told_sense(sentence: str) -> Sense | None:
    words = cues.simple(sentence)
    if cues.CAPITAL_GRADE.search(sentence) or cues.STANDING.search(words):
        return None
    praises, blames = bool(cues.PRAISES.search(words)), bool(cues.BLAMES.search(words))
    if praises != blames:
        return Sense.STRENGTH if praises else Sense.IMPROVEMENT
    return cues.tone(sentence) if cues.FINDS.search(words) and not praises else None
