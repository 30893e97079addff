"""Who asks: the proxy's word is taken from proxies that the operator named, and from nobody else."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import httpx2
import pytest

from digest.web.proxies import ForwardedHeaders
from digest.web.server import listen, serve_pages

LOCAL = ("127.0.0.1",)
CHAIN = ("127.0.0.1", "10.0.0.0/8", "2001:db8:5::/48")
VISITOR = "198.51.100.7"


async def tells_the_visitor(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        body = f"{scope['scheme']} {scope['client'][0]}" if scope["client"] else "nobody"
        await send({"type": "http.response.body", "body": body.encode()})


async def told(
    proxies: tuple[str, ...], *headers: tuple[str, str], peer: str = "127.0.0.1", app: Any = None
) -> str:
    """The scheme and the visitor of a request that a peer hands over."""
    transport = httpx2.ASGITransport(
        app=app or ForwardedHeaders(tells_the_visitor, proxies), client=(peer, 4711)
    )
    async with httpx2.AsyncClient(transport=transport, base_url="http://digest.example.org") as client:
        return (await client.get("/", headers=list(headers))).text.removeprefix("http ")


async def test_the_server_asks_who_the_visitor_is() -> None:
    stop = asyncio.Event()
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    serving = asyncio.create_task(serve_pages(tells_the_visitor, listener, stop, LOCAL))
    try:
        async with httpx2.AsyncClient(transport=httpx2.AsyncHTTPTransport(retries=20)) as client:
            answer = await client.get(f"http://127.0.0.1:{port}/", headers={"X-Forwarded-For": VISITOR})
    finally:
        stop.set()
        await serving

    assert answer.text == f"http {VISITOR}"


@pytest.mark.parametrize(
    ("proxies", "said", "visitor"),
    [
        (LOCAL, VISITOR, VISITOR),
        (("127.0.0.0/8",), VISITOR, VISITOR),
        (LOCAL, f"203.0.113.9, forged, {VISITOR}", VISITOR),
        (("203.0.113.1",), VISITOR, "127.0.0.1"),
        ((), VISITOR, "127.0.0.1"),
        # Several proxies in a row: the last hop that is none of ours.
        (CHAIN, f"203.0.113.9, {VISITOR}, 10.1.2.3", VISITOR),
        (CHAIN, f"{VISITOR}, 10.9.9.9, 10.1.2.3", VISITOR),
        (CHAIN, "10.9.9.9, 2001:db8:6::1, 2001:db8:5::9, 10.1.2.3", "2001:db8:6::1"),
        (LOCAL, f"{VISITOR}, 10.1.2.3", "10.1.2.3"),  # nobody named that one
        # With ports, as some load balancers write.
        (LOCAL, f"{VISITOR}:50123", VISITOR),
        (LOCAL, "[2001:db8::7]:50123", "2001:db8::7"),
        (LOCAL, "unknown", "unknown"),  # it counts in the limit of all who hide
    ],
)
async def test_only_named_proxies_are_believed(proxies: tuple[str, ...], said: str, visitor: str) -> None:
    """Else anybody gets round the limits by making addresses up."""
    assert await told(proxies, ("X-Forwarded-For", said)) == visitor


async def test_a_header_said_twice_is_one_list() -> None:
    """A proxy that adds a line of its own to what the visitor made up is still believed to the end alone."""
    twice = (("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-For", VISITOR))

    assert await told(LOCAL, *twice) == VISITOR


@pytest.mark.parametrize(
    ("said", "visitor"),
    [
        (f"for={VISITOR}", VISITOR),
        (f"for=203.0.113.9;by=203.0.113.1, For={VISITOR};proto=https", f"https {VISITOR}"),
        ('for="[2001:db8:6::1]:4711"', "2001:db8:6::1"),
        (f"for={VISITOR}, for=10.1.2.3;proto=http", VISITOR),
        ("by=203.0.113.1;proto=https", "https 127.0.0.1"),
        ('for="_hidden"', "_hidden"),
        ("nonsense;;,=", "127.0.0.1"),
    ],
)
async def test_the_standard_header_says_the_same(said: str, visitor: str) -> None:
    """RFC 7239."""
    assert await told(CHAIN, ("Forwarded", said)) == visitor


async def test_where_a_proxy_says_both_the_visitor_cannot_choose() -> None:
    """A proxy that sets X-Forwarded-For may pass a visitor's own Forwarded on."""
    both = (("Forwarded", "for=203.0.113.9;proto=https"), ("X-Forwarded-For", VISITOR))

    assert await told(LOCAL, *both) == VISITOR


async def test_the_scheme_is_the_proxys() -> None:
    assert await told(LOCAL, ("X-Forwarded-Proto", "https")) == "https 127.0.0.1"
    assert await told((), ("X-Forwarded-Proto", "https")) == "127.0.0.1"


async def test_a_socket_for_both_kinds_of_address_knows_a_proxy_by_its_number() -> None:
    said = ("X-Forwarded-For", VISITOR)

    assert await told(("10.0.0.1",), said, peer="::ffff:10.0.0.1") == VISITOR
    assert await told((), said, peer="::ffff:10.0.0.1") == "10.0.0.1"


async def test_a_header_from_a_proxy_that_nobody_named_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = ForwardedHeaders(tells_the_visitor, LOCAL)
    said = ("X-Forwarded-For", VISITOR)

    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            await told((), said, peer="172.30.53.1", app=app)
        await told((), said, app=app)
        await told((), peer="10.0.0.9", app=app)

    [record] = caplog.records
    assert (record.__dict__["peer"], record.__dict__["to_believe_it"]) == (
        "172.30.53.1",
        "name it in web.proxies",
    )


async def test_visitors_who_make_headers_up_neither_fill_the_log_nor_are_named_in_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = ForwardedHeaders(tells_the_visitor, LOCAL)

    with caplog.at_level(logging.WARNING):
        for n in range(1, 99):
            await told((), ("Forwarded", "for=1.2.3.4"), peer=f"45.67.{n}.89", app=app)

    assert len(caplog.records) == 8
    assert caplog.records[0].__dict__["peer"] == "45.67.1.0/24"
