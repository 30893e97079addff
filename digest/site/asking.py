"""What visitors ask a page for in its query, made fit to be looked up."""

from __future__ import annotations

from datetime import date
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request

from digest.present.tidy import one_line

IN_A_PAGE: Final = 50
"""Services in one page of a list."""

LONGEST: Final = 100
"""Characters of a parameter that count."""

_MOST_DIGITS: Final = 6


def text_of(request: Request, name: str) -> str:
    """A parameter as one line without spaces around it; empty if it is not there."""
    return one_line(request.query_params.get(name, "")[: 4 * LONGEST]).strip()[:LONGEST].strip()


def page_number(request: Request) -> int:
    """The page that is asked for, the first one being 1; what is no number is the first."""
    given = text_of(request, "page")
    return max(1, int(given)) if given.isascii() and given.isdigit() and len(given) <= _MOST_DIGITS else 1


def pages_of(count: int, in_a_page: int = IN_A_PAGE) -> int:
    """How many pages so many services take; at least one."""
    return max(1, -(-count // in_a_page))


def day_of(request: Request, name: str) -> date | None:
    """A day; None if it is not given. Raises ValueError for what is no day, such as "2025-02-30"."""
    given = text_of(request, name)
    return date.fromisoformat(given) if given else None


def query(**given: str | int | date | None) -> str:
    """These parameters as a query, such as "?area=Kent", without those that are empty; or nothing."""
    asked = [(name, str(value)) for name, value in given.items() if value]
    return f"?{urlencode(asked)}" if asked else ""


def page_link(page: int, pages: int, **given: str | int | date | None) -> str:
    """The link from a page of a list to another one; empty if there is no such page."""
    if not 1 <= page <= pages:
        return ""
    return query(**given, page=page if page > 1 else None) or "?"
