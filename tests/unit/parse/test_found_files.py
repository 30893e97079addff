"""Which of several files is meant: the newest that is called so."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from digest.errors import TableError
from digest.parse.dataset.found import FoundFile, file_at, find_file
from digest.source_specs import FileFinder

URL = "https://publisher.example/data/page"


def on_a_page(*links: tuple[str, str], finder: FileFinder) -> FoundFile:
    body = "".join(f'<a href="{href}">{words}</a>' for href, words in links)
    return find_file(f"<html><body>{body}</body></html>".encode(), URL, finder)


def attached(*titles: str, **more: Any) -> bytes:
    listed = [{"title": title, "url": f"/media/{n}.csv"} for n, title in enumerate(titles)]
    return json.dumps({"details": {"attachments": listed}} | more).encode()


def test_the_newest_link_counts_by_the_date_in_its_words_or_address() -> None:
    found = on_a_page(
        ("/files/25_February_2026_CQC_directory.csv", "Directory"),
        ("https://media.example/f3.csv", "CQC directory, 4 March 2026"),
        ("/files/20260101_CQC_directory.csv", "Directory"),
        ("/files/2027-01-01-notes.csv", "Notes"),
        finder=FileFinder(link="cqc.directory"),
    )

    assert (found.url, found.dated) == ("https://media.example/f3.csv", date(2026, 3, 4))


def test_the_first_of_links_without_a_date_counts() -> None:
    found = on_a_page(("a.csv", "Ratings"), ("b.csv", "Ratings"), finder=FileFinder(link="ratings"))

    assert (found.url, found.dated) == ("https://publisher.example/data/a.csv", None)


def test_the_ending_chooses_among_the_forms_of_one_table() -> None:
    links = [
        ("/r.ods", "Ratings May 2026"),
        ("/r.CSV?v=2", "Ratings May 2026"),
        ("javascript:x.csv", "Ratings"),
    ]
    found = on_a_page(*links, finder=FileFinder(link="ratings", ending=".csv"))

    assert (found.url, found.dated) == ("https://publisher.example/r.CSV?v=2", date(2026, 5, 1))


def test_an_attachment_is_dated_by_what_stands_after_as_at() -> None:
    finder = FileFinder(attachment="state-funded schools.*latest")
    titles = [
        "State-funded schools - latest inspections as at 31 Jan 2026, published 3 March 2026",
        "State-funded schools - latest inspections as at 28 Feb 2026",
        "State-funded schools - all inspections as at 31 March 2026",
    ]

    found = find_file(attached(*titles), URL, finder)
    assert (found.url, found.dated) == ("https://publisher.example/media/1.csv", date(2026, 2, 28))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (attached("Notes"), 'found 1 others, such as "Notes"; expected an attachment that fits "latest"'),
        (attached(), "found none at all"),
        (attached("latest", schema_name="gone"), "found one that is gone"),
        (b"<!doctype html>", "found none; expected an answer of GOV.UK's content API, in JSON"),
        (b"[]", "expected an object in JSON"),
        (b'{"details": {"attachments": [null, {"url": 3}, "x"]}}', "found none at all"),
        (b"[" * 100_000, "in JSON"),
    ],
    ids=range(7),
)
def test_an_answer_that_leads_to_no_file_says_what_it_has(body: bytes, told: str) -> None:
    with pytest.raises(TableError) as raised:
        find_file(body, URL, FileFinder(attachment="latest"))

    assert told in str(raised.value)


def test_a_file_is_called_by_the_last_part_of_its_address() -> None:
    found = file_at("https://publisher.example/x/MDSF_data_30%20September%202024.csv?dl=1")

    assert (found.title, found.dated) == ("MDSF_data_30 September 2024.csv", date(2024, 9, 30))
    assert file_at("https://publisher.example/").title == "publisher.example"


@pytest.mark.parametrize("words", ["Market 2026", "31 February 2026", "Maybe 2026", "99991301", "May 20261"])
def test_what_is_no_date_is_none(words: str) -> None:
    assert on_a_page(("a.csv", words), finder=FileFinder(link="a.csv")).dated is None
