"""What the statements about one body add up to; nothing where they disagree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from digest.extract.events import now_and_before
from digest.extract.movements import MovementClaim
from digest.extract.prose import Place
from digest.extract.statements import Binding, Statement
from digest.extract.times import When
from digest.ratings import Scale
from digest.reports import Claim, Direction, Judgement

_SAID: Final = frozenset({Binding.NAMED, Binding.REFERRED, Binding.DESCRIBED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a text says of one body's ratings."""

    overall: Claim | None = None
    previous: Claim | None = None
    direction: Claim | None = None
    judgements: tuple[Judgement, ...] = ()


def record_of(
    statements: Sequence[Statement],
    claims: Sequence[MovementClaim],
    *,
    scale: Scale,
    published_year: int | None,
    page_year: int | None,
) -> Record:
    """The record that statements about one body, in the order of the text, add up to.

    On a scale without an overall grade, the movement is that of the aspects, or in the text's own words.
    """
    whole = [s for s in statements if not s.aspects]
    now, then = now_and_before(whole, claims, published_year=published_year, page_year=page_year)
    now = _as_laid_out(now, {s.grade for s in now if s.laid_out and s.explicit})
    current = _agreed(now)
    former = _former(then) if current else None
    claims = [c for c in claims if not (c.again and not _held(current, former, then))]
    judgements = tuple(_judgements([s for s in statements if s.aspects], claims, published_year, page_year))
    if not scale.has_overall:
        return Record(direction=_of_aspects(judgements, claims, scale), judgements=judgements)
    direction, previous = _movement(current, former, now, then, claims)
    return Record(
        overall=_claim(current, now, then),
        previous=previous,
        direction=direction,
        judgements=judgements,
    )


def _as_laid_out(now: list[Statement], block: set[str]) -> list[Statement]:
    """The current statements, without running text that differs from the page's own block of ratings."""
    if len(block) != 1:
        return now
    return [s for s in now if s.laid_out or s.grade in block or s.place is not Place.BODY]


def _held(current: Statement | None, former: Statement | None, then: Sequence[Statement]) -> bool:
    """Whether "again" can mean "as at the inspection before": the text has no other grade of that one."""
    if current is None or not then:
        return current is not None
    return former is not None and former.grade == current.grade


def _agreed(statements: Sequence[Statement]) -> Statement | None:
    """The one grade that all statements give, or all that say "overall"; None where they differ."""
    for some in ([s for s in statements if s.explicit], statements):
        grades = {s.grade for s in some}
        if len(grades) == 1:
            return max(some, key=_weight)
        if grades:
            return _on_top(some)
    return None


def _on_top(statements: Sequence[Statement]) -> Statement | None:
    """Of two grades the one that only the opening gives as current; further down the text is about others."""
    opening = [s for s in statements if s.place in {Place.TITLE, Place.FIRST, Place.LEAD}]
    sure = [s for s in opening if s.when is When.NOW and s.place is not Place.TITLE and s.binding in _SAID]
    if sure and len({s.grade for s in opening}) == 1:
        return max(sure, key=_weight)
    return None


def _weight(statement: Statement) -> tuple[bool, bool, bool]:
    """What makes one sentence the better evidence: running text, saying "overall", telling the movement."""
    return not statement.in_heading, statement.explicit, statement.direction is not None


def _former(then: Sequence[Statement]) -> Statement | None:
    """The rating at the inspection just before; None where there are two and no year says which is later."""
    years = {s.year for s in then if s.year is not None}
    dated = len(years) > 1 and all(s.year for s in then)
    last = [s for s in then if dated and s.year == max(years)]
    for some in (then, last, [s for s in then if s.explicit]):
        if len({s.grade for s in some}) == 1:
            return max(some, key=_weight)
    # "At its last inspection", in so many words, counts before a grade that only has the same year or an earlier one.
    dated_then = [s for s in then if s.when is When.THEN and s.year is not None]
    if len({s.grade for s in dated_then}) == 1 and all(
        s.when is When.DATED and s.year is not None and s.year <= min(p.year or 0 for p in dated_then)
        for s in then
        if s not in dated_then
    ):
        return max(dated_then, key=_weight)
    if years:
        latest = [s for s in then if s.year == max(years)]
        undated = {s.grade for s in then if s.year is None}
        if len({s.grade for s in latest}) == 1 and undated <= {latest[0].grade}:
            return latest[0]
    return None


def _claim(current: Statement | None, now: Sequence[Statement], then: Sequence[Statement]) -> Claim | None:
    if current is None:
        return None
    told_then = {s.sentence for s in then}
    same = [s for s in now if s.grade == current.grade]
    # A sentence with both grades lets a reader check both at once.
    best = max(same, key=lambda s: (*_weight(s)[:2], s.sentence in told_then))
    return Claim(value=current.grade, evidence=best.sentence)


_UP_DOWN: Final = {1: Direction.UPGRADE, -1: Direction.DOWNGRADE, 0: Direction.UNCHANGED}


def _movement(
    current: Statement | None,
    former: Statement | None,
    now: Sequence[Statement],
    then: Sequence[Statement],
    claims: Sequence[MovementClaim],
) -> tuple[Claim | None, Claim | None]:
    """Direction and former grade, where everything the text says of them fits together."""
    moves = [(s.direction, s.sentence) for s in now if s.direction is not None]
    moves += [(c.direction, c.sentence) for c in claims]
    directions = {direction for direction, _ in moves}
    if len({s.grade for s in now}) > 1:
        return None, None  # one of them was an earlier rating, and we do not know which
    if current is None:
        # Without a grade we are sure of, a movement's own word still stands, if it is the only one.
        return (_first_claim(moves) if len(directions) == 1 and not now else None), None
    if former is not None:
        computed = _step(former, current)
        if directions - {computed} or any(_step(s, current) is not computed for s in then if s.year is None):
            return None, None
        return (
            Claim(
                value=computed,
                evidence=_both(current, former, now, then) or (moves[0][1] if moves else former.sentence),
            ),
            Claim(value=former.grade, evidence=former.sentence),
        )
    steps = {_step(s, current) for s in then}
    if len(directions | steps) > 1 or not directions | steps:
        return None, None
    direction = (directions | steps).pop()
    evidence = moves[0][1] if moves else then[-1].sentence
    kept = direction is Direction.UNCHANGED
    return (
        Claim(value=direction, evidence=evidence),
        Claim(value=current.grade, evidence=evidence) if kept else None,
    )


def _of_aspects(
    judgements: Sequence[Judgement], claims: Sequence[MovementClaim], scale: Scale
) -> Claim | None:
    """Where the aspects moved to, all those that moved together; mixed where some rose and some fell."""
    claimed = {c.direction: c.sentence for c in claims if not c.parts}
    moves: dict[Direction, str] = {}
    for judgement in judgements:
        now, then = scale.grade(judgement.grade), scale.grade(judgement.previous or "")
        if now and then:
            moves[_UP_DOWN[(then.rank > now.rank) - (then.rank < now.rank)]] = judgement.evidence
    moved: dict[Direction, str] = {d: why for d, why in moves.items() if d is not Direction.UNCHANGED}
    moved |= {
        c.direction: c.sentence for c in claims if c.parts and not c.aspects and c.direction not in moved
    }
    if not moved and len(judgements) > 1 and all(j.previous for j in judgements):
        moved = moves  # some aspects that stayed say nothing of the others
    if len(moved) == 1:
        ((direction, evidence),) = moved.items()
        return Claim(value=direction, evidence=evidence) if set(claimed) <= {direction} else None
    if moved:
        return Claim(value=Direction.MIXED, evidence=next(iter(moved.values()))) if not claimed else None
    return _first_claim(list(claimed.items())) if len(claimed) == 1 else None


def _step(before: Statement, after: Statement) -> Direction:
    return _UP_DOWN[(before.rank > after.rank) - (before.rank < after.rank)]


def _first_claim(moves: Sequence[tuple[Direction, str]]) -> Claim | None:
    return Claim(value=moves[0][0], evidence=moves[0][1]) if moves else None


def _both(
    current: Statement, former: Statement, now: Sequence[Statement], then: Sequence[Statement]
) -> str | None:
    """The best sentence with both grades in it, if there is one."""
    sentences = {s.sentence for s in then if s.grade == former.grade}
    both = [s for s in now if s.grade == current.grade and s.sentence in sentences]
    return max(both, key=_weight).sentence if both else None


def _judgements(
    statements: Sequence[Statement],
    claims: Sequence[MovementClaim],
    published_year: int | None,
    page_year: int | None,
) -> Iterable[Judgement]:
    """One grade for each aspect, in the order of the text; an aspect told two ways is left out."""
    for aspect in dict.fromkeys(name for s in statements for name in s.aspects):
        now, then = now_and_before(
            [s for s in statements if aspect in s.aspects],
            claims,
            published_year=published_year,
            page_year=page_year,
        )
        now = _as_laid_out(now, {s.grade for s in now if s.laid_out})
        current, former = _agreed(now), _former(then)
        stayed = next((c.sentence for c in claims if aspect in c.aspects), None)
        if current is None:
            if stayed and former and not now:  # its grade is given only with the inspection before
                yield Judgement(aspect=aspect, grade=former.grade, previous=former.grade, evidence=stayed)
            continue
        kept = stayed is not None or any(s.direction is Direction.UNCHANGED for s in now)
        previous = former.grade if former else current.grade if kept and not then else None
        yield Judgement(aspect=aspect, grade=current.grade, previous=previous, evidence=current.sentence)
