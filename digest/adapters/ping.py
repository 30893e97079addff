"""Pings a monitoring service, which calls an operator when a ping reports trouble or when pings stop.

A POST to its address says that all is well. A POST to the address followed by "/fail" says that a person is
needed, and its body is the reason. Healthchecks and similar services work this way.
"""

from __future__ import annotations

import logging
from typing import Final

import aiohttp
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

log = logging.getLogger(__name__)

_PATIENCE: Final = aiohttp.ClientTimeout(total=10)
_TRIES: Final = 3


class Ping:
    """`ports.Operators` over HTTP; without an address, calls only go to the log."""

    def __init__(self, url: str | None) -> None:
        self._url = url.rstrip("/") if url else None

    async def well(self, what: str) -> bool:
        log.info("all well", extra={"what": what})
        return await self._post("", what)

    async def call(self, what: str) -> bool:
        log.error("an operator is needed", extra={"what": what})
        return await self._post("/fail", what)

    async def _post(self, behind: str, what: str) -> bool:
        if self._url is None:
            return True
        retrying = AsyncRetrying(
            retry=retry_if_exception_type((aiohttp.ClientError, TimeoutError)),
            stop=stop_after_attempt(_TRIES),
            wait=wait_random_exponential(multiplier=0.5, max=5),
            reraise=True,
        )
        try:
            await retrying(self._once, self._url + behind, what)
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("the ping was not heard", extra={"reason": type(error).__name__})
            return False
        return True

    async def _once(self, url: str, what: str) -> None:
        async with (
            aiohttp.ClientSession(timeout=_PATIENCE) as session,
            session.post(url, data=what.encode()) as answer,
        ):
            answer.raise_for_status()
