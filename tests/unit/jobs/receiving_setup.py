"""A receiver on a real store. Its enrolment only records what it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, ParamSpec, TypeVar

from builders import a_timetable
from sqlalchemy import select

from digest.deliveries import Answer, Event, Settled
from digest.demo.world import SimulatedClock
from digest.edition import Edition
from digest.edition_assembly import Assembly
from digest.inbound import Action, OurAddresses
from digest.jobs.bounces import DeliveryBounces
from digest.jobs.newsletters import NewsletterIntake
from digest.jobs.operator_alerts import OperatorAlerts
from digest.jobs.receive import Receiver
from digest.membership import Membership, membership
from digest.membership.enrolment import Enrolment
from digest.membership.limits import Limits
from digest.ports import Joined, Mail
from digest.ratings import Inspectorates
from digest.store.sql import SqlStore
from digest.store.tables import letters
from digest.subscriptions import Evidence, Wishes
from digest.tokens import address_seal, delivery_tokens, text_seal
from digest.wishes import Gap, Uncovered, Wish

P = ParamSpec("P")
T = TypeVar("T")

KEY: Final = b"the key of the shelf, 32 octets!"
LETTER_KEY: Final = b"the key of letters"
OURS: Final = OurAddresses(
    bounces="bounces@digest.example.org",
    domain="digest.example.org",
    general=frozenset({"noon@digest.example.org", "hello@digest.example.org"}),
    senders=frozenset({"noon@digest.example.org"}),
    newsletters=frozenset({"care-news"}),
)
TIMETABLE: Final = a_timetable("UTC")
FIRST: Final = date(2020, 3, 2)
TOKENS: Final = {"leavetoken": Action.LEAVE, "confirmtoken": Action.CONFIRM}


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


class InProcessWorkers:
    """Workers that run in this process; other tests try hostile input in real ones."""

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return function(*args, **kwargs)


@dataclass
class RecordingOperators:
    """Operators who record what they are told, or do not hear it."""

    said: list[str] = field(default_factory=list)

    deaf: bool = False
    asked: int = 0

    async def well(self, what: str) -> bool:
        return not self.deaf

    async def call(self, what: str) -> bool:
        self.asked += 1
        if not self.deaf:
            self.said.append(what)
        return not self.deaf


@dataclass
class RecordingEnrolment:
    """A `ports.Enrolling` that records its calls."""

    asked: list[tuple[Any, ...]] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    trouble: Exception | None = None

    def _note(self, evidence: Evidence, *asked: Any) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.asked.append(asked)
        self.evidence.append(evidence)

    async def join(self, address: str, wishes: Wishes, evidence: Evidence) -> Joined:
        self._note(evidence, "join", address, wishes)
        return Joined.ASKED

    async def confirm(self, subscriber: int, generation: int, evidence: Evidence) -> bool:
        self._note(evidence, "confirm", subscriber, generation)
        return True

    async def leave(self, subscriber: int, generation: int, evidence: Evidence) -> bool:
        self._note(evidence, "leave", subscriber, generation)
        return True

    async def leave_by_address(self, address: str, evidence: Evidence) -> None:
        self._note(evidence, "leave by address", address)

    async def help(
        self, address: str, evidence: Evidence, *, unknown: bool = False, gap: Gap | None = None
    ) -> None:
        why = ["unknown"] if unknown else [gap] if gap is not None else []
        self._note(evidence, "help", address, *why)


def read_token(action: Action, token: str) -> tuple[int, int] | None:
    """Reads two tokens, as a service that made them."""
    return (7, 1) if TOKENS.get(token.lower()) is action else None


PRISONS = Gap(
    parts=(Uncovered(wish=Wish.INSPECTORATE, id="hmi-prisons", name="HM Inspectorate of Prisons"),),
    whole=True,
)


async def wishes_of(detail: str) -> Wishes | Gap | None:
    match detail:
        case "atlantis":
            return None
        case "hmi-prisons":
            return PRISONS
    return Wishes(areas=(detail,))


@dataclass
class ReceivingSetup:
    """A receiver, with its store, clock, operators and enrolment."""

    store: SqlStore
    clock: SimulatedClock = field(default_factory=lambda: SimulatedClock(noon(FIRST)))
    operators: RecordingOperators = field(default_factory=RecordingOperators)
    enrolment: RecordingEnrolment = field(default_factory=RecordingEnrolment)

    def __post_init__(self) -> None:
        calls = OperatorAlerts(counts=self.store.counts, call=self.operators.call, clock=self.clock)
        self.bounces = DeliveryBounces(timetable=TIMETABLE, store=self.store, alerts=calls, clock=self.clock)
        self.receiver = Receiver(
            addresses=OURS,
            letters=(),
            key=KEY,
            letter_key=LETTER_KEY,
            read_token=read_token,
            wishes=wishes_of,
            store=self.store,
            workers=InProcessWorkers(),
            enrolment=self.enrolment,
            bounces=self.bounces,
            newsletters=NewsletterIntake(
                store=self.store.newsletters, workers=InProcessWorkers(), clock=self.clock
            ),
            clock=self.clock,
        )

    def with_people(self) -> Enrolment:
        """A real enrolment, in the receiver too, in place of the one that only records."""
        enrolment = self.membership().enrolment
        self.receiver = replace(self.receiver, enrolment=enrolment)
        return enrolment

    def membership(self) -> Membership:
        return membership(
            store=self.store,
            clock=self.clock,
            timetable=TIMETABLE,
            limits=Limits(
                counts=self.store.counts,
                seal=text_seal(b"counts"),
                alert_operators=self.bounces.alerts.send_once,
                per_address=4,
                per_week=2,
                per_network=20,
                per_wide_network=200,
                per_day=1000,
            ),
            inspectorates=Inspectorates(all=()),
            sources=(),
            new_code=lambda: "123456",
            reference=address_seal(b"references"),
        )

    async def letters(self) -> list[str]:
        """The kinds of the letters that were asked for, in order."""
        async with self.store.database.read() as connection:
            return list((await connection.execute(select(letters.c.kind).order_by(letters.c.id))).scalars())

    async def subscribe(self, count: int, since: date = FIRST - timedelta(days=60)) -> list[int]:
        found = []
        for n in range(count):
            added = await self.store.subscriptions.add(f"p{n}@example.net", Wishes(), noon(since))
            found.append(added.subscriber)
        return found

    async def edition(self, day: date, answers: dict[int, Answer] | None = None) -> None:
        """A day's edition, which the relay took but for the answers given."""
        edition = Edition(day=day, cutoff=noon(day) - timedelta(minutes=15))
        await self.store.editions.seal(Assembly(edition=edition, settled=(), doubts=()), noon(day))
        await self.store.deliveries.plan(day, since=noon(day), everybody=True, now=noon(day), noon=noon(day))
        lease = timedelta(minutes=5)
        while batch := await self.store.deliveries.claim(day, owner="t", now=noon(day), lease=lease):
            settled = [
                Settled(
                    delivery=due.delivery,
                    answer=(answers or {}).get(due.delivery.subscriber, TAKEN),
                    at=noon(day),
                    begun=(answers or {}).get(due.delivery.subscriber, TAKEN) is TAKEN,
                )
                for due in await self.store.deliveries.due_in(batch)
            ]
            await self.store.deliveries.record(batch, settled, now=noon(day), lease=None)


TAKEN: Final = Answer(event=Event.TAKEN, code=250, text="2.0.0 ok")
GONE: Final = "5.1.1"


def path(day: date, subscriber: int, key: bytes = KEY) -> str:
    return f"bounces+{delivery_tokens(day, subscriber, key)[1]}@digest.example.org"


def a_report(
    day: date,
    subscriber: int,
    *,
    status: str = GONE,
    action: str = "failed",
    said: str = "550 5.1.1 <p@example.net>: no such user here",
    note: str = "",
    key: bytes = KEY,
) -> Mail:
    """A mail server's report on one delivery (RFC 3464)."""
    content = f"""From: MAILER-DAEMON@relay.example.net
To: bounces@digest.example.org
Subject: Undelivered Mail Returned to Sender {note}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b

I could not deliver it.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example.net

Final-Recipient: rfc822; p@example.net
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}

--b--
"""
    return Mail(sent_from="", sent_to=path(day, subscriber, key), content=crlf(content))


def a_letter(
    to: str, *, subject: str = "", text: str = "", more: str = "", sent_from: str | None = None
) -> Mail:
    """A person's message to one of our addresses."""
    content = f"""From: Mina <mina@council.example>
To: {to}
Subject: {subject}
Message-ID: <1@council.example>
{more}Content-Type: text/plain; charset=utf-8

{text}
"""
    return Mail(
        sent_from="mina@council.example" if sent_from is None else sent_from,
        sent_to=to,
        content=crlf(content),
    )


def a_complaint(day: date, subscriber: int, *, named: str, kind: str = "abuse", note: str = "") -> Mail:
    """A feedback report (RFC 5965) that names the message by its return path, or by its Message-ID alone."""
    where = f"Original-Mail-From: <{path(day, subscriber)}>\n" if named == "path" else ""
    content = f"""From: fbl@provider.example
To: noon@digest.example.org
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b

A reader pressed the button. {note}

--b
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: provider/1
Version: 1
{where}
--b
Content-Type: message/rfc822

From: noon@digest.example.org
Message-ID: <{day}.{delivery_tokens(day, subscriber, KEY)[0]}@digest.example.org>
Subject: The Noon Digest

text
--b--
"""
    return Mail(sent_from="fbl@provider.example", sent_to="noon@digest.example.org", content=crlf(content))


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()
