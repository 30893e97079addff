"""What a short text means if it consists only of labels, grades and times of one scale.

"Safe: Good", "Overall effectiveness Good (2)" and "Previous inspection" are such texts. A text with
any other word is prose, and is not read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from digest.extract.aspects import AspectWords, comparable
from digest.extract.label_tokens import (
    DATE_HEADINGS,
    NO_GRADE,
    QUESTION,
    QUESTION_WORDS,
    RATING_WORDS,
    TOKEN_KINDS,
    Token,
    TokenKind,
    date_of,
    normal,
    token_pattern,
)
from digest.extract.labels import (
    EMPTY_LINE,
    PROSE_LINE,
    UNTIMED,
    Label,
    LineKind,
    Meaning,
    Moment,
    Pair,
    Step,
)
from digest.extract.phrases import options
from digest.ratings import Inspectorate, Scale

LONGEST: Final = 300  # characters of a text that may be labels and grades alone
_MOST_TOKENS: Final = 80
_MOST_SAID: Final = 4096  # texts whose meaning is remembered
_LONG_PHRASE: Final = 2  # words
_MANY_WORDS: Final = 8
# The numbers of a scale's grades, best grade first, where texts print the number without the word.
_NUMBERED: Final = {"hmip-hpt-4": (4, 3, 2, 1), "ofsted-4": (1, 2, 3, 4)}
_BENT: Final = {"requires": ("requires", "require", "requiring"), "needs": ("needs", "need", "needing")}


@dataclass(slots=True)
class _Group:
    """A run of labels with the grades that follow them."""

    labels: list[Label] = field(default_factory=list)
    steps: list[tuple[Step, Moment]] = field(default_factory=list)
    moment: Moment = UNTIMED


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
        self._pattern = token_pattern(labels, self._steps, names)
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
            return PROSE_LINE
        found = self._said.get(text)
        if found is None:
            found = self._read(text)
            if len(self._said) >= _MOST_SAID:
                self._said.clear()  # a process reads many pages: a full memory must not slow down the next ones
            self._said[text] = found
        return found

    def _read(self, text: str) -> Meaning:
        words = normal(text)
        if not words or words in {"-", "–", "—"} or DATE_HEADINGS.fullmatch(words):
            return EMPTY_LINE
        tokens = self._tokens(words)
        if tokens is None and (question := QUESTION.match(words)):
            words = self._without_asking(words[: question.end()]) + words[question.end() :]
            tokens = self._tokens(words)
        if tokens is None:
            return PROSE_LINE
        return self._meaning_by(tokens, text, words)

    def _without_asking(self, question: str) -> str:
        """A question reduced to the labels that it asks about; unchanged if it names a grade."""
        if self._grade.search(question):
            return question
        kept = [m.span() for m in self._label.finditer(question)]
        return QUESTION_WORDS.sub(
            lambda m: m[0] if any(a <= m.start() < b for a, b in kept) else " ",
            question,
        )

    def _tokens(self, words: str) -> list[Token] | None:
        """The tokens of a text; None if some of its words are not tokens."""
        tokens: list[Token] = []
        place = 0
        while place < len(words):
            found = self._pattern.match(words, place)
            if found is None or found.end() == place or len(tokens) >= _MOST_TOKENS:
                return None
            place = found.end()
            kind = found.lastgroup
            if kind == "space":
                continue
            group = next(name for name in TOKEN_KINDS if found[name] is not None)
            moment = date_of(found) if group == "DATE" else None
            if group == "DATE" and moment is None:
                return None
            tokens.append(Token(TokenKind[group], found[0].strip(), found.start(), moment))
        return tokens

    # -- the sentence's parts -----------------------------------------------------------------------------

    def _meaning_by(self, tokens: list[Token], text: str, words: str) -> Meaning:
        rates = RATING_WORDS.search(words) is not None
        marked = any(t.kind is TokenKind.MARK for t in tokens)
        kinds = {t.kind for t in tokens}
        if TokenKind.NONE in kinds and kinds <= NO_GRADE:
            return EMPTY_LINE
        if kinds == {TokenKind.NUMBER} and len(tokens) == 1 and tokens[0].text.isdigit():
            return Meaning(kind=LineKind.NEUTRAL, number=int(tokens[0].text), rates=rates)
        found = self._groups(tokens, text, words)
        if found is None:
            return PROSE_LINE
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
        self, tokens: Sequence[Token], text: str, words: str
    ) -> tuple[list[_Group], Moment] | None:
        """The labels and grades in their order, and the moment that the text as a whole names."""
        first = next(
            (
                t.kind
                for i, t in enumerate(tokens)
                if t.kind in {TokenKind.LABEL, TokenKind.WHOLE, TokenKind.GRADE}
                or (t.kind is TokenKind.GENERAL and _joins_next(tokens, i))
            ),
            None,
        )
        grade_first = first is TokenKind.GRADE
        groups = [_Group()]
        whole_moment = Moment()
        pending = Moment()  # a time that was named, whose grade has not come yet
        joined = False  # there is a colon or dash between the last label or grade and this token
        for index, token in enumerate(tokens):
            group = groups[-1]
            match token.kind:
                case TokenKind.FORMER | TokenKind.CURRENT:
                    pending = Moment(
                        former=token.kind is TokenKind.FORMER, year=pending.year, day=pending.day
                    )
                case TokenKind.DATE:
                    assert token.moment is not None
                    if group.steps and not pending.known and not _grade_follows(tokens, index):
                        step, moment = group.steps[-1]
                        group.steps[-1] = (
                            step,
                            Moment(former=moment.former, year=token.moment.year, day=token.moment.day),
                        )
                    else:
                        pending = Moment(former=pending.former, year=token.moment.year, day=token.moment.day)
                case TokenKind.LABEL | TokenKind.WHOLE | TokenKind.GENERAL:
                    if token.kind is TokenKind.GENERAL and (
                        any(g.labels for g in groups) or not _joins_next(tokens, index) or grade_first
                    ):
                        continue
                    if group.steps and not grade_first:
                        groups.append(group := _Group())
                    if grade_first and not joined and not group.labels:
                        return None  # "Good leadership"
                    group.labels.append(
                        Label(
                            words=token.text if token.kind is TokenKind.LABEL else "",
                            general=token.kind is TokenKind.GENERAL,
                        )
                    )
                    if pending.known and not grade_first:
                        group.moment, pending = pending, Moment()
                    joined = False
                case TokenKind.GRADE | TokenKind.NUMBER:
                    value = self._step_at(tokens, index)
                    if value is None:
                        if token.kind is TokenKind.GRADE:
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
                case TokenKind.JOIN if pending.known and _opens_all(tokens, index):
                    whole_moment, pending = pending, Moment()
                case TokenKind.JOIN | TokenKind.OPEN | TokenKind.STOP | TokenKind.COMMA:
                    joined = (
                        joined
                        or token.kind in {TokenKind.JOIN, TokenKind.OPEN}
                        or (token.kind is TokenKind.STOP)
                    )
                case TokenKind.FILLER:
                    joined = joined or (grade_first and token.text in {"for", "in", "at"})
                case _:
                    pass
        if pending.known:
            whole_moment = pending
        groups = [g for g in groups if g.labels or g.steps]
        return groups, whole_moment

    def _step_at(self, tokens: Sequence[Token], index: int) -> Step | None:
        """The grade of a word; a digit counts only as a label's value, with no grade word beside it."""
        token = tokens[index]
        if token.kind is TokenKind.GRADE:
            step = self._steps[token.text]
            beside = [t for t in self._beside(tokens, index) if t.text.isdigit()]
            wrong = any(self.numbers.get(int(t.text), step).grade != step.grade for t in beside)
            return None if wrong and self.lone_numbers else step
        if not self.lone_numbers and _is_sole_value(tokens, index):
            return self.numbers.get(int(token.text))
        if not self.lone_numbers or not token.text.isdigit():
            return None
        if any(t.kind is TokenKind.GRADE for t in self._beside(tokens, index)):
            return None
        before = tokens[index - 1] if index else None
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        valued = before is not None and before.kind in {TokenKind.JOIN, TokenKind.LABEL} and index > 1
        ends = after is None or after.kind in {TokenKind.STOP, TokenKind.COMMA, TokenKind.OPEN}
        labelled = any(t.kind in {TokenKind.LABEL, TokenKind.WHOLE} for t in tokens[:index])
        return self.numbers.get(int(token.text)) if valued and ends and labelled else None

    @staticmethod
    def _beside(tokens: Sequence[Token], index: int) -> Iterator[Token]:
        """The tokens on either side of a value, beyond a dash or bracket."""
        for way in (-1, 1):
            place = index + way
            steps = 0
            while 0 <= place < len(tokens) and steps < 2:
                token = tokens[place]
                if token.kind in {TokenKind.GRADE, TokenKind.NUMBER}:
                    yield token
                    break
                if token.kind not in {TokenKind.JOIN, TokenKind.OPEN} or token.text in {":", "?"}:
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


def _is_sole_value(tokens: Sequence[Token], index: int) -> bool:
    """Whether a number ends a line as its answer: after a long question, or in "This inspection: 2"."""
    kinds = [t.kind for t in tokens]
    if index + 1 < len(tokens) or not tokens[index].text.isdigit():
        return False
    if kinds[1:-1] == [TokenKind.GENERAL, TokenKind.JOIN]:
        return kinds[0] in {TokenKind.CURRENT, TokenKind.FORMER}
    before = tokens[index - 1] if index else None
    return before is not None and before.kind is TokenKind.LABEL and len(before.text.split()) >= _MANY_WORDS


def _joins_next(tokens: Sequence[Token], index: int) -> bool:
    """Whether a general word is the label of what follows: "Rating: Good"."""
    after = [t.kind for t in tokens[index + 1 : index + 3]]
    return after[:1] == [TokenKind.GRADE] or after in (
        [TokenKind.JOIN, TokenKind.GRADE],
        [TokenKind.JOIN, TokenKind.NUMBER],
    )


def _opens_all(tokens: Sequence[Token], index: int) -> bool:
    """Whether the time before a colon applies to all that follows: "Previously: safe, good; caring, good"."""
    values = {TokenKind.LABEL, TokenKind.WHOLE, TokenKind.GENERAL, TokenKind.GRADE}
    times = {TokenKind.FORMER, TokenKind.CURRENT, TokenKind.DATE}
    after = [t.kind for t in tokens[index + 1 :]]
    labels = sum(kind in {TokenKind.LABEL, TokenKind.WHOLE} for kind in after)
    return (
        labels > 1
        and times.isdisjoint(after)
        and values.isdisjoint(t.kind for t in tokens[:index] if t.kind is not TokenKind.GENERAL)
    )


def _grade_follows(tokens: Sequence[Token], index: int) -> bool:
    after = [t for t in tokens[index + 1 :] if t.kind not in {TokenKind.FILLER, TokenKind.COMMA}]
    return len(after) > 1 and after[0].kind is TokenKind.JOIN and after[1].kind is TokenKind.GRADE


def _stands_out(token: Token, text: str, words: str) -> bool:
    """Whether a grade is written as a value, with a capital or in quotation marks."""
    if token.kind is TokenKind.NUMBER:
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
