"""A service with made-up providers, editions and subscribers, whose pages a crawler may fetch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from crawl.crawler import Crawl
from digest.app.directory import configured
from digest.app.service import Service, service
from digest.cli.site_world import World, build
from digest.errors import TokenError
from digest.serving import serve_readers
from digest.store.database import Database
from digest.store.tables import heartbeats, metadata
from digest.subscriptions import Wishes
from digest.tokens import KeyUse, LinkTokens, Purpose
from digest.web.server import listen

PASSED_OVER = {heartbeats.name}
"""What the check whether the store takes writes may change."""

SUBSCRIBERS = tuple(f"reader{n}@inbox.example" for n in range(3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A service that serves its pages."""

    url: str
    running: Service

    def crawler(self, most: int) -> Crawl:
        settings, secrets = self.running.settings, self.running.edges.secrets
        tokens = LinkTokens([secrets.derived(KeyUse.LINKS)])

        def is_token(text: str) -> bool:
            return any(_reads(tokens, text, purpose) for purpose in Purpose)

        own = {settings.sender.address, settings.service.contact, settings.sender.reply_to}
        return Crawl(
            base=f"{self.url}/",
            public=str(settings.service.url).rstrip("/") + "/",
            is_token=is_token,
            addresses=frozenset(one.casefold() for one in own if one),
            most=most,
        )

    async def rows(self) -> dict[str, list[Any]]:
        """All that stands in the database, but for what the check of the store writes."""
        return await rows_of(self.running.store.database)


def _reads(tokens: LinkTokens, text: str, purpose: Purpose) -> bool:
    try:
        tokens.read(text, purpose)
    except TokenError:
        return False
    return True


async def rows_of(database: Database) -> dict[str, list[Any]]:
    async with database.read() as connection:
        return {
            table.name: sorted(repr(tuple(row)) for row in await connection.execute(select(table)))
            for table in metadata.sorted_tables
            if table.name not in PASSED_OVER
        }


@asynccontextmanager
async def served(config: Path, *, providers: int, stories: int) -> AsyncIterator[Site]:
    """Services of all inspectorates and some editions, in a state that is laid out and empty."""
    settings, secrets = configured(config)
    async with service(settings, secrets, directory=config) as running:
        until = settings.edition.timetable.told_until(running.clock.now())
        world = World(providers=providers, until=until, inspectorates=settings.inspectorates, stories=stories)
        await build(world, running.store.database)
        for address in SUBSCRIBERS:
            await running.store.subscriptions.add(address, Wishes(), datetime(2020, 1, 1, tzinfo=UTC))
        await running.public_keeper.keep()
        listener = listen("127.0.0.1", 0)
        stop = asyncio.Event()
        pages = asyncio.create_task(serve_readers(running, listener, stop))
        try:
            yield Site(url=f"http://127.0.0.1:{listener.getsockname()[1]}", running=running)
        finally:
            stop.set()
            await pages
