"""Where public pages are, below the home page: the one way in which a page is written and linked."""

from __future__ import annotations

from datetime import date
from typing import Final
from urllib.parse import quote

NO_INSPECTORATE: Final = "other"
"""Stands in the place of the inspectorate for services of which it is not known."""


def edition_page(day: date, anchor: str = "") -> str:
    """An edition, or the place of a story in it."""
    return f"edition/{day}#{anchor}" if anchor else f"edition/{day}"


def month_page(day: date) -> str:
    """The editions of the month that a day is in: "archive/2026-11"."""
    return f"archive/{day:%Y-%m}"


def table_page(inspectorate: str, kind: str = "") -> str:
    """A table of an inspectorate, or of one kind, by the word for it in addresses."""
    return "/".join(["tables", *(quote(part, safe="") for part in (inspectorate, kind) if part)])


def service_page(id: str, slug: str, inspectorate: str) -> str:
    """A service: "services/hmi-probation/kent-pdu", or with its slug "services/ofsted/123456-elm-lane".

    Without its slug the address leads to the same page.
    """
    own = f"{id}-{slug}" if slug else id
    return f"services/{quote(inspectorate or NO_INSPECTORATE, safe='')}/{quote(own, safe=':/')}"


def watch_page(id: str) -> str:
    """The form to join, with this service chosen to be watched."""
    return f"join?watch={quote(id, safe='')}"
