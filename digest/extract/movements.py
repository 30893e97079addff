"""The movement that a text itself claims: upgraded, downgraded, unchanged, first, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from digest.extract.claims import GradeClaim, Sentence
from digest.reports import Claim, Direction

_UP: Final = re.compile(
    r"\b(?:upgraded?|(?:has|have|been|was) (?:therefore |now )?(?:raised|lifted)|raised (?:its|the|their|from|to)|"
    r"(?:moved|goes|went|stepp?ed|jumped|up) (?:up )?(?:from|to)|steps up to|improved (?:from|its rating|to)|up from)\b",
    re.IGNORECASE,
)
_DOWN: Final = re.compile(
    r"\b(?:downgraded?|(?:fallen|fell|falls|dropped|drops|slipped|slumped|declined|down|lowered|gone) "
    r"(?:\w+ ){0,2}?(?:from|to)|lost its)\b",
    re.IGNORECASE,
)
_SAME: Final = re.compile(
    r"\b(?:remains?|remained|retain(?:s|ed)|keeps?|kept|maintain(?:s|ed)|same (?:overall )?rating|unchanged|"
    r"(?:has|did) not (?:moved|changed?|improved? (?:its|the) (?:overall )?rating)|once (?:again|more)|"
    r"holds? on to|stays?|stayed|still rated|again (?:been )?rated|again (?:judged|given)|rated again|not its rating)\b",
    re.IGNORECASE,
)
_FIRST: Final = re.compile(
    r"\bfirst (?:ever )?(?:inspection|report|time)\b(?: of [^.;]{0,80}?)?"
    r"(?: since (?:the|it|its|they) [^.;]{0,40}?(?:formed|established|set up|created|launched|came into being|reorganis\w+))",
    re.IGNORECASE,
)
_FIRST_EVER: Final = re.compile(
    r"\b(?:(?:its|their) first (?:ever )?inspection|first[- ]ever inspection|never been inspected before|"
    r"newly (?:formed|established|created)[^.;]{0,60}first inspection)\b",
    re.IGNORECASE,
)


def direction_of(
    overall: GradeClaim | None, previous: GradeClaim | None, sentences: Iterable[Sentence]
) -> Claim | None:
    """The movement claimed for one provider, and the sentence that claims it.

    `sentences` are those that speak of this provider. Both grades stated settle it by their order; words
    alone settle it only where they stand beside the rating itself.
    """
    if overall is None:
        return None
    if previous is not None:
        step = (previous.rank > overall.rank) - (previous.rank < overall.rank)
        direction = {1: Direction.UPGRADE, -1: Direction.DOWNGRADE, 0: Direction.UNCHANGED}[step]
        return Claim(value=direction, evidence=_telling(overall, previous))
    for sentence in sentences:
        if _FIRST.search(sentence.text) or _FIRST_EVER.search(sentence.text):
            return Claim(value=Direction.FIRST, evidence=sentence.text)
    text = overall.sentence.text
    said = [
        direction
        for pattern, direction in (
            (_SAME, Direction.UNCHANGED),
            (_UP, Direction.UPGRADE),
            (_DOWN, Direction.DOWNGRADE),
        )
        if pattern.search(text)
    ]
    return Claim(value=said[0], evidence=text) if len(said) == 1 else None


def _telling(overall: GradeClaim, previous: GradeClaim) -> str:
    """The sentence to quote: the one that holds both grades, else the one that speaks of before."""
    both = overall.sentence.text == previous.sentence.text
    return overall.sentence.text if both else previous.sentence.text
