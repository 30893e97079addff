"""Pages for what only the subscriber may do: change the address, export or delete their data.

People forward editions, so the links in them must not do this. A separate email to the subscriber's address
holds a link that works for a day.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from digest.addresses import mask
from digest.arrivals import ToMove
from digest.errors import TokenError
from digest.membership import Membership
from digest.ports import Clock
from digest.present.links import SignedLinks
from digest.subscriptions import Subscription
from digest.tokens import Purpose
from digest.web import forms
from digest.web.forms import Message
from digest.web.pages import SubscriberPages


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerPages:
    """The request handlers for one purpose of short-lived token."""

    purpose: Purpose
    membership: Membership
    links: SignedLinks
    clock: Clock
    pages: SubscriberPages

    async def answer(self, request: Request) -> Response:
        try:
            subscriber, generation, until = self.links.tokens.read_expiring(
                request.path_params["token"], self.purpose
            )
        except TokenError:
            return self.pages.show(request, "not_found", status=404)
        own = self.membership.owner_links
        if self.purpose is Purpose.ERASE:
            found = await own.eraser(subscriber, until)
            if found is None and await own.just_erased(subscriber):
                return self.pages.show(request, "erased")
        else:
            found = await own.owner(subscriber, generation, until)
        if found is None:
            return self.pages.show(request, "run_out", status=410)
        if request.method != "POST":
            back = found.agreed and found.generation == generation
            return self._show(request, found, back=back)
        form = await forms.read(request)
        match self.purpose:
            case Purpose.ADDRESS:
                return await self._address(request, found, form)
            case Purpose.EXPORT:
                return await self._export(found)
            case _:
                evidence = self.pages.evidence(request, "erase")
                await self.membership.enrolment.erase(found.subscriber, evidence)
                return self.pages.show(request, "erased")

    async def _address(self, request: Request, found: Subscription, form: forms.Form) -> Response:
        address = form.text("address")
        if wrong := forms.problem(address):
            return self._show(request, found, error=wrong, typed=address, status=422)
        if not await self.membership.owner_links.count(found.subscriber):
            return self._show(request, found, error=Message("asked-too-often"), typed=address, status=429)
        # Done later: the response time must not reveal whether another subscriber has that address.
        asked = ToMove(subscriber=found.subscriber, generation=found.generation, address=address)
        evidence = self.pages.evidence(request, "change-address")
        await self.membership.intake.keep(asked, evidence)
        return self.pages.show(request, "move_asked", address=address)

    async def _export(self, found: Subscription) -> Response:
        held = await self.membership.enrolment.export(found.subscriber, found.generation)
        return Response(
            json.dumps(held, ensure_ascii=False, indent=2),
            media_type="application/json",
            headers={
                "Cache-Control": "no-store",
                "Content-Disposition": 'attachment; filename="what-is-held.json"',
            },
        )

    def _show(self, request: Request, found: Subscription, *, status: int = 200, **values: Any) -> Response:
        return self.pages.show(
            request,
            f"own_{self.purpose}",
            status=status,
            masked=mask(found.address),
            manage=self.links.tokens.sign(Purpose.MANAGE, found.subscriber, found.generation),
            **({"error": None, "typed": "", "back": True} | values),
        )
