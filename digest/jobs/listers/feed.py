"""Lists the entries of a feed."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from digest.errors import OverrunError, ParseError
from digest.jobs.listers.outcomes import in_its_place, not_fetched
from digest.listing import Listed, Listing, NotListed
from digest.parse import parse_feed
from digest.ports import Fetched, Fetcher, Workers
from digest.sources import Source, Validators


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLister:
    """Lists the entries of an RSS, Atom or JSON feed as items."""

    fetcher: Fetcher
    workers: Workers
    zone: ZoneInfo

    async def list_items(self, source: Source, known: Validators) -> Listing:
        outcome = await self.fetcher.fetch(source.url, known)
        return await self._parsed(outcome) if isinstance(outcome, Fetched) else not_fetched(outcome)

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
            return await in_its_place(self.workers, fetched, str(error))
        return Listed(
            items=tuple(items), validators=fetched.validators, took=fetched.took, moved_to=fetched.moved_to
        )
