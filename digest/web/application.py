"""The subscribers' site: its routes and what surrounds them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

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
from digest.web.coverage import CoveragePage
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The subscribers' site: what its pages need, and the application that is made of them."""

    store: Store
    membership: Membership
    links: SignedLinks
    renderer: Renderer
    clock: Clock
    sender: Sender
    timetable: Timetable
    inspectorates: Mapping[str, str]  # names by key
    ready: Ready  # says whether the store takes writes
    initials: Mapping[str, str] = field(default_factory=dict)  # what abbreviations of kinds stand for
    metrics: Scrape | None = None  # returns the metrics; None leaves out their page

    def application(self) -> ASGIApp:
        """The site as an ASGI application."""
        pages = Pages(renderer=self.renderer, sender=self.sender)
        app = Starlette(routes=self._routes(pages), exception_handlers=_troubles(pages))
        app.router.redirect_slashes = False  # mail programs must not be redirected (RFC 8058 section 3.1)
        return _surrounded(app, pages)

    def _routes(self, pages: Pages) -> list[Route]:
        covering = self.membership.covering
        catalogue = Catalogue(store=self.store, clock=self.clock, covering=covering, initials=self.initials)
        covered = CoveragePage(covering=covering, store=self.store, timetable=self.timetable, pages=pages)
        return [
            *self._of_joining(pages, catalogue),
            *self._of_owners(pages, catalogue),
            *self._of_leaving(pages),
            Route("/edition/{day}", self._sharing(pages).edition),
            Route("/coverage", covered.page),
            Route("/style.css", pages.style),
            *health_routes(self.ready, self.metrics),
        ]

    def _of_joining(self, pages: Pages, catalogue: Catalogue) -> list[Route]:
        joining = JoinPages(
            store=self.store,
            enrolment=self.membership.enrolment,
            intake=self.membership.intake,
            links=self.links,
            clock=self.clock,
            pages=pages,
            catalogue=catalogue,
        )
        return [
            Route("/", joining.home),
            Route("/join", joining.join, methods=_BOTH),
            Route("/code/{token}", joining.code, methods=_BOTH),
            Route("/confirm/{token}", joining.confirm, methods=_BOTH),
            Route("/fresh-link", joining.fresh_link, methods=_BOTH),
            Route("/come-back/{token}", joining.come_back, methods=_BOTH),
        ]

    def _of_owners(self, pages: Pages, catalogue: Catalogue) -> list[Route]:
        managing = ManagePages(
            store=self.store,
            enrolment=self.membership.enrolment,
            address_changes=self.membership.address_changes,
            owner_links=self.membership.owner_links,
            intake=self.membership.intake,
            links=self.links,
            clock=self.clock,
            timetable=self.timetable,
            pages=pages,
            inspectorates=self.inspectorates,
            catalogue=catalogue,
        )

        def owning(purpose: Purpose) -> OwnerPages:
            return OwnerPages(
                purpose=purpose, membership=self.membership, links=self.links, clock=self.clock, pages=pages
            )

        return [
            Route("/manage/{token}", managing.overview),
            Route("/manage/{token}/{what}", managing.part, methods=_BOTH),
            Route("/move/{token}", managing.move, methods=_BOTH),
            *(Route(f"/{purpose}/{{token}}", owning(purpose).answer, methods=_BOTH) for purpose in EXPIRING),
        ]

    def _of_leaving(self, pages: Pages) -> list[Route]:
        def leaving(purpose: Purpose) -> LeavePages:
            return LeavePages(
                purpose=purpose,
                store=self.store.subscriptions,
                enrolment=self.membership.enrolment,
                links=self.links,
                pages=pages,
            )

        stopping = NeverAgainPages(enrolment=self.membership.enrolment, links=self.links, pages=pages)
        return [
            Route("/leave/{token}", leaving(Purpose.LEAVE).answer, methods=_BOTH),
            Route("/one-click/{token}", leaving(Purpose.ONE_CLICK).answer, methods=_BOTH),
            Route("/never-again/{token}", stopping.answer, methods=_BOTH),
        ]

    def _sharing(self, pages: Pages) -> SharedEditions:
        return SharedEditions(
            editions=self.store.editions,
            clock=self.clock,
            timetable=self.timetable,
            pages=pages,
            home=self.links.home(),
            inspectorates=self.inspectorates,
        )


def _surrounded(app: ASGIApp, pages: Pages) -> ASGIApp:
    """The application within what guards it, so that error pages have the headers too."""
    guarded = SameSiteForms(app, open_to_all=BY_MAIL_PROGRAMS, turned_away=_elsewhere(pages))
    counted = RequestBodyLimitMiddleware(guarded, LARGEST_BODY)
    return SecurityHeaders(BodyLengthLimit(counted, LARGEST_BODY, refused=_refused(pages, "large")))


def _troubles(pages: Pages) -> dict[Any, Callable[[Request, Exception], Response]]:
    """The page for each refusal and failure."""
    return {
        404: _not_found(pages),
        400: _refused(pages, "half"),
        405: _refused(pages, "method"),
        408: _refused(pages, "half"),
        413: _refused(pages, "large"),
        429: _refused(pages, "often"),
        DayUsedUp: _used_up(pages),
        StoreError: _store_trouble(pages),
        Exception: _trouble(pages),
    }


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
