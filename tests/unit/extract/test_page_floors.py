"""What stands behind a link is read as the report only if it looks like one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from page_walls import demo, labelled, samples

from digest.extract import NoReport, looked_at
from digest.extract.maintext import main_text
from digest.items import Item, Page

LINK = "https://care.example/news/tarn-house"


def a_page(body: str, *, url: str = LINK, kind: str = "text/html") -> Page:
    return Page(url=url, body=body.encode(), content_type=kind, fetched_at=datetime(2026, 11, 23, tzinfo=UTC))


def why(body: str, title: str = "Tarn House rated good", **facts: str) -> str | None:
    found = looked_at(a_page(body, **facts), Item(title=title, link=LINK))
    return found.why if isinstance(found, NoReport) else None


@pytest.mark.parametrize("group", ["tuned", "apart", "paraphrase"])
def test_walls_are_known_and_short_reports_are_let_through(group: str) -> None:
    pages = [sample for sample in samples() if sample.set == group]

    assert len(pages) > 50
    assert [page.id for page in pages if (page.refused() is None) is not page.report] == []


def test_no_labelled_text_and_no_page_of_the_demo_is_refused() -> None:
    """A third of the texts; `python -m page_walls` looks at all."""
    assert [page.id for page in (*list(labelled())[::3], *demo()) if page.refused()] == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            "<title>Just a moment...</title><script>window._cf_chl_opt={}</script><p>Wait.",
            "a bot check (Cloudflare)",
        ),
        ("<h1>Our site is resting</h1><p>Come back later.</p>", "an error or maintenance notice"),
        ("<div id=root></div><script src=app.js></script>", "a page without words"),
        ('{"status": 500}', "data for programs, not a page"),
    ],
)
def test_operators_are_told_what_stands_there(body: str, reason: str) -> None:
    assert why(body) == reason


def test_scripts_that_a_product_adds_to_every_page_are_no_mark() -> None:
    report = "<h1>Tarn House rated good</h1><p>Inspectors liked what they saw.</p>"
    for script in ("/cdn-cgi/challenge-platform/scripts/jsd/main.js", "/_Incapsula_Resource?SWJIYLWA=7"):
        assert why(f"{report}<script src='{script}'></script>") is None


def test_a_front_page_after_a_redirect_is_no_report_unless_it_is_headed_as_one() -> None:
    for heading, reason in (("The regulator of care", "the site's front page"), ("Tarn House is good", None)):
        body = f"<h1>{heading}</h1><ul><li><a href=/x>Tarn House rated good</a></ul><p>Staff are kind.</p>"
        assert why(body, url="https://care.example/") == reason


def test_a_page_on_another_body_is_no_report_of_this_one() -> None:
    body = (
        "<h1>Oak View</h1><p>Oak View was inspected in May. Its residents are safe, and the food is good.</p>"
    )

    assert why(body, title="Thornbury Academy: inspection report") is not None
    assert why(body, title="New report published") is None


def test_residents_may_bake_cookies() -> None:
    body = (
        "<h1>Tarn House</h1><p>Residents choose which cookies they bake. Inspectors rated the home Good.</p>"
    )

    assert "rated the home Good" in main_text(a_page(body)).text


def test_hostile_pages_are_looked_at_in_a_bounded_time() -> None:
    """Each would take minutes or more if a pattern went over it again from every place."""
    long = 300_000
    for piece in (
        "<",
        "<!--",
        "<script>",
        "domain ",
        "sorry,",
        "a-",
        "cookies we use ",
        "Server Error in '",
        "a.b",
    ):
        for body in (piece * (long // len(piece)), f"<h1>{piece * (long // len(piece))}</h1>"):
            why(body)
