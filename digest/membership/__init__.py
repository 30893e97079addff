"""Joining, confirming, changing and leaving: by web, by mail and by operators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from digest.membership.address_change import AddressChanges
from digest.membership.enrolment import Enrolment
from digest.membership.letters import Confirmations, LetterWriter, OwnerLinks
from digest.membership.limits import Limits
from digest.membership.reminders import Reminders
from digest.ports import Clock, Store
from digest.schedule import Timetable
from digest.tokens import Seal

__all__ = ["Membership", "membership"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """What people can do about their own subscription, on one store and within one set of limits."""

    enrolment: Enrolment
    address_changes: AddressChanges
    owner_links: OwnerLinks
    reminders: Reminders


def membership(
    *,
    store: Store,
    clock: Clock,
    timetable: Timetable,
    limits: Limits,
    new_code: Callable[[], str],
    reference: Seal,
    letter_written: Callable[[], None] = lambda: None,
    reminds: bool = True,
) -> Membership:
    """Everything built on the same ports.

    `new_code` gives six digits that nobody can guess; `reference` gives the keyed hash that stands for an
    address in public; `letter_written` is called after each letter; `reminds` says whether who does not
    confirm within a day is reminded once.
    """
    letters = LetterWriter(
        store=store, clock=clock, timetable=timetable, limits=limits, letter_written=letter_written
    )
    confirmations = Confirmations(
        store=store, clock=clock, letters=letters, new_code=new_code, reference=reference, reminds=reminds
    )
    return Membership(
        enrolment=Enrolment(
            store=store,
            clock=clock,
            timetable=timetable,
            limits=limits,
            letters=letters,
            confirmations=confirmations,
            reference=reference,
        ),
        address_changes=AddressChanges(
            store=store, clock=clock, limits=limits, letters=letters, new_code=new_code
        ),
        owner_links=OwnerLinks(store=store, clock=clock, limits=limits, letters=letters),
        reminders=Reminders(
            store=store, clock=clock, timetable=timetable, limits=limits, letters=letters, switched_on=reminds
        ),
    )
