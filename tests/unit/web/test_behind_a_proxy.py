"""Who asks: the proxy's word is taken from proxies that the operator named, and from nobody else."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest

from digest.web.server import listen, serve_pages


async def tells_the_visitor(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["client"][0].encode()})


@pytest.mark.parametrize(
    ("proxies", "said", "visitor"),
    [
        (("127.0.0.1",), "198.51.100.7", "198.51.100.7"),
        (("127.0.0.0/8",), "198.51.100.7", "198.51.100.7"),
        (("127.0.0.1",), "203.0.113.9, forged, 198.51.100.7", "198.51.100.7"),
        (("203.0.113.1",), "198.51.100.7", "127.0.0.1"),
        ((), "198.51.100.7", "127.0.0.1"),
    ],
)
async def test_only_named_proxies_are_believed(proxies: tuple[str, ...], said: str, visitor: str) -> None:
    """Else anybody gets round the limits by making addresses up."""
    stop = asyncio.Event()
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    serving = asyncio.create_task(serve_pages(tells_the_visitor, listener, stop, proxies))
    try:
        async with httpx2.AsyncClient(transport=httpx2.AsyncHTTPTransport(retries=20)) as client:
            answer = await client.get(f"http://127.0.0.1:{port}/", headers={"X-Forwarded-For": said})
    finally:
        stop.set()
        await serving

    assert answer.text == visitor
