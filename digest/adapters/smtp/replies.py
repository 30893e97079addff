"""What a relay's reply means for one delivery: pure rules, by phase, reply code and enhanced status.

Two questions decide. *Is it certain that the message was not taken?* Before the content is sent, always;
afterwards only if the relay says so. *What is a refusal about?* Either us (our login, our sender address, our
commands), or this subscriber or this message. A refusal about us puts the delivery off, so that a
relay that is set up wrongly does not settle every subscriber as refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from digest.deliveries import Answer, Event

LONGEST_TEXT: Final = 500


class Phase(StrEnum):
    """The phase of a submission in which the reply came, or failed to come."""

    CONNECT = "connect"  # greeting, EHLO, STARTTLS and AUTH
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"  # the command alone, up to 354: the relay holds no octet of the content yet
    CONTENT = "content"  # from the first octet of the content to the reply to the final dot


class Reply(NamedTuple):
    """One reply of the relay, or what came in its place. A tuple, for speed: four a message."""

    code: int | None  # None: there was no connection, or it was lost or timed out
    text: str

    @property
    def kind(self) -> int | None:
        """The first digit carries the meaning (RFC 5321 section 4.2.1); no answer, or nonsense, has none."""
        return self.code // 100 if self.code is not None and 200 <= self.code < 600 else None

    @property
    def status(self) -> str:
        """Subject and detail of the enhanced status (RFC 3463 section 2), such as "2.2"; else empty."""
        found = re.match(r"[245]\.(\d{1,3}\.\d{1,3})\b", self.text)
        return found[1] if found else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """An exception: what a 5yz reply means where it is more than a final refusal of one delivery."""

    event: Event
    why: str
    phases: frozenset[Phase] = frozenset(Phase)
    codes: frozenset[int] = frozenset(range(500, 600))
    statuses: str = ".*"  # a pattern for the whole of `Reply.status`
    about_us: bool = False  # not about this subscriber, nor about this message

    def covers(self, phase: Phase, reply: Reply) -> bool:
        return (
            phase in self.phases
            and reply.code in self.codes
            and re.fullmatch(self.statuses, reply.status) is not None
        )


_BEFORE_CONTENT: Final = frozenset({Phase.CONNECT, Phase.MAIL, Phase.RCPT, Phase.DATA})

RULES: Final = (
    Rule(
        event=Event.REJECTED,
        why="too big, now and in two minutes (RFC 3463 sections 3.3 and 3.4)",
        statuses=r"2\.3|3\.4",
    ),
    Rule(
        event=Event.PUT_OFF,
        why="a full mailbox is a passing state whatever the class (RFC 3463 section 3.3)",
        statuses=r"2\.2",
    ),
    Rule(
        event=Event.REJECTED,
        why="at MAIL this answers our SIZE: too big for the relay (RFC 1870)",
        phases=frozenset({Phase.MAIL}),
        codes=frozenset({552}),
    ),
    Rule(
        event=Event.PUT_OFF,
        why="no recipient was named yet, so the refusal is about us",
        about_us=True,
        phases=frozenset({Phase.CONNECT, Phase.MAIL}),
    ),
    Rule(
        event=Event.PUT_OFF,
        why="at RCPT 552 is an old spelling of 452 (RFC 5321 section 4.5.3.1.10)",
        phases=frozenset({Phase.RCPT}),
        codes=frozenset({552}),
    ),
    Rule(
        event=Event.PUT_OFF,
        why="our way of speaking (RFC 5321 section 4.2.2) or our login (RFC 4954 section 6)",
        about_us=True,
        phases=_BEFORE_CONTENT,
        codes=frozenset({500, 502, 503, 504, 530, 534, 535, 538, 555}),
    ),
    Rule(
        # Many relays refuse a client or its sender address only at RCPT.
        event=Event.PUT_OFF,
        why="our sender address or policy against us (RFC 3463 sections 3.2 and 3.8)",
        about_us=True,
        phases=_BEFORE_CONTENT,
        statuses=r"1\.[78]|7\.\d+",
    ),
    Rule(
        # Many relays check signature, sender and reputation only once they have the text.
        event=Event.REJECTED,
        why="policy settles this text, and time after time is meant for all of ours (RFC 3463 section 3.8)",
        about_us=True,
        phases=frozenset({Phase.CONTENT}),
        statuses=r"7\.\d+",
    ),
)
"""Exceptions to the rule that a 5yz is final and is not about us; the first match wins.

After the content, a 5yz refuses this very text and would do so again in two minutes. So then we only try
again if a mailbox was full.
"""


def agrees(phase: Phase, reply: Reply) -> bool:
    """Whether the relay wants us to go on: 354 after DATA, 2yz everywhere else (252 to RCPT included)."""
    return reply.kind == (3 if phase is Phase.DATA else 2)


def in_step(reply: Reply) -> bool:
    """Whether the connection can carry another command after a reply that did not agree."""
    return reply.kind in {4, 5} and reply.code != 421  # 421 closes the channel, RFC 5321 section 3.8


def judge(phase: Phase, reply: Reply) -> Answer:
    """What to record for a delivery when the relay did not accept a command or the content.

    Only the code decides between temporary and permanent: libraries call even a 421 "sender refused".
    """
    match reply.kind:
        case 4:
            return answer(Event.PUT_OFF, reply)
        case 5:
            for rule in RULES:
                if rule.covers(phase, reply):
                    return answer(rule.event, reply, about_us=rule.about_us)
            return answer(Event.REJECTED, reply)
        case _:  # no answer, nonsense, or a reply to another command
            return answer(Event.LOST if phase is Phase.CONTENT else Event.PUT_OFF, reply)


def answer(event: Event, reply: Reply, *, about_us: bool = False) -> Answer:
    """The event with the relay's words, ready for the ledger. They may quote the address: never log them."""
    code = reply.code if reply.kind else None
    return Answer(event=event, code=code, text=plain(reply.text), about_us=about_us)


def plain(text: str) -> str:
    """A relay's words made storable: one line, no control character, no lone surrogate, bounded.

    The SMTP library smuggles octets that are not UTF-8 through as surrogates, which no database takes;
    PostgreSQL refuses NUL besides.
    """
    if len(text) <= LONGEST_TEXT and text.isprintable() and "  " not in text:
        return text.strip()
    whole = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    line = " ".join("".join(c if c.isprintable() else " " for c in whole).split())
    return line if len(line) <= LONGEST_TEXT else line[: LONGEST_TEXT - 1] + "…"
