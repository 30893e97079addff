"""Withdrawal: where an inspectorate's own text says plainly that it has taken a rating or report back.

It is filed only if one of the first sentences below the title says that and nothing else: who withdrew what, of which
body. An opening that only seems to say it rates nobody, and operators are asked. Words that hedge, speak of an
earlier report or bring a new one say no withdrawal: such a text is read like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Final

from digest.extract.blocks import sentences
from digest.extract.cast import Cast, Role
from digest.ratings import Inspectorate
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
_SEEMS: Final = re.compile(
    rf"\b{_WHAT}{_BESIDE},? {_BEEN} {_GONE}"
    rf"|\b(?:withdrawn|withdraws|withdrew|rescind(?:ed|s)|annul(?:led|s)|revoke[ds])"
    rf" (?:the|its|our|this|their) (?:[\w’'-]+ ){{0,6}}?{_WHAT}\b"
    rf"|\b{_WHAT}{_BESIDE},? (?:no longer (?:stands?|appl(?:y|ies))|(?:is|are) no longer valid)\b",
    re.IGNORECASE,
)
_SEEMS_IN_TITLE: Final = re.compile(rf"\b{_WHAT}{_BESIDE} {_GONE}\W*$|{_SEEMS.pattern}", re.IGNORECASE)
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
_UNDONE: Final = re.compile(
    rf"{_ANEW.pattern}|\b(?:restor\w*|(?:is|are) back|back online|stands? (?:again|after all)|still stands?"
    r"|put(?:ting)?(?: \w+){0,4} back|the (?:rating|report) stands|in error|mistake\w*|wrong\w*|false\w*|untrue|not true|rumou?r\w*|appeal\w*)\b",
    re.IGNORECASE,
)
"""Words that deny or undo a withdrawal; they count anywhere in the text."""

_QUOTED: Final = re.compile(r"[\"“”«»„]|(?<!\w)[‘']")
_THE_BODY: Final = "\N{WHITE SQUARE}"
"""Stands for the name of the provider where the plain form asks for it."""

_RATING: Final = r"(?:inspection |overall |published |full |final )*(?:report|rating)s?"
_DATED: Final = r"(?:,? (?:published|dated|issued)(?: on| in)? (?:(?:\d{1,2} )?[a-z]+ )?\d{4},?)?"
_ADVERB: Final = r"(?: now| today| therefore| also| formally)?"
_TAKEN_BACK: Final = r"(?:withdrawn|rescinded|annulled|revoked)"
_REST: Final = (
    r"(?: from publication)?(?:,? (?:today|with immediate effect))?"
    r"(?:,? (?:after|following|because) [^.;:?]{1,200})?"
)
_SEEMS_REASON: Final = "the text says, or seems to say, that a rating or report was withdrawn"


def read_as_withdrawal(
    reading: Reading, *, judge: Inspectorate | None, cast: Cast, official: bool
) -> Reading:
    """The reading of a text that may tell a withdrawal; if it seems to, no report rates anybody.

    Where the text is the inspectorate's own and says it plainly, the report has the direction `withdrawn`, with the
    sentence that says so as its evidence. If it does not, or gives a grade besides, the withdrawal is left out as
    doubtful, like the grades.
    """
    if judge is None or len(reading.reports) != 1 or not _seems(reading):
        return reading
    report = reading.reports[0]
    alone = set(_evidence(report)) <= {reading.title, *filter(_seems_so, _sentences(reading))}
    said = _plainly_said(reading, report, judge, cast) if official and alone else None
    direction = Claim(value=Direction.WITHDRAWN, evidence=said) if said else None
    unrated = replace(report, overall=None, previous=None, direction=direction, judgements=())
    left_out = [(j.grade, j.evidence) for j in report.graded()]
    if not said:
        left_out.append((Direction.WITHDRAWN, next(_seeming(reading))))
    dropped = [
        Dropped(grade=grade, provider=report.provider, reason=_SEEMS_REASON, evidence=evidence)
        for grade, evidence in left_out
    ]
    return replace(reading, reports=(unrated,), dropped=(*reading.dropped, *dropped))


def _seems(reading: Reading) -> bool:
    opening = (reading.title, *_sentences(reading)[:OPENING])
    return not any(map(_ANEW.search, opening)) and next(_seeming(reading), None) is not None


def _seeming(reading: Reading) -> Iterator[str]:
    """The sentences of the opening that seem to say it, the title last."""
    yield from filter(_seems_so, _sentences(reading)[:OPENING])
    title = reading.title
    if title in reading.text and _SEEMS_IN_TITLE.search(title) and not _HEDGED.search(title):
        yield title


def _seems_so(sentence: str) -> bool:
    return bool(_SEEMS.search(sentence)) and not _HEDGED.search(sentence)


def _plainly_said(reading: Reading, report: Report, judge: Inspectorate, cast: Cast) -> str | None:
    """The sentence of the opening that says it plainly of the report's provider, in nobody else's words."""
    if report.provider is None or _UNDONE.search(reading.text):
        return None
    plain = _plain_form(judge)
    quoted = {
        sentence
        for above, block in pairwise(("", *_blocks(reading)))
        if above.endswith(":") or _QUOTED.search(block)
        for sentence in sentences(block)
    }
    for sentence in filter(_seems_so, _sentences(reading)[:OPENING]):
        if sentence not in quoted and plain.fullmatch(_with_the_body(sentence, report.provider, cast)):
            return sentence
    return None


def _plain_form(judge: Inspectorate) -> re.Pattern[str]:
    """A sentence that says who withdrew what, of which body, and nothing else but why.

    The sentence must name a rating or a report of the inspectorate: courts give judgements too, and many write reports.
    """
    who = rf"(?:the )?(?:we|inspectorate|{_either(judge.name, *judge.aliases)})"
    grade = _either(*(grade.name for scale in judge.scales for grade in scale.grades))
    what = rf"{_RATING}(?: of {grade} (?:given|awarded) to| of| on| for| about| into) (?:the )?{_THE_BODY}{_DATED}"
    active = rf"{who} (?:(?:has|have){_ADVERB} {_TAKEN_BACK}|(?:now|today) withdrew|withdraws?) (?:its|our|the) {what}"
    passive = (
        rf"(?:our|{who}[’']s|{who}(?: says?)?[:,]?(?: that)? (?:the|its|our)) {what}"
        rf" (?:(?:has|have){_ADVERB} been {_TAKEN_BACK}|(?:is|are) now {_TAKEN_BACK}"
        r"|no longer (?:stands?|appl(?:y|ies))|(?:is|are) no longer valid)"
    )
    return re.compile(rf"(?:{active}|{passive}){_REST}[.!]?", re.IGNORECASE)


def _either(*words: str) -> str:
    return rf"(?:{'|'.join(map(re.escape, words))})"


def _with_the_body(sentence: str, provider: str, cast: Cast) -> str:
    """The sentence with a sign in place of each mention of the provider itself, not of a part of it."""
    for mention in reversed(cast.mentions(sentence)):
        if mention.named.name == provider and mention.role is Role.PLAIN:
            sentence = f"{sentence[: mention.start]}{_THE_BODY}{sentence[mention.end :]}"
    return sentence


def _blocks(reading: Reading) -> list[str]:
    """The blocks below the title."""
    return [block for block in reading.text.split("\n") if block.strip() and block != reading.title]


def _sentences(reading: Reading) -> list[str]:
    """The sentences below the title."""
    return [sentence for block in _blocks(reading) for sentence in sentences(block)]


def _evidence(report: Report) -> Iterator[str]:
    for claim in (report.overall, report.previous, report.direction, *report.judgements):
        if claim is not None:
            yield claim.evidence
