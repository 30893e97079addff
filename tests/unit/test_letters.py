"""Which letter is still worth sending once its subscription has changed: every kind, every change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final

import pytest

from digest import letters
from digest.letters import Letter, wanted
from digest.subscriptions import ENDINGS, Standing, Step, Subscription, Wishes

NOW = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
MINA: Final = "mina@example.org"
NEW: Final = "mina@work.example.org"

KINDS: Final = frozenset(
    {
        letters.CONFIRM,
        letters.REMINDER,
        letters.WELCOME,
        letters.LEFT,
        letters.MOVED,
        letters.CONFIRM_MOVE,
        letters.FRESH_LINK,
        letters.OWN_LINK,
        letters.UNCONFIRMED,
        letters.HELP,
        letters.ALERT,
        letters.PROOF_OF_LIFE,
    }
)
ALWAYS: Final = frozenset({letters.HELP, letters.MOVED})
OF_THOSE_WHO_AGREED: Final = frozenset(
    {letters.WELCOME, letters.FRESH_LINK, letters.OWN_LINK, letters.CONFIRM_MOVE}
)
BESIDE_EDITIONS: Final = frozenset({letters.ALERT, letters.PROOF_OF_LIFE})

ACTIVE: Final = Subscription(
    subscriber=7,
    address=MINA,
    standing=Standing.ACTIVE,
    generation=2,
    wishes=Wishes(watched=("kent-pdu",), alerts=True, proof_of_life=True),
    since=NOW,
)


def ended(step: Step) -> Subscription:
    return replace(ACTIVE, standing=Standing.ENDED, ended_reason=step, ended_at=NOW)


CHANGES: Final[dict[str, tuple[Subscription | None, frozenset[str]]]] = {
    "nothing changes": (ACTIVE, OF_THOSE_WHO_AGREED | BESIDE_EDITIONS),
    "is spelt otherwise": (
        replace(ACTIVE, address="mina@EXAMPLE.org"),
        OF_THOSE_WHO_AGREED | BESIDE_EDITIONS,
    ),
    "waits to be confirmed": (
        replace(ACTIVE, standing=Standing.PENDING),
        frozenset({letters.CONFIRM, letters.REMINDER, letters.UNCONFIRMED}),
    ),
    "pauses": (
        replace(ACTIVE, standing=Standing.PAUSED, paused_until=date(2026, 4, 1)),
        OF_THOSE_WHO_AGREED,
    ),
    "moves to the new address": (replace(ACTIVE, address=NEW), frozenset()),
    "moves to a third address": (
        replace(ACTIVE, address="mina@home.example.org"),
        frozenset({letters.CONFIRM_MOVE}),
    ),
    "wants no alerts any more": (
        replace(ACTIVE, wishes=replace(ACTIVE.wishes, alerts=False)),
        OF_THOSE_WHO_AGREED | {letters.PROOF_OF_LIFE},
    ),
    "wants no sign of life any more": (
        replace(ACTIVE, wishes=replace(ACTIVE.wishes, proof_of_life=False)),
        OF_THOSE_WHO_AGREED | {letters.ALERT},
    ),
    "left and was asked anew": (replace(ACTIVE, generation=3, standing=Standing.PENDING), frozenset()),
    "left and came back": (replace(ACTIVE, generation=3), frozenset()),
    "left, came back and left": (replace(ended(Step.LEFT), generation=3), frozenset()),
    **{
        f"ended: {step}": (ended(step), frozenset({letters.LEFT} if step is Step.LEFT else ()))
        for step in sorted(ENDINGS)
    },
    "is forgotten": (None, frozenset()),
}


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize(("subscription", "sent"), CHANGES.values(), ids=CHANGES)
def test_a_letter_that_waited_goes_out_only_while_it_is_true_and_to_whom_it_belongs(
    kind: str, subscription: Subscription | None, sent: frozenset[str]
) -> None:
    letter = Letter(
        key="k",
        kind=kind,
        subscriber=7,
        address=NEW if kind == letters.CONFIRM_MOVE else MINA,
        content={"generation": 2},
        expires_at=NOW,
    )

    assert wanted(letter, subscription) is (kind in sent | ALWAYS)


def test_a_letter_to_somebody_we_hold_nothing_of_is_always_of_use() -> None:
    letter = Letter(key="k", kind=letters.HELP, subscriber=None, address=MINA, content={}, expires_at=NOW)

    assert wanted(letter, None)


def test_every_kind_of_letter_has_been_thought_of() -> None:
    named = {value for name, value in vars(letters).items() if name.isupper() and isinstance(value, str)}

    assert named - {letters.ANSWER} == KINDS == set(letters.USES) | ALWAYS
