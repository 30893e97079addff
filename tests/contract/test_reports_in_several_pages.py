"""Reports in parts, from a publisher on loopback through the real poller, on either database."""

from __future__ import annotations

from asyncio import StreamReader, StreamWriter
from datetime import timedelta

from builders import KENT, a_provider, a_rating
from feed_cases import BEGIN, Stage, a_report, stage
from servers.publisher import say
from sqlalchemy import select
from test_one_report_is_told_once import a_list

from digest.edition import Candidate
from digest.store.sql import SqlStore
from digest.store.tables import page_parts

HOUR = timedelta(hours=1)
RATED = "Kent PDU is rated Good overall."
CONTENTS = (
    "<p>Inspectors visited Kent PDU in October 2026. This report of HM Inspectorate of Probation has three "
    "parts. They spoke with staff and with people on probation, and read records, to see how days go.</p>"
)


def a_page(title: str, body: str) -> bytes:
    return f"<!doctype html><title>{title}</title><main><h1>{title}</h1>{body}</main>".encode()


def in_parts(made: Stage, *, of: str = "Kent PDU", rated: str = RATED) -> dict[str, bytes]:
    """A contents page at /kent and three parts; the third gives the rating. Returns the pages."""
    links = "".join(f"<li><a href='/kent/{n}'>Part {n}</a></li>" for n in (1, 2, 3))
    title = f"An inspection of probation services in {of}"
    pages = {
        "/kent": a_page(title, f"{CONTENTS}<nav><ul>{links}<li><a href='/surrey'>Surrey</a></ul></nav>"),
        "/kent/1": a_report("Part 1: Foreword"),
        "/kent/2": a_report("Part 2: What we did"),
        "/kent/3": a_page("Part 3: Ratings", f"<p>{rated} Staff know their work, and leaders act on it.</p>"),
        "/surrey": a_page(
            "Surrey PDU", "<p>HM Inspectorate of Probation rated Surrey PDU as Inadequate.</p>"
        ),
    }
    made.publisher.routes |= {path: say(200, b, Content_Type="text/html") for path, b in pages.items()}
    return pages


async def look(made: Stage, *, hours: int = 1) -> list[Candidate]:
    await made.store.providers.load([a_provider()], [a_rating("requires improvement")])
    made.publisher.routes["/feed"] = say(200, a_list(("Known", "/0")))
    await made.poll(BEGIN)
    made.publisher.routes["/feed"] = say(200, a_list(("Kent PDU inspected", "/kent")))
    await made.poll(BEGIN + hours * HOUR)
    return await made.store.editions.waiting(BEGIN + 9 * HOUR)


async def test_the_rating_on_the_third_part_is_read_with_its_own_link(store: SqlStore) -> None:
    async with stage("baseline-lost", store) as made:
        in_parts(made)
        [candidate] = await look(made)

        assert (candidate.provider, candidate.grade) == (KENT, "good")
        assert candidate.report is not None
        assert candidate.report.overall is not None
        assert candidate.report.overall.evidence == RATED
        assert candidate.link == candidate.report.overall.link == made.publisher.url("/kent/3")
        assert made.asked_for("/surrey") == []
        [rating] = [r for r in await store.providers.history(KENT) if r.grade == "good"]
        assert rating.link == candidate.link
        async with store.database.read() as connection:
            kept = (
                await connection.execute(select(page_parts.c.url).order_by(page_parts.c.number))
            ).scalars()
            assert [url.rpartition("/")[2] for url in kept] == ["1", "2", "3"]


async def test_a_part_that_does_not_answer_puts_the_report_off(store: SqlStore) -> None:
    async with stage("baseline-lost", store) as made:
        in_parts(made)
        made.publisher.routes["/kent/2"] = say(503)
        assert await look(made) == []

        in_parts(made)
        await made.poll(BEGIN + 2 * HOUR)
        [candidate] = await store.editions.waiting(BEGIN + 9 * HOUR)
        assert candidate.grade == "good"


async def test_a_part_that_is_a_bot_check_puts_the_report_off(store: SqlStore) -> None:
    async with stage("baseline-lost", store) as made:
        in_parts(made)
        wall = a_page("One moment", "<p>Prove that you are a person.</p>")
        made.publisher.routes["/kent/3"] = say(200, wall, Content_Type="text/html")
        assert await look(made) == []

        in_parts(made)
        await made.poll(BEGIN + 2 * HOUR)
        [candidate] = await store.editions.waiting(BEGIN + 9 * HOUR)
        assert candidate.grade == "good"


async def test_a_part_that_is_gone_is_left_out(store: SqlStore) -> None:
    async with stage("baseline-lost", store) as made:
        in_parts(made)
        made.publisher.routes["/kent/1"] = say(404)
        [candidate] = await look(made)

        assert candidate.grade == "good"


async def test_the_rating_of_another_provider_below_the_report_is_not_its_own(store: SqlStore) -> None:
    async with stage("baseline-lost", store) as made:
        in_parts(made, rated="HM Inspectorate of Probation has rated Surrey PDU as Inadequate.")
        [candidate] = await look(made)

        assert candidate.grade is None
        assert candidate.link == made.publisher.url("/kent")


async def test_a_grade_that_changes_on_a_part_is_noticed_though_the_first_page_stays(store: SqlStore) -> None:
    async with stage("baseline-lost", store) as made:
        contents = in_parts(made)["/kent"]

        async def unless_known(reader: StreamReader, writer: StreamWriter) -> None:
            known = "If-None-Match" in made.publisher.requests[-1]
            act = say(304) if known else say(200, contents, Content_Type="text/html", ETag='"v1"')
            await act(reader, writer)

        made.publisher.routes["/kent"] = unless_known
        await look(made)
        in_parts(made, rated="Kent PDU is rated Inadequate overall.")
        made.publisher.routes["/kent"] = unless_known
        await made.poll(BEGIN + 27 * HOUR)

        [candidate] = await store.items.filed(KENT)
        assert candidate.grade == "inadequate"


async def test_a_part_that_does_not_answer_later_takes_no_rating_back(store: SqlStore) -> None:
    async with stage("baseline-lost", store) as made:
        in_parts(made)
        await look(made)
        made.publisher.routes["/kent/3"] = say(503)
        await made.poll(BEGIN + 27 * HOUR)
        assert await store.review.open() == []

        in_parts(made, rated="Kent PDU is rated Inadequate overall.")
        await made.poll(BEGIN + 29 * HOUR)
        [candidate] = await store.items.filed(KENT)
        assert candidate.grade == "inadequate"
