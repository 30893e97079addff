"""Answers of GOV.UK: what they say, and that none of them takes us down."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.errors import ParseError
from digest.parse.govuk import Content, Gone, Redirect, content_call, content_of, parse_search
from digest.source_specs import Attachments, GovukSpec

URL = "https://www.gov.uk/api/content/government/news/a"
SPEC = GovukSpec(organisations=("ofsted",), document_types=("decision",))
WORDS = st.sampled_from(["text/html", "html", "/a", "//[", "2026-01-01T00:00:00Z", ""])
NAMES = st.sampled_from(["title", "link", "url", "destination", "note", "content_type", "content"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)
DETAILS = dict.fromkeys(("body", "attachments", "change_history", "explanation"), VALUES)
ITEMS = st.fixed_dictionaries(
    {"schema_name": st.sampled_from(["publication", "redirect", "gone"]), "title": st.just("A")}
    | {"base_path": st.just("/a"), "details": VALUES | st.fixed_dictionaries(DETAILS)}
    | dict.fromkeys(("redirects", "withdrawn_notice", "description", "first_published_at"), VALUES)
)
BODY = [{"content_type": [], "content": 1}]
RESULTS = st.fixed_dictionaries({"results": VALUES, "total": VALUES | st.just(1)})


@settings(max_examples=100)
@given(ITEMS | RESULTS)
@example({"schema_name": "redirect", "redirects": 5})
@example({"schema_name": "publication", "title": "A", "base_path": "/a", "details": {"body": BODY}})
@example([])
def test_whatever_an_answer_is_only_a_parse_error_comes_of_it(answer: object) -> None:
    body = json.dumps(answer).encode()
    with suppress(ParseError):
        content_of(body, url=URL, attachments=Attachments.ALL)
    with suppress(ParseError):
        parse_search(body, url=URL, spec=SPEC, page=0)


def content(**facts: object) -> Content | Redirect | Gone:
    usual = {"base_path": "/a", "title": "A", "schema_name": "publication", "details": {}}
    return content_of(json.dumps(usual | facts).encode(), url=URL, attachments=Attachments.ALL)


def test_what_stands_in_a_title_is_no_markup() -> None:
    found = content(title="A <b> & B")
    assert isinstance(found, Content)
    assert b"<h1>A &lt;b&gt; &amp; B</h1>" in found.page


def test_only_files_of_govuk_are_documents_of_a_page() -> None:
    hosts = ["assets.publishing.service.gov.uk", "www.gov.uk", "www.gov.uk.evil.example", "evil.example"]
    files = [{"content_type": "application/pdf", "url": f"https://{host}/a.pdf"} for host in hosts]
    pages = [{"attachment_type": "html", "url": f"https://{host}/b"} for host in hosts]
    found = content(details={"attachments": [*files, *pages]})
    assert isinstance(found, Content)
    assert [one.url for one in found.attachments] == [
        "https://assets.publishing.service.gov.uk/a.pdf",
        "https://www.gov.uk/a.pdf",
        "https://www.gov.uk/b",
    ]


def test_the_last_change_note_is_told_and_an_empty_notice_withdraws_nothing() -> None:
    history = [
        {"note": "Added a table.", "public_timestamp": "2026-11-02T09:00:00Z"},
        {"note": "First published.", "public_timestamp": "2026-10-02T09:00:00Z"},
    ]
    found = content(details={"change_history": history}, withdrawn_notice={})
    assert isinstance(found, Content)
    assert (found.note, found.withdrawn) == ("Added a table.", None)


def test_a_page_that_was_taken_away_says_why() -> None:
    assert content(schema_name="gone", details={"explanation": "<p>In error.</p>"}) == Gone(why="In error.")
    assert content(schema_name="redirect", redirects=[{"destination": "/b"}]) == Redirect(
        to="https://www.gov.uk/b"
    )
    with pytest.raises(ParseError, match="does not say where to"):
        content(schema_name="redirect", redirects=[])


def test_a_content_item_stands_below_the_api() -> None:
    assert content_call("https://www.gov.uk/government/news/a?x=1#b") == URL
