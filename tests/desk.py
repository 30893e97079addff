"""Everything about subscribing as the service builds it, on a real store; only the clock is played."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import sample_editions
from builders import a_source_of, a_story, a_timetable, an_edition, hmi_prisons, hmi_probation
from clocks import Clock
from sqlalchemy import insert, select

from digest.adapters.templates import TemplateRenderer
from digest.compose import Correspondence
from digest.deliveries import State
from digest.jobs.operator_alerts import OperatorAlerts
from digest.letter_kinds import read
from digest.letters import Letter
from digest.membership import Membership, membership
from digest.membership.limits import Limits
from digest.present.links import SignedLinks
from digest.ratings import Inspectorates
from digest.sources import Source
from digest.store.codec import EDITION
from digest.store.sql import SqlStore
from digest.store.tables import deliveries, editions, letters, metadata
from digest.subscriptions import Channel, Evidence, Step, Subscription, Wishes
from digest.tokens import address_seal, text_seal

START = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
BASE = "https://digest.example.org"
WEB = Evidence(channel=Channel.WEB, wording="Join", origin="192.0.2.0/24")
NETWORK = "192.0.2.0/24"
KNOWN = Inspectorates(all=(hmi_probation(), hmi_prisons()))
INSPECTORATES = {"hmi-probation": "HM Inspectorate of Probation", "hmi-prisons": "HM Inspectorate of Prisons"}
TIMETABLE = a_timetable()
OPERATORS_KEY = b"sessions of operators"
OPERATORS_SECRET = "a secret that operators share"
SENDER = replace(sample_editions.SENDER, postal_address=None, commands="mail.digest.example.org")


@dataclass
class Service:
    """Everything about subscribing, built as the service builds it."""

    store: SqlStore
    clock: Clock
    links: SignedLinks
    renderer: TemplateRenderer
    correspondence: Correspondence
    sources: tuple[Source, ...] = (a_source_of("hmi-probation"), a_source_of("hmi-prisons"))
    calls: list[str] = field(default_factory=list)
    rings: int = 0
    codes: int = 0

    def __post_init__(self) -> None:
        self.membership = self.membership_with()
        self.enrolment = self.membership.enrolment
        self.address_changes = self.membership.address_changes
        self.owner_links = self.membership.owner_links

    def membership_with(self, *, reminds: bool = True, clock: Any = None, **limits: int) -> Membership:
        given = {
            "per_address": 4,
            "per_week": 2,
            "per_network": 20,
            "per_wide_network": 200,
            "per_day": 1000,
        } | limits
        return membership(
            store=self.store,
            clock=clock or self.clock,
            timetable=TIMETABLE,
            limits=Limits(
                counts=self.store.counts,
                seal=text_seal(b"counts"),
                alert_operators=OperatorAlerts(
                    counts=self.store.counts, call=self._call, clock=self.clock
                ).send_once,
                **given,
            ),
            inspectorates=KNOWN,
            sources=self.sources,
            new_code=self._code,
            reference=address_seal(b"references"),
            letter_written=self._ring,
            reminds=reminds,
        )

    async def _call(self, what: str) -> bool:
        self.calls.append(what)
        return True

    def _code(self) -> str:
        self.codes += 1
        return f"{123_000 + self.codes}"

    def _ring(self) -> None:
        self.rings += 1

    # -- looking -----------------------------------------------------------------------------------

    async def letters(self, address: str | None = None) -> list[Letter]:
        """What was written, in order."""
        async with self.store.database.read() as connection:
            rows = (await connection.execute(select(letters).order_by(letters.c.id))).mappings().all()
        return [
            Letter(
                content=read(row["kind"], row["key"], row["subscriber_id"], row["content"]),
                address=row["address"],
                expires_at=row["expires_at"],
            )
            for row in rows
            if address in {None, row["address"]}
        ]

    async def kinds(self, address: str | None = None) -> list[str]:
        return [letter.kind for letter in await self.letters(address)]

    async def read(self, address: str, kind: str) -> EmailMessage:
        """The newest letter of a kind, as its reader gets it."""
        return await self.composed([one for one in await self.letters(address) if one.kind == kind][-1])

    async def composed(self, letter: Letter) -> EmailMessage:
        content = self.correspondence.compose(letter, self.clock.now(), 1).content
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message

    async def everything(self) -> dict[str, list[Any]]:
        """Every row of every table."""
        async with self.store.database.read() as connection:
            return {
                table.name: [tuple(row) for row in await connection.execute(select(table))]
                for table in metadata.sorted_tables
            }

    # -- moving ------------------------------------------------------------------------------------

    async def subscribed(self, address: str = "mina@example.org", wishes: Wishes = Wishes()) -> Subscription:  # noqa: B008
        await self.enrolment.join(address, wishes, WEB)
        found = await self.store.subscriptions.find(address)
        assert found is not None
        assert await self.enrolment.confirm(found.subscriber, found.generation, WEB)
        return await self.now(found.subscriber)

    async def now(self, subscriber: int) -> Subscription:
        found = await self.store.subscriptions.get(subscriber)
        assert found is not None
        return found

    async def steps(self, subscriber: int) -> list[Step]:
        return [taken.step for taken in await self.store.subscriptions.history(subscriber)]


@dataclass
class Health:
    well: bool = True

    async def __call__(self) -> bool:
        return self.well


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    content: str = part.get_content()
    return content


def link_to(page: str, message: EmailMessage) -> str:
    """The link of a letter that leads to a page."""
    found = re.search(rf"{BASE}/{page}/[\w-]+", text_of(message))
    assert found is not None
    return found[0]


async def an_edition_of(store: SqlStore, day: date, subscriber: int, *, accepted: bool | None) -> None:
    """A day's edition in the ledger, and what came of one subscriber's; None: nothing was planned."""
    taken_at = datetime(day.year, day.month, day.day, 12, 1, tzinfo=UTC)
    edition = an_edition(a_story(), day=day)
    async with store.database.write() as connection:
        await connection.execute(
            insert(editions).values(
                day=day, cutoff=taken_at, content=EDITION.dump(edition), sealed_at=taken_at
            )
        )
        if accepted is not None:
            await connection.execute(
                insert(deliveries).values(
                    edition_day=day,
                    subscriber_id=subscriber,
                    batch=0,
                    state=State.ACCEPTED if accepted else State.UNKNOWN,
                    attempts=1,
                    text="250 ok for mina@example.org",
                    planned_at=taken_at,
                    settled_at=taken_at,
                )
            )
