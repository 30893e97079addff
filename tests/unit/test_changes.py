"""Movement, exactly: what two witnesses, the text and the history, let us say of a step."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from builders import KENT, PRISONS, PROBATION, a_rating, care_inspectorate, hmi_probation, inspectorates
from hypothesis import assume, example, given
from hypothesis import strategies as st

from digest.changes import (
    REPORTED_WITHIN,
    SAME_INSPECTION_WITHIN,
    Certainty,
    Claimed,
    Movement,
    Withdrawal,
    compare,
    step,
    with_withdrawn_marked,
    withdrawals,
)
from digest.ratings import OVERALL, Precision
from digest.reports import Direction

NOW = date(2026, 3, 10)
LAST_TIME = date(2024, 3, 5)
BEFORE_THAT = date(2021, 9, 1)
KNOWN = inspectorates()
FOUR_POINTS = hmi_probation().scales[0]
GRADES = [grade.name for grade in FOUR_POINTS.grades]
SILENT = Claimed()


def rated_now(grade="good", published_on=NOW, **facts):
    return a_rating(grade, published_on, **({"link": "https://inspectorate.example/kent-2026"} | facts))


def change_of(history=(), now=None, claimed=SILENT):
    return compare(history, now or rated_now(), claimed, KNOWN)


# -- the step itself ------------------------------------------------------------------------------------


@given(st.sampled_from([s for body in KNOWN for s in body.scales]), st.data())
def test_a_step_up_one_way_is_a_step_down_the_other(scale, data):
    one, other = (data.draw(st.sampled_from(scale.grades)).name for _ in range(2))
    back = {
        Movement.UPGRADE: Movement.DOWNGRADE,
        Movement.DOWNGRADE: Movement.UPGRADE,
        Movement.UNCHANGED: Movement.UNCHANGED,
    }

    assert step(other, one, scale) is back[step(one, other, scale)]
    assert (step(one, other, scale) is Movement.UNCHANGED) == (one == other)


@pytest.mark.parametrize(
    ("before", "after", "movement"),
    [("4", "3", Movement.DOWNGRADE), ("3", "4", Movement.UPGRADE), ("5", "very good", Movement.UNCHANGED)],
)
def test_from_four_to_three_is_down_where_six_is_best(before, after, movement):
    assert step(before, after, care_inspectorate().scales[0]) is movement


def test_a_grade_that_the_scale_lacks_compares_with_nothing():
    assert step("adequate", "good", FOUR_POINTS) is Movement.NOT_COMPARABLE
    assert step("good", "adequate", FOUR_POINTS) is Movement.NOT_COMPARABLE


# -- which rating is the one before ---------------------------------------------------------------------


def test_the_latest_earlier_inspection_counts_not_the_first_and_not_the_last_written():
    history = [
        a_rating("requires improvement", LAST_TIME),
        a_rating("inadequate", BEFORE_THAT),
    ]

    change = change_of(history)
    assert (change.movement, change.before, change.before_on) == (
        Movement.UPGRADE,
        "requires improvement",
        LAST_TIME,
    )


@pytest.mark.parametrize(
    "foreign",
    [
        a_rating("inadequate", provider="essex-pdu"),
        a_rating("inadequate", scale="ofsted-4"),
    ],
    ids=["another provider's", "another inspectorate's"],
)
def test_a_rating_that_is_not_this_providers_by_this_body_is_no_earlier_one(foreign):
    change = change_of([foreign])

    assert (change.movement, change.before) == (Movement.FIRST_RATING, None)


def test_a_predecessors_grade_is_not_the_providers_own():
    """The unit followed a company; the register links them, and the company's rating stays the company's."""
    change = change_of([a_rating("inadequate", provider="kent-crc")])

    assert change.movement is Movement.FIRST_RATING


@pytest.mark.parametrize("days", [0, 3, 45])
def test_an_inspection_is_never_compared_with_itself(days):
    """The press release came out, then the report: two ratings in the history, one inspection."""
    release = rated_now(published_on=NOW - timedelta(days=days))

    assert change_of([release]).movement is Movement.FIRST_RATING
    assert change_of([release, a_rating("requires improvement")]).movement is Movement.UPGRADE


def test_an_inspection_is_not_compared_with_one_that_came_after_it():
    later = a_rating("outstanding", NOW + timedelta(days=400))

    change = change_of([later, a_rating("good")])
    assert (change.movement, change.before) == (Movement.UNCHANGED, "good")
    assert change.review == f"we hold a later rating: overall outstanding, {later.published_on}"


def test_what_is_doubted_already_keeps_its_own_reason():
    later = a_rating("outstanding", NOW + timedelta(days=400))

    change = change_of([later], claimed=Claimed(previous="good", direction=Direction.UPGRADE))
    assert change.review == "the text says upgrade but gives good before and good now"


@pytest.mark.parametrize(
    ("old", "new", "known_before"),
    [
        # Both visits are dated: their distance decides, however late the reports came out.
        ({"inspected_on": date(2025, 6, 1)}, {"inspected_on": date(2025, 12, 1)}, True),
        ({"inspected_on": date(2025, 11, 14)}, {"inspected_on": date(2025, 11, 30)}, False),
        # One side has only its visit, the other only its report: a report may be months in coming.
        ({"inspected_on": NOW - REPORTED_WITHIN - timedelta(days=1), "published_on": None}, {}, True),
        ({"inspected_on": NOW + timedelta(days=1), "published_on": None}, {}, False),
        (
            {"published_on": date(2025, 10, 1)},
            {"inspected_on": date(2025, 11, 1), "published_on": None},
            True,
        ),
        (
            {"published_on": date(2025, 12, 1)},
            {"inspected_on": date(2025, 11, 1), "published_on": None},
            False,
        ),
    ],
)
def test_visits_and_reports_are_dated_apart(old, new, known_before):
    change = change_of([a_rating("requires improvement", **old)], rated_now(**new))

    assert change.movement is (Movement.UPGRADE if known_before else Movement.FIRST_RATING)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"inspected_on": NOW - REPORTED_WITHIN, "published_on": None}, {}),
        ({"inspected_on": NOW, "published_on": None}, {}),
        ({}, {"published_on": None}),
        ({"published_on": None, "link": "https://inspectorate.example/kent-2026/"}, {}),
        ({"published_on": None}, {"published_on": None, "link": "http://www.inspectorate.example/kent-2024"}),
    ],
)
def test_a_rating_that_may_be_this_very_inspections_says_neither_first_nor_moved(old, new):
    """Doubt means "not comparable", and goes to the review list: a wrong rating must never be printed."""
    history = [a_rating("requires improvement", **old)]

    change = change_of(history, rated_now(**new))
    assert (change.movement, change.before) == (Movement.NOT_COMPARABLE, None)
    assert change.review == "we hold a rating that may be of this inspection or of one before it"


def test_where_history_is_in_doubt_a_text_that_speaks_is_heard():
    history = [a_rating("requires improvement", inspected_on=NOW, published_on=None)]

    change = change_of(history, claimed=Claimed(previous="inadequate"))
    assert (change.movement, change.before, change.certainty) == (
        Movement.UPGRADE,
        "inadequate",
        Certainty.STATED,
    )
    assert change.review


def test_the_registers_undated_ratings_are_older_than_any_report():
    change = change_of([a_rating("requires improvement", None)])

    assert (change.movement, change.before_on) == (Movement.UPGRADE, None)


def test_a_dated_rating_goes_before_an_undated_one():
    change = change_of([a_rating("inadequate", None), a_rating("good", LAST_TIME)])

    assert change.movement is Movement.UNCHANGED


@pytest.mark.parametrize("day", [LAST_TIME, None])
def test_a_history_that_contradicts_itself_compares_with_nothing(day):
    history = [a_rating("inadequate", day), a_rating("good", day)]

    change = change_of(history)
    assert (change.movement, change.before) == (Movement.NOT_COMPARABLE, None)
    assert change.review == "we hold good and inadequate for the inspection before"


def test_one_rating_held_twice_is_no_contradiction():
    change = change_of([a_rating("inadequate"), a_rating("inadequate", evidence="Again.")])

    assert (change.movement, change.review) == (Movement.UPGRADE, None)


# -- a rating before that is in doubt itself ---------------------------------------------------------------


def test_a_movement_from_a_rating_in_doubt_is_in_doubt():
    change = change_of([a_rating("requires improvement", doubted=True)])

    assert (change.movement, change.before) == (Movement.UPGRADE, "requires improvement")
    assert change.review == "the rating before is in doubt itself"


@pytest.mark.parametrize(
    ("history", "claimed"),
    [
        ([a_rating("inadequate", doubted=True)], Claimed(previous="inadequate")),
        ([a_rating("inadequate", doubted=True), a_rating("inadequate")], SILENT),
        ([a_rating("good", BEFORE_THAT, doubted=True), a_rating("inadequate")], SILENT),
    ],
    ids=["the text names it", "another text gives it", "it is an older one"],
)
def test_a_rating_before_that_something_else_vouches_for_is_in_no_doubt(history, claimed):
    change = change_of(history, claimed=claimed)

    assert (change.movement, change.before, change.review) == (Movement.UPGRADE, "inadequate", None)


def test_a_text_that_names_only_the_direction_does_not_vouch_for_the_rating_before():
    change = change_of([a_rating("inadequate", doubted=True)], claimed=Claimed(direction=Direction.UPGRADE))

    assert change.review == "the rating before is in doubt itself"


# -- dates of which only a part is known ------------------------------------------------------------------


def vague(grade, first, precision, **facts):
    return a_rating(grade, first, published_precision=precision, **facts)


@pytest.mark.parametrize(
    ("first", "precision", "earlier"),
    [
        (date(2025, 1, 1), Precision.YEAR, True),  # its last day is 69 days before the report
        (date(2026, 1, 1), Precision.YEAR, None),
        (date(2027, 1, 1), Precision.YEAR, False),
        (date(2026, 1, 1), Precision.MONTH, None),  # its last day is 38 days before, its first 68
        (date(2025, 12, 1), Precision.MONTH, True),
        (date(2024, 1, 1), Precision.ROUND, True),
        (date(2025, 1, 1), Precision.ROUND, None),
        (date(2026, 3, 1), Precision.MONTH, False),
    ],
)
def test_a_rating_is_an_earlier_one_only_if_every_day_it_can_mean_is(first, precision, earlier):
    """The report came on 10 March 2026; within 45 days it would be about the same inspection."""
    change = change_of([vague("requires improvement", first, precision)])

    expected = {
        True: (Movement.UPGRADE, first, precision, False),
        False: (Movement.FIRST_RATING, None, Precision.DAY, first.year == 2027),
        None: (Movement.NOT_COMPARABLE, None, Precision.DAY, True),
    }[earlier]
    assert (change.movement, change.before_on, change.before_precision, bool(change.review)) == expected


def test_of_two_ratings_whose_order_is_not_known_neither_is_the_one_before():
    history = [
        vague("requires improvement", date(2024, 1, 1), Precision.YEAR),
        a_rating("inadequate", date(2024, 5, 7)),
    ]

    change = change_of(history)
    assert (change.movement, change.before) == (Movement.NOT_COMPARABLE, None)
    assert change.review == "we hold inadequate and requires improvement for the inspection before"


def test_two_ratings_of_one_grade_need_no_order():
    history = [
        vague("inadequate", date(2024, 1, 1), Precision.YEAR),
        a_rating("inadequate", date(2024, 5, 7)),
    ]

    change = change_of(history)
    assert (change.movement, change.before_on) == (Movement.UPGRADE, date(2024, 5, 7))


def test_a_rating_that_may_be_of_this_inspection_hides_the_one_before_it():
    history = [a_rating("inadequate", LAST_TIME), vague("good", date(2026, 1, 1), Precision.YEAR)]

    change = change_of(history)
    assert (change.movement, change.before) == (Movement.NOT_COMPARABLE, None)
    assert change.review == "we hold a rating that may be of this inspection or of one before it"


def test_two_texts_on_the_inspection_before_that_differ_are_no_grade_before():
    """Its release said one grade, and its report, ten days later, another."""
    history = [a_rating("inadequate", LAST_TIME), a_rating("good", LAST_TIME + timedelta(days=10))]

    assert change_of(history).review == "we hold good and inadequate for the inspection before"


@pytest.mark.parametrize("above", [Precision.DAY, Precision.MONTH, Precision.YEAR])
def test_an_undated_rating_of_the_register_comes_after_the_one_above_it_and_has_no_date(above):
    history = [
        vague("inadequate", LAST_TIME, above),
        vague("requires improvement", LAST_TIME + timedelta(days=1), Precision.NOT_BEFORE),
    ]

    change = change_of(history)
    assert (change.movement, change.before, change.before_on, change.review) == (
        Movement.UPGRADE,
        "requires improvement",
        None,
        None,
    )


def test_a_later_rating_is_named_with_what_is_known_of_its_date():
    change = change_of([vague("good", date(2027, 1, 1), Precision.YEAR)])

    assert change.review == "we hold a later rating: overall good, 2027"


def test_a_rating_that_can_be_of_the_day_of_a_withdrawal_is_not_withdrawn_by_it():
    this_year = vague("good", date(2026, 1, 1), Precision.YEAR)

    assert withdrawn(this_year) == ()
    assert [change.before for change in withdrawn(this_year, said=None)] == ["good"]


def test_the_sentence_may_name_either_year_of_a_round():
    said = "We have withdrawn our report on Kent PDU published in 2019."
    held = vague("good", date(2018, 1, 1), Precision.ROUND)

    assert [(c.before, c.before_precision) for c in withdrawn(held, said=said)] == [("good", Precision.ROUND)]


# -- like with like -------------------------------------------------------------------------------------


def test_another_framework_is_not_comparable_though_the_words_are_the_same():
    """Ofsted: a "good" of the report card is neither up, down nor the same as the old "good"."""
    now = rated_now("good", scale="ofsted-reportcard-5")

    change = change_of([a_rating("good", scale="ofsted-4")], now)
    assert (change.movement, change.before, change.before_on) == (Movement.NOT_COMPARABLE, "good", LAST_TIME)
    assert change.review is None, "a new framework is no doubt"


def test_the_inspection_before_on_another_framework_hides_the_one_before_that():
    """Skipping an inspection would compare with a grade that the service no longer had."""
    history = [
        a_rating("inadequate", BEFORE_THAT, scale="ofsted-reportcard-5"),
        a_rating("good", LAST_TIME, scale="ofsted-4"),
    ]

    assert change_of(history, rated_now(scale="ofsted-reportcard-5")).movement is Movement.NOT_COMPARABLE


def test_a_text_that_compares_across_frameworks_is_not_followed_but_reviewed():
    now = rated_now("good", scale="ofsted-reportcard-5")
    claimed = Claimed(previous="needs attention", direction=Direction.UPGRADE)

    change = change_of([a_rating("good", scale="ofsted-4")], now, claimed)
    assert change.movement is Movement.NOT_COMPARABLE
    assert change.review == "the text says upgrade from needs attention; we hold good"


def test_a_text_that_says_not_comparable_and_a_history_that_shows_why_agree():
    now = rated_now("good", scale="ofsted-reportcard-5")

    change = change_of([a_rating("good", scale="ofsted-4")], now, Claimed(direction=Direction.NOT_COMPARABLE))
    assert (change.movement, change.certainty) == (Movement.NOT_COMPARABLE, Certainty.AGREED)


def test_a_scale_that_inherits_anothers_words_compares_by_them():
    now = rated_now("good", scale="ofsted-care-4")

    assert change_of([a_rating("Outstanding", scale="ofsted-4")], now).movement is Movement.DOWNGRADE


@pytest.mark.parametrize(
    ("old", "scale"), [("satisfactory", "ofsted-4"), ("adequate", "ofsted-care-4")], ids=["heirs", "typo"]
)
def test_a_held_grade_that_the_scale_of_now_lacks_is_reviewed(old, scale):
    """ "Satisfactory" was the old scale's word for a grade that its heir calls by a longer name."""
    now = rated_now("good", scale="ofsted-care-4")

    change = change_of([a_rating(old, scale=scale)], now)
    assert (change.movement, change.before) == (Movement.NOT_COMPARABLE, None)
    assert "which ofsted-care-4 lacks" in (change.review or "")


def test_a_rating_on_a_scale_that_nobody_knows_may_be_the_same_bodys():
    change = change_of([a_rating("good", scale="hmip-draft")])

    assert (change.movement, change.before) == (Movement.NOT_COMPARABLE, "good")


@pytest.mark.parametrize(
    ("facts", "review"),
    [
        ({"scale": "estyn-4"}, "unknown scale estyn-4"),
        ({"grade": "adequate"}, f"{PROBATION} has no grade adequate"),
    ],
)
def test_what_the_operators_files_do_not_know_compares_with_nothing(facts, review):
    change = change_of(
        [a_rating()], rated_now(**facts), Claimed(previous="good", direction=Direction.UPGRADE)
    )

    assert (change.movement, change.before, change.review) == (Movement.NOT_COMPARABLE, None, review)


# -- aspects --------------------------------------------------------------------------------------------


def test_aspects_are_compared_each_with_itself():
    history = [
        a_rating("good", aspect="staff"),
        a_rating("inadequate", aspect="leadership"),
        a_rating("good"),
    ]

    assert change_of(history, rated_now("good", aspect="staff")).movement is Movement.UNCHANGED
    assert change_of(history, rated_now("good", aspect="leadership")).movement is Movement.UPGRADE


def test_a_test_under_its_new_name_is_compared_with_itself_under_the_old():
    """HMI Prisons' fourth test: resettlement, then release planning, then preparation for release."""
    old = a_rating("poor", scale=PRISONS, aspect="Resettlement")
    now = rated_now("reasonably good", scale=PRISONS, aspect="preparation for release")

    change = change_of([old], now)
    assert (change.movement, change.before, change.aspect) == (
        Movement.UPGRADE,
        "poor",
        "preparation for release",
    )


@pytest.mark.parametrize("held", ["overall", "leadership"])
def test_an_aspect_whose_former_grade_is_unknown_is_no_first_rating_of_a_service_inspected_before(held):
    """The register holds overall grades only: what the staff standard was last time, nobody here knows."""
    change = change_of([a_rating("inadequate", aspect=held)], rated_now(aspect="staff"))

    assert (change.movement, change.before) == (Movement.NOT_COMPARABLE, None)
    assert change.certainty is Certainty.HELD
    assert change.review is None


def test_aspects_of_a_new_framework_are_no_first_ratings():
    change = change_of(
        [a_rating("good", scale="ofsted-4")], rated_now(scale="ofsted-reportcard-5", aspect="inclusion")
    )

    assert change.movement is Movement.NOT_COMPARABLE


def test_an_aspect_whose_former_grade_only_the_text_knows_has_moved_by_its_word():
    change = change_of([a_rating("inadequate")], rated_now(aspect="staff"), Claimed(previous="outstanding"))

    assert (change.movement, change.before, change.certainty) == (
        Movement.DOWNGRADE,
        "outstanding",
        Certainty.STATED,
    )


# -- two witnesses --------------------------------------------------------------------------------------


def test_nobody_knows_of_an_inspection_before_so_this_is_the_first_as_far_as_we_know():
    change = change_of()

    assert (change.movement, change.certainty, change.review) == (
        Movement.FIRST_RATING,
        Certainty.ALONE,
        None,
    )


def test_text_and_history_that_say_the_same_are_certain():
    change = change_of(
        [a_rating("requires improvement")],
        claimed=Claimed(previous="Requires Improvement", direction=Direction.UPGRADE),
    )

    assert (change.movement, change.before, change.before_on, change.certainty, change.review) == (
        Movement.UPGRADE,
        "requires improvement",
        LAST_TIME,
        Certainty.AGREED,
        None,
    )


@pytest.mark.parametrize(
    ("direction", "held"),
    [
        (Direction.UPGRADE, "inadequate"),
        (Direction.DOWNGRADE, "outstanding"),
        (Direction.UNCHANGED, "good"),
    ],
)
def test_a_text_that_claims_a_direction_alone_is_confirmed_by_the_history(direction, held):
    change = change_of([a_rating(held)], claimed=Claimed(direction=direction))

    assert (change.before, change.certainty) == (held, Certainty.AGREED)


@pytest.mark.parametrize("direction", [Direction.UNKNOWN, Direction.MIXED])
def test_a_silent_text_leaves_the_step_to_the_history(direction):
    change = change_of([a_rating("outstanding")], claimed=Claimed(direction=direction))

    assert (change.movement, change.certainty) == (Movement.DOWNGRADE, Certainty.HELD)


@pytest.mark.parametrize(
    ("claimed", "movement", "before"),
    [
        (Claimed(previous="inadequate"), Movement.UPGRADE, "inadequate"),
        (Claimed(previous="poor", direction=Direction.UPGRADE), Movement.UPGRADE, "inadequate"),
        (Claimed(direction=Direction.DOWNGRADE), Movement.DOWNGRADE, None),
        (Claimed(direction=Direction.FIRST), Movement.FIRST_RATING, None),
        (Claimed(direction=Direction.NOT_COMPARABLE), Movement.NOT_COMPARABLE, None),
        (
            Claimed(previous="satisfactory", direction=Direction.NOT_COMPARABLE),
            Movement.NOT_COMPARABLE,
            "satisfactory",
        ),
        (Claimed(previous="satisfactory"), Movement.NOT_COMPARABLE, "satisfactory"),
    ],
)
def test_without_a_history_the_text_is_believed(claimed, movement, before):
    change = change_of(claimed=claimed)

    assert (change.movement, change.before, change.before_on) == (movement, before, None)
    assert (change.certainty, change.review) == (Certainty.STATED, None)


def test_a_service_that_remains_good_was_good_before():
    change = change_of(claimed=Claimed(direction=Direction.UNCHANGED))

    assert (change.movement, change.before) == (Movement.UNCHANGED, "good")


@pytest.mark.parametrize(
    ("claimed", "movement", "before", "review"),
    [
        (
            Claimed(previous="outstanding"),
            Movement.DOWNGRADE,
            "outstanding",
            "the text says downgrade from outstanding; we hold inadequate",
        ),
        (
            Claimed(previous="requires improvement", direction=Direction.UPGRADE),
            Movement.UPGRADE,
            "requires improvement",
            "the text says upgrade from requires improvement; we hold inadequate",
        ),
        (
            Claimed(direction=Direction.DOWNGRADE),
            Movement.DOWNGRADE,
            None,
            "the text says downgrade; we hold inadequate",
        ),
        (
            Claimed(direction=Direction.FIRST),
            Movement.FIRST_RATING,
            None,
            "the text says first rating; we hold inadequate",
        ),
    ],
)
def test_witnesses_that_differ_leave_the_texts_words_and_go_to_review(claimed, movement, before, review):
    change = change_of([a_rating("inadequate")], claimed=claimed)

    assert (change.movement, change.before, change.before_on) == (movement, before, None)
    assert (change.certainty, change.review) == (Certainty.DISPUTED, review)


@pytest.mark.parametrize(
    ("now", "claimed"),
    [
        ("good", Claimed(previous="outstanding", direction=Direction.UPGRADE)),
        ("good", Claimed(previous="good", direction=Direction.DOWNGRADE)),
        ("good", Claimed(previous="inadequate", direction=Direction.UNCHANGED)),
        ("good", Claimed(previous="inadequate", direction=Direction.FIRST)),
        ("inadequate", Claimed(direction=Direction.UPGRADE)),
        ("outstanding", Claimed(direction=Direction.DOWNGRADE)),
    ],
)
def test_a_text_that_contradicts_itself_is_not_comparable_and_reviewed(now, claimed):
    """Cheerful words over a fall, a sibling's rating taken for the service's own: nothing is announced."""
    change = change_of(now=rated_now(now), claimed=claimed)

    assert (change.movement, change.certainty) == (Movement.NOT_COMPARABLE, Certainty.DISPUTED)
    assert change.review


def test_history_decides_between_a_texts_grades_and_its_verb():
    """Two of three witnesses agree; the operators still look at the third."""
    claimed = Claimed(previous="good", direction=Direction.UPGRADE)

    change = change_of([a_rating("good")], claimed=claimed)
    assert (change.movement, change.certainty) == (Movement.UNCHANGED, Certainty.AGREED)
    assert change.review == "the text says upgrade but gives good before and good now"


# -- ratings that were withdrawn ------------------------------------------------------------------------


def withdrawn(*history, said="We have withdrawn it.", dated=NOW):
    return withdrawals(history, provider=KENT, scale=PROBATION, said=said, dated=dated, inspectorates=KNOWN)


def marked(*history, dated=NOW):
    """The history after the text of a day has withdrawn what is current."""
    said = [Withdrawal(change=change, dated=dated) for change in withdrawn(*history, dated=dated)]
    return with_withdrawn_marked(history, said)


def test_a_rating_taken_back_has_nothing_after_it():
    [change] = withdrawn(a_rating("good"))

    assert (change.movement, change.before, change.before_on, change.after) == (
        Movement.WITHDRAWN,
        "good",
        LAST_TIME,
        None,
    )


def test_the_latest_rating_before_the_text_is_the_one_withdrawn():
    older, later = a_rating("inadequate", BEFORE_THAT), a_rating("outstanding", NOW + timedelta(days=300))

    [change] = withdrawn(later, older, a_rating("good"))
    assert (change.before, change.before_on) == ("good", LAST_TIME)


def test_of_an_inspection_with_an_overall_rating_that_one_is_withdrawn():
    [change] = withdrawn(a_rating("inadequate", aspect="staff"), a_rating("good"))

    assert change.aspect == OVERALL


def test_without_an_overall_rating_those_of_the_aspects_are_withdrawn():
    changes = withdrawn(a_rating("inadequate", aspect="staff"), a_rating("good", aspect="planning"))

    assert {change.aspect: change.before for change in changes} == {"staff": "inadequate", "planning": "good"}


@pytest.mark.parametrize(
    "history",
    [
        [],
        [a_rating("good"), a_rating("inadequate")],
        [a_rating("good", provider="essex-pdu")],
        [a_rating("good", scale="ofsted-4")],
        [a_rating("good", NOW + timedelta(days=1))],
    ],
    ids=["none", "two that differ", "another provider's", "another inspectorate's", "a later one"],
)
def test_no_rating_is_withdrawn_that_we_do_not_surely_hold(history):
    assert withdrawn(*history) == ()


@pytest.mark.parametrize(
    "said",
    [
        "We have withdrawn our rating of Inadequate given to Kent PDU.",
        "We have withdrawn our report on Kent PDU published on 3 May 2021.",
    ],
)
def test_a_rating_of_another_grade_or_year_than_the_sentence_names_is_not_withdrawn(said):
    assert withdrawn(a_rating("good"), said=said) == ()


def test_the_sentence_may_name_the_grade_and_the_year_of_the_rating():
    said = "We have withdrawn our rating of Good given to Kent PDU published in March 2024."

    assert [change.before for change in withdrawn(a_rating("good"), said=said)] == ["good"]


def test_a_rating_of_the_very_day_of_the_withdrawal_may_have_come_after_it():
    assert withdrawn(a_rating("inadequate"), a_rating("good", NOW)) == ()


def test_an_operator_may_say_that_a_rating_of_the_very_day_is_withdrawn():
    assert [c.before for c in withdrawn(a_rating("inadequate"), a_rating("good", NOW), said=None)] == ["good"]


def test_a_withdrawn_rating_is_no_longer_the_one_before():
    history = marked(a_rating("requires improvement", BEFORE_THAT), a_rating("good"))

    change = change_of(history, rated_now("good"))
    assert (change.movement, change.before, change.before_on) == (
        Movement.UPGRADE,
        "requires improvement",
        BEFORE_THAT,
    )


def test_every_rating_of_the_withdrawn_inspection_goes_with_it():
    """The same inspection is held by its own day and, from the register, by the report's."""
    visited = a_rating("good", None, inspected_on=LAST_TIME - timedelta(days=40))
    aspect = a_rating("inadequate", aspect="staff")

    assert all(rating.withdrawn for rating in marked(visited, aspect, a_rating("good")))


def test_a_rating_of_another_inspectorate_in_the_same_weeks_stays():
    others = a_rating("good", LAST_TIME - timedelta(days=20), scale="ofsted-4")

    assert [rating.withdrawn for rating in marked(others, a_rating("good"))] == [False, True]


def test_a_report_published_anew_after_the_withdrawal_stands():
    again = a_rating("inadequate", NOW + timedelta(days=20), inspected_on=LAST_TIME - timedelta(days=40))

    history = marked(a_rating("good", inspected_on=LAST_TIME - timedelta(days=40)), again)
    assert [rating.withdrawn for rating in history] == [True, False]


def test_a_withdrawal_told_twice_takes_back_the_same_rating_twice():
    history = [a_rating("requires improvement", BEFORE_THAT), a_rating("good")]

    assert withdrawn(*marked(*history)) == withdrawn(*history)


# -- laws -----------------------------------------------------------------------------------------------

DATES = st.none() | st.dates(date(2019, 1, 1), date(2027, 1, 1))
RATINGS = st.builds(
    a_rating,
    st.sampled_from([*GRADES, "adequate"]),
    DATES,
    inspected_on=DATES,
    published_precision=st.sampled_from(Precision),
    provider=st.sampled_from(["kent-pdu", "essex-pdu"]),
    aspect=st.sampled_from(["overall", "staff", "governance and leadership"]),
    scale=st.sampled_from([PROBATION, "ofsted-4", "hmip-draft"]),
)
HISTORIES = st.lists(RATINGS, max_size=6)
TOLD = st.builds(
    Claimed,
    previous=st.none() | st.sampled_from([*GRADES, "adequate"]),
    direction=st.sampled_from(Direction),
)
NOWS = st.builds(rated_now, st.sampled_from(GRADES), aspect=st.sampled_from(["overall", "leadership"]))


@given(HISTORIES, NOWS, TOLD, st.randoms(use_true_random=False))
@example(
    [
        a_rating("outstanding", None, inspected_on=date(2027, 1, 1)),
        a_rating("good", None, inspected_on=date(2027, 1, 1)),
    ],
    rated_now("outstanding"),
    Claimed(previous=None, direction=Direction.UPGRADE),
    Random(0),
)
def test_the_order_in_which_ratings_are_held_does_not_matter(history, now, claimed, random):
    shuffled = random.sample(history, len(history))

    assert change_of(shuffled, now, claimed) == change_of(history, now, claimed)


@given(HISTORIES, NOWS, TOLD, st.timedeltas(timedelta(0), SAME_INSPECTION_WITHIN))
def test_holding_this_inspection_already_changes_nothing(history, now, claimed, ago):
    """A page is read twice, or by two workers, and says the same."""
    this = replace(now, published_on=NOW - ago)
    assume(all(r.published_on is None or r.published_on <= NOW for r in history))
    assume(all(r.inspected_on is None for r in history))

    assert change_of([*history, this], now, claimed) == change_of(history, now, claimed)


@given(HISTORIES, NOWS, TOLD)
def test_what_others_were_rated_changes_nothing(history, now, claimed):
    own = [r for r in history if r.provider == now.provider and r.scale != "ofsted-4"]

    assert change_of(own, now, claimed) == change_of(history, now, claimed)


@given(HISTORIES, NOWS, TOLD)
def test_a_movement_fits_the_grades_it_is_printed_with(history, now, claimed):
    change = change_of(history, now, claimed)

    assert change.after == now.grade
    if change.before is not None and change.movement is not Movement.NOT_COMPARABLE:
        assert step(change.before, now.grade, FOUR_POINTS) is change.movement
    if change.movement is Movement.FIRST_RATING:
        assert change.before is None


@given(HISTORIES, NOWS, TOLD)
def test_a_date_before_is_that_of_a_rating_we_hold(history, now, claimed):
    change = change_of(history, now, claimed)

    assert change.before_on is None or any(
        (r.dated, r.precision, r.grade) == (change.before_on, change.before_precision, change.before)
        for r in history
    )


@given(HISTORIES, NOWS, TOLD)
def test_every_dispute_has_a_reason_for_the_operators(history, now, claimed):
    change = change_of(history, now, claimed)

    assert change.certainty is not Certainty.DISPUTED or change.review


@given(HISTORIES, NOWS)
def test_a_first_rating_is_never_said_of_a_service_that_was_surely_inspected_before(history, now):
    change = change_of(history, now)

    if change.movement is Movement.FIRST_RATING:
        assert all(
            change_of([replace(r, aspect=now.aspect)], now).before is None
            for r in history
            if r.scale == PROBATION
        )
