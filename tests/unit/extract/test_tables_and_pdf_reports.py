"""Tables of ratings in pages and PDFs, in any order of columns; what cannot be read is named."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from fpdf import FPDF

from digest.adapters.workers import ProcessWorkers
from digest.errors import ParseError
from digest.extract import read
from digest.items import Page
from digest.providers import Register
from digest.reports import FindingKind

HEADS = [
    ("This inspection", "Previous inspection"),
    ("Rating", "Previous rating"),
    ("2025", "2021"),
    ("New", "Last"),
]
ROWS = [
    ("Overall rating", "Good", "Requires improvement"),
    ("Leadership", "Outstanding", "Good"),
    ("Staffing", "Good", "Inadequate"),
]
LEAD = "HM Inspectorate of Probation inspected Ambledon Youth Justice Service in January and rated its work."


def table(now: str, then: str, *, now_first: bool) -> list[tuple[str, str, str]]:
    rows = [("Standard", now, then), *ROWS]
    return rows if now_first else [(label, b, a) for label, a, b in rows]


def html(rows: list[tuple[str, str, str]]) -> bytes:
    cells = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in rows)
    return f"<h1>Ambledon inspected</h1><p>{LEAD}</p><h2>Ratings</h2><table>{cells}</table>".encode()


def pdf(rows: list[tuple[str, str, str]], *findings: str) -> bytes:
    """A report as word processors print one: a title, a paragraph, a table without lines, and findings."""
    paper = FPDF()
    paper.add_page()
    paper.set_font("Helvetica", "B", 20)
    paper.multi_cell(
        0, 10, "An inspection of youth justice services in Ambledon", new_x="LMARGIN", new_y="NEXT"
    )
    paper.set_font("Helvetica", "", 11)
    paper.ln(4)
    paper.multi_cell(0, 6, LEAD, new_x="LMARGIN", new_y="NEXT")
    paper.ln(4)
    for row in rows:
        for cell in row:
            paper.cell(58, 8, cell)
        paper.ln(8)
    paper.set_font("Helvetica", "B", 14)
    for heading in ("Key findings", "Strengths:") if findings else ():
        paper.ln(4)
        paper.cell(0, 8, heading, new_x="LMARGIN", new_y="NEXT")
    paper.set_font("Helvetica", "", 11)
    for finding in findings:
        paper.multi_cell(0, 6, f"- {finding}", new_x="LMARGIN", new_y="NEXT")
        paper.ln(2)
    return bytes(paper.output())


@pytest.fixture
def report_of(inspectorates):
    def of(body: bytes, content_type: str):
        page = Page(
            url="https://reports.example/ambledon",
            body=body,
            content_type=content_type,
            fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        found = read(page, inspectorates=inspectorates, register=Register())
        (report,) = found.reports
        return found, report

    return of


@pytest.mark.parametrize("now_first", [True, False], ids=["now first", "previous first"])
@pytest.mark.parametrize(("now", "then"), HEADS)
@pytest.mark.parametrize("kind", ["html", "pdf"])
def test_a_table_of_ratings_reads_the_same_whichever_column_comes_first(
    report_of, kind, now, then, now_first
):
    rows = table(now, then, now_first=now_first)
    found, report = report_of(
        *((html(rows), "text/html") if kind == "html" else (pdf(rows), "application/pdf"))
    )

    assert (report.overall.value, report.previous.value) == ("good", "requires improvement")
    assert {j.aspect: (j.grade, j.previous) for j in report.judgements} == {
        "leadership": ("outstanding", "good"),
        "staffing": ("good", "inadequate"),
    }
    assert report.overall.evidence in found.text


def test_an_empty_cell_leaves_the_others_under_their_heads(report_of):
    rows = [
        ("Standard", "Previous rating", "Rating"),
        ("Overall rating", "Good", "Inadequate"),
        ("Staffing", "", "Good"),
    ]

    _, report = report_of(html(rows), "text/html")
    assert [(j.aspect, j.grade, j.previous) for j in report.judgements] == [("staffing", "good", None)]


def test_findings_of_a_pdf_are_whole_though_its_lines_break(report_of):
    long = (
        "Leaders know their staff and their children, and plan what they do around the needs of both of them."
    )

    found, report = report_of(
        pdf(table("Now", "Previous", now_first=True), long, "Assessments are sound."), "application/pdf"
    )
    assert [(f.kind, f.text) for f in report.findings] == [
        (FindingKind.STRENGTH, long),
        (FindingKind.STRENGTH, "Assessments are sound."),
    ]
    assert all(f.text in found.text for f in report.findings)


def test_a_pdf_is_known_by_what_it_is_and_not_by_what_a_server_calls_it(report_of):
    _, report = report_of(pdf(table("Now", "Previous", now_first=True)), "application/octet-stream")

    assert report.overall.value == "good"


def refusal(body: bytes) -> str:
    page = Page(
        url="https://x.example/",
        body=body,
        content_type="application/pdf",
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    with pytest.raises(ParseError) as caught:
        read(page, inspectorates=None, register=Register())  # type: ignore[arg-type]
    return str(caught.value)


def test_a_scan_is_named_as_one():
    paper = FPDF()
    paper.add_page()
    paper.rect(20, 20, 100, 100, style="F")

    assert "scanned PDF" in refusal(bytes(paper.output()))


def test_a_locked_pdf_is_named_as_one():
    paper = FPDF()
    paper.set_encryption(owner_password="theirs", user_password="not ours")
    paper.add_page()

    assert "password" in refusal(bytes(paper.output()))


@pytest.mark.parametrize("cut", [8, 400, 900])
def test_a_damaged_pdf_is_named_as_one(cut):
    body = pdf(table("Now", "Previous", now_first=True))

    assert "PDF" in refusal(body[:cut])


def test_a_pdf_longer_than_any_report_is_refused():
    paper = FPDF()
    for _ in range(201):
        paper.add_page()

    assert refusal(bytes(paper.output())) == "a PDF of 201 pages; at most 200 are read"


async def test_a_worker_survives_a_hostile_pdf(inspectorates, tmp_path: Path):
    """Reading is done in a process of its own: whatever a PDF does there, the next one is read."""
    sound = pdf(table("Now", "Previous", now_first=True))
    hostile = [
        sound.replace(b"/Length", b"/Lemgth"),
        b"%PDF-1.7\n" + b"(" * 100_000,
        sound[: len(sound) // 2] * 40,
    ]
    async with ProcessWorkers(processes=1) as workers:
        for body in [*hostile, sound]:
            page = Page(
                url="https://x.example/",
                body=body,
                content_type="application/pdf",
                fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
            )
            try:
                found = await workers.run(read, page, inspectorates=inspectorates, register=Register())
            except ParseError:
                found = None
        assert found is not None
        assert found.reports[0].overall is not None
