"""Plain facts that a text states of a provider: how many people it works with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from digest.reports import Claim

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
