"""Pages for leaving, and for stopping all letters: a button for people, and for mail programs (RFC 8058).

GET and HEAD only show a page, because link scanners open every link. Leaving needs no cookie, session or
account: the signed token in the address is enough. Pressing twice does no harm.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any, Final, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from digest.addresses import mask
from digest.errors import TokenError
from digest.membership.enrolment import Enrolment
from digest.ports import Enrolling, SubscriptionStore
from digest.present.links import SignedLinks
from digest.subscriptions import Standing, Wishes
from digest.tokens import Purpose
from digest.web import forms
from digest.web.pages import SubscriberPages

_Own = TypeVar("_Own")


class _Found(Enum):
    """Whether the subscription that a token names still stands."""

    HERE = auto()
    OVER = auto()
    REPLACED = auto()  # a new subscription began since: the token belongs to an earlier one


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavePages:
    """The request handlers for one purpose of token; both purposes show the same pages."""

    purpose: Purpose
    store: SubscriptionStore
    enrolment: Enrolling
    links: SignedLinks
    pages: SubscriberPages

    async def answer(self, request: Request) -> Response:
        own = _own(request, self.links.tokens.read, self.purpose)
        if own is None:
            return _no_such_link(self.pages, request, one_click=self.purpose is Purpose.ONE_CLICK)
        subscriber, generation = own
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

        By RFC 8058 section 3.1 programs send the body "List-Unsubscribe=One-Click", to tell it from other
        posts. This address takes no other posts, so a missing or broken body keeps nobody subscribed. The
        answer is 200 without a redirect, because a program may be asking.
        """
        await _read_whole(request)
        evidence = self.pages.evidence(request, self.purpose)
        if await self.enrolment.leave(subscriber, generation, evidence):
            return self.pages.show(request, "left")
        found, _ = await self._look(subscriber, generation)
        if found is _Found.REPLACED:
            # A person learns that they are still subscribed; a program wants 200 (RFC 8058).
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


WITHOUT: Final[Mapping[Purpose, Callable[[Wishes], Wishes]]] = {
    Purpose.STOP_ALERTS: lambda wishes: replace(wishes, alerts=False),
    Purpose.STOP_PROOF_OF_LIFE: lambda wishes: replace(wishes, proof_of_life=False),
}
"""The wishes without one kind of letter, by the purpose of the token that stops it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopPages:
    """The request handlers by which a subscriber stops one kind of letter and goes on getting editions."""

    purpose: Purpose
    store: SubscriptionStore
    enrolment: Enrolment
    links: SignedLinks
    pages: SubscriberPages

    async def answer(self, request: Request) -> Response:
        own = _own(request, self.links.tokens.read, self.purpose)
        if own is None:
            return _no_such_link(self.pages, request)
        pressed = await _is_pressed(request)
        found = await self.store.get(own[0])
        if found is None or not found.live:
            return self.pages.show(request, "left")
        if found.generation != own[1]:
            return self.pages.show(request, "replaced", status=200 if pressed else 410)
        leave = self.links.tokens.sign(Purpose.LEAVE, *own)
        said: dict[str, Any] = {"what": self.purpose, "masked": mask(found.address), "leave": leave}
        if not pressed:
            return self.pages.show(request, "stop", **said)
        evidence = self.pages.evidence(request, self.purpose)
        await self.enrolment.wish(*own, WITHOUT[self.purpose](found.wishes), evidence)
        return self.pages.show(request, "stopped", **said)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverAgainPages:
    """The request handlers by which somebody whose address was typed stops all letters to it.

    The pages are the same for every mailbox, pressed or not: a letter may be passed on, and they must not
    tell who is subscribed.
    """

    enrolment: Enrolment
    links: SignedLinks
    pages: SubscriberPages

    async def answer(self, request: Request) -> Response:
        seal = _own(request, self.links.tokens.read_sealed, Purpose.NEVER_AGAIN)
        if seal is None:
            return _no_such_link(self.pages, request)
        if not await _is_pressed(request):
            return self.pages.show(request, "never_again")
        await self.enrolment.never_again(seal, self.pages.evidence(request, Purpose.NEVER_AGAIN))
        return self.pages.show(request, "never_again_done")


def _own(request: Request, read: Callable[[str, Purpose], _Own], purpose: Purpose) -> _Own | None:
    """Whose link it is, by the token in its address; None if we gave no such token for this purpose."""
    try:
        return read(request.path_params["token"], purpose)
    except TokenError:
        return None


def _no_such_link(pages: SubscriberPages, request: Request, *, one_click: bool = True) -> Response:
    """The page for a token that is not ours.

    A mail program posts to a link of one click for its reader. It gets 200 for any token: after an error,
    some programs try again and again, and others mark the whole list as broken.
    """
    robot = one_click and request.method == "POST"
    return pages.show(request, "not_found", status=200 if robot else 404)


async def _is_pressed(request: Request) -> bool:
    """Whether the button is pressed; then the whole body has been read."""
    if request.method != "POST":
        return False
    await _read_whole(request)
    return True


async def _read_whole(request: Request) -> None:
    """Read the body, whatever it says: this enforces its size limit before anything is changed."""
    with suppress(ClientDisconnect, TimeoutError):
        async with asyncio.timeout(forms.PATIENCE):
            async for _ in request.stream():
                pass
