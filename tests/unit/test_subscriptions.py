"""The life of a subscription, and what it wishes."""

from __future__ import annotations

import contextlib
import dataclasses
from datetime import UTC, date, datetime, time
from itertools import product
from pathlib import Path

import pytest
from builders import a_subscription
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import IllegalMove
from digest.subscriptions import (
    AGREED,
    ENDINGS,
    MOVES,
    Channel,
    Evidence,
    Standing,
    Step,
    Taken,
    Wishes,
    after,
    diagram,
    standing_at,
    table,
)


def test_nobody_is_written_to_before_they_confirmed():
    into = {
        (standing, step)
        for (standing, step), to in MOVES.items()
        if to is Standing.ACTIVE and standing not in AGREED
    }

    # What an operator ended by mistake was confirmed once.
    assert into == {(Standing.PENDING, Step.CONFIRMED), (Standing.ENDED, Step.RESTORED)}


@pytest.mark.parametrize("standing", [Standing.PENDING, Standing.ACTIVE])
@pytest.mark.parametrize("step", [Step.LEFT, Step.REMOVED])
def test_leaving_ends_a_subscription_whatever_its_standing(standing, step):
    assert after(standing, step) is Standing.ENDED


@given(st.lists(st.sampled_from(sorted(set(Step) - {Step.ASKED, Step.RESTORED}))))
def test_what_has_ended_stays_ended(steps):
    """To come back is to ask anew, in a new generation, or an operator's doing."""
    standing = Standing.ENDED
    for step in steps:
        with contextlib.suppress(IllegalMove):
            standing = after(standing, step)

    assert standing is Standing.ENDED


def test_every_ending_is_a_reason_and_nothing_else_is():
    assert {step for (standing, step), to in MOVES.items() if to is Standing.ENDED} == ENDINGS
    assert Step.CONFIRMED not in ENDINGS
    assert Step.PAUSED not in ENDINGS


@pytest.mark.parametrize(("standing", "step"), sorted(set(product(Standing, Step)) - set(MOVES)))
def test_a_step_that_the_table_lacks_is_refused_by_name(standing, step):
    with pytest.raises(IllegalMove) as refused:
        after(standing, step)

    assert (refused.value.state, refused.value.event) == (standing, step)
    assert refused.value.__cause__ is None


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


def test_whoever_asks_for_nothing_special_gets_everything():
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
    assert names == narrowing | {"watched", "alerts", "proof_of_life"}


def test_what_comes_besides_the_edition_takes_nothing_from_it():
    assert Wishes(watched=("kent-pdu",), alerts=True, proof_of_life=True).everything


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
