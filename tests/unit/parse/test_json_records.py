"""Answers of an API, as records."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from digest.adapters.config.packaged_scales import packaged_scales
from digest.parse.json_records import Answer, list_answer, records_of, shown_call
from digest.records import Place
from digest.source_specs import JsonRating, JsonSpec


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        ("https://a.example/1?page=2&perPage=50", "https://a.example/1?page=2&perPage=50"),
        ("https://a.example/1?subscription-key=s3cret&page=2", "https://a.example/1?page=2"),
        ("https://a.example/1?partnerCode=s3cret", "https://a.example/1"),
        ("https://a.example/1?api%5Fkey=s3cret#s3cret", "https://a.example/1"),
        ("https://me:s3cret@a.example:444/1", "https://a.example:444/1"),
        ("https://b.example/x?X-Amz-Signature=s3cret&X-Amz-Credential=s3cret", "https://b.example/x"),
        ("https://b.example/x?sv=2024&sig=s3cret", "https://b.example/x?sv=2024"),
    ],
)
def test_readers_see_a_call_without_its_secrets(call: str, shown: str) -> None:
    assert shown_call(call) == shown


@pytest.mark.parametrize(
    ("written", "pages"), [("3", 3), ('"3"', 3), ("true", None), ("null", None), ('"many"', None)]
)
def test_a_number_of_pages_may_be_written_as_text(written: str, pages: int | None) -> None:
    answer = Answer(call="https://a.example/1", body=b'{"things": [], "of": %s}' % written.encode())
    spec = JsonSpec(list="things", pages="of", key="id", name="name")
    assert list_answer(answer, spec).pages == pages


@pytest.mark.parametrize(
    ("scale", "grades", "read"),
    [
        ("cqc-4", "mark", [("overall", "good")]),
        ("cqc-4", "parts[].{aspect: name, grade: mark}", [("safe", "inadequate")]),
        ("cqc-4", "absent", []),
        ("ci-6", "mark", []),  # it has no overall grade
    ],
)
def test_grades_lead_to_the_overall_grade_or_to_a_list(
    scale: str, grades: str, read: list[tuple[str, str]]
) -> None:
    parts = b'[{"name": "Safe", "mark": "Inadequate"}]'
    said = b'{"things": [{"id": 1, "name": "Oak", "mark": "Good", "parts": %s}]}' % parts
    ratings = (JsonRating(scale=scale, grades=grades),)
    [record] = records_of(
        [Answer(call="https://a.example/1", body=said)],
        JsonSpec(list="things", key="id", name="name", ratings=ratings),
        source=Place(publisher="It", document=""),
        inspectorate="cqc",
        zone=ZoneInfo("Europe/London"),
        inspectorates=packaged_scales(),
    ).records

    assert [(one.aspect, one.grade) for one in record.grades] == read
