"""What we cover at present, and the letters that tell readers when that changes for them.

A reader is told what differs from what they know, whatever has brought it: another source, an edit of the
files, a register with other kinds, or an operator who changed their wishes.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from digest.coverage import Coverage, coverage_of
from digest.letter_kinds import CoverageChanged
from digest.letters import Letter
from digest.membership.letters import EXPIRES_AFTER, LetterWriter
from digest.membership.limits import Share
from digest.ports import Clock, GapReader, Joined, Store
from digest.providers import Register
from digest.ratings import Inspectorates
from digest.sources import Source
from digest.subscriptions import Wishes
from digest.wishes import Gap, Uncovered, Wish, gap_in, names_of, uncovered, wishes_named

log = logging.getLogger(__name__)

SETTLED_AFTER: Final = timedelta(hours=1)
"""How long other inspectorates must be covered before readers are told: a slip in the files tells nobody."""

AGAIN_AFTER: Final = timedelta(days=1)
"""How often readers' wishes are compared with the coverage if that has not changed."""

BATCH: Final = 1000
"""Subscribers read at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Covering:
    """Knows what we cover."""

    inspectorates: Inspectorates
    sources: tuple[Source, ...]  # that are switched on
    store: Store
    clock: Clock

    async def now(self) -> Coverage:
        return coverage_of(
            self.inspectorates, self.sources, await self.store.sources.polled(), self.clock.now()
        )

    async def wishes_named(self, words: str) -> Wishes | Gap | None:
        """The wishes for names in a mail address, as in `wishes.wishes_named`."""
        return wishes_named(words, await self.store.providers.register(), await self.now())

    async def gap(self, wishes: Wishes) -> Gap:
        """What of these wishes nothing that we read can answer."""
        return gap_in(wishes, await self.now(), await self.store.providers.register())


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageLetters:
    """Tells readers, within limits; any number of processes may do so at once."""

    covering: Covering
    store: Store
    clock: Clock
    letters: LetterWriter

    async def write_due(self) -> int:
        """Write the letters that are due; how many."""
        now, coverage = self.clock.now(), await self.covering.now()
        last = await self.store.gaps.look(coverage.mark, now)
        told_lately = last.told_at is not None and last.told_at <= now < last.told_at + AGAIN_AFTER
        if told_lately or not last.since + SETTLED_AFTER <= now:
            return 0
        outcomes = await self._tell_all(coverage, now)
        limited = outcomes[Joined.LIMITED] > 0
        await self.store.gaps.told(coverage.mark, now - AGAIN_AFTER + SETTLED_AFTER if limited else now)
        if written := outcomes[Joined.ASKED]:
            log.info("told what is covered", extra={"letters": written})
        return written

    async def _tell_all(self, coverage: Coverage, now: datetime) -> Counter[Joined]:
        """Tell each reader what differs from what they know. Those at a limit are told later."""
        register = await self.store.providers.register()
        gaps: dict[Wishes, Gap] = {}
        outcomes: Counter[Joined] = Counter()
        after = 0
        while found := await self.store.gaps.readers(after=after, limit=BATCH):
            for reader in found:
                own = reader.wishes.of_editions
                gap = gaps.get(own) or gaps.setdefault(own, gap_in(own, coverage, register))
                if gap.keys == reader.known:
                    continue
                outcome = await self._tell(reader, gap, coverage, register, now)
                outcomes[outcome] += 1
                if outcome is Joined.LIMITED and not await self.letters.left(Share.INVITATIONS):
                    return outcomes
            after = found[-1].subscriber
        return outcomes

    async def _tell(
        self, reader: GapReader, gap: Gap, coverage: Coverage, register: Register, now: datetime
    ) -> Joined:
        if await self.store.subscriptions.suppressed(reader.address) is not None:
            return Joined.SUPPRESSED
        changed = CoverageChanged(
            subscriber=reader.subscriber,
            generation=reader.generation,
            occasion=self.letters.today(),
            uncovered=names_of(part for part in gap.parts if part.key not in reader.known),
            covered=_covered_again(reader, gap, coverage, register),
            silent=gap.whole,
        )
        if not (changed.uncovered or changed.covered):  # they have given up what was not covered
            await self.store.gaps.note(reader.subscriber, reader.generation, gap.keys)
            return Joined.KNOWN
        charge = self.letters.charge(reader.address, Share.INVITATIONS, agreed=True)
        if not await self.letters.limits.count(charge):
            return Joined.LIMITED
        letter = Letter(content=changed, address=reader.address, expires_at=now + EXPIRES_AFTER)
        async with self.letters.counted(charge):
            if await self.store.gaps.tell(letter, gap.keys, now):
                self.letters.letter_written()
                return Joined.ASKED
            await self.letters.limits.uncount(charge)
        return Joined.LIMITED  # told today already, and something else has changed since


def _covered_again(reader: GapReader, gap: Gap, coverage: Coverage, register: Register) -> tuple[str, ...]:
    """The names of what they still wish for, and know as not covered, and that is covered now."""
    wished = _parts(reader.wishes, coverage, register)
    again = [part for part in wished if part.key in reader.known - gap.keys]
    if any(part.wish is Wish.EVERYTHING for part in again):
        return tuple(coverage.offered.values()) or tuple(one.name for one in coverage.of_several)
    return names_of(again)


def _parts(wishes: Wishes, coverage: Coverage, register: Register) -> list[Uncovered]:
    """Each name in the wishes, and everything, in the form in which a reader is told of them."""
    named = (
        (Wish.EVERYTHING, ("",)),
        (Wish.INSPECTORATE, wishes.inspectorates),
        (Wish.KIND, wishes.kinds),
        (Wish.PROVIDER, wishes.providers),
        (Wish.WATCHED, wishes.watched),
    )
    return [uncovered(wish, id, coverage, register) for wish, ids in named for id in ids]
