# ruff: noqa: E501 -- pages read best on one line
"""Days of publication that markup gives: the page's own, and none of the stories it lists."""

from __future__ import annotations

import json

import pytest
from laws.readings import page

from digest.extract.maintext import main_text
from digest.extract.markup import read_markup

URL = "https://paper.example/news/school-rated-good"


def dates(head: str, body: str = "<p>The school was inspected.</p>") -> tuple[str, ...]:
    html = f"<html><head>{head}</head><body><main><h1>School rated good</h1>{body}</main></body></html>"
    return read_markup(html, URL).dates


def described(*things: object) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(t)}</script>' for t in things)


def article(day: str, **more: object) -> dict[str, object]:
    return {"@type": "NewsArticle", "datePublished": day, **more}


def test_the_description_of_the_page_itself_dates_it() -> None:
    assert dates(described(article("2025-03-04T08:00:00Z"))) == ("2025-03-04T08:00:00Z",)


def test_of_several_stories_the_one_with_the_page_s_address_counts() -> None:
    other = article("2019-01-01", url="https://paper.example/news/other")
    assert dates(described([other, article("2025-03-04", url=f"{URL}/")])) == ("2025-03-04",)
    assert dates(described({"@graph": [other, article("2025-03-04", mainEntityOfPage={"@id": URL})]})) == (
        "2025-03-04",
    )


def test_stories_within_a_list_date_nothing() -> None:
    listed = {"@type": "ItemList", "itemListElement": [{"item": article("2019-01-01")}]}
    assert not dates(described(listed))
    assert not dates(described(article("2019-01-01"), article("2020-01-01")))


def test_a_page_s_article_goes_before_the_page_around_it() -> None:
    page = {"@type": "WebPage", "datePublished": "2015-01-01"}
    assert dates(described({"@graph": [page, article("2025-03-04")]})) == ("2025-03-04",)
    assert dates(described(page)) == ("2015-01-01",)


@pytest.mark.parametrize("broken", ["{", "[" * 3000, '"a"', "null", '{"@graph": 3}'])
def test_descriptions_that_are_none_are_left_out(broken: str) -> None:
    assert not dates(f'<script type="application/ld+json">{broken}</script>')


def test_government_pages_say_when_they_were_first_published() -> None:
    assert dates('<meta name="govuk:first-published-at" content="2021-05-06T09:30:00+01:00">') == (
        "2021-05-06T09:30:00+01:00",
    )


def test_times_of_other_stories_are_not_the_page_s() -> None:
    own = "<p>The school was inspected.</p>"
    card = "<time class=entry-date datetime=2019-01-01>1 January 2019</time>"
    assert not dates("", f"{own}<ul><li>Other story {card}</li></ul><div class=related>{card}</div>")
    assert dates("", f"<time class=entry-date datetime=2025-03-04>4 March 2025</time>{own}") == (
        "2025-03-04",
    )


def test_paragraphs_and_items_of_a_cell_stay_apart() -> None:
    body = (
        "<table><tr><th>Area</th><th>What was found</th></tr><tr><td>Safe</td><td><p>Staff knew what to do</p>"
        "<p>Records were kept well</p></td></tr><tr><td>Caring</td><td><ul><li>People felt well cared for</li>"
        "<li>Relatives could visit any time</li></ul></td></tr><tr><td><div>Well-led</div><div>Good</div></td></tr></table>"
    )
    html = f"<html><body><main><h1>Report</h1>{body}</main></body></html>"
    texts = [b.text for b in read_markup(html, URL).blocks]
    assert "Safe | Staff knew what to do. Records were kept well." in texts
    assert "Caring | People felt well cared for. Relatives could visit any time." in texts
    assert "Well-led Good" in texts


@pytest.mark.parametrize(
    "pointer",
    [
        "> St Bride's Hospital ‘good’ after visit by the CQC",
        "Previous article: Larkrise Care Home judged ‘inadequate’",
        "Sign up to our newsletter to find out which homes near you are rated 'outstanding'.",
        "Watch: inside the care home that inspectors rated “good”",
    ],
)
def test_a_line_that_leads_to_another_story_is_no_text_of_the_page(pointer: str) -> None:
    own = "The school in Station Road was inspected in March, and its leaders said they were pleased."
    body = f"School inspected\n\n{pointer}\n\n{own}\n\nListen to pupils, they were told."
    texts = [b.text for b in main_text(page(URL, body)).blocks]
    assert pointer not in texts
    assert texts[-2:] == [own, "Listen to pupils, they were told."]
