"""The page to sign in, and the way out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.web import forms
from digest.web.operators.pages import HOME, OperatorPages, go
from digest.web.operators.session import named


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningIn:
    """Opens and ends sessions."""

    pages: OperatorPages

    def routes(self) -> list[Route]:
        return [
            Route(f"/{HOME}/sign-in", self._sign_in, methods=["GET", "POST"]),
            Route(f"/{HOME}/sign-out", self._sign_out, methods=["POST"]),
        ]

    async def _sign_in(self, request: Request) -> Response:
        doors = self.pages.doors
        if request.method != "POST":
            if doors.who(request) is not None:
                return go(request, HOME)
            return self._show(request)
        form = await forms.read(request)
        name = named(form.text("name"))
        if doors.secret is None or name is None:
            return self._show(request, wrong="name", status=422)
        right = await doors.admits(request, form.text("secret"))
        if right is None:
            return self._show(request, wrong="often", status=429, name=name)
        if not right:
            return self._show(request, wrong="secret", status=403, name=name)
        response = go(request, HOME)
        doors.let_in(response, request, name, secrets.token_bytes(8))
        return response

    async def _sign_out(self, request: Request) -> Response:
        response = go(request, f"{HOME}/sign-in")
        doors = self.pages.doors
        operator = doors.who(request)
        form = await forms.read(request)
        if operator is not None and doors.is_own(form, operator):
            doors.let_out(response, request, operator.name, secrets.token_bytes(8))
        return response

    def _show(self, request: Request, *, wrong: str = "", status: int = 200, name: str = "") -> Response:
        by_secret = self.pages.doors.secret is not None
        return self.pages.show(request, "sign_in", status=status, wrong=wrong, name=name, by_secret=by_secret)
