"""When bounces end a subscription, as laws and as histories of one subscriber."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from digest.bounces import (
    BACK,
    BRAKE_LEAST,
    FORGOTTEN_AFTER,
    Brake,
    EditionVerdict,
    EndSubscription,
    Nothing,
    Reason,
    brake,
    decide,
)
from digest.smtp_verdicts import Verdict

FIRST = date(2026, 3, 2)
ENDED = EndSubscription(reason=Reason.BOUNCED)
HARMLESS = [Verdict.ARRIVED, Verdict.DELAYED, Verdict.ABOUT_US]


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def days(*numbers: int, verdict: Verdict = Verdict.HARD) -> list[EditionVerdict]:
    return [EditionVerdict(edition=day(number), verdict=verdict) for number in numbers]


def daily(until: int) -> list[date]:
    return [day(number) for number in range(until + 1)]


histories = st.lists(
    st.builds(EditionVerdict, edition=st.integers(0, 60).map(day), verdict=st.sampled_from(Verdict)),
    max_size=60,
)


def test_an_address_that_is_gone_is_left_after_a_week():
    assert decide(days(*range(7)), editions=daily(6)) == Nothing()
    assert decide(days(*range(8)), editions=daily(7)) == ENDED


def test_an_outage_of_two_days_ends_nothing():
    assert decide(days(0, 1), editions=daily(1)) == Nothing()


def test_a_server_set_up_badly_over_a_long_weekend_ends_nothing():
    assert decide(days(0, 1, 2, 3, 4), editions=daily(4)) == Nothing()


def test_one_hard_bounce_in_each_of_three_weeks_is_enough():
    """Some wish for movements only and get no edition on most days."""
    weekly = [day(0), day(7), day(14)]

    assert decide(days(0, 7), editions=weekly[:2]) == Nothing()
    assert decide(days(0, 7, 14), editions=weekly) == ENDED


def test_a_mailbox_that_is_full_for_a_holiday_is_kept():
    assert decide(days(*range(21), verdict=Verdict.SOFT), editions=daily(20)) == Nothing()
    assert decide(days(*range(22), verdict=Verdict.SOFT), editions=daily(21)) == ENDED


def test_a_mailbox_that_is_full_now_and_then_is_kept():
    now_and_then = days(0, 5, 10, 15, 20, 25, verdict=Verdict.SOFT)

    assert decide(now_and_then, editions=daily(25)) == Nothing()


def test_old_bounces_are_forgotten_after_quiet_editions():
    """Counts that never decay."""
    sent = daily(2 + FORGOTTEN_AFTER + 5)
    late = 2 + FORGOTTEN_AFTER + 1

    assert decide(days(0, 1, 2, late, late + 1), editions=sent) == Nothing()
    assert decide(days(*range(8)), editions=daily(7 + FORGOTTEN_AFTER)) == Nothing()


def test_days_without_an_edition_are_no_good_days():
    """Nothing decays while nothing is sent."""
    sent = [day(0), day(1), day(90)]

    assert decide(days(0, 1, 90), editions=sent) == ENDED


def test_an_edition_for_which_the_brake_was_pulled_is_not_scored():
    bounced = days(*range(8))

    assert decide(bounced, editions=daily(7), braked={day(7)}) == Nothing()


def test_a_complaint_ends_the_subscription_at_once():
    assert decide([], editions=(), complained=True) == EndSubscription(reason=Reason.COMPLAINED)


@given(histories, st.randoms())
def test_the_order_in_which_reports_come_in_changes_nothing(history, chance):
    shuffled = history.copy()
    chance.shuffle(shuffled)

    assert decide(shuffled, editions=daily(60)) == decide(history, editions=daily(60))


@given(histories)
def test_a_report_that_comes_twice_counts_once(history):
    assert decide(history * 2, editions=daily(60)) == decide(history, editions=daily(60))


@given(histories, st.lists(st.tuples(st.integers(0, 60), st.sampled_from(HARMLESS)), max_size=60))
def test_delays_arrivals_and_refusals_of_us_count_nothing(history, more):
    harmless = [EditionVerdict(edition=day(number), verdict=verdict) for number, verdict in more]

    assert decide([*harmless, *history], editions=daily(60)) == decide(history, editions=daily(60))
    assert decide(harmless, editions=daily(60)) == Nothing()


@given(histories)
def test_nothing_ends_within_a_week(history):
    week = [one for one in history if one.edition < day(7)]

    assert decide(week, editions=daily(6)) == Nothing()


@given(histories)
def test_braked_editions_are_as_if_nothing_was_heard(history):
    assert decide(history, editions=daily(60), braked=daily(60)) == Nothing()


def test_too_much_at_once_is_no_word_about_anybody():
    """One notice to all members stopped a list."""
    assert brake(FIRST, sent=1_000, bounced=60) == Brake(edition=FIRST, bounced=60, sent=1_000)
    assert brake(FIRST, sent=1_200, bounced=60) == Nothing()


def test_the_brake_hears_refusals_of_us_and_no_delays():
    assert {Verdict.HARD, Verdict.SOFT, Verdict.ABOUT_US} == BACK


def test_a_few_of_a_small_list_do_not_pull_the_brake():
    assert brake(FIRST, sent=30, bounced=BRAKE_LEAST - 1) == Nothing()
    assert brake(FIRST, sent=30, bounced=BRAKE_LEAST) != Nothing()
