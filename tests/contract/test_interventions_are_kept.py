"""What the store promises of interventions on an edition, on either database."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from builders import a_candidate, a_comment, a_post, a_story, a_timetable, an_edition, inspectorates
from clocks import Clock
from store_values import DAY, MINUTE, NOON
from test_sources_and_items import PAGE, READING, list_items

from digest.edition import Edition, StoryKey
from digest.edition_assembly import Assembly, assemble
from digest.interventions import Act, Alteration, InHand, Intervention
from digest.jobs import review
from digest.jobs.keep_public import PublicKeeper
from digest.store.sql import SqlStore

BEFORE = NOON - 10 * MINUTE
LATER = NOON + timedelta(hours=3)


def an_act(act: Act, **facts: Any) -> Intervention:
    usual: dict[str, Any] = {"day": DAY, "by": "ada", "at": BEFORE, "words": "a reason"}
    return Intervention(**(usual | {"act": act} | facts))


def free(_: InHand, __: Intervention) -> str | None:
    return None


def unless_closed(hand: InHand, _: Intervention) -> str | None:
    return "closed" if hand.closed_at else None


async def sealed(store: SqlStore, *names: str) -> tuple[Edition, list[StoryKey]]:
    """An edition of one official candidate for each name."""
    keys = []
    for name in names:
        item = (await list_items(store, name))[-1].id
        await store.items.file(item, PAGE, READING, [a_candidate(item, found_at=NOON - 60 * MINUTE)])
        keys.append(StoryKey(item=item, place=0))
    edition = an_edition(*(a_story(key.item) for key in keys), day=DAY)
    await store.editions.seal(Assembly(edition=edition, settled=tuple(keys), doubts=()), BEFORE)
    return edition, keys


async def test_what_operators_do_is_kept_with_who_and_why(store: SqlStore) -> None:
    edition, (key, _) = await sealed(store, "a", "b")
    acts = (
        an_act(Act.HOLD, until=LATER),
        an_act(Act.DROP, story=key, by="ben"),
        an_act(Act.NOTE, words="To all readers."),
    )
    for act in acts:
        assert await store.editions.intervene(act, free) is None

    hand = await store.editions.in_hand(DAY)

    assert (hand.assembled, hand.acts, hand.closed_at) == (edition, acts, None)
    assert hand.held(BEFORE) == acts[0]
    assert await store.editions.hold(DAY, BEFORE) == acts[0]
    assert await store.editions.hold(DAY, LATER) is None
    told = await store.editions.sealed(DAY)
    assert told is not None
    assert (told.note, len(told.stories)) == ("To all readers.", 1)


async def test_what_is_refused_is_not_kept(store: SqlStore) -> None:
    assert await store.editions.intervene(an_act(Act.HOLD), lambda *_: "no") == "no"

    assert (await store.editions.in_hand(DAY)).acts == ()


async def test_what_was_decided_before_the_cutoff_counts_for_the_sealed_edition(store: SqlStore) -> None:
    await store.editions.intervene(an_act(Act.NOTE, words="Early."), free)

    await sealed(store, "a")

    found = await store.editions.sealed(DAY)
    assert found is not None
    assert found.note == "Early."


async def test_a_closed_edition_stays_as_it_went(store: SqlStore) -> None:
    edition, (key, other) = await sealed(store, "a", "b")
    await store.editions.intervene(an_act(Act.DROP, story=key), free)

    assert await store.editions.close(DAY, NOON) == ()
    went = await store.editions.sealed(DAY)
    await store.editions.intervene(an_act(Act.NOTE, words="Too late."), free)
    await store.editions.intervene(an_act(Act.RESTORE, story=key), free)

    assert went is not None
    assert [story.key for story in went.stories] == [other]
    assert await store.editions.sealed(DAY) == went
    hand = await store.editions.in_hand(DAY)
    assert (hand.assembled, hand.closed_at, hand.closed_with) == (edition, NOON, Alteration(dropped=(key,)))


async def test_a_held_edition_is_not_closed_before_its_hold_is_over(store: SqlStore) -> None:
    await sealed(store, "a")
    await store.editions.intervene(an_act(Act.HOLD, until=LATER), free)

    assert await store.editions.close(DAY, NOON) == (DAY,)
    assert (await store.editions.in_hand(DAY)).closed_at is None
    assert await store.editions.close(DAY, LATER) == ()

    hand = await store.editions.in_hand(DAY)
    assert hand.closed_at == LATER
    assert hand.forgotten is not None


async def test_closing_and_intervening_at_once_agree_on_what_goes(store: SqlStore) -> None:
    """Whichever comes first: what is closed is what was accepted, and nothing is accepted later."""
    await sealed(store, "a")
    notes = [an_act(Act.NOTE, words=f"Note {n}.") for n in range(6)]

    answers = await asyncio.gather(
        *(store.editions.intervene(note, unless_closed) for note in notes[:3]),
        store.editions.close(DAY, NOON),
        store.editions.close(DAY, NOON),
        *(store.editions.intervene(note, unless_closed) for note in notes[3:]),
    )

    hand = await store.editions.in_hand(DAY)
    assert answers.count(None) == len(hand.acts)
    assert hand.closed_with is not None
    assert hand.closed_with.note == (hand.acts[-1].words if hand.acts else None)


async def test_a_dropped_story_counts_as_not_told_and_waits_for_a_decision(store: SqlStore) -> None:
    _, (key, other) = await sealed(store, "a", "b")
    await store.editions.intervene(an_act(Act.DROP, story=key, words="taken down"), free)
    assert [one.key for one in await store.editions.told(DAY)] == [key, other]

    await store.editions.close(DAY, NOON)

    assert [one.key for one in await store.editions.told(DAY)] == [other]
    assert await store.editions.waiting(LATER) == []
    [case] = [one for one in await store.review.open() if one.key == key]
    assert case.withheld
    assert case.told is None
    assert case.doubts[-1] == f"dropped from the edition of {DAY} by ada: taken down"

    await review.accept(key, by="ben", why="it is up again", store=store, clock=Clock(LATER))
    assert [one.key for one in await store.editions.waiting(LATER)] == [key]


async def test_what_was_to_come_under_a_dropped_story_is_not_told_either(store: SqlStore) -> None:
    _, post = [(await list_items(store, name))[-1].id for name in ("a", "b")]
    item = post - 1
    await store.items.file(item, PAGE, READING, [a_candidate(item, found_at=BEFORE)])
    await store.items.file(post, PAGE, READING, [a_post(post, found_at=BEFORE)])
    keys = (StoryKey(item=item, place=0), StoryKey(item=post, place=0))
    edition = an_edition(a_story(item, commentary=(a_comment(post),)), day=DAY)
    await store.editions.seal(Assembly(edition=edition, settled=keys, doubts=()), BEFORE)
    await store.editions.intervene(an_act(Act.DROP, story=keys[0]), free)

    await store.editions.close(DAY, NOON)

    assert await store.editions.told(DAY) == []
    assert await store.editions.waiting(LATER) == []


async def test_the_site_has_nothing_of_an_edition_that_is_held(store: SqlStore) -> None:
    await sealed(store, "a", "b")
    await store.editions.intervene(an_act(Act.HOLD, until=LATER), free)

    async def public(now: datetime) -> list[int]:
        keeper = PublicKeeper(
            store=store.public_model,
            editions=store.editions,
            inspectorates=inspectorates(),
            timetable=a_timetable(),
            clock=Clock(now),
        )
        await keeper.keep()
        return [one.stories for one in await store.public.days(DAY, DAY, until=DAY)]

    assert await public(NOON) == []
    await store.editions.intervene(an_act(Act.RELEASE, at=NOON), free)
    assert await public(NOON + MINUTE) == [2]


async def test_a_post_that_was_dropped_does_not_come_back_under_the_report_it_comments_on(
    store: SqlStore,
) -> None:
    """An operator dropped it in the morning, when it was a story of its own."""
    item, post = [(await list_items(store, name))[-1].id for name in ("a", "b")]
    await store.items.file(item, PAGE, READING, [a_candidate(item, found_at=BEFORE)])
    await store.items.file(post, PAGE, READING, [a_post(post, found_at=BEFORE)])
    keys = (StoryKey(item=item, place=0), StoryKey(item=post, place=0))
    await store.editions.intervene(an_act(Act.DROP, story=keys[1]), free)
    edition = an_edition(a_story(item, commentary=(a_comment(post),)), day=DAY)
    await store.editions.seal(Assembly(edition=edition, settled=keys, doubts=()), BEFORE)

    await store.editions.close(DAY, NOON)

    went = await store.editions.sealed(DAY)
    assert went is not None
    assert [(story.key, story.commentary) for story in went.stories] == [(keys[0], ())]
    assert [one.key for one in await store.editions.told(DAY)] == [keys[0]]
    assert keys[1] in {case.key for case in await store.review.open() if case.withheld}


@pytest.mark.parametrize("drop_first", [True, False])
async def test_no_correction_is_made_of_a_story_that_no_reader_got(store: SqlStore, drop_first: bool) -> None:
    """A case is decided after its story was sealed. Then the edition goes without the story."""
    _, (key,) = await sealed(store, "a")
    drop = an_act(Act.DROP, story=key)
    if drop_first:
        await store.editions.intervene(drop, free)
    await review.reject(key, by="ada", why="misread", store=store, clock=Clock(BEFORE))
    if not drop_first:
        await store.editions.intervene(drop, free)

    await store.editions.close(DAY, NOON)

    case = await store.review.case(key)
    assert case is not None
    assert (case.told, case.withheld, case.candidate.correction) == (None, True, None)
    assert not case.candidate.taken_back
    await review.accept(key, by="ben", why="it was right", store=store, clock=Clock(LATER))
    [waits] = await store.editions.waiting(LATER)
    assert (waits.key, waits.correction, waits.changes) == (key, None, case.read.changes)


async def test_a_dropped_story_that_several_texts_tell_is_told_once_it_is_accepted(store: SqlStore) -> None:
    """The other texts were settled with it, and the next edition must not take them for the story."""
    for name in ("a", "b"):
        item = (await list_items(store, name))[-1].id
        await store.items.file(item, PAGE, READING, [a_candidate(item, found_at=BEFORE)])

    async def assembled(day: date) -> Assembly:
        waiting, told = await store.editions.waiting(LATER), await store.editions.told(DAY)
        return assemble(day, a_timetable(), waiting=waiting, told=told, sources=())

    first = await assembled(DAY)
    [story] = first.edition.stories
    assert len(first.settled) == 2
    await store.editions.seal(first, BEFORE)
    await store.editions.intervene(an_act(Act.DROP, story=story.key), free)

    await store.editions.close(DAY, NOON)

    assert await store.editions.told(DAY) == []
    assert await store.editions.waiting(LATER) == []
    assert [one.key for one in await store.review.open() if one.withheld] == [story.key]
    await review.accept(story.key, by="ben", why="it is right", store=store, clock=Clock(LATER))
    assert [one.key for one in (await assembled(DAY + timedelta(days=1))).edition.stories] == [story.key]
