"""A place whose service takes mail in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from journey_place import Place
from test_calendar import started

from digest.adapters.lmtp import LmtpServer
from digest.adapters.stopping import Stopping
from digest.app.edges import lmtp_server
from digest.app.service import Service
from digest.demo.world import SimulatedClock


def receives(place: Place, *lines: str, port: int = 0) -> None:
    """Let the place take mail in by LMTP on a port, or as `lines` of its settings say."""
    said = lines or (f"  lmtp: {{ port: {port} }}",)
    with (place.config / "digest.yaml").open("a", encoding="utf-8") as file:
        file.write("\n".join(["\nreceiving:", *said, ""]))


@asynccontextmanager
async def receiving(place: Place, now: datetime) -> AsyncIterator[tuple[Service, SimulatedClock, LmtpServer]]:
    async with started(place, now) as (it, clock):
        assert it.receiver is not None
        server = lmtp_server(it.settings, it.receiver, Stopping())
        assert server is not None
        async with server:
            yield it, clock, server
