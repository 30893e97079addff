"""The website: the public site and the subscribers' pages, as one application."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.types import ASGIApp

from digest.compose import Sender
from digest.membership import Membership
from digest.pages.rendering import Pages
from digest.ports import Clock, Renderer, Store
from digest.present.links import SignedLinks
from digest.retention import Retention
from digest.schedule import Timetable
from digest.site import MENU, PublicPages, Site, routes_of
from digest.web import Subscribers, application
from digest.web.bringing import Lately
from digest.web.finding import Finder
from digest.web.health import Ready, Scrape, health_routes
from digest.web.operators import OperatorSite
from digest.web.pages import SubscriberPages
from digest.web.wishing import Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Website:
    """What all pages need, and the application that is made of them."""

    store: Store
    membership: Membership
    links: SignedLinks
    renderer: Renderer
    clock: Clock
    sender: Sender
    timetable: Timetable
    inspectorates: Mapping[str, str]  # names by key
    ready: Ready  # says whether the store takes writes
    initials: Mapping[str, str] = field(default_factory=dict)  # what abbreviations of kinds stand for
    metrics: Scrape | None = None  # returns the metrics; None leaves out their page
    retention: Retention = field(default_factory=Retention)
    operators: OperatorSite | None = None  # None: there are no pages for operators

    def application(self) -> ASGIApp:
        """All pages as an ASGI application."""
        subscribers = self._subscribers()
        site = self._site(subscribers)
        routes = [*routes_of(site), *subscribers.routes(), *health_routes(self.ready, self.metrics)]
        if self.operators is not None:
            routes += self.operators.routes()
        return application(routes, subscribers.pages, site.pages.not_found)

    def _subscribers(self) -> Subscribers:
        return Subscribers(
            store=self.store,
            membership=self.membership,
            links=self.links,
            clock=self.clock,
            timetable=self.timetable,
            inspectorates=self.inspectorates,
            pages=SubscriberPages(renderer=self.renderer, sender=self.sender),
            catalogue=Catalogue(
                store=self.store,
                clock=self.clock,
                covering=self.membership.covering,
                lately=Lately(store=self.store, clock=self.clock, timetable=self.timetable),
                finder=Finder(store=self.store, clock=self.clock, timetable=self.timetable),
                initials=self.initials,
            ),
        )

    def _site(self, subscribers: Subscribers) -> Site:
        pages = Pages(renderer=self.renderer, sender=self.sender)
        return Site(
            pages=PublicPages(pages=pages, mark=self._mark, menu=MENU),
            clock=self.clock,
            timetable=self.timetable,
            inspectorates=self.inspectorates,
            known=self.membership.covering.inspectorates,
            sources=self.store.sources,
            public=self.store.public,
            editions=self.store.editions,
            register=self.store.providers.register,
            coverage=self.membership.covering.now,
            join_form=subscribers.joining.empty_form,
            retention=self.retention,
        )

    async def _mark(self) -> str:
        """Public pages change with the last public day, and with what is written for them."""
        return f"{self.timetable.told_until(self.clock.now())} {await self.store.public.mark()}"
