"""From a page's bytes to its own words: encodings, furniture, headings, lists and tables."""

# ruff: noqa: E501 -- texts are read whole

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from digest.errors import ParseError
from digest.extract.blocks import BlockKind, plain_blocks
from digest.extract.maintext import decode, main_text
from digest.items import Page
from digest.reports import Direction, FindingKind

FIXTURES = Path(__file__).parents[2] / "fixtures" / "reading"


def page(body: bytes, content_type: str | None = "text/plain") -> Page:
    return Page(
        url="https://example.org/a/b",
        body=body,
        content_type=content_type,
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def blocks(html: str) -> list[tuple[BlockKind, str]]:
    return [(b.kind, b.text) for b in main_text(page(html.encode(), "text/html; charset=utf-8")).blocks]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("‘Good’".encode(), "text/plain"),
        ("‘Good’".encode("cp1252"), "text/plain"),
        ("‘Good’".encode("cp1252"), "text/html; charset=iso-8859-1"),
        ("‘Good’".encode("cp1252"), "text/html; charset=utf-8"),
        ("‘Good’".encode("cp1252"), "text/html; charset=no-such-thing"),
        ("‘Good’".encode("utf-8-sig"), "text/html; charset=windows-1252"),
        ("‘Good’".encode("utf-16"), "text/html"),
        ('<meta charset="windows-1252">‘Good’'.encode("cp1252"), "text/html"),
    ],
)
def test_quotation_marks_survive_every_encoding(body, content_type):
    """A page's charset is often wrong or missing."""
    assert decode(body, content_type).endswith("‘Good’")


@pytest.mark.parametrize("content_type", ["application/pdf", "image/png"])
def test_bytes_that_are_no_page_are_refused(content_type):
    with pytest.raises(ParseError):
        main_text(page(b"%PDF-1.7", content_type))


@pytest.mark.parametrize("body", [b"", b"   ", b"\0\0\1\2", b"<html><body><script>x</script></body></html>"])
def test_a_page_without_words_is_refused(body):
    with pytest.raises(ParseError):
        main_text(page(body, None))


def test_markup_nested_without_end_is_refused():
    with pytest.raises(ParseError):
        main_text(page(b"<div>" * 100_000, "text/html"))


def test_html_under_the_name_of_plain_text_is_read_as_html():
    assert main_text(page(b"<html><body><p>One.</p><p>Two.</p></body></html>")).text == "One.\n\nTwo."


def test_a_blog_post_is_read_without_its_surroundings(inspectorates):
    from digest.extract import read
    from digest.providers import Register

    body = (FIXTURES / "blog-post.html").read_bytes()
    found = read(page(body, "text/html"), inspectorates=inspectorates, register=Register())
    (report,) = found.reports

    assert found.title == "Essex North PDU climbs one grade"
    assert found.published == date(2024, 8, 14)
    assert found.links == ("https://example.org/hmiprobation/essexnorth",)
    for stranger in ("cookies", "Twitter", "Swindon", "Cardiff", "Reply", "sponsored", "About"):
        assert stranger not in found.text
    assert (report.provider, report.claims) == ("Essex North PDU", Direction.UPGRADE)
    assert {j.aspect: j.grade for j in report.judgements} == {"leadership": "good", "planning": "inadequate"}
    assert [(f.heading, f.kind) for f in report.findings] == [
        ("Casework", FindingKind.STRENGTH),
        ("Casework", FindingKind.STRENGTH),
        ("Casework", FindingKind.IMPROVEMENT),
    ]
    assert [q.speaker for q in report.quotes] == ["Martin Jones"]
    assert report.quotes[0].text.endswith("of the work.")
    assert report.caseload is not None
    assert report.caseload.value == "more than 2,100"
    assert report.inspected_on == date(2024, 5, 31)


def test_the_text_is_found_where_the_markup_does_not_name_it():
    html = (
        "<body><div class='menu'>Home</div><div id='a'><div id='b'><p>"
        + "A long and honest sentence. " * 20
        + "</p>"
        "<p>Another one of some length, to be sure.</p></div><div class='x'><a href='/'>Elsewhere</a></div></div></body>"
    )
    found = blocks(html)

    assert len(found) == 2
    assert found[1][1].startswith("Another")


def test_breaks_and_bullets_in_a_paragraph_make_lines_and_items():
    assert blocks("<p>Key strengths:<br>• One thing.<br>• Another.</p>") == [
        (BlockKind.PARAGRAPH, "Key strengths:"),
        (BlockKind.ITEM, "One thing."),
        (BlockKind.ITEM, "Another."),
    ]


def test_a_list_within_a_list_keeps_its_items_apart():
    assert blocks("<main><ul><li>One<ul><li>Two</li></ul></li><li>Three</li></ul></main>") == [
        (BlockKind.ITEM, "One"),
        (BlockKind.ITEM, "Two"),
        (BlockKind.ITEM, "Three"),
    ]


def test_plain_text_lines_are_headings_items_and_paragraphs():
    found = plain_blocks("Key findings\n\nThere were some:\n\n  •  One  thing.\n- Another\n\nThat is all.")

    assert [(b.kind.value, b.text) for b in found] == [
        ("heading", "Key findings"),
        ("paragraph", "There were some:"),
        ("item", "One thing."),
        ("item", "Another"),
        ("paragraph", "That is all."),
    ]


def test_lines_wrapped_at_a_width_are_put_together():
    text = (
        "The unit has been rated by the inspectors who came to see\nit in May and who wrote down what they had found as\n"
        "‘Good’ after all.\n\nAnother paragraph begins here and it is wrapped as well at\nabout the same width."
    )

    assert [b.text[-11:] for b in plain_blocks(text)] == [" after all.", "same width."]


def test_what_stands_under_the_text_ends_it():
    text = (
        "Title\n\nShare this post\n\n"
        + "Words of the page itself. " * 10
        + "\n\nRelated posts\n\nAmbledon PDU rated ‘Good’"
    )

    assert "Ambledon" not in main_text(page(text.encode())).text


def of_html(html: str):
    return main_text(page(html.encode(), "text/html; charset=utf-8")).blocks


def test_lines_and_lists_that_lead_to_other_stories_are_left_out():
    words = "<p>" + "Words of the page itself. " * 10 + "</p>"
    html = (
        f"<main>{words}<p>Read more: Home rated inadequate</p><h2>More on this story</h2>"
        "<ul><li><a href='/1'>Ambledon rated good</a></li></ul><h3><a href='/2'>Skelmoor sinks</a></h3><p>It was inadequate.</p>"
        f"{words.replace('itself', 'again')}</main>"
    )

    assert [b.text[:25] for b in of_html(html)] == ["Words of the page itself.", "Words of the page again. "]


def test_cells_stand_under_their_columns_whatever_they_span():
    html = (
        "<main><table><tr><th>Area</th><th colspan=2>Rating</th></tr><tr><td rowspan=2>Safe</td><td>Now</td><td>Good</td></tr>"
        "<tr><td>Before</td><td>Inadequate</td></tr></table></main>"
    )

    assert [(b.cells, b.head, b.text) for b in of_html(html)] == [
        (("Area", "Rating", "Rating"), True, "Area | Rating"),
        (("Safe", "Now", "Good"), False, "Safe | Now | Good"),
        (("Safe", "Before", "Inadequate"), False, "Before | Inadequate"),
    ]


def test_items_know_the_line_that_introduces_them_and_headings_their_depth():
    found = of_html(
        "<main><h1>T</h1><h3>Findings</h3><p>The force:</p><ul><li>is slow</li><li>is kind</li></ul></main>"
    )

    assert [b.level for b in found] == [1, 3, None, None, None]
    assert [b.stem for b in found[3:]] == ["The force:", "The force:"]


@pytest.mark.parametrize(
    "html",
    [
        "<p>Safe Good</p>",
        "<div><span>Safe</span><span>Good</span></div>",
        "<p>Safe <img src=g alt=Good></p>",
        "<p>Safe <svg aria-label=Good><path d=x /></svg></p>",
        "<p>Safe <i class=badge aria-label=Good></i></p>",
    ],
)
def test_badges_and_pictures_of_grades_are_words(html):
    assert [b.text for b in of_html(f"<main>{html}</main>")] == ["Safe Good"]


def test_pictures_of_anything_else_say_nothing():
    assert [b.text for b in of_html("<main><p>Safe <img src=g alt='A nurse'></p></main>")] == ["Safe"]
