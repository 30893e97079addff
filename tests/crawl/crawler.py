"""Follows every link of a site, from page to page, and says what is wrong with what it gets."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urldefrag, urljoin, urlsplit

import aiohttp

_LINKS: Final = re.compile(r"""(?:href|src|action)=["']([^"']*)["']|<loc>([^<]*)</loc>""")
_BASE: Final = re.compile(r"""<base href=["']([^"']*)["']""")
_IN_JSON: Final = re.compile(r'"(https?://[^"\\]*)"')
_POSTED: Final = re.compile(r"""<form[^>]*method=["']post["'][^>]*>""", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_RUN: Final = re.compile(r"[\w-]{20,}", re.ASCII)
_FRAGMENT: Final = re.compile(r"""\bid=["']([^"']+)["']""")


@dataclass(slots=True, kw_only=True)
class Crawl:
    """What a crawler has seen. `troubles` are sentences, each with its address."""

    base: str  # the address at which we ask
    public: str  # the address that pages give for the site, as the settings have it
    is_token: Callable[[str], bool]
    addresses: frozenset[str]  # that may stand on pages: the service's own
    most: int = 10_000
    at_once: int = 4
    fetched: int = 0
    redirected: int = 0
    octets: int = 0
    troubles: list[str] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)
    _waiting: asyncio.Queue[tuple[str, str]] = field(default_factory=asyncio.Queue)
    _ids: dict[str, frozenset[str]] = field(default_factory=dict)
    _fragments: list[tuple[str, str, str]] = field(default_factory=list)

    async def run(self, *starts: str) -> None:
        """Fetch the pages at these paths, and all that they lead to, at most `most` in all."""
        for start in starts:
            self._meet(urljoin(self.base, start), "the start")
        async with aiohttp.ClientSession() as client, asyncio.TaskGroup() as group:
            visitors = [group.create_task(self._visit(client)) for _ in range(self.at_once)]
            await self._waiting.join()
            for visitor in visitors:
                visitor.cancel()
        self._check_fragments()

    async def _visit(self, client: aiohttp.ClientSession) -> None:
        while True:
            url, seen_on = await self._waiting.get()
            try:
                await self._fetch(client, url, seen_on)
            finally:
                self._waiting.task_done()

    async def _fetch(self, client: aiohttp.ClientSession, url: str, seen_on: str) -> None:
        async with client.get(url, allow_redirects=False) as answer:
            body = await answer.read()
        self.fetched += 1
        self.octets += len(body)
        if answer.status in {301, 308}:
            self.redirected += 1
            self._meet(urljoin(url, answer.headers["Location"]), url)
        elif answer.status != 200:
            self._trouble(url, f"status {answer.status}, linked on {seen_on}")
        if "Set-Cookie" in answer.headers:
            self._trouble(url, "a cookie")
        kind = answer.content_type
        text = body.decode(answer.charset or "utf-8")
        self._look_for_secrets(url, text)
        for link in _links_in(text, kind, url):
            self._meet(link, url)
        if kind == "text/html":
            self._ids[url] = frozenset(html.unescape(one) for one in _FRAGMENT.findall(text))

    def _look_for_secrets(self, url: str, text: str) -> None:
        for found in _ADDRESS.findall(text):
            if found.casefold() not in self.addresses and not found.startswith("tag:"):
                self._trouble(url, f"an address: {found}")
        for run in _RUN.findall(text):
            if self.is_token(run):
                self._trouble(url, "a token")

    def _meet(self, link: str, seen_on: str) -> None:
        if link.startswith(self.public):
            link = self.base + link.removeprefix(self.public)
        url, fragment = urldefrag(link)
        if not url.startswith(self.base):
            return  # somebody else's, and mailto:
        if fragment:
            self._fragments.append((url, fragment, seen_on))
        if url not in self._seen and len(self._seen) < self.most:
            self._seen.add(url)
            self._waiting.put_nowait((url, seen_on))

    def _check_fragments(self) -> None:
        """A link into a page leads to a place that it has."""
        for url, fragment, seen_on in self._fragments:
            ids = self._ids.get(url)
            if ids is not None and fragment not in ids:
                self._trouble(url, f"no place #{fragment}, linked on {seen_on}")

    def _trouble(self, url: str, what: str) -> None:
        self.troubles.append(f"{urlsplit(url)._replace(scheme='', netloc='').geturl()}: {what}")


def _links_in(text: str, kind: str, url: str) -> Iterator[str]:
    if url.endswith("/openapi.json"):
        return  # it names the address that all others begin with, which is none itself
    if "json" in kind:
        yield from _IN_JSON.findall(text)
    elif kind in {"text/html", "application/atom+xml", "application/xml", "text/xml"}:
        based = _BASE.search(text)
        base = urljoin(url, based[1]) if based else url
        # A form that is posted changes something, and is not followed.
        for pair in _LINKS.findall(_POSTED.sub("", text)):
            yield urljoin(base, html.unescape(pair[0] or pair[1]))
