"""The pace: fast while all is well, gentle when it is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliveries import Answer, Event
from digest.sending.pace import (
    ASK_FOR_MORE_AFTER_SECONDS,
    DEFERRALS_BEFORE_REST,
    FIRST_REST_SECONDS,
    GOOD_ANSWERS_TO_GROW,
    HALVE_AGAIN_AFTER_SECONDS,
    LONGEST_LIMIT_WAIT_SECONDS,
    REFUSALS_BEFORE_PAUSE,
    SLOW_SECONDS,
    Domains,
    Pace,
    RateLimit,
)

TAKEN = Answer(event=Event.TAKEN, code=250, text="2.0.0 Ok")
CLOSING = Answer(event=Event.PUT_OFF, code=421, text="4.3.2 too many connections")
BUSY = Answer(event=Event.PUT_OFF, code=451, text="4.7.1 try later")
FULL = Answer(event=Event.PUT_OFF, code=452, text="4.2.2 mailbox full")
OURSELVES = Answer(event=Event.PUT_OFF, code=550, text="5.7.1 not you", about_us=True)


def well(pace: Pace, times: int, now: float = 0.0) -> None:
    for _ in range(times):
        pace.note(TAKEN, 0.1, now)


def test_connections_grow_to_the_most_while_all_is_well():
    pace = Pace(20)
    well(pace, 2000)

    assert pace.connections == 20


@pytest.mark.parametrize(("answer", "took"), [(CLOSING, 0.1), (TAKEN, SLOW_SECONDS)])
def test_they_halve_when_the_relay_shows_strain_and_once_for_one_cause(answer, took):
    pace = Pace(16)
    well(pace, 2000)

    for _ in range(5):
        pace.note(answer, took, 100.0)
    assert pace.connections == 8
    pace.note(answer, took, 100.0 + HALVE_AGAIN_AFTER_SECONDS)
    assert pace.connections == 4


def test_a_refusal_of_one_message_slows_nothing_down():
    pace = Pace(8)
    well(pace, 1000)
    pace.note(Answer(event=Event.REJECTED, code=550, text="5.1.1 no such user"), 0.1, 0.0)

    assert pace.connections == 8


@given(st.lists(st.sampled_from([TAKEN, CLOSING, BUSY, OURSELVES]), max_size=200), st.integers(1, 50))
def test_there_is_always_a_connection_and_never_one_too_many(answers, most):
    pace = Pace(most)
    for now, answer in enumerate(answers):
        pace.note(answer, 0.1, float(now))
        assert 1 <= pace.connections <= most


def test_refusals_of_ourselves_in_a_row_end_the_run_and_one_good_answer_forgives_them():
    pace = Pace(4)
    for _ in range(REFUSALS_BEFORE_PAUSE - 1):
        pace.note(OURSELVES, 0.1, 0.0)
    assert not pace.refused
    well(pace, 1)
    for _ in range(REFUSALS_BEFORE_PAUSE):
        assert not pace.refused
        pace.note(OURSELVES, 0.1, 0.0)
    assert pace.refused
    well(pace, 1)
    assert pace.refused, "good news that was under way changes nothing"
    pace.forget_refusals()
    assert not pace.refused


def test_a_relay_that_gives_no_more_connections_is_asked_for_one_more_after_a_while():
    pace = Pace(20)
    well(pace, 2000)
    pace.relay_is_full(6, 0.0)
    well(pace, 1000, now=ASK_FOR_MORE_AFTER_SECONDS - 1)
    assert pace.connections == 6
    well(pace, GOOD_ANSWERS_TO_GROW * 6, now=ASK_FOR_MORE_AFTER_SECONDS)
    assert pace.connections == 7
    pace.relay_is_full(0, ASK_FOR_MORE_AFTER_SECONDS)
    assert pace.connections == 1, "one is always tried"


@given(st.integers(1, 6000), st.integers(1, 300))
def test_never_more_a_minute_than_allowed_and_a_second_in_hand(per_minute, tries):
    allowance, now = RateLimit(per_minute), 0.0
    for sent in range(1, tries + 1):
        now += allowance.wait(now)
        allowance.count(now)
        assert sent <= per_minute * (now + 1.0) / 60.0 + 1 + 1e-6


def test_what_was_settled_without_asking_the_relay_slows_nothing_down():
    pace = Pace(20)
    pace.connections = 20
    unfit = Answer(event=Event.REJECTED, code=None, text="the relay does not offer SMTPUTF8")
    for n in range(6):
        pace.note(unfit, 0.0, n * (HALVE_AGAIN_AFTER_SECONDS + 1))

    assert pace.connections == 20


def test_a_limit_that_is_raised_lets_go_whom_the_old_one_held():
    allowance = RateLimit(0.1)
    allowance.count(1000.0)
    allowance.limit(600.0)

    assert allowance.wait(1000.0) == pytest.approx(0.1)


@given(st.floats(0.2, 50.0), st.integers(1, 2000))
def test_nobody_is_sent_away_for_longer_than_a_limit_may_stand(per_minute, people):
    """A copy whose turn comes sooner gets that turn, even if later copies are told to come back."""
    domains = Domains(per_minute)
    domains.count("large.example", 0.0)
    waits = [domains.retry_in("large.example", 0.0, 5.0) for _ in range(people)]

    assert max(waits) <= LONGEST_LIMIT_WAIT_SECONDS
    assert waits == sorted(waits)
    turns = int(LONGEST_LIMIT_WAIT_SECONDS * per_minute / 60.0)
    assert (
        sum(wait < LONGEST_LIMIT_WAIT_SECONDS for wait in waits) >= min(people, turns) - 1 - per_minute / 12
    )
    domains.retry_in("large.example", LONGEST_LIMIT_WAIT_SECONDS, 5.0)
    assert (
        domains.retry_in("large.example", LONGEST_LIMIT_WAIT_SECONDS, 5.0)
        <= 5.0 + 2 * 60.0 / per_minute + 5.0
    )


def test_a_domain_that_puts_everything_off_rests_longer_each_time():
    domains = Domains(None)
    waits = []
    now = 0.0
    for _ in range(3):
        for _ in range(DEFERRALS_BEFORE_REST):
            domains.note("busy.example", BUSY, now)
        waits.append(domains.wait("busy.example", now))
        now += waits[-1] + 1

    assert waits == [FIRST_REST_SECONDS, 2 * FIRST_REST_SECONDS, 4 * FIRST_REST_SECONDS]
    assert domains.wait("other.example", now) == 0.0


@pytest.mark.parametrize(
    "answer", [FULL, OURSELVES, CLOSING, Answer(event=Event.PUT_OFF, code=None, text="lost")]
)
def test_what_is_not_about_the_domain_lets_it_be(answer):
    domains = Domains(None)
    for _ in range(DEFERRALS_BEFORE_REST * 3):
        domains.note("busy.example", answer, 0.0)

    assert domains.wait("busy.example", 0.0) == 0.0


def test_a_domain_that_takes_a_message_starts_afresh():
    domains = Domains(None)
    for answer in (BUSY, BUSY, TAKEN, BUSY, BUSY):
        domains.note("busy.example", answer, 0.0)

    assert domains.wait("busy.example", 0.0) == 0.0


def test_each_domain_has_its_own_allowance():
    domains = Domains(60)
    for _ in range(3):
        domains.count("a.example", 0.0)

    assert domains.wait("a.example", 0.0) > 1.0
    assert domains.wait("b.example", 0.0) == 0.0
