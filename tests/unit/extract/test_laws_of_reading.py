"""Laws: what must not change a reading, what every reading keeps, and what no text may do to it."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.extract import as_contract

pytestmark = pytest.mark.slow

AREA = st.from_regex(r"[A-Z][a-z]{3,9}(ham|ton|bury|ford|mouth|shire)", fullmatch=True)
NAMES = st.one_of(
    AREA,
    st.builds("{} and {}".format, AREA, AREA),
    st.builds("{}, {} and {}".format, AREA, AREA, AREA),
    st.builds("{} {}".format, st.sampled_from(["North", "South", "East", "West"]), AREA),
)
BODIES = st.sampled_from(
    ["PDU", "CRC", "Youth Justice Service", "Probation Delivery Unit (PDU)", "Youth Offending Team"]
)
QUOTES = st.sampled_from(["''", '""', "‘’", "“”"])
GRADES = st.sampled_from(["Outstanding", "Good", "Requires improvement", "Inadequate"])
STORIES = st.sampled_from(
    [
        ("{name} inspected", "{name} was rated {now} overall, having previously been rated {then}."),
        (
            "New rating for {name}",
            "Inspectors gave {name} an overall rating of {now}. It was rated {then} in 2019.",
        ),
        ("{name} rated {now}", "The overall rating of {name} has gone from {then} to {now}."),
        ("Inspectors return", "In 2019 {name} was rated {then}. It has now been rated {now}."),
    ]
)
CASES = st.sampled_from([str, str.upper, str.lower, str.title, str.swapcase])
easy = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def tell(story, name, quotes, now, then):
    title, text = story
    words = {"name": name, "now": f"{quotes[0]}{now}{quotes[1]}", "then": f"{quotes[0]}{then}{quotes[1]}"}
    return title.format(**words), f"HM Inspectorate of Probation was there. {text.format(**words)}"


def announced(found):
    return [(r.overall and r.overall.value, r.previous and r.previous.value, r.claims) for r in found.reports]


@easy
@given(story=STORIES, name=NAMES, body=BODIES, quotes=QUOTES, now=GRADES, then=GRADES, case=CASES)
def test_name_quotation_marks_and_capitals_of_headings_change_no_rating(
    reading, story, name, body, quotes, now, then, case
):
    title, text = tell(story, f"{name} {body}", quotes, now, then)
    plain_title, plain_text = tell(story, "Ambledon PDU", "‘’", now, then)

    changed = announced(reading(f"{case(title)}\n\n{text}"))

    assert changed == announced(reading(f"{plain_title}\n\n{plain_text}"))
    assert changed[0][:2] == (now.lower(), then.lower())


WORDS = st.sampled_from(
    [
        "Ambledon PDU",
        "Cranmere CRC",
        "HMI Probation",
        "rated",
        "‘Good’",
        "'Inadequate'",
        '"requires improvement"',
        "overall",
        "for",
        "leadership",
        "from",
        "to",
        "upgraded",
        "the region",
        "previously",
        "in 2019",
        ".",
        ". It",
        ",",
        "and",
        "was",
        "is",
        "now",
        "inspectors",
        "said:",
        "“",
        "”",
        "first",
        "not",
        "each",
        "all four",
        "aspects",
        "ten of 17",
        "services",
        "remains",
        "its",
        "rating",
        "of",
        "(",
        ")",
        "\n\n",
        "• ",
        "Strengths:",
        "Areas for improvement:",
        "May 2020",
    ]
)


@easy
@given(st.lists(WORDS, min_size=1, max_size=60))
def test_every_claims_evidence_stands_word_for_word_in_the_text(reading, words):
    found = reading("Report\n\n" + " ".join(words))

    for report in found.reports:
        told = [report.overall, report.previous, report.direction, report.inspected, report.caseload]
        for claim in [c for c in told if c] + list(report.judgements):
            assert claim.evidence in found.text
        for piece in [f.text for f in report.findings] + [q.text for q in report.quotes]:
            assert piece in found.text
        if report.previous:
            assert report.overall
            assert report.direction
    assert found.lead is None or found.lead in found.text
    assert found.title


@easy
@given(st.lists(WORDS, min_size=1, max_size=60))
def test_the_contract_is_json_and_names_known_grades_only(reading, words):
    contract = as_contract(reading("Report\n\n" + " ".join(words)))
    known = {"outstanding", "good", "requires improvement", "inadequate", None}

    assert json.loads(json.dumps(contract)) == contract
    assert set(contract) == {"kind", "inspectorate", "published", "title", "reports"}
    for report in contract["reports"]:
        assert {report["overall"], report["previous"]} <= known
        assert {j["grade"] for j in report["judgements"]} <= known


@easy
@given(st.binary(max_size=300), st.sampled_from(["text/plain", "text/html", "text/html; charset=utf-16", ""]))
def test_any_bytes_are_read_or_refused_by_name(reading_of_bytes, body, content_type):
    reading_of_bytes(body, content_type)


@pytest.mark.parametrize(
    "unit",
    [
        "HM Inspectorate of Probation rated Ambledon PDU as ‘Good’. ",
        "from good to ",
        "good ",
        "Ambledon and ",
        "“",
        'a. "b ',
        "NPS in ",
        "1 May 2020 ",
        "Ann Lee said: “",
        "the lowest possible rating given ",
        "(PDU",
        "<p>rated <b>good</b>",
        "x<br>",
    ],
)
def test_a_text_twice_as_long_takes_about_twice_as_long(reading, unit):
    """Cost grows in step with length: eight times the text may not take sixty times as long."""

    def seconds(size: int) -> float:
        text = "Ambledon PDU\n\nHMI Probation. " + unit * (size // len(unit))
        kind = "text/html" if "<" in unit else "text/plain"
        best = float("inf")
        for _ in range(2):
            began = time.process_time()
            reading(text, content_type=kind)
            best = min(best, time.process_time() - began)
        return best

    assert seconds(96_000) < 30 * seconds(12_000) + 0.5


PARAGRAPHS = [
    "Ambledon PDU was rated ‘Good’ overall, having been rated ‘Inadequate’ in 2019.",
    "Ambledon PDU was given ‘Outstanding’ for leadership.",
    "Staffing at Ambledon PDU was rated ‘Requires improvement’.",
    "About 400 people are supervised by Ambledon PDU.",
    "Victims are asked early, and courts are content with the reports they get.",
]


@easy
@given(st.permutations(PARAGRAPHS))
def test_paragraphs_that_do_not_refer_to_each_other_may_stand_in_any_order(reading, paragraphs):
    opening = "Ambledon PDU inspected\n\nHM Inspectorate of Probation looked at Ambledon PDU.\n\n"

    (report,) = reading(opening + "\n\n".join(paragraphs)).reports

    assert announced(reading(opening + "\n\n".join(paragraphs))) == [("good", "inadequate", "upgrade")]
    assert {j.aspect: j.grade for j in report.judgements} == {
        "leadership": "outstanding",
        "staffing": "requires improvement",
    }
