"""The register as operators keep it: what is known of a provider, and which entries are one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from digest.providers import Link, Linked, Provider, Ruled
from digest.ratings import Rating


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """A provider that came before or after another."""

    id: str
    name: str | None  # None: it is not in the register
    link: Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """All that the register has of a provider, of all entries that are merged into it."""

    provider: Provider
    numbers: tuple[tuple[str, str], ...]  # the publishers' own: inspectorate and number
    proposed: bool  # only a text has named it
    predecessors: tuple[Relative, ...]
    successors: tuple[Relative, ...]
    ratings: tuple[Rating, ...]  # the latest first
    rulings: tuple[Ruled, ...]  # what was decided about it, the first one first


@dataclass(frozen=True, slots=True, kw_only=True)
class LinksLoaded:
    """What became of a file of links."""

    links: int  # that are in the register now
    changed: int  # new ones and those of another kind than before
    gone: int  # that the file before had
    strangers: int  # whose later provider is in no register: they are left out


class RegisterStore(Protocol):
    """What operators see and decide of the register.

    Decisions are kept for good, with who, when and why. `Refused` says what cannot be done.
    """

    async def entry(self, id: str, *, now: datetime) -> Entry | None:
        """All that is known of a provider; None if no entry has this id."""
        ...

    async def merge(self, into: str, id: str, *, by: str, why: str, now: datetime) -> None:
        """Let an entry lead to another: its ratings, reports and watches count as the other's from now on."""
        ...

    async def split(self, id: str, *, by: str, why: str, now: datetime) -> int:
        """End the merge of an entry into another. What was stored under it has stayed its own.

        Reports on it that came since go back to it; returns how many.
        """
        ...

    async def link(self, linked: Linked, *, by: str, why: str, now: datetime) -> None:
        """Note that a provider came after another, in place of what data states of the two."""
        ...

    async def unlink(self, one: str, other: str, *, by: str, why: str, now: datetime) -> None:
        """Note that neither of two providers came after the other, whatever data states."""
        ...

    async def load_links(
        self, links: Sequence[Linked], *, progress: Callable[[int], None] = lambda _: None
    ) -> LinksLoaded:
        """Store the links of a file, in place of those of the file before, in parts of a transaction each."""
        ...
