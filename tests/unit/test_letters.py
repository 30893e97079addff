"""Which letters are still worth sending after a change of the subscription: every kind, every change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final, get_args

import pytest
from builders import an_alerted_story

from digest.edition import StoryKey
from digest.letter_kinds import (
    TO_OPERATORS,
    Alert,
    Confirm,
    ConfirmMove,
    Content,
    CoverageChanged,
    FreshLink,
    Help,
    Left,
    Moved,
    OperatorCall,
    OperatorPreview,
    OperatorWeek,
    OwnLink,
    ProofOfLife,
    QuietWeek,
    Reminder,
    Reported,
    SourcesTurned,
    Unconfirmed,
    Unreadable,
    Welcome,
)
from digest.letters import USES, Letter, wanted
from digest.subscriptions import ENDINGS, Request, Standing, Step, Subscription, Wishes

NOW = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
MINA: Final = "mina@example.org"
NEW: Final = "mina@work.example.org"

TO: Final[dict[str, Any]] = {"subscriber": 7, "generation": 2}
WEEK: Final = QuietWeek(sources=7, troubled=(), first=date(2026, 2, 28), last=date(2026, 3, 6))
OF_EACH_KIND: Final[tuple[Content, ...]] = (
    Confirm(**TO, occasion="1", code="123456"),
    Reminder(**TO, code="123456", until=NOW),
    Welcome(**TO),
    Left(**TO),
    Reported(**TO),
    Moved(**TO, asked_at=NOW, new="m\u2026@work.example.org"),
    ConfirmMove(**TO, asked_at=NOW, occasion="1", old="m\u2026@example.org"),
    FreshLink(**TO, occasion="1"),
    OwnLink(**TO, occasion="1", to="export", until=NOW),
    Unconfirmed(**TO, occasion="1"),
    Alert(**TO, about=StoryKey(item=1, place=0), story=an_alerted_story()),
    ProofOfLife(**TO, week=WEEK, narrowed=False),
    CoverageChanged(**TO, occasion="1", covered=("Ofsted",)),
    Help(reference="mina", occasion="1"),
    OperatorCall(reference="ops", occasion="1", what="sending is paused"),
    SourcesTurned(reference="ops", occasion="1", turned=()),
    OperatorWeek(
        reference="ops",
        occasion="1",
        first=date(2026, 2, 28),
        last=date(2026, 3, 6),
        sources=(),
        editions=0,
        cases=0,
        mail=0,
    ),
    OperatorPreview(reference="ops", occasion="1", day=date(2026, 3, 6), noon=NOW, hold_end=NOW, stories=()),
    Unreadable(kind="later", key="later 7", subscriber=7, generation=2, stored={"generation": 2}),
)
KINDS: Final = frozenset(type(content) for content in OF_EACH_KIND)
ALWAYS: Final = frozenset({Help, Moved, Unreadable, *TO_OPERATORS.values()})
OF_THOSE_WHO_AGREED: Final = frozenset({Welcome, FreshLink, OwnLink, ConfirmMove})
BESIDE_EDITIONS: Final = frozenset({Alert, CoverageChanged, ProofOfLife})

ACTIVE: Final = Subscription(
    subscriber=7,
    address=MINA,
    standing=Standing.ACTIVE,
    generation=2,
    wishes=Wishes(watched=("kent-pdu",), alerts=True, proof_of_life=True),
    since=NOW,
)


MOVE: Final = Request(subscriber=7, generation=2, address=NEW, code="123456", asked_at=NOW, expires_at=NOW)


def ended(step: Step) -> Subscription:
    return replace(ACTIVE, standing=Standing.ENDED, ended_reason=step, ended_at=NOW)


CHANGES: Final[dict[str, tuple[Subscription | None, frozenset[type[Content]]]]] = {
    "nothing changes": (ACTIVE, OF_THOSE_WHO_AGREED | BESIDE_EDITIONS),
    "is spelt otherwise": (
        replace(ACTIVE, address="mina@EXAMPLE.org"),
        OF_THOSE_WHO_AGREED | BESIDE_EDITIONS,
    ),
    "waits to be confirmed": (
        replace(ACTIVE, standing=Standing.PENDING),
        frozenset({Confirm, Reminder, Unconfirmed}),
    ),
    "pauses": (
        replace(ACTIVE, standing=Standing.PAUSED, paused_until=date(2026, 4, 1)),
        OF_THOSE_WHO_AGREED,
    ),
    "moves to the new address": (replace(ACTIVE, address=NEW), frozenset()),
    "moves to a third address": (
        replace(ACTIVE, address="mina@home.example.org"),
        frozenset({ConfirmMove}),
    ),
    "wants no alerts any more": (
        replace(ACTIVE, wishes=replace(ACTIVE.wishes, alerts=False)),
        OF_THOSE_WHO_AGREED | {CoverageChanged, ProofOfLife},
    ),
    "wants no sign of life any more": (
        replace(ACTIVE, wishes=replace(ACTIVE.wishes, proof_of_life=False)),
        OF_THOSE_WHO_AGREED | {Alert, CoverageChanged},
    ),
    "left and was asked again": (
        replace(ACTIVE, generation=3, standing=Standing.PENDING),
        frozenset({Left, Reported}),
    ),
    "left and came back": (replace(ACTIVE, generation=3), frozenset()),
    "left, came back and left": (replace(ended(Step.LEFT), generation=3), frozenset({Left, Reported})),
    **{
        f"ended: {step}": (
            ended(step),
            frozenset({Step.LEFT: {Left}, Step.COMPLAINED: {Reported}}.get(step, set())),
        )
        for step in sorted(ENDINGS)
    },
    "is forgotten": (None, frozenset()),
}


@pytest.mark.parametrize("content", OF_EACH_KIND, ids=lambda content: content.kind)
@pytest.mark.parametrize(("subscription", "sent"), CHANGES.values(), ids=CHANGES)
def test_a_letter_that_waited_is_sent_only_while_it_is_true_and_to_the_right_address(
    content: Content, subscription: Subscription | None, sent: frozenset[type[Content]]
) -> None:
    address = NEW if isinstance(content, ConfirmMove) else MINA
    letter = Letter(content=content, address=address, expires_at=NOW)

    assert wanted(letter, subscription, MOVE) is (type(content) in sent | ALWAYS)


def test_a_letter_to_confirm_a_move_is_not_sent_once_its_request_is_gone_or_another() -> None:
    [content] = [one for one in OF_EACH_KIND if isinstance(one, ConfirmMove)]
    letter = Letter(content=content, address=NEW, expires_at=NOW)

    assert not wanted(letter, ACTIVE)
    assert not wanted(letter, ACTIVE, replace(MOVE, asked_at=NOW.replace(year=2027)))


def test_every_kind_of_letter_has_been_thought_of() -> None:
    assert set(get_args(Content)) == KINDS == set(USES) | ALWAYS
