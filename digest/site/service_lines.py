"""A service in a line or two: what lists of services on public pages show of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from digest.changes import Movement
from digest.ports.public import Service
from digest.present.tidy import one_line
from digest.ratings import Inspectorates, Precision
from digest.site.addresses import service_page

_ASPECTS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLine:
    """The values of `service_line` in `templates/site/parts.html`."""

    name: str
    page: str  # below the home page
    movement: str  # to the grade now; empty: none is known
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
    return ServiceLine(
        name=one_line(service.name),
        page=service_page(service.id, service.slug, service.inspectorate),
        movement=service.movement or "",
        grade=service.grade or "",
        before=service.before or "",
        since=service.since,
        precision=service.precision,
        scale=scale.lowest_first if scale and service.grade else (),
        lead="" if service.grade or withdrawn else _without_overall(service),
        facts=tuple(one_line(one) for one in facts if one),
        former=one_line(former or ""),
    )


def _without_overall(service: Service) -> str:
    """The grades of aspects: "Safety: good; respect: poor; and 2 more"; or that there are none."""
    if not service.aspects:
        return "No grade now"
    said = [f"{one.aspect}: {one.grade}" for one in service.aspects[:_ASPECTS]]
    more = len(service.aspects) - len(said)
    text = "; ".join(said) + (f"; and {more} more" if more else "")
    return text[:1].upper() + text[1:]
