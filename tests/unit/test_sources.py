"""Sources: whose turn it is, what to send, and how we come back after trouble."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from digest.sources import (
    BACKOFF_CEILING,
    FULL_POLL_EVERY,
    LONGEST_WAIT,
    Authority,
    Polled,
    Source,
    Took,
    Validators,
    due,
    failed,
    forgiven,
    in_shadow,
    not_asked,
    paused,
    rested,
    resumed,
    silent,
    succeeded,
    validators_for,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
GIVEN = Validators(etag='"7"', last_modified="Mon, 23 Nov 2026 11:00:00 GMT")


def a_source(every: timedelta = HOUR, id: str = "prisons") -> Source:
    return Source(
        id=id,
        name="Prisons",
        url="https://example.org/feed",
        authority=Authority.OFFICIAL,
        inspectorate=None,
        every=every,
        recent=timedelta(days=14),
        pages=20,
    )


def failures(source: Source, times: int, now: datetime = NOW, wait: timedelta | None = None) -> Polled:
    polled = failed(source, None, "503", now, wait)
    for _ in range(times - 1):
        polled = failed(source, polled, "503", now, wait)
    return polled


# -- whose turn it is -------------------------------------------------------------------------------


def test_a_source_never_polled_is_due_at_once():
    assert list(due([a_source()], [], NOW)) == [a_source()]


def test_a_source_is_due_when_its_turn_comes_and_not_before():
    polled = succeeded(a_source(), None, GIVEN, NOW)

    assert not list(due([a_source()], [polled], NOW + HOUR - timedelta(seconds=1)))
    assert list(due([a_source()], [polled], NOW + HOUR))


def test_a_neighbour_that_was_removed_takes_nothing_with_it():
    gone, stays = a_source(id="gone"), a_source(id="stays")
    memory = [succeeded(source, None, GIVEN, NOW) for source in (gone, stays)]

    assert not list(due([stays], memory, NOW))
    assert not list(due([stays], memory[1:], NOW))


def test_a_turn_set_by_a_clock_that_ran_ahead_is_not_waited_for():
    polled = succeeded(a_source(), None, GIVEN, NOW + timedelta(days=365))

    assert list(due([a_source()], [polled], NOW))


def test_a_shortened_cadence_takes_effect_before_the_long_one_is_over():
    polled = succeeded(a_source(every=timedelta(days=30)), None, GIVEN, NOW)

    assert list(due([a_source(every=HOUR)], [polled], NOW))


@given(
    st.timedeltas(timedelta(0), timedelta(days=730)).map(lambda later: NOW + later),
    st.integers(1, 240).map(lambda tenths: tenths * HOUR / 10),
)
def test_the_change_of_the_clocks_moves_no_turn(now, every):
    """Turns are instants: what London's clock shows meanwhile changes nothing."""
    polled = succeeded(a_source(every), None, GIVEN, now)
    in_london = polled.next_poll_at.astimezone(ZoneInfo("Europe/London"))

    assert polled.next_poll_at - now == every
    assert list(due([a_source(every)], [polled], in_london))


# -- what to send -----------------------------------------------------------------------------------


def test_the_first_poll_is_unconditional():
    assert validators_for(a_source(), None, NOW) == Validators()
    assert validators_for(a_source(), failures(a_source(), 3), NOW) == Validators()


def test_later_polls_send_what_the_server_gave():
    assert validators_for(a_source(), succeeded(a_source(), None, GIVEN, NOW), NOW + HOUR) == GIVEN


def test_not_modified_keeps_the_validators_and_is_a_good_poll():
    before = failed(a_source(), succeeded(a_source(), None, GIVEN, NOW), "503", NOW + HOUR)

    after = succeeded(a_source(), before, None, NOW + 2 * HOUR)

    assert after.validators == GIVEN
    assert after.checked_at == NOW + 2 * HOUR
    assert (after.failures, after.trouble, after.full_at) == (0, None, NOW)


def test_a_server_that_says_not_modified_for_ever_is_asked_for_the_whole_once_a_day():
    polled, now, whole = succeeded(a_source(), None, GIVEN, NOW), NOW, 0
    for _ in range(24 * 7):
        now += HOUR
        asked = validators_for(a_source(), polled, now)
        whole += asked == Validators()
        polled = succeeded(a_source(), polled, GIVEN if asked == Validators() else None, now)

    assert whole == 7


def test_a_whole_body_from_the_future_does_not_count():
    """The clock was set back: by it the last whole body would be awaited for a year."""
    polled = succeeded(a_source(), None, GIVEN, NOW + timedelta(days=365))

    assert validators_for(a_source(), polled, NOW) == Validators()


def test_what_one_address_gave_is_not_sent_to_another():
    polled = replace(succeeded(a_source(), None, GIVEN, NOW), url="https://old.example.org/feed")

    assert validators_for(a_source(), polled, NOW + HOUR) == Validators()
    assert validators_for(replace(a_source(), url=polled.url), polled, NOW + HOUR) == GIVEN


# -- pauses and shadow ------------------------------------------------------------------------------


def test_a_paused_source_is_not_due_before_its_pause_is_over():
    for_a_day = replace(succeeded(a_source(), None, GIVEN, NOW), paused_at=NOW, paused_until=NOW + DAY)
    for_good = replace(for_a_day, paused_until=None)

    assert not list(due([a_source()], [for_a_day], NOW + DAY - HOUR))
    assert list(due([a_source()], [for_a_day], NOW + DAY))
    assert not list(due([a_source()], [for_good], NOW + 400 * DAY))


def test_whole_days_of_pauses_are_remembered_for_as_long_as_a_history_counts():
    begun = paused("prisons", succeeded(a_source(), None, GIVEN, NOW), NOW, until=NOW + 3 * DAY)
    assert sorted(day.day for day in rested(begun, NOW + 2 * DAY)) == [24]
    assert sorted(day.day for day in rested(begun, NOW + 9 * DAY)) == [24, 25]  # it ended by itself

    again = resumed("prisons", paused("prisons", begun, NOW + 5 * DAY), NOW + 7 * DAY)
    assert sorted(day.day for day in rested(again, NOW + 9 * DAY)) == [24, 25, 29]
    assert again.paused_at is None
    assert rested(again, NOW + 500 * DAY) == frozenset()
    assert rested(None, NOW) == frozenset()


def test_our_own_line_is_not_probed_with_a_paused_source():
    sources = [a_source(id="one"), a_source(id="two")]
    down = [
        failed(one, None, "no route", NOW, asked_at=NOW + n * MINUTE, answered=False)
        for n, one in enumerate(sources)
    ]
    resting = [replace(down[0], paused_at=NOW), down[1]]

    assert [one.source for one in silent(sources, down, NOW + 2 * MINUTE)] == ["one", "two"]
    assert [one.source for one in silent(sources, resting, NOW + 2 * MINUTE)] == ["two"]


def test_the_hosts_of_paused_sources_are_not_needed_to_show_that_our_line_is_down():
    memory = [polled_at(name, 30, 60) for name in "ab"]
    resting = replace(polled_at("c", 500, 500), paused_at=NOW)

    assert names(silent(HOSTS[:3], memory, NOW)) == []
    assert names(silent(HOSTS[:3], [*memory, resting], NOW)) == ["a", "b"]


def test_a_shadow_is_counted_from_the_first_list_on():
    source = replace(a_source(), shadow=14 * DAY)
    begun = Polled(source="prisons", next_poll_at=NOW, began_at=NOW)

    assert in_shadow(source, None, NOW)
    assert in_shadow(source, failures(source, 3), NOW + 90 * DAY)
    assert in_shadow(source, begun, NOW + 14 * DAY - HOUR)
    assert not in_shadow(source, begun, NOW + 14 * DAY)
    assert not in_shadow(a_source(), None, NOW)


# -- after trouble ----------------------------------------------------------------------------------


def test_each_failure_doubles_the_wait_up_to_the_ceiling():
    waits = [failures(a_source(), n).next_poll_at - NOW for n in range(1, 6)]

    assert waits == [HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR, 6 * HOUR]


def test_one_good_poll_ends_the_trouble():
    after = succeeded(a_source(), failures(a_source(), 9), GIVEN, NOW)

    assert (after.next_poll_at, after.failures, after.trouble) == (NOW + HOUR, 0, None)


def test_a_failure_forgets_nothing_of_the_last_good_poll():
    """State moves only on a valid answer."""
    good = succeeded(a_source(), None, GIVEN, NOW)

    bad = failed(a_source(), good, "503", NOW + HOUR)

    moved = {"next_poll_at", "failures", "trouble", "asked_at", "answered_at"}
    assert replace(bad, **{name: getattr(good, name) for name in moved}) == good


def test_retry_after_is_obeyed_where_it_is_the_longer():
    assert failures(a_source(), 1, wait=3 * HOUR).next_poll_at == NOW + 3 * HOUR
    assert failures(a_source(), 1, wait=timedelta(seconds=5)).next_poll_at == NOW + HOUR


def test_a_server_cannot_send_us_away_for_a_year():
    assert failures(a_source(), 1, wait=timedelta(days=365)).next_poll_at == NOW + LONGEST_WAIT


@given(
    st.integers(1, 60),
    st.timedeltas(timedelta(minutes=1), timedelta(days=60)),
    st.none() | st.timedeltas(timedelta(0), timedelta(days=400)),
)
def test_we_never_give_up(times, every, wait):
    """However often it failed, the next turn is set, not before the cadence, and is taken."""
    source = a_source(every)
    polled = failures(source, times, wait=wait)

    assert polled.failures == times
    assert every <= polled.next_poll_at - NOW <= max(every, BACKOFF_CEILING, LONGEST_WAIT)
    assert not list(due([source], [polled], NOW))
    assert list(due([source], [polled], polled.next_poll_at))


def test_the_ceiling_is_a_matter_of_hours():
    """And the whole body comes daily."""
    assert timedelta(hours=1) <= BACKOFF_CEILING <= timedelta(hours=12)
    assert timedelta(days=1) == FULL_POLL_EVERY


# -- a host that asks us to wait --------------------------------------------------------------------


@given(st.timedeltas(timedelta(0), timedelta(days=400)))
def test_a_poll_without_a_request_is_no_failure_and_delays_the_next_by_a_day_at_most(wait):
    before = failures(a_source(), 2)

    after = not_asked(a_source(), before, "example.org asked to be left alone", NOW, wait)

    assert (after.failures, after.asked_at, after.answered_at) == (2, before.asked_at, before.answered_at)
    assert after.next_poll_at == NOW + min(wait, LONGEST_WAIT)
    assert after.trouble == "example.org asked to be left alone"


# -- our own line -----------------------------------------------------------------------------------

MINUTE = timedelta(minutes=1)


def a_host(name: str) -> Source:
    return replace(a_source(HOUR / 2, id=name), url=f"https://{name}.example/feed")


def polled_at(name: str, asked: int, answered: int | None) -> Polled:
    """A source that was asked and answered so many minutes ago."""
    return Polled(
        source=name,
        next_poll_at=NOW + HOUR,
        failures=3,
        asked_at=NOW - asked * MINUTE,
        answered_at=None if answered is None else NOW - answered * MINUTE,
    )


def names(quiet: tuple[Polled, ...]) -> list[str]:
    return [one.source for one in quiet]


HOSTS = [a_host(name) for name in "abcd"]


def test_sources_of_three_hosts_that_are_silent_together_show_that_our_line_is_down():
    memory = [polled_at("a", 30, 60), polled_at("b", 20, 61), polled_at("c", 10, None)]

    assert names(silent(HOSTS, memory, NOW)) == ["a", "b", "c"]
    assert silent(HOSTS, memory[:2], NOW) == ()


def test_two_hosts_are_enough_where_there_are_no_more():
    assert names(silent(HOSTS[:2], [polled_at("a", 30, 60), polled_at("b", 20, 61)], NOW)) == ["a", "b"]


def test_three_sources_of_one_host_are_one_host():
    of_one = [replace(a_host("a"), id=name) for name in "abc"]
    memory = [polled_at(name, 30, 60) for name in "abc"]

    assert names(silent(of_one, memory, NOW)) == ["a", "b", "c"]
    assert silent([*of_one, *(replace(one, id=one.id * 2) for one in HOSTS[1:])], memory, NOW) == ()


def test_one_answer_since_shows_that_our_line_is_up_even_if_it_is_an_error():
    memory = [polled_at(name, 30, 60) for name in "abc"]
    refused = failed(HOSTS[3], None, "403 Forbidden", NOW - 20 * MINUTE)

    assert names(silent(HOSTS, memory, NOW)) == ["a", "b", "c"]
    assert silent(HOSTS, [*memory, refused], NOW) == ()


def test_dead_hosts_show_nothing_while_the_next_answer_of_another_is_not_late():
    memory = [polled_at(name, 10, 10_000) for name in "abc"]

    assert silent(HOSTS, [*memory, polled_at("d", 35, 35)], NOW) == ()
    assert names(silent(HOSTS, [*memory, polled_at("d", 36, 36)], NOW)) == ["a", "b", "c"]


def test_a_source_that_was_removed_or_is_asked_in_the_future_shows_nothing():
    memory = [polled_at(name, 30, 60) for name in "abc"]

    assert silent(HOSTS[1:], memory, NOW) == ()
    assert silent(HOSTS, [*memory[1:], polled_at("a", -30, 60)], NOW) == ()


def test_while_our_line_is_down_one_silent_source_is_asked_every_five_minutes_in_turn():
    asked = {name: NOW - (30 + n) * MINUTE for n, name in enumerate("abc")}
    order = []
    for minute in range(30):
        now = NOW + minute * MINUTE
        memory = [
            replace(polled_at(name, 0, 60), asked_at=at, next_poll_at=NOW + 6 * HOUR)
            for name, at in asked.items()
        ]
        for source in due(HOSTS[:3], memory, now):
            order.append((minute, source.id))
            asked[source.id] = now

    assert order == [(0, "c"), (5, "b"), (10, "a"), (15, "c"), (20, "b"), (25, "a")]


@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.integers(0, 600), st.none() | st.integers(0, 600)),
        unique_by=lambda one: one[0],
    )
)
def test_a_source_that_is_silent_was_asked_after_every_answer(polls):
    memory = [polled_at(name, asked, answered) for name, asked, answered in polls]

    quiet = silent(HOSTS, memory, NOW)

    answers = [one.answered_at for one in memory if one.answered_at]
    assert all(one.asked_at > answer for one in quiet for answer in answers)
    assert not quiet or len(quiet) >= 3
    assert sum(1 for _ in due(HOSTS, memory, NOW)) <= len(HOSTS) - len(memory) + 1


@given(st.integers(1, 40))
def test_once_our_line_is_back_a_source_is_due_at_once_and_its_failures_are_forgotten(times):
    after = forgiven("prisons", failures(a_source(), times), NOW)

    assert list(due([a_source()], [after], NOW))
    assert failed(a_source(), after, "503", NOW).next_poll_at == NOW + HOUR


# -- how long answers take --------------------------------------------------------------------------


def answered(*seconds: float, allowed: float = 30) -> Polled:
    polled = None
    for each in seconds:
        took = Took(time=timedelta(seconds=each), allowed=timedelta(seconds=allowed))
        polled = succeeded(a_source(), polled, GIVEN, NOW, listed=3, took=took)
    assert polled is not None
    return polled


def test_an_answer_that_takes_more_than_half_the_time_we_allow_takes_long():
    assert answered(15).slow == 0
    assert answered(15.1, 15.1).slow == 2


def test_an_answer_that_takes_much_longer_than_usual_takes_long():
    assert answered(*[2] * 9, 10).slow == 0
    assert answered(*[2] * 9, 10.1, 10.1).slow == 2
    assert answered(*[2] * 9, 10.1, 2).slow == 0, "one that is as fast as ever ends it"


def test_nobody_minds_a_fast_server_that_is_five_times_slower():
    assert answered(*[0.02] * 9, 4.9).slow == 0


def test_what_is_slow_for_weeks_becomes_usual():
    assert answered(*[1] * 9, *[8] * 9).slow == 9
    assert answered(*[1] * 9, *[8] * 999).slow == 0


def test_an_answer_that_nobody_timed_changes_nothing():
    timed = answered(2, 20)

    again = succeeded(a_source(), timed, None, NOW)

    assert (again.slow, again.usual_ms) == (timed.slow, timed.usual_ms)


def test_a_refusal_is_remembered_until_the_next_answer():
    refused = failed(a_source(), None, "403 Forbidden", NOW, refused=True)

    assert refused.refused
    assert not failed(a_source(), refused, "503", NOW).refused
    assert not succeeded(a_source(), refused, None, NOW).refused
