"""All operators' pages with what they need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from starlette.routing import Route

from digest.compose import Sender
from digest.jobs.interventions import EditionDesk
from digest.jobs.source_decisions import SourceDesk
from digest.ports import Clock, Renderer, Store
from digest.ratings import Inspectorates
from digest.schedule import Timetable
from digest.sources import Source
from digest.web.operators.edition import EditionPages
from digest.web.operators.pages import HOME, OperatorPages
from digest.web.operators.review import ReviewPages
from digest.web.operators.sending import SendingPages
from digest.web.operators.session import Doors
from digest.web.operators.signing_in import SigningIn
from digest.web.operators.sources import SourcePages


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorSite:
    """What the operators' pages need, and their routes."""

    doors: Doors
    store: Store
    clock: Clock
    timetable: Timetable
    sources: Sequence[Source]
    silences: Iterable[date]
    inspectorates: Inspectorates
    renderer: Renderer
    sender: Sender

    def routes(self) -> list[Route]:
        """The routes; none if nobody can get in."""
        if not self.doors.open:
            return []
        pages = OperatorPages(
            renderer=self.renderer, sender=self.sender, doors=self.doors, zone=self.timetable.zone
        )
        edition = EditionDesk(
            timetable=self.timetable, sources=self.sources, store=self.store, clock=self.clock
        )
        sources = SourceDesk(
            sources=self.sources, zone=self.timetable.zone, store=self.store, clock=self.clock
        )
        families = (
            EditionPages(desk=edition, inspectorates=self.inspectorates, pages=pages),
            ReviewPages(inspectorates=self.inspectorates, store=self.store, clock=self.clock, pages=pages),
            SourcePages(desk=sources, silences=self.silences, pages=pages),
            SendingPages(timetable=self.timetable, store=self.store, clock=self.clock, pages=pages),
            SigningIn(pages=pages),
        )
        style = Route(f"/{HOME}/style.css", pages.style)
        return [*(route for family in families for route in family.routes()), style]
