"""GOV.UK as a source: its search lists pages, its content items are read, and a moved date is no news."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from builders import a_provider, a_scale
from feed_cases import BEGIN, Stage, stage
from fpdf import FPDF
from laws.readings import inspectorates
from mailed import mail_of
from servers.govuk import SEARCH, Site
from servers.publisher import say

from digest.edition import Candidate
from digest.ratings import Inspectorate, Inspectorates
from digest.source_specs import Attachments, GovukSpec
from digest.store.sql import SqlStore

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OAK, ELM = "oakshire-homes", "elmford-council"
SEVERN, NORTH = "severnside-water", "northmere-water"

# The Regulator of Social Housing grades landlords, the Environment Agency water companies.
HOUSING = Inspectorate(
    key="housing", name="Regulator of Social Housing", scales=(a_scale("consumer", "C1", "C2", "C3", "C4"),)
)
STARS = a_scale("stars", ("4 stars", "4"), ("3 stars", "3"), ("2 stars", "2"), ("1 star", "1"))
WATER = Inspectorate(key="water", name="Environment Agency", scales=(STARS,))

MET = (
    "Inspectors met tenants, read records and looked at how repairs go. Tenants told them how they are heard."
)
BATCH = (
    "<p>The Regulator of Social Housing has published judgements for two landlords after inspections.</p>"
    f"<ul><li>Oakshire Homes was rated C2.</li><li>Elmford Council was rated C3.</li></ul><p>{MET}</p>"
)
ONE = (
    "<p>The Regulator of Social Housing has published its judgement after an inspection.</p>"
    f"<p>Oakshire Homes was rated C2.</p><p>{MET}</p>"
)
OLD, NEW = "/government/publications/oakshire", "/government/news/judgements-for-two-landlords"


@asynccontextmanager
async def govuk(
    store: SqlStore, attachments: Attachments = Attachments.ALL, *, kind: str = "housing"
) -> AsyncIterator[tuple[Stage, Site]]:
    """GOV.UK with one page, which is the baseline of a source that was polled once."""
    spec = GovukSpec(
        organisations=("regulator",), document_types=("decision",), title="^Judge|^Oak|report", pages=2
    )
    spec = replace(spec, attachments=attachments)
    names = {
        OAK: "Oakshire Homes",
        ELM: "Elmford Council",
        SEVERN: "Severnside Water",
        NORTH: "Northmere Water",
    }
    await store.providers.load([a_provider(id, name, inspectorate=kind) for id, name in names.items()], [])
    of = {"inspectorate": kind, "name": "Regulator of Social Housing"}
    async with stage("", store, path="/api/search.json", spec=spec, **of) as made:
        judged = Inspectorates(all=(HOUSING, WATER))
        made.poller = replace(made.poller, reader=replace(made.poller.reader, inspectorates=judged))
        site = Site(made.publisher)
        site.publish("/government/publications/known", title="Oak", at=BEGIN - DAY)
        await made.poll(BEGIN)
        yield made, site


async def told(made: Stage) -> list[Candidate]:
    return await made.store.editions.waiting(BEGIN + 90 * DAY)


async def grades(made: Stage) -> dict[str | None, str | None]:
    return {one.provider: one.grade for one in await told(made)}


async def test_a_batch_of_judgements_is_read_from_its_content_item_and_shown_as_its_page(
    store: SqlStore,
) -> None:
    async with govuk(store) as (made, site):
        site.publish(NEW, title="Judgements for two landlords", at=BEGIN + HOUR, body=BATCH)
        site.publish("/government/news/other", title="A new chair", at=BEGIN + HOUR)
        await made.poll(BEGIN + 2 * HOUR)

        assert await made.mail() == mail_of("govuk-judgements")
        assert made.asked_for(NEW) == made.asked_for("/api/content/government/news/other") == []
        assert (await made.items())[0][0] == "Judgements for two landlords"


async def test_a_check_that_moves_a_date_alone_is_a_noted_edit_and_no_news(store: SqlStore) -> None:
    async with govuk(store) as (made, site):
        first = BEGIN + HOUR
        site.publish(OLD, title="Oakshire Homes", at=first, body=ONE)
        await made.poll(BEGIN + 2 * HOUR)
        [candidate] = await told(made)
        assert await made.mail() == mail_of("govuk-judgement")
        note = "Date updated after a stability check."
        dated = ONE + "<p>Published again on 30 January 2027.</p>"
        site.publish(OLD, title="Oakshire Homes", at=BEGIN + 68 * DAY, first=first, body=dated, note=note)
        for hours in range(1, 4):
            await made.poll(BEGIN + 68 * DAY + hours * HOUR)

        assert await made.mail() is None
        assert await store.review.open() == []
        notes = [version.note for version in await store.versions.of(candidate.key.item)]
        assert len(notes) == 2
        assert all(note in one for one in notes)


async def test_a_page_of_years_ago_that_is_listed_because_it_was_changed_is_no_news(store: SqlStore) -> None:
    async with govuk(store) as (made, site):
        site.publish(OLD, title="Oakshire Homes", at=BEGIN + HOUR, first=BEGIN - 700 * DAY, body=ONE)
        await made.poll(BEGIN + 2 * HOUR)

        assert await told(made) == []
        assert ("Oakshire Homes", "read") in await made.items()


async def test_an_old_page_that_tells_of_a_later_inspection_is_news(store: SqlStore) -> None:
    async with govuk(store) as (made, site):
        visited = f"{ONE}<p>Inspectors visited Oakshire Homes on 12 October 2026.</p>"
        site.publish(OLD, title="Oakshire Homes", at=BEGIN + HOUR, first=BEGIN - 700 * DAY, body=visited)
        await made.poll(BEGIN + 2 * HOUR)

        assert await grades(made) == {OAK: "C2"}


async def test_a_page_that_has_moved_is_read_where_it_leads(store: SqlStore) -> None:
    async with govuk(store) as (made, site):
        site.publish(NEW, title="Judgements for two landlords", at=BEGIN + HOUR)
        site.publish("/government/news/there", title="Judgements", at=BEGIN, body=BATCH, listed=False)
        site.move(NEW, "/government/news/there")
        await made.poll(BEGIN + 2 * HOUR)

        assert await grades(made) == {OAK: "C2", ELM: "C3"}
        assert {one.link for one in await told(made)} == {made.publisher.url("/government/news/there")}


async def test_pages_that_lead_to_each_other_are_not_followed_for_ever(store: SqlStore) -> None:
    async with govuk(store) as (made, site):
        site.publish(NEW, title="Judgements for two landlords", at=BEGIN + HOUR)
        site.move(NEW, NEW)
        await made.poll(BEGIN + 2 * HOUR)

        assert len(made.asked_for(f"/api/content{NEW}")) == 4
        assert await told(made) == []


async def test_what_was_withdrawn_or_taken_away_is_parked_at_once_and_never_told(store: SqlStore) -> None:
    async with govuk(store) as (made, site):
        why = {"explanation": "<p>It had an error.</p>", "withdrawn_at": BEGIN.isoformat()}
        site.publish(OLD, title="Oakshire Homes", at=BEGIN + HOUR, body=ONE, withdrawn_notice=why)
        site.publish(NEW, title="Judgements for two landlords", at=BEGIN + HOUR)
        made.publisher.routes[f"/api/content{NEW}"] = say(410, b"{}")
        [polling] = await made.poll(BEGIN + 2 * HOUR)

        assert await told(made) == []
        assert sorted(polling.parked) == ["Judgements for two landlords", "Oakshire Homes"]
        reasons = sorted(one.trouble or "" for one in await store.items.parked())
        assert reasons == [
            "its publisher has taken it away: 410 Gone",
            f"its publisher has withdrawn it on {BEGIN.date()}: It had an error.",
        ]


async def test_operators_are_asked_once_about_a_report_that_was_withdrawn_after_it_was_read(
    store: SqlStore,
) -> None:
    async with govuk(store) as (made, site):
        site.publish(OLD, title="Oakshire Homes", at=BEGIN + HOUR, body=ONE)
        await made.poll(BEGIN + 2 * HOUR)
        why = {"explanation": "<p>It had an error.</p>", "withdrawn_at": (BEGIN + DAY).isoformat()}
        site.publish(OLD, title="Oakshire Homes", at=BEGIN + HOUR, body=ONE, withdrawn_notice=why)
        await made.poll(BEGIN + 27 * HOUR)
        await made.poll(BEGIN + 8 * DAY)

        [case] = await store.review.open()
        assert [doubt.startswith("its publisher has withdrawn the page on") for doubt in case.doubts] == [
            True
        ]
        [candidate] = await told(made)
        assert candidate.grade == "C2"


TABLE = (
    "<p>The Environment Agency rates water and sewerage companies.</p><table><tr><th>Company</th>"
    "<th>Rating</th></tr><tr><td>Severnside Water</td><td>4 stars</td></tr>"
    "<tr><td>Northmere Water</td><td>2 stars</td></tr></table>"
)
YEARLY = "/government/publications/environmental-performance-report-2025"


def a_pdf(*lines: str) -> bytes:
    paper = FPDF()
    paper.add_page()
    paper.set_font("helvetica", size=12)
    for line in lines:
        paper.multi_cell(0, 8, line, new_x="LMARGIN", new_y="NEXT")
    return bytes(paper.output())


async def test_a_yearly_report_is_read_from_its_html_document(store: SqlStore) -> None:
    async with govuk(store, Attachments.HTML, kind="water") as (made, site):
        at, part = BEGIN + HOUR, f"{YEARLY}/report-2025"
        site.publish(part, title="Performance report 2025", at=at, body=TABLE, listed=False)
        document = {"attachment_type": "html", "url": part, "title": "Performance report 2025"}
        file = {"attachment_type": "file", "content_type": "application/pdf", "url": "/media/report.pdf"}
        site.publish(YEARLY, title="Environmental report 2025", at=at, attachments=(document, file))
        await made.poll(BEGIN + 2 * HOUR)

        assert await grades(made) == {SEVERN: "4 stars", NORTH: "2 stars"}
        assert {one.link for one in await told(made)} == {made.publisher.url(part)}
        assert made.asked_for("/media/report.pdf") == []


async def test_a_table_of_one_whose_texts_are_not_read_is_news_without_its_grades(store: SqlStore) -> None:
    heads = "<th>Landlord</th><th>Consumer grade</th><th>Governance grade</th>"
    rows = "<tr><td>Oakshire Homes</td><td>C2</td><td>G1</td></tr>"
    async with govuk(store, kind="regulator-of-social-housing") as (made, site):
        reader = replace(made.poller.reader, inspectorates=inspectorates())
        made.poller = replace(made.poller, reader=reader)
        told = "<p>The Regulator of Social Housing inspected Oakshire Homes.</p>"
        body = f"{told}<table><tr>{heads}</tr>{rows}</table><p>{MET}</p>"
        site.publish(NEW, title="Judgement for one landlord", at=BEGIN + HOUR, body=body)
        await made.poll(BEGIN + 2 * HOUR)

        assert await made.mail() == mail_of("govuk-table")


async def test_a_judgement_is_read_from_the_pdf_that_the_publication_names(store: SqlStore) -> None:
    async with govuk(store) as (made, site):
        file = {"attachment_type": "file", "content_type": "application/pdf", "url": "/media/oak.pdf"}
        elsewhere = file | {"url": made.publisher.url("/media/forged.pdf", host="localhost")}
        words = ("Oakshire Homes: judgement", f"{HOUSING.name}: Oakshire Homes was rated C2.", MET)
        made.publisher.routes["/media/oak.pdf"] = say(200, a_pdf(*words), Content_Type="application/pdf")
        body = f"<p>The Regulator of Social Housing inspected Oakshire Homes.</p><p>{MET}</p>"
        site.publish(OLD, title="Oakshire Homes", at=BEGIN + HOUR, body=body, attachments=(elsewhere, file))
        await made.poll(BEGIN + 2 * HOUR)

        assert await grades(made) == {OAK: "C2"}
        assert [one.link for one in await told(made)] == [made.publisher.url("/media/oak.pdf")]
        assert made.asked_for("/media/forged.pdf") == []


async def test_a_search_that_finds_nothing_at_all_is_a_failure(store: SqlStore) -> None:
    async with govuk(store) as (made, site):
        site.results.clear()
        site.serve()
        [polling] = await made.poll(BEGIN + HOUR)
        assert polling.trouble == (
            "the search finds nothing: is there a wrong word in organisations or document_types?"
        )

        made.publisher.routes[SEARCH] = say(422, b'{"error": "Unexpected parameters"}')
        [polling] = await made.poll(BEGIN + 3 * HOUR)
        assert "422" in (polling.trouble or "")
