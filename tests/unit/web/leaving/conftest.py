"""The site on a store in memory that keeps a record of every change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from builders import a_timetable
from clocks import Clock
from starlette.testclient import TestClient

from digest.adapters.templates import TemplateRenderer
from digest.app.website import Website
from digest.compose import Sender
from digest.present.links import SignedLinks
from digest.subscriptions import Evidence, Standing, Step, Subscription, Wishes
from digest.tokens import LinkTokens

NOW = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
BASE = "http://testserver"


@dataclass
class Subscriptions:
    """`ports.SubscriptionStore` as far as leaving needs it, in memory."""

    rows: dict[int, Subscription] = field(default_factory=dict)
    steps: list[tuple[int, int, Step, datetime]] = field(default_factory=list)
    broken: bool = False

    async def get(self, subscriber: int) -> Subscription | None:
        return self.rows.get(subscriber)

    async def take(
        self, subscriber: int, generation: int, step: Step, evidence: Evidence, now: datetime
    ) -> bool:
        if self.broken:
            raise RuntimeError("the database has gone away")
        row = self.rows.get(subscriber)
        if row is None or row.generation != generation or row.standing is Standing.ENDED:
            return False
        self.rows[subscriber] = replace(row, standing=Standing.ENDED, ended_reason=step)
        self.steps.append((subscriber, generation, step, now))
        return True

    async def active(self, at: datetime) -> list[Subscription]:
        raise NotImplementedError

    async def add(self, address: str, wishes: Wishes, now: datetime) -> Subscription:
        raise NotImplementedError


@dataclass
class Leavers:
    """`ports.Enrolling` as far as leaving needs it."""

    subscriptions: Subscriptions

    async def leave(self, subscriber: int, generation: int, evidence: Evidence) -> bool:
        return await self.subscriptions.take(subscriber, generation, Step.LEFT, evidence, NOW)


@pytest.fixture
def mina() -> Subscription:
    return Subscription(
        subscriber=7,
        address="mina@example.org",
        standing=Standing.ACTIVE,
        generation=2,
        wishes=Wishes(),
        since=datetime(2026, 1, 5, tzinfo=UTC),
    )


@pytest.fixture
def store(mina: Subscription) -> Subscriptions:
    return Subscriptions(rows={mina.subscriber: mina})


@pytest.fixture
def links() -> SignedLinks:
    return SignedLinks(BASE, LinkTokens([b"a secret for tests"]))


class Health:
    """What the site asks before it calls itself ready."""

    well = True

    async def __call__(self) -> bool:
        return self.well


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
def site(store: Subscriptions, links: SignedLinks, health: Health) -> Iterator[TestClient]:
    sender = Sender(
        name="Inspections at Noon",
        address="noon@digest.example.org",
        reply_to=None,
        bounces="bounces@digest.example.org",
        service_name="Inspections at Noon",
        service_url="https://digest.example.org/",
        contact="hello@digest.example.org",
        postal_address=None,
    )
    templates = Path(__file__).parents[4] / "templates"
    app = Website(
        store=SimpleNamespace(
            subscriptions=store,
            editions=None,
            sources=None,
            public=None,
            providers=SimpleNamespace(register=None),
        ),
        membership=SimpleNamespace(
            enrolment=Leavers(store),
            address_changes=None,
            owner_links=None,
            intake=None,
            covering=SimpleNamespace(now=None, inspectorates=None),
        ),
        inspectorates={},
        timetable=a_timetable(),
        links=links,
        renderer=TemplateRenderer([templates]),
        clock=Clock(NOW),
        sender=sender,
        ready=health,
    ).application()
    with TestClient(app, base_url=BASE, raise_server_exceptions=False, follow_redirects=False) as client:
        yield client
