"""The next inspection under an old address is a new report; an edit is a correction or a question."""

from __future__ import annotations

import html
from dataclasses import replace
from datetime import timedelta

import pytest
from builders import a_timetable
from feed_cases import BEGIN, Stage, stage
from reused_addresses import ALL, REGISTER, Case, Listed, Right
from servers.publisher import say

from digest.adapters.config.packaged_scales import packaged_scales
from digest.edition import SectionKind, Story
from digest.jobs.publish import publish
from digest.store.sql import SqlStore

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HALF_AN_HOUR = timedelta(minutes=31)


def entry(one: Listed) -> str:
    link = f"<link href='{one.link}'/>" if one.link else ""
    published = one.date if one.updated is None else "2026-11-23T08:30:00Z"
    updated = one.updated or published
    return (
        f"<entry><title>{one.title}</title><id>{one.guid}</id>{link}<published>{published}</published>"
        f"<updated>{updated}</updated><summary type='html'>{html.escape(one.text)}</summary></entry>"
    )


def lists(made: Stage, *entries: Listed) -> None:
    body = "".join(map(entry, entries))
    feed = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>V</title>{body}</feed>"
    made.publisher.routes["/feed"] = say(200, feed.encode(), Content_Type="application/atom+xml")
    for one in entries:
        if one.link:
            made.publisher.routes[one.link] = say(200, one.page.encode(), Content_Type="text/html")


KNOWN = Listed(page="", title="Known", guid="known", link="/known")


async def play(made: Stage, case: Case) -> tuple[Right, list[Story]]:
    """Play a case, and say what came of it, with the stories of the editions since."""
    store = made.store
    made.poller = replace(made.poller, reader=replace(made.poller.reader, inspectorates=packaged_scales()))
    await store.providers.load(REGISTER, [])
    lists(made, KNOWN, *([case.first] if case.baseline else []))
    await made.poll(BEGIN)
    lists(made, KNOWN, case.first)
    await made.poll(BEGIN + HOUR)
    await edition(made)
    then = BEGIN + case.days * DAY + HOUR + HALF_AN_HOUR
    if case.days > 1:
        await made.poll(then - DAY)
    before = {(one.key, doubt) for one in await store.review.open() for doubt in one.doubts}
    lists(made, KNOWN, case.then)
    found: list[Story] = []
    for day in range(3):
        if day in case.down and case.then.link:
            made.publisher.routes[case.then.link] = say(503)
        await made.poll(then + day * DAY)
        lists(made, KNOWN, case.then)
        await made.poll(then + day * DAY + HALF_AN_HOUR)
        found += await edition(made)
    asked = {(one.key, doubt) for one in await store.review.open() for doubt in one.doubts} - before
    return _right(found, asked=bool(asked)), found


def _right(found: list[Story], *, asked: bool) -> Right:
    if any(story.section is SectionKind.CORRECTIONS for story in found):
        return Right.CORRECTION
    if found:
        return Right.NEW
    return Right.QUESTION if asked else Right.VERSION


async def edition(made: Stage) -> list[Story]:
    day = made.clock.at.date()
    made.clock.at += 6 * HOUR
    sealed = await publish(day, timetable=a_timetable(), sources=(), store=made.store, clock=made.clock)
    return list(sealed.stories)


@pytest.mark.parametrize(
    ("kind", "name"),
    [("sqlite", name) for name in ALL] + [("postgresql", name) for name in list(ALL)[::9]],
    indirect=["kind"],
)
async def test_what_stands_under_a_known_address_is_told_as_what_it_is(name: str, store: SqlStore) -> None:
    case = ALL[name]
    async with stage("baseline-lost", store) as made:
        right, found = await play(made, case)

    assert right is case.right
    if case.moves is not None:
        [story] = found
        assert story.change is not None
        assert (story.change.before, story.change.after) == case.moves
