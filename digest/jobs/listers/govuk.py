"""Lists what GOV.UK's search finds, the last changed first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from digest.errors import OverrunError, ParseError
from digest.items import Item
from digest.jobs.listers.outcomes import in_its_place, not_fetched
from digest.listing import Listed, Listing, NotListed
from digest.parse.govuk import Results, parse_search, search_call
from digest.ports import Fetched, Fetcher, Workers
from digest.source_specs import GovukSpec
from digest.sources import Source, Validators


@dataclass(frozen=True, slots=True, kw_only=True)
class GovukLister:
    """Lists pages of GOV.UK. Its search API is made for programs, so robots.txt is not asked."""

    fetcher: Fetcher
    workers: Workers

    async def list_items(self, source: Source, known: Validators) -> Listing:
        spec = cast("GovukSpec", source.spec)
        first = await self.fetcher.fetch(search_call(source.url, spec, 0), known)
        if not isinstance(first, Fetched):
            return not_fetched(first)
        results = await self._parsed(spec, first, 0)
        if isinstance(results, NotListed):
            return results
        items: dict[Item, None] = dict.fromkeys(results.items)
        # A page that changes meanwhile moves to the front: others are found twice, and it the next time.
        for number in range(1, spec.pages):
            if results.last:
                break
            outcome = await self.fetcher.fetch(search_call(source.url, spec, number))
            if not isinstance(outcome, Fetched):
                return not_fetched(outcome)
            results = await self._parsed(spec, outcome, number)
            if isinstance(results, NotListed):
                return results
            items |= dict.fromkeys(results.items)
        one_page = spec.pages == 1
        return Listed(
            items=tuple(items),
            validators=first.validators if one_page else Validators(),
            took=first.took,
        )

    async def _parsed(self, spec: GovukSpec, fetched: Fetched, number: int) -> Results | NotListed:
        try:
            return await self.workers.run(parse_search, fetched.body, url=fetched.url, spec=spec, page=number)
        except OverrunError as error:
            return NotListed(reason=str(error))
        except ParseError as error:
            return await in_its_place(self.workers, fetched, str(error))
