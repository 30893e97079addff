"""The health of a source: what its polls, its history and its operators make it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.health import (
    APART,
    LOOKS_WORSE,
    READ_WITHIN,
    STEADY,
    Facts,
    Health,
    Turn,
    Watched,
    facts_of,
    health_of,
    looked,
    to_tell,
    told,
)
from digest.rhythm import rhythm_of
from digest.sources import SLOW_AFTER, Authority, Polled, Source, Validators, due, failed, succeeded

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)  # a Tuesday
LATELY = NOW - timedelta(minutes=20)
DAY = timedelta(days=1)


def some(trouble: str | None = None, **facts: object) -> Facts:
    return Facts(**({"checked_at": LATELY, "trouble": trouble} | facts))  # type: ignore[arg-type]


def weekly(last: date) -> dict[str, object]:
    """A source that has listed something new every week, the last time on a day."""
    return {"rhythm": rhythm_of({last - n * 7 * DAY: 2 for n in range(8)})}


@pytest.mark.parametrize(
    ("facts", "health"),
    [
        (some(), Health.OK),
        (some(unchanged=True), Health.UNCHANGED),
        (some(shadow=True), Health.SHADOW),
        (some(shadow=True, unchanged=True), Health.SHADOW),
        (some("503", shadow=True), Health.FAILING),
        (some("503", paused=True), Health.PAUSED),
        (some("503"), Health.FAILING),
        (some("503", checked_at=None), Health.FAILING),
        (some("503", held=3), Health.FAILING),
        (some("403 Forbidden", blocked=True), Health.BLOCKED),
        (some(checked_at=None), Health.NEW),
        (some(checked_at=NOW - READ_WITHIN), Health.OK),
        (some(checked_at=NOW - READ_WITHIN - timedelta.resolution), Health.OVERDUE),
        (some(listed=0), Health.EMPTY),
        (some(listed=1), Health.OK),
        (some(held=1), Health.HELD),
        (some(slow=SLOW_AFTER), Health.SLOW),
        (some(slow=SLOW_AFTER - 1), Health.OK),
        (some(**weekly(date(2026, 2, 9))), Health.QUIET),
        (some(**weekly(date(2026, 2, 10))), Health.OK),
    ],
)
def test_a_source_is_what_its_facts_make_it(facts: Facts, health: Health) -> None:
    assert health_of(facts, NOW) is health


def test_a_silence_over_days_on_which_nobody_publishes_is_lawful() -> None:
    facts, election = some(**weekly(date(2026, 2, 9))), {NOW.date() - n * DAY for n in range(5)}

    assert health_of(facts, NOW, election) is Health.OK
    assert health_of(facts, NOW + 10 * DAY, election) is Health.OVERDUE
    assert health_of(some(checked_at=NOW + 5 * DAY, **weekly(date(2026, 2, 9))), NOW + 5 * DAY, election) is (
        Health.QUIET
    )


def test_a_source_has_failed_if_its_last_poll_did_and_not_because_it_is_long_ago() -> None:
    assert {health for health in Health if health.failed} == {Health.FAILING, Health.BLOCKED}


def test_no_source_is_both_well_and_unread_except_one_that_is_new_or_paused() -> None:
    assert {health for health in Health if health.well and not health.read} == {Health.NEW, Health.PAUSED}


def test_a_source_that_was_never_polled_is_new() -> None:
    assert health_of(facts_of(None), NOW) is Health.NEW


@pytest.mark.parametrize(
    ("polled", "health"),
    [
        ({"trouble": "503"}, Health.FAILING),
        ({"trouble": "403 Forbidden", "refused": True}, Health.BLOCKED),
        ({"full_at": LATELY, "listed": 3}, Health.OK),
        ({"full_at": LATELY - DAY, "listed": 3}, Health.UNCHANGED),
        ({"full_at": LATELY, "listed": 0}, Health.EMPTY),
        ({"full_at": LATELY - DAY, "listed": 0}, Health.EMPTY),
        ({"slow": SLOW_AFTER}, Health.SLOW),
    ],
)
def test_the_memory_of_polls_says_how_a_source_is(polled: dict[str, object], health: Health) -> None:
    memory = Polled(source="hmip", next_poll_at=NOW, checked_at=LATELY, **polled)  # type: ignore[arg-type]

    assert health_of(facts_of(memory), NOW) is health


# -- what operators are told --------------------------------------------------------------------------

HALF_HOUR = timedelta(minutes=30)
STATES = st.sampled_from(Health)
PUBLISHERS = st.sampled_from([Health.OK, Health.UNCHANGED, Health.FAILING, Health.BLOCKED])


def course(states: Iterable[Health], every: timedelta = HALF_HOUR) -> list[tuple[datetime, Watched]]:
    """What is known after each poll, if all turns are told when they are due; those that were told."""
    watched, turns = Watched(source="hmip"), []
    for number, state in enumerate(states):
        now = NOW + number * every
        watched = looked(watched, state, now, now)
        if watched.due_at is not None:
            turns.append((now, watched))
            watched = told(watched, now)
    return turns


def told_in(states: Iterable[Health]) -> list[Health]:
    return [watched.seen for _, watched in course(states)]


@pytest.mark.parametrize("ill", [Health.FAILING, Health.BLOCKED, Health.EMPTY, Health.SLOW])
def test_operators_are_told_once_that_a_source_fell_and_once_that_it_healed(ill: Health) -> None:
    assert told_in([Health.OK, *[ill] * 50, *[Health.OK] * 50]) == [ill, Health.OK]


def test_two_bad_polls_in_a_row_are_told_to_nobody() -> None:
    assert told_in([Health.OK, Health.FAILING, Health.FAILING, Health.OK] * 50) == []


def test_a_source_that_is_polled_once_a_day_is_told_of_on_the_second_day() -> None:
    watched = looked(Watched(source="hmip"), Health.FAILING, NOW, NOW)

    assert looked(watched, Health.FAILING, NOW, NOW + DAY - HALF_HOUR).due_at is None
    assert looked(watched, Health.FAILING, NOW, NOW + DAY).due_at == NOW + DAY


def test_one_good_poll_in_an_outage_heals_nothing() -> None:
    assert told_in([Health.FAILING] * 3 + [Health.OK, Health.FAILING] * 50) == [Health.FAILING]


def test_a_source_that_alternates_between_refusing_and_failing_is_told_of_once() -> None:
    assert told_in([Health.FAILING, Health.BLOCKED] * 50) == [Health.FAILING]


def test_a_source_that_becomes_worse_still_is_told_of_again() -> None:
    assert told_in([Health.SLOW] * 5 + [Health.FAILING] * 5) == [Health.SLOW, Health.FAILING]


def test_a_source_that_can_be_read_again_and_lists_nothing_is_told_of_after_a_day() -> None:
    states = [Health.FAILING] * 3 + [Health.EMPTY] * 100

    assert told_in(states) == [Health.FAILING, Health.EMPTY]
    assert told_in(states[:50]) == [Health.FAILING]


def test_what_an_operator_does_is_not_told_to_operators() -> None:
    assert told_in([Health.FAILING] * 3 + [Health.PAUSED] * 5 + [Health.OK] * 5) == [Health.FAILING]
    assert told_in([Health.HELD] * 3 + [Health.OK] * 5) == [Health.HELD]


def test_a_held_batch_is_told_at_the_first_look() -> None:
    assert told_in([Health.HELD]) == [Health.HELD]


def test_a_batch_that_is_held_after_an_outage_is_told_at_once() -> None:
    """A publisher whose server was down while it moved its archive."""
    assert told_in([Health.FAILING] * 4 + [Health.HELD]) == [Health.FAILING, Health.HELD]


def test_a_source_that_flaps_while_a_batch_is_held_is_told_of_three_times_a_day_at_most() -> None:
    hour = [Health.FAILING] * 3 + [Health.HELD] * 3

    assert told_in(hour * 7) == [Health.FAILING, Health.HELD, Health.FAILING]


def test_a_source_that_flaps_is_well_again_after_a_whole_good_day() -> None:
    hour = [Health.FAILING] * 3 + [Health.OK] * 3

    assert told_in(hour * 30) == [Health.FAILING, Health.OK, Health.FAILING]
    assert told_in(hour * 30 + [Health.OK] * 50) == [Health.FAILING, Health.OK, Health.FAILING, Health.OK]


@given(st.lists(PUBLISHERS, max_size=400))
def test_however_a_publisher_flaps_operators_hear_of_two_falls_a_day_at_most(states: list[Health]) -> None:
    turns = course(states)
    falls = [at for at, watched in turns if not watched.seen.well]

    assert all(third - first >= STEADY for first, third in zip(falls, falls[2:], strict=False))
    assert [watched.seen.well for _, watched in turns] == [n % 2 == 1 for n in range(len(turns))]


@given(st.lists(STATES, max_size=100))
def test_a_fall_is_told_only_after_enough_looks_in_a_row(states: list[Health]) -> None:
    for at, watched in course(states):
        if watched.seen.rank > watched.known.rank and watched.seen not in {
            Health.QUIET,
            Health.HELD,
            Health.OVERDUE,
        }:
            number = (at - NOW) // HALF_HOUR
            lately = states[number - LOOKS_WORSE + 1 : number + 1]
            assert len(lately) == LOOKS_WORSE
            assert all(state.rank > watched.known.rank for state in lately)


@given(st.lists(STATES, min_size=1, max_size=30), st.integers(1, 20))
def test_looking_at_the_same_poll_again_changes_nothing(states: list[Health], times: int) -> None:
    once = often = Watched(source="hmip")
    for number, state in enumerate(states):
        now = NOW + number * HALF_HOUR
        once = looked(once, state, now, now)
        for _ in range(times):
            often = looked(often, state, now, now)

    assert once == often


# -- one mail for many turns ----------------------------------------------------------------------------


@dataclass
class Publishers:
    """Sources that are polled as they are, and a look at them every five minutes."""

    sources: list[Source]
    down: Callable[[Source, datetime], bool]
    memory: dict[str, Polled] = field(default_factory=dict)
    watched: dict[str, Watched] = field(default_factory=dict)
    mails: list[tuple[datetime, tuple[Turn, ...]]] = field(default_factory=list)

    def live(self, since: datetime, until: datetime) -> None:
        now = since
        while now < until:
            for source in due(self.sources, self.memory.values(), now):
                self.memory[source.id] = self._polled(source, now)
            self._look(now)
            now += timedelta(minutes=5)

    def _polled(self, source: Source, now: datetime) -> Polled:
        before = self.memory.get(source.id)
        if self.down(source, now):
            return failed(source, before, "503", now)
        return succeeded(source, before, Validators(), now, listed=3)

    def _look(self, now: datetime) -> None:
        for source in self.sources:
            polled, known = self.memory[source.id], self.watched.get(source.id, Watched(source=source.id))
            seen = health_of(facts_of(polled), now)
            self.watched[source.id] = looked(known, seen, polled.asked_at, now)
        hosts = {source.id: urlsplit(source.url).hostname for source in self.sources}
        if turns := to_tell(tuple(self.watched.values()), hosts, now):
            self.mails.append((now, turns))
            for turn in turns:
                self.watched[turn.source] = told(self.watched[turn.source], now)


def a_source(id: str, host: str, minutes: int = 30) -> Source:
    return Source(
        id=id,
        name=id,
        url=f"https://{host}/{id}",
        authority=Authority.OFFICIAL,
        inspectorate=None,
        every=timedelta(minutes=minutes),
        recent=14 * DAY,
        pages=20,
    )


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.sampled_from([15, 20, 30]), min_size=2, max_size=12),
    st.integers(0, 100),
    st.integers(300, 4000),
)
def test_a_host_that_goes_down_and_heals_makes_one_mail_each(
    every: list[int], begins: int, minutes: int
) -> None:
    sources = [a_source(f"s{n}", "hmip.example", each) for n, each in enumerate(every)]
    out = NOW + timedelta(minutes=begins)
    end = out + timedelta(minutes=minutes)
    world = Publishers(
        [*sources, a_source("other", "other.example")],
        lambda one, now: one.id != "other" and out <= now < end,
    )

    world.live(NOW, end + 2 * DAY)

    (_, fell), (_, healed) = world.mails
    assert {turn.source for turn in fell} == {turn.source for turn in healed}
    assert {turn.source for turn in fell} == {source.id for source in sources}
    assert all(turn.healed for turn in healed)
    assert not any(turn.healed for turn in fell)


def test_what_falls_within_minutes_is_one_mail_whatever_its_host() -> None:
    sources = [a_source(f"s{n}", f"h{n}.example") for n in range(20)]
    world = Publishers(sources, lambda _, now: now >= NOW + timedelta(hours=1))

    world.live(NOW, NOW + timedelta(hours=20))

    assert [len(turns) for _, turns in world.mails] == [20]


def test_two_mails_about_turns_are_an_hour_apart() -> None:
    sources = [a_source(f"s{n}", f"h{n}.example") for n in range(20)]
    world = Publishers(sources, lambda one, now: now >= NOW + timedelta(minutes=20) * int(one.id[1:]))

    world.live(NOW, NOW + timedelta(hours=20))

    times = [at for at, _ in world.mails]
    assert sum(len(turns) for _, turns in world.mails) == 20
    assert all(later - earlier >= APART for earlier, later in pairwise(times))
