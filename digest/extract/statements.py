"""Statements: what a sentence says of a grade - given to whom, for what, now or then, in which words.

A grade word is read as a rating only with a licence (`cues.py`): a rating verb, the word "rating", a quotation
or a movement. What is counted, negated, wished for, or one of several is no statement at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from digest.extract import cues
from digest.extract.aspects import AspectWords
from digest.extract.cast import Named
from digest.extract.mentions import Mention, Setting, When, last
from digest.extract.template import NAME, Template
from digest.reports import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One grade that a sentence gives."""

    grade: str
    rank: int
    aspects: tuple[str, ...]  # empty: the service as a whole
    explicit: bool  # of the whole: the sentence says so ("overall")
    when: When
    year: int | None
    who: tuple[Named, ...]  # empty: whoever the text is about
    direction: Direction | None  # what the words themselves say of a movement
    sentence: str
    in_heading: bool
    everyone: bool = False  # of each of several services that the text is about
    spoken_of: str | None = None  # the kind of body, where only that is said: "the PDU"


class _Licence(StrEnum):
    RATED = "rated"
    FROM = "from"
    TO = "to"
    KEPT = "kept"
    WORD = "word"  # the grade's own form or place


_BROKEN_OFF: Final = re.compile(r"\b(?:while|whereas)\b")
_ELSEWHERE: Final = re.compile(r"\b(?:while|whereas),? (?:in|at|over in|across) ")
_ITS_OWN_SUBJECT: Final = re.compile(
    rf"{NAME}|\b(?:the|this|that|its?) (?:overall )?(?:service|unit|pdu|crc|yjs|yos|trust|company|division|region|"
    r"team|partnership|provider|school|home|force|hospital)\b"
)
_IN: Final = re.compile(
    r"^(?:, (?:the|its) (?:second )?(?:bottom|top|lowest|highest|best|worst)[^,;.<]{0,30},)? (?:in|at|on) "
    r"(?P<what>[^;:.()<]{1,200})"
)
_HOW_IT_IS: Final = re.compile(r"^ (?:it|they) (?:is|are|was|were)\b")  # "how safe it is"
_A_VERB_AWAY: Final = 16  # characters: "staffing remained at"
# "Staffing at Kent PDU was rated": still the staffing.
_OF_WHOM: Final = re.compile(
    rf"^ (?:at|in|within|of|across|for) (?:the )?{NAME}(?='s)?(?= (?:was|were|is|are|has|have|had|also|as)\b| $)"
)
_EXCEPTION: Final = re.compile(r"\b(?:but|except|excepting|bar|apart from|other than|though|while)\b")
_EXCEPTED: Final = re.compile(r"\b(?:all|every|each)\b[^.;:]{0,20}? (?:but|except|bar|apart from)\b")
_AT: Final = re.compile(r"^ at (?P<what>[^,;:.()<]{1,120})")
_SINCE_OR_IN: Final = re.compile(r"^ (?:in|since) (?:19|20)\d\d,")
_HAD_TO: Final = re.compile(r"\b(?:had|has|have|judged|found|said|seen) (?:also )?to $")
# "Encouraging victims was assessed as outstanding": a piece of work, not the service.
_OF_A_DOING: Final = re.compile(
    rf"^(?:\W*(?:but|and|however),? )?[a-z]{{3,}}ing (?!<p)[^,;<]{{3,80}}\b(?:was|were|is|are|has been) (?:{cues.RATED_VERB}|assessed|found)"
)
_PLAIN_MOVES: Final = re.compile(r"\b(?:upgrad\w+|downgrad\w+|raised|lowered|re ?rated)\b")
_ALL_LISTED: Final = re.compile(
    rf"^[^:;]{{0,20}}\b(?:all|every|each)\b(?! but| except| bar)[^:;]{{0,30}}\b{cues.PARTS}[^:;]{{0,20}}(?::| - )(?P<list>[^<]{{1,300}})$"
    r"|^: (?:those|these) (?:were )?(?:for )?(?P<those>[^<]{1,300})$"
)


class Reader:
    """Reads sentences by one scale's aspects."""

    def __init__(self, aspects: AspectWords, *, modern: bool, by_aspects: bool = False) -> None:
        self._aspects = aspects
        self._by_aspects = by_aspects  # the scale has no overall grade
        self._modern = modern  # the text is surely from the scale's time: prose verdicts may be grades

    def statements(self, template: Template, setting: Setting) -> tuple[Statement, ...]:
        """What the sentence states, from left to right."""
        found: list[Statement] = []
        unusable = _unusable(template)
        who_before: tuple[Named, ...] = ()
        for i in range(len(template.grades)):
            mention = Mention(template, i, setting)
            who_before = mention.names_before() or who_before
            if i in unusable:
                continue
            licence = self._licence(mention, any_before=bool(found))
            if licence is None or mention.is_taken_back():
                continue
            statement = self._statement(mention, licence, who_before, found)
            if statement is not None:
                found.append(statement)
                found.extend(self._spelt_out(mention, statement))
        return _respectively(template, tuple(_paired(template, found)))

    def _licence(self, m: Mention, *, any_before: bool) -> _Licence | None:
        if (
            (self._modern or m.formal)
            and cues.STANDARD_BEFORE.search(m.left)
            and cues.STANDARD.search(m.right)
        ):
            return _Licence.WORD
        if cues.ADJECTIVE.search(m.right):
            return None
        if m.is_moved_from() or (
            cues.UP_FROM.search(m.left) and not m.is_moved_to() and (m.formal or m.grade.verbal)
        ):
            return _Licence.FROM
        if m.is_moved_to() or (cues.TO.search(m.left) and (m.formal or _PLAIN_MOVES.search(m.before))):
            return _Licence.TO
        if (cues.KEPT.search(m.left) or cues.KEEPS.search(m.left)) and (
            m.formal
            or m.is_called_rating()
            or cues.RATING_OF.search(m.left)
            or (
                (self._modern or any_before)
                and self._aspects.last_end(m.before) >= len(m.before) - _A_VERB_AWAY
            )
        ):
            return _Licence.KEPT
        if cues.RATED.search(m.left) or cues.RATING_OF.search(m.left) or m.is_called_rating():
            return _Licence.RATED
        if self._by_aspects and cues.OUTCOMES.search(m.left):
            return _Licence.RATED
        return _Licence.WORD if self._by_form(m, any_before=any_before) else None

    def _by_form(self, m: Mention, *, any_before: bool) -> bool:
        """Whether its place, or quotation marks or a capital in the right one, make the word a grade."""
        return (
            self._by_verb(m, any_before=any_before)
            or self._by_place(m, any_before=any_before)
            or (m.formal and self._by_mark(m, any_before=any_before))
        )

    def _by_verb(self, m: Mention, *, any_before: bool) -> bool:
        """A grade that is a verb of its own: "the PDU ‘requires improvement’"."""
        if not m.grade.verbal:
            return False
        in_title = m.setting.heading and re.search(rf"{NAME} $", m.left)  # "Leeds YJS requires improvement"
        if cues.PREDICATE.search(m.left) and (m.grade.quoted or any_before or (in_title and self._modern)):
            return True
        return m.grade.quoted and bool(_HAD_TO.search(m.left))

    def _by_place(self, m: Mention, *, any_before: bool) -> bool:
        """A grade by where it stands: after its label, in a row of grades, or in an inspectorate's own formula."""
        if cues.WHOLE_LABEL.search(m.left):
            return True
        if m.is_value_of_label() and self._aspects.last_end(m.left) >= 0:
            return True
        if any_before and (
            cues.NEXT_OF_ROW.search(m.before) or self._follows_aspects(m) or self._is_for_aspects(m)
        ):
            return True
        if not self._by_aspects or not cues.IS.search(m.left):
            return False
        if (at := _AT.search(m.right)) and self._named(at["what"], ""):
            return True  # "is good at responding to fires"
        # Nobody says "reasonably good" of safety by chance in a report that grades it so.
        two_words = " " in m.grade.grade and not m.grade.alias
        return two_words and self._aspects.last_end(m.clause()) >= 0

    def _by_mark(self, m: Mention, *, any_before: bool) -> bool:
        """A grade in quotation marks or with a capital, where grades are told."""
        if m.grade.quoted and (
            cues.IT_IS.search(m.left)
            or (not m.left and _SINCE_OR_IN.search(m.right))
            or re.match(rf" (?:rated )?{NAME}", m.right)
        ):
            return True
        return bool(
            cues.GIVEN.search(m.left)
            or cues.OVERALL_AFTER.search(m.right)
            or cues.OVERALL_LABEL.search(m.left)
            or cues.GLOSS_AFTER.search(m.right)
            or cues.EARLIER_WORD.search(m.left)
            or (cues.LIST_GO_ON.search(m.left) and (any_before or m.names_before()))
            or (any_before and m.names_before())
            or (any_before and self._aspects.last_end(m.before) >= 0)
        )

    def _follows_aspects(self, m: Mention) -> bool:
        """Whether a grade goes on with a list of them: "staffing and services require improvement"."""
        end = self._aspects.last_end(m.before)
        between = m.before[end:] if end >= 0 else ""
        return end >= 0 and (between == " " if m.grade.verbal else between in {", ", " - ", " as "})

    def _is_for_aspects(self, m: Mention) -> bool:
        """Whether a grade is the next of a row by what it is for: "..., and good for being caring"."""
        given_for = cues.FOR.search(m.right)
        next_of_row = re.search(r"(?:,| and| but)(?: (?:rated|as))? $", m.before)
        return bool(given_for and next_of_row and self._named(given_for["what"], ""))

    def _statement(
        self, m: Mention, licence: _Licence, who_before: tuple[Named, ...], found: list[Statement]
    ) -> Statement | None:
        scope = self._scope(m)
        if scope is None:
            return None
        aspects, explicit, everyone = *scope, m.is_of_everyone()
        who = m.names_after() or m.names_before()
        if who and not m.names_after() and m.speaks_of_somebody_else():
            return None
        if cues.BEFORE_IT.search(m.clause()):
            return None  # the body that came before this one: its grades are its own
        if not who and (_ELSEWHERE if aspects else _BROKEN_OFF).search(m.before):
            return None  # "while in Warwickshire services ...": somebody else, and we do not know who
        when, year = m.when(
            moved_from=licence is _Licence.FROM,
            before=(found[-1].when, found[-1].year) if found else None,
        )
        return Statement(
            grade=m.grade.grade,
            rank=m.grade.rank,
            aspects=aspects,
            explicit=explicit,
            when=when,
            year=year,
            who=who or who_before,
            direction=None
            if when is When.THEN
            else m.direction(kept=licence is _Licence.KEPT, moved=licence is _Licence.TO),
            sentence=m.setting.sentence,
            in_heading=m.setting.heading,
            everyone=everyone and not who,
            spoken_of=None if who else m.kind_spoken_of(),
        )

    def _scope(  # noqa: C901, PLR0912 -- one rule a line, the surest first
        self, m: Mention
    ) -> tuple[tuple[str, ...], bool] | None:
        """The aspects a grade is for and whether "overall" is said; None where it is for we know not what."""
        # What stands beyond a semicolon speaks of another domain.
        beside = m.left[m.left.rfind(";") + 1 :] + m.right.partition(";")[0]
        around = f"{beside} . {m.setting.under}"
        clause = m.clause()
        last_aspect = self._aspects.last_end(clause)
        overall = last(cues.OVERALL_WORD, cues.NOT_THE_WHOLE.sub("", clause))
        if cues.OVERALL_AFTER.search(m.right) or (m.is_value_of_label() and cues.WHOLE_LABEL.search(m.left)):
            return (), True
        given_for = cues.FOR.search(m.right)
        if given_for:
            return self._given_for(given_for["what"], around, overall=overall >= 0)
        if overall > last_aspect:
            return (), True
        listed = cues.PARTS_NAMED.search(m.right)
        if listed and (named := self._named(listed["what"], around)):
            return named, False
        within = _IN.search(m.right)
        if within and (inner := self._named(within["what"], around)):
            return inner, False
        if self._by_aspects and cues.ACROSS_ALL.search(m.right):
            return self._all_of_domain(m.right[:120], around)
        if cues.PARTS_AFTER.search(m.right) and not cues.ACROSS_ALL.search(m.right):
            return self._all_of_domain(m.right[:120], around)
        named = self._aspects.named(clause, around)
        if cues.PARTS_COUNTED.search(clause) and self._aspects.are_domains(named):
            return self._all_of_domain(clause, around)
        if last_aspect >= 0:
            return self._of_subject(clause, last_aspect, named)
        if re.search(r"\beach $", m.left):
            return self._all_of_domain(clause, around)
        if m.is_of_everyone():
            return (), overall >= 0
        if cues.PARTS_RATED.search(clause):
            return None
        if _OF_A_DOING.search(clause):
            return None
        if cues.BODIES_COUNTED.search(clause) or (cues.ONE_BODY.search(clause) and not m.names_before()):
            return None
        if cues.COUNT_RIGHT_BEFORE.search(m.left):
            return None
        return (), False

    def _spelt_out(self, m: Mention, statement: Statement) -> Iterator[Statement]:
        """The aspects of "in all areas: staffing; services", each with the same grade."""
        listed = _ALL_LISTED.search(m.behind)
        if listed and not statement.aspects:
            aspects = self._aspects.named(listed["list"] or listed["those"], m.setting.under)
            if aspects:
                yield replace(statement, aspects=aspects, explicit=False)

    def _given_for(self, what: str, around: str, *, overall: bool) -> tuple[tuple[str, ...], bool] | None:
        named = self._named(what, around)
        if named:
            return named, False
        if _EXCEPTION.search(what):
            return None
        if cues.FOR_WHOLE.search(what):
            return (), overall
        return ((), True) if overall else None

    def _named(self, what: str, around: str) -> tuple[str, ...]:
        """The aspects that a grade is said to be for, none of those that are excepted."""
        found = _EXCEPTION.search(what)
        return self._aspects.named(what[: found.start()] if found else what, around)

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


_NUMBERS: Final = {
    word: number
    for number, words in enumerate(
        "two three four five six seven eight nine ten eleven twelve".split(), start=2
    )
    for word in (words, str(number))
}


def _unusable(template: Template) -> set[int]:
    """Grades that only stand in a list of the scale, or beside another one that it could be as well."""
    text, places = template.text, template.grade_at
    listed = [m.span() for m in cues.LISTED.finditer(text)]
    unusable = {i for i, (start, end) in enumerate(places) if any(a <= start and end <= b for a, b in listed)}
    for i, (start, end) in enumerate(places):
        if (
            cues.RANGE_AFTER.search(text[end : end + 40])
            or cues.RANGE_BEFORE.search(text[max(0, start - 40) : start])
            or (
                cues.HOLLOW.search(text[:start])
                and not template.grades[i].quoted
                and not cues.A_RATING.search(text[end:])
            )
        ):
            unusable.add(i)
    return unusable


def _paired(template: Template, found: list[Statement]) -> Iterator[Statement]:
    """The statements, without the former grade of a sum ("dragged down from A to B") that is no movement."""
    dragged = bool(cues.DRAGGED.search(template.text))
    for statement in found:
        if not (dragged and statement.when is When.THEN):
            yield statement


def _respectively(template: Template, found: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """One each, in order, where the text says "A and B were rated X and Y respectively"."""
    if "respectively" not in template.text or len(found) != len(template.names):
        return found
    return tuple(replace(s, who=(name,)) for s, name in zip(found, template.names, strict=True))
