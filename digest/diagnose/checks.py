"""A check and its outcome, and the questions to the DNS that checks are made from.

An inquiry is a generator: it yields questions, is sent their answers and returns a result. It does no I/O.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from typing import Final, TypeAlias, TypeVar

T = TypeVar("T")
IPAddress: TypeAlias = IPv4Address | IPv6Address


class Outcome(StrEnum):
    """The outcome of a check."""

    WELL = "well"
    WARNING = "warning"  # mail arrives, but not as well as it could, or not for long
    WRONG = "wrong"  # receivers refuse such mail, or hide the unsubscribe button
    UNKNOWN = "not known"  # nobody answered, or we cannot tell from here


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at. `expected` and `advice` are empty where all is well."""

    name: str
    outcome: Outcome
    found: str
    expected: str = ""
    advice: str = ""


def well(name: str, found: str) -> Check:
    return Check(name=name, outcome=Outcome.WELL, found=found)


def warning(name: str, found: str, expected: str, advice: str) -> Check:
    return Check(name=name, outcome=Outcome.WARNING, found=found, expected=expected, advice=advice)


def wrong(name: str, found: str, expected: str, advice: str) -> Check:
    return Check(name=name, outcome=Outcome.WRONG, found=found, expected=expected, advice=advice)


def unknown(name: str, found: str, expected: str, advice: str) -> Check:
    return Check(name=name, outcome=Outcome.UNKNOWN, found=found, expected=expected, advice=advice)


def worst(checks: Iterable[Check]) -> Outcome:
    """The worst outcome; the order is wrong, warning, not known, well."""
    outcomes = {check.outcome for check in checks}
    order = (Outcome.WRONG, Outcome.WARNING, Outcome.UNKNOWN)
    return next((outcome for outcome in order if outcome in outcomes), Outcome.WELL)


# -- questions to the DNS -------------------------------------------------------------------------------


class Kind(StrEnum):
    """The types of record that we ask for."""

    A = "A"
    AAAA = "AAAA"
    MX = "MX"
    PTR = "PTR"
    TXT = "TXT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    name: str
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The records of this kind; no values means that there are certainly none.

    TXT comes with its strings joined; MX as host names, the preferred first.
    """

    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """No answer, so nothing is known; `why` is for the operator."""

    why: str


Answer: TypeAlias = Found | Silence
Inquiry: TypeAlias = Generator[Question, Answer, T]

ASK_AGAIN: Final = "ask again later, or name another resolver with --resolver"


def ask(name: str, kind: Kind) -> Inquiry[Answer]:
    return (yield Question(name=name.rstrip(".").lower(), kind=kind))


def addresses(name: str) -> Inquiry[Answer]:
    """A and AAAA together; `Silence` only if there is no address and one question got no answer."""
    answers = yield from each(ask(name, kind) for kind in (Kind.A, Kind.AAAA))
    values = tuple(value for answer in answers if isinstance(answer, Found) for value in answer.values)
    silences = [answer for answer in answers if isinstance(answer, Silence)]
    return silences[0] if silences and not values else Found(values=values)


def each(inquiries: Iterable[Inquiry[T]]) -> Inquiry[list[T]]:
    """One inquiry after another."""
    results = []
    for inquiry in inquiries:
        result = yield from inquiry
        results.append(result)
    return results


def tags(record: str) -> dict[str, str]:
    """The tag-value list of DKIM and DMARC (RFC 6376 section 3.2); of a tag twice, the first value."""
    found: dict[str, str] = {}
    for part in record.split(";"):
        name, equals, value = part.partition("=")
        if equals:
            found.setdefault(name.strip().lower(), value.strip())
    return found


def short(text: str, most: int = 160) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
