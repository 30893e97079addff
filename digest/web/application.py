"""The routes of subscribers' pages, and what surrounds every page."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from digest.errors import DayUsedUp, StoreError
from digest.membership import Membership
from digest.pages.headers import OWN_PAGES, SecurityHeaders, own_path
from digest.pages.problems import for_a_program, problem
from digest.ports import Clock, Store
from digest.present.links import SignedLinks
from digest.schedule import Timetable
from digest.tokens import EXPIRING, Purpose
from digest.web.form_guard import BodyLengthLimit, SameSiteForms
from digest.web.joining import JoinPages
from digest.web.leaving import WITHOUT, LeavePages, NeverAgainPages, StopPages
from digest.web.managing import ManagePages
from digest.web.owner_pages import OwnerPages
from digest.web.pages import SubscriberPages
from digest.web.wishing import Catalogue

log = logging.getLogger(__name__)

LARGEST_BODY: Final = 16_000
"""Octets of a form; enough to name a hundred services."""

BY_MAIL_PROGRAMS: Final = ("/one-click/", "/never-again/", "/stop-alerts/", "/stop-sign-of-life/")
"""What mail programs post to for their readers, from sites of their own (RFC 8058)."""

_BOTH: Final = ["GET", "POST"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribers:
    """What subscribers' pages need, and their routes."""

    store: Store
    membership: Membership
    links: SignedLinks
    clock: Clock
    timetable: Timetable
    inspectorates: Mapping[str, str]  # names by key
    pages: SubscriberPages
    catalogue: Catalogue

    def routes(self) -> list[Route]:
        style = Route("/style.css", self.pages.style)
        return [*self._of_joining(), *self._of_owners(), *self._of_leaving(), style]

    @property
    def joining(self) -> JoinPages:
        return JoinPages(
            store=self.store,
            enrolment=self.membership.enrolment,
            intake=self.membership.intake,
            links=self.links,
            clock=self.clock,
            pages=self.pages,
            catalogue=self.catalogue,
        )

    def _of_joining(self) -> list[Route]:
        joining = self.joining
        return [
            Route("/join", joining.join, methods=_BOTH),
            Route("/code/{token}", joining.code, methods=_BOTH),
            Route("/confirm/{token}", joining.confirm, methods=_BOTH),
            Route("/fresh-link", joining.fresh_link, methods=_BOTH),
            Route("/come-back/{token}", joining.come_back, methods=_BOTH),
        ]

    def _of_owners(self) -> list[Route]:
        managing = ManagePages(
            store=self.store,
            enrolment=self.membership.enrolment,
            address_changes=self.membership.address_changes,
            owner_links=self.membership.owner_links,
            intake=self.membership.intake,
            links=self.links,
            clock=self.clock,
            timetable=self.timetable,
            pages=self.pages,
            inspectorates=self.inspectorates,
            catalogue=self.catalogue,
        )

        def owning(purpose: Purpose) -> OwnerPages:
            return OwnerPages(
                purpose=purpose,
                membership=self.membership,
                links=self.links,
                clock=self.clock,
                pages=self.pages,
            )

        return [
            Route("/manage/{token}", managing.overview),
            Route("/manage/{token}/{what}", managing.part, methods=_BOTH),
            Route("/move/{token}", managing.move, methods=_BOTH),
            *(Route(f"/{purpose}/{{token}}", owning(purpose).answer, methods=_BOTH) for purpose in EXPIRING),
        ]

    def _of_leaving(self) -> list[Route]:
        def leaving(purpose: Purpose) -> LeavePages:
            return LeavePages(
                purpose=purpose,
                store=self.store.subscriptions,
                enrolment=self.membership.enrolment,
                links=self.links,
                pages=self.pages,
            )

        def kind(purpose: Purpose) -> StopPages:
            return StopPages(
                purpose=purpose,
                store=self.store.subscriptions,
                enrolment=self.membership.enrolment,
                links=self.links,
                pages=self.pages,
            )

        stopping = NeverAgainPages(enrolment=self.membership.enrolment, links=self.links, pages=self.pages)
        return [
            Route("/leave/{token}", leaving(Purpose.LEAVE).answer, methods=_BOTH),
            Route("/one-click/{token}", leaving(Purpose.ONE_CLICK).answer, methods=_BOTH),
            Route("/never-again/{token}", stopping.answer, methods=_BOTH),
            *(Route(f"/{purpose}/{{token}}", kind(purpose).answer, methods=_BOTH) for purpose in WITHOUT),
        ]


def application(
    routes: Sequence[Route], pages: SubscriberPages, not_found: Callable[[Request], Response]
) -> ASGIApp:
    """An ASGI application of these routes, with what guards them and the pages for errors.

    `not_found` gives the page for an address that leads nowhere and is not one of subscribers' own.
    """
    app = Starlette(routes=routes, exception_handlers=_troubles(pages, not_found))
    app.router.redirect_slashes = False  # mail programs must not be redirected (RFC 8058 section 3.1)
    return _surrounded(app, pages)


def _surrounded(app: ASGIApp, pages: SubscriberPages) -> ASGIApp:
    """The application within what guards it, so that error pages have the headers too."""
    guarded = SameSiteForms(app, open_to_all=BY_MAIL_PROGRAMS, turned_away=_elsewhere(pages))
    counted = RequestBodyLimitMiddleware(guarded, LARGEST_BODY)
    return SecurityHeaders(BodyLengthLimit(counted, LARGEST_BODY, refused=_refused(pages, "large")))


def _troubles(
    pages: SubscriberPages, not_found: Callable[[Request], Response]
) -> dict[Any, Callable[[Request, Exception], Response]]:
    """The page for each refusal and failure."""
    return {
        404: _nowhere(pages, not_found),
        400: _refused(pages, "half"),
        405: _refused(pages, "method"),
        408: _refused(pages, "half"),
        413: _refused(pages, "large"),
        429: _refused(pages, "often"),
        DayUsedUp: _used_up(pages),
        StoreError: _store_trouble(pages),
        Exception: _trouble(pages),
    }


def _elsewhere(pages: SubscriberPages) -> Callable[[Request], Response]:
    return lambda request: pages.show(request, "refused", status=403, why="elsewhere")


def _nowhere(
    pages: SubscriberPages, not_found: Callable[[Request], Response]
) -> Callable[[Request, Exception], Response]:
    own = tuple(f"/{first}/" for first in OWN_PAGES)

    def show(request: Request, _: Exception) -> Response:
        if for_a_program(request):
            return problem(404, "There is nothing at this address.")
        if own_path(request.scope).startswith(own):  # somebody's link, which lost or gained something
            return pages.show(request, "not_found", status=404)
        return not_found(request)

    return show


def _refused(pages: SubscriberPages, why: str) -> Callable[[Request, Exception], Response]:
    def show(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if own_path(request.scope).startswith(BY_MAIL_PROGRAMS) and request.method == "POST":
            return PlainTextResponse(error.detail, status_code=error.status_code)  # a mail program reads this
        if for_a_program(request):
            allowed = (error.headers or {}).get("Allow", "")
            return problem(error.status_code, error.detail, allowed=allowed)
        page = pages.show(request, "refused", status=error.status_code, why=why)
        page.headers.update(error.headers or {})
        return page

    return show


def _used_up(pages: SubscriberPages) -> Callable[[Request, Exception], Response]:
    return lambda request, _: pages.show(request, "refused", status=429, why="day")


def _store_trouble(pages: SubscriberPages) -> Callable[[Request, Exception], Response]:
    def show(request: Request, error: Exception) -> Response:
        log.error("a page could not use the database", extra={"why": str(error)})
        if for_a_program(request):
            return problem(503, "The database cannot be read now. Try again in a few minutes.")
        return pages.show(request, "trouble", status=503)

    return show


def _trouble(pages: SubscriberPages) -> Callable[[Request, Exception], Response]:
    def show(request: Request, _: Exception) -> Response:
        if for_a_program(request):
            return problem(500, "Something went wrong on our side.")
        return pages.show(request, "trouble", status=500)

    return show
