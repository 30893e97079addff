"""Readers are told once of pages that a source lists and that could not be opened."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import a_story, an_edition
from noon_run import TIMETABLE
from store_values import DAY, NOON
from test_sources_and_items import list_items

from digest.edition import Edition
from digest.jobs.publish import draft, notes
from digest.sources import Authority, Source
from digest.store.sql import SqlStore

ONE = timedelta(days=1)


@pytest.fixture
def source() -> Source:
    return Source(
        id="hmip",
        name="HM Inspectorate of Prisons",
        url="https://hmip.example/feed",
        authority=Authority.OFFICIAL,
        inspectorate=None,
        every=timedelta(minutes=30),
        recent=timedelta(days=14),
        pages=20,
    )


async def said(store: SqlStore, source: Source, day: int = 0) -> list[list[str]]:
    made = await draft(
        DAY + day * ONE, timetable=TIMETABLE, sources=[source], store=store, until=NOON + day * ONE
    )
    return [[page.title for page in note.unopened] for note in made.edition.sources]


async def test_a_page_that_was_tried_is_named_and_one_that_waits_for_its_turn_is_not(
    store: SqlStore, source: Source
) -> None:
    failing, parked, _waiting = await list_items(store, "a", "b", "c")
    await store.items.put_off(failing.id, "503", until=NOON + ONE)
    await store.items.park(parked.id, "404")

    assert await said(store, source) == [[failing.item.title, parked.item.title]]


async def test_a_page_is_named_by_one_edition_that_readers_get(store: SqlStore, source: Source) -> None:
    [one] = await list_items(store, "a")
    await store.items.park(one.id, "404")
    assert (await sealed(store, source, with_a_story=False)).empty
    assert await said(store, source, 1) == [[one.item.title]], "nobody got the empty edition"

    assert not (await sealed(store, source, with_a_story=True, day=1)).empty
    assert await said(store, source, 2) == [[]]
    assert await said(store, source, 8) == [[]]


async def sealed(store: SqlStore, source: Source, *, with_a_story: bool, day: int = 0) -> Edition:
    made = await draft(
        DAY + day * ONE, timetable=TIMETABLE, sources=[source], store=store, until=NOON + day * ONE
    )
    full = replace(an_edition(a_story(), day=made.edition.day), sources=made.edition.sources)
    edition = full if with_a_story else made.edition
    return await store.editions.seal(replace(made, edition=edition), NOON + day * ONE)


async def test_a_source_in_shadow_is_not_spoken_of(store: SqlStore, source: Source) -> None:
    assert await notes([replace(source, shadow=14 * ONE)], store, NOON) == ()
