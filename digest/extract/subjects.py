"""Subjects: whose grade a sentence tells, where it says so by a name, by "it", by a description, or not at all."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from digest.extract.cast import Named
from digest.extract.template import NAME
from digest.providers import normal_name


class Binding(StrEnum):
    """By which words a sentence says whose grade it tells."""

    NAMED = "named"
    REFERRED = "referred"  # "it", "the home"
    DESCRIBED = "described"  # "a Kent care home"
    UNSAID = "unsaid"  # no words: "Overall rating: good"
    ELSE = "else"  # somebody who is no body of this text, or only a part of one


_EDUCATION: Final = frozenset({"school", "academy", "college", "primary", "secondary", "university"})
_EARLY: Final = frozenset({"nursery", "preschool", "playgroup", "childminder", "kindergarten", "creche"})
_CARE: Final = frozenset({"home", "hospice", "agency", "homecare"})
_HEALTH: Final = frozenset({"hospital", "practice", "surgery", "clinic", "infirmary"})
_CUSTODY: Final = frozenset({"prison", "jail", "yoi", "hmp", "gaol"})
_UNIT: Final = frozenset({"pdu", "unit"})
_COMPANY: Final = frozenset({"crc", "company"})
_YOUTH: Final = frozenset({"yjs", "yos", "yot", "team", "partnership"})
_REGION: Final = frozenset({"region"})
_DIVISION: Final = frozenset({"division"})
_TRUST: Final = frozenset({"trust"})
_COUNCIL: Final = frozenset({"council", "authority", "borough"})
_FORCE: Final = frozenset({"force", "constabulary", "police"})
_FIRE: Final = frozenset({"brigade"})
_OWNING: Final = frozenset({"owner", "operator", "group", "charity", "firm", "chain", "federation"})
_PART: Final = frozenset({"ward", "wing", "site", "maternity"})
_CLASSES: Final = (
    _EDUCATION, _EARLY, _CARE, _HEALTH, _CUSTODY, _UNIT, _COMPANY, _YOUTH, _REGION, _DIVISION, _TRUST, _COUNCIL,
    _FORCE, _FIRE, _OWNING, _PART,
)  # fmt: skip
# Neighbouring words for one level: a region of the probation service is called its division, too.
_TOGETHER: Final = ((_REGION, _DIVISION), (_YOUTH, _COUNCIL))

_NOUNS: Final = "|".join(sorted({noun for nouns in _CLASSES for noun in nouns}))
_SAID: Final = re.compile(
    rf"(?<!across )\b(?P<det>the|this|that|these|our|a|an|one|another) (?:(?!(?:that|which|was|were|is|are|has|have|had|for|of|in|at|on|by|to)\b)[a-z]+ ){{0,4}}?"
    rf"(?P<noun>{_NOUNS})(?<!inspection team)(?<!estyn team)(?<!ofsted team)(?P<more>s|ies)?\b(?!'s| of inspectors\b| (?:inspector|inspectors|leaders?|improvement|report|board|manager|forces?)\b)"
)
# "The nursery's leadership"; "the trust's" is also said of its only hospital.
_OWNING_WORD: Final = re.compile(
    rf"\b(?:the|this|that|our) (?:[a-z]+ ){{0,2}}?(?P<noun>(?!(?:{'|'.join(sorted(_TRUST | _COUNCIL | _OWNING))})\b)(?:{_NOUNS}))'s (?=[a-z])"
)
_PRONOUN: Final = re.compile(r"\b(?:it|we|they)\b")
_SERVICE: Final = re.compile(
    r"\b(?:the|this|our) (?:[a-z]+ ){0,3}?(?:service|provider|facility|setting|organisation|establishment|institution|centre)\b"
)
_WHAT_WE_FOUND: Final = re.compile(r"\b(?:we|inspectors) (?:had )?(?:found|saw|inspected) $")
_INDEFINITE: Final = frozenset({"a", "an", "one", "another"})
_OWN: Final = re.compile(r"\b(?:we|us|our)\b")


def spoken_of(before: str) -> tuple[Binding, str | None]:
    """How the words before a grade refer to its body without a name, and the kind of body they say."""
    last_name = max((m.end() for m in re.finditer(NAME, before)), default=0)
    stretch = before[last_name:]
    said = list(_SAID.finditer(stretch))
    if said:
        found = said[-1]
        noun = found["noun"]
        if found["more"]:
            return Binding.ELSE, noun
        after = stretch[found.end() :]
        if _PRONOUN.search(after):
            return Binding.REFERRED, None
        found_there = _WHAT_WE_FOUND.search(
            stretch, 0, found.start()
        )  # "we found a prison in crisis, with ..."
        known = found["det"] not in _INDEFINITE or found_there is not None
        return (Binding.REFERRED if known else Binding.DESCRIBED), noun
    if _PRONOUN.search(stretch) or _SERVICE.search(stretch):
        return Binding.REFERRED, None
    if owner := _OWNING_WORD.search(stretch):
        return Binding.REFERRED, owner["noun"]  # "the nursery's leadership was rated"
    return Binding.UNSAID, None


def fits(noun: str | None, named: Named | None) -> bool:
    """Whether a body may be spoken of by a word for its kind: a trust's hospital is not the trust."""
    if noun is None or named is None:
        return True
    kind = normal_name(f"{named.name} {named.body.kind if named.body else ''} {named.area}").split()
    words = {*kind, *(word.removesuffix("s") for word in kind)}
    if noun in words:
        return True
    mine = next(nouns for nouns in _CLASSES if noun in nouns)
    theirs = [nouns for nouns in _CLASSES if nouns & words]
    if "yjs" in words or {"youth", "justice"} <= words or {"youth", "offending"} <= words:
        theirs.append(_YOUTH)
    if not theirs:
        return mine not in {_OWNING, _COUNCIL, _TRUST, _PART, _COMPANY}
    return mine in theirs or any(
        mine in pair and any(other in theirs for other in pair) for pair in _TOGETHER
    )
