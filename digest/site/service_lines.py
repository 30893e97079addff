"""A service in a line or two: what lists of services on public pages show of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from digest.changes import Movement
from digest.ports.public import AspectGrade, Service
from digest.present.tidy import one_line
from digest.ratings import Inspectorates, Precision
from digest.site.addresses import service_page

_ASPECTS: Final = 4
_WAYS: Final = {Movement.UPGRADE: "up", Movement.DOWNGRADE: "down"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLine:
    """The values of `service_line` in `templates/site/parts.html`."""

    name: str
    page: str  # below the home page
    movement: str  # to the grade now, or of aspects at the last inspection; "mixed"; empty: none is known
    grade: str  # overall; empty: there is none now
    before: str
    since: date | None
    precision: Precision
    scale: tuple[str, ...]  # the names of its grades, the lowest first
    lead: str  # what is to be said of its grades if there is no overall one
    facts: tuple[str, ...]  # kind, area, inspectorate
    former: str  # the former name by which it was found


def service_line(
    service: Service, *, names: Mapping[str, str], known: Inspectorates, former: str | None = None
) -> ServiceLine:
    """The line of a service. `names` are those of inspectorates by key; `known` has the scales."""
    scale = known.scale(service.scale or "")
    facts = (service.kind, service.area, names.get(service.inspectorate, ""))
    withdrawn = service.movement is Movement.WITHDRAWN
    moved = () if service.grade or withdrawn else _moved(service)
    return ServiceLine(
        name=one_line(service.name),
        page=service_page(service.id, service.slug, service.inspectorate),
        movement=service.movement or _way(moved),
        grade=service.grade or "",
        before=service.before or "",
        since=service.since,
        precision=service.precision,
        scale=scale.lowest_first if scale and service.grade else (),
        lead="" if service.grade or withdrawn else _without_overall(service, moved),
        facts=tuple(one_line(one) for one in facts if one),
        former=one_line(former or ""),
    )


def _moved(service: Service) -> tuple[AspectGrade, ...]:
    """The aspects that moved at the last inspection, the falls first; of those shown, one rose if any did."""
    latest = max((one.since or date.min for one in service.aspects), default=date.min)
    found = [one for one in service.aspects if one.movement in _WAYS and (one.since or date.min) == latest]
    down = [one for one in found if one.movement is Movement.DOWNGRADE]
    up = [one for one in found if one.movement is Movement.UPGRADE]
    return (*down[: _ASPECTS - 1], *up[:1], *down[_ASPECTS - 1 :], *up[1:])


def _way(moved: Sequence[AspectGrade]) -> str:
    ways = {one.movement.value for one in moved if one.movement}
    return ways.pop() if len(ways) == 1 else "mixed" if ways else ""


def _without_overall(service: Service, moved: Sequence[AspectGrade]) -> str:
    """The grades of aspects, those that moved first: "Respect: poor (down from good); safety: good; and 2
    more"; or that there are none.
    """
    if not service.aspects:
        return "No grade now"
    shown = [*moved, *(one for one in service.aspects if one not in moved)]
    said = [_said(one, one in moved) for one in shown[:_ASPECTS]]
    more = len(service.aspects) - len(said)
    text = "; ".join(said) + (f"; and {more} more" if more else "")
    return text[:1].upper() + text[1:]


def _said(one: AspectGrade, moved: bool) -> str:
    way = _WAYS.get(one.movement, "") if one.movement and moved else ""
    before = f" from {one.before}" if way and one.before else ""
    return f"{one.aspect}: {one.grade}" + (f" ({way}{before})" if way else "")
