"""Clients that are slow, many, broken or gone hold nothing of the web server, and fill no log."""

from __future__ import annotations

import asyncio
import gc
import socket
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import pytest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from digest.web.server import WebLimits, listen, serve_pages

Client = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _join(request: Request) -> Response:
    try:
        return PlainTextResponse(f"{len(await request.body())} octets")
    except ClientDisconnect:
        return PlainTextResponse("gone", status_code=400)


async def _early(_: Request) -> Response:
    return PlainTextResponse("no", status_code=413)  # without reading the body


async def _long(_: Request) -> Response:
    return PlainTextResponse("long" * 4_000_000)


APP = Starlette(
    routes=[
        Route("/join", _join, methods=["POST"]),
        Route("/early", _early, methods=["GET", "POST"]),
        Route("/long", _long),
    ]
)


@asynccontextmanager
async def serving(limits: WebLimits, proxies: Sequence[str] = ()) -> AsyncIterator[int]:
    """The port of a server with these limits."""
    stop = asyncio.Event()
    listener = listen("127.0.0.1", 0)
    task = asyncio.create_task(serve_pages(APP, listener, stop, proxies, limits))
    try:
        yield listener.getsockname()[1]
    finally:
        stop.set()
        await task


async def connect(port: int, host: str = "127.0.0.1") -> Client:
    """A client at an address of this machine."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", port, local_addr=(host, 0))
            except ConnectionRefusedError:
                await asyncio.sleep(0.01)


async def all_of(client: Client) -> bytes:
    """What the server says until it closes."""
    async with asyncio.timeout(30):
        said = await client[0].read()
    client[1].close()
    return said


@pytest.mark.parametrize(
    "half",
    [
        b"",
        b"GET /early HT",
        b"GET /early HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        b"POST /join HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf",
        b"POST /join HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhal",
    ],
)
async def test_half_a_request_is_closed(half: bytes) -> None:
    async with serving(WebLimits(request=0.2)) as port:
        client = await connect(port)
        client[1].write(half)

        assert (await all_of(client)).startswith(b"HTTP/1.1 408")


async def test_a_request_that_drips_gains_no_time() -> None:
    async with serving(WebLimits(request=0.3)) as port:
        client = await connect(port)
        client[1].write(b"GET /early HTTP/1.1\r\nHost: x\r\n")
        reading = asyncio.create_task(all_of(client))
        drops = 0
        while not reading.done() and drops < 1_000:
            client[1].write(b"X-%d: y\r\n" % drops)
            drops += 1
            await asyncio.sleep(0.02)

        assert drops < 1_000
        with suppress(ConnectionError):  # what comes after the close may reset the connection
            assert (await reading).startswith(b"HTTP/1.1 408")


async def test_a_connection_without_a_further_request_is_closed() -> None:
    async with serving(WebLimits(idle=0.2)) as port:
        client = await connect(port)
        client[1].write(b"GET /early HTTP/1.1\r\nHost: x\r\n\r\n")

        assert (await all_of(client)).count(b"HTTP/1.1 413") == 1


async def test_one_connection_serves_many_requests() -> None:
    async with serving(WebLimits(request=0.3, idle=5.0)) as port:
        client = await connect(port)
        for _ in range(5):
            client[1].write(b"POST /join HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nwell")
            assert (await client[0].readuntil(b"4 octets")).startswith(b"HTTP/1.1 200")
            await asyncio.sleep(0.1)
        client[1].close()


async def test_connections_beyond_the_most_are_refused_and_room_is_made_again() -> None:
    async with serving(WebLimits(connections=2)) as port:
        first, second, third = [await connect(port) for _ in range(3)]
        assert (await all_of(third)).startswith(b"HTTP/1.1 503")
        first[1].write(b"GET /early HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert (await all_of(first)).startswith(b"HTTP/1.1 413")

        fourth = await connect(port)
        fourth[1].write(b"GET /early HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert (await all_of(fourth)).startswith(b"HTTP/1.1 413")
        second[1].close()


@pytest.mark.parametrize("asks", [b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /long HTTP/1.0\r\n\r\n"])
async def test_a_client_that_reads_nothing_holds_no_connection(asks: bytes) -> None:
    async with serving(WebLimits(answer=0.3, connections=1)) as port:
        silent = await connect(port)
        silent[0]._transport.pause_reading()  # type: ignore[attr-defined]
        silent[1].write(asks)
        said = b""
        async with asyncio.timeout(20):
            while not said.startswith(b"HTTP/1.1 413"):
                other = await connect(port)
                other[1].write(b"GET /early HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                with suppress(ConnectionError):
                    said = await all_of(other)
                await asyncio.sleep(0.02)
        silent[1].transport.abort()


async def test_a_long_answer_comes_whole() -> None:
    async with serving(WebLimits()) as port:
        client = await connect(port)
        client[1].write(b"GET /long HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

        assert len(await all_of(client)) > 16_000_000


async def test_a_request_with_two_lengths_is_refused_and_nothing_after_it_is_heard() -> None:
    async with serving(WebLimits()) as port:
        client = await connect(port)
        client[1].write(
            b"POST /join HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"0\r\n\r\nGET /early HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        said = await all_of(client)

        assert said.startswith(b"HTTP/1.1 400")
        assert said.count(b"HTTP/1.1") == 1


CHUNKED = b"HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "broken",
    [
        b"POST /join " + CHUNKED + b"zz\r\n",
        b"POST /early " + CHUNKED + b"4\r\nwellXX",
        b"POST /join " + CHUNKED + b"4\r\nwell\r\n-1\r\n\r\n",
        b"\x16\x03\x01 hello",
        b"GET /" + b"a" * 100_000,
        b"GET /early HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    ],
)
@pytest.mark.parametrize("piecemeal", [False, True])
async def test_a_broken_request_costs_one_line_at_most(
    broken: bytes, piecemeal: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(WebLimits(request=0.5, idle=0.3)) as port:
        client = await connect(port)
        head, tail = broken[:-2], broken[-2:]
        client[1].write(head if piecemeal else broken)
        if piecemeal:
            await asyncio.sleep(0.05)  # so that an early answer is there before the body breaks
            client[1].write(tail)
        try:
            await all_of(client)
        except ConnectionResetError:  # it closes with octets of ours unread
            client[1].close()
    gc.collect()

    assert len(caplog.records) <= 1, caplog.text
    assert not [one for one in caplog.records if one.exc_info]


@pytest.mark.parametrize(
    "half", [b"POST /join HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf", b"GET /early HTTP/1.1\r\n"]
)
async def test_a_client_that_is_gone_costs_no_line(half: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async with serving(WebLimits()) as port:
        client = await connect(port)
        client[1].write(half)
        await client[1].drain()
        gone: socket.socket = client[1].get_extra_info("socket")
        gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # by RST
        client[1].transport.abort()
        other = await connect(port)
        other[1].write(b"GET /early HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        await all_of(other)
    gc.collect()

    assert caplog.records == []


REQUEST = b"GET /early HTTP/1.1\r\nHost: x\r\n"


async def answer_of(client: Client) -> bytes:
    client[1].write(REQUEST + b"Connection: close\r\n\r\n")
    return (await all_of(client))[:12]


async def test_one_network_with_all_its_connections_shuts_nobody_else_out() -> None:
    async with serving(WebLimits(connections=6, from_one_network=3)) as port:
        many = [await connect(port, f"127.0.0.{n}") for n in (1, 2, 3)]
        for client in many:
            client[1].write(REQUEST * 2)  # and no end
        one_more = await connect(port, "127.0.0.4")
        assert (await all_of(one_more)).startswith(b"HTTP/1.1 503")

        assert await answer_of(await connect(port, "127.0.1.1")) == b"HTTP/1.1 413"

        many[0][1].close()
        await all_of(many[0])
        async with asyncio.timeout(30):
            while await answer_of(await connect(port, "127.0.0.5")) != b"HTTP/1.1 413":
                continue  # the server has not seen yet that one is gone
        for client in many[1:]:
            client[1].close()


async def test_a_proxy_of_ours_brings_as_many_connections_as_there_are() -> None:
    async with serving(WebLimits(connections=6, from_one_network=3), proxies=["127.0.0.1"]) as port:
        waiting = [await connect(port) for _ in range(5)]

        assert await answer_of(await connect(port)) == b"HTTP/1.1 413"
        for client in waiting:
            client[1].close()
