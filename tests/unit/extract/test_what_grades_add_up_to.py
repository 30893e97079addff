"""What the grades in a text add up to: one record, silence where they disagree, and a reason for all that is left out.

Every text is a report of 3 May 2024 on the invented Millbank House Care Home.
"""

# ruff: noqa: E501 -- texts are read whole

from __future__ import annotations

import pytest

from digest.reports import Direction

HOME = "Millbank House Care Home"
OUTSTANDING, GOOD, REQUIRES, INADEQUATE = "outstanding", "good", "requires improvement", "inadequate"
UP, DOWN, SAME, UNKNOWN = Direction.UPGRADE, Direction.DOWNGRADE, Direction.UNCHANGED, Direction.UNKNOWN
TWO_WAYS, EARLIER = "the text tells it two ways", "of an earlier inspection"
UNBOUND, ELSE = "no word says surely which body it is of", "said of another body, or of a part of one"


@pytest.fixture
def read_of_the_home(reading):
    def of(sentences):
        return reading(
            f"Inspectors report on {HOME}\n\nPublished: 3 May 2024\n\nThe Care Quality Commission (CQC) has "
            f"published a report on {HOME}. {sentences}"
        )

    return of


def record(found):
    """The overall grade of the one report, the one before, and the movement."""
    (report,) = found.reports
    return (
        report.overall.value if report.overall else None,
        report.previous.value if report.previous else None,
        report.claims,
    )


def reasons(found):
    return [(d.grade, d.reason) for d in found.dropped]


# -- two grades -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentences", "grades"),
    [
        ("It was rated good. It was rated inadequate.", [GOOD, INADEQUATE]),
        ("It was rated good overall. It was rated inadequate overall.", [GOOD, INADEQUATE]),
        ("It was rated outstanding. The home was rated requires improvement.", [OUTSTANDING, REQUIRES]),
    ],
)
def test_contradicting_grades_give_none_and_the_reason_says_so(read_of_the_home, sentences, grades):
    found = read_of_the_home(sentences)

    assert record(found) == (None, None, UNKNOWN)
    assert reasons(found) == [(grade, TWO_WAYS) for grade in grades]


def test_a_grade_that_stands_twice_is_listed_once(read_of_the_home):
    found = read_of_the_home("It was rated good. It was rated good overall.")

    assert record(found) == (GOOD, None, UNKNOWN)
    assert reasons(found) == []


def test_a_grade_that_is_called_overall_wins_over_one_that_is_not(read_of_the_home):
    found = read_of_the_home("It was rated good. Overall it was rated inadequate.")

    assert record(found) == (INADEQUATE, None, UNKNOWN)
    assert reasons(found) == [(GOOD, TWO_WAYS)]


def test_a_contradicted_aspect_is_left_out_and_the_overall_grade_stays(read_of_the_home):
    found = read_of_the_home(
        "It was rated good for caring. It was rated inadequate for caring. It was rated good overall."
    )

    assert record(found) == (GOOD, None, UNKNOWN)
    assert found.reports[0].judgements == ()
    assert reasons(found) == [(GOOD, TWO_WAYS), (INADEQUATE, TWO_WAYS)]


# -- movement ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentences", "expected"),
    [
        # Computed from the two grades, without a word of it ...
        ("It was rated good. It was rated inadequate at its last inspection.", (GOOD, INADEQUATE, UP)),
        ("It was rated inadequate. It was rated good at its last inspection.", (INADEQUATE, GOOD, DOWN)),
        ("It was rated good. At its last inspection it was rated good.", (GOOD, GOOD, SAME)),
        # ... confirmed by one ...
        ("It was upgraded to good. It was rated inadequate at its last inspection.", (GOOD, INADEQUATE, UP)),
        ("It was downgraded to inadequate. It was rated good at its last inspection.", (INADEQUATE, GOOD, DOWN)),
        ("Its rating is unchanged at good. It was rated good at its last inspection.", (GOOD, GOOD, SAME)),
        # ... and silent where word and grades disagree.
        ("It was upgraded to good. It was rated outstanding at its last inspection.", (GOOD, None, UNKNOWN)),
        ("It was downgraded to good. It was previously rated inadequate.", (GOOD, None, UNKNOWN)),
        ("It was downgraded to good. It was previously rated good.", (GOOD, None, UNKNOWN)),
        ("It remains good. It was rated inadequate at its last inspection.", (GOOD, None, UNKNOWN)),
        ("It was upgraded to good. It was downgraded to good.", (GOOD, None, UNKNOWN)),
        # "Again" with another grade just before it is no "unchanged".
        ("It was rated good again. It was rated inadequate at its last inspection.", (GOOD, INADEQUATE, UP)),
        ("It has again been rated good. It was rated inadequate at its last inspection.", (GOOD, INADEQUATE, UP)),
        ("It has again been rated good.", (GOOD, GOOD, SAME)),
        # A word alone tells the movement, and of "unchanged" the grade before.
        ("It was upgraded to good.", (GOOD, None, UP)),
        ("It was downgraded to inadequate.", (INADEQUATE, None, DOWN)),
        ("It remains good.", (GOOD, GOOD, SAME)),
    ],
)  # fmt: skip
def test_the_movement_is_that_of_two_grades_and_words_only_confirm_it(read_of_the_home, sentences, expected):
    assert record(read_of_the_home(sentences)) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "Elmtree Lodge Care Home was downgraded.",
        "Its kitchen was upgraded.",
        "The owner was downgraded.",
    ],
)
def test_the_movement_of_another_or_of_a_part_changes_nothing(read_of_the_home, sentence):
    assert record(read_of_the_home(f"It was rated good, up from inadequate. {sentence}")) == (
        GOOD,
        INADEQUATE,
        UP,
    )


def test_grades_of_two_homes_make_no_movement(reading):
    found = reading(
        f"Two homes inspected\n\nThe CQC has inspected {HOME} and Fernleigh Care Home. {HOME} was rated good. "
        "Fernleigh Care Home was rated inadequate at its last inspection."
    )

    assert {r.provider: r.claims for r in found.reports}[HOME] is UNKNOWN
    assert all(r.previous is None for r in found.reports)


# -- evidence and reasons ---------------------------------------------------------------------------------


def test_the_sentence_with_both_grades_is_the_evidence_for_each(read_of_the_home):
    (report,) = read_of_the_home("It was rated good, up from inadequate. It was rated good overall.").reports

    both = "It was rated good, up from inadequate."
    assert [claim.evidence for claim in (report.direction, report.previous)] == [both, both]


def test_every_grade_that_is_left_out_has_its_own_reason(read_of_the_home):
    found = read_of_the_home(
        "It was rated good. Relatives rated it outstanding. The owner was rated inadequate. It hopes to be rated "
        "outstanding. Neighbouring Elmtree Lodge Care Home was rated requires improvement."
    )

    assert record(found) == (GOOD, None, UNKNOWN)
    assert reasons(found) == [
        (OUTSTANDING, "given by somebody other than the inspectorate"),
        (INADEQUATE, UNBOUND),
        (OUTSTANDING, "only possible, hoped for or still to come"),
        (REQUIRES, ELSE),
    ]


def test_two_former_grades_in_one_label_are_both_former(read_of_the_home):
    found = read_of_the_home("It was rated good. It had been rated inadequate. It had been rated requires improvement.")  # fmt: skip

    assert reasons(found) == [(INADEQUATE, EARLIER), (REQUIRES, EARLIER)]


def test_a_reason_names_the_body_and_the_sentence(read_of_the_home):
    (left_out, _) = read_of_the_home("It was rated good. It was rated inadequate.").dropped

    assert (left_out.provider, left_out.evidence) == (HOME, "It was rated good.")


def test_a_grade_that_a_report_has_is_not_left_out(read_of_the_home):
    found = read_of_the_home("It was rated good for caring. It was rated good overall, up from inadequate.")

    assert record(found)[:2] == (GOOD, INADEQUATE)
    assert found.dropped == ()


def test_where_nothing_is_announced_the_reason_says_so(reading):
    minutes = reading(f"Minutes of the health committee\n\n{HOME} was rated good by the CQC.")
    fair = reading(
        f"{HOME} holds a fete\n\n{HOME} has held its fete again. The home is rated good by the CQC."
    )

    assert reasons(minutes) == [(GOOD, "the text announces no inspection")]
    assert reasons(fair) == [(GOOD, "mentioned, not announced")]
