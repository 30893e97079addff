"""Every few minutes: look at the health of all sources, and tell operators of what has turned, once."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from digest.health import OUR_LINE, Health, Turn, Watched, looked, to_tell, told
from digest.jobs.channels import Channels
from digest.jobs.standings import Standing, standings
from digest.letter_kinds import ForOperators, SourcesTurned, TurnedSource
from digest.letters import Letter
from digest.ports import Clock, Store
from digest.sending.operator_mail import MAIL
from digest.sources import Source, silent
from digest.wording import counted

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceWatch:
    """Looks at sources, with the ports and settings that it needs. Any number of processes may look."""

    sources: tuple[Source, ...]
    silences: frozenset[date]
    zone: ZoneInfo
    store: Store
    clock: Clock
    operators: Channels

    async def look(self) -> None:
        """Look once. What is told is stored in the transaction that tells it."""
        now = self.clock.now()
        found = {one.source.id: one for one in await standings(self.sources, self.store, now, self.silences)}
        memory = [one.polled for one in found.values() if one.polled is not None]
        down = bool(silent(self.sources, memory, now))
        hosts = {source.id: urlsplit(source.url).hostname for source in self.sources}
        turns: tuple[Turn, ...] = ()

        def decide(known: Mapping[str, Watched]) -> tuple[Collection[Watched], Sequence[Letter]]:
            nonlocal turns
            after = _looked(known, found, now, down=down)
            turns = to_tell(tuple(after.values()), hosts, now)
            for turn in turns:
                after[turn.source] = told(after[turn.source], now)
            return tuple(after.values()), self._letters(turns, found, now)

        await self.store.known_health.change([OUR_LINE, *found], decide, now)
        if turns:
            await self._tell(turns, found)

    def _letters(
        self, turns: Sequence[Turn], found: Mapping[str, Standing], now: datetime
    ) -> tuple[Letter, ...]:
        if not turns:
            return ()
        turned = tuple(self._turned(turn, found.get(turn.source)) for turn in turns)

        def about(*, reference: str) -> ForOperators:
            return SourcesTurned(reference=reference, occasion=now.isoformat(), turned=turned)

        return self.operators.mail.letters(about, now)

    def _turned(self, turn: Turn, standing: Standing | None) -> TurnedSource:
        checked_at = standing.facts.checked_at if standing else None
        return TurnedSource(
            name=standing.source.name if standing else "",
            source=turn.source,
            before=turn.before,
            now=turn.now,
            since=turn.since.astimezone(self.zone),
            checked_at=checked_at.astimezone(self.zone) if checked_at else None,
            why=standing.facts.trouble if standing else None,
            count=standing.facts.held if standing else 0,
        )

    async def _tell(self, turns: Sequence[Turn], found: Mapping[str, Standing]) -> None:
        """Log each turn and have the letters sent; ping if something is worse.

        A ping that all is well is the edition's alone: who waits for it would miss that the edition's own
        does not come.
        """
        self.operators.mail.written()
        for turn in turns:
            fields = {"source": turn.source, "before": turn.before.value, "now": turn.now.value}
            log.warning("a source has turned", extra=fields)
        if worse := [turn for turn in turns if not turn.healed]:
            await self.operators.send(said_of(worse, found), without=MAIL)


def _looked(
    known: Mapping[str, Watched], found: Mapping[str, Standing], now: datetime, *, down: bool
) -> dict[str, Watched]:
    """What is known after a look. While our own line is down, nothing is learnt of any source."""
    after = dict(known)
    after[OUR_LINE] = looked(known[OUR_LINE], Health.FAILING if down else Health.OK, now, now)
    if not down:
        for id, one in found.items():
            asked_at = one.polled.asked_at if one.polled else None
            after[id] = looked(known[id], one.health, asked_at, now)
    return after


def said_of(turns: Sequence[Turn], found: Mapping[str, Standing]) -> str:
    """What a ping says of turns for the worse."""
    if any(turn.source == OUR_LINE for turn in turns):
        return "no source answers: our own line seems to be down"
    parts = []
    for turn in turns:
        standing = found[turn.source]
        why = f" ({standing.facts.trouble})" if standing.facts.trouble else ""
        parts.append(f"{standing.source.name} is {turn.now} since {turn.since:%a %d %b %H:%M} UTC{why}")
    return f"{counted(len(turns), 'source needs', 'sources need')} you: {'; '.join(parts)}"
