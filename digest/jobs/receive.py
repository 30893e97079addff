"""Receiving: a received message is read in a worker process, and what it asks or reports is done.

Only tokens are trusted. `may_answer` says which messages may be answered, and no answer quotes what was
received. The keys of enrolment's letters limit answers to one a day, so handling a message twice is safe. A
message that cannot be handled is parked for operators.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, assert_never

from digest.addresses import without_addresses
from digest.errors import StoreUnavailable
from digest.inbound import (
    Action,
    AddressRole,
    AutoReply,
    Bounce,
    Command,
    Complaint,
    Feedback,
    Inbound,
    Letter,
    Loop,
    OurAddresses,
    Quotable,
    Says,
    Unusable,
    may_answer,
    parse_message,
    read_message,
)
from digest.inbound.entity import LOOKED_AT, line
from digest.jobs.bounces import DeliveryBounces, LetterBounces, LetterReport
from digest.jobs.newsletters import NewsletterIntake
from digest.ports import MAIL_KEPT, Clock, Enrolling, Mail, Parked, Reception, Returned, Store, Workers
from digest.subscriptions import Channel, Evidence, Wishes
from digest.tokens import read_letter_return_path, read_message_id, read_return_path
from digest.wishes import Gap

log = logging.getLogger(__name__)

TRIES: Final = 3
"""How often we try to handle a message before it is parked."""
CROWD: Final = 200
"""With more parked messages than this, only the beginning of each further one is kept."""
BRIEF: Final = 8_000
"""Octets kept of such a beginning."""
MOST: Final = 5_000
"""With more parked messages than this, further ones are only logged."""

_AGREES: Final = (Says.NOTHING, Says.YES)
"""What an answer to a confirmation may say to confirm."""

ReadToken = Callable[[Action, str], tuple[int, int] | None]
"""The subscriber and generation in a command's token; None for a forged token or one for another action."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """A `ports.Receiving`: handles one message at a time."""

    addresses: OurAddresses
    letters: Sequence[Quotable]  # those that ask for a confirmation: an answer may quote them unmarked
    key: bytes = field(repr=False)  # of the return paths of editions
    letter_key: bytes = field(repr=False)  # of the return paths of letters
    read_token: ReadToken
    wishes: Callable[[str], Awaitable[Wishes | Gap | None]]  # for the topic in join+TOPIC@: `wishes_named`
    store: Store
    workers: Workers
    enrolment: Enrolling
    bounces: DeliveryBounces
    newsletters: NewsletterIntake
    clock: Clock
    kinds: Counter[str] = field(default_factory=Counter)  # messages received by this process, for the metrics
    _failed: Counter[str] = field(default_factory=Counter)  # failed tries, by fingerprint

    def after(self, before: Receiver) -> Receiver:
        """This receiver with what another one has counted, in whose place it comes."""
        return replace(self, kinds=before.kinds, _failed=before._failed)

    def ours(self, address: str) -> bool:
        return self.addresses.find(address) is not None

    async def receive(self, mail: Mail) -> Reception:
        fingerprint = fingerprint_of(mail)
        recipient = self.addresses.find(mail.sent_to)
        if recipient is not None and recipient.role is AddressRole.NEWSLETTERS:
            reception = await self.newsletters.take(recipient.detail, mail, fingerprint)
            self.kinds["newsletter"] += reception is Reception.TAKEN
            return reception
        try:
            message, answerable = await self.workers.run(
                understand,
                mail.content[:LOOKED_AT],
                sent_to=mail.sent_to,
                sent_from=mail.sent_from,
                ours=self.addresses,
                letters=self.letters,
            )
        except Exception as error:  # noqa: BLE001 - a busy machine may be slow to read; a hostile message parks
            return await self._tried(mail, fingerprint, error)
        try:
            await self._act(message, answerable, mail, fingerprint)
        except StoreUnavailable as error:  # no fault of the message, so it does not count as a try
            _failed("a received message could not be dealt with yet", fingerprint, error)
            return Reception.LATER
        except Exception as error:  # noqa: BLE001 - the fault may be ours and pass, so it is tried again
            return await self._tried(mail, fingerprint, error)
        self._failed.pop(fingerprint, None)
        return Reception.TAKEN

    # -- what each kind of message leads to --------------------------------------------------------------

    async def _act(self, message: Inbound, answerable: bool, mail: Mail, fingerprint: str) -> None:
        match message:
            case Bounce():
                kind = await self._bounce(message, fingerprint)
            case Complaint():
                kind = await self._complaint(message, mail, fingerprint)
            case Command():
                kind = await self._command(message, answerable and message.answerable, mail, fingerprint)
            case Letter():
                kind = await self._letter(message.from_address, answerable, mail, fingerprint)
            case Feedback(feedback_type=feedback_type):
                kind = await self._park(mail, fingerprint, f"a report for you: {feedback_type}")
            case AutoReply(reason=reason) | Loop(reason=reason):
                kind = "automatic" if isinstance(message, AutoReply) else "loop"
                _dropped(kind, reason, fingerprint)
            case Unusable(reason=reason, path=path) if self._is_our_path(path):
                kind = await self._park(mail, fingerprint, reason)
            case Unusable(reason=reason):
                kind = "unusable"
                _dropped(kind, reason, fingerprint)
            case _:
                assert_never(message)
        self.kinds[kind] += 1

    async def _bounce(self, bounce: Bounce, fingerprint: str) -> str:
        number = read_letter_return_path(bounce.path, self.letter_key)
        if number is not None:
            return await self._letter_bounce(number, bounce, fingerprint)
        named = read_return_path(bounce.path, self.key)
        if named is None:
            _dropped("bounce", "it names no delivery of ours", fingerprint)
            return "forged bounce"
        edition, subscriber = named
        report = Returned(
            edition=edition,
            subscriber=subscriber,
            verdict=bounce.verdict,
            at=self.clock.now(),
            status=bounce.status,
            code=bounce.code,
            text=without_addresses(bounce.diagnostic or bounce.report),
            fingerprint=fingerprint,
        )
        log.info(
            "a delivery was reported on",
            extra={"edition": edition.isoformat(), "subscriber": subscriber, "verdict": bounce.verdict.value},
        )
        await self.bounces.record(report)
        return f"bounce: {bounce.verdict}"

    async def _letter_bounce(self, number: int, bounce: Bounce, fingerprint: str) -> str:
        log.info("a letter was reported on", extra={"letter": number, "verdict": bounce.verdict.value})
        report = LetterReport(
            letter=number,
            verdict=bounce.verdict,
            status=bounce.status,
            code=bounce.code,
            text=without_addresses(bounce.diagnostic or bounce.report),
            fingerprint=fingerprint,
        )
        await LetterBounces(bounces=self.bounces).record(report)
        return f"bounce: {bounce.verdict}"

    def _is_our_path(self, path: str) -> bool:
        of_a_letter = read_letter_return_path(path, self.letter_key) is not None
        return of_a_letter or read_return_path(path, self.key) is not None

    async def _complaint(self, complaint: Complaint, mail: Mail, fingerprint: str) -> str:
        number = read_letter_return_path(complaint.path, self.letter_key)
        if number is not None:
            ended = await LetterBounces(bounces=self.bounces).end_for_complaint(
                number, complaint.feedback_type
            )
            log.warning("a reader complained", extra={"letter": number, "ended": ended})
            return "complaint"
        by_path = read_return_path(complaint.path, self.key) if complaint.path else None
        named = by_path or read_message_id(complaint.message_id, self.key)
        if named is None:
            return await self._park(mail, fingerprint, "a complaint that names no delivery of ours")
        ended = await self.bounces.end_for_complaint(
            *named, complaint.feedback_type, by_message_id=by_path is None
        )
        log.warning("a reader complained", extra={"edition": named[0].isoformat(), "ended": ended})
        return "complaint"

    async def _command(self, command: Command, answerable: bool, mail: Mail, fingerprint: str) -> str:
        evidence = Evidence(channel=Channel.MAIL, wording=_wording(command))
        named = self.read_token(command.action, command.detail) if command.detail else None
        if command.has_other_words:
            await self._park(mail, fingerprint, "a person's words")
        match command.action:
            case Action.LEAVE if named:
                await self.enrolment.leave(*named, evidence)
            case Action.CONFIRM if named and command.says is Says.NO:
                await self.enrolment.leave(*named, evidence)
            case Action.CONFIRM if named and command.says in _AGREES:
                confirmed = await self.enrolment.confirm(*named, evidence)
                if not confirmed and answerable:  # the request has run out, or a later one took its place
                    await self.enrolment.help(command.from_address, evidence)
            case Action.JOIN if answerable:
                await self._join(command.from_address, command.detail, evidence)
            case Action.LEAVE if answerable:
                await self.enrolment.leave_by_address(command.from_address, evidence)
            case Action.CONFIRM | Action.HELP if answerable:
                await self.enrolment.help(command.from_address, evidence)
            case _:
                _dropped("command", "it may not be answered", fingerprint)
        return "objection" if command.says is Says.NO else command.action.value

    async def _join(self, address: str, topic: str, evidence: Evidence) -> None:
        match await self.wishes(topic) if topic else Wishes():
            case None:
                await self.enrolment.help(address, evidence, unknown=True)
            case Gap() as gap:
                await self.enrolment.help(address, evidence, gap=gap)
            case wishes:
                await self.enrolment.join(address, wishes, evidence)

    async def _letter(self, sender: str, answerable: bool, mail: Mail, fingerprint: str) -> str:
        await self._park(mail, fingerprint, "a person's words")
        if answerable:
            await self.enrolment.help(sender, Evidence(channel=Channel.MAIL, wording="a letter to us"))
        return "letter"

    # -- parked messages ---------------------------------------------------------------------------------

    async def _park(self, mail: Mail, fingerprint: str, why: str) -> str:
        waiting = await self.store.mail.parked_count()
        if waiting >= CROWD:
            await self.bounces.alerts.send_once(
                "parked mail",
                self.bounces.timetable.noon_of(self.bounces.timetable.day_of(self.clock.now())),
                f"{waiting} received messages wait for you: of further ones little is kept, and in the end "
                "nothing. Somebody may be flooding us.",
            )
        if waiting >= MOST:
            _dropped("crowded out", why, fingerprint)
            return "crowded out"
        kept = MAIL_KEPT if waiting < CROWD else BRIEF
        parked = Parked(
            at=self.clock.now(),
            sent_to=line(mail.sent_to, 320),
            why=why if len(mail.content) + mail.left_out <= kept else f"{why} (only its beginning is kept)",
            fingerprint=fingerprint,
            content=mail.content[:kept],
        )
        if await self.store.mail.park(parked):
            log.warning("received mail waits for you", extra={"why": why, "fingerprint": fingerprint[:12]})
        return "parked"

    async def _tried(self, mail: Mail, fingerprint: str, error: Exception) -> Reception:
        """Ask for a message again that could not be handled; after `TRIES`, park it.

        To leave by mail must not wait for an operator because the machine was busy for a moment.
        """
        self._failed[fingerprint] += 1
        if self._failed[fingerprint] < TRIES:
            _failed("a received message could not be dealt with yet", fingerprint, error)
            return Reception.LATER
        return await self._park_failed(mail, fingerprint, error)

    async def _park_failed(self, mail: Mail, fingerprint: str, error: Exception) -> Reception:
        """Park a message that cannot be handled; if the store fails too, ask for the message again later."""
        try:
            await self._park(mail, fingerprint, f"it could not be dealt with: {type(error).__name__}")
        except Exception as trouble:  # noqa: BLE001 - no fault of the store may lose a message
            _failed("received mail could not be kept", fingerprint, trouble)
            return Reception.LATER
        _failed("received mail was parked", fingerprint, error)
        self._failed.pop(fingerprint, None)
        self.kinds["poisonous"] += 1
        return Reception.TAKEN


def understand(
    content: bytes, *, sent_to: str, sent_from: str, ours: OurAddresses, letters: Sequence[Quotable] = ()
) -> tuple[Inbound, bool]:
    """What a message asks or reports, and whether it may be answered. Runs in a worker process.

    Mail to our return path is never answered: that is why our own answers may carry it (RFC 3834 section
    3.3).
    """
    message = read_message(content, sent_to=sent_to, sent_from=sent_from, ours=ours, letters=letters)
    recipient = ours.find(sent_to)
    answers = recipient is not None and recipient.role is not AddressRole.RETURNS
    return message, answers and may_answer(parse_message(content), sent_from=sent_from, ours=ours)


def fingerprint_of(mail: Mail) -> str:
    """A name for a message and the address that it came to; equal for equal octets."""
    return hashlib.sha256(mail.sent_to.lower().encode("utf-8", "replace") + b"\0" + mail.content).hexdigest()


def _wording(command: Command) -> str:
    """The evidence that something was asked for: the action and the sender's subject.

    It is never in an answer.
    """
    asked = "an objection" if command.says is Says.NO else command.action.value
    return line(f"{asked} by mail: {without_addresses(command.subject)}", 200)


def _dropped(kind: str, reason: str, fingerprint: str) -> None:
    log.info(
        "received mail was dropped", extra={"kind": kind, "why": reason, "fingerprint": fingerprint[:12]}
    )


def _failed(what: str, fingerprint: str, error: Exception) -> None:
    # The error's text may hold an address, so only its type is logged; the message itself is kept or comes
    # again.
    log.error(what, extra={"fingerprint": fingerprint[:12], "error": type(error).__name__})
