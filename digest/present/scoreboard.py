"""The scoreboard: what moved in the editions of a week, by inspectorate, with the biggest moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from digest.edition import Edition, Scoreboard, Story, Tally, WeekMove
from digest.present.ranking import Move, Ranked, ranked
from digest.present.story import story_view
from digest.providers import Register
from digest.ratings import Inspectorates
from digest.schedule import Weekday
from digest.subscriptions import Wishes

MOST_NAMED: Final = 5
"""The biggest moves that readers see by name."""

LATEST: Final = timedelta(days=4)
"""So long after a Friday without an edition its week is still told: until the Tuesday after Easter."""

_COUNTED: Final = (Move.UP.value, Move.DOWN.value, Move.MIXED.value, Move.WITHDRAWN.value)
"""The moves that are counted, and the fields of `Tally`."""


def week_ending(day: date) -> tuple[date, date]:
    """The Saturday and the Friday of the last week that has ended on a day, or ends with it."""
    friday = day - timedelta(days=(day.weekday() - 4) % 7)
    assert Weekday.of(friday) is Weekday.FRIDAY
    return friday - timedelta(days=6), friday


def scoreboard_of(
    edition: Edition,
    others: Iterable[Edition],
    since: date,
    until: date,
    *,
    register: Register,
    known: Inspectorates,
) -> Scoreboard | None:
    """The week's moves, without those that the same week corrected; None if there are none.

    An inspection that two stories tell is counted once, as the later one tells it.
    `others` are the editions of the week before this edition, as readers got them.
    """
    earlier = sorted((one for one in others if since <= one.day <= until), key=lambda one: one.day)
    own = [edition] if since <= edition.day <= until else []
    last = {story.key: one.day for one in (*earlier, edition) for story in one.stories}
    told = [
        (one.day, story)
        for one in (*earlier, *own)
        for story in one.stories
        if last[story.key] == one.day and story.correction is None and not story.reported_by
    ]
    moves = _each_once(_moves(told, register, known), [story for _, story in told])
    before = [one for one in moves if one.day != edition.day]
    if not before:
        return None  # a week of one day is at a glance already
    kept = {(one.day, one.key) for one in _biggest(before)}
    return Scoreboard(
        since=since,
        until=until,
        tallies=tuple(_tallies(before)),
        moves=tuple(one for one in moves if one.day == edition.day or (one.day, one.key) in kept),
    )


def _each_once(moves: Iterable[WeekMove], told: Iterable[Story]) -> tuple[WeekMove, ...]:
    """The moves without those of which another move of the same inspection tells more, on a later day."""
    first_told = {story.key: story.first_told for story in told if story.provider}
    found = tuple(moves)
    again = {(one.provider, one.inspectorate, first_told.get(one.key)) for one in found}
    return tuple(one for one in found if (one.provider, one.inspectorate, one.day) not in again)


def _moves(
    told: Iterable[tuple[date, Story]], register: Register, known: Inspectorates
) -> Iterator[WeekMove]:
    """The moves, the one that matters most first."""
    days = {story.key: day for day, story in told}
    order = ranked((story_view(story, (), known) for _, story in told), register, known)
    for one in order:
        if one.move in _COUNTED:
            yield _move(one, days[one.view.story.key])


def _move(one: Ranked, day: date) -> WeekMove:
    story, change = one.view.story, one.view.change
    assert one.move is not None
    return WeekMove(
        day=day,
        key=story.key,
        provider=story.provider,
        name=one.view.name,
        inspectorate=story.inspectorate or "",
        inspectorate_name=story.inspectorate_name or story.source_name,
        move=one.move.value,
        before=change.before if change else None,
        after=change.after if change else None,
    )


def _biggest(moves: Sequence[WeekMove]) -> Iterator[WeekMove]:
    """The first moves of each inspectorate: enough for readers who follow only some of them."""
    taken: Counter[str] = Counter()
    for one in moves:
        taken[one.inspectorate] += 1
        if taken[one.inspectorate] <= MOST_NAMED:
            yield one


def _tallies(moves: Iterable[WeekMove]) -> Iterator[Tally]:
    counts: dict[tuple[str, str], Counter[str]] = {}
    for one in moves:
        counts.setdefault((one.inspectorate, one.inspectorate_name), Counter())[one.move] += 1
    for (key, name), count in sorted(counts.items()):
        yield Tally(inspectorate=key, name=name, **{move: count[move] for move in _COUNTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekView:
    """The scoreboard as one reader sees it."""

    since: date
    until: date
    rows: tuple[Tally, ...]  # none without a move; the most moves first
    total: Tally
    moves: tuple[WeekMove, ...]  # the biggest, at most `MOST_NAMED`
    followed: bool  # only of the inspectorates that the reader follows; else of all


def week_view(week: Scoreboard | None, wishes: Wishes) -> WeekView | None:
    """The scoreboard for one reader; None if they get none.

    Weekly readers have the whole week in their edition. Of their wishes only the inspectorates count: rows
    are of inspectorates.
    """
    if week is None or wishes.weekly is not None:
        return None
    wanted = wishes.inspectorates
    moves = [one for one in week.moves if not wanted or one.inspectorate in wanted]
    before = [one for one in week.tallies if not wanted or one.inspectorate in wanted]
    if not before:
        return None
    # An edition of the last day has its own moves here alone; if it was empty, the week has none of that day.
    rows = _added((*before, *_tallies(one for one in moves if one.day == week.until)))
    total = {name: sum(getattr(one, name) for one in rows) for name in _COUNTED}
    return WeekView(
        since=week.since,
        until=week.until,
        rows=tuple(sorted(rows, key=lambda one: (-one.moves, one.name, one.inspectorate))),
        total=Tally(inspectorate="", name="", **total),
        moves=tuple(moves[:MOST_NAMED]),
        followed=bool(wanted),
    )


def _added(tallies: Iterable[Tally]) -> list[Tally]:
    """The tallies, one for each inspectorate."""
    sums: dict[tuple[str, str], Counter[str]] = {}
    for one in tallies:
        count = sums.setdefault((one.inspectorate, one.name), Counter())
        count.update({name: getattr(one, name) for name in _COUNTED})
    return [
        Tally(inspectorate=key, name=name, **{move: count[move] for move in _COUNTED})
        for (key, name), count in sums.items()
    ]
