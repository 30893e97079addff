"""OperatorAlerts to the operator's dead man's switch: silence there means that nobody is well enough to call.

A POST to the address when all is well, to the address with "/fail" behind it when something needs a person;
the reason is the body. That is how the usual services of the kind take it.
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
    """`ports.Operators` by HTTP; without an address, by the log alone."""

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
