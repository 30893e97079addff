"""Enrolment: the one place for joining, confirming, changing and leaving, by web, by mail and by operators.

Each step is taken first and its letter is written after it, under a key: whoever repeats a request that died
between the two gets the letter, and never a second one. Limits hold here, so that no way in is without them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from digest import letters
from digest.addresses import Seal, mask, problem_with, same_key
from digest.compose.headers import ascii_address
from digest.deliveries import State
from digest.errors import ComposeError, Refused
from digest.jobs.held import held
from digest.jobs.quotas import Quotas
from digest.letters import Letter
from digest.ports import Clock, Joined, Store
from digest.schedule import Timetable
from digest.subscriptions import Channel, Evidence, Request, Standing, Step, Subscription, Wishes

log = logging.getLogger(__name__)

PATIENCE: Final = timedelta(days=3)
"""How long a request waits for its confirmation."""

OWN_LINK_LASTS: Final = timedelta(hours=24)
"""How long a link is good that lets somebody do what an edition's must not."""

INVITED: Final[Mapping[str, bool]] = {"invited": True}
"""In a confirmation's content: its reader never asked for it, an operator did."""

_AGREED: Final = (Standing.ACTIVE, Standing.PAUSED)

A_WEEK: Final = timedelta(days=7)
"""How long a letter that only tells is worth sending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """Whether a subscriber's editions of a month went out."""

    planned: int
    accepted: int
    last: datetime | None  # when the relay last took one, aware, UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """`ports.Enrolling`, and what people can do once they are in."""

    store: Store
    clock: Clock
    timetable: Timetable
    quotas: Quotas
    code: Callable[[], str]  # six digits that nobody can foretell
    reference: Seal  # what stands for an address where everybody may see it
    wrote: Callable[[], None]  # a letter waits

    # -- coming ----------------------------------------------------------------------------------------

    async def join(self, address: str, wishes: Wishes, evidence: Evidence, *, network: str) -> Joined:
        if not fit(address):
            return Joined.UNFIT
        if not await self.quotas.network(network, self.clock.now()):
            return Joined.LIMITED
        known = await self.store.subscriptions.find(address)
        if known is not None and known.standing in _AGREED:
            return Joined.KNOWN if await self._fresh_link(known, evidence) else Joined.LIMITED
        return await self._ask(address, wishes, evidence)

    async def invite(self, subscriber: int) -> Joined | None:
        """Ask somebody whom an import brought whether they want to come; None where there is nobody to ask.

        One letter, however often it is called; `KNOWN` where it was written before.
        """
        now = self.clock.now()
        found = await self.store.subscriptions.get(subscriber)
        if found is None or found.standing is not Standing.PENDING:
            return None
        before = await self.store.requests.get(subscriber)
        if before is not None and before.generation == found.generation:
            if before.open(now):  # whoever wrote it may have died before its letter, which has the same key
                await self._write_confirmation(found, before, INVITED)
            return Joined.KNOWN
        if await self.store.subscriptions.suppressed(found.address) is not None:
            return Joined.SUPPRESSED
        if not fit(found.address):
            return Joined.UNFIT
        day = self.timetable.day_of(now)
        if not await self.quotas.spare(day, now) or not await self._may_write(found.address, "", now):
            return Joined.LIMITED
        await self._ask_to_confirm(found, now, INVITED)
        return Joined.ASKED

    async def confirm(self, subscriber: int, generation: int, evidence: Evidence) -> bool:
        """A link may be followed again and again (F77), and leads to one welcome (F91)."""
        now = self.clock.now()
        request = await self.store.requests.get(subscriber)
        if request is not None and request.generation == generation and request.open(now):
            try:
                taken = await self.store.subscriptions.take(
                    subscriber, generation, Step.CONFIRMED, evidence, now
                )
            except Refused:
                return False
            if taken:
                await self.store.requests.drop(subscriber)
                log.info("subscription confirmed", extra={"subscriber": subscriber})
        found = await self._standing(subscriber, generation)
        if found is None or found.standing not in _AGREED:
            return False
        await self._tell(letters.WELCOME, found, f"welcome {subscriber} {generation}")
        return True

    async def confirm_code(self, reference: str, code: str, evidence: Evidence) -> tuple[int, int] | None:
        """Confirm by the code in the letter instead of its link, for links that scanners press (F78).

        The subscriber and generation that are confirmed; None for a code that is not right.
        """
        now = self.clock.now()
        request = await self.store.requests.under(reference)
        if request is None:
            # As much work as a wrong code: its time must not tell who has asked, and so who is subscribed.
            await self.quotas.wasted(now)
            return None
        if not await self.store.requests.typed(request.subscriber, code, now):
            return None
        own = (request.subscriber, request.generation)
        return own if await self.confirm(*own, evidence) else None

    async def fresh_link(self, address: str, evidence: Evidence, *, network: str) -> Joined:
        """Send the links again to whom they belong. Nobody else gets anything, nor hears of it."""
        if not fit(address):
            return Joined.UNFIT
        if not await self.quotas.network(network, self.clock.now()):
            return Joined.LIMITED
        known = await self.store.subscriptions.find(address)
        if known is None or not known.live:
            return Joined.KNOWN
        if known.standing is Standing.PENDING:
            return await self._ask(known.address, known.wishes, evidence)
        return Joined.KNOWN if await self._fresh_link(known, evidence) else Joined.LIMITED

    # -- going -----------------------------------------------------------------------------------------

    async def leave(self, subscriber: int, generation: int, evidence: Evidence) -> bool:
        now = self.clock.now()
        left = await self.store.subscriptions.take(subscriber, generation, Step.LEFT, evidence, now)
        if left:
            await self.store.requests.drop(subscriber)
        found = await self._standing(subscriber, generation)
        if found is not None and found.ended_reason is Step.LEFT and await self._agreed(found):
            await self._tell(letters.LEFT, found, f"left {subscriber} {generation}")
        return left

    async def undo_leave(
        self, subscriber: int, generation: int, evidence: Evidence, *, network: str
    ) -> Joined | None:
        """Ask whether somebody who left by mistake, or by another's hand (F83), wants to come back.

        None where there is nothing to undo.
        """
        found = await self._standing(subscriber, generation)
        if found is None or found.ended_reason is not Step.LEFT or not found.address:
            return None
        if not await self.quotas.network(network, self.clock.now()):
            return Joined.LIMITED
        return await self._ask(found.address, found.wishes, evidence)

    async def leave_by_address(self, address: str, evidence: Evidence) -> None:
        known = await self.store.subscriptions.find(address) if fit(address) else None
        if known is not None and known.live:
            await self._fresh_link(known, evidence)

    async def erase(self, subscriber: int, generation: int, evidence: Evidence) -> bool:
        """Forget the person: what was sent and what happened stays, of nobody in particular."""
        erased = await self.store.subscriptions.take(
            subscriber, generation, Step.ERASED, evidence, self.clock.now()
        )
        if erased:
            log.info("subscriber erased", extra={"subscriber": subscriber})
        return erased

    # -- changing --------------------------------------------------------------------------------------

    async def pause(self, subscriber: int, generation: int, until: date | None, evidence: Evidence) -> bool:
        """No editions before the day `until`, or before the subscriber says so; False for a day gone by."""
        now = self.clock.now()
        if until is not None and until <= self.timetable.day_of(now):
            return False
        return await self.store.subscriptions.take(
            subscriber, generation, Step.PAUSED, evidence, now, until=until
        )

    async def resume(self, subscriber: int, generation: int, evidence: Evidence) -> bool:
        """Whether editions come again; true as well where they did before."""
        await self.store.subscriptions.take(subscriber, generation, Step.RESUMED, evidence, self.clock.now())
        found = await self._standing(subscriber, generation)
        return found is not None and found.standing is Standing.ACTIVE

    async def wish(self, subscriber: int, generation: int, wishes: Wishes, evidence: Evidence) -> bool:
        found = await self._standing(subscriber, generation)
        if found is not None and found.wishes == wishes and found.live:
            return True
        return await self.store.subscriptions.take(
            subscriber, generation, Step.WISHED, evidence, self.clock.now(), wishes=wishes
        )

    async def ask_move(
        self, subscriber: int, generation: int, address: str, evidence: Evidence, *, network: str
    ) -> Joined:
        """Ask the owner of a new address; nothing is changed before they say yes."""
        now = self.clock.now()
        found = await self._standing(subscriber, generation)
        if not fit(address) or found is None or found.standing not in _AGREED:
            return Joined.UNFIT
        if not await self.quotas.network(network, now):
            return Joined.LIMITED
        # Noted whatever we know of that address: what is held of one person must not tell who else is here.
        request = await self._move_request(found, address.strip(), now)
        await self.store.requests.put(request)
        if await self.store.subscriptions.suppressed(address) is not None:
            return Joined.SUPPRESSED
        other = await self.store.subscriptions.find(address)
        if other is not None and other.live:
            return Joined.KNOWN
        if not await self._may_write(address, "", now):
            return Joined.LIMITED
        content = {"move": number_of(request), "old": mask(found.address)}
        key = f"confirm-move {subscriber} {generation} {request.asked_at.isoformat()} {_minute(now)}"
        await self._write(letters.CONFIRM_MOVE, key, found, content, address=request.address)
        return Joined.ASKED

    async def _move_request(self, found: Subscription, address: str, now: datetime) -> Request:
        """What is asked of a new address's owner; asked again, its earlier link still holds."""
        before = await self.store.requests.get(found.subscriber)
        if (
            before is not None
            and before.generation == found.generation
            and before.open(now)
            and same_key(before.address) == same_key(address)
        ):
            return replace(before, address=address, expires_at=now + PATIENCE)
        return Request(
            subscriber=found.subscriber,
            generation=found.generation,
            address=address,
            code=self.code(),
            # Its second is the request's number: a link must not confirm what was asked for after it.
            asked_at=max(now, before.asked_at + timedelta(seconds=1)) if before else now,
            expires_at=now + PATIENCE,
        )

    async def confirm_move(self, subscriber: int, number: int, evidence: Evidence) -> bool:
        """Change the address, and tell the old one; `number` is of the request that is confirmed."""
        now = self.clock.now()
        request = await self.store.requests.get(subscriber)
        before = await self.store.subscriptions.get(subscriber)
        if request is None or before is None or number_of(request) != number or not request.open(now):
            return False
        if same_key(before.address) == same_key(request.address):
            return before.live  # it was done before
        try:
            moved = await self.store.subscriptions.take(
                subscriber, request.generation, Step.MOVED, evidence, now, address=request.address
            )
        except Refused:
            return False
        if moved:
            log.info("subscription moved", extra={"subscriber": subscriber})
            key = f"moved {subscriber} {request.generation} {request.asked_at.isoformat()}"
            content = {"new": mask(request.address)}
            await self._write(letters.MOVED, key, before, content, address=before.address)
        return moved

    # -- what only the owner may -----------------------------------------------------------------------

    async def ask_owner(self, subscriber: int, generation: int, what: str, *, network: str) -> Joined:
        """Write the address's owner a link to do `what`: an edition's may be in anybody's hands (F83)."""
        now = self.clock.now()
        found = await self._standing(subscriber, generation)
        if found is None or found.standing not in _AGREED:
            return Joined.UNFIT
        if await self.store.subscriptions.suppressed(found.address) is not None:
            return Joined.SUPPRESSED
        if not await self._may_write(found.address, network, now):
            return Joined.LIMITED
        until = now + OWN_LINK_LASTS
        key = f"own-link {what} {subscriber} {generation} {_minute(now)}"
        content = {"to": what, "until": until.isoformat()}
        await self._write(letters.OWN_LINK, key, found, content, lasts=OWN_LINK_LASTS)
        return Joined.ASKED

    async def owner(self, subscriber: int, generation: int, until: datetime) -> Subscription | None:
        """Whose link it is that is good until an instant; None where it opens nothing any more."""
        found = await self._standing(subscriber, generation)
        if found is None or found.standing not in _AGREED or self.clock.now() >= until:
            return None
        # It went to the address of then: once that has changed, whoever reads there is somebody else.
        history = await self.store.subscriptions.history(subscriber)
        moved = (t.at for t in history if t.step is Step.MOVED and t.generation == generation)
        return None if any(at > until - OWN_LINK_LASTS for at in moved) else found

    # -- telling ---------------------------------------------------------------------------------------

    async def help(self, address: str, evidence: Evidence) -> None:
        now = self.clock.now()
        if not fit(address) or await self.store.subscriptions.suppressed(address):
            return
        if await self._may_write(address, "", now):
            key = f"help {self.reference(address)} {now.isoformat()}"
            await self._write(letters.HELP, key, None, _answering(evidence), address=address.strip())

    async def receipts(self, subscriber: int, today: date) -> Receipts:
        found = await self.store.deliveries.receipts(subscriber, today.replace(day=1))
        wanted = [one for one in found if one.state is not State.SKIPPED]
        accepted = [one for one in wanted if one.state is State.ACCEPTED]
        last = max((one.at for one in accepted if one.at is not None), default=None)
        return Receipts(planned=len(wanted), accepted=len(accepted), last=last)

    async def export(self, subscriber: int, generation: int) -> dict[str, Any] | None:
        """Everything held about a person, as JSON holds it; None for a subscription of another generation."""
        found = await self._standing(subscriber, generation)
        return None if found is None else await held(found, self.store)

    # -- within ----------------------------------------------------------------------------------------

    async def _standing(self, subscriber: int, generation: int) -> Subscription | None:
        found = await self.store.subscriptions.get(subscriber)
        return found if found is not None and found.generation == generation else None

    async def _agreed(self, found: Subscription) -> bool:
        """Whether it was ever confirmed: else it may have been somebody else who asked."""
        history = await self.store.subscriptions.history(found.subscriber)
        return any(t.step is Step.CONFIRMED and t.generation == found.generation for t in history)

    async def _may_write(self, address: str, network: str, now: datetime) -> bool:
        day = self.timetable.day_of(now)
        return await self.quotas.network(network, now) and await self.quotas.letter(address, day, now)

    async def _ask(self, address: str, wishes: Wishes, evidence: Evidence) -> Joined:
        """Write the confirmation; one letter to whoever presses twice (F91)."""
        now = self.clock.now()
        if await self.store.subscriptions.suppressed(address) is not None:
            return Joined.SUPPRESSED
        if not await self._may_write(address, "", now):
            return Joined.LIMITED
        try:
            found = await self.store.subscriptions.ask(address, wishes, evidence, now)
        except Refused:
            return Joined.SUPPRESSED
        await self._ask_to_confirm(found, now, _answering(evidence))
        return Joined.ASKED

    async def _ask_to_confirm(self, found: Subscription, now: datetime, content: Mapping[str, bool]) -> None:
        request = Request(
            subscriber=found.subscriber,
            generation=found.generation,
            address=found.address,
            code=self.code(),
            asked_at=now,
            expires_at=now + PATIENCE,
            reference=self.reference(found.address),
        )
        await self._write_confirmation(found, await self.store.requests.renew(request), content)

    async def _write_confirmation(
        self, found: Subscription, request: Request, content: Mapping[str, bool]
    ) -> None:
        key = f"confirm {found.subscriber} {found.generation} {request.asked_at.isoformat()}"
        await self._write(letters.CONFIRM, key, found, {"code": request.code, **content}, lasts=PATIENCE)

    async def _fresh_link(self, known: Subscription, evidence: Evidence) -> bool:
        now = self.clock.now()
        if await self.store.subscriptions.suppressed(known.address) is not None:
            return False
        if not await self._may_write(known.address, "", now):
            return False
        key = f"fresh-link {known.subscriber} {known.generation} {_minute(now)}"
        await self._write(letters.FRESH_LINK, key, known, _answering(evidence))
        return True

    async def _tell(self, kind: str, to: Subscription, key: str) -> None:
        """A letter that goes out once, to somebody who has just acted."""
        if to.address:
            await self._write(kind, key, to, {})

    async def _write(
        self,
        kind: str,
        key: str,
        to: Subscription | None,
        content: Mapping[str, Any],
        *,
        address: str | None = None,
        lasts: timedelta = A_WEEK,
    ) -> None:
        now = self.clock.now()
        own = {"generation": to.generation} if to is not None else {}
        letter = Letter(
            key=key,
            kind=kind,
            subscriber=to.subscriber if to is not None else None,
            address=address or (to.address if to is not None else ""),
            content={**own, **content},
            expires_at=now + lasts,
        )
        if await self.store.letters.write(letter, now):
            self.wrote()


def fit(address: str) -> bool:
    """Whether an address can be written to, as far as its spelling tells."""
    try:
        ascii_address(address.strip())
    except ComposeError:
        return False
    return problem_with(address) is None


def _minute(now: datetime) -> str:
    """In a letter's key: whoever presses a button twice gets one letter."""
    return f"{now:%Y-%m-%dT%H:%M}"


def number_of(request: Request) -> int:
    """What a link that confirms a change of address names the request by."""
    return int(request.asked_at.timestamp())


def _answering(evidence: Evidence) -> dict[str, bool]:
    """Whether a letter answers one of theirs: then no machine may answer it in turn (RFC 3834)."""
    return {"answer": True} if evidence.channel is Channel.MAIL else {}
