"""robots.txt (RFC 9309): which pages of a host its owner lets programs ask for, and how slowly.

It counts for the pages behind items. A feed is offered to programs, so it is asked for in any case. A site
whose robots.txt cannot be read (an error of the server, or no answer) lets nothing be asked for, for
`UNDEFINED_FOR`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from protego import Protego

from digest.ports import Blocked, Clock, Fetched, HostShut, HostStore, NotModified, Outcome, Unreached

PRODUCT: Final = "noon-digest"
"""Our product token: rules for this name, or else those for "*", are ours."""

MOST_BYTES: Final = 500 * 1024
"""The rest of a longer robots.txt is not read (RFC 9309 section 2.5)."""

LONGEST_DELAY: Final = timedelta(seconds=30)
"""The most that a Crawl-delay slows us down."""

UNDEFINED_FOR: Final = timedelta(days=30)
"""A robots.txt that could not be read for so long counts as none (RFC 9309 section 2.3.1.4)."""

_FRESH: Final = timedelta(days=1)  # section 2.4
_STALE: Final = timedelta(days=30)  # rules that cannot be asked for again are valid so long (section 2.3.1.4)
_AGAIN: Final = timedelta(minutes=5)  # after a failure
_AGAIN_LATER: Final = timedelta(hours=1)  # after one of many
_MOST_KEPT: Final = 20_000_000  # characters of rules, of all hosts
_LONG: Final = 20_000  # characters of rules: they take some milliseconds
_OUTLINE: Final = 1000  # characters that a host without rules counts for
_AGENT: Final = re.compile(r"\s*user(?:-|\s*)agent\s*[:\s]\s*([^#]*)", re.IGNORECASE)


@dataclass(slots=True, kw_only=True)
class _Site:
    """What is known of one scheme, host and port."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    rules: str | None = None  # the lines that concern us; None: never read
    read_at: datetime | None = None
    failure: str | None = None  # why the last try brought nothing
    failed_at: datetime | None = None
    ask_at: datetime | None = None  # after that failure
    undefined_since: datetime | None = None


class Robots:
    """Asks each site once a day for its rules, when one of its pages is wanted."""

    def __init__(
        self, fetch: Callable[[str], Awaitable[Outcome]], clock: Clock, hosts: HostStore | None = None
    ) -> None:
        """`fetch` gets a robots.txt, cut to `MOST_BYTES`; it may be empty.

        `hosts` remembers since when a robots.txt cannot be read; without it, this object alone does.
        """
        self._fetch = fetch
        self._clock = clock
        self._hosts = hosts
        self._sites: dict[str, _Site] = {}

    async def objection(self, url: str) -> Blocked | HostShut | None:
        """Why this page may not be asked for now; None if it may. `url` has passed the address guard."""
        place = _site(url)
        site = self._sites[place] = self._sites.pop(place, _Site())
        async with site.lock:
            if not _within(_FRESH, site.read_at, self._clock.now()):
                shut = await self._read(place, site)
                if shut is not None:
                    return shut
        now = self._clock.now()
        if site.rules is None or not _within(_STALE, site.read_at, now):
            return _closed(site, now)
        if len(site.rules) > _LONG:  # in a thread, so that a file made to be slow holds nobody else
            await asyncio.to_thread(_parsed, site.rules)
        if _parsed(site.rules).can_fetch(url, PRODUCT):
            return None
        return Blocked(reason=f"robots.txt of {urlsplit(url).hostname} forbids this page", withheld=True)

    def delay(self, url: str) -> timedelta:
        """The pause between two requests that the site of `url` asks for, as far as it is known."""
        site = self._sites.get(_site(url))
        asked = _parsed(site.rules).crawl_delay(PRODUCT) if site and site.rules else None
        if asked is None or not asked > 0:
            return timedelta(0)
        return timedelta(seconds=min(asked, LONGEST_DELAY.total_seconds()))

    async def _read(self, place: str, site: _Site) -> HostShut | None:
        now = self._clock.now()
        if site.failed_at is not None and site.ask_at is not None and site.failed_at <= now < site.ask_at:
            return None
        match await self._fetch(f"{place}/robots.txt"):
            case HostShut() as shut:
                return shut
            case Fetched(body=body):
                await self._learn(place, site, "\n".join(ours(body.decode("utf-8-sig", "replace"))), now)
            case Blocked(reason=reason, wait=wait) if wait or reason.startswith("429"):
                await self._note(place, site, reason, wait, now)
            case Blocked():  # 4xx, or a redirect that leads nowhere: there are no rules (section 2.3.1.3)
                await self._learn(place, site, "", now)
            case Unreached(reason=reason, wait=wait):  # all is forbidden (2.3.1.4)
                await self._note(place, site, reason, wait, now)
            case NotModified():
                await self._note(place, site, "304 Not Modified", None, now)
        self._forget()
        return None

    async def _learn(self, place: str, site: _Site, rules: str, now: datetime) -> None:
        site.rules, site.read_at, site.failure = rules, now, None
        site.failed_at = site.ask_at = site.undefined_since = None
        if self._hosts is not None:
            await self._hosts.defined(place)

    async def _note(
        self, place: str, site: _Site, reason: str, wait: timedelta | None, now: datetime
    ) -> None:
        if self._hosts is not None:
            site.undefined_since = await self._hosts.undefined_since(place, now)
        since = site.undefined_since = site.undefined_since or now
        again = _AGAIN if now - since < _AGAIN_LATER else _AGAIN_LATER
        site.failure, site.failed_at = f"robots.txt: {reason}", now
        site.ask_at = now + max(again, wait or again)

    def _forget(self) -> None:
        """Forget the sites that were asked for longest ago, beyond `_MOST_KEPT`."""
        room = _MOST_KEPT
        for place, site in reversed(list(self._sites.items())):
            room -= _OUTLINE + len(site.rules or "")
            if room < 0 and not site.lock.locked():
                del self._sites[place]


def _closed(site: _Site, now: datetime) -> HostShut | None:
    """Nothing may be asked for, because there are no rules; None if there have been none for long enough."""
    if site.failure is None or site.ask_at is None or site.undefined_since is None:
        return None
    if now - site.undefined_since >= UNDEFINED_FOR:
        return None
    left = max(site.ask_at - now, timedelta(seconds=1))
    return HostShut(reason=site.failure, wait=left, withheld=True)


def _within(span: timedelta, since: datetime | None, now: datetime) -> bool:
    return since is not None and timedelta(0) <= now - since < span


def _site(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def ours(text: str) -> Iterator[str]:
    """The lines of the groups that concern us.

    Without the others, nobody can make the parser multiply thousands of names with thousands of rules.
    """
    concerned, in_names = False, False
    for line in text.splitlines():
        name = _AGENT.match(line)
        if name is None:
            if concerned:
                yield line
            in_names = in_names and not line.partition("#")[0].strip()
            continue
        wanted = name[1].strip().lower()
        mine = "*" if wanted == "*" else PRODUCT if re.split(r"[/* ]", wanted)[0] == PRODUCT else None
        concerned = mine is not None or (concerned and in_names)
        in_names = True
        if mine is not None:
            yield f"User-agent: {mine}"


@lru_cache(maxsize=8)
def _parsed(rules: str) -> Protego:
    return Protego.parse(rules)
