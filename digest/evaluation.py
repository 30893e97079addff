"""Evaluation: how often a reading is right, measured on labelled texts.

A label says what a careful reader finds in one text; `marks` sets a reading beside it, claim by claim, and
`Scores` counts. Precision comes first: what is announced must be right, what is not announced is only missed.
What counts most is `wrong_texts`: claims of one text go wrong together, and one wrong claim is a wrong email.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import exp, lgamma, log
from typing import Any, Final
from zlib import crc32

from pydantic import BaseModel, ConfigDict, field_validator

from digest.extract.aspects import AspectWords, comparable
from digest.providers import normal_name
from digest.ratings import Inspectorates, Scale


class Genre(StrEnum):
    """What sort of page a text is."""

    RELEASE = "release"  # the inspectorate's own news
    REPORT = "report"  # its report, or its page about one body
    HISTORY = "history"  # its page that lists several inspections of one body
    NEWS = "news"  # a paper or a blog about a new inspection
    OWN_SITE = "own-site"  # the provider's page, or its owner's
    ROUND_UP = "round-up"  # several bodies' results
    MINUTES = "minutes"
    MENTION = "mention"  # a story about something else
    NATIONAL = "national"  # annual, thematic, statistics
    EXPLAINER = "explainer"
    CORRECTION = "correction"
    ENFORCEMENT = "enforcement"
    OPINION = "opinion"

    @property
    def official(self) -> bool:
        """Whether the inspectorate itself speaks of what it found."""
        return self in {Genre.RELEASE, Genre.REPORT, Genre.HISTORY}


class LabelledReport(BaseModel):
    """What a text says of one provider; None and absent mean that it does not say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: str | None = None
    overall: str | None = None
    previous: str | None = None
    direction: str = "unknown"
    judgements: Mapping[str, str] = {}
    previous_judgements: Mapping[str, str] | None = None  # None: nobody labelled them

    @field_validator("judgements", "previous_judgements", mode="before")
    @classmethod
    def _only_what_was_graded(cls, given: Any) -> Any:
        """An aspect whose grade is null was named without one."""
        if not isinstance(given, Mapping):
            return given
        return {aspect: grade for aspect, grade in given.items() if grade is not None}


class LabelledFinding(BaseModel):
    """One finding that the text gives, by how it begins."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str  # strength, improvement, recommendation
    text: str


class Label(BaseModel):
    """What a careful reader finds in one text."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    file: str
    kind: str  # single, multi, thematic, other
    url: str | None = None
    inspectorate: str | None = None
    scale: str | None = None
    genre: Genre | None = None
    reports: tuple[LabelledReport, ...] = ()
    published: str | None = None
    ambiguous: bool = False
    exact: bool | str = False  # the name must be read word for word: the first report's, or this one
    findings: tuple[LabelledFinding, ...] | None = None  # None: nobody labelled them

    @property
    def announces(self) -> bool:
        """Whether the text tells what an inspection of somebody found."""
        return self.kind not in {"thematic", "other"}

    @property
    def dated(self) -> bool:
        """Whether somebody looked for the day of publication; `published` is null where none stands there."""
        return "published" in self.model_fields_set

    @property
    def exact_name(self) -> str | None:
        """The provider's name, where it must be read word for word."""
        if isinstance(self.exact, str):
            return self.exact
        return self.reports[0].provider if self.exact and self.reports else None


__all__ = [
    "Evaluated",
    "Genre",
    "Label",
    "LabelledFinding",
    "LabelledReport",
    "Mark",
    "Score",
    "Scores",
    "marks",
    "scored",
]


class Result(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"  # announced, and not so
    MISSED = "missed"  # so, and not announced


OVERALL: Final = "overall"
JUDGEMENT: Final = "judgement"
PREVIOUS: Final = "previous"
FORMER: Final = "former judgement"
MOVEMENT: Final = "movement"
PROVIDER: Final = "provider"
EXACT: Final = "exact name"
FINDING: Final = "finding"
PUBLISHED: Final = "published"
KIND: Final = "kind"
FALSE_ALARM: Final = "false alarm"

MEASURES: Final = (
    OVERALL, JUDGEMENT, PREVIOUS, FORMER, MOVEMENT, PROVIDER, EXACT, FINDING, PUBLISHED, KIND,
)  # fmt: skip
# Claims about somebody's ratings: one that is wrong makes its text a wrong one.
_OF_RATINGS: Final = frozenset({OVERALL, JUDGEMENT, PREVIOUS, FORMER, MOVEMENT, FALSE_ALARM})
_KINDS: Final = {"single": "inspection"}
_NOT_ANNOUNCED: Final = frozenset({"unknown", "not-comparable"})
_SHORTEST_OPENING: Final = 3  # words by which a finding that was cut short is still known
# Words that say what sort of body it is, and not which one.
_SORT: Final = frozenset(
    """the crc pdu youth justice offending service services probation delivery unit community rehabilitation
    company division region nps national of in at for trust and hmp hmyoi yoi prison police force fire rescue
    nhs foundation school primary academy college care home house hospital council county city team""".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One claim of one text, as it should be and as it was read."""

    text: str  # the label's id
    measure: str
    about: str | None  # whose rating, and of which aspect
    wanted: str | None
    told: str | None
    evidence: str | None = None
    rated: bool = False  # of a provider's name: whether ratings were read beside it

    @property
    def result(self) -> Result:
        if self.told == self.wanted:
            return Result.RIGHT
        return Result.MISSED if self.told is None else Result.WRONG

    @property
    def misleads(self) -> bool:
        """Whether readers would be told of a rating that is wrong, or that belongs to another body."""
        return self.result is Result.WRONG and (self.rated or self.measure in _OF_RATINGS)


def marks(label: Label, reading: Mapping[str, Any], inspectorates: Inspectorates) -> Iterator[Mark]:
    """Every claim that a text makes or that was read of it; `reading` has the shape of the contract."""
    if label.ambiguous:
        return
    yield _mark(label, KIND, None, _KINDS.get(label.kind, label.kind), reading["kind"])
    yield from _published(label, reading.get("published"))
    yield from _findings(label, reading["reports"])
    if not label.announces:
        for report in reading["reports"]:
            for mark in _claims_of(label, None, report, inspectorates):
                yield replace(mark, measure=FALSE_ALARM, wanted=None)
        return
    left = list(reading["reports"])
    for place, (want, one) in enumerate(_paired(label.reports, left)):
        yield from _names(label, want, one, exact=label.exact_name if place == 0 else None)
        yield from _claims_of(label, want, one, inspectorates)
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


def _published(label: Label, told: str | None) -> Iterator[Mark]:
    if label.dated and (label.published or told):
        yield _mark(label, PUBLISHED, None, label.published, told)


# -- who ------------------------------------------------------------------------------------------------


def _paired(
    wanted: Sequence[LabelledReport], left: list[Any]
) -> Iterator[tuple[LabelledReport, Mapping[str, Any] | None]]:
    """Each labelled report with the one read of the same provider, which is taken out of `left`."""
    alone = len(wanted) == len(left) == 1
    for want in wanted:
        same = [r for r in left if alone or _same(want.provider, r["provider"])]
        one = max(same, key=lambda r: _likeness(want.provider, r["provider"]), default=None)
        if one is not None:
            left.remove(one)
        yield want, one


def _same(one: str | None, other: str | None) -> bool:
    """Whether two names are of one body: the words that tell it from its like are the same."""
    if one is None or other is None:
        return one is other
    first, second = _telling(one), _telling(other)
    return bool(first and second) and (first <= second or second <= first)


def _likeness(one: str | None, other: str | None) -> tuple[bool, int]:
    """How near two names are: spelt the same, and else by the words they share."""
    first, second = normal_name(one or ""), normal_name(other or "")
    return first == second, len({*first.split()} & {*second.split()})


def _telling(name: str) -> frozenset[str]:
    words = normal_name(re.sub(r"['’]s\b|\([^)]*\)", "", name)).split()
    return frozenset(words) - _SORT or frozenset(words)


def _names(
    label: Label, want: LabelledReport, one: Mapping[str, Any] | None, *, exact: str | None
) -> Iterator[Mark]:
    """The provider's name; where the text has none, an address may still have given one."""
    name = one["provider"] if one else None
    rated = one is not None and _announces(one)
    if want.provider is not None:
        right = _same(want.provider, name)
        mark = _mark(label, PROVIDER, None, want.provider, want.provider if right else name)
        yield replace(mark, rated=rated)
    if exact is not None:
        yield replace(_mark(label, EXACT, None, exact, name), rated=rated)


def _announces(report: Mapping[str, Any]) -> bool:
    movement = report.get("direction")
    return bool(
        report.get("overall")
        or report.get("previous")
        or report["judgements"]
        or (movement and movement not in _NOT_ANNOUNCED)
    )


# -- which grades ---------------------------------------------------------------------------------------


def _claims_of(
    label: Label,
    want: LabelledReport | None,
    one: Mapping[str, Any] | None,
    inspectorates: Inspectorates,
) -> Iterator[Mark]:
    """The rating, the former one, the movement and the judgements of one report, wanted or told."""
    want = want or LabelledReport()
    report: Mapping[str, Any] = one or {"provider": None, "judgements": (), "evidence": {}}
    scale = inspectorates.scale(report.get("scale") or label.scale or "")
    who = want.provider or report["provider"]
    evidence = report["evidence"]
    for measure, key, contract in (
        (OVERALL, want.overall, "overall"),
        (PREVIOUS, want.previous, "previous"),
        (MOVEMENT, None if want.direction in _NOT_ANNOUNCED else want.direction, "direction"),
    ):
        value = report.get(contract)
        value = None if value in _NOT_ANNOUNCED else value
        if key is not None or value is not None:
            yield _mark(label, measure, who, _grade(key, scale), _grade(value, scale), evidence.get(contract))
    yield from _judgements(label, JUDGEMENT, want.judgements, report["judgements"], who, scale)
    if want.previous_judgements is not None:
        former = [j | {"grade": j["previous"]} for j in report["judgements"] if j.get("previous")]
        yield from _judgements(label, FORMER, want.previous_judgements, former, who, scale)


def _judgements(  # noqa: PLR0917 -- one step, called twice
    label: Label,
    measure: str,
    wanted: Mapping[str, str],
    given: Sequence[Mapping[str, Any]],
    who: str | None,
    scale: Scale | None,
) -> Iterator[Mark]:
    """Labels name aspects in the text's words, at times several at once ("all four of case supervision").

    A wanted one is right where any aspect that its words name was read with its grade; what was read beyond
    that is wrong, unless such words cover it with the same grade.
    """
    words = AspectWords.of(scale) if scale else None
    left = list(given)
    for name, grade in wanted.items():
        others = {_aspect(other, scale) for other in wanted if other != name}
        own = [
            j
            for j in left
            if _aspect(name, scale) == _aspect(j["aspect"], scale)
            or (_aspect(j["aspect"], scale) not in others and _covers(name, j["aspect"], words))
        ]
        left = [j for j in left if j not in own]
        one = next(
            (j for j in own if _grade(j["grade"], scale) != _grade(grade, scale)), own[0] if own else None
        )
        read = _grade(one["grade"], scale) if one else None
        why = one["evidence"] if one else None
        yield _mark(label, measure, f"{who}: {name}", _grade(grade, scale), read, why)
    for extra in left:
        about = f"{who}: {extra['aspect']}"
        yield _mark(label, measure, about, None, _grade(extra["grade"], scale), extra["evidence"])


def _aspect(words: str, scale: Scale | None) -> str:
    """The aspect's own name, where these words or an alias of the scale are exactly one's."""
    aspect = scale.aspect(words) if scale else None
    return comparable(aspect.name if aspect else words)


def _covers(wanted: str, aspect: str, words: AspectWords | None) -> bool:
    wanted = comparable(wanted)
    return words is not None and (aspect in words.named(wanted) or aspect in words.of_domain(wanted))


def _grade(words: str | None, scale: Scale | None) -> str | None:
    grade = scale.grade(words) if words and scale else None
    return grade.name if grade else words and words.casefold()


# -- which findings -------------------------------------------------------------------------------------


def _findings(label: Label, reports: Sequence[Mapping[str, Any]]) -> Iterator[Mark]:
    """Where findings are labelled, nothing else may be listed; they are matched by kind and opening."""
    if label.findings is None:
        return
    left = [finding for report in reports for finding in report.get("findings", ())]
    for want in label.findings:
        same = [f for f in left if _opens(want.text, f["text"])]
        one = next((f for f in same if f["kind"] == want.kind), same[0] if same else None)
        if one is not None:
            left.remove(one)
        read = f"{one['kind']}: {want.text}" if one else None
        yield _mark(label, FINDING, None, f"{want.kind}: {want.text}", read, one["text"] if one else None)
    for extra in left:
        yield _mark(label, FINDING, None, None, f"{extra['kind']}: {extra['text']}", extra["text"])


def _opens(opening: str, text: str) -> bool:
    """Whether a finding begins so, case and marks aside; one that was cut short still does."""
    first, second = (normal_name(words).split() for words in (opening, text))
    length = min(len(first), len(second))
    enough = length == len(first) or length >= _SHORTEST_OPENING
    return length > 0 and enough and first[:length] == second[:length]


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
class Count:
    """So many of so many texts."""

    counted: int
    of: int

    @property
    def share(self) -> float:
        return self.counted / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The true shares that such a count speaks for, with 95 % confidence."""
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

    @property
    def named(self) -> Mapping[str, Score]:
        """The score of each measure by its name; "rating" comes first."""
        return {"rating": self.rating, **self.measures}

    @property
    def wrong_texts(self) -> Count:
        return Count(counted=len(self.wrong), of=self.texts)


def scored(labels: Sequence[Label], found: Iterable[Mark]) -> Scores:
    """Count the marks of these texts; marks of other texts are left aside."""
    clear = {label.id: label for label in labels if not label.ambiguous}
    found = tuple(mark for mark in found if mark.text in clear)
    wrong = tuple(dict.fromkeys(mark.text for mark in found if mark.misleads))
    telling = [id for id, label in clear.items() if label.announces]
    dates = {m.text for m in found if m.measure == PUBLISHED and m.result is Result.WRONG}
    return Scores(
        texts=len(clear),
        measures={m: _counted(found, m) for m in MEASURES},
        wrong=wrong,
        wrong_announcing=Count(counted=len({*wrong} & {*telling}), of=len(telling)),
        wrong_quiet=Count(counted=len({*wrong} - {*telling}), of=len(clear) - len(telling)),
        wrong_dates=Count(counted=len(dates), of=sum(label.dated for label in clear.values())),
        false_alarms=len({mark.text for mark in found if mark.measure == FALSE_ALARM}),
        quiet=len(clear) - len(telling),
        misses=tuple(mark for mark in found if mark.result is not Result.RIGHT),
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
    """The true shares that leave such a count likely; exact, so never narrower than it says."""
    if of == 0:
        return 0.0, 1.0
    tail = (1 - confidence) / 2
    low = 0.0 if counted == 0 else _where(lambda p: 1 - _at_most(counted - 1, of, p) > tail)
    high = 1.0 if counted == of else _where(lambda p: _at_most(counted, of, p) < tail)
    return low, high


def _where(beyond: Callable[[float], bool]) -> float:
    """The share from which `beyond` holds."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if beyond(middle) else (middle, high)
    return (low + high) / 2


def _at_most(count: int, of: int, share: float) -> float:
    """How likely no more than `count` of so many are, at this share."""
    hit, miss = log(share), log(1 - share)
    ways = lgamma(of + 1)
    return sum(
        exp(ways - lgamma(k + 1) - lgamma(of - k + 1) + k * hit + (of - k) * miss) for k in range(count + 1)
    )
