"""Wishes as the query of an address: a feed has exactly the stories that a subscriber with them would get."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from digest.edition import Story
from digest.ports.public import WishedStories
from digest.providers import Register, normal_name
from digest.subscriptions import EVERYTHING, Wishes
from digest.wishes import unmatched, wanted

MOST_NAMES: Final = 100
"""The most names of one kind in a query."""

_LISTS: Final = {
    "inspectorate": "inspectorates",
    "kind": "kinds",
    "area": "areas",
    "provider": "providers",
    "watched": "watched",
}
_COMMENTARY: Final = "commentary"

PARAMETERS: Final = (*_LISTS, _COMMENTARY)
"""The names in the query, in the order in which we write them."""


class Query(Protocol):
    """The parameters of a request."""

    def getlist(self, key: str) -> list[str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wished:
    """Which stories somebody wants, without who they are."""

    wishes: Wishes

    def wants(self, story: Story, register: Register) -> bool:
        return wanted(story, self.wishes, register)

    def among(self, register: Register) -> WishedStories:
        """What lets all the wanted stories through, and spares the reading of most others."""
        wishes = self.wishes

        def led(ids: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(sorted(register.whose_line_holds(ids)))

        def plain(names: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(filter(None, map(normal_name, names)))

        return WishedStories(
            watched=led(wishes.watched),
            services=led(wishes.providers) if wishes.providers else None,
            inspectorates=wishes.inspectorates or None,
            kinds=plain(wishes.kinds) if wishes.kinds else None,
            places=plain(wishes.areas) if wishes.areas else None,
            moves=wishes.movements_only,
        )

    def unknown(self, register: Register, inspectorates: Collection[str]) -> tuple[str, ...]:
        """The names that match nothing we know. While the register is empty, any name may be right."""
        wishes = self.wishes if len(register) else Wishes(inspectorates=self.wishes.inspectorates)
        return unmatched(wishes, register, inspectorates)


ALL: Final = Wished(wishes=EVERYTHING)
"""All stories."""


def following(provider: str) -> Wished:
    """The wishes of who follows one provider alone."""
    return Wished(wishes=Wishes(providers=(provider,)))


def asked_in(query: Query, *, movements_only: bool) -> Wished | str:
    """The wishes in a query; or what is wrong with it, in a sentence."""
    named: dict[str, Any] = {
        field: tuple(dict.fromkeys(filter(None, map(str.strip, query.getlist(name)))))
        for name, field in _LISTS.items()
    }
    for name in _LISTS:
        if len(query.getlist(name)) > MOST_NAMES:
            return f"{name} is in this address more than {MOST_NAMES} times."
    commentary = query.getlist(_COMMENTARY) or ["yes"]
    if set(commentary) - {"yes", "no"}:
        return f"{_COMMENTARY} is yes or no."
    wishes = Wishes(movements_only=movements_only, commentary="no" not in commentary)
    return Wished(wishes=replace(wishes, **named))


def feeds_of(wishes: Wishes) -> dict[str, str]:
    """The feeds of what a subscriber with these wishes gets, below the home page, by the format's name."""
    return {"Atom": feed_page(wishes, "atom"), "JSON Feed": feed_page(wishes, "json")}


def feed_page(wishes: Wishes, ending: str) -> str:
    """The feed of what a subscriber with these wishes gets, below the home page; `ending`: atom or json.

    An operator's wishes and a subscriber's are all in it; nothing else about the subscriber is.
    """
    page = f"feeds/{'movements' if wishes.movements_only else 'reports'}.{ending}"
    return f"{page}?{urlencode(given)}" if (given := _written(wishes)) else page


LONGEST_COPY: Final = 1000
"""Characters of the address of an edition with somebody's wishes; mail programs cut longer ones."""


def copy_page(edition: str, wishes: Wishes) -> str:
    """The page of an edition with what a subscriber with these wishes gets, below the home page.

    `edition` is the page with all its stories. It is the answer as well if the subscriber gets all of them,
    or wishes for more than an address can hold.
    """
    given = _written(wishes)
    page = f"{edition}/{'movements' if wishes.movements_only else 'reports'}"
    page = f"{page}?{urlencode(given)}" if given else page
    everything = not given and not wishes.movements_only
    return edition if everything or len(given) > MOST_NAMES or len(page) > LONGEST_COPY else page


def _written(wishes: Wishes) -> list[tuple[str, str]]:
    given = [(name, value) for name, field in _LISTS.items() for value in getattr(wishes, field)]
    return given if wishes.commentary else [*given, (_COMMENTARY, "no")]
