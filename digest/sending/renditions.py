"""Renditions: the day's edition as everybody with the same wishes reads it, made once for all of them."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Final, Protocol

from digest.compose import Rendition
from digest.edition import Edition
from digest.errors import ComposeError
from digest.ports import EditionStore
from digest.providers import Register
from digest.subscriptions import Wishes
from digest.wishes import address

log = logging.getLogger(__name__)

KEPT: Final = 200
"""At a time; batches are planned by wishes, so that one after another needs the same."""


class Render(Protocol):
    """An edition as everybody with the same wishes reads it."""

    def __call__(self, edition: Edition, wishes: Wishes, register: Register) -> Rendition: ...


class Renditions:
    """Those of one run."""

    def __init__(self, edition: Edition, register: Register, editions: EditionStore, render: Render) -> None:
        self._edition = edition
        self._register = register
        self._editions = editions
        self._render = render
        self._made: OrderedDict[tuple[Wishes, tuple[date, ...]], Rendition | Exception | None] = OrderedDict()
        self._missed: dict[date, Edition | None] = {}

    async def of(self, wishes: Wishes, missed: tuple[date, ...]) -> Rendition | None:
        """For these wishes, with the stories of the days that were missed; None if nothing is wished for.

        `ComposeError` where rendering failed: once for all who would read the same, for a template that fails
        for one of them fails for a million. What reading the missed editions raises is none of that.
        """
        key = (_read_by(wishes), missed)
        if key not in self._made:
            editions = [edition for day in missed if (edition := await self._sealed(day)) is not None]
            try:
                self._made[key] = await self._rendered(key[0], editions)
            except Exception as error:
                log.exception("composing failed", extra={"edition": self._edition.day.isoformat()})
                self._made[key] = error
            if len(self._made) > KEPT:
                self._made.popitem(last=False)
        made = self._made[key]
        if isinstance(made, Exception):
            raise ComposeError(f"{type(made).__name__}: {made}")
        return made

    async def _rendered(self, wishes: Wishes, missed: Sequence[Edition]) -> Rendition | None:
        own = address(self._edition, missed, wishes, self._register)
        if own is None:
            return None
        # Templates take their milliseconds: the connections go on meanwhile.
        return await asyncio.to_thread(self._render, own, wishes, self._register)

    async def _sealed(self, day: date) -> Edition | None:
        if day not in self._missed:
            self._missed[day] = await self._editions.sealed(day)
        return self._missed[day]


@lru_cache(maxsize=KEPT)
def _read_by(wishes: Wishes) -> Wishes:
    return wishes.of_editions
