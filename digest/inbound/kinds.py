"""Readings: what a received message is to us. Reasons are operators' words and hold no address."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from digest.addresses import ascii_domain
from digest.smtp_verdicts import Verdict


class Action(StrEnum):
    """What a subscriber asks for by mail."""

    JOIN = "join"
    LEAVE = "leave"
    HELP = "help"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Somebody asks for something. Nothing in it is proven but what the token proves: From is easily forged."""

    action: Action
    detail: str  # what came with it, as written: a token or a topic; may be empty
    from_address: str  # the domain in lower case
    subject: str
    message_id: str  # for In-Reply-To of an answer; may be empty
    answerable: bool = True  # False: act on it, and say nothing (RFC 3834 section 2)
    worded: bool = False  # there are words beside the command, which only a person can read


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """A mail server's word on one of our messages. Nothing is proven until `path` is."""

    path: str  # the local part with its token, for `tokens.read_return_path`
    verdict: Verdict
    action: str
    status: str  # such as "5.1.1"; empty where none was given
    code: int | None
    diagnostic: str  # one storable line; it may quote the address, so it is never logged
    report: str  # the human part, shortened; likewise


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """The reader pressed "this is spam": the subscription ends, if `path` or `message_id` proves to be ours."""

    feedback_type: str
    path: str  # the local part of our return path that the report names; may be empty
    message_id: str  # of the message complained of, as the report shows it; may be empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """A report of another kind for operators: not spam after all, authentication failures, viruses."""

    feedback_type: str
    path: str
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoReply:
    """A machine wrote it: nobody is scored, nobody is answered."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """Our own mail came back, or mail that runs in circles: nothing is done, above all no answer."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A person's words, for a person to read."""

    from_address: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """Acted upon by nobody; a server's words on a message that `path` proves to be ours are for operators."""

    reason: str
    path: str = ""  # as a bounce's


Inbound = Command | Bounce | Complaint | Feedback | AutoReply | Loop | Letter | Unusable


class Room(StrEnum):
    """Which of our addresses a message came to."""

    RETURNS = "returns"
    COMMAND = "command"
    GENERAL = "general"


class Place(NamedTuple):
    room: Room
    name: str  # before the plus, in lower case
    detail: str  # behind it, as written


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """Which addresses are ours."""

    bounces: str  # the return path without its token: bounces@digest.example.org
    domain: str  # where join@, leave@, help@ and confirm@ are
    general: frozenset[str] = field(default_factory=frozenset)  # at these the subject says what is wanted
    senders: frozenset[str] = field(default_factory=frozenset)  # what we write from: never answered

    def place(self, address: str) -> Place | None:
        """What an envelope's recipient is to us; None if it is not ours."""
        local, at, domain = address.strip().strip("<>").rpartition("@")
        if not at or len(address) > 320:
            return None
        name, _, detail = local.partition("+")
        name = name.lower()
        plain = _plain(f"{name}@{domain}")
        if plain == _plain(self.bounces):
            return Place(Room.RETURNS, name, detail)
        if ascii_domain(domain) == ascii_domain(self.domain) and name in list(Action):
            return Place(Room.COMMAND, name, detail)
        if plain in {_plain(one) for one in self.general}:
            return Place(Room.GENERAL, name, detail)
        return None

    def wrote(self, address: str) -> bool:
        """Whether an address is one of those we write from, or any that we read."""
        local, _, domain = address.rpartition("@")
        plain = _plain(f"{local.partition('+')[0]}@{domain}")
        return plain in {_plain(one) for one in self.senders} or self.place(plain) is not None


def _plain(address: str) -> str:
    """The form in which two spellings are equal: mail servers write a domain as the DNS knows it."""
    local, _, domain = address.rpartition("@")
    return f"{local.lower()}@{ascii_domain(domain)}"
