"""Receiving: one message that came to us is read where it can do no harm, and what it asks or tells is done.

Nothing of a message is believed but what a token proves, and nobody is answered whom `may_answer` forbids: no
one of our answers repeats a word of what was received. That each is given once a day at the most, enrolment
promises by its letters' keys, so the same message may be dealt with again and again. What cannot be dealt
with is parked, and named.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, assert_never

from digest.addresses import without_addresses
from digest.inbound import (
    Action,
    AutoReply,
    Bounce,
    Command,
    Complaint,
    Feedback,
    Inbound,
    Letter,
    Loop,
    Own,
    Room,
    Unusable,
    may_answer,
    opened,
    read,
)
from digest.inbound.entity import LOOKED_AT, line
from digest.jobs.bounces import LetterScorer, Scorer, Word
from digest.ports import Clock, Enrolling, Mail, Parked, Reception, Returned, Store, Workers
from digest.providers import Register
from digest.subscriptions import Channel, Evidence, Wishes
from digest.tokens import read_letter_return_path, read_message_id, read_return_path

log = logging.getLogger(__name__)

TRIES: Final = 3
"""How often a message that we fail to act on is brought again before it is parked."""
KEPT: Final = 1_000_000
"""Octets of a parked message that are kept: nobody is to fill our disk by writing to us."""

CROWD: Final = 200
"""Parked messages beyond which only the beginning is kept of further ones."""
BRIEF: Final = 8_000
"""Octets of it."""
MOST: Final = 5_000
"""Parked messages beyond which further ones are named in the log alone."""

ReadToken = Callable[[Action, str], tuple[int, int] | None]
"""The subscriber and generation that a token of a command proves; None unless we made it for that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """A `ports.Receiving`."""

    own: Own
    key: bytes = field(repr=False)  # of our editions' return paths
    letter_key: bytes = field(repr=False)  # of our letters'
    read_token: ReadToken
    wishes: Callable[[str, Register], Wishes | None]  # by what stands behind "join+"; None: unknown
    store: Store
    workers: Workers
    enrolment: Enrolling
    scorer: Scorer
    clock: Clock
    kinds: Counter[str] = field(default_factory=Counter)  # what was received by this process
    _failed: Counter[str] = field(default_factory=Counter)

    def ours(self, address: str) -> bool:
        return self.own.place(address) is not None

    async def receive(self, mail: Mail) -> Reception:
        fingerprint = fingerprint_of(mail)
        try:
            seen, answerable = await self.workers.run(
                understand,
                mail.content[:LOOKED_AT],
                sent_to=mail.sent_to,
                sent_from=mail.sent_from,
                own=self.own,
            )
        except Exception as error:  # noqa: BLE001 - whatever a hostile message brings about, the rest goes on
            return await self._poisonous(mail, fingerprint, error)
        try:
            await self._act(seen, answerable, mail, fingerprint)
        except Exception as error:  # noqa: BLE001 - likewise; but this may be our own trouble, so later again
            self._failed[fingerprint] += 1
            if self._failed[fingerprint] < TRIES:
                _failed("a received message could not be dealt with yet", fingerprint, error)
                return Reception.LATER
            return await self._poisonous(mail, fingerprint, error)
        self._failed.pop(fingerprint, None)
        return Reception.TAKEN

    # -- what to do of what ----------------------------------------------------------------------------

    async def _act(self, seen: Inbound, answerable: bool, mail: Mail, fingerprint: str) -> None:
        match seen:
            case Bounce():
                kind = await self._bounce(seen, fingerprint)
            case Complaint():
                kind = await self._complaint(seen, mail, fingerprint)
            case Command():
                kind = await self._command(seen, answerable and seen.answerable, mail, fingerprint)
            case Letter():
                kind = await self._letter(seen.from_address, answerable, mail, fingerprint)
            case Feedback(feedback_type=feedback_type):
                kind = await self._park(mail, fingerprint, f"a report for you: {feedback_type}")
            case AutoReply(reason=reason) | Loop(reason=reason):
                kind = "automatic" if isinstance(seen, AutoReply) else "loop"
                _dropped(kind, reason, fingerprint)
            case Unusable(reason=reason, path=path) if self._ours(path):
                kind = await self._park(mail, fingerprint, reason)
            case Unusable(reason=reason):
                kind = "unusable"
                _dropped(kind, reason, fingerprint)
            case _:
                assert_never(seen)
        self.kinds[kind] += 1

    async def _bounce(self, bounce: Bounce, fingerprint: str) -> str:
        number = read_letter_return_path(bounce.path, self.letter_key)
        if number is not None:
            return await self._letter_came_back(number, bounce, fingerprint)
        named = read_return_path(bounce.path, self.key)
        if named is None:
            _dropped("bounce", "it names no delivery of ours", fingerprint)
            return "forged bounce"
        edition, subscriber = named
        returned = Returned(
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
        await self.scorer.returned(returned)
        return f"bounce: {bounce.verdict}"

    async def _letter_came_back(self, number: int, bounce: Bounce, fingerprint: str) -> str:
        log.info("a letter was reported on", extra={"letter": number, "verdict": bounce.verdict.value})
        word = Word(
            letter=number,
            verdict=bounce.verdict,
            status=bounce.status,
            code=bounce.code,
            text=without_addresses(bounce.diagnostic or bounce.report),
            fingerprint=fingerprint,
        )
        await LetterScorer(scorer=self.scorer).returned(word)
        return f"bounce: {bounce.verdict}"

    def _ours(self, path: str) -> bool:
        of_a_letter = read_letter_return_path(path, self.letter_key) is not None
        return of_a_letter or read_return_path(path, self.key) is not None

    async def _complaint(self, complaint: Complaint, mail: Mail, fingerprint: str) -> str:
        number = read_letter_return_path(complaint.path, self.letter_key)
        if number is not None:
            ended = await LetterScorer(scorer=self.scorer).complained(number, complaint.feedback_type)
            log.warning("a reader complained", extra={"letter": number, "ended": ended})
            return "complaint"
        named = read_return_path(complaint.path, self.key) if complaint.path else None
        named = named or read_message_id(complaint.message_id, self.key)
        if named is None:
            return await self._park(mail, fingerprint, "a complaint that names no delivery of ours")
        ended = await self.scorer.complained(*named, complaint.feedback_type)
        log.warning("a reader complained", extra={"edition": named[0].isoformat(), "ended": ended})
        return "complaint"

    async def _command(self, command: Command, answerable: bool, mail: Mail, fingerprint: str) -> str:
        evidence = Evidence(channel=Channel.MAIL, wording=_wording(command))
        named = self.read_token(command.action, command.detail) if command.detail else None
        match command.action:
            case Action.LEAVE if named:
                await self.enrolment.leave(*named, evidence)
            case Action.CONFIRM if named and answerable:
                done = await self.enrolment.confirm(*named, evidence)
                if not done:  # it has run out, or another began since
                    await self.enrolment.help(command.from_address, evidence)
            case Action.JOIN if answerable:
                wishes = await self._wishes(command.detail)
                if wishes is None:
                    await self.enrolment.help(command.from_address, evidence, unknown=True)
                else:
                    await self.enrolment.join(command.from_address, wishes, evidence, network="")
            case Action.LEAVE if answerable:
                await self.enrolment.leave_by_address(command.from_address, evidence)
            case Action.CONFIRM | Action.HELP if answerable:
                if command.worded:
                    await self._park(mail, fingerprint, "a person's words")
                await self.enrolment.help(command.from_address, evidence)
            case _:
                _dropped("command", "it may not be answered", fingerprint)
        return command.action.value

    async def _wishes(self, detail: str) -> Wishes | None:
        return self.wishes(detail, await self.store.providers.register()) if detail else Wishes()

    async def _letter(self, sender: str, answerable: bool, mail: Mail, fingerprint: str) -> str:
        await self._park(mail, fingerprint, "a person's words")
        if answerable:
            await self.enrolment.help(sender, Evidence(channel=Channel.MAIL, wording="a letter to us"))
        return "letter"

    # -- what is kept ------------------------------------------------------------------------------------

    async def _park(self, mail: Mail, fingerprint: str, why: str) -> str:
        waiting = await self.store.mail.parked_count()
        if waiting >= CROWD:
            await self.scorer.calls.once(
                "parked mail",
                self.scorer.timetable.noon_of(self.scorer.timetable.day_of(self.clock.now())),
                f"{waiting} received messages wait for you: of further ones little is kept, and in the end "
                "nothing. Somebody may be flooding us.",
            )
        if waiting >= MOST:
            _dropped("crowded out", why, fingerprint)
            return "crowded out"
        kept = KEPT if waiting < CROWD else BRIEF
        parked = Parked(
            at=self.clock.now(),
            sent_to=line(mail.sent_to, 320),
            why=why if len(mail.content) <= kept else f"{why} (only its beginning is kept)",
            fingerprint=fingerprint,
            content=mail.content[:kept],
        )
        if await self.store.mail.park(parked):
            log.warning("received mail waits for you", extra={"why": why, "fingerprint": fingerprint[:12]})
        return "parked"

    async def _poisonous(self, mail: Mail, fingerprint: str, error: Exception) -> Reception:
        """Park what cannot be dealt with; if not even that can be done, it is no fault of the message's."""
        try:
            await self._park(mail, fingerprint, f"it could not be dealt with: {type(error).__name__}")
        except Exception as trouble:  # noqa: BLE001 - the store's, whatever it is: nothing may be lost by it
            _failed("received mail could not be kept", fingerprint, trouble)
            return Reception.LATER
        _failed("received mail was parked", fingerprint, error)
        self._failed.pop(fingerprint, None)
        self.kinds["poisonous"] += 1
        return Reception.TAKEN


def understand(content: bytes, *, sent_to: str, sent_from: str, own: Own) -> tuple[Inbound, bool]:
    """What a message is to us, and whether it may be answered at all; for a worker process.

    At our return path nothing is: answers carry it only because it never answers (RFC 3834 section 3.3).
    """
    seen = read(content, sent_to=sent_to, sent_from=sent_from, own=own)
    place = own.place(sent_to)
    answers = place is not None and place.room is not Room.RETURNS
    return seen, answers and may_answer(opened(content), sent_from=sent_from, own=own)


def fingerprint_of(mail: Mail) -> str:
    """The stable name of a message to one of our addresses."""
    return hashlib.sha256(mail.sent_to.lower().encode("utf-8", "replace") + b"\0" + mail.content).hexdigest()


def _wording(command: Command) -> str:
    """What shows later that it was asked for: the sender's subject, as evidence and never in an answer."""
    return line(f"{command.action} by mail: {without_addresses(command.subject)}", 200)


def _dropped(kind: str, reason: str, fingerprint: str) -> None:
    log.info(
        "received mail was dropped", extra={"kind": kind, "why": reason, "fingerprint": fingerprint[:12]}
    )


def _failed(what: str, fingerprint: str, error: Exception) -> None:
    # Its words may hold an address; the type says where to look, and the message is kept or comes again.
    log.error(what, extra={"fingerprint": fingerprint[:12], "error": type(error).__name__})
