"""Pages for managing a subscription, by the signed link at the end of each edition; there is no password."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from digest.addresses import mask
from digest.arrivals import ToGetOwnLink
from digest.errors import TokenError
from digest.membership.address_change import AddressChanges
from digest.membership.enrolment import Enrolment, receipts_of
from digest.membership.intake import Intake
from digest.membership.letters import OwnerLinks
from digest.pages.wished import feeds_of
from digest.ports import Clock, Store
from digest.present.links import SignedLinks
from digest.present.tidy import one_line
from digest.schedule import Timetable
from digest.subscriptions import Standing, Subscription, Wishes
from digest.tokens import EXPIRING, Purpose
from digest.web import forms
from digest.web.forms import Message
from digest.web.pages import SubscriberPages
from digest.web.wishing import MOST_NAMED, Catalogue, Choices, is_complete

log = logging.getLogger(__name__)

LONGEST_PAUSE: Final = timedelta(days=366)

MOST_WATCHED: Final = MOST_NAMED
"""The most services that one link after the other can add."""

NOT_OURS: Final = Message("not-our-form")


def own_watch_page(provider: str) -> str:
    """The page to watch a provider or to stop watching it, below a subscriber's own page."""
    return f"watch?service={quote(provider, safe='')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagePages:
    """The request handlers for subscribers."""

    store: Store
    enrolment: Enrolment
    address_changes: AddressChanges
    owner_links: OwnerLinks
    intake: Intake
    links: SignedLinks
    clock: Clock
    timetable: Timetable
    pages: SubscriberPages
    inspectorates: Mapping[str, str]  # names by key
    catalogue: Catalogue

    async def overview(self, request: Request) -> Response:
        found = await self._found(request)
        return await self._overview(request, found) if isinstance(found, Subscription) else found

    async def part(self, request: Request) -> Response:
        """The page for one change, such as the choices or a pause."""
        found = await self._found(request)
        if not isinstance(found, Subscription):
            return found
        what = request.path_params["what"]
        handler = {
            "wishes": self._wishes,
            "pause": self._pause,
            "resume": self._resume,
        }.get(what)
        if what in EXPIRING:
            return await self._ask_owner(request, found, what)
        if what == "watch":
            return await self._watch(request, found)
        if handler is None:
            return self.pages.show(request, "not_found", status=404)
        if request.method == "POST":
            return await handler(request, found, await forms.read(request))
        if what == "wishes":
            return self._choose(
                request, found, self.catalogue.held(found.wishes, await self.catalogue.offer())
            )
        return self._show(request, what, found)

    async def move(self, request: Request) -> Response:
        """The page that confirms a new address."""
        try:
            subscriber, number = self.links.tokens.read(request.path_params["token"], Purpose.MOVE)
        except TokenError:
            return self.pages.show(request, "not_found", status=404)
        if request.method != "POST":
            return self.pages.show(request, "move")
        evidence = self.pages.evidence(request, "use-address")
        if await self.address_changes.confirm(subscriber, number, evidence):
            return self.pages.show(request, "moved")
        return self.pages.show(request, "run_out", status=410)

    # -- parts -----------------------------------------------------------------------------------------

    async def _wishes(self, request: Request, found: Subscription, form: forms.Form) -> Response:
        offer = await self.catalogue.offer()
        if not is_complete(form):  # some link scanners press every button
            wanted = self.catalogue.held(found.wishes, offer)
            return self._choose(request, found, wanted, problem=NOT_OURS, status=422)
        wanted = self.catalogue.read(form, offer, found.wishes)
        if looked := await self.catalogue.looked(form, offer, wanted):
            return self._choose(request, found, looked, status=422 if looked.errors else 200)
        if wanted.errors:
            return self._choose(request, found, wanted, status=422)
        own = (found.subscriber, found.generation)
        await self.enrolment.wish(*own, wanted.wishes, self.pages.evidence(request, "save"))
        return await self._saved(request, found, "wishes")

    async def _watch(self, request: Request, found: Subscription) -> Response:
        """Ask whether to watch a service, or to stop watching it; the button says which it does."""
        register = (await self.catalogue.offer()).register
        service = register.get(request.query_params.get("service", ""))
        if service is None:
            return self.pages.show(request, "not_found", status=404)
        name, line = one_line(service.name), register.line_of(service.id)
        form = await forms.read(request) if request.method == "POST" else None
        do = form.text("do") if form is not None else ""
        if do not in {"watch", "unwatch"}:
            watched = not line.isdisjoint(found.wishes.watched)
            return self._page(request, "manage_watch", found, service=service.id, name=name, watched=watched)
        wishes = _watching(found.wishes, service.id) if do == "watch" else _without(found.wishes, line)
        if len(wishes.watched) > max(MOST_WATCHED, len(found.wishes.watched)):
            problem = Message("too-many-services", str(MOST_WATCHED))
            return self._choose(
                request,
                found,
                self.catalogue.held(found.wishes, await self.catalogue.offer()),
                problem=problem,
                status=422,
            )
        own = (found.subscriber, found.generation)
        await self.enrolment.wish(*own, wishes, self.pages.evidence(request, do))
        now = await self.store.subscriptions.get(found.subscriber)
        return await self._overview(request, now or found, notice=Message(f"saved-{do}", name))

    async def _pause(self, request: Request, found: Subscription, form: forms.Form) -> Response:
        if not form.has("until"):  # an empty field means a pause without end, so it must be there
            return self._show(request, "pause", found, problem=NOT_OURS, status=422)
        typed = form.text("until")
        until = forms.day(typed)
        today = self.timetable.day_of(self.clock.now())
        if typed and (until is None or not today < until <= today + LONGEST_PAUSE):
            return self._show(request, "pause", found, error=Message("bad-day"), typed=typed, status=422)
        evidence = self.pages.evidence(request, "pause")
        await self.enrolment.pause(found.subscriber, found.generation, until, evidence)
        return await self._saved(request, found, "pause")

    async def _resume(self, request: Request, found: Subscription, _: forms.Form) -> Response:
        await self.enrolment.resume(
            found.subscriber, found.generation, self.pages.evidence(request, "resume")
        )
        return await self._saved(request, found, "resume")

    async def _ask_owner(self, request: Request, found: Subscription, what: str) -> Response:
        """Offer to email a link to the subscriber: the link to this page may have been forwarded."""
        if request.method != "POST":
            return self._page(request, "manage_ask", found, what=what, problem=None)
        if not await self.owner_links.count(found.subscriber):
            return self._page(
                request, "manage_ask", found, status=429, what=what, problem=Message("asked-too-often")
            )
        asked = ToGetOwnLink(subscriber=found.subscriber, generation=found.generation, action=what)
        evidence = self.pages.evidence(request, "own-link")
        await self.intake.keep(asked, evidence)
        return self._page(request, "manage_asked", found, what=what)

    # -- within ----------------------------------------------------------------------------------------

    async def _found(self, request: Request) -> Subscription | Response:
        """The subscription that the link belongs to, or the page that says why the link does not work."""
        try:
            subscriber, generation = self.links.tokens.read(request.path_params["token"], Purpose.MANAGE)
        except TokenError:
            return self.pages.show(request, "not_found", status=404)
        found = await self.store.subscriptions.get(subscriber)
        if found is not None and found.generation != generation:
            return self.pages.show(request, "replaced", status=410)
        if found is None or not found.live:
            return self.pages.show(request, "left")
        if found.standing is Standing.PENDING:
            return self.pages.show(request, "run_out", status=410)
        return found

    async def _saved(self, request: Request, found: Subscription, what: str) -> Response:
        now = await self.store.subscriptions.get(found.subscriber)
        return await self._overview(request, now or found, notice=Message(f"saved-{what}"))

    async def _overview(
        self, request: Request, found: Subscription, notice: Message | None = None
    ) -> Response:
        today = self.timetable.day_of(self.clock.now())
        receipts = await receipts_of(found.subscriber, today, self.store.deliveries)
        last = receipts.last.astimezone(self.timetable.zone) if receipts.last else None
        offer = await self.catalogue.to_show()
        return self._page(
            request,
            "manage",
            found,
            notice=notice,
            receipts=receipts,
            last=last,
            gap=offer.gap(found.wishes),
            watched=len(offer.register.each_once(found.wishes.watched)),
        )

    def _choose(
        self,
        request: Request,
        found: Subscription,
        wanted: Choices,
        *,
        problem: Message | None = None,
        status: int = 200,
    ) -> Response:
        return self._page(request, "manage_wishes", found, status=status, wanted=wanted, problem=problem)

    def _show(
        self,
        request: Request,
        what: str,
        found: Subscription,
        *,
        error: Message | None = None,
        problem: Message | None = None,
        typed: str = "",
        status: int = 200,
    ) -> Response:
        said = {"error": error, "problem": problem, "typed": typed}
        return self._page(request, f"manage_{what}", found, status=status, **said)

    def _page(
        self, request: Request, page: str, found: Subscription, *, status: int = 200, **values: Any
    ) -> Response:
        tomorrow = self.timetable.day_of(self.clock.now()) + timedelta(days=1)
        return self.pages.show(
            request,
            page,
            status=status,
            masked=mask(found.address),
            subscription=found,
            wishes=found.wishes,
            inspectorates=self.inspectorates,
            feeds=feeds_of(found.wishes),
            token=request.path_params["token"],
            leave=self.links.tokens.sign(Purpose.LEAVE, found.subscriber, found.generation),
            tomorrow=tomorrow,
            **values,
        )


def _watching(wishes: Wishes, id: str) -> Wishes:
    return wishes if id in wishes.watched else replace(wishes, watched=(*wishes.watched, id))


def _without(wishes: Wishes, line: frozenset[str]) -> Wishes:
    """The wishes without a service and those that it followed: each of them brings its stories."""
    watched = tuple(id for id in wishes.watched if id not in line)
    return replace(wishes, watched=watched, alerts=wishes.alerts and bool(watched))
