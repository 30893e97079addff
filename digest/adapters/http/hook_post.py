"""Posts to webhooks over HTTP with aiohttp: one try, no redirect followed, and an end in time.

The operator names the addresses, and a story is public. Still the address guard holds: a name that somebody
else changes in the DNS must not lead us into our own network.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import aiohttp

from digest import __version__
from digest.adapters.http import robots
from digest.adapters.http.address_guard import AddressRefused, guarded_sockets
from digest.adapters.http.status import in_words, one_line, phrase, retry_after
from digest.ports import Clock
from digest.webhooks import Answer

SECONDS: Final = 15.0
"""How long a post may take, with the connection. Much less than a worker's claim on a hook lasts."""

BODY_SECONDS: Final = 2.0
"""How long the beginning of an answer is waited for, where it is wanted."""


class HttpPost:
    """A `ports.Post`. Each post has a connection of its own, so that no hook waits for another."""

    def __init__(self, *, contact: str, clock: Clock, seconds: float = SECONDS) -> None:
        """`contact` is the web page that tells receivers who we are."""
        self._headers = {
            "User-Agent": f"{robots.PRODUCT}/{__version__} (+{contact})",
            "Content-Type": "application/json",
        }
        self._clock = clock
        self._seconds = seconds

    async def __call__(
        self,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        private: bool,
        ca_file: Path | None = None,
        read: int = 0,
    ) -> Answer:
        try:
            async with asyncio.timeout(self._seconds):
                connector = aiohttp.TCPConnector(
                    socket_factory=guarded_sockets(allow_private=private), ssl=await _trust(ca_file)
                )
                return await self._post(url, headers, body, connector, read=read)
        except TimeoutError:
            return Answer(status=None, said=f"no answer within {self._seconds:g} s")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Answer(status=None, said=_why(error))

    async def _post(
        self,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        connector: aiohttp.TCPConnector,
        *,
        read: int,
    ) -> Answer:
        async with (
            aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=None),  # `asyncio.timeout` limits all of it
                headers=self._headers,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            ) as session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as response,
        ):
            answer = Answer(
                status=response.status,
                said=phrase(response.status),
                wait=retry_after(response.headers.get("Retry-After"), self._clock.now()),
                body=await _beginning(response, read) if read else "",
            )
            response.close()  # the rest of the answer is not waited for
            return answer


async def _trust(ca_file: Path | None) -> ssl.SSLContext | bool:
    """Whom to believe a host's name; the file is read for each post, as authorities are renewed."""
    if ca_file is None:
        return True
    try:
        return await asyncio.to_thread(ssl.create_default_context, cafile=str(ca_file))
    except OSError as error:  # ssl.SSLError too
        raise OSError(f"ca_file cannot be used: {one_line(str(error))}") from error


def _why(error: Exception) -> str:
    """Why a post failed, for operators. The address may hold a secret: nothing but its host is said."""
    match error:
        case aiohttp.ClientConnectorError(os_error=AddressRefused(address=refused)):
            return f"{error.host} is in a private network ({refused}): set private: true if it is meant to be"
        case aiohttp.ClientConnectorCertificateError(certificate_error=refused):
            return f"{one_line(str(refused))} (is its authority your own? then name it in ca_file)"
        case aiohttp.ClientResponseError(message=message):
            return f"no answer in HTTP: {one_line(message)}"
        case aiohttp.InvalidURL():
            return "the address cannot be used"
        case _:
            return in_words(error)


async def _beginning(response: aiohttp.ClientResponse, most: int) -> str:
    """As much of the body as comes soon, as one line."""
    found = b""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while len(found) < most and (part := await response.content.read(most - len(found))):
                found += part
    except (TimeoutError, aiohttp.ClientError):
        pass
    return one_line(found.decode("utf-8", "replace"), most)
