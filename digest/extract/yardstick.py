"""The yardstick: how often what a reading announces is right, measured on labelled texts.

A label says what a careful reader finds in one text; `marks` sets a reading beside it, claim by claim, and
`Scores` counts. Precision comes first: what is announced must be right, what is not announced is only missed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from digest.extract.aspects import AspectWords, plain
from digest.providers import normal_name
from digest.ratings import Inspectorates, Scale


class LabelledReport(BaseModel):
    """What a text says of one provider; None and absent mean that it does not say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: str | None = None
    overall: str | None = None
    previous: str | None = None
    direction: str = "unknown"
    judgements: Mapping[str, str] = {}
    previous_judgements: Mapping[str, str] = {}


class Label(BaseModel):
    """What a careful reader finds in one text; the keys of a line of `labels.jsonl`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    file: str
    kind: str  # single, multi, thematic, other
    inspectorate: str | None = None
    scale: str | None = None
    reports: tuple[LabelledReport, ...] = ()
    published: str | None = None
    ambiguous: bool = False
    others_rated: Any = None


class Verdict(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"  # announced, and not so
    MISSED = "missed"  # so, and not announced


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One claim of one text, as it should be and as it was read."""

    text: str  # the label's id
    measure: str
    about: str | None  # whose rating, and of which aspect
    wanted: str | None
    told: str | None
    evidence: str | None = None

    @property
    def verdict(self) -> Verdict:
        if self.told == self.wanted:
            return Verdict.RIGHT
        return Verdict.MISSED if self.told is None else Verdict.WRONG


OVERALL: Final = "overall"
JUDGEMENT: Final = "judgement"
PREVIOUS: Final = "previous"
MOVEMENT: Final = "movement"
PROVIDER: Final = "provider"
KIND: Final = "kind"
FALSE_ALARM: Final = "false alarm"

_KINDS: Final = {"single": "inspection"}
_NO_REPORT: Final = frozenset({"thematic", "other"})
_NOT_ANNOUNCED: Final = frozenset({"unknown", "not-comparable"})
# Words that say what sort of body it is, and not which one.
_SORT: Final = frozenset(
    "the crc pdu youth justice offending service services probation delivery unit community rehabilitation company "
    "division region nps national of in at for trust and hmp hmyoi yoi prison police force fire rescue nhs foundation "
    "school primary academy college care home house hospital council county city team".split()
)


def marks(label: Label, told: Mapping[str, Any], inspectorates: Inspectorates) -> Iterator[Mark]:
    """Every claim that a text makes or that was read of it; `told` has the shape of the contract."""
    if label.ambiguous:
        return
    yield _mark(label, KIND, None, _KINDS.get(label.kind, label.kind), told["kind"])
    if label.kind in _NO_REPORT:
        for report in told["reports"]:
            for mark in _claims_of(label, None, report, inspectorates):
                yield _mark(label, FALSE_ALARM, mark.about, None, mark.told, mark.evidence)
        return
    left = list(told["reports"])
    for want, one in _paired(label.reports, left):
        if want.provider is not None:
            name = one["provider"] if one else None
            right = _same(want.provider, name)
            yield _mark(label, PROVIDER, None, want.provider, want.provider if right else name)
        yield from _claims_of(label, want, one, inspectorates)
    if not label.others_rated:
        for extra in left:
            yield from _claims_of(label, None, extra, inspectorates)


def _mark(  # noqa: PLR0917 -- a record's fields, in their order
    label: Label,
    measure: str,
    about: str | None,
    wanted: str | None,
    told: str | None,
    why: str | None = None,
) -> Mark:
    return Mark(text=label.id, measure=measure, about=about, wanted=wanted, told=told, evidence=why)


def _paired(
    wanted: Sequence[LabelledReport], left: list[Any]
) -> Iterator[tuple[LabelledReport, Mapping[str, Any] | None]]:
    """Each labelled report with the one read of the same provider, which is taken out of `left`."""
    alone = len(wanted) == len(left) == 1
    for want in wanted:
        same = [r for r in left if alone or _same(want.provider, r["provider"])]
        if same:
            left.remove(same[0])
        yield want, same[0] if same else None


def _same(one: str | None, other: str | None) -> bool:
    """Whether two names are of one body: the words that tell it from its like are the same."""
    if one is None or other is None:
        return one is other
    first, second = _telling(one), _telling(other)
    return bool(first and second) and (first <= second or second <= first)


def _telling(name: str) -> frozenset[str]:
    words = normal_name(re.sub(r"['’]s\b|\([^)]*\)", "", name)).split()
    return frozenset(words) - _SORT or frozenset(words)


def _claims_of(
    label: Label,
    want: LabelledReport | None,
    one: Mapping[str, Any] | None,
    inspectorates: Inspectorates,
) -> Iterator[Mark]:
    """The rating, the former one, the movement and the judgements of one report, wanted or told."""
    want = want or LabelledReport()
    told: Mapping[str, Any] = one or {"provider": None, "judgements": (), "evidence": {}}
    scale = inspectorates.scale(told.get("scale") or label.scale or "")
    who = want.provider or told["provider"]
    evidence = told["evidence"]
    for measure, key, contract in (
        (OVERALL, want.overall, "overall"),
        (PREVIOUS, want.previous, "previous"),
        (MOVEMENT, None if want.direction in _NOT_ANNOUNCED else want.direction, "direction"),
    ):
        value = told.get(contract)
        value = None if value in _NOT_ANNOUNCED else value
        if key is not None or value is not None:
            yield _mark(label, measure, who, _grade(key, scale), _grade(value, scale), evidence.get(contract))
    yield from _judgements(label, want, told["judgements"], who, scale)


def _judgements(
    label: Label,
    want: LabelledReport,
    given: Sequence[Mapping[str, Any]],
    who: str | None,
    scale: Scale | None,
) -> Iterator[Mark]:
    """Labels name aspects in the text's words, at times several at once ("all four of case supervision").

    A wanted one is right where any aspect that its words name was read with its grade; what was read beyond
    that is wrong, unless such words cover it with the same grade.
    """
    words = AspectWords(scale) if scale else None
    left = list(given)
    for name, grade in want.judgements.items():
        own = [j for j in left if _covers(name, j["aspect"], words)]
        left = [j for j in left if j not in own]
        one = next(
            (j for j in own if _grade(j["grade"], scale) != _grade(grade, scale)), own[0] if own else None
        )
        read = _grade(one["grade"], scale) if one else None
        why = one["evidence"] if one else None
        yield _mark(label, JUDGEMENT, f"{who}: {name}", _grade(grade, scale), read, why)
    for extra in left:
        about = f"{who}: {extra['aspect']}"
        yield _mark(label, JUDGEMENT, about, None, _grade(extra["grade"], scale), extra["evidence"])


def _covers(wanted: str, aspect: str, words: AspectWords | None) -> bool:
    wanted = plain(wanted)
    if plain(aspect) == wanted:
        return True
    if words is None:
        return False
    return aspect in words.named(wanted) or aspect in words.of_domain(wanted)


def _grade(words: str | None, scale: Scale | None) -> str | None:
    grade = scale.grade(words) if words and scale else None
    return grade.name if grade else words and words.casefold()


# -- counting -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How one measure did, in claims."""

    right: int
    announced: int
    wanted: int

    @property
    def precision(self) -> float:
        """The share of what was announced that is right; 1 where nothing was."""
        return self.right / self.announced if self.announced else 1.0

    @property
    def recall(self) -> float:
        """The share of what should be announced that was; 1 where nothing should be."""
        return self.right / self.wanted if self.wanted else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """How a reader did on a number of texts."""

    texts: int
    measures: Mapping[str, Score]
    false_alarms: int  # texts that report no inspection, of which something was announced
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


def scored(labels: Sequence[Label], found: Iterable[Mark]) -> Scores:
    """Count the marks of these texts."""
    found = tuple(found)
    clear = [label for label in labels if not label.ambiguous]
    return Scores(
        texts=len(clear),
        measures={m: _counted(found, m) for m in (OVERALL, JUDGEMENT, PREVIOUS, MOVEMENT, PROVIDER, KIND)},
        false_alarms=len({mark.text for mark in found if mark.measure == FALSE_ALARM}),
        quiet=sum(label.kind in _NO_REPORT for label in clear),
        misses=tuple(mark for mark in found if mark.verdict is not Verdict.RIGHT),
    )


def _counted(found: Iterable[Mark], measure: str) -> Score:
    own = [mark for mark in found if mark.measure == measure]
    verdicts = Counter(mark.verdict for mark in own)
    return Score(
        right=verdicts[Verdict.RIGHT],
        announced=sum(mark.told is not None for mark in own),
        wanted=sum(mark.wanted is not None for mark in own),
    )
