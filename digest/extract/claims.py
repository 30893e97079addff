"""Movements that a text claims without naming two grades: upgraded, the same again, a first inspection."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from digest.extract.cast import Named
from digest.extract.template import GRADE, NAME, Template
from digest.reports import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementClaim:
    """A movement of the service as a whole, in the words of one sentence."""

    direction: Direction
    who: tuple[Named, ...]  # empty: whoever the text is about
    sentence: str
    everyone: bool = False  # of each of several services that the text is about
    again: bool = False  # only "again": the same as before is as likely as the same as once


_EVERYONE: Final = re.compile(
    r"\b(?:two|three|four|both|all|each)\b(?: \w+){0,2} (?:services|units|hospitals|homes|schools|prisons|forces|sites)\b"
    r"[^;:]{0,80}\b(?:were|have been|had been|both|all|each)\b"
)
_ITSELF: Final = r"(?:service|services|unit|pdu|crc|yjs|trust|company|division|region|team|partnership|provider|school|home|force|rating)"
_RATING: Final = r"(?:overall )?(?:performance )?(?:rating|grade)"
_BEGUN: Final = (
    r"(?:established|created|formed|set up|founded|launched|opened|opening|registered|registration|registering|"
    r"came into (?:being|existence|effect|force)|came about|it began|(?:its |the )?(?:creation|formation|launch|establishment|inception|foundation|opening|registration|unification|merger))"
)

_CLAIMS: Final = (
    (
        Direction.FIRST,
        re.compile(
            rf"\bfirst (?:ever )?(?:full )?(?:inspection|rating|report)\b[^;<]{{0,40}}(?:{NAME})?[^;<]{{0,20}}"
            rf"\bsince (?:it |they |the \w+ |{NAME} |its )?(?:was |were |had been )?(?:re)?{_BEGUN}\b"
        ),
    ),
    (
        Direction.FIRST,
        re.compile(
            r"\b(?:its|their|the (?:service|unit|pdu|team|home|school|region)'s) (?:very )?first(?: ever)? (?:(?:full|graded|ofsted|cqc|estyn) )?(?:inspection|rating|inspection report|report)\b(?=[,.;]|$| and\b)"
        ),
    ),
    (
        Direction.FIRST,
        re.compile(
            rf"\b(?:inspected|rated) for the (?:very )?first time\b(?=[,.;]|$| and\b)|\bfirst ever (?:inspection|rating) (?:of|for) (?:the |this )?(?:{NAME}|{_ITSELF})"
        ),
    ),
    (
        Direction.UNCHANGED,
        re.compile(
            rf"\b(?:the|its|their) same (?:overall )?(?:rating|grade)s?\b(?=,?(?: [^;<]{{0,30}})?\b(?:again|as (?:before|last|previously|at|in|it)|once more|for|in (?:19|20)\d\d|last time)\b)"
            rf"|\b{_RATING} (?:is |was |has |remains |remained |stays |stayed |has remained )?(?:unchanged|the same|no higher|no better)\b"
            rf"|\b(?:retain(?:s|ed)|kept|keeps|maintain(?:s|ed)) (?:its|their|the same) {_RATING}\b"
            r"|\b(?:the|a) (?:same )?rating (?:that )?(?:we|it|they|the \w+) (?:already|also|previously) had\b"
            r"|\b(?:again|once more) (?:been )?(?:rated|graded|judged|branded|deemed|labelled|given)\b"
            r"|\bfor the (?:second|third|fourth|fifth) (?:time|inspection|report|year|visit) (?:running|in a row|in succession)\b"
            r"|\bfor the (?:second|third|fourth|fifth) (?:consecutive|successive|straight) (?:time|inspection)\b"
            r"|\b(?:rated|rating|judged|graded)\b[^;]{0,60}\btime (?:in a row|running|in succession)\b"
            rf"|\b(?:second|third|fourth|fifth|sixth) (?:consecutive|successive|straight) (?:overall )?(?:{GRADE}|rating)"
            rf"|\b(?:no|not any) change (?:in|to) (?:its|the) {_RATING}\b|\bbut not (?:its )?rating\b"
        ),
    ),
    (
        Direction.UPGRADE,
        re.compile(
            rf"{GRADE}[^;:]{{0,80}}, an improvement (?:on|from) (?:its |the |our )?(?:last|previous|(?:19|20)\d\d)\b|"
            rf"(?:{NAME}|\b(?:the|this|its|overall) {_ITSELF}|^rating) (?:is |was |has been |been |being )?upgraded\b(?=[.,;:]|$| by| after| in| from| to| as)"
            r"|\bratings? (?:for|of|at) [^;:]{3,110}\b(?:have|has|had) been upgraded\b"
            rf"|\bupgrades? (?:the |its |of |for )?(?:overall )?(?:rating|{NAME})|\b(?:improved|raised|increased) (?:its|the) overall rating\b"
        ),
    ),
    (
        Direction.DOWNGRADE,
        re.compile(
            rf"(?:{NAME}|\b(?:the|this|its|overall) {_ITSELF}|^rating) (?:is |was |has been |been |being )?downgraded\b(?=[.,;:]|$| by| after| in| from| to| as)"
            r"|\bratings? (?:for|of|at) [^;:]{3,110}\b(?:have|has|had) been downgraded\b"
            rf"|\bdowngrades? (?:the |its |of |for )?(?:overall )?(?:rating|{NAME})"
        ),
    ),
)
_AGAIN: Final = re.compile(
    r"\b(?:again|once more) (?:been )?(?:rated|graded|judged|branded|deemed|labelled|given)\b"
)
# Every claim has one of these words: most sentences need no closer look.
_HINT: Final = re.compile(
    r"first|again|once more|consecutive|successive|straight|same|retain|kept|keeps|maintain|chang|rating|grade|rated|grading|time|upgrad|downgrad|improvement"
)
_NOT_CLAIMED: Final = re.compile(
    r"\b(?:not (?:been )?(?:upgraded|downgraded)|avoid\w*|could|would|should|might|if|hopes?|aims?|appeal|challenge|"
    r"its aspects?|none|no (?:services|units)|how to|in order)\b"
)


def movement_claims(template: Template, sentence: str) -> tuple[MovementClaim, ...]:
    """The movements that a sentence claims of a service as a whole."""
    if not _HINT.search(template.text) or _NOT_CLAIMED.search(template.text):
        return ()
    return tuple(
        MovementClaim(
            direction=direction,
            who=template.names[:1],
            sentence=sentence,
            everyone=not template.names and bool(_EVERYONE.search(template.text)),
            again=direction is Direction.UNCHANGED and bool(_AGAIN.search(template.text)),
        )
        for direction, pattern in _CLAIMS
        if pattern.search(template.text)
    )
