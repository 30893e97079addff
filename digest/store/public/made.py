"""The rows of one service, made of what is known of its entries: pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final

from digest.changes import Movement
from digest.grade_periods import Given, GradePeriod, KnownRating, Periods
from digest.providers import Link, normal_name, provider_id
from digest.ratings import OVERALL, Precision

_PERIOD: Final = tuple(field.name for field in fields(GradePeriod))

_MOVED: Final = frozenset({Movement.UPGRADE, Movement.DOWNGRADE})

_LONGEST_SLUG: Final = 60
"""Characters; a longer name is cut between two words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryKnown:
    """One entry of the register."""

    id: str
    name: str
    aliases: tuple[str, ...]
    kind: str
    inspectorate: str
    area: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceKnown:
    """All that is public of one provider."""

    entries: tuple[EntryKnown, ...]  # the one that counts first
    ratings: tuple[KnownRating, ...]
    predecessors: Mapping[str, Link]  # by the id that counts, as are the next
    successors: Mapping[str, Link]
    told_on: date | None  # the last edition with a story about it


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRows:
    """The rows of one service."""

    service: dict[str, Any]
    grades: tuple[dict[str, Any], ...]
    names: tuple[dict[str, Any], ...]


def rows_of(known: ServiceKnown, made_by: Periods) -> ServiceRows:
    first = known.entries[0]
    kind = next((entry.kind for entry in known.entries if entry.kind), "")
    area = next((entry.area for entry in known.entries if entry.area), "")
    names = dict.fromkeys(name for entry in known.entries for name in (entry.name, *entry.aliases))
    names.pop(first.name, None)
    periods = made_by.of(known.ratings, first.inspectorate)
    now = _now(first.inspectorate, periods, made_by)
    service = {
        "id": first.id,
        "slug": slug_of(first.id, first.name),
        "name": first.name,
        "former_names": list(names),
        "merged": [entry.id for entry in known.entries[1:]],
        "predecessors": [[id, link] for id, link in known.predecessors.items()],
        "successors": [[id, link] for id, link in known.successors.items()],
        "inspectorate": first.inspectorate,
        "kind": kind,
        "area": area,
        "told_on": known.told_on,
        **now,
        **_orders(first, now),
    }
    return ServiceRows(
        service=service,
        grades=tuple(_grade_rows(service, periods)),
        names=tuple(_name_rows(first.id, first.name, names, area)),
    )


def slug_of(id: str, name: str) -> str:
    """The name for an address; empty if the id is made of it."""
    slug = provider_id(name)
    if not slug or id == slug:
        return ""
    return slug if len(slug) <= _LONGEST_SLUG else slug[: _LONGEST_SLUG + 1].rpartition("-")[0]


def _now(inspectorate: str, periods: Sequence[GradePeriod], made_by: Periods) -> dict[str, Any]:
    """What a service's row says of its present grades: those of its own inspectorate."""
    own = [one for one in periods if one.inspectorate == inspectorate or not inspectorate]
    present = [one for one in own if one.present]
    overall = next((one for one in present if one.aspect == OVERALL), None)
    aspects = [one for one in present if one.aspect != OVERALL]
    latest = overall or max(aspects, key=_day, default=None)
    last = max((one for one in own if one.aspect == OVERALL), key=_day, default=None)
    withdrawn = latest is None and last is not None and last.given is Given.WITHDRAWN
    moved = (one for one in own if one.movement in _MOVED)
    movement = overall.movement if overall else Movement.WITHDRAWN if withdrawn else None
    return {
        "scale": latest.scale if latest else None,
        "grade": overall.grade if overall else None,
        "rank": overall.rank if overall else None,
        "since": latest.since if latest else None,
        "precision": latest.precision if latest else Precision.NOT_BEFORE,
        "movement": movement,
        "before": overall.before if overall else last.grade if withdrawn and last else None,
        "moved_on": max((one.since for one in moved if one.since), default=None),
        "rated": latest is not None,
        "aspects": [_aspect(one) for one in _in_order(aspects, made_by)],
    }


def _day(period: GradePeriod) -> date:
    return period.since or date.min


def _in_order(periods: Iterable[GradePeriod], made_by: Periods) -> list[GradePeriod]:
    """The aspects in the order of their scale."""
    places: dict[tuple[str, str], int] = {}
    for one in periods:
        scale = made_by.scale(one.scale)
        named = [aspect.name for aspect in scale.aspects] if scale else []
        places[one.scale, one.aspect] = named.index(one.aspect) if one.aspect in named else len(named)
    return sorted(periods, key=lambda one: (one.scale, places[one.scale, one.aspect], one.aspect))


def _aspect(period: GradePeriod) -> dict[str, Any]:
    return {
        "aspect": period.aspect,
        "scale": period.scale,
        "grade": period.grade,
        "rank": period.rank,
        "since": period.since.isoformat() if period.since else None,
        "precision": period.precision,
        "movement": period.movement,
        "before": period.before,
    }


def _orders(first: EntryKnown, now: Mapping[str, Any]) -> dict[str, str]:
    """The keys by which lists of services are sorted. Each ends with the id, so no two are the same."""
    name = f"{normal_name(first.name)} {first.id}"
    return {
        "by_name": _ascii(name),
        "by_grade": _ascii(f"{_ranked(now['rank'])} {latest_first(now['since'])} {name}"),
        "by_date": _ascii(f"{latest_first(now['since'])} {name}"),
        "by_move": _ascii(f"{latest_first(now['moved_on'])} {name}"),
    }


def _ranked(rank: int | None) -> str:
    return f"{99 if rank is None else rank:02d}"


def latest_first(day: date | None) -> str:
    """A part of a key that puts later days first, and last what has none."""
    return f"{date.max.toordinal() - (day or date.min).toordinal():07d}"


def _ascii(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode("ascii")


def _grade_rows(service: Mapping[str, Any], periods: Iterable[GradePeriod]) -> Iterator[dict[str, Any]]:
    by_name, id = service["by_name"], service["id"]
    named, ever = set[tuple[str, str]](), set[tuple[str, str]]()
    for number, one in enumerate(periods):
        own = service["inspectorate"] in {"", one.inspectorate}
        listed = own and one.aspect == OVERALL and one.given is Given.GRADE
        of_aspect = one.present and one.aspect != OVERALL
        first = of_aspect and (one.inspectorate, one.scale) not in named
        if first:
            named.add((one.inspectorate, one.scale))
        was_of_aspect = one.aspect != OVERALL and one.given is Given.GRADE
        first_ever = was_of_aspect and (one.inspectorate, one.scale) not in ever
        if first_ever:
            ever.add((one.inspectorate, one.scale))
        dated = f"{latest_first(one.since)} {id}"
        yield {name: getattr(one, name) for name in _PERIOD} | {
            "service_id": service["id"],
            "number": number,
            "kind": service["kind"],
            "area": service["area"],
            "by_grade": _ascii(f"{_ranked(one.rank)} {dated}") if listed else None,
            "by_date": _ascii(dated) if listed else None,
            "by_move": _ascii(f"{0 if one.movement in _MOVED else 1} {dated}") if listed else None,
            "by_name": by_name if listed or first else None,
            "by_rank": f"{_ranked(one.rank)} {by_name}" if was_of_aspect else None,
            "by_first": by_name if first_ever else None,
            "by_aspect": f"{_ranked(one.rank)} {by_name}" if of_aspect else None,
        }


def _name_rows(service: str, name: str, former: Iterable[str], area: str) -> Iterator[dict[str, Any]]:
    """The rows by which the search finds a service: one for each name, the area after it."""
    place, seen = normal_name(area), set[str]()
    for written in (name, *former):
        words = normal_name(written)
        if words not in seen:
            seen.add(words)
            both = f"{words} {place}" if place and f" {place} " not in f" {words} " else words
            yield {
                "service_id": service,
                "story": None,
                "former": written != name,
                "written": written,
                "words": both,
            }
