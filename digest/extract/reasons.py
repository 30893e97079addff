"""Reasons: why a grade that stands in a text is in none of its reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from digest.extract.mentions import When
from digest.extract.records import Record
from digest.extract.statements import Statement
from digest.extract.subjects import Binding
from digest.reports import Dropped

_ELSE: Final = "said of another body, or of a part of one"
_NOT_ANNOUNCED: Final = "mentioned, not announced"
_NO_REPORT: Final = "the text announces no inspection"
_UNBOUND: Final = "no word says surely which body it is of"
_BEFORE: Final = "of an earlier inspection"
_TWO_WAYS: Final = "the text tells it two ways"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """The statements about one body, and the record that was made of them; None where none was to be made."""

    about: tuple[Statement, ...]
    record: Record | None


def dropped(statements: Iterable[Statement], weighed: Sequence[Weighed]) -> tuple[Dropped, ...]:
    """Every statement whose grade no report has, with the reason, in the order of the text."""
    records = _records(weighed) if weighed else None
    found = (
        Dropped(
            grade=s.grade,
            provider=s.who[0].name if s.who else None,
            reason=reason,
            evidence=s.sentence,
        )
        for s in statements
        if (reason := _reason(s, records)) is not None
    )
    return tuple(dict.fromkeys(found))


def _records(weighed: Sequence[Weighed]) -> Mapping[Statement, list[Record | None]]:
    """The records of the bodies that each statement is about, asked for once: a page may rate thousands."""
    records: dict[Statement, list[Record | None]] = {}
    for one in weighed:
        for s in dict.fromkeys(one.about):
            records.setdefault(s, []).append(one.record)
    return records


def _reason(s: Statement, records: Mapping[Statement, Sequence[Record | None]] | None) -> str | None:
    if s.status is not None:
        return str(s.status)
    if s.binding is Binding.ELSE:
        return _ELSE
    if records is None:
        return _NO_REPORT
    if s not in records:
        return _UNBOUND
    reasons = [_left_out(s, record) for record in records[s]]
    return None if None in reasons else reasons[0]


def _left_out(s: Statement, record: Record | None) -> str | None:
    """Why a record lacks a statement about its body; None where it has it."""
    if record is None:
        return _NOT_ANNOUNCED
    if s.aspects:
        graded = {j.aspect: (j.grade, j.previous) for j in record.judgements}
        has = all(s.grade in graded.get(aspect, ()) for aspect in s.aspects)
    else:
        has = s.grade in {claim.value for claim in (record.overall, record.previous) if claim}
    if has:
        return None
    return _BEFORE if s.when in {When.THEN, When.DATED} or s.year else _TWO_WAYS
