"""What every operators' page does: it knows who asks, shows its template, and takes forms of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from digest.errors import Refused
from digest.pages.headers import root_of
from digest.pages.rendering import Pages
from digest.web import forms
from digest.web.forms import Form
from digest.web.operators.session import Doors, Operator

HOME = "operators"

NO_SUCH_ACT: Final = "that is nothing that this page does"
"""Why a form is refused that asks for what its page has no button for."""

Look = Callable[[Request, Operator], Awaitable[Mapping[str, Any]]]
"""Gives what a page shows."""

Act = Callable[[Request, Operator, Form], Awaitable[str]]
"""Does what a form asks; returns the page to go to, below the site's root. `Refused` says why not."""

Answer = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorPages(Pages):
    """Renders the templates in `templates/operators/`, for operators alone."""

    doors: Doors
    zone: ZoneInfo

    def show(self, request: Request, page: str, *, status: int = 200, **values: Any) -> Response:
        given = {"operator": None, "problem": "", "done": request.query_params.get("done", ""), **values}
        html = self.html(request, f"operators/{page}.html", zone=self.zone, **given)
        return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store"})

    def page(self, name: str, look: Look, act: Act | None = None) -> Answer:
        """The handler of a page that shows what `look` gives, and does by `act` what its forms ask."""

        async def answer(request: Request) -> Response:
            operator = self.doors.who(request)
            if operator is None:
                return go(request, f"{HOME}/sign-in")
            if request.method != "POST" or act is None:
                return self.show(request, name, operator=operator, **await look(request, operator))
            form = await forms.read(request)
            if not self.doors.is_own(form, operator):
                return self.show(request, "not_ours", status=403, operator=operator)
            try:
                return go(request, await act(request, operator, form))
            except Refused as error:
                found = await look(request, operator)
                return self.show(request, name, status=409, operator=operator, problem=str(error), **found)

        return answer

    async def style(self, _: Request) -> Response:
        sheet = self.sheet("operators/style.css")
        return Response(sheet, media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})


def go(request: Request, page: str) -> Response:
    """Let the browser look at a page, so that loading it again sends no form again."""
    response = RedirectResponse(root_of(request.scope) + page, status_code=303)
    response.headers["Cache-Control"] = "no-store"
    return response


def done(page: str, what: str) -> str:
    """A page, and what it says has been done, by its name in `templates/operators/words.txt`."""
    return f"{page}?{urlencode({'done': what})}"


def given(form: Form, name: str) -> str | None:
    """The text of a field; None if it is empty."""
    return form.text(name) or None
