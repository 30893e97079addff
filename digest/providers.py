"""Providers: the bodies that are inspected, their names, and what became of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One inspected body."""

    id: str
    name: str
    kind: str  # such as "CRC", "PDU", "YJS"; empty where it is not known
    inspectorate: str
    aliases: tuple[str, ...] = ()
    predecessors: tuple[str, ...] = ()  # ids; their grades are not this provider's own

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)


def normal_name(name: str) -> str:
    """The form in which two spellings of one name are equal: case, accents, spacing, "&" and commas aside."""
    plain = unicodedata.normalize("NFKD", name.translate(_APOSTROPHES)).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c)).replace("&", " and ")
    return " ".join(re.findall(r"[a-z0-9']+", plain))


def provider_id(name: str) -> str:
    """A stable id made from a name, for a provider that the register does not know yet."""
    return normal_name(name).replace("'", "").replace(" ", "-")


class Register:
    """The providers we know, found by any of their names."""

    __slots__ = ("_by_id", "_by_name")

    def __init__(self, providers: Iterable[Provider] = ()) -> None:
        self._by_id = {provider.id: provider for provider in providers}
        self._by_name: dict[str, Provider] = {}
        for provider in self._by_id.values():
            for name in provider.names:
                self._by_name.setdefault(normal_name(name), provider)

    def __iter__(self) -> Iterator[Provider]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, id: str) -> Provider | None:
        return self._by_id.get(id)

    def named(self, name: str) -> Provider | None:
        """The provider known by exactly this name; likeness is never enough."""
        return self._by_name.get(normal_name(name))
