"""Leaving: the page with the button, and the address that mail programs post to (RFC 8058).

GET and HEAD only ever show a page, for link scanners open every link. Leaving needs no cookie, no session and
no account; the signed token in the address is all of it, and pressing twice does no harm.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from digest.addresses import mask
from digest.errors import TokenError
from digest.ports import Enrolling, SubscriptionStore
from digest.present.links import SignedLinks
from digest.subscriptions import Standing
from digest.tokens import Purpose
from digest.web import forms
from digest.web.pages import Pages


class _Found(Enum):
    """What a token's subscription has come to."""

    HERE = auto()
    OVER = auto()
    REPLACED = auto()  # it ended, and another began: this token is of the earlier one


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """The handlers for one purpose of token; both purposes show the same pages."""

    purpose: Purpose
    store: SubscriptionStore
    enrolment: Enrolling
    links: SignedLinks
    pages: Pages

    async def answer(self, request: Request) -> Response:
        try:
            subscriber, generation = self.links.tokens.read(request.path_params["token"], self.purpose)
        except TokenError:
            # A program that posts has pressed its reader's button: it is told 200 whatever the token, for an
            # error makes some of them try again and again, and others call the whole list broken.
            robot = self.purpose is Purpose.ONE_CLICK and request.method == "POST"
            return self.pages.show(request, "not_found", status=200 if robot else 404)
        if request.method == "POST":
            return await self._leave(request, subscriber, generation)
        return await self._ask(request, subscriber, generation)

    async def _ask(self, request: Request, subscriber: int, generation: int) -> Response:
        found, address = await self._look(subscriber, generation)
        match found:
            case _Found.HERE:
                return self.pages.show(request, "leave", masked=mask(address))
            case _Found.OVER:
                return self.pages.show(request, "left")
            case _Found.REPLACED:
                return self.pages.show(request, "replaced", status=410)

    async def _leave(self, request: Request, subscriber: int, generation: int) -> Response:
        """End the subscription, whatever the body says, and answer 200.

        RFC 8058 section 3.1 has programs send "List-Unsubscribe=One-Click", so that a server whose address
        takes other posts as well can tell them apart. Nothing else is posted to ours: a body that went
        missing or came in another encoding is no reason to keep anybody. 200 and no redirect, for it may be
        a program that asks.
        """
        # The body is read for its size alone: one that is refused must be refused before anything is done.
        with suppress(ClientDisconnect, TimeoutError):
            async with asyncio.timeout(forms.PATIENCE):
                async for _ in request.stream():
                    pass
        evidence = self.pages.evidence(request, self.purpose)
        await self.enrolment.leave(subscriber, generation, evidence)
        found, _ = await self._look(subscriber, generation)
        if found is _Found.REPLACED:
            # A person is told that they stay; a program reads no more than the 200 that it wants (RFC 8058).
            status = 200 if self.purpose is Purpose.ONE_CLICK else 410
            return self.pages.show(request, "replaced", status=status, pressed=True)
        return self.pages.show(request, "left")

    async def _look(self, subscriber: int, generation: int) -> tuple[_Found, str]:
        subscription = await self.store.get(subscriber)
        if subscription is None or subscription.standing is Standing.ENDED:
            return _Found.OVER, ""
        if subscription.generation != generation:
            return _Found.REPLACED, ""
        return _Found.HERE, subscription.address
