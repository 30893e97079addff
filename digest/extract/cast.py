"""The cast: the providers that a text names, and how to find them again in any part of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from digest.ratings import Body


class Form(StrEnum):
    """In which form a text names somebody."""

    NAME = "name"  # whole, with its kind of body or as the register has it
    ALIAS = "alias"  # a shorter or another name of the same body
    AREA = "area"  # the area alone: "Bridgend itself"
    DESCRIPTOR = "descriptor"  # no name: "a Kent care home"
    OTHER = "other"  # a capitalised subject that is nobody we know


class Role(StrEnum):
    """What a body is named for."""

    PLAIN = "plain"
    OWNER = "owner"  # who runs, owns or manages the body spoken of
    PART = "part"  # only a part of it is spoken of: "maternity services at X"
    NEIGHBOUR = "neighbour"  # named for comparison
    PLACE = "place"  # only where something is
    SPEAKER = "speaker"  # who said something
    PREDECESSOR = "predecessor"  # what stood there before


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One provider as this text names it."""

    name: str  # the register's where it knows it, else the text's longest form; empty for a descriptor
    area: str  # the name without the kind of body; the whole name where the register's is known by itself
    body: Body | None  # None for a name without any words for a kind of body
    words: str = ""  # the form of its name as the text has it
    provider_id: str | None = None  # the register's; None where it knows nobody, or several, of this name

    @property
    def loose(self) -> bool:
        return self.body is not None and self.body.loose


@dataclass(frozen=True, slots=True, kw_only=True)
class NameMention:
    start: int
    end: int
    named: Named
    whole: bool  # with its kind of body, not the area alone
    form: Form = Form.NAME
    role: Role = Role.PLAIN
    part: str | None = None  # the words for the part, where the role is one


_OURS = frozenset({Form.NAME, Form.ALIAS, Form.AREA})


class Cast:
    """The providers that a text names, and how to find them again in any part of it."""

    __slots__ = ("_find", "_found", "all", "several")

    def __init__(
        self,
        all: Iterable[Named],
        find: Callable[[str, bool], tuple[NameMention, ...]] | None = None,
        *,
        several: bool = False,
    ) -> None:
        """`several`: the text tells one after the other what inspections of several bodies found."""
        self.all = tuple(all)
        self.several = several
        self._find = find
        self._found: dict[tuple[str, bool], tuple[NameMention, ...]] = {}

    def mentions(self, text: str, *, heading: bool = False) -> tuple[NameMention, ...]:
        """Where `text` names a provider of the cast, whatever its role there, from left to right."""
        return tuple(m for m in self.all_mentions(text, heading=heading) if m.form in _OURS)

    def all_mentions(self, text: str, *, heading: bool = False) -> tuple[NameMention, ...]:
        """Every mention of anybody, from left to right, without overlaps: also descriptors and strangers.

        An area alone counts too ("Bridgend itself"); a heading's capitals are not relied on.
        """
        key = (text, heading)
        if key not in self._found:
            self._found[key] = self._find(text, heading) if self._find else ()
        return self._found[key]
