"""All day: list the items of each source that is due, store the new ones, and have them read."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from digest.admission import MANY, MOST_HELD, Admission, Admitted, Fate, Look, admit
from digest.edition import Candidate
from digest.edits import worth_a_look
from digest.errors import StoreError
from digest.identity import Fresh, Known, news, sightings
from digest.jobs.failures import in_a_line
from digest.jobs.look_again import Looker
from digest.jobs.read import Filed, Reader
from digest.jobs.rooms import UnderWay
from digest.listing import Listed, Listing, NotAsked, NotListed, Unchanged
from digest.ports import Clock, Hosts, Lister, Store
from digest.source_specs import SourceKind
from digest.sources import (
    Authority,
    Polled,
    Source,
    Validators,
    due,
    failed,
    forgiven,
    in_shadow,
    not_asked,
    silent,
    succeeded,
    validators_for,
    with_validators,
    without_validators,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    """The result of one poll of one source."""

    source: Source
    trouble: str | None = None  # why it failed; None: it did not
    baseline: int = 0  # how many items are known from now on and never read
    held: int = 0  # how many new items wait for an operator
    listed: int = 0  # how many new items are to be read
    candidates: tuple[Candidate, ...] = ()
    parked: tuple[str, ...] = ()  # titles of items that are not tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class _NewItems:
    """The result of listing a source's items; see `Polling`."""

    trouble: str | None = None
    answered: bool = True  # False: no server answered
    baseline: int = 0
    held: int = 0
    listed: int = 0
    dated_anew: bool = False  # known entries have later dates than before


@dataclass(slots=True, kw_only=True)
class _Turn:
    """One look at all sources: those that are due, and what was remembered when it began."""

    sources: tuple[Source, ...]
    known: Mapping[str, Polled]
    silent: tuple[Polled, ...]  # not empty: our own line seems to be down, as these sources show
    waiting: frozenset[str] = frozenset()  # those of which items waited to be read when it began
    line_is_back: bool = False


async def _nobody(_: Polling) -> None:
    """Hear of a poll, and do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Poller:
    """Polls sources, with the ports and settings that it needs. Polls of several calls may go on at once."""

    sources: tuple[Source, ...]
    listers: Mapping[SourceKind, Lister]
    reader: Reader
    store: Store
    clock: Clock
    hosts: Hosts
    under_way: UnderWay = field(default_factory=UnderWay)

    async def poll(self, heard: Callable[[Polling], Awaitable[None]] = _nobody) -> tuple[Polling, ...]:
        """Poll every source that is due and is not polled already. One that fails does not affect the others.

        `heard` is called after each poll, so that nothing waits for the slowest. If our own line was down and
        a server answers again, all sources that were silent are polled as well.
        """
        turn, polls = await self._begin(heard)
        polled = await asyncio.gather(*polls)
        if turn.line_is_back:
            _, polls = await self._begin(heard)
            polled += await asyncio.gather(*polls)
        return tuple(polled)

    async def _begin(
        self, heard: Callable[[Polling], Awaitable[None]]
    ) -> tuple[_Turn, list[asyncio.Task[Polling]]]:
        if self.under_way.looking.locked():
            return _Turn(sources=(), known={}, silent=()), []  # what is due now is begun elsewhere
        async with self.under_way.looking:
            turn = await self._turn()
            polls = []
            for source in turn.sources:
                poll = asyncio.create_task(self._contained(source, turn, heard), name=f"poll {source.id}")
                self.under_way.begin(source.id, source.host, poll)
                polls.append(poll)
        return turn, polls

    async def _turn(self) -> _Turn:
        memory, now = await self.store.sources.polled(), self.clock.now()
        quiet = silent(self.sources, memory, now)
        if quiet:
            log.warning("our own line seems to be down", extra={"silent": len(quiet)})
        ready = [source for source in due(self.sources, memory, now) if source.id not in self.under_way]
        # Hosts that are asked already are claimed with the others, so that their leases do not run out.
        wanted = self.under_way.hosts | {source.host for source in ready}
        claimed = await self.hosts.claim(_pauses(self.sources, wanted)) if wanted else frozenset()
        ours = tuple(source for source in ready if source.host in claimed)
        return _Turn(
            sources=ours,
            waiting=await self.store.items.waiting([source.id for source in ours]) if ours else frozenset(),
            known={polled.source: polled for polled in memory},
            silent=quiet,
        )

    async def _contained(
        self, source: Source, turn: _Turn, heard: Callable[[Polling], Awaitable[None]]
    ) -> Polling:
        """Poll a source. Whatever it raises is its own trouble, also if that cannot be recorded."""
        try:
            polling = await self._one(source, turn)
        except Exception as error:
            log.exception("source failed", extra={"source": source.id})
            trouble = in_a_line(error)
            after = partial(failed, source, trouble=trouble, now=self.clock.now())
            await self._try_to_record(source.id, after)
            polling = Polling(source=source, trouble=trouble)
        else:
            fields = {"source": source.id, "listed": polling.listed, "trouble": polling.trouble}
            log.info("source polled", extra=fields)
        await heard(polling)
        return polling

    async def _try_to_record(self, source: str, after: Callable[[Polled | None], Polled]) -> None:
        """Record what is remembered of a source. If that fails, it is logged and nothing else."""
        try:
            await self.store.sources.record(source, after)
        except Exception:
            log.exception("what is remembered of a source was not changed", extra={"source": source})

    async def _one(self, source: Source, turn: _Turn) -> Polling:
        before, rooms = turn.known.get(source.id), self.under_way.rooms
        async with rooms.of(source.host, slow=before is not None and before.failures > 0):
            listing = await self._list(source, turn)
        filed = Filed()
        # While our own line is down, a page is not asked for: the try would count against it.
        if not turn.silent or listing.answered:
            # Pages are another matter: while one of them hangs, the host's other sources are listed.
            new = listing.listed or listing.baseline or listing.held or listing.dated_anew
            if new or source.id in turn.waiting:
                filed = await self.reader.read_waiting(source, rooms.of_pages)
            if await Looker(reader=self.reader).look_again(source, rooms.of_pages):
                filed = filed.with_more(await self.reader.read_waiting(source, rooms.of_pages))
        return Polling(
            source=source,
            trouble=listing.trouble,
            baseline=listing.baseline,
            held=listing.held,
            listed=listing.listed,
            candidates=filed.candidates,
            parked=filed.parked,
        )

    async def _heed_answer(self, turn: _Turn) -> None:
        """At the first answer after our own line was down: forget the failures of those that were silent.

        The answer itself is recorded afterwards: a crash in between only makes sources due.
        """
        if not turn.silent or turn.line_is_back:
            return
        turn.line_is_back = True
        now = self.clock.now()
        for quiet in turn.silent:
            await self._try_to_record(quiet.source, partial(forgiven, quiet.source, now=now))
        log.info("our own line is back", extra={"silent": len(turn.silent)})

    async def _list(self, source: Source, turn: _Turn) -> _NewItems:
        before, began = turn.known.get(source.id), self.clock.now()
        listing = await self.listers[source.kind].list_items(source, validators_for(source, before, began))
        now = self.clock.now()
        if _answered(listing):
            await self._heed_answer(turn)
        if source.spec.states and not in_shadow(source, before, now):
            await self._enter(source, now)
        if isinstance(listing, Listed | Unchanged):
            _tell_of_move(source, before, listing.moved_to)
        match listing:
            case Listed():
                return await self._keep(source, listing, now)
            case Unchanged(took=took, moved_to=moved_to):
                after = partial(succeeded, source, validators=None, now=now, took=took, moved_to=moved_to)
                await self.store.sources.record(source.id, after)
                return _NewItems()
            case NotAsked(reason=why, wait=left):
                skipped = partial(not_asked, source, trouble=why, now=now, wait=left)
                await self.store.sources.record(source.id, skipped)
                return _NewItems(trouble=why, answered=False)
            case NotListed(reason=why, wait=wait, answered=answered, refused=refused):
                after = partial(
                    failed,
                    source,
                    trouble=why,
                    now=now,
                    wait=wait,
                    asked_at=began,
                    answered=answered,
                    refused=refused,
                )
                await self.store.sources.record(source.id, after)
                return _NewItems(trouble=why, answered=answered)

    async def _enter(self, source: Source, now: datetime) -> None:
        """Let what the data stated in shadow enter the register and the history: its shadow is over."""
        if entered := await self.store.records.enter(source.id, now=now):
            log.info("records enter after shadow", extra={"source": source.id, "count": entered})

    async def _keep(self, source: Source, listed: Listed, now: datetime) -> _NewItems:
        """Store the new items, and say what becomes of them."""
        found = sightings(listed.items)
        lookups = frozenset[str]().union(*(one.lookups for one in found))
        fresh, known = news(found, await self.store.sources.seen(source.id, lookups))
        rows = None if listed.data is None else listed.data.snapshot.rows
        look = Look(
            source=source,
            fresh=fresh,
            known=[one.item for one in known],
            at=now,
            rows=rows,
            empty_is_all=listed.empty_is_all,
        )
        good = partial(
            succeeded,
            source,
            # Of data only once all of it is remembered: until then the next poll lists it again.
            validators=listed.validators if listed.data is None else Validators(),
            now=now,
            listed=len(listed.items) if listed.data is None else listed.data.snapshot.rows,
            took=listed.took,
            moved_to=listed.moved_to,
        )
        if len(fresh) >= MANY and await self._holds_enough(source):
            await self.store.sources.record(source.id, good)
            await self.store.sources.record(source.id, partial(without_validators, source, now=now))
            return _NewItems()
        taken = await self.store.sources.take_in(source.id, fresh, partial(admit, look, after=good), now=now)
        if taken.refused:
            for item, why in taken.refused:
                log.error("item not stored", extra={"source": source.id, "title": item.title, "trouble": why})
            await self.store.sources.record(source.id, partial(without_validators, source, now=now))
        elif listed.data is not None:
            shadow = in_shadow(source, taken.admission.polled, now)
            await self.store.records.remember(source.id, listed.data, listed.items, now=now, shadow=shadow)
            known_as = partial(with_validators, source, validators=listed.validators, now=now)
            await self.store.sources.record(source.id, known_as)
        _tell(source, taken.admission)
        _tell_of_clashes(source, fresh)
        of_pages = [one for one in known if one.item.record is None]
        await self._learn(source, of_pages, now, shadow=in_shadow(source, taken.admission.polled, now))
        return _NewItems(
            dated_anew=any(one.moved for one in of_pages),
            baseline=len(taken.admission.of(Fate.KNOWN)),
            held=len(taken.admission.of(Fate.HELD)),
            listed=taken.listed,
        )

    async def _holds_enough(self, source: Source) -> bool:
        """Whether so much of a source is held that no more is stored until an operator decides."""
        aside = (await self.store.items.set_aside()).get(source.id)
        if aside is None or aside.held < MOST_HELD:
            return False
        log.warning(
            "no more is stored of a source that is held", extra={"source": source.id, "held": aside.held}
        )
        return True

    async def _learn(self, source: Source, known: Sequence[Known], now: datetime, *, shadow: bool) -> None:
        """Store the keys under which known items are listed now as well, and what was edited of them.

        If that fails, it is logged, and the next poll tries again: new items are read all the same.
        """
        try:
            await self._store_what_is_known(source, known, now, shadow=shadow)
        except StoreError:
            raise
        except Exception:
            log.exception("what is new of known items was not stored", extra={"source": source.id})

    async def _store_what_is_known(
        self, source: Source, known: Sequence[Known], now: datetime, *, shadow: bool
    ) -> None:
        learnt = [one for one in known if one.keys]
        await self.store.sources.learn(source.id, learnt, now=now)
        for one in learnt:
            log.info("known item has new keys", extra={"source": source.id, "item": one.id, "by": one.by})
        look = worth_a_look(known) if source.authority is Authority.OFFICIAL else frozenset()
        if changed := [one for one in known if one.edited or one.id in look]:
            found = await self.store.versions.entries_edited(changed, now=now, look=look, shadow=shadow)
            for version in found:
                fields = {"source": source.id, "item": version.item}
                fields |= {"before": version.before, "title": version.now, "says": version.says}
                log.info("an entry was edited after its page was read", extra=fields)


def _pauses(sources: Iterable[Source], hosts: Collection[str]) -> dict[str, timedelta | None]:
    """The pause of each host: the longest that one of its sources sets, or None for the usual one."""
    pauses: dict[str, timedelta | None] = dict.fromkeys(hosts)
    for source in sources:
        if source.host in pauses and source.per_host is not None:
            pauses[source.host] = max(source.per_host, pauses[source.host] or timedelta(0))
    return pauses


def _tell_of_move(source: Source, before: Polled | None, moved_to: str | None) -> None:
    """Log once that a source has moved for good. Only the operator changes its address."""
    if moved_to is not None and (before is None or before.moved_to != moved_to):
        log.warning("source moved permanently: change its url", extra={"source": source.id, "to": moved_to})


def _answered(listing: Listing) -> bool:
    """Whether the source's server answered, with an error too."""
    match listing:
        case NotListed(answered=answered):
            return answered
        case NotAsked():
            return False
        case Listed() | Unchanged():
            return True


def _tell_of_clashes(source: Source, fresh: Sequence[Fresh]) -> None:
    for one in fresh:
        if one.clashes:
            fields = {"source": source.id, "title": one.item.title, "keys": ", ".join(one.clashes)}
            log.warning("a new item has an id or page of another", extra=fields)


def _tell(source: Source, admission: Admission) -> None:
    """Log which new items are no news. That a source is held, operators are told by its health."""
    if held := admission.of(Fate.HELD):
        log.warning("new items are held", extra=_sample(source, held))
    if aside := [one for one in admission.of(Fate.KNOWN) if one.why is not None]:
        log.warning("new items are no news", extra=_sample(source, aside))


def _sample(source: Source, items: Sequence[Admitted]) -> dict[str, Any]:
    first = items[0]
    return {"source": source.id, "count": len(items), "why": first.why, "title": first.fresh.item.title}
