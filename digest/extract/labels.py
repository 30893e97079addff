"""What a short text means if it consists only of labels, grades and times of one scale.

"Safe: Good", "Overall effectiveness Good (2)" and "Previous inspection" are such texts. A text with
any other word is prose, and is not read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum, auto
from functools import lru_cache
from typing import Final

from digest.extract.aspects import AspectWords, comparable
from digest.extract.dates import MONTH, date_parts
from digest.extract.phrases import options
from digest.ratings import Inspectorate, Scale

LONGEST: Final = 300  # characters of a text that may be labels and grades alone
_MOST_TOKENS: Final = 80
_LONG_PHRASE: Final = 2  # words
_MANY_WORDS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One grade of the scale."""

    grade: str
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The words that say what is graded."""

    words: str  # as `comparable` writes them; empty: the service as a whole
    general: bool = False  # "rating" alone: for whatever the heading above it names

    @property
    def whole(self) -> bool:
        return not self.words


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When a grade was given, as far as a label says."""

    former: bool | None = None  # None: nothing says so
    year: int | None = None
    day: date | None = None

    def or_else(self, other: Moment) -> Moment:
        """This moment, with gaps filled from `other`; but a former grade never takes the day of `other`."""
        former = other.former if self.former is None else self.former
        if self.year is not None or self.former:
            return Moment(former=former, year=self.year, day=self.day)
        return Moment(former=former, year=other.year, day=other.day)

    @property
    def known(self) -> bool:
        return self.former is not None or self.year is not None

    @property
    def first_day(self) -> date:
        """The day to order a dated moment by."""
        assert self.year is not None
        return self.day or date(self.year, 1, 1)


UNTIMED: Final = Moment()
"""For a grade without any words about time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A grade and what it is for."""

    label: Label
    step: Step
    moment: Moment = UNTIMED


class LineKind(Enum):
    """What a short text is, taken whole."""

    EMPTY = auto()
    NEUTRAL = auto()  # "Our ratings": says that grades follow, but not for what
    LABEL = auto()
    GRADE = auto()
    MOMENT = auto()  # "Previous inspection", "8 June 2021"
    PAIRS = auto()
    STEPS = auto()  # several grades and no label: the scale, as it is listed for the reader
    PROSE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a short text means."""

    kind: LineKind
    labels: tuple[Label, ...] = ()
    step: Step | None = None
    steps: tuple[Step, ...] = ()
    pairs: tuple[Pair, ...] = ()
    moment: Moment = UNTIMED
    number: int | None = None  # the number, where the text is only a number
    marked: bool = False  # "(this school's grade)"
    rates: bool = False  # it mentions ratings


_EMPTY: Final = Meaning(kind=LineKind.EMPTY)
_PROSE: Final = Meaning(kind=LineKind.PROSE)

# -- tokens -----------------------------------------------------------------------------------------------

_DATE: Final = (
    rf"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?(?:\d{{1,2}}(?:st|nd|rd|th)? ?(?:–|and|to|&) ?)?"
    rf"(?:(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? )?(?P<m1>{MONTH})\.?,? (?P<y1>(?:19|20)\d\d)(?!\d)"
    rf"|(?P<y2>(?:19|20)\d\d) (?P<m2>\d\d) (?P<d2>\d\d)(?!\d)"  # a day's hyphens are blanks by now
    rf"|(?P<d3>\d{{1,2}})[/.](?P<m3>\d{{1,2}})[/.](?P<y3>(?:19|20)\d\d)(?!\d)"
    rf"|(?P<y4>(?:19|20)\d\d)(?:[/–]\d{{2,4}})?(?![\d/])"
)
_FORMER: Final = (
    r"(?:previous(?:ly)?|former(?:ly)?|prior|last|earlier|before|old|historic(?:al)?|archived?|(?<=\()was)"
)
_CURRENT: Final = r"(?:this time|this|current(?:ly)?|latest|now|new|newest|today|most recent|recent)"
_NONE: Final = (
    r"(?:not previously inspected(?: as an? [a-z]+)?|not (?:yet )?(?:rated|graded|judged|inspected|assessed|applicable|evaluated)|no (?:rating|grade|judgement)"
    r"(?: given| yet)?|insufficient evidence(?: to rate)?|inspected but not rated|n/a|none|–|—)"
)
_WHOLE: Final = (
    r"(?:overall(?: (?:trust|hospital|location|service|provider|quality))?(?: (?:effectiveness|experiences? and progress(?: of (?:children|learners)"
    r"(?: and young people)?)?))?"
    r"(?: (?:quality|inspection|ratings?|grades?|judge?ment|outcome|result|score))*"
    r"|trust overall|(?:service|location|hospital) overall|overall for (?:the|this) (?:service|trust|location|provider)"
    r"|quality and standards of the early years provision"
    r"|(?:headline|summary) (?:rating|grade|judge?ment))"
)
_GENERAL: Final = (
    r"(?:rating|grade|judge?ment|evaluation|(?:inspection|quality|service) (?:rating|grade|judge?ment|outcome|result)"
    r"|inspection|outcome)"
)
_RATES: Final = re.compile(
    r"\b(?:ratings?|grades?|judge?ments?|evaluations?|rated|graded|scores?|outcomes?|results?)\b"
)
_FILLER: Final = (
    r"(?:ratings?|grades?|graded|rated|judge?ments?|evaluations?|evaluated as|inspections?|inspected|reports?|published|"
    r"assessments?|outcomes?|results?|visits?|summary|(?:key )?(?:questions?|areas?)|standards?|domains?|tests?|pillars?|"
    r"quality indicators?|qi|themes?|(?:healthy prison|healthy establishment) (?:tests?|outcomes?)|"
    r"read more about inspection ratings|see (?:the )?report|given|awarded|dates?|carried out|"
    r"our|its|the|this|that|their|a|an|at|in|for|of|on|by|as|to|and|with|is it|are they|(?:is|are) (?:the|this|our) "
    r"(?:services?|school|home|provider|trust)|(?:is|are) (?:services|people|children)|how well|service|provider|location|hospital|trust|practice|full|graded|ungraded|routine|"
    r"we gave the service these grades|\(only applies to [^()]{1,120}\)|people's needs|to people's needs|school's|service's)"
)
# "How was it rated for leadership?": the other words of a question whose answer is a grade.
_ASKED: Final = re.compile(r"(?:what|how|which|is|was|were|did)\b[^?]{1,120}\?", re.IGNORECASE)
_ASKING: Final = re.compile(
    r"\b(?:what|how|which|did|do|does|was|were|is|are|has|have|been|it|they|we|inspectors?|inspectorate|rate|score|judge|"
    r"grade|think of|find|home|school|prison|force|nursery|college|practice|surgery|hospital|unit|team|people)\b(?!['-])"
)
_MARK: Final = r"(?:\((?:this|our|current|the (?:current|school's|service's|home's))\b[^()]{0,30}\)|\(x\)|✓|✔|☑|←|◄|✅|selected)"
_TICKS: Final = frozenset("✓ ✔ ☑ ✅ ● • x yes tick ticked ◉ ⬤ ■ ★".split())
_CROSSES: Final = frozenset("✗ ✘ × ☐ ○ no – — - ☒ ❌ cross".split())


# The headings of two columns of a report, after its page was turned into lines.
_TWO_DATES: Final = re.compile(r"inspection dates?:? previous inspection(?: dates?)?:?")


class _T(Enum):
    MARK = auto()
    DATE = auto()
    LABEL = auto()
    WHOLE = auto()
    GENERAL = auto()
    GRADE = auto()
    NUMBER = auto()
    FORMER = auto()
    CURRENT = auto()
    NONE = auto()
    JOIN = auto()  # between a label and its grade
    STOP = auto()  # between pairs
    COMMA = auto()
    OPEN = auto()
    FILLER = auto()


# "Previous inspection: not applicable".
_OF_NO_GRADE: Final = frozenset(
    {_T.NONE, _T.STOP, _T.FILLER, _T.COMMA, _T.OPEN, _T.JOIN, _T.FORMER, _T.CURRENT, _T.GENERAL}
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: _T
    text: str
    start: int
    moment: Moment | None = None


@dataclass(slots=True)
class _Group:
    """A run of labels with the grades that follow them."""

    labels: list[Label] = field(default_factory=list)
    steps: list[tuple[Step, Moment]] = field(default_factory=list)
    moment: Moment = UNTIMED


_PARTING: Final = re.compile(r"(?<!\S)-+(?!\S)|(?<=\w)- |(?<=[a-z])-(?=\d(?!\d))|(?<=\d)-(?=[A-Z])")


@lru_cache(maxsize=2048)  # a page's lines are asked for several times
def normal(text: str) -> str:
    """A text in the form in which labels are compared; dashes between words stay."""
    straight = text.replace("’", "'").replace("‘", "'").replace("−", "-").replace("—", "–")
    straight = straight.replace("\N{LATIN CAPITAL LETTER A WITH CIRCUMFLEX}\xa0", " ").removesuffix(
        "\N{LATIN CAPITAL LETTER A WITH CIRCUMFLEX}"
    )  # a blank that was decoded twice
    straight = _PARTING.sub(" – ", straight)
    return "\n".join(comparable(line) for line in straight.split("\n"))


# The numbers of a scale's grades, best grade first, where texts print the number without the word.
_NUMBERED: Final = {"hmip-hpt-4": (4, 3, 2, 1), "ofsted-4": (1, 2, 3, 4)}
_BENT: Final = {"requires": ("requires", "require", "requiring"), "needs": ("needs", "need", "needing")}


class Vocabulary:
    """The words of one inspectorate's scale as labels and grades."""

    def __init__(self, scale: Scale, judge: Inspectorate) -> None:
        self.scale = scale
        self.aspects = AspectWords.of(scale)
        self._domains = {comparable(a.domain) for a in scale.aspects if a.domain}
        self._steps: dict[str, Step] = {}
        self.numbers: dict[int, Step] = {}
        self.lone_numbers = False  # a number alone is a grade in any layout, not only in tables
        for place, grade in enumerate(scale.grades):
            step = Step(grade=grade.name, rank=grade.rank)
            for words in (grade.name, *grade.aliases):
                if words.isdigit():
                    self.numbers[int(words)] = step
                    self.lone_numbers = True
                    continue
                for form in _forms(normal(words)):
                    self._steps.setdefault(form, step)
            if scale.key in _NUMBERED and place < len(_NUMBERED[scale.key]):
                self.numbers[_NUMBERED[scale.key][place]] = step
        labels = {normal(words) for a in scale.aspects for words in (*a.aliases, a.name)} | self._domains
        names = {normal(name) for name in (judge.name, *judge.aliases)}
        self._pattern = _token_pattern(labels, self._steps, names)
        self._long = re.compile(rf"\b(?:{options(w for w in labels if len(w.split()) >= _LONG_PHRASE)})\b")
        self._label = re.compile(rf"\b(?:{options(labels)})\b")
        self._grade = re.compile(rf"\b(?:{options(self._steps)})\b")
        self._said: dict[str, Meaning] = {}

    @staticmethod
    @lru_cache(maxsize=64)
    def of(scale: Scale, judge: Inspectorate) -> Vocabulary:
        """The words of a scale, made once."""
        return Vocabulary(scale, judge)

    def step(self, words: str) -> Step | None:
        """The grade of this name, if any."""
        return self._steps.get(normal(words))

    def grades_in(self, text: str) -> tuple[re.Match[str], ...]:
        """Where grade words stand in a text in the form of `normal`, whatever they mean there."""
        return tuple(self._grade.finditer(text))

    def step_of(self, found: re.Match[str]) -> Step:
        return self._steps[found[0]]

    def aspect(self, label: Label, around: str = "") -> str | None:
        """The aspect that a label names, within the domain that stands around it."""
        named = self.aspects.named(label.words, around)
        return named[0] if len(named) == 1 else None

    def labels_in(self, words: str) -> tuple[Label, ...]:
        """The labels in part of a sentence: all of its words, or phrases too long to mean anything else."""
        meaning = self.meaning_of(words)
        if meaning.kind is LineKind.LABEL:
            return meaning.labels if not meaning.moment.known else ()
        found = (m[0] for m in self._long.finditer(normal(words)))
        return tuple(Label(words=phrase) for phrase in dict.fromkeys(found))

    def is_domain(self, label: Label) -> bool:
        return label.words in self._domains

    def meaning_of(self, text: str) -> Meaning:
        """What a short text means as a whole."""
        if len(text) > LONGEST:
            return _PROSE
        found = self._said.get(text)
        if found is None:
            found = self._read(text)
            if len(self._said) < 4096:
                self._said[text] = found
        return found

    def _read(self, text: str) -> Meaning:
        words = normal(text)
        if not words or words in {"-", "–", "—"} or _TWO_DATES.fullmatch(words):
            return _EMPTY
        tokens = self._tokens(words)
        if tokens is None and (question := _ASKED.match(words)):
            words = self._without_asking(words[: question.end()]) + words[question.end() :]
            tokens = self._tokens(words)
        if tokens is None:
            return _PROSE
        return self._meaning_by(tokens, text, words)

    def _without_asking(self, question: str) -> str:
        """A question reduced to the labels that it asks about; unchanged if it names a grade."""
        if self._grade.search(question):
            return question
        kept = [m.span() for m in self._label.finditer(question)]
        return _ASKING.sub(
            lambda m: m[0] if any(a <= m.start() < b for a, b in kept) else " ",
            question,
        )

    def _tokens(self, words: str) -> list[_Token] | None:
        """The tokens of a text; None if some of its words are not tokens."""
        tokens: list[_Token] = []
        place = 0
        while place < len(words):
            found = self._pattern.match(words, place)
            if found is None or found.end() == place or len(tokens) >= _MOST_TOKENS:
                return None
            place = found.end()
            kind = found.lastgroup
            if kind == "space":
                continue
            group = next(name for name in _GROUPS if found[name] is not None)
            moment = _date_of(found) if group == "DATE" else None
            if group == "DATE" and moment is None:
                return None
            tokens.append(_Token(_T[group], found[0].strip(), found.start(), moment))
        return tokens

    # -- the sentence's parts -----------------------------------------------------------------------------

    def _meaning_by(self, tokens: list[_Token], text: str, words: str) -> Meaning:
        rates = _RATES.search(words) is not None
        marked = any(t.kind is _T.MARK for t in tokens)
        kinds = {t.kind for t in tokens}
        if _T.NONE in kinds and kinds <= _OF_NO_GRADE:
            return _EMPTY
        if kinds == {_T.NUMBER} and len(tokens) == 1 and tokens[0].text.isdigit():
            return Meaning(kind=LineKind.NEUTRAL, number=int(tokens[0].text), rates=rates)
        found = self._groups(tokens, text, words)
        if found is None:
            return _PROSE
        groups, moment = found
        labels = tuple(label for g in groups for label in g.labels)
        steps = tuple(step for g in groups for step, _ in g.steps)
        if not labels and not steps:
            kind = LineKind.MOMENT if moment.known else LineKind.NEUTRAL
            return Meaning(kind=kind, moment=moment, rates=rates)
        if not steps:
            return Meaning(kind=LineKind.LABEL, labels=labels, moment=moment, rates=rates)
        if not labels:
            if len(steps) == 1:
                moment = next(own for g in groups for _, own in g.steps).or_else(moment)
                return Meaning(
                    kind=LineKind.GRADE, step=steps[0], steps=steps, moment=moment, marked=marked, rates=rates
                )
            return Meaning(kind=LineKind.STEPS, steps=steps, rates=rates)
        pairs = self._pairs(groups, moment)
        if not pairs:
            return Meaning(kind=LineKind.STEPS, labels=labels, steps=steps, rates=rates)
        return Meaning(kind=LineKind.PAIRS, pairs=tuple(pairs), labels=labels, steps=steps, rates=rates)

    def _groups(  # noqa: C901, PLR0912 -- one arm a kind of token
        self, tokens: Sequence[_Token], text: str, words: str
    ) -> tuple[list[_Group], Moment] | None:
        """The labels and grades in their order, and the moment that the text as a whole names."""
        first = next(
            (
                t.kind
                for i, t in enumerate(tokens)
                if t.kind in {_T.LABEL, _T.WHOLE, _T.GRADE}
                or (t.kind is _T.GENERAL and _joins_next(tokens, i))
            ),
            None,
        )
        grade_first = first is _T.GRADE
        groups = [_Group()]
        whole_moment = Moment()
        pending = Moment()  # a time that was named, whose grade has not come yet
        joined = False  # there is a colon or dash between the last label or grade and this token
        for index, token in enumerate(tokens):
            group = groups[-1]
            match token.kind:
                case _T.FORMER | _T.CURRENT:
                    pending = Moment(former=token.kind is _T.FORMER, year=pending.year, day=pending.day)
                case _T.DATE:
                    assert token.moment is not None
                    if group.steps and not pending.known and not _grade_follows(tokens, index):
                        step, moment = group.steps[-1]
                        group.steps[-1] = (
                            step,
                            Moment(former=moment.former, year=token.moment.year, day=token.moment.day),
                        )
                    else:
                        pending = Moment(former=pending.former, year=token.moment.year, day=token.moment.day)
                case _T.LABEL | _T.WHOLE | _T.GENERAL:
                    if token.kind is _T.GENERAL and (
                        any(g.labels for g in groups) or not _joins_next(tokens, index) or grade_first
                    ):
                        continue
                    if group.steps and not grade_first:
                        groups.append(group := _Group())
                    if grade_first and not joined and not group.labels:
                        return None  # "Good leadership"
                    group.labels.append(
                        Label(
                            words=token.text if token.kind is _T.LABEL else "",
                            general=token.kind is _T.GENERAL,
                        )
                    )
                    if pending.known and not grade_first:
                        group.moment, pending = pending, Moment()
                    joined = False
                case _T.GRADE | _T.NUMBER:
                    value = self._step_at(tokens, index)
                    if value is None:
                        if token.kind is _T.GRADE:
                            return None
                        continue
                    if (
                        not grade_first
                        and group.labels
                        and not joined
                        and not _is_sole_value(tokens, index)
                        and not _stands_out(token, text, words)
                    ):
                        return None  # "leadership requires improvement" is a sentence
                    if grade_first and group.labels:
                        groups.append(group := _Group())
                    group.steps.append((value, pending))
                    pending = Moment()
                    joined = False
                case _T.JOIN if pending.known and _opens_all(tokens, index):
                    whole_moment, pending = pending, Moment()
                case _T.JOIN | _T.OPEN | _T.STOP | _T.COMMA:
                    joined = joined or token.kind in {_T.JOIN, _T.OPEN} or (token.kind is _T.STOP)
                case _T.FILLER:
                    joined = joined or (grade_first and token.text in {"for", "in", "at"})
                case _:
                    pass
        if pending.known:
            whole_moment = pending
        groups = [g for g in groups if g.labels or g.steps]
        return groups, whole_moment

    def _step_at(self, tokens: Sequence[_Token], index: int) -> Step | None:
        """The grade of a word; a digit counts only as a label's value, with no grade word beside it."""
        token = tokens[index]
        if token.kind is _T.GRADE:
            step = self._steps[token.text]
            beside = [t for t in self._beside(tokens, index) if t.text.isdigit()]
            wrong = any(self.numbers.get(int(t.text), step).grade != step.grade for t in beside)
            return None if wrong and self.lone_numbers else step
        if not self.lone_numbers and _is_sole_value(tokens, index):
            return self.numbers.get(int(token.text))
        if not self.lone_numbers or not token.text.isdigit():
            return None
        if any(t.kind is _T.GRADE for t in self._beside(tokens, index)):
            return None
        before = tokens[index - 1] if index else None
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        valued = before is not None and before.kind in {_T.JOIN, _T.LABEL} and index > 1
        ends = after is None or after.kind in {_T.STOP, _T.COMMA, _T.OPEN}
        labelled = any(t.kind in {_T.LABEL, _T.WHOLE} for t in tokens[:index])
        return self.numbers.get(int(token.text)) if valued and ends and labelled else None

    @staticmethod
    def _beside(tokens: Sequence[_Token], index: int) -> Iterator[_Token]:
        """The tokens on either side of a value, beyond a dash or bracket."""
        for way in (-1, 1):
            place = index + way
            steps = 0
            while 0 <= place < len(tokens) and steps < 2:
                token = tokens[place]
                if token.kind in {_T.GRADE, _T.NUMBER}:
                    yield token
                    break
                if token.kind not in {_T.JOIN, _T.OPEN} or token.text in {":", "?"}:
                    break
                place, steps = place + way, steps + 1

    def _pairs(self, groups: Iterable[_Group], moment: Moment) -> list[Pair]:
        """Each label with its grade; no pairs at all if one of them is unclear."""
        pairs: list[Pair] = []
        for group in groups:
            if not group.steps and group.labels:
                continue  # a domain's name above its parts
            if not group.labels:
                return []
            now = [(s, m) for s, m in group.steps]
            when = group.moment
            if len(now) == 1:
                step, own = now[0]
                pairs += [
                    Pair(label=la, step=step, moment=own.or_else(when).or_else(moment)) for la in group.labels
                ]
            elif len(group.labels) == len(now) and not any(m.known for _, m in now):
                pairs += [
                    Pair(label=la, step=step, moment=when.or_else(moment))
                    for la, (step, _) in zip(group.labels, now, strict=True)
                ]
            elif len(group.labels) == 1 and sum(not m.known for _, m in now) <= 1 and len(now) == 2:
                around = when.or_else(moment)
                pairs += [
                    # "Rating at last inspection: good. Before that: outstanding": both are former.
                    Pair(
                        label=group.labels[0],
                        step=step,
                        moment=replace(m, former=True) if around.former else m,
                    )
                    for step, m in _dated(now)
                ]
            else:
                return []
        return pairs


def _dated(now: Sequence[tuple[Step, Moment]]) -> Iterator[tuple[Step, Moment]]:
    """Two grades of one thing, the earlier one marked as former."""
    years = [m.year for _, m in now if m.year is not None]
    for step, moment in now:
        if moment.former is None and moment.year is not None and len(years) == len(now):
            yield step, Moment(former=moment.year < max(years), year=moment.year, day=moment.day)
        else:
            yield step, moment


def _is_sole_value(tokens: Sequence[_Token], index: int) -> bool:
    """Whether a number ends a line as its answer: after a long question, or in "This inspection: 2"."""
    kinds = [t.kind for t in tokens]
    if index + 1 < len(tokens) or not tokens[index].text.isdigit():
        return False
    if kinds[1:-1] == [_T.GENERAL, _T.JOIN]:
        return kinds[0] in {_T.CURRENT, _T.FORMER}
    before = tokens[index - 1] if index else None
    return before is not None and before.kind is _T.LABEL and len(before.text.split()) >= _MANY_WORDS


def _joins_next(tokens: Sequence[_Token], index: int) -> bool:
    """Whether a general word is the label of what follows: "Rating: Good"."""
    after = [t.kind for t in tokens[index + 1 : index + 3]]
    return after[:1] == [_T.GRADE] or after in ([_T.JOIN, _T.GRADE], [_T.JOIN, _T.NUMBER])


def _opens_all(tokens: Sequence[_Token], index: int) -> bool:
    """Whether the time before a colon applies to all that follows: "Previously: safe, good; caring, good"."""
    values = {_T.LABEL, _T.WHOLE, _T.GENERAL, _T.GRADE}
    times = {_T.FORMER, _T.CURRENT, _T.DATE}
    after = [t.kind for t in tokens[index + 1 :]]
    labels = sum(kind in {_T.LABEL, _T.WHOLE} for kind in after)
    return (
        labels > 1
        and times.isdisjoint(after)
        and values.isdisjoint(t.kind for t in tokens[:index] if t.kind is not _T.GENERAL)
    )


def _grade_follows(tokens: Sequence[_Token], index: int) -> bool:
    after = [t for t in tokens[index + 1 :] if t.kind not in {_T.FILLER, _T.COMMA}]
    return len(after) > 1 and after[0].kind is _T.JOIN and after[1].kind is _T.GRADE


def _stands_out(token: _Token, text: str, words: str) -> bool:
    """Whether a grade is written as a value, with a capital or in quotation marks."""
    if token.kind is _T.NUMBER:
        return False
    before = words[: token.start].count(token.text)
    places = [
        m.start() for m in re.finditer(re.escape(token.text).replace(r"\ ", r"[\s-]+"), text, re.IGNORECASE)
    ]
    place = places[before] if before < len(places) else -1
    return place >= 0 and (text[place].isupper() or text[place - 1 : place] in {"'", '"', "‘", "“"})


def _forms(words: str) -> Iterator[str]:
    first, _, rest = words.partition(" ")
    yield words
    if first in _BENT and rest:
        yield from (f"{form} {rest}" for form in _BENT[first])


_GROUPS: Final = (
    "MARK", "NONE", "DATE", "WHOLE", "LABEL", "GENERAL", "GRADE", "NUMBER", "CURRENT", "FORMER", "FILLER", "STOP",
    "JOIN", "COMMA", "OPEN",
)  # fmt: skip


def _token_pattern(labels: Iterable[str], grades: Iterable[str], names: Iterable[str]) -> re.Pattern[str]:
    end = r"(?!\w|'\w)"
    return re.compile(
        rf"(?P<space>[^\S\n]+)"
        rf"|(?P<MARK>{_MARK})"
        rf"|(?P<NONE>{_NONE}){end}(?=\s*$)"
        rf"|(?P<DATE>{_DATE}){end}"
        rf"|(?P<WHOLE>{_WHOLE}){end}"
        rf"|(?P<LABEL>{options(labels)}){end}"
        rf"|(?P<GENERAL>{_GENERAL}){end}(?=\s*[:–]|\s*$| (?:{options(grades)})\b)"
        rf"|(?P<GRADE>{options(grades)}){end}"
        rf"|(?P<NUMBER>(?:q|kq|qs|d|p|r|v|y)?\d{{1,3}}(?:\.\d{{1,2}}){{0,2}}(?: ?/ ?\d{{1,3}}|%| out of \d{{1,3}})?){end}"
        rf"|(?P<CURRENT>{_CURRENT}){end}"
        rf"|(?P<FORMER>{_FORMER}){end}"
        rf"|(?P<FILLER>{_FILLER}|{options(names)}){end}"
        r"|(?P<STOP>[|;•\n/·])"
        r"|(?P<JOIN>[:–=→>?])"
        r"|(?P<COMMA>[,&.!*\"'“”↑↓★☆⭐\N{VARIATION SELECTOR-16}\U0001f300-\U0001faff])"
        r"|(?P<OPEN>[()\[\]])"
    )


def _date_of(found: re.Match[str]) -> Moment | None:
    """The day, or else the year, that a match names; None where there is no such day."""
    if all(found[f"y{n}"] is None for n in "1234"):
        return None
    year, month, day = date_parts(found)
    try:
        return Moment(year=year, day=date(year, month, day) if day else None)
    except ValueError:
        return None


_DATED_OPENING: Final = re.compile(
    rf"(?:(?:full|short|standard|interim|monitoring|focused|comprehensive|inspection|inspected|report|visit|published|rated|on|of|the|"
    rf"section \d),? ){{0,5}}(?:{_DATE})(?= ?[:.,(–])"
)


def dated_opening(text: str) -> Moment | None:
    """The day or year at the start of a line, as in a list: "8 June 2019: ...", "Report, May 2020 (...)"."""
    found = _DATED_OPENING.match(normal(text[:80]))
    return _date_of(found) if found else None


def is_tick(text: str) -> bool:
    """Whether a cell means yes: the heading of its column applies."""
    return text.strip().casefold() in _TICKS


def is_cross(text: str) -> bool:
    """Whether a cell means no: the heading of its column does not apply."""
    return not text.strip() or text.strip().casefold() in _CROSSES
