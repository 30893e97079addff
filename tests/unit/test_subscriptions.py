"""The life of a subscription, and what it wishes."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from pathlib import Path

import pytest
from builders import a_subscription
from hypothesis import given
from hypothesis import strategies as st

from digest.schedule import Weekday
from digest.subscriptions import (
    AGREED,
    ENDINGS,
    MOVES,
    Channel,
    Evidence,
    Standing,
    Step,
    Subscription,
    Taken,
    Wishes,
    begun,
    diagram,
    joined,
    restored,
    standing_at,
    table,
    taken,
    transition,
)

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)
UNTIL = date(2026, 4, 1)
ADA = Evidence(channel=Channel.OPERATOR, by="ada")

STANDING = {
    Standing.PENDING: begun(7, "a@example.org", Wishes(), NOON),
    Standing.ACTIVE: a_subscription(),
    Standing.PAUSED: dataclasses.replace(a_subscription(), standing=Standing.PAUSED, paused_until=UNTIL),
    Standing.ENDED: dataclasses.replace(
        a_subscription(), standing=Standing.ENDED, ended_at=NOON, ended_reason=Step.REMOVED
    ),
}


def test_nobody_is_written_to_before_they_confirmed():
    into = {
        (standing, step)
        for (standing, step), to in MOVES.items()
        if to is Standing.ACTIVE and standing not in AGREED
    }

    # What an operator ended by mistake was confirmed once.
    assert into == {(Standing.PENDING, Step.CONFIRMED), (Standing.ENDED, Step.RESTORED)}


@pytest.mark.parametrize("standing", [Standing.PENDING, *AGREED])
@pytest.mark.parametrize("step", sorted(ENDINGS - {Step.LAPSED}))
def test_an_ending_keeps_its_day_and_its_reason_and_ends_a_pause(standing: Standing, step: Step) -> None:
    after = taken(STANDING[standing], step, LATER)

    assert after is not None
    assert (after.standing, after.ended_at, after.ended_reason) == (Standing.ENDED, LATER, step)
    assert after.paused_until is None
    assert after.address == ("" if step is Step.ERASED else STANDING[standing].address)


def test_what_has_ended_and_is_erased_keeps_the_day_and_reason_of_its_ending() -> None:
    after = taken(STANDING[Standing.ENDED], Step.ERASED, LATER)

    assert after == dataclasses.replace(STANDING[Standing.ENDED], address="")


@given(st.lists(st.sampled_from(sorted(set(Step) - {Step.ASKED, Step.RESTORED}))))
def test_what_has_ended_stays_ended(steps: list[Step]) -> None:
    """To come back is to ask anew, in a new generation, or an operator's doing."""
    one = STANDING[Standing.ENDED]
    for step in steps:
        one = taken(one, step, LATER) or one

    assert one.standing is Standing.ENDED


@given(st.sampled_from(Standing), st.lists(st.sampled_from(Step)))
def test_whatever_happens_the_fields_agree_with_the_standing(standing: Standing, steps: list[Step]) -> None:
    one = STANDING[standing]
    for n, step in enumerate(steps):
        before, one = one, taken(one, step, NOON + timedelta(days=n), until=UNTIL) or one
        assert one.generation - before.generation == (one.live and not before.live and step is Step.ASKED)

    assert (one.ended_at is None, one.ended_reason is None) == (one.live, one.live)
    assert (one.paused_until is None) == (one.standing is not Standing.PAUSED)
    assert one.address or not one.live


@pytest.mark.parametrize(("standing", "step"), sorted(product(Standing, Step)))
def test_a_step_is_taken_where_the_table_has_it_and_refused_elsewhere(standing: Standing, step: Step) -> None:
    after = taken(STANDING[standing], step, LATER)

    assert (after.standing if after else None) == MOVES.get((standing, step))


@pytest.mark.parametrize("step", [Step.RESTORED, Step.ASKED])
def test_nothing_begins_again_once_the_address_is_erased(step: Step) -> None:
    erased = taken(STANDING[Standing.ACTIVE], Step.ERASED, LATER)

    assert erased is not None
    assert taken(erased, step, LATER) is None


def test_confirming_and_asking_anew_begin_the_time_as_a_subscriber() -> None:
    confirmed = taken(STANDING[Standing.PENDING], Step.CONFIRMED, LATER)
    asked = taken(STANDING[Standing.ENDED], Step.ASKED, LATER)
    restored = taken(STANDING[Standing.ENDED], Step.RESTORED, LATER)

    assert [one.since for one in (confirmed, asked) if one] == [LATER, LATER]
    assert restored is not None
    assert restored.since == STANDING[Standing.ENDED].since


@pytest.mark.parametrize("before", [None, STANDING[Standing.PENDING], STANDING[Standing.ENDED]])
@pytest.mark.parametrize("step", [Step.ASKED, Step.CONFIRMED])
def test_a_person_who_joins_is_pending_or_by_an_operators_word_active(
    before: Subscription | None, step: Step
) -> None:
    asked = begun(7, "a@example.org", Wishes(movements_only=True), LATER)

    made = joined(before, asked, step, ADA)

    assert made is not None
    assert made.after.standing is (Standing.PENDING if step is Step.ASKED else Standing.ACTIVE)
    assert (made.after.wishes, made.after.since) == (asked.wishes, LATER)
    assert [(one.step, one.before) for one in made.history] == [(step, before.standing if before else None)]


@pytest.mark.parametrize("standing", AGREED)
def test_people_who_agreed_already_join_no_second_time(standing: Standing) -> None:
    asked = begun(7, "a@example.org", Wishes(), LATER)

    assert joined(STANDING[standing], asked, Step.CONFIRMED, ADA) is None


def ending(before: Standing) -> tuple[Subscription, Taken]:
    """What an operator ended, and what the history notes of it."""
    made = transition(STANDING[before], Step.REMOVED, ADA, NOON, bulk=3)
    assert made is not None
    [noted] = made.history
    return made.after, noted


@pytest.mark.parametrize("standing", AGREED)
def test_an_ending_taken_back_leaves_things_as_they_were(standing: Standing) -> None:
    ended, noted = ending(standing)

    made = restored(ended, noted, ADA, LATER)

    assert made is not None
    assert made.after == STANDING[standing]
    assert {(one.at, one.bulk) for one in made.history} == {(LATER, 3)}


def test_an_ending_of_what_nobody_confirmed_is_not_taken_back() -> None:
    ended, noted = ending(Standing.PENDING)

    assert restored(ended, noted, ADA, LATER) is None


def test_every_ending_is_a_reason_and_nothing_else_is():
    assert {step for (standing, step), to in MOVES.items() if to is Standing.ENDED} == ENDINGS
    assert Step.CONFIRMED not in ENDINGS
    assert Step.PAUSED not in ENDINGS


def test_the_diagram_shows_every_move_and_no_other():
    first, start, *rows = diagram().splitlines()

    assert first == "stateDiagram-v2"
    assert start.strip() == "[*] --> pending"
    assert {row.strip() for row in rows} == {f"{a} --> {to}: {step}" for (a, step), to in MOVES.items()}


@pytest.mark.parametrize(
    ("mark", "printed"), [("diagram", f"```mermaid\n{diagram()}\n```"), ("table", table())]
)
def test_the_lifecycle_in_the_docs_is_printed_from_the_table(mark, printed):
    page = (Path(__file__).parents[2] / "docs" / "subscribing.md").read_text(encoding="utf-8")

    assert page.split(f"<!-- {mark}:begin -->")[1].split(f"<!-- {mark}:end -->")[0].strip() == printed


def test_people_who_ask_for_nothing_special_get_everything():
    assert a_subscription().wishes.everything


@pytest.mark.parametrize(
    "wish",
    [
        {"inspectorates": ("ofsted",)},
        {"providers": ("kent-pdu",)},
        {"areas": ("Kent",)},
        {"kinds": ("PDU",)},
        {"movements_only": True},
        {"commentary": False},
    ],
)
def test_any_wish_is_less_than_everything(wish):
    assert not Wishes(**wish).everything


def test_there_is_no_wish_that_these_tests_have_not_heard_of():
    names = {field.name for field in dataclasses.fields(Wishes)}

    narrowing = {"inspectorates", "areas", "kinds", "providers", "movements_only", "commentary"}
    assert names == narrowing | {"watched", "alerts", "proof_of_life", "weekly", "brief"}


def test_what_comes_besides_the_edition_takes_nothing_from_it():
    assert Wishes(watched=("kent-pdu",), alerts=True, proof_of_life=True, weekly=Weekday.FRIDAY).everything
    assert Wishes(brief=True).everything, "brief is how much is told, not of what"


def test_history_tells_how_it_stood_at_any_instant() -> None:
    def at(clock: str) -> datetime:
        return datetime.combine(date(2026, 11, 24), time.fromisoformat(clock), UTC)

    def taken(step: Step, moment: datetime) -> Taken:
        return Taken(generation=1, step=step, at=moment, evidence=Evidence(channel=Channel.WEB))

    history = [
        taken(Step.ASKED, at("08:00")),
        taken(Step.CONFIRMED, at("09:00")),
        taken(Step.WISHED, at("09:30")),
        taken(Step.PAUSED, at("10:00")),
        taken(Step.LEFT, at("11:00")),
        taken(Step.ASKED, at("12:00")),
    ]

    found = [
        standing_at(history, at(clock)) for clock in ("07:59", "08:00", "09:45", "10:30", "11:30", "12:30")
    ]

    assert found == [
        None,
        Standing.PENDING,
        Standing.ACTIVE,
        Standing.PAUSED,
        Standing.ENDED,
        Standing.PENDING,
    ]
