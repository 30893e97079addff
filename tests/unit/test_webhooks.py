"""Webhooks: posts are signed as Standard Webhooks says, and repeated until the receiver cannot be helped."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webhook_signatures import KNOWN, as_documented

from digest.subscriptions import Wishes
from digest.webhooks import (
    GIVEN_UP_AFTER,
    LEAST_TRIES,
    Answer,
    Hook,
    HookState,
    Off,
    answered,
    secrets_in,
    signed_headers,
)

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
AT_THE_PLACE = HookState(place=7, next_at=NOON)


def an_answer(status: int | None, **facts: Any) -> Answer:
    return Answer(status=status, said=f"said {status}", **facts)


def after(
    *statuses: int | None, state: HookState = AT_THE_PLACE, every: timedelta | None = None
) -> HookState:
    """The state after answers about story 8, each at the time of the next try or `every` so often."""
    now = NOON
    for status in statuses:
        state = answered(state, an_answer(status), story=8, mark="mark", now=now)
        now = now + every if every else state.next_at
    return state


# -- signatures -----------------------------------------------------------------------------------------


def test_a_signature_is_that_of_the_published_example() -> None:
    """The example is in the tests of Standard Webhooks' own libraries."""
    at = datetime.fromtimestamp(1614265330, UTC)
    secrets = secrets_in(KNOWN)
    assert secrets is not None

    assert signed_headers(secrets, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}') == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


secret = st.binary(min_size=24, max_size=64).map(lambda key: f"whsec_{base64.b64encode(key).decode()}")


@given(secret, secret, st.binary(), st.integers(1, 300))
def test_what_the_page_shows_to_receivers_knows_our_posts_and_no_others(
    own: str, other: str, body: bytes, late: int
) -> None:
    keys = secrets_in(f"{own} {other}")
    assert keys is not None
    headers = signed_headers(keys, "crm_8", NOON, body)
    is_ours = as_documented(NOON + timedelta(seconds=late))

    assert is_ours(own, headers, body)
    assert is_ours(other, headers, body)
    assert not is_ours(own, headers, body + b" ")
    assert not is_ours(own, headers | {"webhook-id": "crm_9"}, body)
    assert own == other or not is_ours(other, signed_headers(keys[:1], "crm_8", NOON, body), body)
    assert not as_documented(NOON + timedelta(seconds=301))(own, headers, body)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (KNOWN, 1),
        (f"  {KNOWN}\t{KNOWN} ", 2),
        ("", None),
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", None),
        ("whsec_MfKQ", None),
        ("whsec_?" + KNOWN[6:], None),
        (f"{KNOWN} {KNOWN} {KNOWN}", None),
        (f"{KNOWN} other", None),
    ],
)
def test_a_secret_is_one_or_two_of_the_usual_form(text: str, count: int | None) -> None:
    found = secrets_in(text)

    assert (None if found is None else len(found)) == count


def test_a_mark_changes_with_the_address_the_secrets_and_the_authority_and_tells_none() -> None:
    hook = Hook(id="crm", url="https://crm.example/a", secrets=(b"x" * 24,), wishes=Wishes())

    marks = {
        one.mark
        for one in (
            hook,
            replace(hook, url="https://crm.example/b"),
            replace(hook, secrets=(b"y" * 24,)),
            replace(hook, ca_file=Path("own.pem")),
        )
    }
    assert len(marks) == 4
    assert replace(hook, wishes=Wishes(areas=("Kent",))).mark == hook.mark


# -- rules ----------------------------------------------------------------------------------------------


def test_a_story_that_is_taken_moves_the_place_on() -> None:
    state = after(500, 204)

    assert (state.place, state.failures, state.failing_since, state.said) == (8, 0, None, "")
    assert state.taken_at == NOON + MINUTE
    assert state.next_at == state.taken_at  # the next one at once


@pytest.mark.parametrize(
    ("status", "waits"),
    [
        (None, [1, 2, 4, 8, 16, 32, 60, 60]),
        (500, [1, 2, 4, 8, 16, 32, 60, 60]),
        (429, [1, 2, 4, 8, 16, 32, 60, 60]),
        (404, [10, 20, 40, 80, 160, 320, 360, 360]),
        (302, [10, 20, 40, 80, 160, 320, 360, 360]),
    ],
)
def test_each_failure_doubles_the_wait_and_a_refusal_is_repeated_more_slowly(
    status: int | None, waits: list[int]
) -> None:
    found, state, now = [], AT_THE_PLACE, NOON
    for _ in waits:
        state = answered(state, an_answer(status), story=8, mark="mark", now=now)
        found.append((state.next_at - now) // MINUTE)
        now = state.next_at

    assert found == waits
    assert (state.place, state.failures, state.failing_since, state.off) == (7, len(waits), NOON, None)


@pytest.mark.parametrize(("status", "asked", "waits"), [(503, 2 * HOUR, 2 * HOUR), (503, MINUTE / 2, MINUTE)])
def test_a_server_that_asks_for_time_gets_it(status: int, asked: timedelta, waits: timedelta) -> None:
    state = answered(AT_THE_PLACE, an_answer(status, wait=asked), story=8, mark="mark", now=NOON)

    assert state.next_at - NOON == waits


def test_a_server_that_says_that_it_is_gone_is_turned_off_at_once() -> None:
    state = after(410)

    assert (state.off, state.off_at, state.off_mark, state.place) == (Off.GONE, NOON, "mark", 7)


def test_a_hook_that_takes_nothing_for_days_is_turned_off() -> None:
    state, now = AT_THE_PLACE, NOON
    while state.off is None:
        state = answered(state, an_answer(500), story=8, mark="mark", now=now)
        last, now = now, state.next_at

    assert (state.off, state.off_at) == (Off.FAILING, last)
    assert timedelta(0) <= last - NOON - GIVEN_UP_AFTER < HOUR


def test_a_service_that_was_away_for_days_tries_before_it_gives_up() -> None:
    state = after(*[500] * (LEAST_TRIES - 1), every=GIVEN_UP_AFTER)

    assert state.off is None
    last = answered(state, an_answer(500), story=8, mark="mark", now=state.next_at)
    assert last.off is Off.FAILING


def test_a_story_that_is_refused_for_a_day_is_left_out_and_the_next_ones_have_as_long() -> None:
    state, now = AT_THE_PLACE, NOON
    while state.place == 7:
        state = answered(state, an_answer(422), story=8, mark="mark", now=now)
        last, now = now, state.next_at
    assert DAY <= last - NOON <= DAY + 6 * HOUR
    assert (state.place, state.left_out, state.next_at, state.failing_since) == (8, 1, last, NOON)

    again = answered(state, an_answer(422), story=9, mark="mark", now=last)
    assert (again.place, again.left_out, again.held_since) == (8, 1, last)


@pytest.mark.parametrize("status", [401, 404, 500, None])
def test_what_is_no_fault_of_a_story_leaves_none_out(status: int | None) -> None:
    assert after(*[status] * 5, every=DAY / 2).place == 7
