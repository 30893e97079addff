"""Pings a monitoring service, which calls an operator when a ping reports trouble or when pings stop.

A POST to its address says that all is well. A POST to the address followed by "/fail" says that a person is
needed, and its body is the reason. Healthchecks and similar services work this way.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final

import aiohttp
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

log = logging.getLogger(__name__)

_PATIENCE: Final = aiohttp.ClientTimeout(total=10)
_TRIES: Final = 3


class Ping:
    """`ports.Operators` over HTTP."""

    def __init__(self, url: str, note: Callable[[str | None], Awaitable[object]] | None = None) -> None:
        """`note` is called after each ping: with the reason if it was not heard, otherwise with None."""
        self._url = url.rstrip("/")
        self._note = note

    async def well(self, what: str) -> bool:
        return await self._post("", what)

    async def call(self, what: str) -> bool:
        return await self._post("/fail", what)

    async def _post(self, behind: str, what: str) -> bool:
        retrying = AsyncRetrying(
            retry=retry_if_exception_type((aiohttp.ClientError, TimeoutError)),
            stop=stop_after_attempt(_TRIES),
            wait=wait_random_exponential(multiplier=0.5, max=5),
            reraise=True,
        )
        reason = None
        try:
            await retrying(self._once, self._url + behind, what)
        except (aiohttp.ClientError, TimeoutError) as error:
            reason = _reason(error)
            log.warning("the ping was not heard", extra={"reason": reason})
        if self._note is not None:
            try:
                await self._note(reason)
            except Exception as error:  # noqa: BLE001 - calls may be about the database being away
                log.warning("the state of the ping was not stored", extra={"error": type(error).__name__})
        return reason is None

    async def _once(self, url: str, what: str) -> None:
        async with (
            aiohttp.ClientSession(timeout=_PATIENCE) as session,
            session.post(url, data=what.encode()) as answer,
        ):
            answer.raise_for_status()


def _reason(error: Exception) -> str:
    """Why a ping was not heard; nothing of its address, which is a secret."""
    if isinstance(error, aiohttp.ClientResponseError):
        return f"HTTP {error.status}"
    return type(error).__name__
