"""Pages from templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from digest.compose import Sender
from digest.pages.headers import root_of
from digest.ports import Renderer


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Renders templates as pages. Every template gets `sender`, and `root` for its links."""

    renderer: Renderer
    sender: Sender

    def html(self, request: Request, template: str, **values: Any) -> str:
        """The page of a template, such as "web/left.html", for this request's path."""
        given = {"sender": self.sender, "root": root_of(request.scope), **values}
        return self.renderer.render(template, given)

    def sheet(self, name: str) -> bytes:
        """A style sheet, such as "web/style.css"."""
        return self.renderer.render(name, {}).encode()
