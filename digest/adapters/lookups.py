"""Lookups: questions to a resolver of the DNS, with little patience; whatever happens is an answer."""

from __future__ import annotations

import asyncio
from typing import Final, TypeVar

import dns.asyncresolver
import dns.exception
import dns.name
import dns.resolver
from dns.rdata import Rdata

from digest.diagnose import Answer, Found, Inquiry, Kind, Question, Silence

T = TypeVar("T")

LANDMARK: Final = Question(name="a.root-servers.net", kind=Kind.A)
"""A name that every resolver with a way to the Internet finds."""

EACH: Final = 4.0
"""Seconds for one question, all tries together."""

ALL: Final = 20.0
"""Seconds for all questions of one `Lookups`, from the first on."""


class Lookups:
    """Asks this machine's resolver, or one that is named; each question once."""

    def __init__(
        self, resolver: tuple[str, int] | None = None, *, each: float = EACH, all: float = ALL
    ) -> None:
        self._each = each
        self._all = all
        self._until: float | None = None
        self._asked: dict[Question, asyncio.Task[Answer]] = {}
        self._resolver: dns.asyncresolver.Resolver | None = None
        try:
            self._resolver = dns.asyncresolver.Resolver(configure=resolver is None)
        except dns.resolver.NoResolverConfiguration:
            return
        if resolver is not None:
            self._resolver.nameservers = [resolver[0]]
            self._resolver.port = resolver[1]

    async def follow(self, inquiry: Inquiry[T]) -> T:
        """Answer an inquiry's questions to its end; its result."""
        try:
            question = next(inquiry)
            while True:
                question = inquiry.send(await self.ask(question))
        except StopIteration as end:
            result: T = end.value
            return result

    async def ask(self, question: Question) -> Answer:
        if question not in self._asked:
            self._asked[question] = asyncio.create_task(self._ask(question))
        return await asyncio.shield(self._asked[question])

    async def _ask(self, question: Question) -> Answer:
        """What the resolver says; that there is nothing is believed only of one that finds what there is.

        On networks without a way out, resolvers say of every name that there is none.
        """
        answer = await self._resolve(question)
        if answer == Found() and question != LANDMARK and await self.ask(LANDMARK) == Found():
            return Silence(why="the resolver knows no names of the Internet")
        return answer

    async def _resolve(self, question: Question) -> Answer:
        if self._resolver is None:
            return Silence(why="this machine has no resolver set")
        now = asyncio.get_running_loop().time()
        self._until = self._until or now + self._all
        patience = min(self._each, self._until - now)
        if patience <= 0:
            return Silence(why="no time left to ask the resolver")
        try:
            name = dns.name.from_text(question.name)
            answer = await self._resolver.resolve(
                name, question.kind.value, lifetime=patience, search=False, raise_on_no_answer=False
            )
            return Found(values=_values(question.kind, list(answer.rrset or ())))
        except dns.resolver.NXDOMAIN:
            return Found()
        except dns.resolver.YXDOMAIN:
            return Silence(why="the name is too long to look up")
        except dns.exception.Timeout:
            return Silence(why="no answer from the resolver")
        except dns.resolver.NoNameservers as error:
            return Silence(why=_failure(error))
        except (dns.exception.DNSException, UnicodeError, OSError, EOFError) as error:
            return Silence(why=f"not a name that can be looked up ({type(error).__name__})")


def _values(kind: Kind, records: list[Rdata]) -> tuple[str, ...]:
    match kind:
        case Kind.TXT:
            # One record's strings are joined without spaces: RFC 7208 section 3.3.
            return tuple(b"".join(r.strings).decode("utf-8", "replace") for r in records)  # type: ignore[attr-defined]
        case Kind.MX:
            by_preference = sorted(records, key=lambda r: r.preference)  # type: ignore[attr-defined]
            return tuple(_host(r.exchange) for r in by_preference)  # type: ignore[attr-defined]
        case Kind.PTR:
            return tuple(_host(r.target) for r in records)  # type: ignore[attr-defined]
        case Kind.A | Kind.AAAA:
            return tuple(r.address for r in records)  # type: ignore[attr-defined]


def _host(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True) if name != dns.name.root else "."


def _failure(error: dns.resolver.NoNameservers) -> str:
    """Why every server failed: what the last of them said."""
    tried = error.kwargs.get("errors") or []
    said = str(tried[-1][3]) if tried and len(tried[-1]) > 3 else ""
    return f"the resolver could not find out ({said})" if said else "no resolver to be had"
