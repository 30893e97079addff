"""Fetches over HTTP with aiohttp, with limits on time, size, redirects, addresses and requests to a host.

Failures of the network are expected: `fetch` returns them as outcomes and does not raise. We follow redirects
ourselves, because each one is a link from a stranger and must pass the address guard.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from io import BytesIO
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote, urljoin, urlsplit

import aiohttp
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random

from digest import __version__
from digest.adapters.http import address_guard, robots, status
from digest.adapters.http.heads import mending
from digest.adapters.http.politeness import Turns
from digest.adapters.http.status import in_words
from digest.ports import (
    NO_HEADERS,
    NO_VALIDATORS,
    Blocked,
    Clock,
    Fetched,
    HostShut,
    HostStore,
    Large,
    NotModified,
    Outcome,
    Unreached,
)
from digest.sources import Took, Validators

# The same for every link. Feeds are named because some firewalls require it.
_ACCEPT: Final = (
    "application/atom+xml, application/rss+xml, application/feed+json, text/html, application/xhtml+xml,"
    " application/pdf, application/xml;q=0.9, application/json;q=0.9, */*;q=0.8"
)
_CHUNK: Final = 64 * 1024
PACE: Final = 50_000
"""Bytes a second, unpacked: a large file that comes more slowly is given up."""

_CONNECTIONS: Final = 40  # at once: more than polls have rooms (`jobs/rooms.py`)
_LONGEST_HEADER: Final = 64 * 1024  # octets: publishers have policies (CSP) of 9,000
_MOST_HEADERS: Final = 500
_PERMANENT: Final = frozenset({301, 308})
_AS_IT_STANDS: Final = "".join(map(chr, range(0x21, 0x7F)))  # of ASCII all but spaces and controls
_MOVABLE: Final = (Fetched, NotModified)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Redirect:
    location: str
    permanent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What is to be fetched, and how."""

    validators: Validators = NO_VALIDATORS
    heed_robots: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)  # for the host of the first link alone
    max_bytes: int
    large: timedelta | None = None  # how long it may take if it comes at a pace; None: the usual time
    cut: bool = False  # a longer body is cut, and an empty one is taken


class _Passing(Exception):
    """A failure that is often over a second later, with the outcome to return if it is not."""

    def __init__(self, outcome: Unreached) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


class _Deadline:
    """Until when an answer is waited for. That of a large file moves on with each part that comes in time."""

    def __init__(self, timeout: asyncio.Timeout, *, part: float, end: float | None) -> None:
        """`part` is the time for a part, in seconds, `end` when all must be there; None: it does not move."""
        self._timeout = timeout
        self._part = part
        self._end = end
        self._due: float | None = None  # so many bytes make the next part whole; None: no body has begun

    def begin(self) -> None:
        """A body begins."""
        self._due = 0
        self.came(0)

    def came(self, size: int) -> None:
        """So many bytes of the body are there."""
        if self._end is not None and self._due is not None and size >= self._due:
            self._due = size + PACE * self._part
            self._timeout.reschedule(min(self._end, asyncio.get_running_loop().time() + self._part))

    def missed(self) -> str | None:
        """Why it was missed, if the body of a large file has begun."""
        if self._end is None or self._due is None:
            return None
        if asyncio.get_running_loop().time() >= self._end:
            return "the file did not come in time"
        return f"the file came more slowly than {PACE // 1000} kB a second"


class HttpFetcher:
    """A `ports.Fetcher`; use it as an async context manager, in one event loop.

    `contact` is the web page that tells publishers who we are. `timeout` limits one fetch with its redirects
    and its retry; waiting for the host's turn does not count. Of a large file it limits what comes before the
    body, and then each part of the body: as many bytes as make `PACE`. `max_bytes` limits the body after
    decompression. `pause` is the time between two requests to a host. `allow_private` allows loopback and
    private networks, for tests and the demo. With `hosts`, all processes that have it are polite together.
    """

    def __init__(
        self,
        *,
        contact: str,
        clock: Clock,
        timeout: timedelta = timedelta(seconds=30),
        max_bytes: int = 10 * 1024 * 1024,
        max_redirects: int = 5,
        pause: timedelta = timedelta(seconds=1),
        allow_private: bool = False,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        hosts: HostStore | None = None,
    ) -> None:
        # aiohttp adds Accept-Encoding, with all that it can unpack: gzip, deflate, br and zstd.
        self._headers = {"User-Agent": f"{robots.PRODUCT}/{__version__} (+{contact})", "Accept": _ACCEPT}
        self._clock = clock
        self._seconds = timeout.total_seconds()
        self._max_bytes = max_bytes
        self._max_redirects = max_redirects
        self._allow_private = allow_private
        self._sleep = sleep
        self._turns = Turns(pause=pause, sleep=sleep, clock=clock, limit=timeout, hosts=hosts)
        self._robots = robots.Robots(self._fetch_robots, clock, hosts)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=mending(
                aiohttp.TCPConnector(
                    limit=_CONNECTIONS,
                    socket_factory=address_guard.guarded_sockets(allow_private=self._allow_private),
                )
            ),
            # `asyncio.timeout` limits the whole fetch; connecting must leave time for a second try.
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=min(10.0, self._seconds)),
            headers=self._headers,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            max_line_size=_LONGEST_HEADER,
            max_field_size=_LONGEST_HEADER,
            max_headers=_MOST_HEADERS,
        )
        # aiohttp would ask a server that hung up again at once: four times in all, with our own second try.
        self._session._retry_connection = False  # noqa: SLF001
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
        await self._turns.release()

    async def fetch(
        self,
        url: str,
        validators: Validators = NO_VALIDATORS,
        *,
        heed_robots: bool = False,
        headers: Mapping[str, str] = NO_HEADERS,
        large: Large | None = None,
    ) -> Outcome:
        """GET a link and follow its redirects; `Fetched.url` is the last one."""
        wanted = _Wanted(
            validators=validators,
            heed_robots=heed_robots,
            headers=headers,
            max_bytes=self._max_bytes if large is None else large.size,
            large=None if large is None else max(large.time, timedelta(seconds=self._seconds)),
        )
        return await self._follow(url, wanted)

    async def claim(self, hosts: Mapping[str, timedelta | None]) -> frozenset[str]:
        """See `ports.Hosts`."""
        return await self._turns.claim(hosts)

    async def _fetch_robots(self, url: str) -> Outcome:
        return await self._follow(url, _Wanted(max_bytes=min(robots.MOST_BYTES, self._max_bytes), cut=True))

    async def _follow(self, url: str, wanted: _Wanted) -> Outcome:
        loop = asyncio.get_running_loop()
        left, came_from, moved_to, moves = self._seconds, None, None, True
        for _ in range(self._max_redirects + 1):
            objection = address_guard.objection(url, came_from=came_from, allow_private=self._allow_private)
            if objection is not None:
                return Blocked(reason=objection)
            delay = timedelta(0)
            if wanted.heed_robots:
                if (forbidden := await self._robots.objection(url)) is not None:
                    return forbidden
                delay = self._robots.delay(url)
            host = urlsplit(url).hostname or ""
            async with self._turns.turn(host, delay, limit=wanted.large) as shut:
                if shut is not None:
                    return HostShut(reason=shut.reason, wait=shut.wait)
                began = loop.time()
                answer = await self._exchange(url, wanted, left)
                left -= loop.time() - began
                if isinstance(answer, (Blocked, Unreached)) and answer.wait:
                    await self._turns.shut(host, answer.wait)
            if isinstance(answer, _MOVABLE):
                return replace(answer, moved_to=moved_to, took=self._took(left, wanted))
            if not isinstance(answer, _Redirect):
                return answer
            url, came_from = _led_to(url, answer.location), url
            if _origin(url) != _origin(came_from):
                wanted = replace(wanted, headers=NO_HEADERS)  # they may hold a key
            # Only a chain that is permanent from its beginning says where the first link has moved.
            moves = moves and answer.permanent
            moved_to = url if moves else moved_to
        return Blocked(reason=f"more than {self._max_redirects} redirects")

    def _took(self, left: float, wanted: _Wanted) -> Took:
        """How long an answer took, from the seconds that it left of the usual time."""
        usual = timedelta(seconds=self._seconds)
        return Took(time=usual - timedelta(seconds=left), allowed=wanted.large or usual)

    async def _exchange(self, url: str, wanted: _Wanted, limit: float) -> Outcome | _Redirect:
        # A new one for each use: tasks that share it would mix its state.
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(_Passing),
            stop=stop_after_attempt(2),
            wait=wait_random(0.5, 2),
            sleep=self._sleep,
            reraise=True,
        )
        now = asyncio.get_running_loop().time()
        end = None if wanted.large is None else now + wanted.large.total_seconds()
        timeout = asyncio.timeout(limit)
        deadline = _Deadline(timeout, part=self._seconds, end=end)
        try:
            async with timeout:
                return await retrying(self._attempt, url, wanted, deadline)
        except TimeoutError:
            return Unreached(reason=deadline.missed() or f"no whole answer within {self._seconds:g} s")
        except _Passing as last:
            return last.outcome

    async def _attempt(self, url: str, wanted: _Wanted, deadline: _Deadline) -> Outcome | _Redirect:
        try:
            return await self._get(url, wanted, deadline)
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, address_guard.AddressRefused):
                refused = error.os_error
                return Blocked(reason=f"{error.host} ({refused.address}): {refused}{refused.advice}")
            if isinstance(error, aiohttp.ClientSSLError):
                return Unreached(reason=in_words(error))
            raise _Passing(Unreached(reason=in_words(error))) from error
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError) as error:
            raise _Passing(Unreached(reason=in_words(error))) from error
        except ValueError as error:  # aiohttp's InvalidURL among them; a host that DNS cannot spell
            return Blocked(reason=f"the link cannot be used: {in_words(error)}")
        except aiohttp.ClientError as error:  # what answers does not speak HTTP
            return Unreached(reason=in_words(error))

    async def _get(self, url: str, wanted: _Wanted, deadline: _Deadline) -> Outcome | _Redirect:
        assert self._session is not None, "use the fetcher as an async context manager"
        asked = _conditions(wanted.validators)
        async with self._session.get(
            url, headers={**wanted.headers, **asked}, allow_redirects=False
        ) as response:
            location = response.headers.get("Location")
            if response.status in status.REDIRECTS and location:
                return _Redirect(location=location, permanent=response.status in _PERMANENT)
            now = self._clock.now()
            outcome = status.settled(response.status, response.headers, now, conditional=bool(asked))
            if outcome is None:
                return await self._whole(response, wanted, deadline)
            if isinstance(outcome, Unreached) and response.status in status.PASSING and outcome.wait is None:
                raise _Passing(outcome)
            return outcome

    async def _whole(
        self, response: aiohttp.ClientResponse, wanted: _Wanted, deadline: _Deadline
    ) -> Fetched | Unreached:
        most = wanted.max_bytes
        too_large = Unreached(reason=f"larger than {most} bytes", answered=True)
        if (response.content_length or 0) > most and not wanted.cut:
            return too_large
        deadline.begin()
        body = BytesIO()  # what it has is taken out without a copy
        # Read decompressed, in chunks: read at once, a decompression bomb would fill the memory.
        async for chunk in response.content.iter_chunked(_CHUNK):
            body.write(chunk)
            deadline.came(body.tell())
            if body.tell() > most:
                if not wanted.cut:
                    return too_large
                body.truncate(most)
                break
        whole = body.getvalue()
        if not wanted.cut and (not whole or whole.isspace()):
            return Unreached(reason=f"{response.status} with an empty body", answered=True)
        return Fetched(
            url=str(response.url),
            body=whole,
            content_type=response.headers.get("Content-Type"),
            validators=status.validators(response.headers, self._clock.now()),
        )


def _origin(url: str) -> tuple[str, str | None, int | None] | None:
    """The scheme, host and port of a link; None if it cannot be read."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    return parts.scheme, parts.hostname, port


def _led_to(url: str, location: str) -> str:
    try:
        # aiohttp reads octets that are no UTF-8 as surrogates; as a browser does, they are sent as they came.
        return urljoin(url, quote(location, safe=_AS_IT_STANDS, errors="surrogateescape"))
    except ValueError:
        return location  # the guard says what is wrong with it


def _conditions(validators: Validators) -> dict[str, str]:
    wanted = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    return {name: value for name, value in wanted.items() if value}
