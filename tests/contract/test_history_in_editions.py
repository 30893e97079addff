"""An edition holds the grades that led to each story's grade, as they were known at its cut-off."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from builders import KENT, a_candidate, a_change, a_provider, a_rating, a_timetable, inspectorates
from clocks import Clock
from store_values import DAY, MINUTE, NOON
from test_review import PAGE, READING
from test_sources_and_items import list_items

from digest.changes import Movement
from digest.edition import Edition
from digest.jobs.publish import publish
from digest.store.sql import SqlStore

LAST = date(2023, 6, 20)
PAST = (
    a_rating("good", date(2016, 5, 1)),
    a_rating("requires improvement", date(2019, 9, 3)),
    a_rating("good", LAST),
)


async def sealed(store: SqlStore) -> Edition:
    return await publish(
        DAY,
        timetable=a_timetable(),
        sources=(),
        store=store,
        clock=Clock(NOON),
        inspectorates=inspectorates(),
    )


async def test_a_history_is_sealed_with_the_edition_and_never_changes(store: SqlStore) -> None:
    await store.providers.load([a_provider()], PAST)
    [one] = await list_items(store, "a")
    fall = a_change(Movement.DOWNGRADE, "inadequate", before="good", before_on=LAST)
    candidate = a_candidate(one.id, grade="inadequate", found_at=NOON - 60 * MINUTE)
    await store.items.file(one.id, PAGE, READING, [replace(candidate, changes=(fall,))])

    (story,) = (await sealed(store)).stories
    await store.providers.load([a_provider()], [replace(PAST[0], grade="outstanding"), *PAST[1:]])

    assert story.provider == KENT
    assert [(one.grade, one.since.year) for one in story.earlier] == [
        ("good", 2016),
        ("requires improvement", 2019),
        ("good", 2023),
    ]
    assert await sealed(store) == await store.editions.sealed(DAY)
    assert (await sealed(store)).stories == (story,)
