"""The subscribers' site: its routes and what surrounds them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from digest.compose import Sender
from digest.errors import DayUsedUp, StoreError
from digest.membership import Membership
from digest.ports import Clock, Renderer, Store
from digest.present.links import SignedLinks
from digest.schedule import Timetable
from digest.tokens import EXPIRING, Purpose
from digest.web.form_guard import BodyLengthLimit, SameSiteForms
from digest.web.health import Ready, Scrape, health_routes
from digest.web.joining import JoinPages
from digest.web.leaving import LeavePages, NeverAgainPages
from digest.web.managing import ManagePages
from digest.web.owner_pages import OwnerPages
from digest.web.pages import Pages, SecurityHeaders, own_path
from digest.web.sharing import SharedEditions
from digest.web.wishing import Catalogue

log = logging.getLogger(__name__)

LARGEST_BODY: Final = 16_000
"""Octets of a form; enough to name a hundred services."""

BY_MAIL_PROGRAMS: Final = ("/one-click/", "/never-again/")
"""What mail programs post to for their readers, from sites of their own (RFC 8058)."""

_BOTH: Final = ["GET", "POST"]


def build(
    *,
    store: Store,
    membership: Membership,
    links: SignedLinks,
    renderer: Renderer,
    clock: Clock,
    sender: Sender,
    timetable: Timetable,
    inspectorates: Mapping[str, str],
    ready: Ready,
    initials: Mapping[str, str] | None = None,
    metrics: Scrape | None = None,
) -> ASGIApp:
    """The subscribers' site as an ASGI application.

    `inspectorates` holds names by key, `initials` the words that abbreviations of kinds stand for.
    `ready` says whether the store takes writes; `metrics` returns the metrics, None leaves out their page.
    """
    pages = Pages(renderer=renderer, sender=sender)
    catalogue = Catalogue(store=store, clock=clock, initials=initials or {})

    def leaving(purpose: Purpose) -> LeavePages:
        return LeavePages(
            purpose=purpose,
            store=store.subscriptions,
            enrolment=membership.enrolment,
            links=links,
            pages=pages,
        )

    stopping = NeverAgainPages(enrolment=membership.enrolment, links=links, pages=pages)
    joining = JoinPages(
        store=store,
        enrolment=membership.enrolment,
        intake=membership.intake,
        links=links,
        clock=clock,
        pages=pages,
        inspectorates=inspectorates,
        catalogue=catalogue,
    )
    managing = ManagePages(
        store=store,
        enrolment=membership.enrolment,
        address_changes=membership.address_changes,
        owner_links=membership.owner_links,
        intake=membership.intake,
        links=links,
        clock=clock,
        timetable=timetable,
        pages=pages,
        inspectorates=inspectorates,
        catalogue=catalogue,
    )

    def owning(purpose: Purpose) -> OwnerPages:
        return OwnerPages(purpose=purpose, membership=membership, links=links, clock=clock, pages=pages)

    sharing = SharedEditions(
        editions=store.editions,
        clock=clock,
        timetable=timetable,
        pages=pages,
        home=links.home(),
        inspectorates=inspectorates,
    )

    app = Starlette(
        routes=[
            Route("/", joining.home),
            Route("/join", joining.join, methods=_BOTH),
            Route("/code/{token}", joining.code, methods=_BOTH),
            Route("/confirm/{token}", joining.confirm, methods=_BOTH),
            Route("/fresh-link", joining.fresh_link, methods=_BOTH),
            Route("/come-back/{token}", joining.come_back, methods=_BOTH),
            Route("/manage/{token}", managing.overview),
            Route("/manage/{token}/{what}", managing.part, methods=_BOTH),
            Route("/move/{token}", managing.move, methods=_BOTH),
            *(Route(f"/{purpose}/{{token}}", owning(purpose).answer, methods=_BOTH) for purpose in EXPIRING),
            Route("/edition/{day}", sharing.edition),
            Route("/leave/{token}", leaving(Purpose.LEAVE).answer, methods=_BOTH),
            Route("/one-click/{token}", leaving(Purpose.ONE_CLICK).answer, methods=_BOTH),
            Route("/never-again/{token}", stopping.answer, methods=_BOTH),
            Route("/style.css", pages.style),
            *health_routes(ready, metrics),
        ],
        exception_handlers={
            404: _not_found(pages),
            400: _refused(pages, "half"),
            405: _refused(pages, "method"),
            408: _refused(pages, "half"),
            413: _refused(pages, "large"),
            429: _refused(pages, "often"),
            DayUsedUp: _used_up(pages),
            StoreError: _store_trouble(pages),
            Exception: _trouble(pages),
        },
    )
    app.router.redirect_slashes = False  # mail programs must not be redirected (RFC 8058 section 3.1)
    # These surround the application, so that error pages have the headers too.
    guarded = SameSiteForms(app, open_to_all=BY_MAIL_PROGRAMS, turned_away=_elsewhere(pages))
    counted = RequestBodyLimitMiddleware(guarded, LARGEST_BODY)
    return SecurityHeaders(BodyLengthLimit(counted, LARGEST_BODY, refused=_refused(pages, "large")))


def _elsewhere(pages: Pages) -> Callable[[Request], Response]:
    return lambda request: pages.show(request, "refused", status=403, why="elsewhere")


def _not_found(pages: Pages) -> Callable[[Request, Exception], Response]:
    def show(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return pages.show(request, "not_found", status=error.status_code)

    return show


def _refused(pages: Pages, why: str) -> Callable[[Request, Exception], Response]:
    def show(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if own_path(request.scope).startswith(BY_MAIL_PROGRAMS) and request.method == "POST":
            return PlainTextResponse(error.detail, status_code=error.status_code)  # a mail program reads this
        page = pages.show(request, "refused", status=error.status_code, why=why)
        page.headers.update(error.headers or {})
        return page

    return show


def _used_up(pages: Pages) -> Callable[[Request, Exception], Response]:
    return lambda request, _: pages.show(request, "refused", status=429, why="day")


def _store_trouble(pages: Pages) -> Callable[[Request, Exception], Response]:
    def show(request: Request, error: Exception) -> Response:
        log.error("a page could not use the database", extra={"why": str(error)})
        return pages.show(request, "trouble", status=503)

    return show


def _trouble(pages: Pages) -> Callable[[Request, Exception], Response]:
    def show(request: Request, _: Exception) -> Response:
        return pages.show(request, "trouble", status=500)

    return show
