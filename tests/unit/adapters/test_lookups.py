"""Asking a real resolver, and one that is slow, broken or cut off: an answer each time, never an error."""

from __future__ import annotations

import asyncio

import dns.rcode
import pytest
from servers.names import DnsServer

from digest.adapters.lookups import Lookups
from digest.diagnose import Answer, Found, Kind, Question, Silence

LONG = "v=spf1 " + " ".join(f"ip4:192.0.2.{n}" for n in range(100)) + " -all"  # over 512 octets
ZONE = {
    ("example.org", "TXT"): ["v=spf1 -all", "another"],
    ("two.example.org", "TXT"): [("v=spf1 ip4:192.0.2.1", "2 -all")],
    ("long.example.org", "TXT"): [LONG],
    ("example.org", "MX"): ["20 b.example.org.", "10 a.example.org."],
    ("null.example.org", "MX"): ["0 ."],
    ("a.example.org", "A"): ["192.0.2.25", "192.0.2.26"],
    ("a.example.org", "AAAA"): ["2001:db8::25"],
    ("25.2.0.192.in-addr.arpa", "PTR"): ["a.example.org."],
}


def lookups(server: DnsServer, **changes: float) -> Lookups:
    return Lookups((server.host, server.port), **({"each": 0.3} | changes))


async def ask(server: DnsServer, name: str, kind: Kind, **changes: float) -> Answer:
    return await lookups(server, **changes).ask(Question(name=name, kind=kind))


@pytest.mark.parametrize(
    ("name", "kind", "values"),
    [
        ("example.org", Kind.TXT, {"v=spf1 -all", "another"}),
        ("two.example.org", Kind.TXT, {"v=spf1 ip4:192.0.2.12 -all"}),  # strings joined without a space
        ("long.example.org", Kind.TXT, {LONG}),
        ("example.org", Kind.MX, {"a.example.org", "b.example.org"}),
        ("null.example.org", Kind.MX, {"."}),
        ("a.example.org", Kind.A, {"192.0.2.25", "192.0.2.26"}),
        ("a.example.org", Kind.AAAA, {"2001:db8::25"}),
        ("25.2.0.192.in-addr.arpa", Kind.PTR, {"a.example.org"}),
        ("a.example.org", Kind.TXT, set()),
        ("none.example.org", Kind.TXT, set()),
    ],
)
async def test_what_there_is_is_found(name: str, kind: Kind, values: set[str]) -> None:
    async with DnsServer(ZONE) as server:
        answer = await ask(server, name, kind, each=5)

    assert isinstance(answer, Found)
    assert set(answer.values) == values


async def test_mail_exchanges_come_with_the_preferred_first() -> None:
    async with DnsServer(ZONE) as server:
        assert await ask(server, "example.org", Kind.MX) == Found(values=("a.example.org", "b.example.org"))


async def test_what_is_too_long_for_a_datagram_is_asked_for_again() -> None:
    async with DnsServer(ZONE) as server:
        await ask(server, "long.example.org", Kind.TXT, each=5)

        assert [way for name, _, way in server.asked if name == "long.example.org"] == ["udp", "tcp"]


@pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED])
async def test_a_resolver_that_fails_has_found_nothing_out(rcode: dns.rcode.Rcode) -> None:
    async with DnsServer(ZONE) as server:
        server.rcodes["example.org"] = rcode
        answer = await ask(server, "example.org", Kind.TXT)

    assert isinstance(answer, Silence)
    assert rcode.name in answer.why


async def test_a_silent_resolver_has_found_nothing_out() -> None:
    async with DnsServer(ZONE) as server:
        server.silent.add("example.org")

        assert await ask(server, "example.org", Kind.TXT) == Silence(why="no answer from the resolver")


async def test_patience_is_for_all_questions_together() -> None:
    async with DnsServer(ZONE) as server:
        server.silent.add("*")
        asking = lookups(server, all=0.3)
        questions = [Question(name=f"n{n}.example.org", kind=Kind.TXT) for n in range(5)]
        answers = [await asking.ask(question) for question in questions]

    assert answers[0] == Silence(why="no answer from the resolver")
    assert set(answers[1:]) == {Silence(why="no time left to ask the resolver")}


async def test_a_question_is_asked_once() -> None:
    async with DnsServer(ZONE) as server:
        asking = lookups(server)
        question = Question(name="example.org", kind=Kind.TXT)
        await asyncio.gather(*(asking.ask(question) for _ in range(5)))

        assert len(server.asked) == 1


async def test_where_nobody_listens_nothing_is_known() -> None:
    async with DnsServer(ZONE) as server:
        gone = lookups(server)

    assert isinstance(await gone.ask(Question(name="example.org", kind=Kind.TXT)), Silence)


async def test_a_resolver_without_a_way_out_is_not_believed_that_there_is_nothing() -> None:
    """On networks cut off from the Internet, resolvers deny every name."""
    async with DnsServer(ZONE, world={}) as server:
        found = await ask(server, "example.org", Kind.MX)
        denied = await ask(server, "none.example.org", Kind.TXT)

    assert isinstance(found, Found)
    assert denied == Silence(why="the resolver knows no names of the Internet")


@pytest.mark.parametrize("name", ["a..b", "x" * 64 + ".org", ".".join(["x" * 60] * 5), "ü" * 70 + ".org"])
async def test_what_is_no_name_is_no_surprise(name: str) -> None:
    async with DnsServer(ZONE) as server:
        assert isinstance(await ask(server, name, Kind.A), Silence)
