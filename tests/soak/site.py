"""The publishers of a soak test: one real web server on many loopback addresses, at the clock's time."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from html import escape
from types import TracebackType
from typing import Final, Self

from aiohttp import web
from clocks import Clock

from soak.world import Fault, Plan, Publication, SourcePlan

_LISTED: Final = 15  # items in a feed
_STATUS: Final = {Fault.ERROR: 500, Fault.BUSY: 503, Fault.TOO_MANY: 429}
_PAGE_STATUS: Final = {Fault.PAGE_ERROR: 500, Fault.PAGE_MISSING: 404, Fault.PAGE_BUSY: 503}
_ASKS_US_TO_WAIT: Final = {Fault.BUSY, Fault.TOO_MANY, Fault.PAGE_BUSY}
_APOLOGY: Final = (
    "<!doctype html><title>Sorry</title><h1>Sorry, there is a problem</h1><p>Try again later.</p>"
)
_CHALLENGE: Final = (
    "<!doctype html><title>Just a moment...</title><div id='challenge-stage'></div>"
    "<h1>inspectorate.example</h1><p>Verifying you are human. This may take a few seconds.</p>"
    "<p>The site needs to review the security of your connection before proceeding.</p>"
    "<noscript>Enable JavaScript and cookies to continue</noscript>"
    "<script src='/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1'></script>"
)


class Site:
    """`requests` counts what was asked for."""

    def __init__(self, plan: Plan, clock: Clock, *, seed: int) -> None:
        self._plan = plan
        self._clock = clock
        self._chance = random.Random(seed)
        self._runner: web.AppRunner | None = None
        self.port = 0
        self.requests = 0
        self._awaited: tuple[int, asyncio.Event] | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        for source in self._plan.sources:
            app.router.add_get(f"/{source.id}/feed", self._feed_of(source))
            app.router.add_get(f"/{source.id}/{{slug}}", self._page_of(source))
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        for host in sorted({source.host for source in self._plan.sources}):
            listening = socket.create_server((host, self.port))
            self.port = listening.getsockname()[1]
            await web.SockSite(self._runner, listening).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def asked(self, times: int) -> asyncio.Event:
        """An event that is set when the publishers were asked so many more times."""
        self._awaited = (self.requests + times, asyncio.Event())
        return self._awaited[1]

    def feed_url(self, source: SourcePlan) -> str:
        return f"http://{source.host}:{self.port}/{source.id}/feed"

    def _feed_of(self, source: SourcePlan) -> web.RequestHandler:  # type: ignore[type-arg]
        async def answer(request: web.Request) -> web.Response:
            now = self._heed(request)
            faults = {spell.fault for spell in source.spells if spell.at(now)}
            if Fault.RESET in faults:
                _hang_up(request)
            for fault in faults & _STATUS.keys():
                return _failing(_STATUS[fault], fault)
            if Fault.APOLOGY in faults:
                return web.Response(text=_APOLOGY, content_type="text/html")
            body = self._feed(source, faults, now)
            charset = "undefined" if Fault.WRONG_CHARSET in faults else "utf-8"
            response = web.Response(body=body)
            response.headers["Content-Type"] = f"application/rss+xml; charset={charset}"
            return response

        return answer  # type: ignore[return-value]

    def _feed(self, source: SourcePlan, faults: set[Fault], now: datetime) -> bytes:
        out = [p for p in source.publications if p.published_at <= now][-_LISTED:][::-1]
        if Fault.EMPTY in faults:
            out = []
        if Fault.TWICE in faults:
            out = [*out, *out]
        if Fault.SHUFFLED in faults:
            self._chance.shuffle(out)
        items = "".join(self._entry(source, publication, faults) for publication in out)
        channel = f"<channel><title>{source.id}</title>{items}</channel>"
        whole = f"<?xml version='1.0'?><rss version='2.0'>{channel}</rss>"
        return whole.encode()[: len(whole) // 2 if Fault.CUT_OFF in faults else None]

    def _entry(self, source: SourcePlan, publication: Publication, faults: set[Fault]) -> str:
        link = f"http://{source.host}:{self.port}/{source.id}/{publication.slug}"
        at, tracking = publication.published_at, "?utm_source=rss" if Fault.TRACKED in faults else ""
        dated = at.strftime("%Y-%m-%dT%H:%M:%S+00:00") if Fault.RESPELT in faults else format_datetime(at)
        id = f"{publication.slug}-of-{'new' if Fault.NEW_IDS in faults else source.id}"
        return (
            f"<item><title>{escape(publication.title)}</title><link>{link}{tracking}</link>"
            f"<guid isPermaLink='false'>{id}</guid><pubDate>{dated}</pubDate>"
            f"<description>{escape(publication.title)}.</description></item>"
        )

    def _page_of(self, source: SourcePlan) -> web.RequestHandler:  # type: ignore[type-arg]
        pages = {publication.slug: publication for publication in source.publications}

        async def answer(request: web.Request) -> web.Response:
            now = self._heed(request)
            publication = pages.get(request.match_info["slug"])
            if publication is None or publication.published_at > now:
                raise web.HTTPNotFound
            faults = {spell.fault for spell in publication.spells if spell.at(now)}
            if Fault.PAGE_RESET in faults:
                _hang_up(request)
            for fault in faults & _PAGE_STATUS.keys():
                return _failing(_PAGE_STATUS[fault], fault)
            text = (
                _CHALLENGE if Fault.PAGE_CHALLENGE in faults else page(publication, official=source.official)
            )
            response = web.Response(body=text.encode())
            charset = "undefined" if Fault.PAGE_CHARSET in faults else "utf-8"
            response.headers["Content-Type"] = f"text/html; charset={charset}"
            return response

        return answer  # type: ignore[return-value]

    def _heed(self, request: web.Request) -> datetime:
        self.requests += 1
        if self._awaited and self.requests >= self._awaited[0]:
            self._awaited[1].set()
        now = self._clock.now()
        if self._plan.line_down.at(now):
            _hang_up(request)
        return now


def _hang_up(request: web.Request) -> None:
    """Reset the connection, as a crashed server does."""
    if request.transport is not None:
        request.transport.abort()
    raise web.HTTPInternalServerError  # nobody gets it


def _failing(status: int, fault: Fault) -> web.Response:
    waits = {"Retry-After": "1800"} if fault in _ASKS_US_TO_WAIT else {}
    return web.Response(status=status, headers=waits)


def page(publication: Publication, *, official: bool) -> str:
    """A report that raises a unit, or a blog's post about it."""
    told: Sequence[str] = (
        (
            f"HM Inspectorate of Probation has rated {publication.place} PDU 'Good' overall.",
            "The service was rated 'Requires improvement' at its last inspection in 2023.",
            "Inspectors visited the unit for three days in October and spoke with staff.",
            "Leaders know their service well and act on what they learn.",
            "Training for new staff begins late, and some records are not complete.",
        )
        if official
        else (
            f"We spent a day in {publication.place} and talked with people about their work.",
            "The kettle was on, the files were open, and everybody had a story to tell us.",
            "This note is about what we saw, and about what we would like to see next year.",
        )
    )
    paragraphs = "".join(f"<p>{sentence}</p>" for sentence in told)
    day = f"<p>Published {publication.published_at.day} {publication.published_at:%B %Y}</p>"
    return (
        f"<!doctype html><html lang='en'><title>{publication.title}</title>"
        f"<main><h1>{publication.title}</h1>{day}{paragraphs}</main></html>"
    )
