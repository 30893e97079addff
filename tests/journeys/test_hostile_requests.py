"""Every route and method, over HTTP, with what no person sends: no 5xx, and no look changes anything.

The routes are taken from the application, so a new one is in it. The requests follow from `SEED`.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import pytest
from desk import WEB, Service, an_edition_of, link_to
from desk_fixtures import app, clock, doors, health, kind, links, service
from starlette.routing import Route

from digest.subscriptions import Wishes
from digest.tokens import EXPIRING, Purpose
from digest.web.server import listen, serve_pages

__all__ = ["app", "clock", "doors", "health", "kind", "links", "service"]

SEED: Final = 20260303
LOOKS: Final = ("GET", "HEAD", "OPTIONS")
METHODS: Final = (*LOOKS, "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "get", "POST\x00")
PEOPLE: Final = 4

WORDS: Final = (
    *("", " ", "%", "%0", "%zz", "%00", "%0d%0aSet-Cookie:%20a=b", "%ed%a0%80", "%c0%af", "%ff%fe", "%u0041"),
    *("..", "../../etc/passwd", "..%2f..%2f", "%2e%2e/", "//evil.example", "\\", ";", "'", "' OR 1=1 --"),
    *("<b>", "{{7*7}}", "{token}", "null", "None", "NaN", "-1", "0", "1e999", "9" * 400, "٣", "ⅷ", "\u202e"),
    *("\U000e0041", "é", "😀", "a" * 3000, "A" * 43, "=" * 44, "-_" * 22, "*", "?", "#", "&", "+", "~"),
    *("2026-02-30", "0000-00-00", "2026-03-03%20", "99999-01-01", "2026-03-03T00:00", "wishes", "pause"),
    *("../manage", "%7f", "\x80", "mina@example.org", "new%40example.org", "a@b", "@", "%00@example.org"),
)
NAMES: Final = (
    *(
        "address",
        "code",
        "until",
        "watched",
        "watch",
        "areas",
        "kinds",
        "inspectorate",
        "commentary",
        "alerts",
    ),
    *("movements_only", "proof_of_life", "zwoelf_uhr", "List-Unsubscribe", "", "address[]", "__proto__"),
)
HEADERS: Final = (
    *(b"Host: ", b"Host: [::1", b"Host: a b", b"Host: \xff", b"X-Forwarded-For: "),
    *(b"X-Forwarded-For: [::1]:x, ,\xff", b"X-Forwarded-For: " + b"1.2.3.4, " * 300),
    *(b"X-Forwarded-Proto: gopher", b"X-Forwarded-Prefix: /../..", b'Forwarded: for="', b"Cookie: \x80=;;="),
    *(b"Accept-Language: " + b"x" * 4000, b"Range: bytes=-1--2", b"If-None-Match: *"),
    *(b"Sec-Fetch-Site: cross-site", b"Sec-Fetch-Site: \xff", b"Expect: 100-continue"),
    *(b"Upgrade: h2c\r\nConnection: Upgrade", b"X-HTTP-Method-Override: POST", b"Authorization: Basic \xff"),
    *(b"Origin: null", b"Referer: \xe2\x80\xae", b"User-Agent: ${jndi:ldap://x}", b"Content-Length: 0"),
)
TYPES: Final = (
    *(b"application/x-www-form-urlencoded", b"application/x-www-form-urlencoded; charset=utf-7"),
    *(b"multipart/form-data", b"multipart/form-data; boundary=x", b"application/json"),
    *(b"text/plain; charset=\xff", b"", b"/", b"a" * 900),
)
BODIES: Final = (
    b"",
    b"address=" + b"a" * 15_900,
    b"address=" + b"a" * 40_000,
    b'--x\r\nContent-Disposition: form-data; name="address"\r\n\r\n\xff\r\n--x',
    b'{"address": ["\\ud800", null, {"a": 1e999}]}',
)
FRAMED: Final = (  # bodies with a header that belongs to them, and is wrong in most
    (b"5\r\naddre\r\nzz\r\n", b"Transfer-Encoding: chunked"),
    (b"0\r\n\r\n", b"Content-Length: 5\r\nTransfer-Encoding: chunked"),
    (b"address=half", b"Content-Length: 400"),
    *((b"address=x", b"Content-Length: " + number) for number in (b"-1", b"9" * 20, b"1, 2", b"0x10", b"+5")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One request, as its octets."""

    method: str
    path: str
    headers: tuple[bytes, ...]
    body: bytes
    framing: bytes | None = None  # in place of the true Content-Length

    @property
    def octets(self) -> bytes:
        line = f"{self.method} {self.path} HTTP/1.1".encode("utf-8", "surrogatepass")
        framing = self.framing
        if framing is None:
            framing = f"Content-Length: {len(self.body)}".encode() if self.body else b""
        host = () if any(one.startswith(b"Host:") for one in self.headers) else (b"Host: digest.example.org",)
        head = [line, *host, b"Connection: close", *self.headers, *([framing] if framing else [])]
        return b"\r\n".join(head) + b"\r\n\r\n" + self.body


def routes(app: Any) -> list[str]:
    while not hasattr(app, "routes"):
        app = getattr(app, "_app", None) or app.app
    assert {type(route) for route in app.routes} == {Route}
    return [route.path for route in app.routes]


def paths(route: str, good: list[str], dice: random.Random) -> Iterator[str]:
    """The route with good tokens and with nonsense in each of its gaps, queries included."""
    gaps = len(re.findall(r"{\w+}", route))
    values = [*dice.sample(good, 12), *dice.sample(WORDS, 24)] if gaps else [""] * 4
    for value in values:
        filled = re.sub(r"{\w+}", lambda _, first=value: first, route, count=1)
        filled = re.sub(r"{\w+}", lambda _: dice.choice(("wishes", "pause", "address", *WORDS)), filled)
        yield filled
        yield filled + dice.choice(
            ("?", "?a=%", "?address=x&address=", "?%00=%ff", "/", "//", "?" + "a" * 2000)
        )
    if gaps:
        token = dice.choice(good)
        yield route.replace("{token}", token[:-1] + dice.choice("AZ_-")).replace("{", "").replace("}", "")
        yield route.replace("{token}", token.swapcase()).replace("{", "").replace("}", "")


def fields(dice: random.Random, most: int) -> bytes:
    some = (f"{dice.choice(NAMES)}={dice.choice(WORDS)}" for _ in range(dice.randrange(1, most)))
    return "&".join(some).encode("utf-8", "surrogatepass")


def body(dice: random.Random) -> tuple[bytes, bytes | None]:
    """A body, and the header that frames it if that is not its length."""
    match dice.randrange(6):
        case 0:
            return dice.choice(BODIES), None
        case 1:
            return dice.choice(FRAMED)
        case 2:
            return dice.randbytes(300), None
        case 3:
            return fields(dice, 300), None
        case _:
            return fields(dice, 9), None


def look(path: str, method: str, dice: random.Random) -> Sent:
    headers = tuple(dice.sample(HEADERS, dice.randrange(3)))
    content = b"address=mina%40example.org" if dice.random() < 0.1 else b""
    return Sent(method=method, path=path, headers=headers, body=content)


def post(path: str, method: str, dice: random.Random) -> Sent:
    content, framing = body(dice)
    headers = (b"Content-Type: " + dice.choice(TYPES), *dice.sample(HEADERS, dice.randrange(3)))
    return Sent(method=method, path=path, headers=headers, body=content, framing=framing)


@dataclass(frozen=True, slots=True)
class Server:
    port: int

    async def answer(self, sent: Sent) -> int:
        """The status that a request is answered with; 0 where the server only closes the connection."""
        async with asyncio.timeout(20):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                writer.write(sent.octets)
                if sent.framing is not None:
                    writer.write_eof()  # else the rest of a body would be waited for
                said = await reader.read()
            except ConnectionError:
                return 0
            finally:
                writer.close()
        found = re.match(rb"(?:HTTP/1\.1 100 Continue\r\n(?:.*\r\n)*?\r\n)?HTTP/1\.1 (\d{3}) ", said)
        assert found or not said, said[:200]
        return int(found[1]) if found else 0


@pytest.fixture
async def server(app: Any) -> AsyncIterator[Server]:
    stop = asyncio.Event()
    listener = listen("127.0.0.1", 0)
    serving = asyncio.create_task(serve_pages(app, listener, stop, ["127.0.0.1"]))
    yield Server(listener.getsockname()[1])
    stop.set()
    await serving


async def good_tokens(service: Service) -> list[str]:
    """Tokens of every purpose, of people in every state; each is good for one route."""
    tokens = service.links.tokens
    found = ["2026-03-03", service.enrolment.reference("waiting@example.org")]
    until = service.clock.now() + timedelta(hours=1)
    await service.enrolment.join("waiting@example.org", Wishes(), WEB)
    people = [await service.subscribed(f"p{n}@example.org") for n in range(PEOPLE)]
    await service.enrolment.leave(people[-1].subscriber, people[-1].generation, WEB)
    await an_edition_of(service.store, date(2026, 3, 3), people[0].subscriber, accepted=True)
    for one in [*people, await service.store.subscriptions.find("waiting@example.org")]:
        assert one is not None
        own = (one.subscriber, one.generation)
        found += [tokens.sign(purpose, *own) for purpose in Purpose if purpose not in EXPIRING]
        found += [tokens.sign_expiring(purpose, *own, until) for purpose in EXPIRING]
    await service.address_changes.ask(people[1].subscriber, people[1].generation, "other@example.org")
    letter = await service.read("other@example.org", "confirm-move")
    return [*found, link_to("move", letter).rpartition("/")[2]]


async def test_no_request_breaks_a_page_and_no_look_changes_anything(
    app: Any, server: Server, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    dice = random.Random(SEED)
    good = await good_tokens(service)
    every = [*routes(app), "/{token}", "/nowhere/{token}"]
    before = await service.everything()
    seen: set[tuple[str, str]] = set()
    statuses: set[int] = set()
    for route in every:
        for path in paths(route, good, dice):
            for method in ("GET", dice.choice((*LOOKS[1:], *METHODS[4:]))):
                sent = look(path, method, dice)
                status = await server.answer(sent)
                assert 0 < status < 500, sent
                seen.add((route, method))
                statuses.add(status)
        assert await service.everything() == before, route

    for route in every:
        some = list(paths(route, good, dice))
        for _ in range(40):
            path = dice.choice(some[:24] if dice.random() < 0.5 else some)  # the first ones have good tokens
            sent = post(path, dice.choice(("POST", "POST", "POST", *METHODS[3:7])), dice)
            status = await server.answer(sent)
            assert status < 500, sent
            assert status or sent.framing, sent
            seen.add((route, sent.method))
            statuses.add(status)
    await service.membership.intake.work_off()

    assert seen >= {(route, method) for route in routes(app) for method in ("GET", "POST")}
    assert statuses >= {200, 400, 404, 405, 413, 422}
    assert [one for one in caplog.records if one.exc_info and one.name.startswith("digest")] == []
    assert await service.store.arrivals.waiting() == 0
