"""Lists the entries of a feed."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from digest.errors import OverrunError, ParseError
from digest.extract.page_floors import bot_check
from digest.listing import Listed, Listing, NotAsked, NotListed, Unchanged
from digest.parse import parse_feed
from digest.ports import Blocked, Fetched, Fetcher, HostShut, NotModified, Unreached, Workers
from digest.sources import Source, Validators


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLister:
    """Lists the entries of an RSS, Atom or JSON feed as items."""

    fetcher: Fetcher
    workers: Workers
    zone: ZoneInfo

    async def list_items(self, source: Source, known: Validators) -> Listing:
        match await self.fetcher.fetch(source.url, known):
            case NotModified(took=took, moved_to=moved_to):
                return Unchanged(took=took, moved_to=moved_to)
            case HostShut(reason=reason, wait=left):
                return NotAsked(reason=reason, wait=left)
            case Blocked(reason=reason, wait=wait, by_server=refused):
                return NotListed(reason=reason, wait=wait, refused=refused)
            case Unreached(reason=reason, wait=wait, answered=answered):
                return NotListed(reason=reason, wait=wait, answered=answered)
            case Fetched() as fetched:
                return await self._parsed(fetched)

    async def _parsed(self, fetched: Fetched) -> Listing:
        try:
            items = await self.workers.run(
                parse_feed,
                fetched.body,
                content_type=fetched.content_type,
                url=fetched.url,
                zone=self.zone,
            )
        except OverrunError as error:
            return NotListed(reason=str(error))
        except ParseError as error:
            return await self._in_its_place(fetched, str(error))
        return Listed(
            items=tuple(items), validators=fetched.validators, took=fetched.took, moved_to=fetched.moved_to
        )

    async def _in_its_place(self, fetched: Fetched, reason: str) -> NotListed:
        """What stands in the feed's place: a check for bots refuses us, whatever its status."""
        try:
            wall = await self.workers.run(bot_check, fetched.body, fetched.content_type)
        except OverrunError:
            wall = None
        return NotListed(reason=wall or reason, refused=wall is not None)
