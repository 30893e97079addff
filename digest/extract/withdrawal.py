"""Withdrawal: where an inspectorate's own text says plainly that it has taken a rating or report back.

Only the title and the first sentences count, and only in a text about one named body. Words that hedge, speak of an
earlier report or bring a new one say no withdrawal: such a text is read like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from digest.extract.blocks import sentences
from digest.reports import Claim, Direction, Dropped, Reading, Report

OPENING: Final = 3
"""How many sentences below the title may say it."""

_WHAT: Final = r"(?:inspection |overall |published |full |final )*(?:report|rating|grade|judge?ment)s?"
_GONE: Final = r"(?:withdrawn|rescinded|annulled|quashed|revoked)\b(?! from\b(?! publication\b))"
# Between the two words a name or a day may stand, and no other statement: "the report says pupils were withdrawn".
_BESIDE: Final = (
    r"(?: \([^)]{0,60}\)| (?:of|on|for|about|into|published|given|dated|issued|awarded)"
    r"(?:(?!\b(?:who|which|that|where|when|says?|said|finds?|found|tells?)\b)[^.;:]){1,120}?)?"
)
_BEEN: Final = r"(?:has|have|is|are|was|were)(?: now| today| since| also| therefore)?(?: been)?"
_PLAIN: Final = re.compile(
    rf"\b{_WHAT}{_BESIDE},? {_BEEN} {_GONE}"
    rf"|\b(?:withdrawn|withdraws|withdrew|rescind(?:ed|s)|annul(?:led|s)|revoke[ds])"
    rf" (?:the|its|our|this|their) (?:[\w’'-]+ ){{0,6}}?{_WHAT}\b"
    rf"|\b{_WHAT}{_BESIDE},? (?:no longer (?:stands?|appl(?:y|ies))|(?:is|are) no longer valid)\b",
    re.IGNORECASE,
)
_IN_TITLE: Final = re.compile(rf"\b{_WHAT}{_BESIDE} {_GONE}\W*$|{_PLAIN.pattern}", re.IGNORECASE)
_HEDGED: Final = re.compile(
    r"\b(?:not|never|may|might|could|would|should|will|shall|to be|if|unless|whether|until|ask(?:s|ed)?|call(?:s|ed)?"
    r"|appeal\w*|request\w*|threat\w*|consider\w*|propos\w*|want\w*|urg\w*|refus\w*|declin\w*|den(?:y|ies|ied)"
    r"|previous|earlier|former|older|superseded|draft|interim|claim\w*)\b|\?",
    re.IGNORECASE,
)
_ANEW: Final = re.compile(
    r"\b(?:reinstat\w*|replac\w*|revis\w*|correct(?:ed|s|ing)|amend\w*|re-?issu\w*|republish\w*|new (?:report|rating|grade)s?)\b",
    re.IGNORECASE,
)


_REASON: Final = "the text says that a rating or report was withdrawn"


def read_as_withdrawal(reading: Reading, *, official: bool) -> Reading:
    """The reading of a text that may tell a withdrawal; of one that does, no report rates anybody.

    Where the text is the inspectorate's own, the report has the direction `withdrawn`, with the sentence that
    says so as its evidence. Where it gives a grade besides, we cannot tell which holds: then nothing is claimed.
    """
    said = list(_said(reading))
    if not said or len(reading.reports) != 1:
        return reading
    report = reading.reports[0]
    plain = official and report.provider is not None and set(_evidence(report)) <= set(_withdrawing(reading))
    direction = Claim(value=Direction.WITHDRAWN, evidence=said[-1]) if plain else None
    unrated = replace(report, overall=None, previous=None, direction=direction, judgements=())
    return replace(reading, reports=(unrated,), dropped=(*reading.dropped, *_dropped(report)))


def _dropped(report: Report) -> Iterator[Dropped]:
    for judgement in report.graded():
        yield Dropped(
            grade=judgement.grade, provider=report.provider, reason=_REASON, evidence=judgement.evidence
        )


def _said(reading: Reading) -> Iterator[str]:
    """The sentences of the opening that say it; the first below the title comes last, as the best evidence."""
    title, opening = reading.title, _sentences(reading)[:OPENING]
    if any(_ANEW.search(sentence) for sentence in (title, *opening)):
        return
    if title in reading.text and _IN_TITLE.search(title) and not _HEDGED.search(title):
        yield title
    yield from [s for s in opening if _says_so(s)][:1]


def _withdrawing(reading: Reading) -> Iterator[str]:
    yield reading.title
    yield from filter(_says_so, _sentences(reading))


def _says_so(sentence: str) -> bool:
    return bool(_PLAIN.search(sentence)) and not _HEDGED.search(sentence)


def _sentences(reading: Reading) -> list[str]:
    """The sentences below the title."""
    blocks = [block for block in reading.text.split("\n") if block.strip() and block != reading.title]
    return [sentence for block in blocks for sentence in sentences(block)]


def _evidence(report: Report) -> Iterator[str]:
    for claim in (report.overall, report.previous, report.direction, *report.judgements):
        if claim is not None:
            yield claim.evidence
