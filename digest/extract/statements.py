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
from digest.extract.names import Named
from digest.extract.template import NAME, Template
from digest.reports import Direction


class When(StrEnum):
    NOW = "now"
    THEN = "then"  # at an inspection before
    DATED = "dated"  # in a year the sentence names: now or then is for the whole text to tell


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where a sentence stands."""

    sentence: str
    heading: bool  # it is one itself
    under: str  # the heading above it, in the form of `plain`


class _Licence(StrEnum):
    RATED = "rated"
    FROM = "from"
    TO = "to"
    KEPT = "kept"
    WORD = "word"  # the grade's own form or place


_BOUNDARY: Final = re.compile(r"[;:(]| - |\b(?:while|whereas|but|although|though|yet)\b")
_HARD: Final = re.compile(r"[;:]|\b(?:whereas)\b")
_BROKEN_OFF: Final = re.compile(r"\b(?:while|whereas)\b")
_ITS_OWN_SUBJECT: Final = re.compile(
    rf"{NAME}|\b(?:the|this|that|its?) (?:overall )?(?:service|unit|pdu|crc|yjs|yos|trust|company|division|region|"
    r"team|partnership|provider|school|home|force|hospital)\b"
)
_BACKDROP: Final = re.compile(
    r"\b(?:since|compared (?:with|to)|than (?:at|in)?|(?:improve\w*|better|progress) (?:on|from|over)) "
    r"(?:its|our|the|their) (?:last|previous|earlier|\d{4}) (?:inspection|visit|report|year|time|review)s?\b"
)
_UP: Final = re.compile(
    r"\b(?:upgrad\w+|rais(?:ed|es|ing)|lift(?:ed|s|ing)|promoted|improv\w+|climb\w*|jump\w*|leapt|leaps?|risen|rises?|"
    r"rose|rising|moved up|up)\b"
)
_DOWN: Final = re.compile(
    r"\b(?:downgrad\w+|dropp\w+|drops?|fell|fall\w*|slipp\w+|slips?|slump\w*|sank|sunk|plummeted|plunged|declined|"
    r"deteriorated|lowered|relegated|demoted|tumbled|slid|down)\b"
)
_PLAIN_MOVES: Final = re.compile(r"\b(?:upgrad\w+|downgrad\w+|raised|lowered|re ?rated)\b")
_CARRIES_ON: Final = re.compile(r"\b(?:was|is|has|were|are|been|had|now)\b")
_GROUP: Final = re.compile(rf"{NAME}(?:(?:, and|,| and| &) (?:the )?{NAME})*")
_AFTERWARDS: Final = re.compile(
    rf"^(?: (?:rating|overall|ratings))*(?: (?:was|is|has been|been|were))?(?: (?:given|awarded|handed|went|goes))? ?"
    rf"(?:(?:for|to|at|by) (?:both |the )?|: ?|\((?:both |the )?|(?<= ))(?P<group>{_GROUP.pattern})"
)
_ALL_LISTED: Final = re.compile(
    rf"^[^:;]{{0,20}}\b(?:all|every|each)\b[^:;]{{0,30}}\b{cues.PARTS}[^:;]{{0,20}}(?::| - )(?P<list>[^<]{{1,300}})$"
)
_KIND_SAID: Final = re.compile(
    r"\b(?:the|this|that) (?:whole |wider |overall )?(?P<kind>crc|pdu|region|division|trust|yjs|yos|yot)\b"
)
_ITS_TAIL: Final = re.compile(r"^(?: (?:rating|ratings|rated|overall))+")
_LABEL: Final = re.compile(r"^[^<.;:|]{1,70} ?[:|-] ?$")


class Reader:
    """Reads sentences by one scale's aspects."""

    def __init__(self, aspects: AspectWords, *, modern: bool) -> None:
        self._aspects = aspects
        self._modern = modern  # the text is surely from the scale's time: prose verdicts may be grades

    def statements(self, template: Template, setting: Setting) -> tuple[Statement, ...]:
        """What the sentence states, from left to right."""
        found: list[Statement] = []
        unusable = _unusable(template)
        who_before: tuple[Named, ...] = ()
        for i in range(len(template.grades)):
            mention = _Mention(template, i, setting)
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

    def _licence(self, m: _Mention, *, any_before: bool) -> _Licence | None:
        if cues.ADJECTIVE.search(m.right):
            return None
        if m.is_moved_from() or (cues.UP_FROM.search(m.left) and not m.is_moved_to() and m.formal):
            return _Licence.FROM
        if m.is_moved_to() or (cues.TO.search(m.left) and (m.formal or _PLAIN_MOVES.search(m.before))):
            return _Licence.TO
        if (cues.KEPT.search(m.left) or cues.KEEPS.search(m.left)) and (m.formal or m.is_called_rating()):
            return _Licence.KEPT
        if cues.RATED.search(m.left) or cues.RATING_OF.search(m.left) or m.is_called_rating():
            return _Licence.RATED
        if self._modern and cues.STANDARD_BEFORE.search(m.left) and cues.STANDARD.search(m.right):
            return _Licence.WORD
        return _Licence.WORD if self._by_form(m, any_before=any_before) else None

    def _by_form(self, m: _Mention, *, any_before: bool) -> bool:
        """Whether quotation marks or a capital, and the place it stands in, make the word a grade."""
        if m.grade.verbal and cues.PREDICATE.search(m.left) and (m.grade.quoted or any_before):
            return True
        if m.is_value_of_label() and self._aspects.last_end(m.left) >= 0:
            return True
        if not m.formal:
            return False
        return bool(
            cues.GIVEN.search(m.left)
            or cues.OVERALL_AFTER.search(m.right)
            or cues.OVERALL_LABEL.search(m.left)
            or cues.GLOSS_AFTER.search(m.right)
            or cues.EARLIER_WORD.search(m.left)
            or (m.grade.quoted and re.match(rf" (?:rated )?{NAME}", m.right))
            or (cues.LIST_GO_ON.search(m.left) and (any_before or m.names_before()))
            or (any_before and m.names_before())
            or (any_before and self._aspects.last_end(m.before) >= 0)
        )

    def _statement(
        self, m: _Mention, licence: _Licence, who_before: tuple[Named, ...], found: list[Statement]
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
        if not who and _BROKEN_OFF.search(m.before):
            return None  # "while in Warwickshire services ...": somebody else, and we do not know who
        when, year = m.when(licence is _Licence.FROM, found[-1] if found else None)
        return Statement(
            grade=m.grade.grade,
            rank=m.grade.rank,
            aspects=aspects,
            explicit=explicit,
            when=when,
            year=year,
            who=who or who_before,
            direction=m.direction(licence) if when is not When.THEN else None,
            sentence=m.setting.sentence,
            in_heading=m.setting.heading,
            everyone=everyone and not who,
            spoken_of=None if who else m.kind_spoken_of(),
        )

    def _scope(  # noqa: C901 -- one rule a line, the surest first
        self, m: _Mention
    ) -> tuple[tuple[str, ...], bool] | None:
        """The aspects a grade is for and whether "overall" is said; None where it is for we know not what."""
        around = f"{m.template.text} . {m.setting.under}"
        clause = m.clause()
        last_aspect = self._aspects.last_end(clause)
        overall = _last(cues.OVERALL_WORD, cues.NOT_THE_WHOLE.sub("", clause))
        if cues.OVERALL_AFTER.search(m.right):
            return (), True
        given_for = cues.FOR.search(m.right)
        if given_for:
            return self._given_for(given_for["what"], around, overall=overall >= 0)
        if overall > last_aspect:
            return (), True
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
        if cues.BODIES_COUNTED.search(clause) or (cues.ONE_BODY.search(clause) and not m.names_before()):
            return None
        if cues.COUNT_RIGHT_BEFORE.search(m.left):
            return None
        return (), False

    def _spelt_out(self, m: _Mention, statement: Statement) -> Iterator[Statement]:
        """The aspects of "in all areas: staffing; services", each with the same grade."""
        listed = _ALL_LISTED.search(m.behind)
        if listed and not statement.aspects:
            aspects = self._aspects.named(listed["list"], m.setting.under)
            if aspects:
                yield replace(statement, aspects=aspects, explicit=False)

    def _given_for(self, what: str, around: str, *, overall: bool) -> tuple[tuple[str, ...], bool] | None:
        named = self._aspects.named(what, around)
        if named:
            return named, False
        if cues.FOR_WHOLE.search(what):
            return (), overall
        return ((), True) if overall else None

    def _of_subject(
        self, clause: str, last_aspect: int, named: tuple[str, ...]
    ) -> tuple[tuple[str, ...], bool] | None:
        """The aspects as what is graded, unless somebody else came between them and the grade."""
        gap = clause[last_aspect:]
        if _ITS_OWN_SUBJECT.search(gap):
            return (), False
        doubtful = re.search(r"\bit\b", gap) or (re.search(NAME, clause[:last_aspect]) and "," in gap)
        return None if doubtful or not named else (named, False)

    def _all_of_domain(self, words: str, around: str) -> tuple[tuple[str, ...], bool] | None:
        """Every aspect of a domain, where all of them are spoken of and their number is right."""
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


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((m.end() for m in pattern.finditer(text)), default=-1)


class _Mention:
    """One grade word in its sentence, and what stands on either side of it."""

    def __init__(self, template: Template, index: int, setting: Setting) -> None:
        start, end = template.grade_at[index]
        self.template = template
        self.index = index
        self.setting = setting
        self.grade = template.grades[index]
        self.left = template.text[:start]
        self.right = template.text[end:]
        previous = template.grade_at[index - 1][1] if index else 0
        following = (
            template.grade_at[index + 1][0] if index + 1 < len(template.grades) else len(template.text)
        )
        # Since the grade before it, without the words that still belong to that one.
        self.before = _ITS_TAIL.sub("", template.text[previous:start]) if index else self.left
        self.behind = template.text[end:following]  # up to the next
        # A capital tells a grade from an adjective, but not in a headline nor as a sentence's first letter.
        self.formal = self.grade.quoted or (self.grade.capital and not setting.heading and start > 0)

    def clause(self) -> str:
        """What stands before it in its own clause; the label, where it is a label's value."""
        if not self.index and _LABEL.search(self.left):
            return self.left
        cut = _last(_BOUNDARY, self.before)
        return self.before[cut:] if cut >= 0 else self.before

    def is_value_of_label(self) -> bool:
        """Whether the whole line is a label and this grade: "Leadership: good"."""
        return not self.right.strip(" .;") and bool(_LABEL.search(self.left))

    def is_called_rating(self) -> bool:
        found = cues.A_RATING.search(self.right)
        return bool(found and (self.formal or "rat" in found[0]) and not self._is_plural_of_others())

    def _is_plural_of_others(self) -> bool:
        return bool(cues.BODIES_COUNTED.search(self.clause()))

    def is_moved_from(self) -> bool:
        return self._from_to(self.index) or (self.index > 0 and self._to_from(self.index - 1))

    def is_moved_to(self) -> bool:
        return self._to_from(self.index) or (self.index > 0 and self._from_to(self.index - 1))

    def _from_to(self, i: int) -> bool:
        """Whether grades `i` and the next are "from A to B"."""
        left, between = self._around(i)
        return bool(
            cues.FROM.search(left) and between is not None and cues.TO_AFTER_FROM.search(between)
        ) and (self._speaks_of_moving())

    def _to_from(self, i: int) -> bool:
        """Whether grades `i` and the next are "to B from A" or "B, up from A"."""
        left, between = self._around(i)
        return bool(
            between is not None
            and cues.FROM_AFTER_TO.search(between)
            and not cues.FROM.search(left)
            and self._speaks_of_moving()
        )

    def _around(self, i: int) -> tuple[str, str | None]:
        places, text = self.template.grade_at, self.template.text
        between = text[places[i][1] : places[i + 1][0]] if i + 1 < len(places) else None
        return text[: places[i][0]], between

    def _speaks_of_moving(self) -> bool:
        text = self.template.text
        return not re.search(r"\brang(?:e|es|ed|ing) from\b", text) and bool(
            re.search(rf"\b{cues.MOVED}\b|\b{cues.RATING_NOUN}\b", text)
        )

    def is_taken_back(self) -> bool:
        """Whether the words before it deny it, or only wish for it."""
        clause = self.left[max(0, _last(_HARD, self.left)) :]
        return bool(cues.NEGATED.search(clause) or cues.ONLY_WISHED.search(clause))

    def names_before(self) -> tuple[Named, ...]:
        """The last providers named since the grade before, together where they are joined by "and"."""
        groups = list(_GROUP.finditer(self.before))
        return self._named(groups[-1][0]) if groups else ()

    def is_of_everyone(self) -> bool:
        """Whether it is said of "both services" or "each", without their names."""
        clause = self.clause()
        return bool(cues.EVERYONE.search(clause)) and not re.search(NAME, clause)

    def kind_spoken_of(self) -> str | None:
        """The kind of body that the words before it speak of without a name: "the region"."""
        spoken = list(_KIND_SAID.finditer(self.before))
        return spoken[-1]["kind"] if spoken else None

    def speaks_of_somebody_else(self) -> bool:
        """Whether the providers before it are named for comparison only."""
        groups = list(_GROUP.finditer(self.before))
        return bool(groups and cues.SOMEBODY_ELSE.search(self.before[: groups[-1].start()]))

    def names_after(self) -> tuple[Named, ...]:
        """The providers that the grade is said to be of, after it."""
        found = _AFTERWARDS.search(self.behind)
        return self._named(found["group"]) if found else ()

    def _named(self, group: str) -> tuple[Named, ...]:
        return tuple(self.template.names[int(n)] for n in re.findall(r"<p(\d+)>", group))

    def when(self, moved_from: bool, before: Statement | None) -> tuple[When, int | None]:
        """Whether it is the rating of this inspection, and the year that is named with it."""
        dated = cues.YEAR_AFTER.search(self.behind)
        year = int(dated["year"]) if dated else None
        if moved_from:
            return When.THEN, year
        stretch = self._before_the_pair() if self.is_moved_to() else self.before
        left = _BACKDROP.sub(" ", stretch[max(0, _last(_HARD, stretch)) :])
        past, present = _last(cues.PAST, left), _last(cues.PRESENT, left)
        years = [int(y) for y in cues.YEAR.findall(left)]
        if past > present:
            return When.THEN, year or (years[-1] if years else None)
        if self._past_follows():
            return When.THEN, year
        if year is not None:
            return When.DATED, year
        soft = _last(cues.DATED_LEFT, left)
        if soft > present:
            return When.DATED, years[-1] if years else None
        if (
            before is not None
            and not self.is_moved_to()
            and before.when is not When.NOW
            and not _CARRIES_ON.search(self.before)
        ):
            return before.when, before.year
        return When.NOW, None

    def _past_follows(self) -> bool:
        """Whether "at its last inspection" or the like follows, for this grade and not for the next."""
        found = cues.PAST_AFTER.search(self.behind)
        is_last = self.index + 1 == len(self.template.grades)
        return bool(found and (is_last or re.search(r"[,;]| and | but ", self.behind[found.end() :])))

    def _before_the_pair(self) -> str:
        """What stands before "from A to this": the grade it moved from tells nothing of when."""
        first = self.index - 1 if self.index and self._from_to(self.index - 1) else self.index
        start = self.template.grade_at[first - 1][1] if first else 0
        return self.template.text[start : self.template.grade_at[first][0]]

    def direction(self, licence: _Licence) -> Direction | None:
        """The movement that the grade's own words claim."""
        if licence is _Licence.KEPT:
            return Direction.UNCHANGED
        if licence is not _Licence.TO or cues.DRAGGED.search(self.left):
            return None
        up, down = bool(_UP.search(self.left[-120:])), bool(_DOWN.search(self.left[-120:]))
        if up == down:
            return None
        return Direction.UPGRADE if up else Direction.DOWNGRADE


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
