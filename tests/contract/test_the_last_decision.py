"""The last decision on a report is what readers are told, however many came before it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from builders import KENT, a_candidate, a_change, a_provider, a_rating, a_timetable, an_edition
from clocks import Clock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import null, update
from store_values import DAY, MINUTE, NOON
from test_review import EVENING, LATER, filed, fixing

from digest.changes import Movement
from digest.edition import SectionKind, Story, StoryKey
from digest.edition_assembly import Assembly, assemble
from digest.errors import Refused
from digest.jobs.publish import publish
from digest.jobs.review import accept, reject
from digest.review import Decided, Decision, accepted, rejected
from digest.store.codec import CANDIDATE
from digest.store.database import Database
from digest.store.sql import SqlStore
from digest.store.tables import reports
from digest.tokens import address_seal

READ, WORSE, WORST, TAKEN_BACK = "good", "requires improvement", "inadequate", None
UNTOLD = "never told"


@dataclass
class Desk:
    """One report; what operators say of it, and what readers were told."""

    store: SqlStore
    key: StoryKey
    stands: str | None = READ
    readers: str | None = UNTOLD
    told_on: date | None = None
    whys: itertools.count = field(default_factory=itertools.count)
    why: str = ""
    days: itertools.count = field(default_factory=lambda: itertools.count(1))

    async def does(self, step: str) -> None:
        if step == "tell":
            await self.tell()
            return
        self.why = f"Reason {next(self.whys)}."
        facts = {"by": "ada", "why": self.why, "store": self.store, "clock": Clock(EVENING)}
        match step:
            case "accept":
                await accept(self.key, **facts)
                self.stands = READ
            case "reject":
                await reject(self.key, **facts)
                self.stands = TAKEN_BACK
            case grade:
                await fixing(self.store, self.key, overall=grade, why=self.why)
                self.stands = grade
        await self.history_holds_what_stands()

    async def history_holds_what_stands(self) -> None:
        held = {r.grade for r in await self.store.providers.history(KENT)}
        assert held == {"outstanding", self.stands} - {TAKEN_BACK}

    async def tell(self) -> None:
        day = DAY + next(self.days) * LATER
        assembly = assemble(
            day,
            a_timetable(),
            waiting=await self.store.editions.waiting(NOON + (day - DAY)),
            told=await self.store.editions.told(DAY),
            sources=(),
        )
        self.says_what_was_decided(assembly.edition.stories)
        await self.store.editions.seal(assembly, NOON)
        if assembly.edition.stories:
            self.readers, self.told_on = self.stands, day

    def says_what_was_decided(self, stories: tuple[Story, ...]) -> None:
        """Something only where readers do not know it, and as a correction where they were told otherwise."""
        known = TAKEN_BACK if self.readers == UNTOLD else self.readers
        if self.stands == known:
            assert stories == ()
            return
        [story] = stories
        assert (story.change.after if story.change else TAKEN_BACK) == self.stands
        if self.readers == UNTOLD:
            assert story.correction is None
            return
        assert story.section is SectionKind.CORRECTIONS
        assert (story.correction.told_on, story.correction.why) == (self.told_on, self.why)
        assert (story.correction.told.after if story.correction.told else TAKEN_BACK) == self.readers


def an_assembly_of(key: StoryKey, day: date) -> Assembly:
    return Assembly(edition=an_edition(day=day), settled=(key,), doubts=())


async def a_desk(store: SqlStore) -> Desk:
    await store.providers.load([a_provider()], [a_rating("outstanding")])
    return Desk(store=store, key=await filed(store))


@pytest.mark.parametrize(
    "steps",
    [
        ["tell", "reject", "reject"],
        ["tell", WORST, "reject"],
        ["tell", "reject", "accept"],
        ["tell", "reject", WORST],
        ["tell", "reject", "tell", "accept"],
        ["tell", WORST, "tell", "accept"],
        ["reject", "accept"],
        ["reject", WORST],
        [WORST, "tell", "reject", "accept"],
    ],
    ids=", ".join,
)
async def test_the_next_edition_tells_the_last_of_several_decisions(store: SqlStore, steps) -> None:
    desk = await a_desk(store)

    for step in [*steps, "tell", "tell"]:
        await desk.does(step)


@given(st.lists(st.sampled_from(["tell", "accept", "reject", WORSE, WORST]), max_size=8))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_the_readers_last_word_is_the_last_decision_whatever_came_before(
    blank_file: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    file = tmp_path_factory.mktemp("desk") / "state.db"
    file.write_bytes(blank_file.read_bytes())
    database = Database(f"sqlite:///{file}", directory=file.parent)
    try:
        desk = await a_desk(SqlStore(database, seal=address_seal(b"key")))
        for step in [*steps, "tell", "tell"]:
            await desk.does(step)
    finally:
        await database.dispose()


async def test_a_second_correction_adds_to_the_first(store: SqlStore) -> None:
    desk = await a_desk(store)

    await fixing(store, desk.key, overall=WORST)
    case = await fixing(store, desk.key, aspects={"staff": "outstanding"})

    assert [(j.aspect, j.grade) for j in case.candidate.report.graded()] == [
        ("overall", WORST),
        ("staff", "outstanding"),
    ]


async def test_a_report_that_was_moved_and_rejected_is_taken_back_of_whom_it_was_told(
    store: SqlStore,
) -> None:
    await store.providers.load([a_provider("essex-pdu", "Essex PDU")], [])
    desk = await a_desk(store)
    await desk.does("tell")

    await fixing(store, desk.key, provider="essex-pdu")
    case = await reject(desk.key, by="ada", why="It was nobody's.", store=store, clock=Clock(EVENING))

    assert (case.candidate.provider, case.candidate.report) == (KENT, None)
    assert case.candidate.correction is not None


async def test_who_decides_what_was_told_meanwhile_is_asked_to_look_again(store: SqlStore) -> None:
    """A rejection that believes the report untold would take nothing back."""
    desk = await a_desk(store)
    seen = await store.review.case(desk.key)
    assert seen is not None
    await desk.does("tell")

    late = Decided(decision=Decision.REJECTED, by="ada", at=NOON, why="It was another service.")

    assert not await store.review.decide(seen, late, rejected(seen, late.why))
    assert (await store.review.case(desk.key)).decided == ()


async def test_of_two_who_decide_at_once_one_is_asked_to_look_again(store: SqlStore) -> None:
    desk = await a_desk(store)
    seen = await store.review.case(desk.key)
    assert seen is not None
    await desk.does("reject")

    late = Decided(decision=Decision.ACCEPTED, by="bo", at=NOON, why="It is right.")

    assert not await store.review.decide(seen, late, accepted(seen, late.why))


async def test_what_carries_no_verdict_cannot_be_corrected(store: SqlStore) -> None:
    await store.providers.load([a_provider()], [])
    key = await filed(store, report=None, changes=())

    with pytest.raises(Refused, match="reports no inspection"):
        await fixing(store, key, overall=WORST)


async def test_a_correction_that_waited_before_tellings_were_kept_is_still_one(store: SqlStore) -> None:
    desk = await a_desk(store)
    await desk.does("tell")
    await desk.does(WORST)
    async with store.database.write() as connection:
        await connection.execute(update(reports).values(read=null(), told=null()))

    case = await reject(desk.key, by="ada", why="It was another service.", store=store, clock=Clock(EVENING))

    assert case.candidate.correction is not None
    assert case.candidate.correction.told_on == desk.told_on
    assert case.candidate.correction.told.after == READ
    assert not case.withheld


async def test_what_an_earlier_version_kept_of_a_correction_that_was_told_is_passed_over(
    store: SqlStore,
) -> None:
    """It did not forget what had been told before."""
    desk = await a_desk(store)
    for step in ("tell", WORST, "tell"):
        await desk.does(step)
    stale = {"told": CANDIDATE.dump(a_candidate(desk.key.item, grade=READ, told_on=DAY))}
    async with store.database.write() as connection:
        await connection.execute(update(reports).values(stale))

    case = await store.review.case(desk.key)
    assert case is not None
    assert case.told is not None
    assert (case.told.grade, case.told.told_on) == (WORST, desk.told_on)


DOUBTED = (a_change(review="the text says upgrade; we hold outstanding"),)
APART, CORRECTED, NOTHING = "told as any other", "corrected", "nothing"


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (["accept"], APART),
        (["accept", "accept"], APART),
        (["reject", "accept"], APART),
        ([WORST, "accept"], APART),
        (["reject"], CORRECTED),
        (["accept", "reject"], CORRECTED),
        ([WORST], CORRECTED),
        (["accept", WORST], CORRECTED),
        (["accept", "tell", "accept"], NOTHING),
        (["accept", "tell", "reject"], CORRECTED),
    ],
    ids=str,
)
async def test_what_was_told_in_doubt_is_followed_by_what_was_decided_last(
    store: SqlStore, steps: list[str], told: str
) -> None:
    """In doubt, readers got the grade alone. An accepted movement is news to them, and no correction."""
    await store.providers.load([a_provider()], [a_rating("outstanding")])
    key = await filed(store, changes=DOUBTED)
    facts = {"by": "ada", "store": store}
    days = itertools.count(1)

    async def tell() -> tuple[Story, ...]:
        day = DAY + next(days) * LATER
        at = Clock(EVENING + (day - DAY))
        return (await publish(day, timetable=a_timetable(), sources=(), store=store, clock=at)).stories

    [first] = await tell()
    assert (first.change.movement, first.change.after) == (Movement.NOT_COMPARABLE, READ)
    for n, step in enumerate(steps):
        clock = Clock(EVENING + 10 * LATER + n * MINUTE)
        match step:
            case "tell":
                await tell()
            case "accept":
                await accept(key, why="Checked.", clock=clock, **facts)
            case "reject":
                await reject(key, why="Nobody's.", clock=clock, **facts)
            case grade:
                await fixing(store, key, overall=grade)

    stories = await tell()
    assert [story.correction is not None for story in stories] == {APART: [False], CORRECTED: [True]}.get(
        told, []
    )
    if told == APART:
        assert (stories[0].section, stories[0].first_told) == (SectionKind.UPGRADES, DAY + LATER)


async def test_news_that_was_told_is_taken_back_and_told_again(store: SqlStore) -> None:
    """It has no verdict that could differ."""
    await store.providers.load([a_provider()], [])
    key = await filed(store, report=None, changes=())
    facts = {"by": "ada", "why": "It was a draft.", "store": store, "clock": Clock(EVENING)}
    await store.editions.seal(an_assembly_of(key, DAY), NOON)

    case = await reject(key, **facts)
    assert (case.candidate.told_on, case.candidate.correction.told_on) == (None, DAY)

    await store.editions.seal(an_assembly_of(key, DAY + LATER), NOON)
    case = await accept(key, **facts)
    assert (case.candidate.told_on, case.candidate.correction.told_on) == (None, DAY + LATER)
    assert not case.candidate.taken_back


async def test_a_decision_that_comes_while_the_edition_is_made_is_what_it_tells(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between reading the reports and sealing the edition an operator takes one back."""
    desk = await a_desk(store)
    waiting, reads = store.editions.waiting, itertools.count()

    async def read_and_then_rejected(cutoff):
        found = await waiting(cutoff)
        if next(reads) == 0:
            await reject(desk.key, by="ada", why="It was nobody's.", store=store, clock=Clock(EVENING))
        return found

    monkeypatch.setattr(store.editions, "waiting", read_and_then_rejected)
    edition = await publish(DAY, timetable=a_timetable(), sources=(), store=store, clock=Clock(EVENING))

    assert edition.empty
    assert await store.editions.told(DAY) == []
