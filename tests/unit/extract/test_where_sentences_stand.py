"""Where each sentence of a page stands: its title, its first sentence, its lead, its body, or a heading."""

# ruff: noqa: E501 -- texts are read whole

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digest.extract.maintext import main_text
from digest.extract.prose import Place, prose_of
from digest.items import Page

TITLE = "<h1>Millbank House is rated good</h1>"


def sentences(html, content_type="text/html"):
    page = Page(
        url="https://news.example/1",
        body=html.encode(),
        content_type=f"{content_type}; charset=utf-8",
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return prose_of(main_text(page))


def places(html, content_type="text/html"):
    """The place of each sentence that stands for itself: without labels and the lines under them."""
    return {s.text: s.place for s in sentences(html, content_type) if not s.label}


STORY = f"""
<main>{TITLE}
<p>The home was rated good by inspectors. Staff were kind to everybody there. Meals were hot and came on time.
The garden is kept by volunteers.</p>
<h2>Previous inspection</h2>
<p>The home was rated inadequate in 2021.</p></main>
"""


def test_a_story_has_a_title_a_first_sentence_a_lead_and_a_body():
    assert places(STORY) == {
        "Millbank House is rated good": Place.TITLE,
        "The home was rated good by inspectors.": Place.FIRST,
        "Staff were kind to everybody there.": Place.LEAD,
        "Meals were hot and came on time.": Place.LEAD,
        "The garden is kept by volunteers.": Place.BODY,
        "Previous inspection": Place.HEADING,
        "The home was rated inadequate in 2021.": Place.BODY,
    }


def test_plain_text_is_placed_as_a_web_page_is():
    found = places(
        "Millbank House is rated good\n\nThe home was rated good by inspectors.\n\nPrevious inspection\n\n"
        "The home was rated inadequate in 2021.",
        "text/plain",
    )

    assert list(found.values()) == [Place.TITLE, Place.FIRST, Place.HEADING, Place.LEAD]


def test_a_lead_may_run_over_several_paragraphs_and_items():
    found = places(
        f"<main>{TITLE}<p>The home was rated good by inspectors.</p><p>Staff were kind to everybody there.</p>"
        "<ul><li>Meals were hot and came on time.</li><li>The garden is kept by volunteers.</li></ul></main>"
    )

    assert list(found.values())[1:] == [Place.FIRST, Place.LEAD, Place.LEAD, Place.BODY]


@pytest.mark.parametrize("line", ["By Ann Bell", "3 May 2024", "Published: 3 May 2024", "Share this", "Kent"])
def test_a_byline_or_a_date_is_no_first_sentence(line):
    found = places(f"<main>{TITLE}<p>{line}</p><p>The home was rated good by inspectors.</p></main>")

    assert found.get(line, Place.BODY) is Place.BODY
    assert found["The home was rated good by inspectors."] is Place.FIRST


def test_a_heading_between_is_not_counted_as_running_text():
    found = places(
        f"<main>{TITLE}<h2>Everything that inspectors saw in March</h2>"
        "<p>The home was rated good by inspectors.</p></main>"
    )

    assert found["Everything that inspectors saw in March"] is Place.HEADING
    assert found["The home was rated good by inspectors."] is Place.FIRST


@pytest.mark.parametrize(
    "pointer",
    [
        "Read more: Elmtree Lodge is rated inadequate",
        "Related: Elmtree Lodge is rated inadequate",
        "See also: Elmtree Lodge is rated inadequate",
        "Don’t miss: Elmtree Lodge is rated inadequate",
        "In other news – Elmtree Lodge is rated inadequate",
        "Recommended: Elmtree Lodge is rated inadequate",
        "Trending: Elmtree Lodge is rated inadequate",
        "Sign up for news such as Elmtree Lodge is rated inadequate",
        "» Elmtree Lodge is rated inadequate",
    ],
)
def test_a_pointer_to_another_story_stands_nowhere(pointer):
    html = f"<main>{TITLE}<p>{pointer}</p><p>The home was rated good by inspectors.</p></main>"

    assert not any("Elmtree" in s.text for s in sentences(html))


def test_a_sentence_knows_the_headings_above_it_the_nearest_first():
    *_, last = sentences(STORY)

    assert last.section == ("Previous inspection", "Millbank House is rated good")
    assert last.under == "previous inspection"


def test_a_sentence_knows_whether_it_opens_its_paragraph():
    opening = {s.text: s.opens for s in sentences(STORY)}

    assert opening["The home was rated good by inspectors."]
    assert not opening["Staff were kind to everybody there."]
    assert opening["The home was rated inadequate in 2021."]


def test_a_label_and_the_line_under_it_are_read_together():
    found = sentences(
        f"<main>{TITLE}<p>The home was rated good by inspectors.</p><p>Overall rating</p><p>Good</p></main>"
    )

    assert ("Overall rating\n\nGood", "Good") in {(s.text, s.value) for s in found if s.label}


def test_each_cell_of_a_table_is_told_with_its_row_and_its_column():
    found = sentences(
        f"<main>{TITLE}<p>The home was rated good by inspectors.</p><table><tr><th>Area</th><th>2021</th><th>2024"
        "</th></tr><tr><td>Safe</td><td>Good</td><td>Inadequate</td></tr></table></main>"
    )

    cells = {s.text: (s.section[0], s.row) for s in found if s.row}
    assert cells == {
        "Safe: Good": ("previous 2021", "Safe | Good | Inadequate"),
        "Safe: Inadequate": ("2024", "Safe | Good | Inadequate"),
    }


def test_a_title_that_only_the_head_of_the_page_has_still_comes_first():
    found = sentences(
        "<html><head><title>Millbank House is rated good</title></head><body><main>"
        "<p>The home was rated good by inspectors.</p><p>Staff were kind to everybody there.</p></main></body></html>"
    )

    assert (found[0].text, found[0].place) == ("Millbank House is rated good", Place.TITLE)


@pytest.mark.parametrize(
    ("place", "says_nothing"),
    [
        (Place.TITLE, True),
        (Place.HEADING, True),
        (Place.FIRST, False),
        (Place.LEAD, False),
        (Place.BODY, False),
    ],
)
def test_only_of_titles_and_headings_do_capitals_and_missing_verbs_say_nothing(place, says_nothing):
    placed = [s for s in sentences(STORY) if s.place is place and not s.label]

    assert placed
    assert {s.heading for s in placed} == {says_nothing}
