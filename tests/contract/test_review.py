"""The operators' review, on either database: cases, decisions, and what they make of editions and history."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from builders import (
    KENT,
    a_candidate,
    a_change,
    a_provider,
    a_rating,
    a_report,
    an_edition,
    inspectorates,
)
from clocks import Clock
from store_values import DAY, MINUTE, NOON
from test_sources_and_items import PAGE, list_items

from digest.changes import Change, Movement
from digest.edition import SectionKind, Story, StoryKey
from digest.edition_assembly import Assembly, Doubt, assemble
from digest.errors import Refused
from digest.jobs.publish import publish
from digest.jobs.review import accept, correct, reject
from digest.present.story import story_view
from digest.reports import Claim, Direction, Finding, FindingKind, Kind, Quote, Reading
from digest.review import Amendment, Case, Decision
from digest.schedule import Timetable
from digest.store.codec import EDITION
from digest.store.sql import SqlStore

TEXT = "Kent was rated good. It had been better. Staff were outstanding."
READING = Reading(
    kind=Kind.INSPECTION, inspectorate="hmi-probation", published=None, title="Kent", reports=(), text=TEXT
)
EVENING = NOON + timedelta(hours=6)
LATER = timedelta(days=1)


@pytest.fixture
async def known(store: SqlStore) -> SqlStore:
    """Kent is in the register, and was last rated outstanding."""
    await store.providers.load([a_provider()], [a_rating("outstanding")])
    return store


async def filed(store: SqlStore, **facts) -> StoryKey:
    """A candidate found this morning, as it was read."""
    [one] = await list_items(store, "a")
    candidate = a_candidate(one.id, **({"found_at": NOON - 60 * MINUTE} | facts))
    await store.items.file(one.id, PAGE, READING, [candidate])
    return candidate.key


async def tell(store: SqlStore, key: StoryKey) -> None:
    edition = an_edition(day=DAY)
    await store.editions.seal(Assembly(edition=edition, settled=(key,), doubts=()), NOON)


async def next_edition(store: SqlStore, timetable: Timetable):
    day = DAY + LATER
    return assemble(
        day,
        timetable,
        waiting=await store.editions.waiting(NOON + LATER),
        told=await store.editions.told(DAY - 45 * LATER),
        sources=(),
    ).edition


@pytest.fixture
def timetable() -> Timetable:
    from builders import a_timetable

    return a_timetable()


def fixing(store: SqlStore, key: StoryKey, why: str = "We misread a table.", **amendment):
    return correct(
        key,
        Amendment(**amendment),
        by="ada",
        why=why,
        inspectorates=inspectorates(),
        store=store,
        clock=Clock(EVENING),
    )


async def test_what_the_reader_is_sure_of_is_no_case(known: SqlStore) -> None:
    await filed(known)

    assert await known.review.open() == []


async def test_a_provider_the_register_lacks_is_a_case_until_it_is_accepted(store: SqlStore) -> None:
    key = await filed(store, provider="medway-pdu", provider_name="Medway PDU")
    [case] = await store.review.open()
    assert case.doubts == ("Medway PDU is not in the register",)

    await accept(key, by="ada", why="it is new", store=store, clock=Clock(EVENING))

    assert await store.review.open() == []
    kept = await store.review.case(key)
    assert [(d.decision, d.by, d.why) for d in kept.decided] == [(Decision.ACCEPTED, "ada", "it is new")]


async def test_a_movement_that_history_denies_is_a_case(known: SqlStore) -> None:
    doubted = [replace(c, review="the text says upgrade; we hold outstanding") for c in a_candidate().changes]
    await filed(known, changes=tuple(doubted))

    [case] = await known.review.open()
    assert case.doubts == ("the text says upgrade; we hold outstanding",)


async def test_a_doubt_raised_after_a_decision_opens_the_case_again(known: SqlStore, timetable) -> None:
    key = await filed(known, provider="medway-pdu", provider_name="Medway PDU")
    await accept(key, by="ada", why="it is new", store=known, clock=Clock(EVENING))

    doubt = Doubt(key=key, reason="a blog says inadequate")
    await known.editions.seal(
        Assembly(edition=an_edition(day=DAY + LATER), settled=(), doubts=(doubt,)), EVENING + LATER
    )

    [case] = await known.review.open()
    assert case.doubts == ("a blog says inadequate",)
    assert len(case.decided) == 1


async def test_a_correction_before_the_edition_is_simply_told_right(known: SqlStore, timetable) -> None:
    key = await filed(known)

    await fixing(known, key, overall="inadequate")

    [story] = (await next_edition(known, timetable)).stories
    assert (story.section, story.change.movement, story.change.after) == (
        SectionKind.DOWNGRADES,
        Movement.DOWNGRADE,
        "inadequate",
    )
    assert story.correction is None


async def test_a_correction_after_the_edition_is_told_in_the_next_one(known: SqlStore, timetable) -> None:
    key = await filed(known)
    await tell(known, key)

    case = await fixing(known, key, overall="inadequate")

    assert case.candidate.correction is not None
    [story] = (await next_edition(known, timetable)).stories
    assert story.section is SectionKind.CORRECTIONS
    assert (story.correction.told_on, story.correction.why) == (DAY, "We misread a table.")
    assert (story.correction.told.movement, story.change.movement) == (Movement.UPGRADE, Movement.DOWNGRADE)


async def test_a_correction_stands_in_the_history(known: SqlStore) -> None:
    key = await filed(known)

    await fixing(known, key, overall="inadequate", aspects={"staff": "outstanding"})

    held = {(r.aspect, r.grade) for r in await known.providers.history(KENT)}
    assert held == {("overall", "outstanding"), ("overall", "inadequate"), ("staff", "outstanding")}


async def test_a_report_given_to_the_wrong_provider_is_moved_to_the_right_one(store: SqlStore) -> None:
    await store.providers.load([a_provider(), a_provider("essex-pdu", "Essex PDU")], [])
    key = await filed(store)

    case = await fixing(store, key, provider="essex-pdu")

    assert (case.candidate.provider, case.candidate.provider_name) == ("essex-pdu", "Essex PDU")
    assert await store.providers.history(KENT) == []
    assert [r.grade for r in await store.providers.history("essex-pdu")] == ["good"]


async def test_a_rejected_report_is_never_told_and_leaves_the_history(known: SqlStore) -> None:
    key = await filed(known)

    await reject(key, by="ada", why="another service", store=known, clock=Clock(EVENING))

    assert await known.editions.waiting(NOON + LATER) == []
    assert [r.grade for r in await known.providers.history(KENT)] == ["outstanding"]


async def test_what_was_told_and_is_rejected_is_taken_back(known: SqlStore, timetable) -> None:
    key = await filed(known)
    await tell(known, key)

    await reject(key, by="ada", why="It was another service.", store=known, clock=Clock(EVENING))

    [story] = (await next_edition(known, timetable)).stories
    assert (story.section, story.change, story.correction.why) == (
        SectionKind.CORRECTIONS,
        None,
        "It was another service.",
    )


@pytest.mark.parametrize(
    ("amendment", "says"),
    [
        ({"overall": "super"}, "outstanding, good, requires improvement, inadequate"),
        ({"aspects": {"catering": "good"}}, "leadership"),
        ({"provider": "nobody"}, "no id of the register"),
        ({"overall": "good", "evidence": "Kent was splendid."}, "word for word"),
    ],
)
async def test_an_amendment_that_does_not_fit_is_refused_and_changes_nothing(
    known: SqlStore, amendment, says
) -> None:
    key = await filed(known)

    with pytest.raises(Refused, match=says):
        await fixing(known, key, **amendment)
    case: Case = await known.review.case(key)
    assert (case.decided, case.candidate.grade) == ((), "good")


async def test_a_case_that_is_none_is_refused(known: SqlStore) -> None:
    with pytest.raises(Refused, match=r"no report 99\.0"):
        await accept(StoryKey(item=99, place=0), by="ada", why="", store=known, clock=Clock(EVENING))


async def test_a_correction_corrected_again_before_the_edition_still_tells_what_was_told_first(
    known: SqlStore, timetable
) -> None:
    key = await filed(known)
    await tell(known, key)

    await fixing(known, key, overall="inadequate")
    await fixing(known, key, overall="requires improvement")

    [story] = (await next_edition(known, timetable)).stories
    assert (story.correction.told.after, story.change.after) == ("good", "requires improvement")


async def test_a_withdrawal_that_is_rejected_gives_the_rating_back(known: SqlStore) -> None:
    await known.providers.load([a_provider()], [a_rating("good", DAY - 400 * LATER)])
    withdrawn = a_change(Movement.WITHDRAWN, None, before="good", before_on=DAY - 400 * LATER)
    key = await filed(known, grade=None, changes=(withdrawn,))
    [rating] = await known.providers.history(KENT)
    assert rating.withdrawn

    await reject(key, by="ada", why="it was another service", store=known, clock=Clock(EVENING))

    [rating] = await known.providers.history(KENT)
    assert not rating.withdrawn


async def test_an_operator_can_say_that_a_text_withdraws_the_rating(known: SqlStore) -> None:
    key = await filed(known)

    case = await fixing(known, key, direction=Direction.WITHDRAWN, evidence="It had been better.")

    [change] = case.candidate.changes
    assert (change.movement, change.before, change.after) == (Movement.WITHDRAWN, "outstanding", None)
    assert not case.candidate.report.rated


@pytest.mark.parametrize(
    ("amendment", "why"),
    [
        ({"overall": "good", "evidence": "It had been better."}, "gives no grade"),
        ({"evidence": "It was withdrawn."}, "does not stand in the text"),
        ({}, "name the sentence"),
    ],
)
async def test_a_withdrawal_wants_its_sentence_and_no_grade(
    known: SqlStore, amendment: dict[str, str], why: str
) -> None:
    key = await filed(known)

    with pytest.raises(Refused, match=why):
        await fixing(known, key, direction=Direction.WITHDRAWN, **amendment)


async def test_a_text_that_was_misread_as_a_withdrawal_is_given_its_grade(known: SqlStore) -> None:
    key = await filed(known)
    await fixing(known, key, direction=Direction.WITHDRAWN, evidence="It had been better.")

    case = await fixing(known, key, overall="good", evidence="Kent was rated good.")

    assert [(change.movement, change.after) for change in case.candidate.changes] == [
        (Movement.DOWNGRADE, "good")
    ]
    [rating] = [r for r in await known.providers.history(KENT) if r.grade == "outstanding"]
    assert not rating.withdrawn


# -- what is in doubt is told as "not comparable", and in full once it is sure ----------------------------


def in_doubt(movement: Movement = Movement.UPGRADE) -> tuple[Change, ...]:
    return (a_change(movement, review="the text says upgrade; we hold outstanding"),)


async def publish_next(store: SqlStore, timetable: Timetable, days: int) -> tuple[Story, ...]:
    """The stories of the edition so many days after the first, which is sealed."""
    day = DAY + days * LATER
    edition = await publish(
        day, timetable=timetable, sources=(), store=store, clock=Clock(EVENING + days * LATER)
    )
    return edition.stories


async def test_a_case_that_nobody_decided_is_told_without_its_movement(known: SqlStore, timetable) -> None:
    await filed(known, changes=in_doubt())

    [story] = await publish_next(known, timetable, 1)
    assert (story.section, story.change.movement, story.change.before, story.change.after) == (
        SectionKind.STEADY,
        Movement.NOT_COMPARABLE,
        None,
        "good",
    )


async def test_a_movement_is_told_once_an_operator_has_accepted_it(known: SqlStore, timetable) -> None:
    key = await filed(known, changes=in_doubt())
    await publish_next(known, timetable, 1)

    await accept(key, by="ada", why="The register was wrong.", store=known, clock=Clock(EVENING + 2 * LATER))

    [story] = await publish_next(known, timetable, 3)
    assert (story.section, story.change.movement) == (SectionKind.UPGRADES, Movement.UPGRADE)
    assert (story.first_told, story.correction, story.late_from) == (DAY + LATER, None, None)
    assert await publish_next(known, timetable, 4) == ()


async def test_what_was_accepted_before_the_edition_is_told_as_read(known: SqlStore, timetable) -> None:
    key = await filed(known, changes=in_doubt())

    await accept(key, by="ada", why="The register was wrong.", store=known, clock=Clock(EVENING))

    [story] = await publish_next(known, timetable, 1)
    assert (story.section, story.change.movement, story.first_told) == (
        SectionKind.UPGRADES,
        Movement.UPGRADE,
        None,
    )


@pytest.mark.parametrize("movement", [Movement.FIRST_RATING, Movement.UNCHANGED])
async def test_a_rating_that_did_not_move_is_not_told_twice_for_being_accepted(
    store: SqlStore, timetable, movement: Movement
) -> None:
    key = await filed(store, provider="medway-pdu", provider_name="Medway PDU", movement=movement)
    [story] = await publish_next(store, timetable, 1)
    assert story.change.movement is Movement.NOT_COMPARABLE

    await accept(key, by="ada", why="It is new.", store=store, clock=Clock(EVENING + 2 * LATER))

    assert await publish_next(store, timetable, 3) == ()
    assert (await store.review.case(key)).candidate.told_on == DAY + LATER


async def test_a_doubted_report_that_is_corrected_says_what_readers_were_told(
    known: SqlStore, timetable
) -> None:
    key = await filed(known, changes=in_doubt())
    await publish_next(known, timetable, 1)

    await fixing(known, key, overall="inadequate")

    [story] = await publish_next(known, timetable, 3)
    assert (story.section, story.change.movement) == (SectionKind.CORRECTIONS, Movement.DOWNGRADE)
    assert (story.correction.told.movement, story.correction.told.after) == (Movement.NOT_COMPARABLE, "good")


async def test_a_doubt_that_comes_after_a_decision_is_heeded(known: SqlStore, timetable) -> None:
    key = await filed(known, provider="medway-pdu", provider_name="Medway PDU")
    await accept(key, by="ada", why="it is new", store=known, clock=Clock(EVENING))
    doubt = Doubt(key=key, reason="another text says inadequate")
    other = Assembly(edition=an_edition(day=DAY + LATER), settled=(), doubts=(doubt,))
    await known.editions.seal(other, EVENING + LATER)

    [story] = await publish_next(known, timetable, 2)
    assert story.change.movement is Movement.NOT_COMPARABLE


async def test_a_rating_is_in_doubt_while_its_case_is_open(known: SqlStore) -> None:
    key = await filed(known, changes=in_doubt())
    assert {r.grade: r.doubted for r in await known.providers.history(KENT)} == {
        "outstanding": False,
        "good": True,
    }

    await accept(key, by="ada", why="The register was wrong.", store=known, clock=Clock(EVENING))

    assert not any(r.doubted for r in await known.providers.history(KENT))


async def test_open_cases_are_counted(known: SqlStore) -> None:
    assert await known.review.count() == 0
    key = await filed(known, provider=None, provider_name=None, changes=in_doubt())
    assert await known.review.count() == len(await known.review.open()) == 1

    await reject(key, by="ada", why="nobody's", store=known, clock=Clock(EVENING))

    assert await known.review.count() == len(await known.review.open()) == 0


# -- a sentence that an operator contradicts is no evidence any more ----------------------------------------

SAID = "Kent was rated good."
UP = Movement.UPGRADE


async def corrected_story(store: SqlStore, timetable: Timetable, *, told: bool, **amendment) -> Story:
    """The story that tells a correction, which is made before or after the first edition."""
    quotes = (Quote(speaker="An inspector", text=SAID), Quote(speaker="A head", text="It had been better."))
    findings = (Finding(heading=None, kind=FindingKind.STRENGTH, text=SAID),)
    report = a_report(aspects={"staff": "outstanding"}, quotes=quotes, findings=findings)
    key = await filed(
        store, report=report, lead=f"{SAID} It had been better.", aspects={"staff": ("outstanding", UP)}
    )
    if told:
        await tell(store, key)
    await fixing(store, key, **amendment)
    [story] = (await next_edition(store, timetable)).stories
    return story


@pytest.mark.parametrize("told", [True, False])
async def test_a_contradicted_sentence_is_printed_nowhere(known: SqlStore, timetable, told: bool) -> None:
    story = await corrected_story(known, timetable, told=told, overall="inadequate")

    assert (story.evidence, story.checked, story.lead) == (None, "We misread a table.", None)
    assert [quote.text for quote in story.quotes] == ["It had been better."]
    assert story.findings == ()
    shown = json.dumps(EDITION.dump(an_edition(story)))
    assert SAID not in shown
    seen = story_view(story)
    assert seen.change is not None
    assert seen.change.after == "inadequate"


async def test_the_sentence_that_carries_the_right_grade_is_printed(known: SqlStore, timetable) -> None:
    story = await corrected_story(
        known, timetable, told=True, overall="inadequate", evidence="It had been better."
    )

    assert (story.evidence, story.checked) == ("It had been better.", None)


async def test_a_sentence_that_nothing_contradicts_is_still_evidence(known: SqlStore, timetable) -> None:
    story = await corrected_story(known, timetable, told=True, aspects={"staff": "good"})

    assert story.evidence == SAID
    assert [(j.grade, j.evidence) for j in story.judgements] == [("good", "")]
    assert story.checked == "We misread a table."


async def test_a_sentence_is_no_evidence_of_a_movement_that_it_denies(known: SqlStore, timetable) -> None:
    """One sentence states the grade and the one before it."""
    said = "Kent was rated good. It had been better."
    report = replace(
        a_report(),
        overall=Claim(value="good", evidence=said),
        previous=Claim(value="outstanding", evidence=said),
        direction=Claim(value="downgrade", evidence=said),
    )
    key = await filed(known, report=report)

    await fixing(known, key, previous="inadequate")

    [story] = (await next_edition(known, timetable)).stories
    assert (story.change.before, story.change.after, story.evidence) == ("inadequate", "good", None)


async def test_a_sentence_that_names_another_provider_is_no_evidence(store: SqlStore, timetable) -> None:
    await store.providers.load([a_provider(name="Kent"), a_provider("essex-pdu", "Essex PDU")], [])
    key = await filed(store, provider_name="Kent")

    await fixing(store, key, provider="essex-pdu")

    [story] = (await next_edition(store, timetable)).stories
    assert (story.provider, story.evidence, story.checked) == ("essex-pdu", None, "We misread a table.")
