"""SMTP verdicts: what a mail server's reply about one message to one recipient means for the subscriber.

One table serves both a refusal while we submit and a report that comes back later (RFC 3464). A few servers give
final refusals the code of passing ones, and most say "spam" in words only. So code, enhanced status and words are
judged together, and all three are stored with the verdict.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final


class Verdict(StrEnum):
    """Mildest first: of several notices about one message, the mildest counts."""

    ARRIVED = "arrived"  # delivered, relayed or expanded: counts nothing
    DELAYED = "delayed"  # the server still tries: counts nothing
    ABOUT_US = "about us"  # our reputation, our commands or this text: scores nobody, calls the operator
    SOFT = "soft"  # a passing failure, or one without a reason
    HARD = "hard"  # there is no such address


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a server says about one recipient; what it leaves out is empty."""

    action: str = ""  # failed, delayed, delivered, relayed or expanded (RFC 3464 section 2.3.3)
    status: str = ""  # such as "5.1.1" (RFC 3463)
    code: int | None = None  # the SMTP reply code
    text: str = ""

    @property
    def verdict(self) -> Verdict:
        return rule_for(self).verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Words by which servers say what their codes do not; `name` is how the docs call them."""

    name: str
    pattern: re.Pattern[str]

    def said_in(self, text: str) -> bool:
        return self.pattern.search(text) is not None


def _words(name: str, *patterns: str) -> Words:
    return Words(name=name, pattern=re.compile("|".join(patterns), re.IGNORECASE))


AGAINST_US: Final = _words(
    "spam, lists, policy",
    r"\bspam(?!trap@)|\bunsolicited|\bbulk mail|\b(?:block|black|deny)[- ]?list|\bDNSBL\b|\bRBL\b",
    r"\bblocked (?:using|by|for|due|because)|\breputation\b|\b(?:DMARC|DKIM|SPF|PTR)\b|\bunauthenticated\b",
    r"\bphish|\bvirus\b|\bmalware\b|\bsuspicious\b|\bpolic(?:y|ies)\b|\bbanned\b|\bcontent (?:was )?(?:rejected|filter)",
    r"\brate.?limit|\btoo many (?:connections|messages|recipients|errors)|\bsending (?:limit|quota|rate)|\breverse DNS",
    r"\brelay(?:ing)? (?:access )?(?:denied|not permitted)|\bunable to relay|\bsender (?:address )?(?:rejected|verify)",
)
FULL: Final = _words(
    "mailbox full",
    r"\b(?:mailbox|inbox|account|user|recipient|boîte|Postfach)\b[^.\n]{0,40}\b(?:is full|full\b|pleine|voll|exceed)",
    r"\bfull mailbox|\bmailbox full|\bover ?quota|\bquota (?:is |has been )?exceeded|\bout of storage",
    r"\binsufficient (?:disk|storage|system storage|mailbox)|\bexceeded (?:its |the |their )?(?:storage|quota|maximum size)",
)
NO_SUCH: Final = _words(
    "no such user",
    r"\b(?:user|recipient) (?:is )?unknown|\bunknown (?:user|recipient|mailbox|account|local|address)|\baddressee unknown",
    r"\bno such (?:user|recipient|mailbox|account|person|address|local)|\bno mailbox\b|\bundeliverable address",
    r"\bdoes ?n[o'’]t exist|\bdoes not exist|\bdo not exist|\bdoes ?n[o'’]t have an? \S{1,40} account",
    r"\binvalid (?:user|recipient|mailbox|address)|\bnot a (?:valid|known) (?:user|mailbox|recipient|address)",
    r"\b(?:user|recipient|address|mailbox|account)\b[^.\n]{0,60}\b(?:not found|could ?n[o'’]t be found|was ?n[o'’]t found)",
    r"\b(?:user|address|mailbox|account)\b[^.\n]{0,40}\b(?:disabled|deactivated|closed|inactive|unavailable|no longer)",
    r"\bno longer (?:valid|active|in use|exists|employed)|\bRecipNotFound\b",
)
NO_DOMAIN: Final = _words(
    "no such domain",
    r"\b(?:host|domain)\b[^.\n]{0,60}\b(?:not found|unknown|does ?n[o'’]t exist|does not exist|invalid)",
    r"\b(?:unknown|invalid|no such) (?:mail )?(?:host|domain)|\bNXDOMAIN\b|\bnull ?MX\b|\bdoes not accept e?-?mail",
    r"\bunrout(?:e)?able|\bnon-existent hosts?\b|\bmailbox domain\b[^.\n]{0,30}\bnot exist",
)
PASSING: Final = re.compile(r"try again|temporar|SERVFAIL|tim(?:e|ed)[ -]?out|\blater\b", re.IGNORECASE)
_URL: Final = re.compile(r"https?://\S+", re.IGNORECASE)  # help pages are named after what they help with


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Which notices mean what; an empty tuple means any, `*` any end."""

    verdict: Verdict
    why: str
    actions: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    words: Words | None = None
    for_good: bool = False  # only where the words do not speak of trying again

    def covers(self, notice: Notice) -> bool:
        text = _URL.sub(" ", notice.text)
        return (
            _any(self.actions, notice.action)
            and _any(self.statuses, notice.status)
            and _any(self.codes, str(notice.code or ""))
            and (self.words is None or self.words.said_in(text))
            and not (self.for_good and PASSING.search(text))
        )


def _any(globs: tuple[str, ...], value: str) -> bool:
    return not globs or any(fnmatchcase(value, glob) for glob in globs)


_BAD_ADDRESS: Final = ("5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10")

RULES: Final = (
    Rule(
        verdict=Verdict.ARRIVED,
        why="the message went on its way (RFC 3464 section 2.3.3)",
        actions=("delivered", "relayed", "expanded"),
    ),
    Rule(verdict=Verdict.DELAYED, why="the server goes on trying", actions=("delayed",)),
    Rule(
        verdict=Verdict.DELAYED,
        why="passing, and nobody says it was given up",
        actions=("",),
        statuses=("4.*",),
    ),
    Rule(
        verdict=Verdict.DELAYED,
        why="passing, and nobody says it was given up",
        actions=("",),
        statuses=("",),
        codes=("4*",),
    ),
    Rule(verdict=Verdict.ARRIVED, why="success (RFC 3463 section 2)", actions=("",), statuses=("2.*",)),
    Rule(
        verdict=Verdict.HARD,
        why="status and words agree, whatever else the words speak of",
        statuses=_BAD_ADDRESS,
        words=NO_SUCH,
        for_good=True,
    ),
    Rule(
        verdict=Verdict.ABOUT_US,
        why="security or policy (RFC 3463 section 3.8): a refusal of us, not of the subscriber",
        statuses=("?.7.*",),
    ),
    Rule(
        verdict=Verdict.ABOUT_US,
        why="filters refuse with whatever code they like and say so in words",
        words=AGAINST_US,
    ),
    Rule(
        verdict=Verdict.SOFT,
        why="a full mailbox is a passing state whatever the class (RFC 3463 section 3.3)",
        statuses=("?.2.2",),
    ),
    Rule(verdict=Verdict.SOFT, why="full, by the words alone", words=FULL),
    Rule(
        verdict=Verdict.HARD,
        why="final, though some file it under passing",
        words=NO_DOMAIN,
        for_good=True,
    ),
    Rule(verdict=Verdict.SOFT, why="given up, for a reason that may pass", statuses=("4.*",)),
    Rule(verdict=Verdict.SOFT, why="given up, for a reason that may pass", codes=("4*",), statuses=("",)),
    Rule(
        verdict=Verdict.ABOUT_US,
        why="our sender address, by its syntax or its domain (RFC 3463 section 3.2)",
        statuses=("5.1.7", "5.1.8"),
    ),
    Rule(
        verdict=Verdict.HARD,
        why="no such mailbox or domain (RFC 3463 section 3.2), or moved; 5.1.10: takes no mail (RFC 7505)",
        statuses=_BAD_ADDRESS,
    ),
    Rule(
        verdict=Verdict.ABOUT_US,
        why="too big, now and tomorrow (RFC 3463 sections 3.3 and 3.4): our editions are too big, or the limit odd",
        statuses=("5.2.3", "5.3.4"),
    ),
    Rule(
        verdict=Verdict.SOFT,
        why="Exchange Online says 5.4.1 of unknown addresses and for troubles of its own directory alike",
        statuses=("5.4.1",),
    ),
    Rule(verdict=Verdict.HARD, why="no such user, by the words", words=NO_SUCH, for_good=True),
    Rule(
        verdict=Verdict.HARD, why="disabled, and not for a while (RFC 3463 section 3.3)", statuses=("5.2.1",)
    ),
    Rule(
        verdict=Verdict.HARD,
        why="no route to the domain (RFC 3463 section 3.5); 5.4.310 is Exchange's for no such domain",
        statuses=("5.4.4", "5.4.310"),
    ),
    Rule(
        verdict=Verdict.SOFT,
        why="their mailbox, system or network (RFC 3463 sections 3.3 to 3.5): loops, directories, no answer",
        statuses=("5.2.*", "5.3.0", "5.3.1", "5.3.2", "5.3.5", "5.4.*"),
    ),
    Rule(
        verdict=Verdict.ABOUT_US,
        why="our way of speaking or of writing (RFC 3463 sections 3.4, 3.6 and 3.7)",
        statuses=("5.3.3", "5.5.*", "5.6.*"),
    ),
    Rule(
        verdict=Verdict.SOFT, why="552 is a mailbox over its space (RFC 5321 section 4.2.2)", codes=("552",)
    ),
    Rule(
        verdict=Verdict.HARD,
        why="unavailable, not local, not allowed (RFC 5321 section 4.2.2); takes no mail (RFC 7504)",
        codes=("521", "550", "551", "553", "556"),
    ),
    Rule(
        verdict=Verdict.ABOUT_US,
        why="our way of speaking or our login, or 554: most who say no more than this are filters",
        codes=("50?", "53?", "541", "554", "555", "571"),
    ),
    Rule(verdict=Verdict.SOFT, why="failed, and nobody says why"),
)
"""The first match wins; the last matches all."""


def rule_for(notice: Notice) -> Rule:
    """The rule that decides, for operators to see."""
    return next(rule for rule in RULES if rule.covers(notice))


def mildest(notices: Iterable[Notice]) -> Notice:
    """The notice that counts where one subscriber's message was passed on to several mailboxes."""
    order = list(Verdict)
    return min(notices, key=lambda notice: order.index(notice.verdict))


def table() -> str:
    """The rules as a table in Markdown."""
    rows = [
        " | ".join(
            (
                "",
                _cell(rule.actions),
                _cell(rule.statuses),
                _cell(rule.codes),
                (rule.words.name if rule.words else "") + (", for good" if rule.for_good else ""),
                f"**{rule.verdict}**",
                rule.why,
                "",
            )
        ).strip(" ")
        for rule in RULES
    ]
    head = ["| Action | Status | Code | Words | Verdict | Why |", "|---|---|---|---|---|---|"]
    return "\n".join([*head, *(re.sub(r" {2,}", " ", row) for row in rows)])


def _cell(globs: tuple[str, ...]) -> str:
    return ", ".join(f"`{glob}`" if glob else "none" for glob in globs)
