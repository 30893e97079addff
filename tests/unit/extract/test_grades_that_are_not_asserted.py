"""A grade that is denied, hoped for, explained, somebody else's, a mistake or an opinion rates nobody.

Every sentence is told of the invented Millbank House Care Home, in a report of the day. Beside each wording stand its
neighbours: sentences with the same words that do tell a rating.
"""

# ruff: noqa: E501 -- sentences are read whole

from __future__ import annotations

import pytest

from digest.extract.status import Status

HOME = "Millbank House Care Home"

UNASSERTED = {
    Status.NEGATED: [
        "The home was not rated inadequate.",
        "Millbank House Care Home has not been rated outstanding.",
        "The manager denied that the home had been rated inadequate.",
        "Claims that the home was rated inadequate are false.",
        "It is not true that the home was rated inadequate.",
        "Nobody has rated the home inadequate.",
        "None has yet been rated outstanding.",
        "No home in the county has been rated inadequate.",
        "The home stopped short of a rating of outstanding.",
        "The councillor has withdrawn his remark that the home was rated inadequate.",
    ],
    Status.HYPOTHETICAL: [
        "The home could be rated outstanding next year.",
        "The home hopes to be rated outstanding.",
        "If nothing changes, the home will be rated inadequate.",
        "The home is one step away from an outstanding rating.",
        "The home is at risk of being rated inadequate.",
        "Our goal: to be rated outstanding by the CQC.",
        "The owner is seeking an outstanding rating.",
        "The home expects to be rated good at its next inspection.",
    ],
    Status.GENERIC: [
        "When a home is rated inadequate, it is placed in special measures.",
        "Homes rated inadequate are visited again within six months.",
        "The chief inspector was glad of the improvements at homes first rated inadequate.",
        "To be rated outstanding a home must show that people are at its heart.",
        "Outstanding is the highest rating on the scale.",
        "No home wants to be rated inadequate.",
        "Services are graded on a four-point scale from outstanding to inadequate.",
    ],
    Status.OTHER_JUDGE: [
        "The home rated itself outstanding.",
        "Relatives rated the home outstanding.",
        "In a survey, the home was rated outstanding.",
        "A mock inspection had rated the home inadequate.",
        "The home was rated good by its own manager.",
        "In peer review the home was rated outstanding.",
        "In a draft report the home was rated inadequate.",
        "Nine out of ten residents rated the home outstanding.",
    ],
    Status.CORRECTED: [
        "An earlier version of this story said that the home was rated inadequate.",
        "This page wrongly said that the home was rated inadequate.",
        "Correction: we said that the home was rated inadequate.",
        "The home was mistakenly described as rated inadequate.",
        "We apologise for saying that the home was rated inadequate.",
        "The headline of this story said that the home was rated inadequate.",
    ],
    Status.OPINION: [
        "The home deserves to be rated outstanding.",
        "The home merits an outstanding rating.",
        "It feels like an outstanding rating.",
        "I would say the home was rated good too soon.",
        "In my opinion, it was rated inadequate unfairly.",
    ],
}

# Beside what is denied, hoped for and so on: the same words, and a rating that is told.
NEIGHBOURS = {
    Status.NEGATED: [
        ("The manager denied neglect, but the home was rated inadequate.", "inadequate"),
        ("The manager did not agree, and the home was rated inadequate.", "inadequate"),
        ("The home was rated good, and residents did not complain.", "good"),
        ("No home in the town is bigger; it was rated good.", "good"),
        ("Inspectors did not see any harm and rated the home good.", "good"),
    ],
    Status.HYPOTHETICAL: [
        ("The home could do better, but it was rated good.", "good"),
        ("The home had hoped for more, but it was rated inadequate.", "inadequate"),
        ("Staff should be proud: the home was rated outstanding.", "outstanding"),
        ("The home, which hopes to open a garden, was rated good.", "good"),
        ("The home was rated inadequate and may close.", "inadequate"),
        ("The home was rated good and will be inspected again in two years.", "good"),
    ],
    Status.GENERIC: [
        ("Homes like this are rare: it was rated outstanding.", "outstanding"),
        ("The home was rated inadequate and will be placed in special measures.", "inadequate"),
        ("The home was rated good, which is the second highest of four ratings.", "good"),
        ("The home was rated outstanding, like few homes in the county.", "outstanding"),
    ],
    Status.OTHER_JUDGE: [
        ("Residents were pleased that the home was rated good.", "good"),
        ("The home was rated good by inspectors, and residents agreed.", "good"),
        ("The owner’s audit found gaps, but the CQC rated the home good.", "good"),
        ("The home was rated good by the Care Quality Commission.", "good"),
        ("The home was rated good; a survey of relatives was less kind.", "good"),
        ("The home was rated good, but a mock inspection had been harsher.", "good"),
    ],
    Status.CORRECTED: [
        ("The manager said the home had corrected its mistakes and was rated good.", "good"),
        ("Errors in medicines were put right, and the home was rated good.", "good"),
        ("The home was rated good, and its records have been corrected.", "good"),
        ("The home was rated good after an earlier fire alarm fault was put right.", "good"),
    ],
    Status.OPINION: [
        ("The home was rated outstanding, and I believe it.", "outstanding"),
        ("The home was rated good, as it deserves.", "good"),
        ("“We are thrilled to be rated good,” the manager said.", "good"),
        ("The home was rated inadequate, and the owner says that feels harsh.", "inadequate"),
    ],
}


def report_on_the_home(reading, sentence):
    return reading(
        f"Inspectors report on {HOME}\n\nThe Care Quality Commission (CQC) has published a report on {HOME} today. "
        f"{sentence}"
    )


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(status, sentence) for status, sentences in UNASSERTED.items() for sentence in sentences],
    ids=lambda value: value if isinstance(value, Status) else None,
)
def test_a_grade_that_is_not_asserted_rates_nobody_and_the_reader_says_why(reading, status, sentence):
    found = report_on_the_home(reading, sentence)

    assert {d.reason for d in found.dropped} == {str(status)}
    assert [(r.provider, r.overall, r.previous) for r in found.reports] == [(HOME, None, None)]


@pytest.mark.parametrize(
    ("sentence", "grade"),
    [told for neighbours in NEIGHBOURS.values() for told in neighbours],
    ids=[sentence for neighbours in NEIGHBOURS.values() for sentence, _ in neighbours],
)
def test_a_rating_told_beside_such_words_is_read(reading, sentence, grade):
    found = report_on_the_home(reading, sentence)

    assert [(r.provider, r.overall and r.overall.value) for r in found.reports] == [(HOME, grade)]
    assert found.dropped == ()


@pytest.mark.parametrize("status", Status)
def test_every_way_not_to_assert_a_grade_has_wordings_and_neighbours(status):
    assert len(UNASSERTED[status]) >= 4
    assert len(NEIGHBOURS[status]) >= 4


@pytest.mark.parametrize(
    ("sentence", "grade"),
    [
        ("The home was rated good, and hopes to be rated outstanding next time.", "good"),
        ("The home was rated inadequate, not outstanding as an earlier version of this story said.", None),
        ("The home was rated good. Relatives rated it outstanding.", "good"),
        (
            "The home was rated requires improvement. In my opinion it was outstanding.",
            "requires improvement",
        ),
        ("The home was rated good. Homes rated inadequate are placed in special measures.", "good"),
    ],
)
def test_a_grade_that_is_not_asserted_leaves_the_one_beside_it_alone(reading, sentence, grade):
    (report,) = report_on_the_home(reading, sentence).reports

    assert (report.overall.value if report.overall else None) == grade


@pytest.mark.parametrize(
    ("whom", "sentences", "reason"),
    [
        (
            "Oakfield Primary School",
            "Ofsted has visited Oakfield Primary School. Parents rated the school outstanding.",
            Status.OTHER_JUDGE,
        ),
        (
            "Ambledon PDU",
            "HM Inspectorate of Probation has visited Ambledon PDU. The unit hopes to be rated ‘Good’.",
            Status.HYPOTHETICAL,
        ),
        (
            "Northshire Police",
            "HMICFRS has visited Northshire Police in 2024. The force was not rated inadequate at investigating crime.",
            Status.NEGATED,
        ),
    ],
)  # fmt: skip
def test_it_is_the_same_in_every_trade(reading, whom, sentences, reason):
    found = reading(f"{whom} inspected\n\n{sentences}")

    assert {d.reason for d in found.dropped} == {str(reason)}
    assert not any(r.rated for r in found.reports)
