"""A configured service with subscribers and a report, and a real mail server to send to."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import command
import pytest
from builders import admitting
from servers.smtp import SmtpServer

from digest.adapters.config.packaged import copy_config
from digest.app.directory import configured, open_database
from digest.changes import Certainty, Change, Movement
from digest.edition import Candidate, StoryKey
from digest.identity import Fresh
from digest.items import Item, Page
from digest.ratings import OVERALL
from digest.reports import Claim, Kind, Reading, Report
from digest.sources import Authority, Polled
from digest.store.sql import SqlStore
from digest.subscriptions import Wishes

SUBSCRIBERS = ("ada@example.org", "ben@example.org", "cleo@example.org")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An operator's directory, its state laid out, and the server its mail goes to."""

    config: Path
    server: SmtpServer

    @property
    def store_environment(self) -> Path:
        return self.config

    async def file(
        self, number: int, found_at: datetime, *, provider: int | None = None, blog: str | None = None
    ) -> None:
        """Let a report be found: provider number N, its own unless named, is raised by a grade.

        It is official, unless a blog has told it.
        """
        async with self.opened() as store:
            await file_report(store, number, found_at, provider or number, blog=blog)

    def opened(self) -> AbstractAsyncContextManager[SqlStore]:
        """The state, as another process sees it."""
        return opened(self.config)

    def digest(self, *arguments: str, expect: int = 0) -> str:
        """What a command of this service's operator printed, errors included."""
        return command.digest(*arguments, "--config", self.config, expect=expect)

    def received(self) -> dict[tuple[str, date], list[str]]:
        """Per subscriber and local day: the subject and text of each message."""
        found: dict[tuple[str, date], list[str]] = {}
        for message in self.server.messages:
            parsed = message_from_bytes(message.content, policy=policy.default)
            day = parsed["Date"].datetime.date()
            body = parsed.get_body(("plain",))
            assert body is not None
            found.setdefault((message.recipients[0], day), []).append(
                f"{parsed['Subject']}\n{body.get_content()}"
            )
        return found


@pytest.fixture
async def place(lay_out: Callable[[Path], str], tmp_path: Path) -> AsyncIterator[Place]:
    async with placed(tmp_path / "config", lay_out) as place:
        yield place


@asynccontextmanager
async def opened(config: Path) -> AsyncIterator[SqlStore]:
    """The state of an operator's directory, as another process sees it."""
    settings, secrets = configured(config)
    database = open_database(settings, secrets, config)
    try:
        yield SqlStore(database, seal=secrets.seal)
    finally:
        await database.dispose()


@asynccontextmanager
async def placed(config: Path, lay_out: Callable[[Path], str]) -> AsyncIterator[Place]:
    """A place in a directory that is made for it; `lay_out` makes its state."""
    async with SmtpServer() as server:
        copy_config(config)
        _set(config / "digest.yaml", "host: localhost", f"host: {server.host}")
        text = (config / "digest.yaml").read_text()
        text = re.sub(r"(?m)^(\s+)port: 25\b.*$", rf"\1port: {server.port}", text)
        text = re.sub(r"(?m)^(\s+)connections:.*$", r"\1connections: 1", text)
        (config / "digest.yaml").write_text(text)
        url = lay_out(config / "var" / "digest.db")
        if not url.startswith("sqlite"):
            with (config / "secrets.env").open("a") as secrets_file:
                secrets_file.write(f"DIGEST_DATABASE_URL='{url}'\n")
        async with opened(config) as store:
            for address in SUBSCRIBERS:
                await store.subscriptions.add(address, Wishes(), datetime(2020, 1, 1, tzinfo=UTC))
        yield Place(config=config, server=server)


def _set(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new))


async def file_report(
    store: SqlStore,
    number: int,
    found_at: datetime,
    provider: int | None = None,
    *,
    blog: str | None = None,
) -> None:
    """Let a report about provider number N be found: raised from one grade to the next."""
    provider, source = provider or number, "blog" if blog else "official"
    name, link = f"Provider {provider} CRC", f"https://inspectorate.example.org/{number}/"
    polled = Polled(source=source, next_poll_at=found_at, baselined_at=found_at - timedelta(days=9))
    fresh = Fresh(item=Item(title=f"{name} rated good", link=link), keys=(f"link:{number}",))
    await store.sources.take_in(source, [fresh], admitting(polled, [fresh]), now=found_at)
    item = (await store.items.unread(source, limit=1, now=found_at))[0].id
    evidence = f"{name} has been raised from requires improvement to good."
    report = Report(provider=name, scale="hmi-probation-4", overall=Claim(value="good", evidence=evidence))
    change = Change(
        provider=f"provider-{provider}-crc",
        aspect=OVERALL,
        scale="hmi-probation-4",
        movement=Movement.UPGRADE,
        before="requires improvement",
        before_on=None,
        after="good",
        certainty=Certainty.STATED,
    )
    candidate = Candidate(
        key=StoryKey(item=item, place=0),
        source=source,
        source_name=blog or "HM Inspectorate of Probation",
        authority=Authority.BLOG if blog else Authority.OFFICIAL,
        kind=Kind.INSPECTION,
        inspectorate="hmi-probation",
        inspectorate_name="HM Inspectorate of Probation",
        provider=change.provider,
        provider_name=name,
        title=fresh.item.title,
        link=link,
        published=found_at.date(),
        found_at=found_at,
        report=report,
        changes=(change,),
    )
    page = Page(url=link, body=b"<p>" + evidence.encode(), content_type="text/html", fetched_at=found_at)
    reading = Reading(
        kind=Kind.INSPECTION,
        inspectorate="hmi-probation",
        published=None,
        title=fresh.item.title,
        reports=(report,),
        text=evidence,
    )
    assert await store.items.file(item, page, reading, [candidate])


TWO_SOURCES = """sources:
  - id: hmi-probation
    name: HM Inspectorate of Probation
    url: https://hmiprobation.justiceinspectorates.gov.uk/feed/
    authority: official
    inspectorate: hmi-probation
  - id: russell-webster
    name: Russell Webster
    url: https://www.russellwebster.com/feed/
    authority: blog
    inspectorate: hmi-probation
    every: 1h
"""
"""A `sources.yaml` for tests that count sources: the one that is packaged grows."""
