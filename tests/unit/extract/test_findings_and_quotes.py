"""Key findings under their headings, quotations with their speakers, and the plain facts of a report."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

import pytest

from digest.extract.blocks import plain_blocks, sentences
from digest.extract.dates import inspected, published_on
from digest.extract.facts import caseload, quotes
from digest.extract.findings import findings
from digest.extract.maintext import main_text
from digest.items import Page

COMPOUND = """Court work and victim contact

Key strengths of court work are:

• Reports are prompt.

Areas for improvement for court work include:

• Checks are late.

What inspectors liked about victim contact, its main strengths:

• Letters are kind.

The opening hours are:

• Monday to Friday.
"""


def test_findings_stand_under_the_part_of_a_heading_that_is_meant():
    assert [(f.heading, f.kind.value, f.text) for f in findings(plain_blocks(COMPOUND))] == [
        ("Court work", "strength", "Reports are prompt."),
        ("Court work", "improvement", "Checks are late."),
        ("Victim contact", "strength", "Letters are kind."),
    ]


def test_a_heading_of_one_thing_with_and_in_it_stays_whole():
    text = (
        "Information and facilities\n\nStrengths of information and facilities are:\n\n• Offices are light."
    )

    assert [f.heading for f in findings(plain_blocks(text))] == ["Information and facilities"]


def test_a_list_that_could_be_either_is_no_finding():
    text = "Leadership\n\nStrengths and areas for improvement:\n\n• Vision."

    assert findings(plain_blocks(text)) == ()


def test_a_surname_is_given_the_name_that_came_before():
    text = (
        "Chief Inspector of Probation Martin Jones said:\n\n“One thing is clear.\n\nAnother is not.”\n\n"
        "A volunteer spoke up:\n\n“I like it here.”\n\nMr Jones added:\n\n“We shall return.”"
    )

    assert [(q.speaker, q.text) for q in quotes(plain_blocks(text))] == [
        ("Martin Jones", "One thing is clear.\n\nAnother is not."),
        ("Martin Jones", "We shall return."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        'Martin Jones: "There is a long way to go."',
        "Martin Jones, the chief inspector, said: “There is a long way to go.”",
        "“There is a long way to go,” said Martin Jones.",
    ],
)
def test_a_quotation_within_a_paragraph_is_found(text):
    (quote,) = quotes(plain_blocks(text + " Then it rained."))

    assert quote.speaker == "Martin Jones"
    assert quote.text.startswith("There is a long way to go")


def test_a_quotation_that_is_never_closed_is_none():
    assert (
        quotes(plain_blocks("Martin Jones said:\n\n“There is a long way to go.\n\nHeading without end")) == ()
    )


@pytest.mark.parametrize(
    ("sentence", "words", "day"),
    [
        ("The unit was inspected in November and December.", "November and December", None),
        ("The inspection took place in January 2020.", "January 2020", date(2020, 1, 31)),
        ("Inspectors visited between May and June 2023.", "May and June 2023", date(2023, 6, 30)),
        ("Inspectors visited in late February 2024.", "late February 2024", date(2024, 2, 29)),
    ],
)
def test_the_visit_is_dated_only_where_its_year_is_certain(sentence, words, day):
    claim, last_day = inspected([sentence])

    assert claim is not None
    assert (claim.value, last_day) == (words, day)


@pytest.mark.parametrize(
    "sentence",
    [
        "It was last inspected in May 2019.",
        "Staff may leave in spring.",
        "They may inspect it.",
        "In May it rained.",
    ],
)
def test_other_dates_are_no_visit(sentence):
    assert inspected([sentence]) == (None, None)


@pytest.mark.parametrize(
    ("sentence", "value"),
    [
        ("The CRC supervises more than 3,600 low-risk offenders.", "more than 3,600"),
        ("A company with about 8,600 people on its books.", "about 8,600"),
        ("It has a caseload of 1,250.", "1,250"),
        ("Inspectors manage to see 20 per cent of cases.", None),
        ("More than 40 people found work.", None),
    ],
)
def test_the_caseload_is_what_the_provider_supervises(sentence, value):
    claim = caseload([sentence])

    assert (claim.value if claim else None) == value


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Title\n\nPublished: 3 May 2023\n\nWords.", date(2023, 5, 3)),
        ("Title\n\n23/11/2022. News. Words.", date(2022, 11, 23)),
        ("Title\n\nTuesday, January 26, 2021\n\nWords.", date(2021, 1, 26)),
        ("Title\n\nA report out today (19 June 2019) says so.", date(2019, 6, 19)),
        ("Title\n\nAuthor: A Bee. Published 15th Nov 2024. Words.", date(2024, 11, 15)),
        ("Title\n\ndate 2022-08-18. Words.", date(2022, 8, 18)),
        ("3 May 2023 – a bulletin\n\nWords.", date(2023, 5, 3)),
        ("Title\n\nA report published today (24 November) says so.", None),
        ("Title\n\nThe unit was visited on 3 May 2023 and again later.", None),
        ("Title\n\nApplications close on 20 June 2023.", None),
        ("Title\n\nPublished: 31/02/2022\n\nWords.", None),
    ],
)
def test_the_day_of_publication_must_stand_in_full(text, day):
    found = plain_blocks(text)

    assert published_on((), found[0].text, found) == day


def test_sentences_end_at_full_stops_within_quotations_too():
    text = "“We came in 2018. We gave ‘Good’.” See Para. 5 and No. 4 of it. ‘Good’ it was."

    assert sentences(text) == (
        "“We came in 2018.",
        "We gave ‘Good’.”",
        "See Para. 5 and No. 4 of it.",
        "‘Good’ it was.",
    )


HEAD = "Ambledon PDU\n\nHMI Probation inspected Ambledon PDU in May.\n\n"


def told(reading, text):
    return [(f.kind.value, f.text) for f in reading(HEAD + text).reports[0].findings]


def test_recommendations_are_told_apart(reading):
    text = (
        "Areas for improvement:\n\n• Victims wait too long.\n\n"
        "Recommendations\n\n• Train every new officer.\n\n"
        "Ambledon PDU should:\n\n• Fill its vacant posts."
    )

    assert told(reading, text) == [
        ("improvement", "Victims wait too long."),
        ("recommendation", "Train every new officer."),
        ("recommendation", "Fill its vacant posts."),
    ]


def test_findings_may_stand_in_running_text_under_their_heading(reading):
    text = (
        "Strengths\n\nLeaders know their people well. Nobody waits for a first meeting.\n\n"
        "Areas for improvement\n\nRisk is often underestimated in busy weeks.\n\n"
        "What happens next\n\nThe unit will write a plan."
    )

    assert told(reading, text) == [
        ("strength", "Leaders know their people well."),
        ("strength", "Nobody waits for a first meeting."),
        ("improvement", "Risk is often underestimated in busy weeks."),
    ]


def test_a_finding_said_twice_counts_once(reading):
    text = "Strengths:\n\n• Leaders know their people.\n• Leaders know their people."

    assert told(reading, text) == [("strength", "Leaders know their people.")]


def test_what_was_cut_off_loses_its_broken_sentence(reading):
    text = "Strengths:\n\n• Leaders know their people. They also see to…\n• Nobody waits for…"

    assert told(reading, text) == [("strength", "Leaders know their people.")]


def found(text):
    return [(f.kind.value, f.heading, f.text) for f in findings(plain_blocks(text))]


def on_page(html):
    page = Page(
        url="https://example.org/report",
        body=f"<!doctype html><html><body><main>{html}</main></body></html>".encode(),
        content_type="text/html; charset=utf-8",
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return [(f.kind.value, f.heading, f.text) for f in findings(main_text(page).blocks)]


def kinds_under(heading):
    return {kind for kind, _, _ in found(f"Kelby\n\nWords here.\n\n{heading}\n\n• Doors are painted.")}


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Strengths", "strength"),
        ("Key strengths of the school", "strength"),
        ("The service’s strengths", "strength"),
        ("What the service does well", "strength"),
        ("What went well", "strength"),
        ("What we found the service did well", "strength"),
        ("This is what we recommend the service can improve", "improvement"),
        ("What could work better", "improvement"),
        ("Notable positive practice", "strength"),
        ("Good practice", "strength"),
        ("Areas of outstanding practice", "strength"),
        ("Promising practice", "strength"),
        ("Innovative practice", "strength"),
        ("The school has the following strengths", "strength"),
        ("This is a good school because", "strength"),
        ("Areas for improvement", "improvement"),
        ("Area(s) for improvement", "improvement"),
        ("Areas requiring improvement", "improvement"),
        ("What needs to improve?", "recommendation"),
        ("What the care home could do better:", "improvement"),
        ("What the service needs to work on", "improvement"),
        ("What does the school need to do to improve?", "recommendation"),
        ("What does the provider need to do to improve further?", "recommendation"),
        ("What should the service do to improve?", "recommendation"),
        ("Main points for action", "recommendation"),
        ("Compliance with regulatory requirements", "recommendation"),
        ("Where improvements can be made", "improvement"),
        ("How the school is doing well", "strength"),
        ("This is a good school", "strength"),
        ("This provision is outstanding", "strength"),
        ("This is an inadequate school", "improvement"),
        ("This school requires improvement", "improvement"),
        ("Points for action", "recommendation"),
        ("Priority concerns", "improvement"),
        ("Key concerns", "improvement"),
        ("Causes of concern", "improvement"),
        ("This is a school that requires improvement. It is not good because", "improvement"),
        ("Recommendations", "recommendation"),
        ("Recommended next steps", "recommendation"),
        ("Requirements", "recommendation"),
        ("Action the trust MUST take to improve", "improvement"),
        ("Action the trust SHOULD take to improve", "recommendation"),
        ("Actions the provider must take", "improvement"),
        ("Actions the provider must take to meet the regulations", "recommendation"),
    ],
)
def test_each_inspectorates_own_headings_announce_findings(heading, kind):
    assert kinds_under(heading) == {kind}


@pytest.mark.parametrize(
    "heading",
    [
        "Requires improvement",
        "Overall: Good",
        "Leadership: Outstanding",
        "Kelby rated ‘Requires improvement’",
        "Strengths and areas for improvement",
        "What has improved since the last inspection?",
        "Areas for improvement from the previous inspection",
        "What happens next",
        "About the inspectorate",
        "Notes to editors",
        "How we inspect",
        "Our action plan",
        "Read the report",
    ],
)
def test_ratings_the_past_and_what_stands_around_a_text_announce_none(heading):
    assert kinds_under(heading) == set()


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Inspectors were concerned that:", "improvement"),
        ("However, inspectors were worried that:", "improvement"),
        ("Inspectors praised staff but were concerned that:", "improvement"),
        ("The provider needs to:", "recommendation"),
        ("Importantly, the provider must:", "improvement"),
        ("The areas where the provider must make improvements are:", "improvement"),
        ("The areas where the provider should make improvements are:", "recommendation"),
        ("In addition the practice should:", "recommendation"),
        (
            "To meet the requirements of the early years foundation stage, the provider must:",
            "recommendation",
        ),
        ("We identified regulations the provider was not meeting. They must:", "improvement"),
        ("There were areas where the provider could make improvements. They should:", "recommendation"),
        ("We will issue a notice requiring the provider to:", "recommendation"),
        ("This is what the service did well:", "strength"),
        ("This is what we recommend the service can improve:", "improvement"),
        ("Inspectors had the following key concerns:", "improvement"),
        ("The inspection took place following several concerns:", None),
        ("Several strengths were highlighted by the inspector", "strength"),
        ("The following areas for improvement were discussed with the headteacher.", "improvement"),
        ("This is what we agreed with them.", "improvement"),
        ("Inspectors were, however, pleased that:", "strength"),
        ("The CQC rated the service as outstanding because:", "strength"),
        ("The report highlights a number of strengths, including:", "strength"),
        ("Inspectors found some good features. These included:", "strength"),
        ("On the negative side:", "improvement"),
        ("Areas identified for further development include:", "improvement"),
        ("Areas for the nursery to develop:", "improvement"),
        ("The inspection was prompted by concerns about:", None),
        ("We have made three recommendations to help the school:", "recommendation"),
        ("Leaders should:", "recommendation"),
        ("The inspectorate recommended that:", "recommendation"),
        ("Inspectors found that:", None),
        ("The report highlights:", None),
        ("Inspectors found that the force is ‘good’ at:", None),
        ("It requires improvement in:", None),
        ("Previously it was rated outstanding for strengths including:", None),
        ("The council has already addressed concerns by:", None),
        ("If you have concerns, contact us:", None),
    ],
)
def test_the_line_before_a_list_decides_the_kind_of_its_findings(line, kind):
    told = found(f"Kelby\n\nWords here.\n\n{line}\n\n• Doors are painted.")

    assert [k for k, _, _ in told] == ([kind] if kind else [])


def test_the_words_of_a_list_decide_its_kind_where_the_line_above_does_not():
    text = (
        "Kelby\n\nWords here.\n\nKey messages\n\n• People were treated with kindness.\n"
        "• Medicines were not managed safely.\n• The home has forty beds."
    )

    assert [(k, t) for k, _, t in found(text)] == [
        ("strength", "People were treated with kindness."),
        ("improvement", "Medicines were not managed safely."),
    ]


@pytest.mark.parametrize("turn", ["But:", "However:", "However,", "However, inspectors also found:"])
def test_lists_set_against_each_other_are_of_two_kinds(turn):
    text = (
        "Kelby\n\nWords here.\n\nCourt work\n\nOur key findings about court work are as follows:\n\n"
        f"• The board is well attended.\n• Desks are new.\n\n{turn}\n\n• Nobody knows what girls need."
    )

    assert found(text) == [
        ("strength", "Court work", "The board is well attended."),
        ("strength", "Court work", "Desks are new."),
        ("improvement", "Court work", "Nobody knows what girls need."),
    ]


def test_faults_may_come_first():
    text = (
        "Kelby\n\nWords here.\n\nInspectors found:\n\n• Medicines were not managed safely.\n• Rooms "
        "were dirty.\n"
        "• However:\n• Staff were kind."
    )

    assert [k for k, _, _ in found(text)] == ["improvement", "improvement", "strength"]


def test_no_finding_carries_the_heading_of_another_section():
    told = on_page(
        "<h1>Kelby</h1><h2>Background</h2><p>The prison is old.</p><h2>Priority concerns</h2><ol>"
        "<li>Violence rose.</li>"
        "</ol><h2>Notable positive practice</h2><ol><li>A family day was held.</li></ol><h2>Staff "
        "list</h2><ul><li>A Bee</li></ul>"
    )

    assert told == [
        ("improvement", None, "Violence rose."),
        ("strength", None, "A family day was held."),
    ]


def test_headings_that_come_again_belong_to_the_sections_they_stand_in():
    told = on_page(
        "<h1>Kelby</h1><h2>Leadership: Good</h2><p>We rated it.</p><h3>Strengths</h3><ul><li>Staff "
        "trust it.</li></ul>"
        "<h3>Areas for improvement</h3><ul><li>Plans are late.</li></ul><h2>Staffing</h2><p>We rated it.</p>"
        "<h3>Strengths</h3><ul><li>Training is rich.</li></ul><h3>Recommendations</h3><ul><li>Train "
        "all.</li></ul>"
    )

    assert told == [
        ("strength", "Leadership", "Staff trust it."),
        ("improvement", "Leadership", "Plans are late."),
        ("strength", "Staffing", "Training is rich."),
        ("recommendation", None, "Train all."),
    ]


def test_the_title_is_no_heading_of_a_section():
    text = "Kelby\n\nWords here.\n\nStrengths:\n\n• Doors are painted."

    assert found(text) == [("strength", None, "Doors are painted.")]
    assert findings(plain_blocks(text), title="Kelby")[0].heading is None


def test_what_the_last_inspection_asked_for_is_no_finding():
    told = on_page(
        "<h1>Kelby</h1><h2>Areas for improvement</h2><p>1. The manager should offer outings.</p>"
        "<h2>What the service has done to meet any requirements made at or since the last inspection</h2>"
        "<h3>Requirements</h3><p>The provider must lock doors.</p><h2>Strengths</h2><p>Meals are "
        "always hot.</p>"
    )

    assert [t for _, _, t in told] == ["The manager should offer outings.", "Meals are always hot."]


def test_two_columns_of_a_table_are_two_kinds():
    told = on_page(
        "<h1>Kelby</h1><table><tr><th>Standard</th><th>Strengths</th><th>Areas for improvement</th></tr>"
        "<tr><td>Staffing</td><td>Training is regular.</td><td>Plans are late. Girls wait.</td></tr></table>"
        "<table><tr><th>Standard</th><th>Grade</th></tr><tr><td>Staffing</td><td>Good</td></tr></table>"
    )

    assert told == [
        ("strength", "Staffing", "Training is regular."),
        ("improvement", "Staffing", "Plans are late."),
        ("improvement", "Staffing", "Girls wait."),
    ]


def test_the_first_cell_of_a_row_may_tell_the_kind():
    told = on_page(
        "<h1>Kelby</h1><table><tr><td>Strengths</td><td>Clear plans.</td></tr>"
        "<tr><td>Areas for improvement</td><td>Checks are late.</td></tr></table>"
        "<table><tr><th>Areas for improvement</th></tr><tr><td>Files are not complete.</td><td>"
        "New</td></tr></table>"
    )

    assert [(k, t) for k, _, t in told] == [
        ("strength", "Clear plans."),
        ("improvement", "Checks are late."),
        ("improvement", "Files are not complete."),
    ]


def test_a_label_may_stand_in_front_of_its_findings():
    text = (
        "Kelby\n\nWords here.\n\nStrengths: Leaders know every child.\n\nAreas for improvement: "
        "Some books are blank."
    )

    assert [(k, t) for k, _, t in found(text)] == [
        ("strength", "Leaders know every child."),
        ("improvement", "Some books are blank."),
    ]


def test_numbered_recommendations_need_no_full_stop():
    text = (
        "Kelby\n\nWords here.\n\nRecommendations\n\nR1 Improve spelling\n\nR2 Share what works\n\n"
        "What happens next\n\nThe school will write a plan."
    )

    assert [t for _, _, t in found(text)] == ["Improve spelling", "Share what works"]


def test_a_finding_in_bold_is_no_heading():
    told = on_page(
        "<h1>Kelby</h1><h3>Area for improvement</h3><p><b>The force should make sure that victims "
        "are heard</b></p>"
        "<p>Victims were not asked about their wishes.</p><h3>Main findings</h3><p>In this section "
        "we set out our findings.</p>"
    )

    assert [t for _, _, t in told] == [
        "The force should make sure that victims are heard",
        "Victims were not asked about their wishes.",
    ]


@pytest.mark.parametrize(
    "piece",
    [
        "No areas for improvement were identified.",
        "None",
        "Inspectors found six examples of notable positive practice.",
        "Read the full report",
        "For more information call the press office on 01234 567890.",
        "The report is available at www.example.org.",
        "Leadership: Good",
        "‘Requires improvement’ at keeping people safe",
        "It was rated good for leadership.",
    ],
)
def test_notices_links_and_ratings_are_no_findings(piece):
    assert found(f"Kelby\n\nWords here.\n\nAreas for improvement\n\n• {piece}") == []


def test_running_text_is_read_where_nothing_is_listed():
    text = (
        "Kelby YJS\n\nInspectors praised the service’s work with victims, but found that records "
        "were often out of date.\n\n"
        "The council is proud. Inspectors were also concerned that girls wait too long. Inspectors "
        "found that staff were kind.\n\n"
        "The service was rated good by inspectors overall. At the last inspection, inspectors "
        "criticised leaders."
    )

    assert found(text) == [
        ("strength", None, "Inspectors praised the service’s work with victims"),
        ("improvement", None, "found that records were often out of date."),
        ("improvement", None, "girls wait too long."),
        ("strength", None, "Inspectors found that staff were kind."),
    ]


def test_however_within_running_text_turns_what_follows():
    text = (
        "Kelby\n\nWords here.\n\nStrengths\n\nLeaders know their people well. However, plans were "
        "often poor. "
        "However, there are many doors."
    )

    assert [(k, t) for k, _, t in found(text)] == [
        ("strength", "Leaders know their people well."),
        ("improvement", "However, plans were often poor."),
    ]


@pytest.mark.parametrize(
    "unit",
    [
        "Strengths:\n• a good plan\n",
        "But: ",
        "Areas for improvement\n\n",
        "the the key main ",
        "was rated good because ",
        "a.a.a@",
        "no not no not good ",
        "R1 improve\n\n",
        "what does what does ",
    ],
)
def test_findings_in_a_text_twice_as_long_take_about_twice_as_long(unit):
    def seconds(size):
        blocks = plain_blocks("Kelby\n\n" + unit * (size // len(unit)))
        began = time.process_time()
        findings(blocks)
        return time.process_time() - began

    assert seconds(96_000) < 30 * seconds(12_000) + 0.5


def told_of(text):
    return [(kind, said) for kind, _, said in found(f"Kelby\n\nWords here.\n\n{text}")]


def test_a_stem_with_its_points_below_belongs_to_the_list():
    text = (
        "What does the school need to do to improve further?\n\n• Make pupils safe in all lessons, by:\n"
        "• training all staff\n• keeping one list of checks.\n• Develop"
    )

    assert told_of(text) == [
        ("recommendation", "Make pupils safe in all lessons, by:"),
        ("recommendation", "training all staff"),
        ("recommendation", "keeping one list of checks."),
    ]


def test_demands_may_stand_in_lines_without_bullets():
    text = (
        "The provider must:\n\nEnsure that checks are carried out on new staff\n\n"
        "Improve the way in which files are kept.\n\nThe chief inspector was there.\n\n"
        "The provider should:\n\nReview its plan for days of snow."
    )

    assert told_of(text) == [
        ("improvement", "Ensure that checks are carried out on new staff"),
        ("improvement", "Improve the way in which files are kept."),
        ("recommendation", "Review its plan for days of snow."),
    ]


@pytest.mark.parametrize("sign", ["■ ", "▪ ", "✓ ", "●"])
def test_printed_signs_are_bullets(sign):
    text = f"Strengths\n\n{sign}Leaders know every child.\n{sign}Lessons are rich and lively"

    assert [said for _, said in told_of(text)] == [
        "Leaders know every child.",
        "Lessons are rich and lively",
    ]


def test_a_list_may_run_on_in_one_line():
    text = "The report highlights a number of strengths: • Leaders know every child. • Lessons are rich."

    assert told_of(text) == [
        ("strength", "Leaders know every child."),
        ("strength", "Lessons are rich."),
    ]


def test_each_key_finding_is_of_the_kind_that_its_own_words_say():
    text = (
        "Our key findings were as follows:\n\n• Patients were kept safe from infection.\n"
        "• There was good medicines management overall.\n"
        "• Records were not complete, and checks were overdue.\n"
        "• Patients had become less happy with appointments.\n"
        "• Patient experience as measured by the national survey.\n• The building has two floors."
    )

    assert told_of(text) == [
        ("strength", "Patients were kept safe from infection."),
        ("strength", "There was good medicines management overall."),
        ("improvement", "Records were not complete, and checks were overdue."),
        ("improvement", "Patients had become less happy with appointments."),
    ]


def test_one_area_of_practice_is_the_paragraph_below():
    text = (
        "We saw one area of outstanding practice:\n\nThe team visits people who live alone. It has done so "
        "for years.\n\nThe inspector was Ann Smith."
    )

    assert told_of(text) == [("strength", "The team visits people who live alone. It has done so for years.")]


def test_the_grade_over_a_list_of_reasons_says_nothing_of_running_text():
    assert told_of("This is a good school\n\nIt stands in the middle of the village.") == []


def test_what_a_must_asks_under_areas_for_improvement_stands_apart_from_what_should_be_done():
    text = (
        "Areas for improvement\n\nThe provider must:\n\n• Lock the doors.\n\nThe provider should:\n\n"
        "• Paint the doors."
    )

    assert told_of(text) == [("improvement", "Lock the doors."), ("recommendation", "Paint the doors.")]


def test_a_question_with_a_number_ends_the_findings_above():
    text = (
        "Key strengths\n\n• Pupils are proud of their work.\n\n3. How well does the school raise "
        "achievement?\n\n• Time for sport was short."
    )

    assert told_of(text) == [("strength", "Pupils are proud of their work.")]


def test_why_inspectors_came_ends_the_findings_of_running_text():
    text = (
        "People’s experience of using this service and what we found\n\nMedicines were not managed safely."
        "\n\n"
        "Why we inspected: There were concerns about unsafe care."
    )

    assert told_of(text) == [("improvement", "Medicines were not managed safely.")]


def test_what_a_dated_inspection_found_is_not_told_in_running_text():
    assert told_of("At the inspection in November 2016 inspectors found that records were poor.") == []


def test_a_remark_about_recommendations_is_no_recommendation():
    text = (
        "Areas for improvement\n\n1. The manager should offer outings.\n\nThis is to ensure that care fits "
        "people.\n\nThis will help people to feel well."
    )

    assert [said for _, said in told_of(text)] == ["The manager should offer outings."]


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("However, work to prepare women for release was good.", "strength"),
        ("Despite the notice given, cells were poor.", "improvement"),
        ("Pupils read more widely than before and enjoy it.", "strength"),
        ("Men were frustrated by a lack of contact with their managers.", "improvement"),
        ("Care plans did not always contain clear advice.", "improvement"),
        ("Care plans needed to be improved to guide staff.", "improvement"),
        ("Staffing did not meet people’s needs.", "improvement"),
        ("78% of patients found it easy to book.", None),
        ("More than half of prisoners were well supported.", None),
        ("The manager said: “Care is good here.”", None),
        ("Staff were good, but records were poor.", None),
        ("It is as good as it was.", None),
    ],
)
def test_a_sentence_praises_or_blames_by_its_own_words(sentence, kind):
    assert [k for k, _ in told_of(f"What we found\n\n{sentence}")] == ([kind] if kind else [])


def test_what_was_asked_for_last_time_has_a_long_heading():
    text = (
        "Areas for improvement\n\n1. The manager should offer outings.\n\nWhat the service has done to meet "
        "any areas for improvement we made at or since the last inspection\n\nAreas for improvement\n\n"
        "Previous area for improvement 1\n\nThe manager should lock doors."
    )

    assert [said for _, said in told_of(text)] == ["The manager should offer outings."]


def test_a_line_that_says_what_was_good_announces_strengths():
    text = (
        "What was good:\n\n- Staff know each child well and plan with care.\n"
        "- Leaders check the quality of work each week."
    )

    assert {kind for kind, _ in told_of(text)} == {"strength"}
    assert len(told_of(text)) == 2


def test_shares_of_cases_in_running_text_are_no_findings():
    text = "Areas for improvement\n\nCalls are answered late. Only 70 per cent were answered in time."

    assert [said for _, said in told_of(text)] == ["Calls are answered late."]


@pytest.mark.parametrize(
    "sentence",
    [
        "The CQC found the care offered by Kelby to be Outstanding after an inspection.",
        "The CQC found Kelby Council required improvement in how well it helps people.",
        "CQC found this home to be providing a good service.",
        "Inspectors praised a number of strengths and named areas for improvement.",
        "The 2021 inspection was worse, and inspectors found that records were poor.",
    ],
)
def test_ratings_and_the_past_told_in_running_text_are_no_findings(sentence):
    assert told_of(sentence) == []


def test_who_is_asked_is_no_recommendation():
    text = (
        "Recommendations\n\n• The youth justice service manager should:\n• train all staff\n"
        "• The management board should:\n• meet every month."
    )

    assert [said for _, said in told_of(text)] == ["train all staff", "meet every month."]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "Inspectors found that the home had not trained staff. The rooms were poor. This did harm.",
            [
                ("improvement", "the home had not trained staff."),
                ("improvement", "The rooms were poor."),
            ],
        ),
        (
            "The report highlights strong work with women. The rooms are poor.",
            [("strength", "strong work with women.")],
        ),
        (
            "The inspection showed all staff were skilled.\n\nHowever, vacancies meant good care came late.",
            [
                ("strength", "all staff were skilled."),
                ("improvement", "vacancies meant good care came late."),
            ],
        ),
        ("Partnership working was a strength.", [("strength", "Partnership working was a strength.")]),
        (
            "Two recommendations are for the board, including to meet the children each month.",
            [("recommendation", "to meet the children each month.")],
        ),
        (
            "A further problem was identified at the second office.",
            [("improvement", "A further problem was identified at the second office.")],
        ),
        ("Staff were found to be kind, despite a lack of time.", [("strength", None)]),
        ("In the past partnership working was a strength.", []),
        ("The report makes two recommendations, including to meet each month.", []),
        ("Inspectors found Kelby CRC needs to improve its work with victims.", []),
        (
            "Inspectors found that the home was failing to give safe, effective, caring care.",
            [],
        ),
    ],
)
def test_running_text_tells_what_was_found_and_goes_on(text, said):
    told = told_of(text)

    assert [kind for kind, _ in told] == [kind for kind, _ in said]
    assert all(want in {None, got} for (_, got), (_, want) in zip(told, said, strict=True))


def test_others_of_a_neutral_list_speak_for_a_whole_sentence_only():
    text = (
        "At this inspection we found:\n\n- Care was safe.\n- Staff were kind.\n- Clients had a say.\n"
        "- Care was never planned.\n- The view of patients as told in"
    )

    assert [said for _, said in told_of(text)] == ["Care was safe.", "Staff were kind.", "Clients had a say."]


def test_a_however_within_a_neutral_list_turns():
    text = "Our key findings were:\n\n- Systems were safe.\n- However, the practice had not seen all hazards."

    assert [kind for kind, _ in told_of(text)] == ["strength", "improvement"]


def test_what_the_last_inspection_found_stays_out_of_what_was_found():
    text = (
        "What we found\n\nAt our previous inspection we found records were poor. Now medicines were unsafe."
    )

    assert told_of(text) == [("improvement", "Now medicines were unsafe.")]


def test_improvements_made_since_are_strengths():
    lead = "We found that some improvements had been made since the last inspection, for example:"

    assert told_of(f"{lead}\n\n- The cleaning of the rooms.") == [("strength", "The cleaning of the rooms.")]
    assert told_of(f"{lead.replace('some', 'no')}\n\n- The cleaning of the rooms.") == []


def test_reasons_of_a_grade_may_be_grades_and_stand_behind_private_signs():
    text = "This is an outstanding school.\n\n\ue123 Teaching is outstanding.\n\uf0b7 Pupils thrive."

    assert told_of(text) == [("strength", "Teaching is outstanding."), ("strength", "Pupils thrive.")]


def test_what_the_law_asks_of_inspectors_is_no_recommendation():
    text = "Requirements\n\nUnder the Reform Act 2010, inspectors have a duty to work with others."

    assert told_of(text) == []


def test_examples_of_good_practice_announce_the_list_below_their_full_stop():
    text = "Inspectors found several areas of good practice.\n\n- The surgery visits farms."

    assert told_of(text) == [("strength", "The surgery visits farms.")]


def test_reasons_of_a_middling_grade_are_good_and_bad():
    text = (
        "We rated the practice requires improvement for safe services because:\n\n"
        "- Care did not always keep patients safe.\n- Staff were kind and respectful.\n"
        "- Uptake was still under the national target.\n- Letters were in two colours.\n"
    )

    assert [(f.kind.value, f.text) for f in findings(plain_blocks(text))] == [
        ("improvement", "Care did not always keep patients safe."),
        ("strength", "Staff were kind and respectful."),
        ("improvement", "Uptake was still under the national target."),
    ]
