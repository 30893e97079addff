"""Relay health: how this process found its relays, stored so that every process can show it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from digest.ports import Clock, RelayStore
from digest.relays import LastDial, RelayReport, report

log = logging.getLogger(__name__)


class RelayReporter:
    """Stores this process's reports; it is kept from run to run, and knows the last report on each relay."""

    def __init__(self, store: RelayStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._last: dict[str, RelayReport] = {}

    async def report(self, worker: str, dials: Sequence[LastDial]) -> None:
        """Store what is new. Never raises: a failure here must not stop an edition or a letter."""
        now = self._clock.now()
        news = [
            found
            for dial in dials
            if (found := report(worker, dial, self._last.get(dial.relay), now)) is not None
        ]
        if not news:
            return
        try:
            await self._store.record(news, now)
        except Exception:
            log.exception("how the relays are could not be noted")
            return
        self._last.update({one.relay: one for one in news})
