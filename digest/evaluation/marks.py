"""Marks: each claim of a reading, compared with the label of its text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from digest.evaluation.labels import Label, LabelledReport
from digest.extract.aspects import AspectWords, comparable
from digest.providers import normal_name
from digest.ratings import Inspectorates, Scale


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
