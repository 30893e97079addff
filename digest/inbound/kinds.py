"""Kinds: what a received message can be, and which addresses are ours.

A `reason` is for operators and contains no address.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from digest.addresses import ascii_domain
from digest.smtp_verdicts import Verdict


class Action(StrEnum):
    """What somebody can ask for by mail."""

    JOIN = "join"
    LEAVE = "leave"
    HELP = "help"
    CONFIRM = "confirm"


class Says(StrEnum):
    """What a message says in its writer's own words, to the letter or address that it answers."""

    NOTHING = "nothing"  # a reply, or a command, without a word: the address says what is meant
    YES = "yes"
    NO = "no"  # they object, or want to leave
    OTHER = "other"  # for a person to read


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Somebody asks for something, or answers to it. Only the token proves who it is: From is easily forged."""

    action: Action
    detail: str  # the token or topic with it, as written; may be empty
    from_address: str  # the domain in lower case; may be empty if it is not answerable
    subject: str
    message_id: str  # for the In-Reply-To of an answer; may be empty
    answerable: bool = True  # False: act on the token, but send no answer and trust no From (RFC 3834)
    says: Says = Says.NOTHING  # what the writer's own words say to it
    has_other_words: bool = False  # the mail says more than the command: a person should read it


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """A mail server's report on one of our messages. It proves nothing until the token in `path` is checked."""

    path: str  # the local part with its token, for `tokens.read_return_path`
    verdict: Verdict
    action: str
    status: str  # such as "5.1.1"; empty if none is given
    code: int | None
    diagnostic: str  # one storable line; it may quote the subscriber's address, so it is never logged
    report: str  # the text for people, shortened; never logged either


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """A reader pressed "this is spam". The subscription ends if the token in `path` or `message_id` is ours."""

    feedback_type: str
    path: str  # the local part of our return path that the report names; may be empty
    message_id: str  # of the message that the report is about; may be empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """A feedback report of another type, for operators: not spam after all, authentication failure, virus."""

    feedback_type: str
    path: str
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoReply:
    """An automatic message: it is not answered and counts against nobody."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """Our own mail came back, or a message goes round in a loop: we do nothing and send no answer."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a person wrote, for a person to read."""

    from_address: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """Nothing we can act on. Operators see it if the token in `path` shows that it is about a message of ours."""

    reason: str
    path: str = ""  # as in a `Bounce`


Inbound = Command | Bounce | Complaint | Feedback | AutoReply | Loop | Letter | Unusable


NEWS: Final = "news"
"""The local part before the "+" of the addresses to which newsletters come: news+ID@, with a source's id."""


class AddressRole(StrEnum):
    """What one of our addresses is for."""

    RETURNS = "returns"  # the return path: reports on our messages
    COMMAND = "command"  # join@, leave@, help@ and confirm@
    GENERAL = "general"  # addresses that people write to
    NEWSLETTERS = "newsletters"  # news+ID@: a source's newsletters


class OurAddress(NamedTuple):
    """One of our addresses, taken apart."""

    role: AddressRole
    name: str  # the local part before the "+", in lower case
    detail: str  # the local part after the "+", as written; may be empty


@dataclass(frozen=True, slots=True, kw_only=True)
class OurAddresses:
    """The addresses that we receive mail at and write from."""

    bounces: str  # the return path without its token: bounces@digest.example.org
    domain: str  # the domain of join@, leave@, help@ and confirm@
    general: frozenset[str] = field(default_factory=frozenset)  # here the subject holds the command
    senders: frozenset[str] = field(
        default_factory=frozenset
    )  # we write from these; mail from them was not written by a person
    newsletters: frozenset[str] = field(default_factory=frozenset)  # the sources whose newsletters come here

    def find(self, address: str) -> OurAddress | None:
        """Which of our addresses a message was sent to; None if it is not ours."""
        local, at, domain = address.strip().strip("<>").rpartition("@")
        if not at or len(address) > 320:
            return None
        name, _, detail = local.partition("+")
        name = name.lower()
        plain = _plain(f"{name}@{domain}")
        if plain == _plain(self.bounces):
            return OurAddress(AddressRole.RETURNS, name, detail)
        at_home = ascii_domain(domain) == ascii_domain(self.domain)
        if at_home and name in list(Action):
            return OurAddress(AddressRole.COMMAND, name, detail)
        if at_home and name == NEWS and detail.lower() in self.newsletters:
            return OurAddress(AddressRole.NEWSLETTERS, name, detail.lower())
        if plain in {_plain(one) for one in self.general}:
            return OurAddress(AddressRole.GENERAL, name, detail)
        return None

    def of_newsletters(self, source: str) -> str:
        """The address to which a source's newsletters come."""
        return f"{NEWS}+{source}@{self.domain}"

    def is_sender(self, address: str) -> bool:
        """Whether an address is one that we write from or receive mail at, with any "+" part."""
        local, _, domain = address.rpartition("@")
        plain = _plain(f"{local.partition('+')[0]}@{domain}")
        return plain in {_plain(one) for one in self.senders} or self.find(plain) is not None


def _plain(address: str) -> str:
    """A form that is equal for all spellings of an address. Mail servers may write its domain in ASCII."""
    local, _, domain = address.rpartition("@")
    return f"{local.lower()}@{ascii_domain(domain)}"
