"""Whose grade a text tells, and whether the text announces it or only mentions it.

The homes, schools, hospitals and units are invented.
"""

# ruff: noqa: E501 -- texts are read whole

from __future__ import annotations

import pytest

from digest.reports import Direction, Kind

MILLBANK, ELMTREE, FERNLEIGH = "Millbank House Care Home", "Elmtree Lodge Care Home", "Fernleigh Care Home"
OAKFIELD, HOSPITAL = "Oakfield Primary School", "Northbrook Hospital"
GOOD, INADEQUATE, OUTSTANDING = "good", "inadequate", "outstanding"
CQC_PAGE = "https://www.cqc.org.uk/news/1"
PAPER = "https://news.example/1"


def grades(found):
    return {r.provider: r.overall.value if r.overall else None for r in found.reports}


# -- whose grade ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            f"A Kent care home has been rated inadequate\n\nA Kent care home has been rated inadequate by the Care Quality Commission (CQC). {MILLBANK}, in Ashford, was inspected in March.",
            {MILLBANK: INADEQUATE},
        ),
        (
            f"Village school rated outstanding\n\nA village school has been rated outstanding by Ofsted. {OAKFIELD} was inspected in March.",
            {OAKFIELD: OUTSTANDING},
        ),
        (
            "A probation unit has been rated inadequate\n\nA Kent probation unit has been rated ‘Inadequate’ by HM Inspectorate of Probation. Ambledon PDU was inspected in March.",
            {"Ambledon PDU": INADEQUATE},
        ),
    ],
)  # fmt: skip
def test_a_descriptor_is_the_body_that_the_text_names_later(reading, text, expected):
    assert grades(reading(text)) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        f"Neighbouring {ELMTREE} was rated inadequate.",
        f"Unlike {ELMTREE}, which was rated inadequate, it has enough staff.",
        f"Its sister home, {ELMTREE}, is rated inadequate.",
        "Another home in the town was rated inadequate.",
        f"It is a different picture at {ELMTREE}, which was downgraded to inadequate in 2021.",
        f"Just round the corner is {ELMTREE}, rated inadequate in 2020.",
        f"{ELMTREE} (overall rating: inadequate, 2020) lies just across the county boundary.",
        f"From the archive: {ELMTREE} is rated inadequate (2020)",
    ],
)
def test_a_neighbours_rating_is_not_the_homes(reading, sentence):
    opening = f"{MILLBANK} has been rated good by the Care Quality Commission (CQC)."

    assert grades(reading(f"{MILLBANK} rated good\n\n{opening} {sentence}")) == {MILLBANK: GOOD}


@pytest.mark.parametrize(
    ("whom", "judge", "sentence"),
    [
        (MILLBANK, "the Care Quality Commission (CQC)", "The owner was rated inadequate."),
        (MILLBANK, "the Care Quality Commission (CQC)", "The operator was rated inadequate."),
        (HOSPITAL, "the Care Quality Commission (CQC)", "The trust was rated inadequate."),
        (HOSPITAL, "the Care Quality Commission (CQC)", "The maternity unit was rated inadequate."),
        ("Northbrook NHS Foundation Trust", "the Care Quality Commission (CQC)", "One ward was rated inadequate."),
        ("Northbrook NHS Foundation Trust", "the Care Quality Commission (CQC)", "The hospital was rated inadequate."),
        (OAKFIELD, "Ofsted", "The trust was rated inadequate."),
        ("Ambledon PDU", "HM Inspectorate of Probation", "The region was rated ‘Inadequate’."),
    ],
)  # fmt: skip
def test_the_rating_of_an_owner_or_of_a_part_moves_nothing(reading, whom, judge, sentence):
    (report,) = reading(f"{whom} rated good\n\n{whom} has been rated ‘good’ by {judge}. {sentence}").reports

    assert (report.provider, report.overall and report.overall.value, report.previous) == (whom, GOOD, None)


@pytest.mark.parametrize("everybody", ["All except", "All but"])
def test_all_except_one_rates_each_of_the_others(reading, everybody):
    text = (
        f"Care homes rated\n\nThe Care Quality Commission (CQC) has inspected {MILLBANK}, {FERNLEIGH} and {ELMTREE}. "
        f"{everybody} {ELMTREE}, which was rated good, were rated inadequate."
    )

    assert grades(reading(text)) == {MILLBANK: INADEQUATE, FERNLEIGH: INADEQUATE, ELMTREE: GOOD}


@pytest.mark.parametrize(
    ("judge", "names", "these"),
    [
        ("The Care Quality Commission (CQC)", (MILLBANK, FERNLEIGH, ELMTREE), "these three homes were rated good"),
        ("Ofsted", (OAKFIELD, "Larkhill Primary School", "Ashdown Academy"), "these three schools were rated good"),
        ("HMI Probation", ("Ambledon PDU", "Cranmere PDU", "Dorking Vale PDU"), "these three units were rated ‘Good’"),
    ],
)  # fmt: skip
def test_these_three_behind_names_rates_each_of_them(reading, judge, names, these):
    text = (
        f"Three inspected\n\n{judge} has published reports. {names[0]}, {names[1]} and {names[2]}: {these}."
    )

    assert grades(reading(text)) == dict.fromkeys(names, GOOD)


@pytest.mark.parametrize(
    ("sentence", "grade"),
    [
        ("Both homes were rated good.", GOOD),
        ("Neither was rated good.", None),
        ("One of the homes was rated good.", None),
    ],
)
def test_both_rates_each_of_two_homes(reading, sentence, grade):
    text = f"Care homes rated\n\nThe Care Quality Commission (CQC) has inspected {MILLBANK} and {FERNLEIGH}. {sentence}"

    assert grades(reading(text)) == {MILLBANK: grade, FERNLEIGH: grade}


# -- who announces ----------------------------------------------------------------------------------------

MENTIONED = [
    ("a fair", f"{MILLBANK} holds a summer fair\n\n{MILLBANK} has held its summer fair. Cakes were sold. The home is rated good by the CQC."),
    ("an anniversary", f"{MILLBANK} celebrates its anniversary\n\n{MILLBANK} is fifty years old. There was cake. The home is rated good by the CQC."),
    ("an extension", f"Plans to extend {MILLBANK}\n\nPlans to extend {MILLBANK} have been handed in. Neighbours object. The home, which is rated good by the CQC, wants ten more rooms."),
    ("a job advert", f"Job: deputy manager\n\n{MILLBANK} has been rated outstanding by the CQC and wants a deputy manager."),
    ("a vacancy", f"Vacancy: care assistant, {MILLBANK}\n\n{MILLBANK} is rated outstanding by the CQC. We are looking for a care assistant."),
    ("a story on houses", "New houses planned in Ashford\n\nForty houses are planned in Ashford. Oakfield Primary School, which is rated good by Ofsted, is nearby."),
    ("an obituary", f"Obituary: a life for children\n\nShe led {OAKFIELD} for twenty years. In her time it was rated outstanding by Ofsted."),
    ("a resident's birthday", f"Resident turns 100\n\nA resident of {MILLBANK} has turned 100. The home is rated good by the CQC."),
    ("a council's debate", f"Council debates care homes\n\nCouncillors have debated the state of care. One said that {MILLBANK} had been rated inadequate by the CQC."),
    ("a house for sale", f"Three-bedroom house for sale in Ashford\n\nThe house has a large garden. It is close to {OAKFIELD}, which is rated outstanding by Ofsted."),
    ("a head's farewell", f"Headteacher says farewell to {OAKFIELD}\n\nThe headteacher of {OAKFIELD} retires this summer. Under her, the school was rated outstanding by Ofsted."),
    ("a head who steps down", f"Oakfield head steps down\n\nThe head of {OAKFIELD} steps down after ten years. The school is rated good by Ofsted."),
    ("a chair who departs", f"Trust chair departs and says it is right\n\nA chair stands down following CQC's inadequate rating of {MILLBANK}. He has thanked the staff."),
    ("an encyclopedia's page", f"{MILLBANK}\n\n{MILLBANK} was rated inadequate by the CQC after an inspection in March.[7] It has forty rooms.[8]"),
    ("a court's judgment", f"Brightwell Care Ltd v Care Quality Commission [2023] EWHC 1234 (Admin)\n\nThe Care Quality Commission had inspected {MILLBANK}. It was rated inadequate. The claimant says this was unlawful."),
    ("a debate", f"Care homes debate - Hansard\n\nAn honourable member said that {MILLBANK} was rated inadequate by the Care Quality Commission."),
    ("what a catchment costs", f"Outstanding homes cost more\n\nBuyers pay more near a good school, a study of Ofsted reports finds. Prices near {OAKFIELD} rose. It was rated outstanding. Agents are glad."),
    ("a legal threat", f"Ofsted to reinspect {OAKFIELD} after legal threat\n\nOfsted said that it would come again to {OAKFIELD}. The school was rated inadequate."),
    ("minutes", f"Minutes of the health scrutiny committee\n\n{MILLBANK} was rated inadequate by the Care Quality Commission (CQC)."),
    ("an agenda", f"Agenda of the schools forum\n\n{OAKFIELD} was rated good by Ofsted."),
    ("a league table", f"Primary school league tables\n\n{OAKFIELD} was rated good by Ofsted."),
    ("what explains ratings", f"How ratings work\n\nThe CQC rates homes. {MILLBANK} was rated good."),
]  # fmt: skip

# The rating is known already: the headline calls the body by it, or the text says that it is of last year.
KNOWN = [
    ("a new head", f"New head for {OAKFIELD}\n\nA new head hopes to turn {OAKFIELD} round after it was classed as inadequate by Ofsted last year. She is glad."),
    ("a list", f"Every Kent school rated inadequate by Ofsted\n\nThese are the schools in Kent. {OAKFIELD} was rated inadequate by Ofsted."),
    ("a commissioner", "Minister appoints commissioner at council given ‘inadequate’ Ofsted rating\n\nThe minister has named a commissioner for Thornely Council after it was rated inadequate by Ofsted."),
    ("a takeover", f"Trust to take on school which fell from ‘outstanding’ to ‘inadequate’\n\nThe academy trust which will oversee a school has been named. It will take on {OAKFIELD} in May."),
]  # fmt: skip

RETOLD = [
    ("in its title", f"{MILLBANK} rated good by CQC\n\nThe home is pleased."),
    ("in its first sentence", f"{MILLBANK} has news\n\n{MILLBANK} was rated good by the CQC after an inspection in March."),
    ("in its opening, after a report just out", f"Inspectors visit {MILLBANK}\n\nThe CQC has published a report on {MILLBANK}. Staff were kind. The home was rated good."),
    ("below an opening on the inspection", f"{MILLBANK} inspection\n\nCQC inspectors have visited {MILLBANK}. There is much to do. Residents told us of long waits. The menu is varied. The service was rated good."),
    ("in the first sentence below a title that tells nothing", f"A week to remember in Ashford\n\n{MILLBANK} was rated good by the CQC. Residents sang all day long."),
    ("behind a first sentence that only tells of homes in general", f"A week to remember in Ashford\n\nHomes rated inadequate by the CQC are placed in special measures. {MILLBANK} has been rated good. Residents sang all day long."),
    ("in minutes whose title tells it", f"Minutes: {MILLBANK} rated good\n\n{MILLBANK} was rated good by the Care Quality Commission (CQC)."),
]  # fmt: skip


@pytest.mark.parametrize("text", [text for _, text in MENTIONED], ids=[what for what, _ in MENTIONED])
def test_a_text_that_only_mentions_a_rating_announces_none_and_lists_it_as_left_out(reading, text):
    found = reading(text, url=PAPER)

    assert (found.kind, found.reports) == (Kind.OTHER, ())
    assert len(found.dropped) == 1


@pytest.mark.parametrize("text", [text for _, text in KNOWN], ids=[what for what, _ in KNOWN])
def test_what_is_known_already_is_not_announced(reading, text):
    assert not any(report.overall for report in reading(text, url=PAPER).reports)


@pytest.mark.parametrize("text", [text for _, text in RETOLD], ids=[where for where, _ in RETOLD])
def test_a_retelling_announces_a_rating_that_is_its_news(reading, text):
    assert grades(reading(text, url=PAPER)) == {MILLBANK: GOOD}


BURIED = (
    f"A day at {MILLBANK}\n\n{MILLBANK} is home to forty people. Breakfast is served there at eight. The garden is kept "
    "by volunteers. There is a choir that sings on Sundays. The CQC rated the home good."
)


def test_an_inspectorates_own_page_announces_a_rating_wherever_it_stands(reading):
    assert grades(reading(BURIED, url=CQC_PAGE)) == {MILLBANK: GOOD}


def test_the_same_words_in_a_paper_are_a_mention(reading):
    found = reading(BURIED, url=PAPER)

    assert (found.kind, found.reports) == (Kind.OTHER, ())
    assert [d.reason for d in found.dropped] == ["mentioned, not announced"]


@pytest.mark.parametrize(
    "text", [text for what, text in MENTIONED if what in {"minutes", "a league table", "a vacancy"}]
)
def test_an_inspectorates_own_vacancies_and_minutes_announce_nothing(reading, text):
    assert reading(text, url=CQC_PAGE).reports == ()


# -- an inspectorate's own report, as "we" ----------------------------------------------------------------

OWN_REPORTS = [
    ("Our rating of the trust improved. We rated it as good because:", GOOD, Direction.UPGRADE),
    (
        "Our rating of this service went down. We rated it as inadequate because:",
        INADEQUATE,
        Direction.DOWNGRADE,
    ),
    ("Our rating of services stayed the same. We rated them as good because:", GOOD, Direction.UNCHANGED),
    ("We rated the hospital as good overall.", GOOD, None),
    ("We have rated this practice as outstanding overall.", OUTSTANDING, None),
    ("The service has been rated inadequate.", INADEQUATE, None),
]


@pytest.mark.parametrize(("sentence", "grade", "direction"), OWN_REPORTS)
def test_in_its_own_report_we_are_the_inspectorate(reading, sentence, grade, direction):
    told = reading(
        f"Inspection summary\n\n{sentence}\n\n- Staff knew how to keep people safe.", url=CQC_PAGE
    ).reports

    assert [(r.overall.value, r.direction.value if r.direction else None) for r in told] == [
        (grade, direction)
    ]


@pytest.mark.parametrize("sentence", [sentence for sentence, _, _ in OWN_REPORTS[:5]])
def test_in_a_customers_words_we_are_not(reading, sentence):
    assert not any(r.overall for r in reading(f"{MILLBANK} by the CQC\n\n{sentence}", url=PAPER).reports)


@pytest.mark.parametrize(
    "text",
    [
        "Reports\n\nMedical care\n\nOur rating of this service improved. We rated it as good because:\n\n- Staff were kind.\n\nCritical care\n\nOur rating of this service improved. We rated it as good because:\n\n- Staff were kind.",
        "Reports\n\nMaternity\n\nOur rating of this service improved. We rated it as good because:\n\n- Staff were kind.",
    ],
)
def test_the_rating_of_a_core_service_is_not_the_hospitals(reading, text):
    assert not any(r.overall or r.direction for r in reading(text, url=CQC_PAGE).reports)


@pytest.mark.parametrize(
    ("sentence", "now", "before"),
    [
        ("As well as the home's overall rating dropping from good to inadequate, so have its ratings for how safe and well-led it is.", {"safe": INADEQUATE, "well-led": INADEQUATE}, {"safe": GOOD, "well-led": GOOD}),
        (f"{MILLBANK} was rated inadequate. Its ratings for how caring and responsive it is were not looked at this time, so they remain good.", {"caring": GOOD, "responsive": GOOD}, {}),
    ],
)  # fmt: skip
def test_aspects_whose_ratings_went_or_stayed_with_the_whole(reading, sentence, now, before):
    (report,) = reading(
        f"{MILLBANK} inspected\n\nThe CQC has published a report on {MILLBANK}. {sentence}", url=CQC_PAGE
    ).reports

    assert {j.aspect: j.grade for j in report.judgements} == now
    assert {j.aspect: j.previous for j in report.judgements if j.previous} == before


@pytest.mark.parametrize(
    "text",
    [
        "Our rating\n\nOur final report is out and we have maintained our rating of 'Good' overall.",
        f"Kent home care service rated good\n\nThe CQC has inspected {MILLBANK}.",
    ],
)
def test_a_rating_kept_or_of_home_care_is_no_rating_in_general(reading, text):
    assert all(
        "general" not in d.reason for d in reading(f"{text} The CQC found staff kind.", url=PAPER).dropped
    )


# -- where two grades are told ----------------------------------------------------------------------------


def test_a_current_rating_in_the_opening_is_not_undone_further_down(reading):
    text = (
        f"{MILLBANK} rated good\n\n{MILLBANK} has now been rated good by the Care Quality Commission (CQC). Residents sang with them all day long. "
        f"There was a great deal of cake for everybody.\n\nTroubles began in spring, when the home's rating plunged from good to inadequate."
    )

    assert grades(reading(text, url=PAPER)) == {MILLBANK: GOOD}


def test_neither_a_place_in_a_headline_nor_its_council_is_the_body(reading):
    text = (
        f"Norfolk care home rated inadequate by CQC\n\nInspectors found that a care home was not safe. {MILLBANK} was visited by "
        f"the Care Quality Commission (CQC) in May. It was rated inadequate. Norfolk County Council said that it would help."
    )

    assert grades(reading(text, url=PAPER)) == {MILLBANK: INADEQUATE}


def test_an_aside_has_a_year_of_its_own(reading):
    text = (
        f"{MILLBANK} rated inadequate\n\nInspectors of the CQC rated {MILLBANK}, which received a good rating in 2019, as "
        f"inadequate overall."
    )
    (report,) = reading(text, url=PAPER).reports

    assert (report.overall.value, report.previous.value) == (INADEQUATE, GOOD)
