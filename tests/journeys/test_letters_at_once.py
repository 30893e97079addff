"""What a page promises is done, and its letter sent, without waiting for the next look at the database."""

from __future__ import annotations

import asyncio

import httpx2
import pytest
from journey_place import Place
from servers.ports import until_open

from digest.adapters import work_loop
from digest.app.directory import configured
from digest.app.service import service
from digest.serving import serve_readers
from digest.web.server import listen


async def test_who_joins_on_a_page_gets_the_letter_at_once(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_loop, "LOOK_EVERY", 600.0)
    settings, secrets = configured(place.config)
    listener, stop = listen("127.0.0.1", 0), asyncio.Event()
    port = listener.getsockname()[1]
    async with service(settings, secrets, directory=place.config) as it, asyncio.timeout(30):
        serving = asyncio.create_task(serve_readers(it, listener, stop))
        await until_open(port)
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as visitor:
            await visitor.post("/join", data={"address": "new@example.net"})
        await place.server.until(1)
        stop.set()
        await serving

    assert [message.recipients for message in place.server.messages] == [("new@example.net",)]
