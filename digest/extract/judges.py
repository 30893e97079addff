"""Who inspects: the inspectorate whose judgement a text reports, and the scale it then graded by."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from digest.extract.aspects import comparable
from digest.extract.bodies import BodyWords
from digest.extract.grades import GradeWords
from digest.extract.phrases import Text, any_of, made_once
from digest.providers import Words
from digest.ratings import Body, Inspectorate, Inspectorates, Scale

_OTHERS: Final = (
    "Ofsted", "Care Quality Commission", "CQC", "Estyn", "HMICFRS", "HMIC", "HMI Prisons", "HM Inspectorate of Prisons",
    "Inspectorate of Constabulary", "Care Inspectorate", "Education Scotland", "Healthcare Inspectorate Wales", "HIW",
    "RQIA", "Regulation and Quality Improvement Authority", "CJINI", "Criminal Justice Inspection Northern Ireland",
    "Healthcare Improvement Scotland", "Independent Monitoring Board", "Regulator of Social Housing",
)  # fmt: skip
_LEAST: Final = 6  # letters: a shorter name squeezed into an address would be found by chance


def inspectorate_of(text: Text, url: str, inspectorates: Inspectorates) -> Inspectorate | None:
    """The inspectorate that a text's judgements come from; None where two are as likely or none is named.

    Its own address counts most, then how often it is named, then who it inspects. A joint inspection is that
    of the one which led it.
    """
    scores: Counter[str] = Counter()
    if any(not one.prose and is_own_address(one, url) for one in inspectorates):
        return (
            None  # it publishes its grades as data, and whatever its texts say of others is no news of them
        )
    inspectorates = _of_prose(inspectorates)
    words = Words(text.text)
    owners = {one.key for one in inspectorates if is_own_address(one, url)}
    address = _Address(url)
    for one, spelt in zip(inspectorates, _spelt(inspectorates), strict=True):
        named = text.count(spelt.names) - text.count(spelt.longer) + text.count(one.marks)
        own = one.key in owners if owners else address.has(spelt.names) and not address.has(spelt.longer)
        led = bool(named and text.count(spelt.led))
        proper = text.count(spelt.proper) + text.count(one.marks)
        by_name = 2 * min(named, 5) - (not proper if named else 0)
        scores[one.key] = 10 * (own + led) + by_name + min(_spoken_of(one.bodies, words), 3)
    ranked = scores.most_common(2)
    if not ranked or not ranked[0][1] or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return None
    first = inspectorates.named(ranked[0][0])
    return first if first and ranked[0][1] >= min(text.count(_rivals(first)), 3) else None


@made_once
def _of_prose(inspectorates: Inspectorates) -> Inspectorates:
    """Those whose grades are read from texts, each with the scales that texts are read by."""
    return Inspectorates(
        all=tuple(
            replace(one, scales=tuple(scale for scale in one.scales if scale.prose))
            for one in inspectorates
            if one.prose
        )
    )


@dataclass(frozen=True, slots=True)
class _Spelt:
    """The words by which one inspectorate is named."""

    names: tuple[str, ...]
    proper: tuple[str, ...]  # without common nouns that others are called by as well: "care watchdog"
    longer: tuple[str, ...]  # others' names, which begin like one of these
    led: tuple[str, ...]  # of a joint inspection that it led


@made_once
def _spelt(inspectorates: Inspectorates) -> tuple[_Spelt, ...]:
    each = map(_spellings, inspectorates)
    return tuple(
        _Spelt(
            names,
            tuple(n for n in names if not n[0].islower()),
            _longer(names, inspectorates),
            tuple(f"{name} led" for name in names),
        )
        for names in each
    )


def _spellings(inspectorate: Inspectorate) -> tuple[str, ...]:
    """Its names, with either apostrophe: "Her Majesty’s Inspectorate"."""
    names = (inspectorate.name, *inspectorate.aliases)
    return tuple(dict.fromkeys(n for name in names for n in (name, name.replace("'", "’"))))


def _longer(names: Iterable[str], inspectorates: Inspectorates) -> tuple[str, ...]:
    """Names of others that one of these begins: "Care Inspectorate" of Scotland, and "Care Inspectorate Wales"."""
    begun = tuple(f"{name.casefold()} " for name in names)
    everybody = (name for one in inspectorates for name in (one.name, *one.aliases))
    return tuple(name for name in everybody if name.casefold().startswith(begun) and name not in set(names))


def is_own_address(inspectorate: Inspectorate | None, url: str) -> bool:
    """Whether a page is the inspectorate's own, by its address."""
    if inspectorate is None:
        return False
    rest = url.casefold().partition("://")[2]
    host = rest.partition("/")[0].rpartition("@")[2].partition(":")[0].removesuffix(".")
    path = f"/{rest.partition('/')[2]}"
    return any(
        (host == own_host or host.endswith(f".{own_host}")) and path.startswith(f"/{own_path}")
        for site in inspectorate.sites
        for own_host, _, own_path in (site.partition("/"),)
    )


class _Address:
    """A page's address, in which the name of who wrote it may stand."""

    def __init__(self, url: str) -> None:
        folded = url.casefold()
        self._squeezed = _squeezed(folded)
        self._host = set(re.split(r"[./-]", folded.partition("://")[2].partition("/")[0]))

    def has(self, names: Iterable[str]) -> bool:
        squeezed = map(_squeezed, names)
        return any(len(name) >= _LEAST and name in self._squeezed for name in squeezed) or any(
            name.casefold() in self._host for name in names
        )


@lru_cache(maxsize=512)
def _squeezed(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.casefold())


@made_once
def _telling(bodies: tuple[Body, ...]) -> BodyWords:
    """The words for the kinds of bodies that nothing else is called by: "Court" and "House" name anything."""
    return BodyWords(tuple(b for b in bodies if not (b.loose and b.capitals)))


def _spoken_of(bodies: tuple[Body, ...], words: Words) -> int:
    """How many kinds of these bodies a text names."""
    found = _telling(bodies).found(words)
    return len({(kind.body, kind.leads) for kind in found if kind.capital or not kind.body.capitals})


@made_once
def _rivals(inspectorate: Inspectorate) -> tuple[str, ...]:
    own = {name.casefold() for name in (inspectorate.name, *inspectorate.aliases)}
    return tuple(
        name
        for name in _OTHERS
        if name.casefold() not in own and not any(mine.startswith(f"{name.casefold()} ") for mine in own)
    )


def rivals_of(inspectorate: Inspectorate, inspectorates: Inspectorates, text: Text) -> re.Pattern[str]:
    """The names of everybody else who inspects: a sentence that names one may tell that one's rating."""
    known = [
        name
        for one in _of_prose(inspectorates)
        if one.key != inspectorate.key
        for name in (one.name, *one.aliases)
    ]
    return any_of(text.those_of((*known, *_rivals(inspectorate))))


def scale_of(
    inspectorate: Inspectorate, year: int | None, text: str, *, named: int | None = None
) -> Scale | None:
    """The scale in force in a year, None before there was one; where several may be, the one whose words stand there.

    Of scales whose words are as many, the one in force in the latest year that the text names, else the newest.
    """
    in_force = [s for s in inspectorate.scales if year is None or _in_force(s, year)]
    return max(
        _of_the_body(inspectorate, in_force, text),
        key=lambda s: (GradeWords.of(s).variety(text), named is not None and _in_force(s, named)),
        default=None,
    )


def _of_the_body(inspectorate: Inspectorate, scales: Sequence[Scale], text: str) -> Sequence[Scale]:
    """The scales without those for another kind of body: of several without an end, the one whose own aspects stand there."""
    own = [(s, words) for s, words in _side_by_side(inspectorate) if s in scales]
    if len(own) < 2:
        return scales
    counts = [(len({m[0].casefold() for m in words.finditer(text)}), s) for s, words in own]
    most, chosen = max(counts, key=lambda one: one[0])
    left = [s for s in scales if all(s != other for other, _ in own)]
    # Where its own words stand there, it goes before those that are no longer in force.
    return [chosen, *left] if most else [s for s in scales if s == chosen or s in left]


@made_once
def _side_by_side(inspectorate: Inspectorate) -> tuple[tuple[Scale, re.Pattern[str]], ...]:
    """The scales of aspects that are in force still, each with the names of several words that no other has for an aspect."""
    found = [s for s in inspectorate.scales if s.valid_until is None and s.aspects and not s.has_overall]
    names = {
        s.key: {comparable(n) for a in s.aspects for n in (a.name, *a.aliases) if " " in n} for s in found
    }
    return tuple(
        (s, any_of(n for n in names[s.key] if not any(n in names[o.key] for o in found if o != s)))
        for s in found
    )


def _in_force(scale: Scale, year: int) -> bool:
    begins = scale.valid_from.year if scale.valid_from else year
    ends = scale.valid_until.year if scale.valid_until else year
    return begins <= year <= ends
