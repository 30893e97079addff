"""The addresses of pages that `digest bench site` asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from digest.site.addresses import service_page, table_page
from digest.store.public.made import slug_of

if TYPE_CHECKING:
    from digest.cli.site_world import World
    from digest.providers import Provider

Addresses = Mapping[str, Sequence[str]]


def tables(world: World, some: Sequence[Provider]) -> Addresses:
    """Tables by overall grade and by aspects, now and on a past day, of all areas and of some."""
    areas = list(dict.fromkeys(one.area for one in some))[:5]
    past = [world.until - timedelta(days=200 * n) for n in (1, 2, 3)]
    choices: list[Mapping[str, object]] = [{}, {"page": 2}, {"page": 9}]
    choices += [{"area": area} for area in areas]
    sorts: list[Mapping[str, object]] = [{"sort": "name"}, {"sort": "date"}, {"sort": "moved"}]
    return {
        "table": [_table("cqc", one) for one in (*choices, *sorts)],
        "table of aspects": [_table("care-inspectorate", one) for one in choices],
        "table, past day": [_table("cqc", {"on": day, "page": page}) for day in past for page in (1, 3)],
        "past day by name": [
            _table("cqc", {"on": day, "sort": "name", "page": page}) for day in past for page in (1, 3)
        ],
    }


def _table(inspectorate: str, asked: Mapping[str, object]) -> str:
    return f"/{table_page(inspectorate)}" + (f"?{urlencode(asked)}" if asked else "")


def lists(some: Sequence[Provider]) -> Addresses:
    """Lists of services, as pages and for programs."""
    wanted = [{"inspectorate": one.inspectorate, "area": one.area} for one in some[:8]]
    return {
        "services": ["/services", "/services?page=7", *(f"/services?{urlencode(one)}" for one in wanted)],
        "API, services": [f"/api/v1/services?after={quote(one.id)}" for one in some],
    }


def service_pages(some: Sequence[Provider]) -> Sequence[str]:
    return [f"/{service_page(one.id, slug_of(one.id, one.name), one.inspectorate)}" for one in some]


def searches(some: Sequence[Provider]) -> Addresses:
    """What people type: names, places, and both with two letters swapped; and what is hard to find.

    That is single letters, words that very many names have, words that none has, and other scripts.
    """
    names = [one.name for one in some]
    kinds = [one.kind for one in some if one.kind][:3]
    hard = [
        *("a", "s", "st", "the", "home", "care home", "primary school", "old house of great care"),
        *(f"{kind} {kind[::-1]}" for kind in kinds),
        *(_swapped(f"{kind} house") for kind in kinds),
        " ".join(names)[:100],
        "a b c d e f g h i j",
        "xyzzy plugh quux corge grault garply waldo fred babble thud",
        "Ysgol Gyfun Gŵyr Ñandú Żółć Ελλάδα школа 学校",
    ]
    return {
        "search": [_search(name if n % 2 else name.split()[0]) for n, name in enumerate(names)],
        "search, misspelt": [
            _search(_swapped(name) if n % 3 else _swapped(name.split()[0])) for n, name in enumerate(names)
        ],
        "search, hard": list(map(_search, hard)),
    }


def _search(text: str) -> str:
    return f"/search?{urlencode({'q': text})}"


def _swapped(name: str) -> str:
    """The name with two letters of its longest word in the wrong order."""
    word = max(name.split(), key=len)
    place = len(word) // 2
    return name.replace(word, word[:place] + word[place + 1] + word[place] + word[place + 2 :])


def feeds(some: Sequence[Provider]) -> Addresses:
    """Feeds of everything, and of wishes that few stories meet."""
    rare = [{"area": one.area, "kind": one.kind} for one in some[:8] if one.kind]
    return {
        "feed": ["/feeds/movements.atom", "/feeds/reports.atom", "/feeds/movements.json"],
        "feed, rare wish": [f"/feeds/movements.atom?{urlencode(one)}" for one in rare],
        "API, movements": ["/api/v1/movements", "/api/v1/reports"],
    }
