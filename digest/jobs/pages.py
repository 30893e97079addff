"""The page of an item: as its server gives it, or made of GOV.UK's content item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from digest.items import Page
from digest.parse.govuk import FILES, Attachment, Content, Gone, Redirect, content_call, content_of
from digest.ports import (
    NO_VALIDATORS,
    Blocked,
    Clock,
    Fetched,
    Fetcher,
    HostShut,
    NotModified,
    Unreached,
    Workers,
)
from digest.source_specs import GovukSpec
from digest.sources import Source, Validators

MOST_MOVES: Final = 3
"""So many moves of a page of GOV.UK are followed."""

NoPage = NotModified | Blocked | Unreached | HostShut


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPage:
    """A page, and what its publisher says of it apart."""

    page: Page
    content: Content | None = None  # of a page of GOV.UK


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Fetches the pages of items."""

    fetcher: Fetcher
    workers: Workers
    clock: Clock

    async def page_of(
        self, source: Source, link: str, sent: Validators = NO_VALIDATORS
    ) -> FoundPage | Gone | NoPage:
        """The page at a link. `sent` are the validators of an earlier answer.

        `ParseError` if GOV.UK's answer for it is no content item.
        """
        spec = source.spec
        for _ in range(MOST_MOVES + 1):
            if not isinstance(spec, GovukSpec) or urlsplit(link).hostname != source.host:
                return await self._as_it_is(link, sent)
            found = await self._content(spec, link, sent)
            if not isinstance(found, Redirect):
                return found
            link, sent = found.to, NO_VALIDATORS
        return Blocked(reason=f"the page has moved more than {MOST_MOVES} times")

    async def attached(self, source: Source, one: Attachment) -> FoundPage | Gone | NoPage:
        """A document of a publication of GOV.UK."""
        if one.is_page:
            return await self.page_of(source, one.url)
        outcome = await self._as_it_is(one.url, NO_VALIDATORS)
        if isinstance(outcome, FoundPage) and urlsplit(outcome.page.url).hostname not in (FILES, source.host):
            return Blocked(reason="its file stands on another host now")
        return outcome

    async def _as_it_is(self, link: str, sent: Validators) -> FoundPage | NoPage:
        outcome = await self.fetcher.fetch(link, sent, heed_robots=True)
        if not isinstance(outcome, Fetched):
            return outcome
        return FoundPage(page=self._page(outcome, outcome.url, outcome.body, outcome.content_type))

    async def _content(
        self, spec: GovukSpec, link: str, sent: Validators
    ) -> FoundPage | Redirect | Gone | NoPage:
        """A page made of its content item. The API is made for programs, so robots.txt is not asked."""
        outcome = await self.fetcher.fetch(content_call(link), sent)
        if isinstance(outcome, Blocked) and outcome.reason.startswith("410"):
            return Gone(why=outcome.reason)
        if not isinstance(outcome, Fetched):
            return outcome
        content = await self.workers.run(
            content_of, outcome.body, url=outcome.url, attachments=spec.attachments
        )
        if not isinstance(content, Content):
            return content
        page = self._page(outcome, content.link, content.page, "text/html; charset=utf-8")
        return FoundPage(page=page, content=content)

    def _page(self, fetched: Fetched, url: str, body: bytes, content_type: str | None) -> Page:
        return Page(
            url=url,
            body=body,
            content_type=content_type,
            fetched_at=self.clock.now(),
            etag=fetched.validators.etag,
            last_modified=fetched.validators.last_modified,
        )
