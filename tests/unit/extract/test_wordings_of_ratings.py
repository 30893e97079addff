"""The wordings in which a rating, a former rating and a movement are told, and those that only look like one.

Every text is about the invented Ambledon PDU.
"""

# ruff: noqa: E501 -- texts are read whole

from __future__ import annotations

import pytest

from digest.reports import Direction

OUTSTANDING, GOOD, REQUIRES, INADEQUATE = "outstanding", "good", "requires improvement", "inadequate"
UP, DOWN, SAME = Direction.UPGRADE, Direction.DOWNGRADE, Direction.UNCHANGED
FIRST, UNKNOWN = Direction.FIRST, Direction.UNKNOWN

STATED = [
    ("All but one of Ambledon PDU’s ten standards were rated ‘Good’; overall it was rated ‘Requires improvement’.", REQUIRES),
    ("Ambledon PDU scored 7 out of 27 and was rated ‘Requires improvement’.", REQUIRES),
    ("Ambledon PDU was rated ‘In\u00adade\u00adquate’ overall.", INADEQUATE),
    ("Ambledon PDU was rated\u00a0‘Good’\u00a0overall.", GOOD),
    ("Ambledon PDU was found to be performing to a ‘Good’ standard overall.", GOOD),
    ("“Good” is the verdict on Ambledon PDU.", GOOD),
    ("Watchdogs gave Ambledon PDU an ‘Inadequate’ verdict.", INADEQUATE),
    ("HM Inspectorate of Probation has given Ambledon Probation Delivery Unit (PDU) an overall rating of ‘Good’.", GOOD),
    ("Following an inspection in May, Ambledon PDU has received an overall rating of 'Requires improvement'.", REQUIRES),
    ("In May, inspectors rated Ambledon PDU 'Good'.", GOOD),
    ("Inspectors gave Ambledon PDU an overall regional rating of “Inadequate”.", INADEQUATE),
    ("Ambledon PDU was rated ‘Good’ by HM Inspectorate of Probation.", GOOD),
    ("Ambledon PDU has been rated as good overall.", GOOD),
    ("Ambledon PDU is rated as requiring improvement.", REQUIRES),
    ("Ambledon PDU was rated excellent.", OUTSTANDING),
    ("Ambledon PDU was given the lowest possible rating.", INADEQUATE),
    ("Ambledon PDU received the lowest rating possible (‘Inadequate’).", INADEQUATE),
    ("Ambledon PDU was handed the second lowest mark, 'Requires improvement'.", REQUIRES),
    ("Ambledon PDU has been rated 'Requires improvement', the second lowest of four marks.", REQUIRES),
    ("'Inadequate' Ambledon PDU must do better, inspectors say.", INADEQUATE),
    ("Ambledon PDU ‘requires improvement’, HM Inspectorate of Probation has found.", REQUIRES),
    ("Inspectors judged Ambledon PDU to be ‘Outstanding’.", OUTSTANDING),
    ("Ambledon PDU has been branded inadequate by inspectors.", INADEQUATE),
    ("The report brands Ambledon PDU 'inadequate'.", INADEQUATE),
    ("Ambledon PDU was deemed 'inadequate'.", INADEQUATE),
    ("Ambledon PDU was found to be ‘Inadequate’.", INADEQUATE),
    ("Ambledon PDU was awarded a ‘Good’ rating.", GOOD),
    ("An ‘Outstanding’ rating was awarded to Ambledon PDU.", OUTSTANDING),
    ("Inspectors awarded an overall rating of ‘Good’ to Ambledon PDU.", GOOD),
    ("Ambledon PDU was graded 'good'.", GOOD),
    ("Ambledon PDU (rated 'Good') was praised.", GOOD),
    ("Ambledon PDU has a new overall rating: 'Good'.", GOOD),
    ("Ambledon PDU was rated 'Good' overall and 'Requires improvement' in three of seven areas.", GOOD),
    ("Ambledon PDU was rated 'Inadequate' in six of seven areas, and 'Inadequate' overall.", INADEQUATE),
    ("Overall Ambledon PDU was rated 'good', as were five of its seven areas.", GOOD),
    ("Ambledon PDU scored 19 out of 27 and was rated 'Good' overall.", GOOD),
    ("The inspection of Ambledon PDU led to an overall rating of 'Inadequate'.", INADEQUATE),
    ("As a result, Ambledon PDU is rated 'Inadequate'.", INADEQUATE),
    ("Ambledon PDU achieved 'Good' across the board.", GOOD),
    ("Ambledon PDU is only the third to be rated 'Good'.", GOOD),
    ("Ambledon PDU was the first under this programme. It was rated 'Good' overall.", GOOD),
    ("Ambledon PDU was the first in the region to be inspected. It was rated 'Inadequate'.", INADEQUATE),
    ("Ambledon PDU came close to a 'Good' rating, and was rated 'Requires improvement'.", REQUIRES),
    ("Ambledon PDU missed out on a 'Good' rating by one point and was rated 'Requires improvement'.", REQUIRES),
    ("Leadership at Ambledon PDU was rated 'Inadequate', the lowest possible mark. Overall it was rated 'Requires improvement'.", REQUIRES),
    ("Low scores for planning pulled the overall rating of Ambledon PDU down from 'Good' to 'Requires improvement'.", REQUIRES),
    ("Ambledon PDU was rated 'Requires improvement'. Unlike Cranmere PDU, which was rated 'Good', it lost staff.", REQUIRES),
    ("Ambledon PDU was rated 'Requires improvement'. Neighbouring Cranmere PDU was rated 'Inadequate'.", REQUIRES),
    ("Ambledon PDU replaced Oldshire CRC, which had been rated 'Good'. It was rated 'Inadequate' overall.", INADEQUATE),
    ("The first unit to be visited, Ambledon PDU, was rated 'Good' – twelve of the other thirteen were rated 'Inadequate'.", GOOD),
]  # fmt: skip

MOVED = [
    ("For the second inspection running, HMI Probation has rated Ambledon PDU ‘Inadequate’.", INADEQUATE, INADEQUATE, SAME),
    ("Two years after being labelled ‘Inadequate’, Ambledon PDU is now put at ‘Requires improvement’ by inspectors.", REQUIRES, INADEQUATE, UP),
    ("Ambledon PDU, rated ‘Outstanding’ since 2019, has been told it ‘Requires improvement’.", REQUIRES, OUTSTANDING, DOWN),
    ("Ambledon PDU was given the same rating again: ‘Requires improvement’.", REQUIRES, REQUIRES, SAME),
    ("At Ambledon PDU ‘Requires improvement’ has become ‘Good’.", GOOD, REQUIRES, UP),
    ("Ambledon PDU, once ‘Inadequate’, is now rated ‘Good’.", GOOD, INADEQUATE, UP),
    ("Ambledon PDU has lost its ‘Outstanding’ rating and is now ‘Good’.", GOOD, OUTSTANDING, DOWN),
    ("Ambledon PDU received a ‘Good’ rating, an improvement on the ‘Requires improvement’ it received in 2019.", GOOD, REQUIRES, UP),
    ("Ambledon PDU has been upgraded from ‘Requires improvement’ to ‘Good’.", GOOD, REQUIRES, UP),
    ("Inspectors raised the overall rating of Ambledon PDU to 'Good' from 'Requires improvement'.", GOOD, REQUIRES, UP),
    ("Ambledon PDU's rating has fallen from 'Good' to 'Inadequate'.", INADEQUATE, GOOD, DOWN),
    ("Ambledon PDU went from being rated 'Inadequate' to 'Good'.", GOOD, INADEQUATE, UP),
    ("Ambledon PDU was rated 'Inadequate' in 2022. In the new report it is rated 'Requires improvement'.", REQUIRES, INADEQUATE, UP),
    ("Ambledon PDU was rated 'Good', having previously been rated 'Requires improvement'.", GOOD, REQUIRES, UP),
    ("Ambledon PDU was last inspected in 2021, when it was rated 'Good'. It is now rated 'Requires improvement'.", REQUIRES, GOOD, DOWN),
    ("Ambledon PDU was rated 'Requires improvement'. It was last inspected in 2021, when it was rated 'Inadequate' overall.", REQUIRES, INADEQUATE, UP),
    ("Ambledon PDU, found to be requiring improvement at its previous inspection, is 'Good'.", GOOD, REQUIRES, UP),
    ("Previously rated 'Inadequate', Ambledon PDU is now 'Good'.", GOOD, INADEQUATE, UP),
    ("Ambledon PDU was rated 'Good', up from 'Requires improvement' at its last inspection.", GOOD, REQUIRES, UP),
    ("Ambledon PDU was rated 'Good', an improvement on its previous rating of 'Requires improvement'.", GOOD, REQUIRES, UP),
    ("Ambledon PDU moved up from 'Inadequate' in 2020 to 'Good'.", GOOD, INADEQUATE, UP),
    ("Mr Jones said: “I am pleased to give Ambledon PDU a ‘Good’ rating, up from ‘Inadequate’ in 2021.”", GOOD, INADEQUATE, UP),
    ("Ambledon PDU, which was rated 'Good' in 2021, has now been rated 'Inadequate'.", INADEQUATE, GOOD, DOWN),
    ("Ambledon PDU has dropped a grade to 'Requires improvement' after previously being rated 'Good'.", REQUIRES, GOOD, DOWN),
    ("Ambledon PDU has lost its 'Good' rating and is now 'Requires improvement'.", REQUIRES, GOOD, DOWN),
    ("Ambledon PDU was rated 'Good' in 2023 and 'Requires improvement' in 2019.", GOOD, REQUIRES, UP),
    ("In 2016 Ambledon PDU was rated 'Inadequate' and in 2019 'Requires improvement'. It is now rated 'Good' overall.", GOOD, REQUIRES, UP),
    ("Ambledon PDU is rated 'Good'. It was judged inadequate in 2015 and requiring improvement in 2019.", GOOD, REQUIRES, UP),
    ("Ambledon PDU has been downgraded to 'Inadequate'.", INADEQUATE, None, DOWN),
    ("Ambledon PDU saw its rating slip to 'Requires improvement'.", REQUIRES, None, DOWN),
    ("Ambledon PDU has retained its 'Good' rating.", GOOD, GOOD, SAME),
    ("Ambledon PDU keeps its 'Outstanding' rating.", OUTSTANDING, OUTSTANDING, SAME),
    ("Ambledon PDU remains 'Inadequate', inspectors found.", INADEQUATE, INADEQUATE, SAME),
    ("Ambledon PDU was again rated 'Requires improvement', the same rating as in 2021.", REQUIRES, REQUIRES, SAME),
    ("Ambledon PDU's overall rating is unchanged at 'Good'.", GOOD, GOOD, SAME),
    ("Ambledon PDU was rated 'Good' for the second time in a row.", GOOD, GOOD, SAME),
    ("Ambledon PDU improves performance but not its rating. It is rated 'Requires improvement'.", REQUIRES, REQUIRES, SAME),
    ("This was the first inspection of Ambledon PDU since the unit was established in 2021. It was rated 'Inadequate'.", INADEQUATE, None, FIRST),
]  # fmt: skip

NO_RATING = [
    "Ambledon PDU was rated 'Inadequate' at its last inspection in 2022. Inspectors praised progress.",
    "Mr Jones said that Ambledon PDU had been given a 'Good' rating.",
    "Ambledon PDU offers a good service and outstanding support, inspectors say, but staffing is inadequate.",
    "Inspectors found 'good' practice at Ambledon PDU, and it has maintained a 'good' standard of record-keeping.",
    "Services are rated Outstanding, Good, Requires improvement or Inadequate. Ambledon PDU was inspected in May.",
    "Ten of 17 units were rated 'Inadequate', inspectors said after visiting Ambledon PDU.",
    "Ambledon PDU hopes to be rated 'Good' at its next inspection, inspectors were told.",
    "Ambledon PDU could have been rated 'Good', inspectors said.",
    "The council's children's services were rated 'Good' by Ofsted. Ambledon PDU was inspected by HM Inspectorate of Probation.",
    "There were areas requiring improvement at Ambledon PDU, inspectors found.",
    "Ambledon PDU was rated 'Good' or 'Outstanding' in all areas.",
    "Ambledon PDU was rated 'Good' for leadership and 'Inadequate' for planning.",
    "Ambledon PDU was rated 'Good' for its canteen.",
    "Ambledon PDU has not been rated 'Inadequate' before.",
    "No unit in the region was rated 'Good', inspectors said of Ambledon PDU's area.",
    "The computers of Ambledon PDU were upgraded.",
    "Its predecessor was rated 'Good'. Ambledon PDU was inspected in May.",
]  # fmt: skip

TITLES = ["Inspectors report on Ambledon PDU", "A report on probation is out"]


def told(reading, sentences, title):
    (report,) = reading(
        f"{title}\n\nHM Inspectorate of Probation publishes a report today. {sentences}"
    ).reports
    return report


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize(("sentences", "overall"), STATED, ids=[text for text, _ in STATED])
def test_a_rating_that_is_stated_is_read(reading, sentences, overall, title):
    report = told(reading, sentences, title)

    assert report.provider == "Ambledon PDU"
    assert report.overall is not None
    assert report.overall.value == overall
    assert report.claims is UNKNOWN
    assert report.previous is None


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize(
    ("sentences", "overall", "previous", "direction"), MOVED, ids=[row[0] for row in MOVED]
)
def test_a_movement_that_is_stated_is_read(reading, sentences, overall, previous, direction, title):
    report = told(reading, sentences, title)

    assert report.overall is not None
    assert report.overall.value == overall
    assert (report.previous.value if report.previous else None) == previous
    assert report.claims is direction


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("sentences", NO_RATING)
def test_words_that_only_look_like_a_rating_are_none(reading, sentences, title):
    report = told(reading, sentences, title)

    assert report.overall is None
    assert report.previous is None
    assert report.claims is UNKNOWN


def test_a_good_standard_overall_is_a_grade_only_once_there_were_grades(reading):
    """Verdicts before 2018 are prose; the address tells the year where the text does not."""
    text = (
        "Report on Ambledon CRC\n\nAmbledon CRC is performing to a good standard overall, HMI Probation says."
    )
    graded = reading(text, url="https://example.org/2019/11/ambledon/").reports[0]
    prose = reading(text, url="https://example.org/2016/11/ambledon/").reports[0]

    assert graded.overall is not None
    assert prose.overall is None


def test_no_rating_is_read_from_a_time_before_the_scale(reading):
    text = (
        "Report on Ambledon CRC\n\nPublished: 12 October 2016\n\nHMI Probation rated Ambledon CRC as ‘Good’."
    )

    assert reading(text).reports[0].overall is None


def test_two_grades_that_cannot_both_be_right_silence_each_other(reading):
    report = told(reading, "Ambledon PDU was rated 'Good'. It was rated 'Inadequate'.", TITLES[0])

    assert report.overall is None


def test_a_claim_that_its_own_grades_contradict_is_dropped(reading):
    text = "Ambledon PDU was upgraded to 'Requires improvement'. It was rated 'Good' at its last inspection."
    report = told(reading, text, TITLES[0])

    assert report.overall is not None
    assert report.claims is UNKNOWN
    assert report.previous is None


@pytest.mark.parametrize(
    "sentence",
    [
        "Ambledon PDU might be upgraded by the next inspection.",
        "If Ambledon PDU is downgraded, its head will go.",
        "Ambledon PDU was not downgraded.",
        "Ambledon PDU hopes for the same rating again next year.",
        "None of its aspects was upgraded.",
    ],
)
def test_a_movement_that_is_hoped_for_feared_or_denied_is_none(reading, sentence):
    (report,) = reading(f"Ambledon PDU\n\nHMI Probation was at Ambledon PDU in May. {sentence}").reports

    assert report.claims is UNKNOWN
