"""The families of public pages, and the header's menu: to add a family, add its line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.routing import Route

from digest.site import (
    about,
    api,
    archive,
    browse,
    coverage,
    data,
    editions,
    feeds,
    files,
    home,
    search,
    services,
    sitemap,
    style,
    tables,
)
from digest.site.pages import MenuEntry
from digest.site.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Pages that belong together."""

    routes: Callable[[Site], list[Route]]
    menu: MenuEntry | None = None  # its link in the header; None: it has none


FAMILIES: Final = (
    Family(routes=home.routes, menu=MenuEntry(name="Latest", page="")),
    Family(routes=editions.routes),
    Family(routes=archive.routes, menu=MenuEntry(name="Archive", page="archive", also="edition")),
    Family(routes=browse.routes, menu=MenuEntry(name="Services", page="services")),
    Family(routes=search.routes),
    Family(routes=tables.routes, menu=MenuEntry(name="Tables", page="tables")),
    Family(routes=data.routes, menu=MenuEntry(name="Data", page="data")),
    Family(routes=feeds.routes),
    Family(routes=files.routes),
    Family(routes=api.routes),
    Family(routes=services.routes),
    Family(routes=coverage.routes),
    Family(routes=about.routes, menu=MenuEntry(name="About", page="about")),
    Family(routes=sitemap.routes),
    Family(routes=style.routes),
)
"""In the order of the menu: Latest, Archive, Services, Tables, Data, About."""

MENU: Final = (
    *(family.menu for family in FAMILIES if family.menu is not None),
    MenuEntry(name="Join", page="join"),
)


def routes_of(site: Site) -> list[Route]:
    """The routes of all public pages."""
    return [route for family in FAMILIES for route in family.routes(site)]
