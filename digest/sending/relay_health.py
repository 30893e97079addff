"""Telling other processes how this worker found its relays: when that changes, and now and then besides."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from digest.ports import Clock, Reach, RelayStore
from digest.relays import RelayWord

log = logging.getLogger(__name__)

EVERY: Final = timedelta(minutes=1)
"""Between two words that say the same."""


class RelayNotes:
    """What this process last told of each relay; kept from run to run."""

    def __init__(self, store: RelayStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._told: dict[str, RelayWord] = {}

    async def tell(self, worker: str, found: Sequence[Reach]) -> None:
        """Store what is news. Never raises: nobody goes without an edition for want of this."""
        now = self._clock.now()
        heard = [self._word(worker, reach, now - reach.ago) for reach in found if reach.ago is not None]
        news = [word for word in heard if self._is_news(word)]
        if not news:
            return
        try:
            await self._store.note(news, now)
        except Exception:
            log.exception("how the relays are could not be noted")
            return
        self._told.update({word.relay: word for word in news})

    def _word(self, worker: str, reach: Reach, at: datetime) -> RelayWord:
        told = self._told.get(reach.relay)
        as_before = told is not None and bool(told.trouble) == bool(reach.trouble)
        since = told.since if told is not None and as_before else at
        return RelayWord(
            worker=worker, relay=reach.relay, at=at, since=since, code=reach.code, trouble=reach.trouble
        )

    def _is_news(self, word: RelayWord) -> bool:
        told = self._told.get(word.relay)
        if told is None or told.worker != word.worker:
            return True
        if word.at < told.at:
            return False  # editions and letters dial each for themselves: the later word stands
        return (told.code, told.trouble) != (word.code, word.trouble) or word.at - told.at >= EVERY
