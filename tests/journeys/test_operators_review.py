"""Operators decide what the service is not sure of, by the command line alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from journey_place import Place

from digest.items import Page
from digest.ports import InQuestion
from digest.reports import Kind, Reading


async def test_a_doubt_is_listed_looked_at_and_corrected(place: Place) -> None:
    await place.file(1, datetime.now(UTC) - timedelta(minutes=5))

    [case] = json.loads(place.digest("review", "list", "--json"))
    assert (case["case"], case["provider_name"], case["overall"]) == ("1", "Provider 1 CRC", "good")
    assert case["doubts"] == ["Provider 1 CRC is not in the register"]
    assert "“Provider 1 CRC has been raised" in place.digest("review", "show", "1")

    said = place.digest("review", "correct", "1", "--overall", "splendid", "--why", "x", expect=2)
    assert "outstanding, good, requires improvement, inadequate" in said
    said = place.digest("review", "correct", "1", "--overall", "outstanding", "--why", "misread the table")

    assert "1 corrected by ada" in said
    assert "nothing to review" in place.digest("review", "list")
    shown = json.loads(place.digest("review", "show", "1", "--json"))
    assert shown["overall"] == "outstanding"
    assert [(d["decision"], d["by"], d["why"]) for d in shown["decided"]] == [
        ("corrected", "ada", "misread the table")
    ]


async def test_what_nobody_has_decided_is_previewed_without_its_movement(place: Place) -> None:
    """The provider is not in the register, so the report is a case."""
    await place.file(1, datetime.now(UTC) - timedelta(minutes=5))

    assert "reports that wait for your decision: 1 (`digest review list`)" in place.digest("status")
    assert json.loads(place.digest("status", "--json"))["cases"] == 1
    shown = place.digest("edition", "preview")
    assert "INSPECTED" in shown
    assert "WHAT MOVED" not in shown
    assert "Rated Good." in shown.splitlines()
    [section] = json.loads(place.digest("edition", "preview", "--json"))["sections"]
    assert [story["change"]["movement"] for story in section["stories"]] == ["not comparable"]

    place.digest("review", "accept", "1", "--why", "it is new")

    shown = place.digest("edition", "preview")
    assert "WHAT MOVED" in shown
    assert "Moved up from Requires improvement to Good" in shown


async def test_what_is_rejected_is_in_no_edition(place: Place) -> None:
    await place.file(1, datetime.now(UTC) - timedelta(minutes=5))
    assert "Provider 1 CRC" in place.digest("edition", "preview")

    place.digest("review", "reject", "1", "--why", "a test of the publisher's")

    said = place.digest("edition", "preview")
    assert "nothing new" in said
    assert "gone     Provider 1 CRC" in said
    assert "told        never: withheld" in place.digest("review", "show", "1")

    place.digest("review", "accept", "1", "--why", "it was no test")
    assert "Provider 1 CRC" in place.digest("edition", "preview")


async def test_a_case_that_is_none_is_named(place: Place) -> None:
    assert "no report 7.0" in place.digest("review", "show", "7", expect=2)
    assert "such as 12" in place.digest("review", "accept", "seven", "--why", "x", expect=2)
    assert "nothing to correct" in place.digest("review", "correct", "7", "--why", "x", expect=2)


async def test_a_page_in_question_is_shown_and_settled(place: Place) -> None:
    found = datetime.now(UTC) - timedelta(minutes=5)
    await place.file(1, found)
    place.digest("review", "accept", "1", "--why", "it is new")
    said = place.digest("review", "settle", "1", "--as", "nothing", "--why", "x", expect=2)
    assert "no page of 1.0 is in question" in said
    async with place.opened() as store:
        [candidate] = await store.versions.candidates(1)
        page = Page(url="https://i.example/1", body=b"x", content_type=None, fetched_at=datetime.now(UTC))
        reading = Reading(kind=Kind.INSPECTION, inspectorate=None, published=None, title="1")
        asked = InQuestion(candidate=candidate, page=page, reading=reading, reason="the page was edited")
        await store.versions.question(1, asked)

    [case] = json.loads(place.digest("review", "list", "--json"))
    assert case["doubts"] == ["the page was edited"]
    assert "review settle 1 --as new-report|correction|nothing" in place.digest("review", "show", "1")

    place.digest("review", "settle", "1", "--as", "nothing", "--why", "only the template has changed")

    assert "nothing to review" in place.digest("review", "list")
