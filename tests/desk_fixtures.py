"""Enrolment, its letters and its pages, on SQLite: the store's own promises are held on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from clocks import Clock
from desk import (
    BASE,
    INSPECTORATES,
    KNOWN,
    OPERATORS_KEY,
    OPERATORS_SECRET,
    SENDER,
    START,
    TIMETABLE,
    Health,
    Service,
)
from sample_editions import LONDON, TEMPLATES
from servers.smtp import SmtpServer

from digest.adapters.smtp.connect import RelayOptions
from digest.adapters.smtp.relay import SmtpRelay
from digest.adapters.templates import TemplateRenderer
from digest.app.website import Website
from digest.compose import Correspondence
from digest.errors import StoreError
from digest.present.links import LetterLinks, SignedLinks
from digest.sending.letters import LetterSender
from digest.settings import MailServer
from digest.store.sql import SqlStore
from digest.tokens import LinkTokens, address_seal, mailbox_seal, text_seal
from digest.web.operators import Doors, OperatorSite


@pytest.fixture
def kind() -> str:
    return "sqlite"


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
def links() -> SignedLinks:
    return SignedLinks(BASE, LinkTokens([b"a secret for tests"]))


@pytest.fixture
def service(store: SqlStore, clock: Clock, links: SignedLinks) -> Service:
    renderer = TemplateRenderer([TEMPLATES])
    correspondence = Correspondence(
        sender=SENDER,
        renderer=renderer,
        links=LetterLinks(
            links=links,
            mail_domain=SENDER.commands,
            mailbox_seal=mailbox_seal(address_seal(b"a key of the tests")),
        ),
        zone=LONDON,
        key=b"letters",
    )
    return Service(store=store, clock=clock, links=links, renderer=renderer, correspondence=correspondence)


@pytest.fixture
def health() -> Health:
    return Health()


def doors_of(service: Service, login_header: str | None = None) -> Doors:
    """The ways in to the operators' pages: by the secret and, with a header's name, by a proxy's login."""
    return Doors(
        key=OPERATORS_KEY,
        seal=text_seal(b"counts"),
        counts=service.store.counts,
        clock=service.clock,
        secret=OPERATORS_SECRET,
        login_header=login_header,
    )


@pytest.fixture
def doors(service: Service) -> Doors:
    return doors_of(service)


@pytest.fixture
def app(service: Service, health: Health, doors: Doors) -> Any:
    async def metrics() -> bytes:
        return b""

    return Website(
        store=service.store,
        membership=service.membership,
        links=service.links,
        renderer=service.renderer,
        clock=service.clock,
        sender=SENDER,
        timetable=TIMETABLE,
        inspectorates=INSPECTORATES,
        initials={
            "pdu": "Probation Delivery Unit",
            "yot": "Youth Offending Team",
            "yjs": "Youth Justice Service",
        },
        ready=health,
        metrics=metrics,
        operators=OperatorSite(
            doors=doors,
            store=service.store,
            clock=service.clock,
            timetable=TIMETABLE,
            sources=service.sources,
            silences=(),
            inspectorates=KNOWN,
            renderer=service.renderer,
            sender=SENDER,
        ),
    ).application()


@pytest.fixture
async def site(app: Any, service: Service) -> AsyncIterator[httpx2.AsyncClient]:
    """A visitor of the site; what a page promises is done when its answer is there."""

    async def work_off(_: httpx2.Response) -> None:
        with suppress(StoreError):  # as in the service, it is done once the trouble is over
            await service.membership.intake.work_off()

    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False, client=("192.0.2.77", 4711))
    hooks = {"response": [work_off]}
    async with httpx2.AsyncClient(transport=transport, base_url=BASE, event_hooks=hooks) as client:
        yield client


@pytest.fixture
async def relay() -> AsyncIterator[SmtpServer]:
    async with SmtpServer() as server:
        yield server


@pytest.fixture
def letter_sender(service: Service, relay: SmtpServer) -> LetterSender:
    options = RelayOptions(
        server=MailServer(host=relay.host, port=relay.port),
        local_hostname="digest.example.org",
        connect_attempts=1,
        rest=timedelta(0),
    )
    return LetterSender(
        store=service.store,
        relay=SmtpRelay([options]),
        compose=service.correspondence.compose,
        clock=service.clock,
    )
