"""The demo's web site: a real HTTP server on loopback with the feeds, pages and data that are out by now.

Feeds are RSS 2.0 as WordPress writes it, or Atom (RFC 4287). The same publications always give the same
octets, so ETags are right; conditional requests get a 304 if nothing changed (RFC 9110 section 13).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from email.utils import format_datetime
from types import TracebackType
from typing import Final, Self
from xml.etree import ElementTree as ET

from aiohttp import ETag, web

from digest.demo.data import DataPublisher, Served
from digest.demo.world import Publication, Publisher, World
from digest.ports import Clock

HOST: Final = "127.0.0.1"


class Site:
    """Serves the publishers' feeds and pages as they are at the clock's time.

    `url` is known inside `async with`. `requests` counts all requests by path, `not_modified` the 304s.
    """

    def __init__(self, world: World, clock: Clock, *, port: int = 0) -> None:
        self._world = world
        self._clock = clock
        self._port = port
        self._runner: web.AppRunner | None = None
        self.url = ""
        self.requests: Counter[str] = Counter()
        self.not_modified: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._count])
        for publisher in self._world.publishers:
            app.router.add_get(publisher.feed_path, self._feed_of(publisher))
        for publication in self._world.publications:
            app.router.add_get(publication.path, self._page_of(publication))
        for data in self._world.data:
            app.router.add_get(f"/{data.key}/{{path:.*}}", self._data_of(data))
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        try:
            site = web.TCPSite(self._runner, HOST, self._port)
            await site.start()
        except OSError:
            await self._runner.cleanup()
            raise
        port = self._runner.addresses[0][1]
        self.url = f"http://{HOST}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def feed_url(self, publisher: Publisher) -> str:
        return self.url + publisher.feed_path

    @web.middleware
    async def _count(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        self.requests[request.path] += 1
        response = await handler(request)
        if response.status == 304:
            self.not_modified[request.path] += 1
        return response

    def _feed_of(self, publisher: Publisher) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            out = [p for p in self._world.out(self._clock.now()) if p.publisher == publisher.key]
            body, media_type = feed(publisher, out, self.url)
            changed_at = out[-1].published_at if out else None
            return _answer(request, body, media_type, changed_at)

        return answer

    def _page_of(self, publication: Publication) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            if publication.published_at > self._clock.now():
                raise web.HTTPNotFound
            body = await asyncio.to_thread(self._world.page, publication)
            return _answer(request, body, "text/html", publication.published_at)

        return answer

    def _data_of(self, publisher: DataPublisher) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            day = self._clock.now().astimezone(self._world.zone).date()
            served = Served(publisher=publisher, day=day, base=f"{self.url}/{publisher.key}")
            found = served.answer(request.match_info["path"])
            if found is None:
                raise web.HTTPNotFound
            return _answer(request, *found, None)

        return answer


def _answer(request: web.Request, body: bytes, media_type: str, changed_at: datetime | None) -> web.Response:
    """Status 200 with the body and its validators, or 304 with the validators alone."""
    tag = ETag(hashlib.blake2b(body, digest_size=12).hexdigest())
    if _is_current(request, tag, changed_at):
        response = web.Response(status=304)
    else:
        response = web.Response(body=body, content_type=media_type, charset="utf-8")
    response.etag = tag
    response.last_modified = changed_at
    return response


def _is_current(request: web.Request, tag: ETag, changed_at: datetime | None) -> bool:
    """Whether the client's copy is current."""
    if request.if_none_match is not None:
        # Weak comparison, and If-Modified-Since is then ignored (RFC 9110 section 13.1.2, 13.1.3).
        return any(held.value in (tag.value, "*") for held in request.if_none_match)
    since = request.if_modified_since
    return since is not None and changed_at is not None and changed_at.replace(microsecond=0) <= since


_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
ET.register_namespace("atom", _ATOM)
ET.register_namespace("dc", _DC)


def feed(publisher: Publisher, out: Sequence[Publication], base: str) -> tuple[bytes, str]:
    """The feed's octets and media type. `out` holds the publisher's publications, the oldest first.

    `base` is the site's URL without a slash at the end.
    """
    newest = out[: -publisher.holds - 1 : -1]
    if publisher.format == "rss":
        return _rss(publisher, newest, base), "application/rss+xml"
    return _atom(publisher, newest, base), "application/atom+xml"


def _rss(publisher: Publisher, newest: Sequence[Publication], base: str) -> bytes:
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    _text(channel, "title", publisher.name)
    own = {"href": base + publisher.feed_path, "rel": "self", "type": "application/rss+xml"}
    ET.SubElement(channel, f"{{{_ATOM}}}link", own)
    _text(channel, "link", f"{base}/{publisher.key}/")
    _text(channel, "description", publisher.about)
    if newest:
        # Not the time of the request, which would change every response.
        _text(channel, "lastBuildDate", format_datetime(newest[0].published_at))
    _text(channel, "language", "en-GB")
    _text(channel, "generator", "https://wordpress.org/?v=5.3.2")
    for publication in newest:
        _rss_item(channel, publisher, publication, base)
    return _bytes(root)


def _rss_item(channel: ET.Element, publisher: Publisher, publication: Publication, base: str) -> None:
    link = base + publication.path
    item = ET.SubElement(channel, "item")
    _text(item, "title", publication.title)
    _text(item, "link", link)
    _text(item, f"{{{_DC}}}creator", publisher.author or publisher.name)
    _text(item, "pubDate", format_datetime(publication.published_at))
    _text(item, "guid", f"{base}/{publisher.key}/?p={publication.id}", isPermaLink="false")
    teaser = f'<p>{_escaped(publication.summary)} [&#8230;]</p>\n<p>The post <a href="{link}">'
    teaser += f"{_escaped(publication.title)}</a> appeared first on {_escaped(publisher.name)}.</p>"
    _text(item, "description", teaser)


def _atom(publisher: Publisher, newest: Sequence[Publication], base: str) -> bytes:
    root = ET.Element(f"{{{_ATOM}}}feed")
    _text(root, f"{{{_ATOM}}}id", f"{base}/{publisher.key}/")
    _text(root, f"{{{_ATOM}}}title", publisher.name)
    _text(root, f"{{{_ATOM}}}subtitle", publisher.about)
    ET.SubElement(root, f"{{{_ATOM}}}link", href=base + publisher.feed_path, rel="self")
    ET.SubElement(root, f"{{{_ATOM}}}link", href=f"{base}/{publisher.key}/", rel="alternate")
    author = ET.SubElement(root, f"{{{_ATOM}}}author")
    _text(author, f"{{{_ATOM}}}name", publisher.author or publisher.name)
    if newest:
        _text(root, f"{{{_ATOM}}}updated", newest[0].published_at.isoformat())
    for publication in newest:
        _atom_entry(root, publication, base)
    return _bytes(root)


def _atom_entry(root: ET.Element, publication: Publication, base: str) -> None:
    entry = ET.SubElement(root, f"{{{_ATOM}}}entry")
    # A tag URI (RFC 4151): it does not depend on the site's address.
    name = f"tag:{publication.publisher}.example.org,{publication.day.year}:{publication.id}"
    _text(entry, f"{{{_ATOM}}}id", name)
    _text(entry, f"{{{_ATOM}}}title", publication.title)
    ET.SubElement(entry, f"{{{_ATOM}}}link", href=base + publication.path, rel="alternate", type="text/html")
    _text(entry, f"{{{_ATOM}}}published", publication.published_at.isoformat())
    _text(entry, f"{{{_ATOM}}}updated", publication.published_at.isoformat())
    _text(entry, f"{{{_ATOM}}}summary", publication.summary)


def _text(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, tag, attributes).text = text


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _bytes(root: ET.Element) -> bytes:
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written
