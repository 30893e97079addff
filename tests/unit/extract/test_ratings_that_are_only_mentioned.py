"""A story may name a rating that is no news: its own news is a takeover, a price, an appeal or a talk among parents.

The schools are invented.
"""

# ruff: noqa: E501 -- texts are read whole

from __future__ import annotations

import pytest

OAKFIELD = "Oakfield Primary School"
PAPER = "https://news.example/1"


def grades(found):
    return {r.provider: r.overall.value for r in found.reports if r.overall}


@pytest.mark.parametrize(
    "text",
    [
        f"{OAKFIELD} to be taken over\n\nA school judged to be ‘inadequate’ earlier this year is moving to a new academy trust. {OAKFIELD}, in Ashby, became the fifth school to be rated ‘inadequate’ after being visited by Ofsted in February.",
        "'Inadequate' Oakfield to change name and take on new principal\n\nA principal has been appointed to an 'inadequate' school. Oakfield Primary School was placed into special measures by Ofsted last July.",
        f"Ofsted removes school's 'inadequate' rating after review\n\nOfsted has taken a report off its website. {OAKFIELD} in Ashby was inspected in October and given the lowest rating, inadequate.",
        "Living near a primary school rated 'outstanding' by Ofsted adds £40k to house prices\n\nFamilies pay almost £40,000 to be sure of living in the catchment of primary schools rated 'outstanding' by Ofsted, a new study suggests.",
        f"Ofsted changing reports after publication\n\nOfsted has changed several schools' inspection reports, the watchdog has admitted. Six reports published this month were changed. All others are on hold. Staff were told. {OAKFIELD}'s most recent inspection saw it downgraded from outstanding to good.",
        "School monitoring handbook\n\nThe handbook says how Ofsted monitors schools. Oakfield Primary School was rated inadequate.",
        f"{OAKFIELD} got graded inadequate\n\nThu 10-Jul-14 13:45:23\n\nWe got an inadequate from Ofsted. I am upset.\n\nThu 10-Jul-14 13:56:59\n\nI would give notice.\n\nThu 10-Jul-14 14:07:54\n\nSo would I.",
    ],
)
def test_a_rating_that_is_not_the_news_is_not_announced(reading, text):
    assert not grades(reading(text, url=PAPER))


@pytest.mark.parametrize(
    "text",
    [
        f"{OAKFIELD} overturns Ofsted report\n\nA school has overturned an ‘inadequate’ judgement. {OAKFIELD} has now been rated ‘good’ by Ofsted following a new inspection.",
        f"'Good' {OAKFIELD} is praised by Ofsted\n\n{OAKFIELD} was inspected in May.",
        f"{OAKFIELD} removed from special measures and rated good by Ofsted\n\n{OAKFIELD} was inspected in May.",
        f"Ofsted round-up\n\nOfsted published reports on six schools this week. {OAKFIELD} in Ashby was rated good.",
    ],
)
def test_a_rating_that_is_the_news_is_announced(reading, text):
    assert grades(reading(text, url=PAPER)) == {OAKFIELD: "good"}


@pytest.mark.parametrize(
    "text",
    [
        "Top marks in Ofsted report\n\nThe Ipswich college was praised after an inspection by Ofsted. It has been rated good.",
        "Top marks in Ofsted report\n\nA primary school has been rated good by Ofsted. It is to become a Church of England school.",
        "Top marks in Ofsted report\n\nA village school has been rated good by Ofsted. Homefinder's Primary School Premium study says that prices rise.",
    ],
)
def test_words_that_only_describe_a_school_are_no_name(reading, text):
    assert {r.provider for r in reading(text, url=PAPER).reports} <= {None}
