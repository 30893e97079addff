"""How newspapers, round-ups and own sites tell a rating, the one before and the way between them.

The homes, schools and colleges are invented.
"""

# ruff: noqa: E501 -- texts are read whole

from __future__ import annotations

import pytest

from digest.reports import Direction, Kind

UP, DOWN, SAME, FIRST = Direction.UPGRADE, Direction.DOWNGRADE, Direction.UNCHANGED, Direction.FIRST
OUTSTANDING, GOOD, REQUIRES, INADEQUATE = "outstanding", "good", "requires improvement", "inadequate"
HOME, SCHOOL = "Millbank House Care Home", "Oakfield Primary School"


def told(report):
    return tuple(
        claim.value if claim else None for claim in (report.overall, report.previous, report.direction)
    )


# -- what announces ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("Village school has positive inspection\n\nA village school has been given a clean bill of health as Ofsted inspectors have judged it good in all categories.", GOOD),
        ("Agency celebrates\n\nA fostering agency has received an 'outstanding' grading following an inspection by Ofsted.", OUTSTANDING),
        ("Referral unit judged outstanding\n\nA unit where pupils get alarm clocks has been judged outstanding by education watchdog Ofsted.", OUTSTANDING),
        ("Parents give thumbs down\n\nPupils told Ofsted that they would not come back, as inspectors mark the school as 'requires improvement'.", REQUIRES),
    ],
)  # fmt: skip
def test_a_text_that_opens_on_the_rating_of_one_unnamed_body_announces_it(reading, text, grade):
    (report,) = reading(text).reports

    assert report.overall.value == grade


@pytest.mark.parametrize(
    "text",
    [
        "Nursery to close\n\nA nursery rated 'Inadequate' by Ofsted is to close. Its owner spoke of rising costs.",
        "Ratings explained\n\nA school that is rated 'Good' by Ofsted is inspected again within four years.",
        "Parents' campaign\n\nA school has been judged good by Ofsted, and another inadequate.",
    ],
)
def test_a_rating_that_is_only_known_is_not_announced(reading, text):
    assert not any(r.rated for r in reading(text).reports)


@pytest.mark.parametrize(
    "sentence",
    [
        "One of the largest hospitals in the country has kept its 'Outstanding' rating.",
        "The other possible ratings are 'Good', 'Requires improvement' and 'Inadequate'.",
        "It was rated 'Outstanding' in all five areas inspected.",
    ],
)
def test_words_that_number_no_bodies_make_no_statistics(reading, sentence):
    found = reading(
        f"Trust keeps top rating\n\n{sentence} Northbrook NHS Foundation Trust was rated 'Outstanding' by the Care Quality Commission."
    )

    assert [(r.provider, r.overall.value) for r in found.reports] == [
        ("Northbrook NHS Foundation Trust", OUTSTANDING)
    ]


@pytest.mark.parametrize(
    ("text", "grades"),
    [
        (
            "Ofsted watch: delight for colleges\n\nTwo colleges rejoiced this week as they were rated 'Good'. Elmtree College and Northbrook College rose from 'Requires improvement' to 'Good'.",
            {"Elmtree College": GOOD, "Northbrook College": GOOD},
        ),
        (
            "Inspections mark two schools as inadequate\n\nTwo schools have been rated inadequate by Ofsted. Oakfield Middle School and Fernleigh First School, in Amble, both received the lowest grade.",
            {"Oakfield Middle School": INADEQUATE, "Fernleigh First School": INADEQUATE},
        ),
        (
            "Hospitals in special measures\n\nFernleigh Hospital in Herefordshire and Northbrook Hospital in Dorset were both rated 'inadequate' by the Care Quality Commission.",
            {"Fernleigh Hospital": INADEQUATE, "Northbrook Hospital": INADEQUATE},
        ),
        (
            "Homes upgraded\n\nThe Care Quality Commission (CQC) went to three homes. These are Elmtree Care Home in Essex, Fernleigh Care Home in Kent and Millbank Care Home. All three were removed from special measures and upgraded to 'Good'.",
            dict.fromkeys(["Elmtree Care Home", "Fernleigh Care Home", "Millbank Care Home"], GOOD),
        ),
    ],
)
def test_bodies_that_a_round_up_counts_and_then_names_each_get_their_grade(reading, text, grades):
    found = reading(text)

    assert found.kind is Kind.MULTI
    assert {r.provider: r.overall.value for r in found.reports} == grades


def test_unnamed_bodies_of_a_round_up_give_the_named_one_no_grade(reading):
    (report,) = reading(
        "Ofsted watch: a week for colleges\n\nIt was a week of contrasts, with one rated 'Outstanding' and another having slipped to 'Inadequate'. "
        "Elmtree College went up from 'Requires improvement' to 'Good' overall in a report published this week."
    ).reports

    assert told(report) == (GOOD, REQUIRES, UP)


# -- the rating before, and the way from it ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentences", "expected"),
    [
        (f"{HOME} has been rated 'Good' overall. It has been lifted out of the 'Requires improvement' category.", (GOOD, REQUIRES, UP)),
        (f"{HOME} has been rated 'Good', two years after it was given an 'Inadequate' rating.", (GOOD, INADEQUATE, UP)),
        (f"{HOME} has lifted its rating to 'Good' in all areas following an 'Inadequate' rating last year.", (GOOD, INADEQUATE, UP)),
        (f"{HOME} has been rated 'Requires improvement', after decades of holding a 'Good' rating.", (REQUIRES, GOOD, DOWN)),
        (f"{HOME} has managed to shake off its 'Inadequate' rating, going up to a 'Good'.", (GOOD, INADEQUATE, UP)),
        (f"Despite losing its 'Outstanding' rating, {HOME} was rated 'Good'.", (GOOD, OUTSTANDING, DOWN)),
        (f"{HOME} has dropped from the previous rating of 'Requires improvement' to 'Inadequate'.", (INADEQUATE, REQUIRES, DOWN)),
        (f"{HOME} has been rated 'Good' by inspectors. It has gone up a grade.", (GOOD, None, UP)),
        (f"{HOME} has been rated 'Inadequate' by inspectors. It dropped two grades.", (INADEQUATE, None, DOWN)),
        (f"{HOME} is rated 'Requires improvement' overall. It is a pity that the overall rating has stayed the same.", (REQUIRES, REQUIRES, SAME)),
        (f"{HOME} was found to be still 'Good', and all are glad.", (GOOD, GOOD, SAME)),
        (f"{HOME} has been awarded an 'Outstanding' rating once again.", (OUTSTANDING, OUTSTANDING, SAME)),
        (f"{HOME} has been rated 'Good'. This was the first inspection of the home.", (GOOD, None, FIRST)),
        (f"{HOME} has been rated 'Good'. It was the home's first inspection after opening its doors last year.", (GOOD, None, FIRST)),
        (f"{HOME} has been rated 'Good'. This is the first time we have rated this service.", (GOOD, None, FIRST)),
        (f"{HOME} has been rated 'Good'. The home had not been inspected before.", (GOOD, None, FIRST)),
    ],
)  # fmt: skip
def test_the_way_to_a_rating_is_read_in_many_wordings(reading, sentences, expected):
    (report,) = reading(
        f"Care home inspected\n\n{sentences} The Care Quality Commission published its report."
    ).reports

    assert told(report) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "This is the first inspection of the home under the new framework.",
        "This is the first inspection of the home since it was placed in special measures.",
        "The home has not been inspected for six years.",
        "Residents went up two grades in their bowls league.",
        "The home could fall two grades at the next visit.",
        "The kitchen is still rated 'Good' for hygiene.",
        "It has never been rated 'Inadequate'.",
    ],
)
def test_words_that_only_resemble_a_movement_give_none(reading, sentence):
    (report,) = reading(
        f"Care home inspected\n\n{HOME} has been rated 'Good' overall by the Care Quality Commission. {sentence}"
    ).reports

    assert told(report) == (GOOD, None, None)


@pytest.mark.parametrize(
    ("sentences", "expected"),
    [
        ("We carried out an inspection of the home on 5 April 2022. The overall rating for the home was 'Requires improvement'. We carried out a focused inspection on 8 March 2024.", (GOOD, REQUIRES, UP)),
        ("We visited the home on 6 March 2024 and on 8 March 2024.", (GOOD, None, None)),
        ("Following an inspection in May 2023 the home was found to be 'Inadequate'.", (GOOD, INADEQUATE, UP)),
        ("At its previous inspection in August 2021 it was rated 'Requires improvement'. At an inspection in January 2021, it was rated 'Inadequate'.", (GOOD, REQUIRES, UP)),
        ("It has been given the 'Good' rating after its latest inspection last month.", (GOOD, None, None)),
        ("It has been rated 'Good' by the regulator following a week-long visit in January 2024.", (GOOD, None, None)),
    ],
)  # fmt: skip
def test_visits_told_by_their_days_are_put_in_order(reading, sentences, expected):
    (report,) = reading(
        f"{HOME} rated 'Good'\n\nPublished: 3 May 2024\n\nThe Care Quality Commission (CQC) has rated {HOME} 'Good' overall.\n\n{sentences}"
    ).reports

    assert told(report) == expected


# -- what is said beside a rating -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sentence",
    [
        "That is one below 'Outstanding' but above the lowest grade, 'Inadequate'.",
        "Schools and colleges which receive an 'Inadequate' grade are inspected again.",
        "The head said: “For a school to get a ‘Requires improvement’ rating is a blow.”",
        "Now they have their eyes on being 'Outstanding'.",
    ],
)
def test_remarks_about_grades_count_neither_for_nor_against_the_rating(reading, sentence):
    (report,) = reading(f"{SCHOOL} inspected\n\n{SCHOOL} has been rated 'Good' by Ofsted. {sentence}").reports

    assert told(report) == (GOOD, None, None)


@pytest.mark.parametrize(
    ("sentence", "grade"),
    [
        ("We could not be prouder to have been rated 'Outstanding' by Ofsted.", OUTSTANDING),
        ("The school will be disappointed to be rated 'Inadequate' overall by Ofsted.", INADEQUATE),
        ("The Ofsted report declared that the school is 'Outstanding'.", OUTSTANDING),
        ("Ofsted inspectors concluded they required improvement.", REQUIRES),
    ],
)
def test_a_rating_in_a_feeling_or_a_ruling_is_read(reading, sentence, grade):
    (report,) = reading(
        f"{SCHOOL}: Ofsted report\n\nOfsted inspectors came to {SCHOOL} in May. {sentence}"
    ).reports

    assert report.overall.value == grade


def test_an_aspect_of_the_inspection_compared_with_is_not_graded_by_this_one(reading):
    (report,) = reading(
        "Sixth form college top again\n\nNorthbrook College has been rated 'outstanding' by Ofsted. Its delivery was judged "
        "'outstanding' in all areas, an improvement on the previous inspection which found only one area, apprenticeships, was 'good'."
    ).reports

    assert report.overall.value == OUTSTANDING
    assert not any(j.grade for j in report.judgements)


def test_areas_after_a_colon_that_continue_a_name_are_no_bodies(reading):
    found = reading(
        "Praise for adult education\n\nThe first Ofsted inspection of the merged Skills and Learning: Barnsley, Dorset and Poole rated "
        "the popular service good. Dorset County Council said: 'This shows the hard work of all.' Deputy leader of Barnsley Borough Council, the cabinet member for skills, was pleased."
    )

    assert not any(r.rated for r in found.reports)


@pytest.mark.parametrize(
    ("behind", "aspects"),
    [
        ("and in all sub-categories of assessment, including quality of education and personal development.", {"quality of education", "personal development"}),
        ("and in all areas but one, including quality of education.", set()),
        ("and praise in all areas of the report, which included quality of education.", set()),
    ],
)  # fmt: skip
def test_all_areas_that_are_named_have_the_grade_of_the_whole(reading, behind, aspects):
    (report,) = reading(
        f"{SCHOOL} inspected\n\n{SCHOOL} was visited by Ofsted. It received a 'requires improvement' overall grading {behind}"
    ).reports

    assert report.overall.value == REQUIRES
    assert {j.aspect for j in report.judgements} == aspects


def test_a_new_inspection_with_its_year_is_this_one(reading):
    (report,) = reading(
        "Ofsted Inspection\n\nOur previous Ofsted inspection found Millbank Playgroup Outstanding back in 2016. We had a new inspection in "
        "May 2022 which found us to be Inadequate. We are disappointed at our inspection taking us from an Outstanding provision to an Inadequate rating."
    ).reports

    assert told(report) == (INADEQUATE, OUTSTANDING, DOWN)
