"""Mail to operators: letters to each address in `operators.mail`.

They wait for the relay like other letters, so a relay in trouble loses none and holds nothing up.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from digest.addresses import masked
from digest.deliveries import WAITING, State
from digest.letter_kinds import TO_OPERATORS, ForOperators, OperatorCall
from digest.letters import Letter
from digest.ports import Clock, LetterStore, Sent, Trouble

log = logging.getLogger(__name__)

WAITS_FOR: Final = timedelta(days=3)
"""For so long mail to operators waits for a relay in trouble: over a weekend."""

AT_ONCE_WITHIN: Final = 30.0
"""Seconds for handing over a call that the database cannot keep."""

UNHEARD_AFTER: Final = timedelta(minutes=15)
"""Mail that has waited longer does not reach operators: then something else must."""

REMEMBERED: Final = timedelta(days=14)

MAIL: Final = "mail to operators"
"""The name of the trouble that mail to operators fails."""


class About(Protocol):
    """Makes what is said to one operator."""

    def __call__(self, *, reference: str) -> ForOperators: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorMail:
    """Writes mail to operators."""

    addresses: tuple[str, ...]  # empty: there is no mail to operators
    store: LetterStore
    clock: Clock
    reference: Callable[[str], str]  # the keyed hash of an address
    submit: Callable[[Letter], Awaitable[bool]]  # hands a letter over at once; whether the relay took it
    written: Callable[[], None] = lambda: None  # called after each letter, to send it at once
    _handed_over: set[str] = field(default_factory=set)  # keys of letters that the database did not keep

    def letters(self, about: About, now: datetime) -> tuple[Letter, ...]:
        """A letter to each operator."""
        return tuple(
            Letter(
                content=about(reference=self.reference(address)),
                address=address,
                expires_at=now + WAITS_FOR,
            )
            for address in self.addresses
        )

    async def call(self, what: str) -> bool:
        """Write that something needs a person, once a day for the same words; whether it will be sent.

        If the database takes no letters, it is handed over at once.
        """
        if not self.addresses:
            return False
        now = self.clock.now()
        occasion = f"{hashlib.sha256(what.encode()).hexdigest()[:16]} on {now.date()}"

        def about(*, reference: str) -> ForOperators:
            return OperatorCall(reference=reference, occasion=occasion, what=what)

        letters = self.letters(about, now)
        try:
            await self.store.write_all(letters, now)
        except Exception as error:  # noqa: BLE001 - the call may be about the database being away
            log.warning("mail to operators was not stored", extra={"error": type(error).__name__})
            return await self._submitted(letters)
        self.written()
        return True

    async def _submitted(self, letters: tuple[Letter, ...]) -> bool:
        try:
            async with asyncio.timeout(AT_ONCE_WITHIN):
                for letter in letters:
                    if letter.key not in self._handed_over and await self.submit(letter):
                        self._handed_over.add(letter.key)
        except Exception as error:  # noqa: BLE001 - a call raises nothing
            log.warning("mail to operators was not handed over", extra={"error": type(error).__name__})
        return any(letter.key in self._handed_over for letter in letters)


async def unheard_mail(store: LetterStore, now: datetime) -> Trouble | None:
    """Since when, and why, mail to operators fails; None if the last to each arrived or just waits."""
    last: dict[str, Sent] = {}
    for one in await store.of_kinds(TO_OPERATORS, now - REMEMBERED):
        known = last.get(one.address)
        # The oldest of those that failed or wait in a row says since when.
        if one.state is State.ACCEPTED or known is None or known.state is State.ACCEPTED:
            last[one.address] = one
    failing = [one for one in last.values() if _unheard(one, now)]
    if not failing:
        return None
    first = min(failing, key=lambda one: one.at)
    said = " ".join(str(part) for part in (first.code, first.text) if part) or "nobody sends it"
    return Trouble(name=MAIL, since=first.at, said=masked(said))


def _unheard(one: Sent, now: datetime) -> bool:
    if one.state in WAITING or one.state is State.TRANSMITTING:
        return now - one.at > UNHEARD_AFTER
    return one.state is not State.ACCEPTED
