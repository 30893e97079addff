"""The public site as files that a browser opens from disk.

Links between the files are relative. A link to a page that was not written leads to its public address; one
to a publisher's page that was not written is no link any more.
"""

from __future__ import annotations

import asyncio
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from html import escape, unescape
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, quote_plus, unquote, urljoin, urlsplit

import aiohttp

from digest.demo.world import World
from digest.edition import SectionKind
from digest.ports import PublicStore
from digest.site.addresses import edition_page, service_page, table_page

SITE: Final = "site"
"""The folder of the pages, in that of the demo."""

MOST: Final = 500
"""The most files that are written."""

REPORTS: Final = "reports"
"""The folder of the publishers' pages that the site links to."""

_PAST: Final = date(2016, 6, 30)
"""A day of which the site's files have a table."""

_LINK: Final = re.compile(r'( (?:href|action)=")([^"]*)"')
_UNFIT: Final = re.compile(r"[^A-Za-z0-9._-]+")
"""What some file systems do not take in a name."""


def file_of(address: str) -> str:
    """The file of a page, by its path and query: "archive" is "archive.html", "" is "index.html"."""
    split = urlsplit(address)
    parts = [_UNFIT.sub("-", part) for part in unquote(split.path).strip("/").split("/")]
    name = "/".join(parts) or "index"
    chosen = [_UNFIT.sub("-", f"{key}-{value}") for key, value in parse_qsl(split.query)]
    return name if name.endswith(".css") else "--".join([name, *chosen]) + ".html"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCopy:
    """Copies a site into a folder, with the pages of publishers that it links to."""

    base: str  # where the site is served, with a slash at the end
    public: str  # its public address, likewise
    publishers: str  # where the publishers' pages are served, likewise
    also: Sequence[str] = ()  # pages that no link leads to, such as "search?q=kent"
    _pages: dict[str, str] = field(default_factory=dict, init=False)  # by address
    _files: dict[str, str] = field(default_factory=dict, init=False)

    async def write(self, directory: Path) -> tuple[str, ...]:
        """Write the files; returns their names below `directory`, in the order in which they were found."""
        async with aiohttp.ClientSession() as session:
            await self._walk(session)
            sheet = await self._text(session, self.base + "site.css", "text/css")
        assert sheet is not None
        self._files[self.base + "site.css"] = "site.css"
        texts = {self._files[page]: self._linked(page, html) for page, html in self._pages.items()}
        await asyncio.to_thread(_write, directory, {**texts, "site.css": sheet})
        return tuple(texts)

    async def _walk(self, session: aiohttp.ClientSession) -> None:
        """Read the home page and all that it leads to."""
        waiting = dict.fromkeys([self.base, *(self.base + page for page in self.also)])
        seen: set[str] = set()
        while waiting and len(self._pages) < MOST:
            address = next(iter(waiting))
            del waiting[address]
            seen.add(address)
            html = await self._text(session, address, "text/html")
            if html is None:
                continue
            self._pages[address] = html
            self._files[address] = self._file(address)
            if address.startswith(self.base):
                waiting.update(dict.fromkeys(one for one in self._leads(address, html) if one not in seen))

    async def _text(self, session: aiohttp.ClientSession, address: str, media_type: str) -> str | None:
        """The text at an address; None if it is of another type, or a page that is not for everybody."""
        async with session.get(address, allow_redirects=False) as answer:
            fit = answer.status == 200 and answer.content_type == media_type
            public = answer.headers.get("X-Robots-Tag", "all") == "all"
            return await answer.text() if fit and public else None

    def _leads(self, address: str, html: str) -> Iterable[str]:
        """The pages of the site and of publishers that a page links to. Of lists, all pages are read."""
        for _, link in _LINK.findall(html):
            target = urljoin(address, unescape(link)).partition("#")[0]
            known = target.startswith((self.base, self.publishers))
            if known and all(key == "page" for key, _ in parse_qsl(urlsplit(target).query)):
                yield target

    def _file(self, address: str) -> str:
        if address.startswith(self.base):
            return file_of(address.removeprefix(self.base))
        return f"{REPORTS}/{file_of(address.removeprefix(self.publishers))}"

    def _linked(self, page: str, html: str) -> str:
        """A page with its links as they work from its file."""
        here = posixpath.dirname(self._files[page])

        def link(found: re.Match[str]) -> str:
            if found[2].startswith("#"):
                return found[0]
            target, _, anchor = urljoin(page, unescape(found[2])).partition("#")
            file = self._files.get(target)
            if file is not None and "action" not in found[1]:  # no file answers a form
                target = posixpath.relpath(file, here or ".")
            elif target.startswith(self.base):
                target = self.public + target.removeprefix(self.base)
            elif target.startswith(self.publishers):
                return ""  # nothing answers there any more
            return f'{found[1]}{escape(f"{target}#{anchor}" if anchor else target)}"'

        return _LINK.sub(link, html)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFiles:
    """The public site as files, by their names in the folder of the demo."""

    count: int
    home: str
    edition: str
    service: str  # one with many inspections
    table: str  # in which that service stands
    past: str  # the same table as of a past day
    search: str  # what a search finds by a misspelt name


async def write_site(copy: SiteCopy, public: PublicStore, world: World, directory: Path) -> SiteFiles:
    """Write the site as it is at the end of the story."""
    lead = max(world.data, key=lambda one: len(one.earlier))
    id = next(lead.providers()).id
    service = (await public.named([id]))[id]
    past = f"{table_page(service.inspectorate)}?on={_PAST}"
    search = "search?q=" + quote_plus(_misspelt(service.name))
    files = await replace(copy, also=(search, past)).write(directory / SITE)
    return SiteFiles(
        count=len(files),
        home=f"{SITE}/{file_of('')}",
        edition=f"{SITE}/{file_of(edition_page(lead_day(world)))}",
        service=f"{SITE}/{file_of(service_page(service.id, service.slug, service.inspectorate))}",
        table=f"{SITE}/{file_of(table_page(service.inspectorate))}",
        past=f"{SITE}/{file_of(past)}",
        search=f"{SITE}/{file_of(search)}",
    )


def lead_day(world: World) -> date:
    """The day of the edition to look at first: that of the first upgrade."""
    upgrades = (
        day.date
        for day in world.days
        for one in day.publications
        if one.expect and one.expect.section is SectionKind.UPGRADES
    )
    return next(upgrades, world.days[0].date)


def _misspelt(name: str) -> str:
    """A name as somebody may type it: without one of its double letters, or with two letters swapped."""
    once = re.sub(r"(.)\1", r"\1", name, count=1)
    return once if once != name else name[1::-1] + name[2:]


def _write(directory: Path, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
