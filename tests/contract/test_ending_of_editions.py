"""What an edition says at its end is made at its cut-off, of what the database holds, and sealed with it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
from builders import KENT, a_candidate, a_change, a_provider, a_rating, a_story, a_timetable, an_edition
from builders import inspectorates as known
from clocks import Clock
from store_values import DAY, MINUTE, NOON
from test_review import PAGE, READING
from test_sources_and_items import list_items

from digest.changes import Certainty, Movement
from digest.edition import NO_ENDING, Correction, Edition, Ending, Rarity, SectionKind, Story, StoryKey
from digest.edition_assembly import Assembly
from digest.interventions import Act, Intervention
from digest.jobs import ending as jobs_ending
from digest.jobs.ending import with_ending
from digest.jobs.publish import publish
from digest.store.sql import SqlStore

LAST = date(2018, 2, 1)
PAST = (
    a_rating("good", date(2013, 5, 1), link="https://inspectorate.example/2013"),
    a_rating("inadequate", LAST, link="https://inspectorate.example/2018"),
)
FRIDAY = date(2020, 3, 6)
EASTER = date(2020, 4, 10)


async def told(store: SqlStore, *, ending: Ending = Ending(), review: str | None = None) -> Edition:  # noqa: B008
    """The edition that tells that Kent is good again."""
    await store.providers.load([a_provider()], PAST)
    [one] = await list_items(store, "a")
    rise = a_change(
        Movement.UPGRADE, "good", before="inadequate", before_on=LAST, certainty=Certainty.HELD, review=review
    )
    candidate = a_candidate(one.id, found_at=NOON - 60 * MINUTE, published=DAY)
    candidate = replace(candidate, changes=(rise,))
    await store.items.file(one.id, PAGE, READING, [candidate])
    return await sealed(store, ending)


async def sealed(store: SqlStore, ending: Ending = Ending(), day: date = DAY) -> Edition:  # noqa: B008
    clock = Clock(NOON + (day - DAY))
    return await publish(
        day,
        timetable=a_timetable(),
        sources=(),
        store=store,
        clock=clock,
        inspectorates=known(),
        ending=ending,
    )


async def test_a_closing_line_is_sealed_and_never_changes(store: SqlStore) -> None:
    (line,) = (await told(store)).closing
    await store.providers.load([a_provider()], [])

    assert (line.rarity, line.since, line.grade) == (Rarity.AGAIN, date(2013, 5, 1), "good")
    assert [(one.grade, one.key is not None, one.told_on) for one in line.proof] == [
        ("good", True, DAY),
        ("inadequate", False, None),
        ("good", False, None),
    ]
    stored = await store.editions.sealed(DAY)
    assert stored is not None
    assert stored.closing == (line,)
    assert (await sealed(store)).closing == (line,)
    assert await store.editions.closing_lines(DAY, DAY) == [(DAY, (line,))]


async def test_off_is_off(store: SqlStore) -> None:
    edition = await told(store, ending=NO_ENDING)

    assert (edition.closing, edition.scoreboard) == ((), None)


async def test_an_ending_that_fails_never_costs_the_edition(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    async def never_ends(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(jobs_ending, "closing_lines", fails)
    monkeypatch.setattr(jobs_ending, "_scoreboard", never_ends)
    monkeypatch.setattr(jobs_ending, "LONGEST", timedelta(milliseconds=1))

    edition = await told(store)

    assert await store.editions.sealed(DAY) == edition
    assert (len(edition.stories), edition.closing, edition.scoreboard) == (1, (), None)
    missing = [one for one in caplog.records if "edition's end could not be made" in one.message]
    assert [getattr(one, "part", None) for one in missing] == ["scoreboard", "closing line"]


async def test_a_report_in_doubt_has_no_line(store: SqlStore) -> None:
    assert (await told(store, review="two grades in one sentence")).closing == ()


async def test_a_line_goes_with_a_dropped_story_and_comes_back_with_it(store: SqlStore) -> None:
    edition = await told(store)
    key = edition.stories[0].key
    lines = []
    for act in (Act.DROP, Act.RESTORE):
        one = Intervention(day=DAY, act=act, by="ada", at=NOON - MINUTE, words="a reason", story=key)
        assert await store.editions.intervene(one, lambda *_: None) is None
        stored = await store.editions.sealed(DAY)
        assert stored is not None
        lines.append(len(stored.closing))

    assert lines == [0, 1]


async def seal(store: SqlStore, *stories: Story, day: date, ending: Ending = Ending()) -> Edition:  # noqa: B008
    """A day's edition with its ending."""
    assembly = Assembly(
        edition=an_edition(*stories, day=day), settled=tuple(one.key for one in stories), doubts=()
    )
    edition = await with_ending(assembly, ending, store, known())
    return await store.editions.seal(replace(assembly, edition=edition), NOON)


async def test_a_correction_takes_back_what_the_edition_said_at_its_end(store: SqlStore) -> None:
    (line,) = (await told(store)).closing
    change = a_change(Movement.UPGRADE, "outstanding", before="inadequate")
    wrong = Correction(told_on=DAY, told=change, why="A table was misread.")
    fixed = a_story(line.story.item, SectionKind.CORRECTIONS, correction=wrong, change=change)
    same = replace(fixed, change=replace(change, after="good"))

    day = DAY + timedelta(days=1)
    (taken,) = (await seal(store, fixed, day=day)).lines_taken_back
    later = await seal(store, same, day=day + timedelta(days=1))

    assert (taken.story, taken.day, taken.line) == (fixed.key, DAY, line)
    assert later.lines_taken_back == ()


async def test_a_correction_takes_back_what_was_said_of_another_body(store: SqlStore) -> None:
    """The grade was right, and it was not this body's."""
    (line,) = (await told(store)).closing
    change = a_change(Movement.UPGRADE, "good", before="inadequate")
    wrong = Correction(told_on=DAY, told=change, why="It is about Essex.")
    essex = a_story(
        line.story.item, SectionKind.CORRECTIONS, provider="essex-pdu", correction=wrong, change=change
    )

    (taken,) = (await seal(store, essex, day=DAY + timedelta(days=1))).lines_taken_back

    assert taken.line == line


async def test_what_was_dropped_with_its_story_is_not_taken_back(store: SqlStore) -> None:
    (line,) = (await told(store)).closing
    drop = Intervention(day=DAY, act=Act.DROP, by="ada", at=NOON - MINUTE, words="a reason", story=line.story)
    await store.editions.intervene(drop, lambda *_: None)
    change = a_change(Movement.UPGRADE, "outstanding", before="inadequate")
    wrong = Correction(told_on=DAY, told=change, why="A table was misread.")
    fixed = a_story(line.story.item, SectionKind.CORRECTIONS, correction=wrong, change=change)

    assert (await seal(store, fixed, day=DAY + timedelta(days=1))).lines_taken_back == ()


async def test_the_week_is_told_on_friday_alone(store: SqlStore) -> None:
    for n in range(3):
        await seal(store, a_story(n + 1), day=DAY + timedelta(days=n))
    friday = await seal(store, a_story(9), day=FRIDAY)
    after = await seal(store, a_story(10), day=FRIDAY + timedelta(days=1))

    assert friday.scoreboard is not None
    assert (friday.scoreboard.since, friday.scoreboard.until) == (date(2020, 2, 29), FRIDAY)
    assert [one.up for one in friday.scoreboard.tallies] == [3]
    assert len(friday.scoreboard.moves) == 4
    assert after.scoreboard is None


async def test_if_friday_has_no_story_the_next_edition_tells_the_week(store: SqlStore) -> None:
    """Good Friday and Easter Monday are bank holidays."""
    await seal(store, a_story(1), day=EASTER - timedelta(days=1))
    empty = await seal(store, day=EASTER)
    tuesday = await seal(store, a_story(2), day=EASTER + timedelta(days=4))
    wednesday = await seal(store, a_story(3), day=EASTER + timedelta(days=5))

    assert empty.scoreboard is None
    assert tuesday.scoreboard is not None
    assert tuesday.scoreboard.until == EASTER
    assert [one.key for one in tuesday.scoreboard.moves] == [StoryKey(item=1, place=0)]
    assert wednesday.scoreboard is None


async def test_a_week_is_not_told_long_after_its_friday(store: SqlStore) -> None:
    await seal(store, a_story(1), day=EASTER - timedelta(days=1))

    assert (await seal(store, a_story(3), day=EASTER + timedelta(days=5))).scoreboard is None


async def test_ratings_are_held_with_the_reports_that_gave_them(store: SqlStore) -> None:
    await told(store)
    register = await store.providers.register()
    kent = register.get(KENT)
    assert kent is not None

    held = await store.providers.held([kent, a_provider("nobody", "Nobody")])

    assert list(held) == [KENT]
    assert [(one.rating.grade, one.told_on) for one in held[KENT]] == [
        ("good", None),
        ("inadequate", None),
        ("good", DAY),
    ]
    assert [one.rating for one in held[KENT]] == await store.providers.history(KENT)
