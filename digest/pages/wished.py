"""Wishes as the query of an address: a feed has exactly the stories that a subscriber with them would get."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from digest.edition import Edition, Story
from digest.ports.ledger import Carried
from digest.ports.public import WishedStories
from digest.providers import Register, normal_name
from digest.subscriptions import EVERYTHING, Wishes
from digest.wishes import personal_edition, unmatched, wanted

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


DAYS: Final = ("with", "late")
"""The names in the query of a copy for the days that it carries: those that were kept, and those missed."""

MOST_DAYS: Final = 40
"""The most days in the address of a copy. A weekly reader's may have four weeks that were missed, and one."""

NOTHING_CARRIED: Final = Carried()

LONGEST_AGO: Final = timedelta(days=60)
"""How long before an edition the days may be that a copy of it carries."""


class Query(Protocol):
    """The parameters of a request."""

    def getlist(self, key: str) -> list[str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wished:
    """Which stories somebody wants, without who they are."""

    wishes: Wishes

    def wants(self, story: Story, register: Register) -> bool:
        return wanted(story, self.wishes, register)

    def edition(
        self, edition: Edition, missed: Sequence[Edition], kept: Sequence[Edition], register: Register
    ) -> Edition | None:
        """What they get of an edition with those that it carries; None if no story is for them."""
        return personal_edition(edition, missed, self.wishes, register, kept)

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


def copy_page(edition: str, wishes: Wishes, carried: Carried = NOTHING_CARRIED) -> str:
    """The page of an edition with what a subscriber with these wishes gets, below the home page.

    `edition` is the page with all its stories. It is the answer as well if the subscriber gets all of them;
    if they wish for more than an address can hold, the page has all stories of the edition and of the days
    that it carries.
    """
    given = _written(wishes)
    by_name = zip(DAYS, (carried.kept, carried.missed), strict=True)
    days = [(name, f"{day}") for name, of in by_name for day in of]
    page = f"{edition}/{'movements' if wishes.movements_only else 'reports'}"
    page = f"{page}?{urlencode(asked)}" if (asked := [*given, *days]) else page
    if len(given) <= MOST_NAMES and len(page) <= LONGEST_COPY:
        return page if asked or wishes.movements_only else edition
    return edition if wishes == EVERYTHING else copy_page(edition, EVERYTHING, carried)


def carried_in(query: Query, day: date) -> Carried | str:
    """The earlier days in the query of a copy of the edition of a day; or what is wrong, in a sentence."""
    found: list[tuple[date, ...]] = []
    for name in DAYS:
        try:
            days = sorted(set(map(date.fromisoformat, query.getlist(name))))
        except ValueError:
            return f"{name} is a day, such as 2026-03-06."
        if days and not (day - days[0] <= LONGEST_AGO and days[-1] < day):
            return f"{name} is a day before {day}, within {LONGEST_AGO.days} days."
        found.append(tuple(days))
    kept, missed = found
    if len(kept) + len(missed) > MOST_DAYS:
        return f"There are more than {MOST_DAYS} days in this address."
    return Carried(missed=missed, kept=kept)


def _written(wishes: Wishes) -> list[tuple[str, str]]:
    given = [(name, value) for name, field in _LISTS.items() for value in getattr(wishes, field)]
    return given if wishes.commentary else [*given, (_COMMENTARY, "no")]
