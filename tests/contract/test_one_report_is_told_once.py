"""One report under new addresses and ids, read by the real poller on either database, is told once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from builders import KENT, a_provider, a_rating, a_timetable
from feed_cases import BEGIN, HERE, Stage, stage
from servers.publisher import say

from digest.edition import Story
from digest.edition_assembly import assemble
from digest.reports import Kind
from digest.store.sql import SqlStore

HOUR = timedelta(hours=1)


def a_rated_report(grade: str = "Good", *, number: str = "HMIP-26-04", more: str = "") -> bytes:
    title = f"Kent PDU rated {grade}"
    return (
        f"<!doctype html><title>{title}</title><main><h1>{title}</h1>"
        f"<p>HM Inspectorate of Probation has rated Kent PDU as {grade}. The unit was inspected in October "
        "2026, and the inspectors spoke with its staff. Leaders know the service well. Records are complete. "
        "Training for new staff begins late, and the inspectors ask leaders to mend this before the next "
        f"visit.</p><p>Inspection number: {number}</p>{more}</main>"
    ).encode()


def a_list(*entries: tuple[str, str]) -> bytes:
    """A feed of titles and paths; the ids are the paths."""
    items = (f"<item><title>{t}</title><link>{p}</link><guid>id{p}</guid></item>" for t, p in entries)
    return f"<rss version='2.0'><channel><title>Visits</title>{''.join(items)}</channel></rss>".encode()


async def look(made: Stage, hours: int, lists: Mapping[str, bytes], pages: Mapping[str, bytes]) -> None:
    routes = made.publisher.routes
    routes |= {f"/{name}": say(200, body) for name, body in lists.items()}
    routes |= {path: say(200, body, Content_Type="text/html") for path, body in pages.items()}
    await made.poll(BEGIN + hours * HOUR)


async def told(store: SqlStore) -> tuple[Story, ...]:
    day = (BEGIN + timedelta(days=1)).date()
    waiting = await store.editions.waiting(BEGIN + timedelta(days=1))
    return assemble(day, a_timetable(), waiting=waiting, told=(), sources=()).edition.stories


async def test_a_report_whose_address_and_id_are_new_is_filed_as_the_one_before(store: SqlStore) -> None:
    await store.providers.load([a_provider()], [a_rating("requires improvement")])
    async with stage("baseline-lost", store) as made:
        await look(made, 0, {"feed": a_list(("Known", "/0"))}, {})
        await look(made, 1, {"feed": a_list(("Kent", "/kent"))}, {"/kent": a_rated_report()})
        await look(made, 2, {"feed": a_list(("Kent PDU report", "/pdf/77"))}, {"/pdf/77": a_rated_report()})

        first, second = await store.items.filed(KENT), await store.editions.waiting(BEGIN + 9 * HOUR)
        assert [one.link.rpartition("/")[2] for one in first] == ["kent"]
        [again] = [one for one in second if one.repeats]
        assert again.repeats is not None
        assert again.repeats.key == first[0].key
        assert re.search("report number|day of publication", again.repeats.by)
        assert [story.link.rpartition("/")[2] for story in await told(store)] == ["kent"]
        assert len([r for r in await store.providers.history(KENT) if r.grade == "good"]) == 1


async def test_a_report_of_two_sources_is_told_once(store: SqlStore) -> None:
    await store.providers.load([a_provider()], [a_rating("requires improvement")])
    async with stage("baseline-lost", store, sources={"hmip": HERE, "gov": HERE}) as made:
        known = a_list(("Known", "/0"))
        await look(made, 0, {"hmip": known, "gov": known}, {})
        await look(made, 1, {"hmip": a_list(("Kent", "/kent"))}, {"/kent": a_rated_report()})
        await look(made, 2, {"gov": a_list(("Kent PDU", "/gov/k"))}, {"/gov/k": a_rated_report()})

        assert [story.link.rpartition("/")[2] for story in await told(store)] == ["kent"]


async def test_another_report_of_the_same_provider_and_day_is_told_as_well(store: SqlStore) -> None:
    await store.providers.load([a_provider()], [a_rating("requires improvement")])
    other = a_rated_report("Outstanding", number="HMIP-26-05")
    async with stage("baseline-lost", store) as made:
        await look(made, 0, {"feed": a_list(("Known", "/0"))}, {})
        await look(made, 1, {"feed": a_list(("Kent", "/kent"))}, {"/kent": a_rated_report()})
        await look(made, 2, {"feed": a_list(("Kent again", "/two"))}, {"/two": other})

        waiting = await store.editions.waiting(BEGIN + 9 * HOUR)
        assert [(one.kind, one.repeats) for one in waiting] == [(Kind.INSPECTION, None)] * 2
