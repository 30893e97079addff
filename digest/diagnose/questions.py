"""Questions to the DNS, and what comes of them.

An inquiry is a generator: it yields questions, is sent their answers, and returns what it makes of them.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from typing import Final, TypeAlias, TypeVar

T = TypeVar("T")
IPAddress: TypeAlias = IPv4Address | IPv6Address


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
    """What there is of this kind: surely nothing, if there are no values.

    TXT comes with its strings joined; MX as host names, the preferred first.
    """

    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Nobody could tell; `why` in an operator's words."""

    why: str


Answer: TypeAlias = Found | Silence
Inquiry: TypeAlias = Generator[Question, Answer, T]

ASK_AGAIN: Final = "ask again later, or name another resolver with --resolver"


def ask(name: str, kind: Kind) -> Inquiry[Answer]:
    return (yield Question(name=name.rstrip(".").lower(), kind=kind))


def addresses(name: str) -> Inquiry[Answer]:
    """A and AAAA together; silent only where neither has anything and one is silent."""
    silence: Silence | None = None
    values: list[str] = []
    for kind in (Kind.A, Kind.AAAA):
        match (yield from ask(name, kind)):
            case Found(values=more):
                values += more
            case Silence() as why:
                silence = why
    return silence if silence and not values else Found(values=tuple(values))


def tags(record: str) -> dict[str, str]:
    """The tag-value list that DKIM and DMARC share (RFC 6376 section 3.2); the first of a tag given twice."""
    found: dict[str, str] = {}
    for part in record.split(";"):
        name, equals, value = part.partition("=")
        if equals:
            found.setdefault(name.strip().lower(), value.strip())
    return found


def each(inquiries: Iterable[Inquiry[T]]) -> Inquiry[list[T]]:
    """One inquiry after another."""
    results = []
    for inquiry in inquiries:
        result = yield from inquiry
        results.append(result)
    return results


def short(text: str, most: int = 160) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
