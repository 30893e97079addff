"""Pages for joining: the form, "Check your email", confirming by button or code, and new links.

A page depends only on what was typed, never on who is subscribed: a stranger must not learn that. What is
asked is kept before the page is sent and done afterwards, so the time it takes tells nothing either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from digest.addresses import mask
from digest.arrivals import Asked, ToComeBack, ToGetLinks, ToJoin
from digest.errors import TokenError
from digest.membership.enrolment import Enrolment
from digest.membership.intake import Intake
from digest.pages.visitors import network
from digest.pages.wished import feeds_of
from digest.ports import Clock, Store
from digest.present.links import SignedLinks
from digest.subscriptions import Standing, Subscription, Wishes
from digest.tokens import Purpose
from digest.web import forms
from digest.web.forms import Message
from digest.web.pages import SubscriberPages
from digest.web.wishing import Catalogue, Choices, Offer
from digest.wishes import Gap

FILLED_BY_PROGRAM: Final = Message("trapped")


@dataclass(slots=True, kw_only=True)
class JoinPages:
    """The request handlers for people who are joining or coming back."""

    store: Store
    enrolment: Enrolment
    intake: Intake
    links: SignedLinks
    clock: Clock
    pages: SubscriberPages
    catalogue: Catalogue
    _empty: tuple[Offer, Mapping[str, Any]] | None = field(default=None, init=False)

    # -- the form --------------------------------------------------------------------------------------

    async def empty_form(self) -> Mapping[str, Any]:
        """The values of the form's macro before anybody has filled it in; the same while the offer is."""
        offer = await self.catalogue.to_show()
        if self._empty is None or self._empty[0] is not offer:
            self._empty = offer, _form(address="", wanted=self.catalogue.held(Wishes(), offer))
        return self._empty[1]

    async def _form_to_watch(self, id: str) -> Mapping[str, Any]:
        """The empty form, but for a service chosen to be watched, if we know it: its page names it."""
        offer = await self.catalogue.to_show()
        known = offer.register.get(id)
        wishes = Wishes(watched=(known.id,)) if known else Wishes()
        return _form(address="", wanted=replace(self.catalogue.held(wishes, offer), folded=True))

    async def join(self, request: Request) -> Response:
        if request.method != "POST":
            watch = request.query_params.get("watch", "")
            return self.pages.show(request, "join", **await self._form_to_watch(watch))
        form = await forms.read(request)
        address = form.text("address")
        offer = await self.catalogue.offer()
        wanted = self.catalogue.read(form, offer, Wishes())
        if form.is_from_program:
            return self._join(request, address=address, wanted=wanted, problem=FILLED_BY_PROGRAM)
        if looked := await self.catalogue.looked(form, offer, wanted):
            status = 422 if looked.errors else 200
            filled = _form(address=address, wanted=looked, errors=looked.errors)
            return self.pages.show(request, "join", status=status, **filled)
        wrong = forms.problem(address)
        errors: dict[str, Message] = {"address": wrong} if wrong else {}
        errors |= wanted.errors
        if errors:
            return self._join(request, address=address, wanted=wanted, errors=errors)
        await self._keep(request, "join", ToJoin(address=address, wishes=wanted.wishes))
        wishes = wanted.wishes
        return self._check_email(request, address, gap=offer.gap(wishes), feeds=feeds_of(wishes))

    async def fresh_link(self, request: Request) -> Response:
        if request.method != "POST":
            return self._ask_fresh(request, "")
        form = await forms.read(request)
        address = form.text("address")
        if form.is_from_program:
            return self._ask_fresh(request, address, problem=FILLED_BY_PROGRAM, status=422)
        if wrong := forms.problem(address):
            return self._ask_fresh(request, address, error=wrong, status=422)
        await self._keep(request, "fresh-link", ToGetLinks(address=address))
        return self.pages.show(request, "links_sent", address=address)

    # -- confirming ------------------------------------------------------------------------------------

    async def confirm(self, request: Request) -> Response:
        found = await self._read(request, Purpose.CONFIRM)
        if found is None:
            return self.pages.show(request, "not_found", status=404)
        subscriber, generation = found
        standing = await self._standing(subscriber, generation)
        if request.method == "POST":
            evidence = self.pages.evidence(request, "confirm")
            if not await self.enrolment.confirm(subscriber, generation, evidence):
                return self.pages.show(request, "run_out", status=410)
            if standing is Standing.PENDING:
                return await self._welcome(request, subscriber, generation)
            # The link is used up: it must not lead to the subscription if the letter is passed on.
            return self.pages.show(request, "welcome", manage="", weekly="")
        if standing is None:
            return self.pages.show(request, "run_out", status=410)
        if standing is not Standing.PENDING:
            return self.pages.show(request, "welcome", manage="", weekly="")
        waiting = await self.store.requests.get(subscriber)
        if waiting is None or not waiting.open(self.clock.now()):
            return self.pages.show(request, "run_out", status=410)
        found_now = await self.store.subscriptions.get(subscriber)
        if found_now is None:
            return self.pages.show(request, "run_out", status=410)
        return self.pages.show(request, "confirm", wishes=found_now.wishes, masked=mask(found_now.address))

    async def code(self, request: Request) -> Response:
        """The page for the code from the email: the same page whether or not the reference exists."""
        reference = request.path_params["token"]
        if request.method != "POST":
            return self._code(request, reference)
        form = await forms.read(request)
        evidence = self.pages.evidence(request, "confirm-by-code")
        if confirmed := await self.enrolment.confirm_code(reference, form.text("code"), evidence):
            if confirmed.again:  # like a link that was used: the letter may have been passed on
                return self.pages.show(request, "welcome", manage="", weekly="")
            return await self._welcome(request, confirmed.subscriber, confirmed.generation)
        return self._code(request, reference, error=Message("bad-code"), status=422)

    async def come_back(self, request: Request) -> Response:
        found = await self._read(request, Purpose.COME_BACK)
        if found is None:
            return self.pages.show(request, "not_found", status=404)
        subscription = await self.enrolment.who_left(*found)
        if subscription is None:
            return self.pages.show(request, "run_out", status=410)
        if subscription.agreed:
            return self.pages.show(request, "welcome", manage="", weekly="")
        if request.method != "POST":
            return self.pages.show(request, "come_back")
        subscriber, generation = found
        await self._keep(request, "come-back", ToComeBack(subscriber=subscriber, generation=generation))
        return self._check_email(request, subscription.address, shown=mask(subscription.address))

    # -- within ----------------------------------------------------------------------------------------

    async def _read(self, request: Request, purpose: Purpose) -> tuple[int, int] | None:
        try:
            return self.links.tokens.read(request.path_params["token"], purpose)
        except TokenError:
            return None

    async def _standing(self, subscriber: int, generation: int) -> Standing | None:
        found: Subscription | None = await self.store.subscriptions.get(subscriber)
        if found is None or found.generation != generation or not found.live:
            return None
        return found.standing

    async def _welcome(self, request: Request, subscriber: int, generation: int) -> Response:
        """The page after confirming, with the subscriber's own link to manage the subscription."""
        manage = self.links.tokens.sign(Purpose.MANAGE, subscriber, generation)
        found = await self.store.subscriptions.get(subscriber)
        wishes = found.wishes if found is not None else Wishes()
        gap = (await self.catalogue.to_show()).gap(wishes)
        return self.pages.show(request, "welcome", manage=manage, gap=gap, weekly=wishes.weekly)

    def _join(self, request: Request, **values: Any) -> Response:
        return self.pages.show(request, "join", status=422, **_form(**values))

    def _ask_fresh(
        self,
        request: Request,
        address: str,
        *,
        error: Message | None = None,
        problem: Message | None = None,
        status: int = 200,
    ) -> Response:
        return self.pages.show(
            request,
            "fresh_link",
            status=status,
            address=address,
            error=error,
            problem=problem,
            trap=forms.HONEYPOT,
        )

    def _code(
        self, request: Request, reference: str, *, error: Message | None = None, status: int = 200
    ) -> Response:
        return self.pages.show(request, "code", status=status, reference=reference, error=error)

    def _check_email(
        self,
        request: Request,
        address: str,
        *,
        shown: str = "",
        gap: Gap | None = None,
        feeds: Mapping[str, str] | None = None,
    ) -> Response:
        return self.pages.show(
            request,
            "check_email",
            shown=shown or address,
            reference=self.enrolment.reference(address),
            gap=gap,
            feeds=feeds,
            error=None,
        )

    async def _keep(self, request: Request, button: str, asked: Asked) -> None:
        evidence = self.pages.evidence(request, button)
        if not await self.intake.keep(asked, evidence, network=network(request)):
            raise HTTPException(429, "too many requests from this network")


def _form(
    *,
    address: str,
    wanted: Choices,
    errors: Mapping[str, Message] | None = None,
    problem: Message | None = None,
) -> dict[str, Any]:
    """The values of the form to join."""
    return {
        "address": address,
        "wanted": wanted,
        "errors": errors or {},
        "problem": problem,
        "trap": forms.HONEYPOT,
    }
