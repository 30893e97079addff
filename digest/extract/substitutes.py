"""Aspects that stand in for others at some bodies: children in custody are judged by care where adults are by respect.

"All four tests" of such a body are its own four, and the words of the count do not tell which they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from digest.extract.aspects import AspectWords, plain
from digest.extract.phrases import Text
from digest.extract.prose import Sentence
from digest.extract.statements import Statement
from digest.ratings import Aspect, Scale

_TEST: Final = r"['\"‘’“”]?{name}['\"‘’“”]? (?:tests?|outcomes)\b|\b(?:tests? of|outcomes (?:in|for)) ['\"‘“]?{name}\b|['\"‘“]{name}['\"’”]"
_BESIDE: Final = r"|\b(?:{others})['\"’”]?(?:,| and|, and) ['\"‘“]?{name}\b|\b{name}['\"’”]?(?:,| and|, and) ['\"‘“]?(?:{others})\b"


def with_substitutes(
    statements: Sequence[Statement], prose: Sequence[Sentence], scale: Scale
) -> tuple[Statement, ...]:
    """The statements, where a text is about such a body, with what stands in for the aspects that nobody named.

    Where the text does not name the one that stands in as a test either, neither is told.
    """
    for substitute in scale.aspects:
        if substitute.beside:
            statements = tuple(_beside_others(statements, substitute))
        elif substitute.instead_of and any(substitute.instead_of in s.aspects for s in statements):
            text = Text(" ".join(s.text for s in prose))
            if text.count(substitute.where):
                told = _is_told(substitute, scale, text.text)
                statements = tuple(_exchanged(statements, substitute, AspectWords.of(scale), told=told))
    return tuple(statements)


def _beside_others(statements: Sequence[Statement], substitute: Aspect) -> Iterable[Statement]:
    """Each inspection's aspects as one set: "leadership" beside "care and support" is that set's own."""
    beside = {s.when for s in statements if not set(substitute.beside).isdisjoint(s.aspects)}
    for s in statements:
        if s.when in beside and substitute.instead_of in s.aspects:
            names = (substitute.name if name == substitute.instead_of else name for name in s.aspects)
            yield replace(s, aspects=tuple(dict.fromkeys(names)))
        else:
            yield s


def _exchanged(
    statements: Iterable[Statement], substitute: Aspect, words: AspectWords, *, told: bool
) -> Iterable[Statement]:
    for s in statements:
        if substitute.instead_of not in s.aspects or substitute.instead_of in words.named(plain(s.sentence)):
            yield s
            continue
        names = (substitute.name if name == substitute.instead_of and told else name for name in s.aspects)
        yield replace(s, aspects=tuple(name for name in names if name != substitute.instead_of))


def _is_told(substitute: Aspect, scale: Scale, text: str) -> bool:
    """Whether the text names it as one that is judged: "the care test", "safety, care and ..."."""
    others = "|".join(
        re.escape(a.name) for a in scale.aspects if a.domain and a.name != substitute.instead_of
    )
    pattern = (_TEST + _BESIDE).format(name=re.escape(substitute.name), others=others)
    return re.search(pattern, text, re.IGNORECASE) is not None
