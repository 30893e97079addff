"""Tells operators when config files are wrong while the service runs, and when they are right again.

A process that is gone can end nothing. So what is known of it lasts for `GONE_AFTER` only, and each process
says regularly that it still runs.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from digest.addresses import masked
from digest.errors import Problem, StoreError
from digest.ports import Clock, Operators, Trouble, TroubleStore
from digest.wording import counted

log = logging.getLogger(__name__)

_NAME: Final = "config files "

GONE_AFTER: Final = timedelta(minutes=10)
"""A process that has not said for so long that it runs counts as gone."""

MOST_LOGGED: Final = 20
"""So many problems stand in the log; `digest config check` tells all."""


def about_config(trouble: Trouble, now: datetime) -> str | None:
    """Where the config files are that a trouble is about; None if it is about other things or has lapsed."""
    ours = trouble.name.startswith(_NAME) and trouble.lasts(now)
    return trouble.name.removeprefix(_NAME) if ours else None


@dataclass(slots=True, kw_only=True)
class ConfigTrouble:
    """Whether the files in one place are wrong, as one process sees it.

    Processes that read the same files call operators once, all together.
    """

    where: str  # the machine and the directory
    troubles: TroubleStore
    operators: Callable[[], Operators]
    clock: Clock
    _problems: tuple[Problem, ...] = field(default=(), init=False)
    _told: Trouble | None = field(default=None, init=False)  # that lasts, with when it began

    async def wrong(self, problems: Sequence[Problem]) -> None:
        """The files are wrong. The log tells of each new problem; operators are called the first time."""
        if tuple(problems) == self._problems:
            return
        began, self._problems = not self._problems, tuple(problems)
        said = [_said(problem) for problem in problems]
        log.error(
            "the config files are wrong; the last good ones stay in force",
            extra={"problems": "; ".join(said[:MOST_LOGGED]), "more": len(said[MOST_LOGGED:]) or None},
        )
        if began:
            more = f", and {counted(len(said) - 1, 'more problem')}" if len(said) > 1 else ""
            await self._call(f"{said[0]}{more}")

    async def _call(self, said: str) -> None:
        now = self.clock.now()
        self._told = Trouble(name=_NAME + self.where, since=now, said=said, until=now + GONE_AFTER)
        try:
            ours = await self.troubles.begin(self._told)
        except StoreError:  # operators need to know all the same
            ours = True
        if ours:
            await self.operators().call(
                f"the config files are wrong, and the last good ones stay in force: {said}"
            )

    async def still(self) -> None:
        """Keep the trouble for as long as this process sees it; end those of processes that are gone."""
        now = self.clock.now()
        if self._told is not None:
            self._told = replace(self._told, until=now + GONE_AFTER)
            await self.troubles.begin(self._told)
        for gone in await self.troubles.lapse(now):
            log.info("the trouble of a process that is gone is over", extra={"trouble": gone.name})

    async def right(self) -> None:
        """The files are right. Operators are told if they were wrong before."""
        ended = await self.troubles.end(_NAME + self.where)
        if not self._problems:
            return
        self._problems, self._told = (), None
        log.info("the config files are right again")
        if ended:
            await self.operators().well("the config files are right again, and in force")


def _said(problem: Problem) -> str:
    """A problem as it may be logged and stored: no address, and nothing of a secret."""
    if problem.key == "operators.ping":
        problem = replace(problem, found="a value that is not shown")
    return masked(str(problem))
