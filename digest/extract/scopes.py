"""Scopes: what a grade is for, by the words around it: the service as a whole, or which of its aspects.

Where the words say that it is for something, and we know not what, it is for nothing.
"""

from __future__ import annotations

import re
from typing import Final

from digest.extract import cues, scope_cues
from digest.extract.aspects import AspectWords
from digest.extract.mentions import Mention, last
from digest.extract.template import NAME

_ITS_OWN_SUBJECT: Final = re.compile(
    rf"{NAME}|\b(?:the|this|that|its?) (?:overall )?(?:service|unit|pdu|crc|yjs|yos|trust|company|division|region|"
    r"team|partnership|provider|school|home|force|hospital)\b"
)
_IN: Final = re.compile(
    r"^(?:, (?:the|its) (?:second )?(?:bottom|top|lowest|highest|best|worst)[^,;.<]{0,30},)? (?:in|at|on) "
    r"(?P<what>[^;:.()<]{1,200})"
)
_HOW_IT_IS: Final = re.compile(r"^ (?:it|they) (?:is|are|was|were)\b")  # "how safe it is"
# "Staffing at Kent PDU was rated": still the staffing.
_OF_WHOM: Final = re.compile(
    rf"^ (?:at|in|within|of|across|for) (?:the )?{NAME}(?='s)?(?= (?:was|were|is|are|has|have|had|also|as)\b| $)"
)
_EXCEPTION: Final = re.compile(r"\b(?:but|except|excepting|bar|apart from|other than|though|while)\b")
_EXCEPTED: Final = re.compile(r"\b(?:all|every|each)\b[^.;:]{0,20}? (?:but|except|bar|apart from)\b")
# "Encouraging victims was assessed as outstanding": a piece of work, not the service.
_OF_A_DOING: Final = re.compile(
    rf"^(?:\W*(?:but|and|however),? )?[a-z]{{3,}}ing (?!<p)[^,;<]{{3,80}}\b(?:was|were|is|are|has been) (?:{cues.RATED_VERB}|assessed|found)"
)
_ALL_LISTED: Final = re.compile(
    rf"^[^:;]{{0,20}}\b(?:all|every|each)\b(?! but| except| bar)[^:;]{{0,30}}\b{scope_cues.PARTS}[^:;]{{0,20}}(?::| - )(?P<list>[^<]{{1,300}})$"
    r"|^: (?:those|these) (?:were )?(?:for )?(?P<those>[^<]{1,300})$"
)
_NUMBERS: Final = {
    word: number
    for number, words in enumerate(
        "two three four five six seven eight nine ten eleven twelve".split(), start=2
    )
    for word in (words, str(number))
}


class Scopes:
    """Finds what a grade is for, by one scale's aspects."""

    def __init__(self, aspects: AspectWords, *, by_aspects: bool) -> None:
        self._aspects = aspects
        self._by_aspects = by_aspects  # the scale has no overall grade

    def of(  # noqa: C901, PLR0912 -- one rule a line, the surest first
        self, m: Mention
    ) -> tuple[tuple[str, ...], bool] | None:
        """The aspects a grade is for and whether "overall" is said; None where it is for we know not what."""
        # What stands beyond a semicolon speaks of another domain.
        beside = m.left[m.left.rfind(";") + 1 :] + m.right.partition(";")[0]
        around = f"{beside} . {m.setting.under}"
        clause = m.clause()
        last_aspect = self._aspects.last_end(clause)
        overall = last(scope_cues.OVERALL_WORD, scope_cues.NOT_THE_WHOLE.sub("", clause))
        if cues.OVERALL_AFTER.search(m.right) or (
            m.is_value_of_label() and scope_cues.WHOLE_LABEL.search(m.left)
        ):
            return (), True
        given_for = scope_cues.FOR.search(m.right)
        if given_for:
            return self._given_for(given_for["what"], around, overall=overall >= 0)
        if overall > last_aspect:
            return (), True
        listed = scope_cues.PARTS_NAMED.search(m.right)
        if listed and (named := self.named(listed["what"], around)):
            return named, False
        within = _IN.search(m.right)
        if within and (inner := self.named(within["what"], around)):
            return inner, False
        if self._by_aspects and scope_cues.ACROSS_ALL.search(m.right):
            return self._all_of_domain(m.right[:120], around)
        if scope_cues.PARTS_AFTER.search(m.right) and not scope_cues.ACROSS_ALL.search(m.right):
            return self._all_of_domain(m.right[:120], around)
        named = self._aspects.named(clause, around)
        if scope_cues.PARTS_COUNTED.search(clause) and self._aspects.are_domains(named):
            return self._all_of_domain(clause, around)
        if last_aspect >= 0:
            return self._of_subject(clause, last_aspect, named)
        if re.search(r"\beach $", m.left):
            return self._all_of_domain(clause, around)
        if m.is_of_everyone():
            return (), overall >= 0
        if scope_cues.PARTS_RATED.search(clause):
            return None
        if _OF_A_DOING.search(clause):
            return None
        if scope_cues.BODIES_COUNTED.search(clause) or (
            scope_cues.ONE_BODY.search(clause) and not m.names_before()
        ):
            return None
        if scope_cues.COUNT_RIGHT_BEFORE.search(m.left):
            return None
        return (), False

    def spelt_out(self, m: Mention) -> tuple[str, ...]:
        """The aspects of "in all areas: staffing; services"; empty where none are listed."""
        listed = _ALL_LISTED.search(m.behind)
        return self._aspects.named(listed["list"] or listed["those"], m.setting.under) if listed else ()

    def named(self, what: str, around: str) -> tuple[str, ...]:
        """The aspects that a grade is said to be for, none of those that are excepted."""
        found = _EXCEPTION.search(what)
        return self._aspects.named(what[: found.start()] if found else what, around)

    def _given_for(self, what: str, around: str, *, overall: bool) -> tuple[tuple[str, ...], bool] | None:
        named = self.named(what, around)
        if named:
            return named, False
        if _EXCEPTION.search(what):
            return None
        if scope_cues.FOR_WHOLE.search(what):
            return (), overall
        return ((), True) if overall else None

    def _of_subject(
        self, clause: str, last_aspect: int, named: tuple[str, ...]
    ) -> tuple[tuple[str, ...], bool] | None:
        """The aspects as what is graded, unless somebody else came between them and the grade."""
        gap = _OF_WHOM.sub("", _HOW_IT_IS.sub("", clause[last_aspect:]))
        if _ITS_OWN_SUBJECT.search(gap):
            return (), False
        led_by_for = clause.lstrip(" ,").startswith(("for ", "and for "))  # "for staffing it was 'good'"
        doubtful = (re.search(r"\bit\b", gap) and not led_by_for) or (
            re.search(NAME, clause[:last_aspect]) and "," in gap
        )
        return None if doubtful or not named else (named, False)

    def _all_of_domain(self, words: str, around: str) -> tuple[tuple[str, ...], bool] | None:
        """Every aspect of a domain, where all of them are spoken of and their number is right."""
        if _EXCEPTED.search(words):
            return None
        count = re.search(
            rf"\b(?:all|each|every)(?: of)?(?: the| its)?(?: (?P<n>{'|'.join(_NUMBERS)}))?\b", words
        )
        members = self._aspects.of_domain(words) or self._aspects.of_domain(around)
        if count is None or not members:
            return None
        stated = _NUMBERS.get(count["n"]) if count["n"] else len(members)
        return (members, False) if stated == len(members) else None
