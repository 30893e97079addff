"""The lifecycle of a delivery, as laws."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliveries import (
    FIRST_WAIT,
    GIVEN,
    LONGEST_WAIT,
    MOVES,
    WAITING,
    Event,
    State,
    after,
    diagram,
    retry_at,
    table,
)
from digest.errors import IllegalMove

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

histories = st.lists(st.sampled_from(Event), max_size=30)


def states_along(history: list[Event], start: State = State.PLANNED) -> list[State]:
    """Every state on the way, where events that the table does not have are refused and change nothing."""
    states = [start]
    for event in history:
        try:
            states.append(after(states[-1], event))
        except IllegalMove:
            states.append(states[-1])
    return states


@given(histories)
def test_an_accepted_delivery_can_only_bounce(history: list[Event]) -> None:
    states = states_along(history, State.ACCEPTED)

    assert set(states) <= {State.ACCEPTED, State.BOUNCED}


@pytest.mark.parametrize("end", [State.UNKNOWN, State.SKIPPED, State.BOUNCED])
@given(history=histories)
def test_nothing_that_happens_reopens_a_settled_delivery(end: State, history: list[Event]) -> None:
    """A row found unknown is never asked again, whatever is said about it later."""
    assert set(states_along(history, end)) == {end}


def test_only_an_operator_reopens_a_refused_delivery() -> None:
    assert [event for state, event in MOVES if state is State.REFUSED] == [Event.TRY_AGAIN]


@given(histories)
def test_no_history_accepts_a_delivery_twice(history: list[Event]) -> None:
    states = states_along(history)
    acceptances = [
        (before, now) for before, now in pairwise(states) if now is State.ACCEPTED and before is not now
    ]

    assert len(acceptances) <= 1


@given(histories)
def test_nothing_is_accepted_that_was_not_first_recorded_as_transmitting(history: list[Event]) -> None:
    """The record comes before the effect."""
    states = states_along(history)

    if State.ACCEPTED in states:
        assert State.TRANSMITTING in states[: states.index(State.ACCEPTED)]


def test_every_state_can_be_reached_from_planned() -> None:
    reached = {State.PLANNED}
    while grown := {to for (state, _), to in MOVES.items() if state in reached} - reached:
        reached |= grown

    assert reached == set(State)


def test_every_event_leads_somewhere() -> None:
    assert {event for _, event in MOVES} == set(Event)


def test_a_loss_is_only_possible_while_transmitting() -> None:
    assert [state for state, event in MOVES if event is Event.LOST] == [State.TRANSMITTING]


def test_what_may_have_been_taken_is_not_waiting_to_be_asked_again() -> None:
    assert {state for state, event in MOVES if event is Event.BEGUN} == WAITING
    assert State.UNKNOWN not in WAITING
    assert State.TRANSMITTING not in WAITING


def test_the_next_edition_carries_all_but_the_accepted_and_the_unwanted() -> None:
    assert {State.ACCEPTED, State.BOUNCED, State.SKIPPED} == GIVEN


def test_a_move_that_the_table_lacks_names_itself() -> None:
    with pytest.raises(IllegalMove, match="delivery: nothing leads on from 'unknown' by 'begun'") as raised:
        after(State.UNKNOWN, Event.BEGUN)

    assert (raised.value.state, raised.value.event) == (State.UNKNOWN, Event.BEGUN)


def test_the_first_retries_come_soon_and_the_later_ones_every_half_hour() -> None:
    waits = [(retry_at(attempts, NOON) - NOON) // timedelta(minutes=1) for attempts in range(1, 8)]

    assert waits == [2, 4, 8, 16, 30, 30, 30]


@given(st.integers(min_value=-1, max_value=10**9), st.integers(min_value=0, max_value=10**9))
def test_a_later_attempt_never_waits_less_and_never_too_long(attempts: int, more: int) -> None:
    sooner, later = retry_at(attempts, NOON), retry_at(attempts + more, NOON)

    assert NOON + FIRST_WAIT <= sooner <= later <= NOON + LONGEST_WAIT


def test_the_diagram_in_the_docs_is_printed_from_the_table() -> None:
    page = Path(__file__).parents[2] / "docs" / "delivery.md"
    drawn = (
        page.read_text(encoding="utf-8").split("<!-- diagram:begin -->")[1].split("<!-- diagram:end -->")[0]
    )

    assert drawn.strip() == f"```mermaid\n{diagram()}\n```"


def test_the_table_in_the_docs_is_printed_from_the_table() -> None:
    page = (Path(__file__).parents[2] / "docs" / "delivery.md").read_text(encoding="utf-8")

    assert page.split("<!-- table:begin -->")[1].split("<!-- table:end -->")[0].strip() == table()
