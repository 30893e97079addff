"""The site: which address leads where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from digest.adapters.links import Purpose, SignedLinks
from digest.compose import Sender
from digest.ports import Clock, Renderer, SubscriptionStore
from digest.web.health import Ready, Scrape, health_routes
from digest.web.leaving import Leaving
from digest.web.pages import Pages, SecurityHeaders

LARGEST_BODY: Final = 10_000
"""Octets; the largest post we wait for has 26 of them, or a few hundred as multipart."""


def build(
    *,
    store: SubscriptionStore,
    links: SignedLinks,
    renderer: Renderer,
    clock: Clock,
    sender: Sender,
    ready: Ready,
    metrics: Scrape | None = None,
) -> ASGIApp:
    """The subscribers' site as an ASGI application.

    `ready` asks whether the store can be reached; `metrics` gives the text of a scrape, and without it there
    is no such page.
    """
    pages = Pages(renderer=renderer, sender=sender)

    def leaving(purpose: Purpose) -> Leaving:
        return Leaving(purpose=purpose, store=store, links=links, clock=clock, pages=pages)

    app = Starlette(
        routes=[
            Route("/leave/{token}", leaving(Purpose.LEAVE).answer, methods=["GET", "POST"]),
            Route("/one-click/{token}", leaving(Purpose.ONE_CLICK).answer, methods=["GET", "POST"]),
            Route("/style.css", pages.style),
            *health_routes(ready, metrics),
        ],
        exception_handlers={404: _not_found(pages), Exception: _trouble(pages)},
    )
    app.router.redirect_slashes = False  # a mail program is not to be redirected (RFC 8058 section 3.1)
    # Around the whole application, so that the answers to errors carry the headers too.
    return SecurityHeaders(RequestBodyLimitMiddleware(app, LARGEST_BODY))


def _not_found(pages: Pages) -> Callable[[Request, Exception], Response]:
    def show(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return pages.show(request, "not_found", status=error.status_code)

    return show


def _trouble(pages: Pages) -> Callable[[Request, Exception], Response]:
    def show(request: Request, _: Exception) -> Response:
        return pages.show(request, "trouble", status=500)

    return show
