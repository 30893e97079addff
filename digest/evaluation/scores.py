"""Scores: marks counted, for each measure and for whole texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, lgamma, log
from typing import Any, Final
from zlib import crc32

from digest.evaluation.labels import Label
from digest.evaluation.marks import FALSE_ALARM, JUDGEMENT, MEASURES, OVERALL, PUBLISHED, Mark, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How one measure did, in claims."""

    right: int
    announced: int
    wanted: int

    @property
    def precision(self) -> float:
        """The share of the announced claims that is right; 1 if nothing was announced."""
        return self.right / self.announced if self.announced else 1.0

    @property
    def recall(self) -> float:
        """The share of the wanted claims that was announced; 1 if there are none."""
        return self.right / self.wanted if self.wanted else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many of a number of texts."""

    counted: int
    of: int

    @property
    def share(self) -> float:
        return self.counted / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The lowest and the highest likely true share, with 95 % confidence."""
        return interval(self.counted, self.of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """How a reader did on a number of texts."""

    texts: int
    measures: Mapping[str, Score]
    wrong: tuple[str, ...]  # ids of the texts with a wrong claim about somebody's ratings
    wrong_announcing: Count  # of the texts that tell what an inspection found
    wrong_quiet: Count  # of those that do not
    wrong_dates: Count  # of the texts whose day of publication was labelled
    false_alarms: int  # texts that report no inspection, but of which something was announced
    quiet: int  # such texts in all
    misses: tuple[Mark, ...]

    @property
    def rating(self) -> Score:
        """Overall grades and judgements together."""
        parts = [self.measures[OVERALL], self.measures[JUDGEMENT]]
        return Score(
            right=sum(p.right for p in parts),
            announced=sum(p.announced for p in parts),
            wanted=sum(p.wanted for p in parts),
        )

    @property
    def named(self) -> Mapping[str, Score]:
        """The score of each measure by its name; "rating" comes first."""
        return {"rating": self.rating, **self.measures}

    @property
    def wrong_texts(self) -> Count:
        return Count(counted=len(self.wrong), of=self.texts)


def scored(labels: Sequence[Label], found: Iterable[Mark]) -> Scores:
    """Count the marks of these texts; marks of other texts are ignored."""
    scored_texts = {label.id: label for label in labels if not label.ambiguous}
    marks = tuple(mark for mark in found if mark.text in scored_texts)
    wrong = tuple(dict.fromkeys(mark.text for mark in marks if mark.misleads))
    announcing = {id for id, label in scored_texts.items() if label.announces}
    dated = [label for label in scored_texts.values() if label.dated]
    dates = {m.text for m in marks if m.measure == PUBLISHED and m.result is Result.WRONG}
    return Scores(
        texts=len(scored_texts),
        measures={m: _counted(marks, m) for m in MEASURES},
        wrong=wrong,
        wrong_announcing=Count(counted=len(announcing.intersection(wrong)), of=len(announcing)),
        wrong_quiet=Count(counted=len({*wrong} - announcing), of=len(scored_texts) - len(announcing)),
        wrong_dates=Count(counted=len(dates), of=len(dated)),
        false_alarms=len({mark.text for mark in marks if mark.measure == FALSE_ALARM}),
        quiet=len(scored_texts) - len(announcing),
        misses=tuple(mark for mark in marks if mark.result is not Result.RIGHT),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """Labels and the marks of their texts."""

    labels: tuple[Label, ...]
    marks: tuple[Mark, ...]

    @property
    def scores(self) -> Scores:
        return scored(self.labels, self.marks)

    def by(self, group: Callable[[Label], str | None]) -> dict[str, Scores]:
        """The scores of each group of texts."""
        return scored_by(self.labels, self.marks, group)


def below(floor: Mapping[str, Any], scores: Scores) -> list[str]:
    """Each score that is worse than `floor` allows, in words.

    `floor` has "scores": the least precision and recall of measures by name, with four decimals. It may also
    have the most "false_alarms" and "wrong_texts".
    """
    fallen = []
    for name, least in floor["scores"].items():
        score = scores.named[name]
        for key, share in (("precision", score.precision), ("recall", score.recall)):
            now = round(share, 4)
            if now < least[key]:
                fallen.append(f"{name} {key} fell: {now} < {least[key]}")
    counts = {"false_alarms": scores.false_alarms, "wrong_texts": scores.wrong_texts.counted}
    for key, number in counts.items():
        if number > floor.get(key, number):
            fallen.append(f"{key.replace('_', ' ')} rose: {number} > {floor[key]}")
    return fallen


def in_part(text: str, n: int, of: int) -> bool:
    """Whether the text with this id is in the n-th of so many parts, counted from 1."""
    return crc32(text.encode()) % of == n - 1


def scored_by(
    labels: Sequence[Label], found: Sequence[Mark], group: Callable[[Label], str | None]
) -> dict[str, Scores]:
    """The scores of each group of texts, by the group's name; a text without one is in none."""
    groups: dict[str, list[Label]] = {}
    for label in labels:
        name = group(label)
        if name is not None:
            groups.setdefault(name, []).append(label)
    return {name: scored(own, found) for name, own in sorted(groups.items())}


def speaker(label: Label) -> str | None:
    """The inspectorate's own pages are "official", all others "retelling"; None if the label has no genre."""
    if label.genre is None:
        return None
    return "official" if label.genre.official else "retelling"


def genre(label: Label) -> str:
    return str(label.genre) if label.genre else "(no genre)"


def inspectorate(label: Label) -> str:
    return label.inspectorate or "(none)"


def _counted(found: Iterable[Mark], measure: str) -> Score:
    own = [mark for mark in found if mark.measure == measure]
    results = Counter(mark.result for mark in own)
    return Score(
        right=results[Result.RIGHT],
        announced=sum(mark.told is not None for mark in own),
        wanted=sum(mark.wanted is not None for mark in own),
    )


CONFIDENCE: Final = 0.95
_STEPS: Final = 60  # halvings: more than a float has digits


def interval(counted: int, of: int, *, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The lowest and the highest true share for which such a count is likely, by Clopper and Pearson."""
    if of == 0:
        return 0.0, 1.0
    tail = (1 - confidence) / 2
    low = 0.0 if counted == 0 else _where(lambda p: 1 - _at_most(counted - 1, of, p) > tail)
    high = 1.0 if counted == of else _where(lambda p: _at_most(counted, of, p) < tail)
    return low, high


def _where(beyond: Callable[[float], bool]) -> float:
    """The smallest share for which `beyond` holds."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if beyond(middle) else (middle, high)
    return (low + high) / 2


def _at_most(count: int, of: int, share: float) -> float:
    """The probability of at most `count` hits in `of` tries, each with probability `share`."""
    hit, miss = log(share), log(1 - share)
    ways = lgamma(of + 1)
    return sum(
        exp(ways - lgamma(k + 1) - lgamma(of - k + 1) + k * hit + (of - k) * miss) for k in range(count + 1)
    )
