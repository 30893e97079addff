"""The whole service with its pages and its post, for somebody who sits before a real browser."""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import date
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from builders import a_provider
from journey_place import Place, placed
from playwright.async_api import Browser, Page, Route
from servers import browser as chromium
from servers.smtp import PATIENCE, Received
from test_calendar import at, live

from digest import serving
from digest.app.directory import configured
from digest.app.service import Service, service
from digest.demo.world import SimulatedClock
from digest.subscriptions import Subscription
from digest.web.server import listen

DAY: Final = date(2020, 3, 3)

OPERATORS_SECRET: Final = "a secret that operators share"

IN_A_BROWSER: Final = [
    pytest.mark.skipif(chromium.MISSING is not None, reason=chromium.MISSING or ""),
    pytest.mark.asyncio(loop_scope="session"),
]
"""The marks of tests that want it: one browser is started for all of them, and lives in one loop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A service on a day that has had its edition: where its pages are, and what its mail server got."""

    place: Place
    it: Service
    url: str

    async def letter(self, address: str, count: int = 1) -> Letter:
        """The newest that came to an address, once so many have."""
        return Letter((await self.place.server.until_to(address, count))[-1])

    async def subscription(self, address: str) -> Subscription:
        found = await self.it.store.subscriptions.find(address)
        assert found is not None
        return found

    async def join(self, page: Page, address: str) -> Letter:
        """Fill in the form; the letter that comes of it."""
        before = len(self.place.server.to(address))
        await page.goto(self.url)
        await page.get_by_label("Your email address").fill(address)
        await page.get_by_role("button", name="Join").click()
        return await self.letter(address, before + 1)

    async def subscribe(self, page: Page, address: str) -> Letter:
        """Join and confirm; the letter of welcome."""
        before = len(self.place.server.to(address))
        await page.goto((await self.join(page, address)).link("confirm"))
        await page.get_by_role("button", name="Confirm my subscription").click()
        return await self.letter(address, before + 2)

    async def own(self, page: Page, address: str, what: str) -> str:
        """From the overview, ask for the letter that only the owner gets; the link in it."""
        before = len(self.place.server.to(address))
        await page.get_by_role("link", name=what).click()
        await page.get_by_role("button", name="Email me the link").click()
        return (await self.letter(address, before + 1)).own

    async def settled(self) -> None:
        """Once no letter is on its way: what became of each is written down."""
        async with asyncio.timeout(PATIENCE):
            while any("'accepted'" not in row for row in self.rows()["letters"]):  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    def rows(self) -> dict[str, list[str]]:
        """Everything in the database, as text, by table; what a virtual table has is in tables of its own."""
        with closing(sqlite3.connect(self.place.config / "var" / "digest.db")) as database:
            stored = "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0"
            names = database.execute(stored).fetchall()
            return {name: sorted(map(repr, database.execute(f'SELECT * FROM "{name}"'))) for (name,) in names}


class Letter:
    """One message, as its reader has it."""

    def __init__(self, received: Received) -> None:
        message = message_from_bytes(received.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.subject = str(message["Subject"])
        self.text = self._part(message, "plain")
        self.html = self._part(message, "html")
        self._headers = " ".join(str(value) for value in message.values())

    @property
    def links(self) -> set[str]:
        """Every web address anywhere in it."""
        return set(re.findall(r"https?://[^\s<>\"']+", f"{self._headers} {self.text} {self.html}"))

    def link(self, purpose: str) -> str:
        """The one that serves a purpose, such as "leave"."""
        (found,) = {link for link in self.links if f"/{purpose}/" in link}
        return found

    @property
    def own(self) -> str:
        """The one by which its reader does what an edition's links cannot."""
        (found,) = {link for link in self.links if re.search(r"/(address|export|erase)/", link)}
        return found

    @property
    def code(self) -> str:
        found = re.search(r"\b\d{3} \d{3}\b", self.text)
        assert found is not None
        return found[0]

    @staticmethod
    def _part(message: EmailMessage, kind: str) -> str:
        part = message.get_body((kind,))
        assert part is not None
        content = part.get_content()
        assert isinstance(content, str)
        return content


@asynccontextmanager
async def opened(directory: Path, blank_file: Path) -> AsyncIterator[Desk]:
    """The service at one in the afternoon, put together as `digest run` does."""

    def lay_out(file: Path) -> str:
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(blank_file, file)
        return f"sqlite:///{file}"

    async with placed(directory / "config", lay_out) as place:
        listener = listen("127.0.0.1", 0)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        _set(place.config / "digest.yaml", r"(?m)^  url: https\S+", f"  url: {url}")
        _set(place.config / "digest.yaml", r"(?m)^  per_network: \S+", "  per_network: 1000")
        with (place.config / "secrets.env").open("a") as secrets_file:
            secrets_file.write(f"DIGEST_OPERATORS_SECRET='{OPERATORS_SECRET}'\n")
        await place.file(1, at(DAY, "09:00"))
        settings, secrets = configured(place.config)
        clock = SimulatedClock(at(DAY, "11:45"))
        async with service(settings, secrets, directory=place.config, clock=clock) as it:
            known = a_provider("durham-tees-valley-crc", "Durham Tees Valley CRC")
            await it.store.providers.load([known], [])
            await live(it, clock, at(DAY, "13:00"))
            stop = asyncio.Event()
            pages = asyncio.create_task(serving.serve_readers(it, listener, stop))
            try:
                yield Desk(place=place, it=it, url=url)
            finally:
                stop.set()
                await pages


def _set(file: Path, pattern: str, text: str) -> None:
    said, times = re.subn(pattern, text, file.read_text())
    assert times == 1
    file.write_text(said)


async def press(page: Page, button: str) -> None:
    await page.get_by_role("button", name=button, exact=True).click()


async def elsewhere(page: Page, html: str) -> str:
    """The address of a page on somebody else's site."""

    async def show(route: Route) -> None:
        await route.fulfill(body=html, content_type="text/html; charset=utf-8")

    address = "http://elsewhere.example.net/page"
    await page.route(address, show)
    return address


async def lure(desk: Desk, page: Page, address: str) -> str:
    """A page elsewhere whose button subscribes an address of its own choice to us."""
    field = f'<input type="hidden" name="address" value="{address}">'
    form = f'<form method="post" action="{desk.url}/join">{field}<button>Win</button></form>'
    return await elsewhere(page, form)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium.running() as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(blank_file: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with opened(tmp_path_factory.mktemp("desk"), blank_file) as desk:
        yield desk
