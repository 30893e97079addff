"""Coverage: which inspectorates and kinds of bodies we read, and by which sources.

Readers are offered only what is covered: a choice that nothing can answer would bring silence for good.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from digest.providers import Register, normal_name
from digest.ratings import Inspectorate, Inspectorates
from digest.sources import Authority, Polled, Source, in_shadow


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What we read live. A source that is paused or that fails still counts: it is to be read again."""

    inspectorates: Inspectorates  # all that the settings know, covered or not
    sources: tuple[Source, ...]  # that are switched on and not in shadow, in the order of the operator's file
    bodies: Mapping[str, frozenset[str]]  # keys of the inspectorates of a kind of body, by its normal name

    @property
    def official(self) -> tuple[Source, ...]:
        """The live sources at which inspectorates themselves publish. No blog covers an inspectorate."""
        return tuple(source for source in self.sources if source.authority is Authority.OFFICIAL)

    @property
    def offered(self) -> dict[str, str]:
        """The names of the inspectorates that are covered, by key."""
        return {one.key: one.name for one in self.inspectorates if self.covers(one.key)}

    @property
    def not_covered(self) -> tuple[Inspectorate, ...]:
        return tuple(one for one in self.inspectorates if not self.covers(one.key))

    @property
    def mark(self) -> str:
        """A text that changes with what is covered."""
        return " ".join(sorted(self.offered))

    def sources_of(self, key: str) -> tuple[Source, ...]:
        """The official sources of an inspectorate."""
        return tuple(source for source in self.official if source.inspectorate == key)

    @property
    def of_several(self) -> tuple[Source, ...]:
        """The official sources of no inspectorate in particular: they may list reports of any."""
        return tuple(source for source in self.official if source.inspectorate is None)

    def covers(self, key: str) -> bool:
        return bool(self.sources_of(key))

    def inspectors(self, kind: str, register: Register) -> frozenset[str]:
        """The keys of the inspectorates of a kind of body; empty if they are not known."""
        named = normal_name(kind)
        found = register.inspectors.get(named, frozenset()) | self.bodies.get(named, frozenset())
        return frozenset() if "" in found else found

    def covers_kind(self, kind: str, register: Register) -> bool:
        """Whether any inspectorate of a kind of body is covered. A kind of which none is known may be."""
        found = self.inspectors(kind, register)
        return any(map(self.covers, found)) if found else bool(self.official)


def coverage_of(
    inspectorates: Inspectorates, sources: Iterable[Source], polled: Collection[Polled], now: datetime
) -> Coverage:
    """The coverage at `now`. `sources` are those that are switched on, `polled` what we remember of them."""
    memory = {one.source: one for one in polled}
    bodies: dict[str, frozenset[str]] = {}
    for one in inspectorates:
        for body in one.bodies:
            kind = normal_name(body.kind)
            bodies[kind] = bodies.get(kind, frozenset()) | {one.key}
    return Coverage(
        inspectorates=inspectorates,
        sources=tuple(one for one in sources if not in_shadow(one, memory.get(one.id), now)),
        bodies=bodies,
    )
