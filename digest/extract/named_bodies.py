"""The bodies that a text names: two forms of one name are one body, found in the register where it has them.

"Fernbank Care Home" and "Fernbank", "HMP Leeds" and "Leeds prison", "Bedfield Church of England Primary School"
and "Bedfield Primary" are one each.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from digest.extract.areas import SHORTENED, is_common
from digest.extract.cast import Named
from digest.extract.sightings import Sighting
from digest.providers import Provider, Register, normal_name
from digest.ratings import Body, Inspectorate

_NEAR: Final = 2  # sentences: the one with the name and the next


class Identities:
    """Finds providers by their names; of several with one name, the one whose town or number stands near it."""

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
        """The register's name for somebody that another inspectorate inspects."""
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
        self, bearers: Sequence[Provider], name: str, written: str, body: Body | None
    ) -> Provider | None:
        known = [p for p in bearers if p.kind] or list(bearers)
        if len(known) > 1 and body is not None:
            kinds = {normal_name(word) for word in (body.kind, *body.names, *body.short)}
            known = [p for p in known if normal_name(p.kind) in kinds] or known
        if len(known) > 1:
            known = self._told_apart(known, name, written)
        inspectors = {p.inspectorate for p in known} - {""}
        return known[0] if len(known) == 1 and len(inspectors) < 2 else None

    def _told_apart(self, known: Sequence[Provider], name: str, written: str) -> list[Provider]:
        """Those of one name whose town, postcode or number stands with it: an alias has it, or the id."""
        near = f" {self._beside(written)} "
        marked = [p for p in known if any(f" {mark} " in near for mark in _marks(p, normal_name(name)))]
        return marked if len(marked) == 1 else list(known)

    def _beside(self, written: str) -> str:
        """The sentences with a name, each with the next one, in normal form."""
        if written not in self._near:
            wanted = normal_name(written)
            plain, standing = self._plain
            rarest = min((standing.get(word, ()) for word in wanted.split()), key=len, default=())
            near = [" ".join(plain[i : i + _NEAR]) for i in rarest if f" {wanted} " in plain[i]]
            self._near[written] = " ".join(near)
        return self._near[written]

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
    """What sets a provider apart from others of its name."""
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


# Words that a school's, home's or trust's name may have or be without.
_DESCRIBING: Final = frozenset(
    "the church of england c e ce cofe catholic rc roman voluntary aided controlled va vc community foundation nhs "
    "academy private residential nursing care university".split()
)
_COUNCIL: Final = re.compile(
    r"(?: (?:City|County|Borough|Metropolitan|District))* (?:Council|MBC|Authority)(?:['’]s)?$"
)
_LEARNING: Final = frozenset({"school", "academy", "college", "nursery", "welsh school"})
_LEAST: Final = 3  # letters of an area that stands for its body


@dataclass(slots=True)
class _Group:
    """The sightings of one body."""

    sightings: list[Sighting] = field(default_factory=list)

    @property
    def best(self) -> Sighting:
        """The official or else the longest form; one with a common noun for its kind goes last."""
        return max(
            self.sightings,
            key=lambda s: (not s.lower, not s.area.isupper(), _is_official(s), len(spelt(s))),
        )


@dataclass(frozen=True, slots=True)
class NamedBodies:
    """Who is named in a text, and by which words."""

    all: tuple[Named, ...]
    by_key: Mapping[str, Named]  # by `key_of` a sighting
    by_area: Mapping[str, tuple[Named, ...]]  # by the normal area
    by_words: Mapping[str, Named]  # names that need no kind of body, in normal form


def spelt(s: Sighting) -> str:
    """The name of a sighting, in the body's tidy form where it has one, else word for word."""
    return (s.body.form or s.written or f"{{area}} {s.body.kind}").format(area=s.area)


def _is_official(s: Sighting) -> bool:
    """Whether a name stands in the form that goes before others of its kind: "HMP Leeds", not "Leeds Prison"."""
    return bool(s.body.leads) and s.written.endswith("{area}")


def key_of(s: Sighting) -> str:
    """What two sightings of one name have in common, whatever their capitals and the form of the kind."""
    if s.body.form:
        return normal_name(f"{s.area} | {s.body.kind}")
    name = spelt(s).removeprefix("The ")
    kind = name.rsplit(" ", 1)[-1]
    if kind in s.body.short and s.body.names:  # "Hampden House PRU"
        name = f"{name.removesuffix(kind)}{s.body.names[0]}"
    return normal_name(name)


def named_bodies_of(
    sightings: Iterable[Sighting],
    hits: Mapping[str, str],
    bare: Iterable[str],
    shortened: Mapping[str, str],
    identities: Identities,
) -> NamedBodies:
    """The bodies of a text.

    `hits`: the register's names that the text has, with the text's own words for each. `bare`: names without a kind
    of body. `shortened`: the areas that initials stand for.
    """
    sightings = tuple(sightings)
    by_key: dict[str, Named] = {}
    areas: dict[str, list[Named]] = {}
    by_name: dict[str, Named] = {}  # also by the register's id
    for group in _merged(_grouped(sightings)):
        named = _named(group, identities)
        named = by_name.setdefault(named.provider_id or normal_name(named.name), named)
        by_key.update((key_of(s), named) for s in group.sightings)
        for area in dict.fromkeys(area for s in group.sightings for area in _areas_of(s)):
            if named not in (sharing := areas.setdefault(area, [])):
                sharing.append(named)
    for short, area in shortened.items():
        if short != area and (found := areas.get(normal_name(area))):
            areas.setdefault(normal_name(short), found)
    single = {name: _registered(name, written, identities) for name, written in hits.items()}
    single |= {key: _known(name, identities) for name in bare if (key := normal_name(name)) not in areas}
    by_words = {
        words: by_name.setdefault(one.provider_id or normal_name(one.name), one)
        for words, one in single.items()
        if one is not None
    }
    for s in sightings:
        if s.alias.isupper() and (known := by_key.get(key_of(s))) is not None:
            by_words.setdefault(normal_name(s.alias), known)
    for short, whole in shortened.items():
        if whole in by_words:
            by_words.setdefault(normal_name(short), by_words[whole])
    return NamedBodies(
        all=tuple(by_name.values()),
        by_key=by_key,
        by_area={area: tuple(sharing) for area, sharing in areas.items() if _tells(sharing)},
        by_words=by_words,
    )


def _tells(sharing: Sequence[Named]) -> bool:
    """Whether an area alone may stand for its body: of two schools of one name it names neither."""
    return len(sharing) == 1 or bool(sharing[0].body and sharing[0].body.form)


def _registered(name: str, written: str, identities: Identities) -> Named | None:
    """Somebody whose name the register has; None where another inspectorate inspects them."""
    provider = identities.named(name)
    if provider is not None and identities.is_area(provider):
        return None  # its name is a place's: it takes a kind of body to name it
    if provider is None:
        return None if identities.stranger(name) else Named(name=written, area=written, body=None)
    return Named(name=provider.name, area=written, body=None, provider_id=provider.id)


def _known(name: str, identities: Identities) -> Named:
    """Somebody whose name has no word for a kind of body."""
    provider = identities.of(name, "", None)
    return Named(
        name=provider.name if provider else name,
        area=name,
        body=None,
        provider_id=provider.id if provider else None,
    )


def _areas_of(s: Sighting) -> Iterator[str]:
    core = "" if s.body.form else _core(s).removeprefix("| ")
    for area in dict.fromkeys((s.area, s.alias, _COUNCIL.sub("", s.area), core)):
        plain = normal_name(area)
        if len(plain) >= _LEAST and not is_common(plain):
            yield plain


def _grouped(sightings: Iterable[Sighting]) -> dict[str, _Group]:
    groups: dict[str, _Group] = {}
    for s in sightings:
        groups.setdefault(key_of(s), _Group()).sightings.append(s)
    return groups


def _merged(groups: Mapping[str, _Group]) -> Iterable[_Group]:
    """The groups, the shorter forms of one name with its one longer form."""
    free = {key: group for key, group in groups.items() if group.sightings[0].body.form is None}
    longer: dict[str, set[str]] = {}
    for key, group in free.items():
        for way in _shorter(key, group.sightings[0]):
            longer.setdefault(way, set()).add(key)
    into: dict[str, str] = {}
    for key, group in free.items():
        s = group.sightings[0]
        found = set[str]()
        for way in (key, _core(s)):
            found |= {
                other
                for other in longer.get(way, ())
                if other != key and _is_short_for(s, key, free[other].sightings[0], other)
            }
        if s.body.loose and s.body.capitals and normal_name(s.area) not in _names_of(s):
            found |= {  # "Cheshire House" of "Leonard Cheshire House"
                other
                for other in free
                if other.endswith(f" {key}") and free[other].sightings[0].body == s.body
            }
        if (
            len(found) > 1
        ):  # of forms of growing length the longest: "X Home", "X Care Home", "X Nursing Care Home"
            found = {max(found, key=len)} if _in_line(found) else set()
        if found:
            into[key] = found.pop()
    for key, longest in into.items():
        while longest in into:
            longest = into[longest]  # noqa: PLW2901 -- a longer form of the longer form
        groups[longest].sightings.extend(groups[key].sightings)
    return [group for key, group in groups.items() if key not in into]


def _names_of(s: Sighting) -> set[str]:
    return {word for name in s.body.names for word in normal_name(name).split()}


def _in_line(keys: Iterable[str]) -> bool:
    ordered = sorted(keys, key=len)
    return all(set(a.split()) <= set(b.split()) for a, b in itertools.pairwise(ordered))


def _shorter(key: str, s: Sighting) -> Iterator[str]:
    """The ways in which a name may be shortened: its first words, and its area with none that only describe."""
    words = key.split()
    yield from (" ".join(words[:n]) for n in range(2, len(words)))
    yield _core(s)


def _core(s: Sighting) -> str:
    return "| " + " ".join(word for word in normal_name(s.area).split() if word not in _DESCRIBING)


def _is_short_for(s: Sighting, key: str, other: Sighting, longer: str) -> bool:
    """Whether a name may be a shorter form of another."""
    if len(longer) <= len(key) and not (len(longer) == len(key) and longer < key):
        return False
    first, second = key.split(), longer.split()
    alike = s.body.kind == other.body.kind or {s.body.kind, other.body.kind} <= _LEARNING
    if second[: len(first)] == first:
        return alike or s.body.loose
    if _core(s) == "| " or _core(s) != _core(other) or not alike:
        return False
    return (
        set(first) - {"school"} <= set(second)
        or (s.body.kind == other.body.kind and _kind_words(s) == _kind_words(other))
        or bool(s.body.leads)
    )


def _kind_words(s: Sighting) -> set[str]:
    return set(normal_name(s.written.replace("{area}", "")).split())


def _named(group: _Group, identities: Identities) -> Named:
    best = group.best
    sure = next((s for s in group.sightings if not s.body.loose), best)
    name = spelt(best)
    provider = _provider(group.sightings, identities)
    return Named(
        name=provider.name if provider else name,
        area=best.area,
        body=sure.body if best.body.loose else best.body,
        words=best.written,
        provider_id=provider.id if provider else None,
    )


def _provider(sightings: Sequence[Sighting], identities: Identities) -> Provider | None:
    known = dict.fromkeys(s.known for s in sightings if s.known)
    if found := next((p for name in known if (p := identities.named(name))), None):
        return found
    ways = dict.fromkeys((spelt(s), s.area, s.body) for s in sorted(sightings, key=lambda s: -len(spelt(s))))
    return next((p for name, area, body in ways if (p := identities.of(name, area, body))), None)
