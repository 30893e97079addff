"""An inspectorate's text on an inspection without a rating is a case, until another text gives the rating."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from builders import KENT, a_candidate, a_provider, a_rating, an_edition
from store_values import DAY, NOON
from test_sources_and_items import PAGE, READING, list_items

from digest.edition import Candidate
from digest.edition_assembly import Assembly, Doubt
from digest.review import NO_RATING
from digest.store.sql import SqlStore


async def file(store: SqlStore, name: str, **facts: Any) -> Candidate:
    [one] = await list_items(store, name)
    candidate = a_candidate(one.id, found_at=NOON, title="An inspection of Kent PDU", **facts)
    await store.items.file(one.id, PAGE, READING, [candidate])
    return candidate


async def asked(store: SqlStore) -> list[tuple[int, tuple[str, ...]]]:
    return [(case.key.item, case.doubts) for case in await store.review.open()]


async def known(store: SqlStore) -> None:
    await store.providers.load([a_provider()], [a_rating("outstanding")])


async def test_it_is_a_case_and_what_it_says_is_told_all_the_same(store: SqlStore) -> None:
    await known(store)
    unrated = await file(store, "a", grade=None)

    assert await asked(store) == [(unrated.key.item, (NO_RATING,))]
    [waiting] = await store.editions.waiting(NOON + timedelta(days=1))
    assert not waiting.doubted


@pytest.mark.parametrize("first", ["rated", "unrated"])
async def test_the_text_that_gives_the_rating_answers_it(store: SqlStore, first: str) -> None:
    await known(store)
    grades = {"rated": "good", "unrated": None}
    for name in (first, *(grades.keys() - {first})):
        await file(store, name, grade=grades[name])

    assert await asked(store) == []


async def test_the_rating_of_another_inspection_answers_nothing(store: SqlStore) -> None:
    await known(store)
    earlier = await file(store, "a", published=DAY - timedelta(days=200))
    unrated = await file(store, "b", grade=None)

    assert await asked(store) == [(unrated.key.item, (NO_RATING,))]
    assert earlier.provider == unrated.provider == KENT


async def test_a_doubt_besides_is_a_doubt(store: SqlStore) -> None:
    await known(store)
    unrated = await file(store, "a", grade=None)
    edition = an_edition(day=DAY - timedelta(days=1))
    doubt = Doubt(key=unrated.key, reason="two texts differ")
    await store.editions.seal(Assembly(edition=edition, settled=(), doubts=(doubt,)), NOON)

    [waiting] = await store.editions.waiting(NOON + timedelta(days=1))
    assert waiting == replace(unrated, doubted=True)
