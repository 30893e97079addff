"""Identities: which provider of the register a name in this text belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

from digest.extract.areas import SHORTENED
from digest.providers import Provider, Register, normal_name
from digest.ratings import Body, Inspectorate

_NEAR: Final = 2  # sentences: the one with the name and the next


class Identities:
    """Finds providers by their names, and tells those of one name apart by what stands near it."""

    def __init__(
        self,
        register: Register,
        bodies: Iterable[Body],
        judge: Inspectorate | None,
        texts: Sequence[str],
    ) -> None:
        self._register = register
        self._areas = {body.kind.casefold() for body in bodies if body.form is not None}
        self._inspectorate = judge.key if judge else None
        self._texts = texts
        self._near: dict[str, str] = {}

    def is_area(self, provider: Provider) -> bool:
        """Whether a provider's kind is of those that are called by their area."""
        return not self._areas.isdisjoint(provider.kind.casefold().split()) and not any(
            word in provider.kind.casefold().split() for word in normal_name(provider.name).split()
        )

    def of(self, name: str, area: str, body: Body | None) -> Provider | None:
        """The provider that goes by this name, or by its area and a form of this kind of body."""
        if not len(self._register):
            return None
        for one in self._ways(name, area, body):
            if (bearers := self._register.bearers(one, self._inspectorate)) and (
                provider := self._chosen(bearers, one, name, body)
            ):
                return provider
        bare = self._register.named(area, self._inspectorate) if area and body else None
        return bare if bare is not None and body and body.kind in re.split(r"\W+", bare.kind) else None

    def named(self, name: str) -> Provider | None:
        """The provider that goes by exactly this name."""
        bearers = self._register.bearers(name, self._inspectorate)
        return self._chosen(bearers, name, name, None) if bearers else None

    def stranger(self, name: str) -> str | None:
        """The register's name for somebody whom another inspectorate inspects."""
        ours = self._register.bearers(name, self._inspectorate)
        theirs = () if ours else self._register.bearers(name)
        return theirs[0].name if theirs else None

    @staticmethod
    def _ways(name: str, area: str, body: Body | None) -> Iterable[str]:
        yield name
        if body is None or not area:
            return
        full = " ".join(SHORTENED.get(word.casefold(), word) for word in area.split())
        for place in dict.fromkeys((area, full)):
            if body.form is not None:
                yield body.form.format(area=place)
            yield from (f"{place} {form}" for form in (*body.names, *body.short))
            yield from (f"{lead} {place}" for lead in body.leads)

    def _chosen(
        self, bearers: Sequence[Provider], name: str, said: str, body: Body | None
    ) -> Provider | None:
        known = [p for p in bearers if p.kind] or list(bearers)
        if len(known) > 1 and body is not None:
            kinds = {normal_name(word) for word in (body.kind, *body.names, *body.short)}
            known = [p for p in known if normal_name(p.kind) in kinds] or known
        if len(known) > 1:
            known = self._told_apart(known, name, said)
        inspectors = {p.inspectorate for p in known} - {""}
        return known[0] if len(known) == 1 and len(inspectors) < 2 else None

    def _told_apart(self, known: Sequence[Provider], name: str, said: str) -> list[Provider]:
        """Those of one name whose town, postcode or number stands with it: an alias has it, or the id."""
        near = f" {self._beside(said)} "
        marked = [p for p in known if any(f" {mark} " in near for mark in _marks(p, normal_name(name)))]
        return marked if len(marked) == 1 else list(known)

    def _beside(self, said: str) -> str:
        """The sentences with a name, each with the next one, in normal form."""
        if said not in self._near:
            wanted = normal_name(said)
            plain, standing = self._plain
            rarest = min((standing.get(word, ()) for word in wanted.split()), key=len, default=())
            near = [" ".join(plain[i : i + _NEAR]) for i in rarest if f" {wanted} " in plain[i]]
            self._near[said] = " ".join(near)
        return self._near[said]

    @cached_property
    def _plain(self) -> tuple[list[str], Mapping[str, list[int]]]:
        """The sentences in normal form, and in which of them each word stands."""
        plain = [f" {normal_name(text)} " for text in self._texts]
        standing: dict[str, list[int]] = {}
        for i, text in enumerate(plain):
            for word in dict.fromkeys(text.split()):
                standing.setdefault(word, []).append(i)
        return plain, standing


def _marks(provider: Provider, name: str) -> set[str]:
    """What tells a provider from others of its name."""
    marks = set()
    for other in (*provider.aliases, provider.name, provider.id):
        left = f" {normal_name(other)} ".replace(f" {name} ", " ").strip()
        if left and left != normal_name(other):
            marks.add(left)
        elif any(c.isdigit() for c in other) and " " not in normal_name(other).strip():
            marks.add(normal_name(other))  # a number by itself
        elif re.fullmatch(r"[A-Za-z]{1,2}\d[A-Za-z\d]? ?\d[A-Za-z]{2}", other.strip()):
            marks.add(normal_name(other))
    return marks
