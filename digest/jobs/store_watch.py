"""Watches the database: operators are called once when it stops taking writes, or was copied back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from digest.errors import StateReplaced
from digest.ports import Clock

log = logging.getLogger(__name__)

EVERY: Final = 30.0
"""Seconds between two looks."""

CALL_AFTER: Final = timedelta(minutes=5)
"""How long trouble other than a lost file lasts before operators are called."""


@dataclass(slots=True, kw_only=True)
class StoreWatch:
    """One for each process: each may have the database's file open, or not reach its server."""

    write: Callable[[], Awaitable[None]]  # raises if the database takes no writes
    reconcile: Callable[[], Awaitable[str | None]]  # what operators are told of the record of endings
    call: Callable[[str], Awaitable[bool]]  # calls operators; whether the call was received
    clock: Clock
    untold: str | None = None  # of the record, what operators have not been told yet
    _since: datetime | None = field(default=None, init=False)  # when the trouble began
    _told: bool = field(default=False, init=False)

    async def run(self) -> None:
        """Look regularly, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """Try to write. A call that nobody receives is made again at the next look."""
        try:
            await self.write()
            self.untold = await self.reconcile() or self.untold
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing is written
            await self._note(error)
            return
        if self._since is not None:
            log.info("the database takes writes again", extra={"since": self._since.isoformat()})
        self._since, self._told = None, False
        if self.untold is not None and await self.call(self.untold):
            self.untold = None

    async def _note(self, error: Exception) -> None:
        now = self.clock.now()
        self._since = min(self._since or now, now)
        urgent = isinstance(error, StateReplaced) or now - self._since >= CALL_AFTER
        if urgent and not self._told:
            self._told = await self.call(
                f"the database takes no writes, so nothing is sent or taken in: {error}"
            )
