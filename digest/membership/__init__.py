"""Joining, confirming, changing and leaving: by web, by mail and by operators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digest.membership.address_change import AddressChanges
from digest.membership.coverage import CoverageLetters, Covering
from digest.membership.enrolment import Enrolment
from digest.membership.intake import Intake
from digest.membership.letters import Confirmations, LetterWriter, OwnerLinks
from digest.membership.limits import Limits
from digest.membership.reminders import Reminders
from digest.ports import Clock, CountStore, Quota, Store
from digest.ratings import Inspectorates
from digest.schedule import Timetable
from digest.sources import Source
from digest.tokens import Seal

__all__ = ["Membership", "membership"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """What people can do about their own subscription, on one store and within one set of limits."""

    enrolment: Enrolment
    address_changes: AddressChanges
    owner_links: OwnerLinks
    reminders: Reminders
    covering: Covering
    coverage_letters: CoverageLetters
    intake: Intake


@dataclass(frozen=True, slots=True)
class _StandingClock:
    """A clock that stands still."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@dataclass(frozen=True, slots=True)
class _WiderLimits:
    """Counts in the same rows, with every limit so much wider: earlier tries may have counted as often."""

    counts: CountStore
    by: int

    async def add(self, scope: str, since: datetime) -> int:
        return await self.counts.add(scope, since)

    async def count_within(self, quotas: Sequence[Quota]) -> int | None:
        wider = [
            replace(one, most=tuple((since, most + self.by) for since, most in one.most)) for one in quotas
        ]
        return await self.counts.count_within(wider)

    async def uncount(self, quotas: Sequence[Quota]) -> None:
        await self.counts.uncount(quotas)

    async def forget(self, scope: str) -> None:
        await self.counts.forget(scope)

    async def total(self, scope: str, since: datetime, until: datetime | None = None) -> int:
        return await self.counts.total(scope, since, until)


def membership(
    *,
    store: Store,
    clock: Clock,
    timetable: Timetable,
    limits: Limits,
    inspectorates: Inspectorates,
    sources: tuple[Source, ...],
    new_code: Callable[[], str],
    reference: Seal,
    letter_written: Callable[[], None] = lambda: None,
    request_kept: Callable[[], None] = lambda: None,
    reminds: bool = True,
) -> Membership:
    """Everything built on the same ports.

    `sources` are those that are switched on; `new_code` gives six digits that nobody can guess; `reference`
    gives the keyed hash that stands for an address in public; `letter_written` is called after each letter,
    and `request_kept` after each request of a page; `reminds` says whether people who do not confirm within a
    day are reminded once.
    """

    def as_of(instant: datetime, wider: int) -> Membership:
        return membership(
            store=store,
            clock=_StandingClock(instant),
            timetable=timetable,
            limits=replace(limits, counts=_WiderLimits(limits.counts, wider)) if wider else limits,
            inspectorates=inspectorates,
            sources=sources,
            new_code=new_code,
            reference=reference,
            letter_written=letter_written,
            reminds=reminds,
        )

    covering = Covering(inspectorates=inspectorates, sources=sources, store=store, clock=clock)
    letters = LetterWriter(
        store=store, clock=clock, timetable=timetable, limits=limits, letter_written=letter_written
    )
    confirmations = Confirmations(
        store=store,
        clock=clock,
        letters=letters,
        new_code=new_code,
        reference=reference,
        gap=covering.gap,
        reminds=reminds,
    )
    return Membership(
        enrolment=Enrolment(
            store=store,
            clock=clock,
            timetable=timetable,
            limits=limits,
            letters=letters,
            confirmations=confirmations,
            covering=covering,
            reference=reference,
        ),
        address_changes=AddressChanges(
            store=store, clock=clock, limits=limits, letters=letters, new_code=new_code
        ),
        owner_links=OwnerLinks(store=store, clock=clock, letters=letters),
        reminders=Reminders(
            store=store, clock=clock, timetable=timetable, letters=letters, switched_on=reminds
        ),
        covering=covering,
        coverage_letters=CoverageLetters(covering=covering, store=store, clock=clock, letters=letters),
        intake=Intake(
            store=store,
            clock=clock,
            as_of=as_of,
            limits=limits,
            day_of=timetable.day_of,
            request_kept=request_kept,
        ),
    )
