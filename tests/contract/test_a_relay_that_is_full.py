"""A relay with a limit of connections below ours: a noon run takes what it gives, and ends all the same."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from clocks import Clock
from noon_run import Noon
from servers.smtp import SmtpServer
from store_values import DAY, NOON
from tenacity import wait_fixed

from digest.adapters.journal import FileJournal
from digest.adapters.smtp.connect import Lifetime, RelayOptions
from digest.adapters.smtp.relay import SmtpRelay
from digest.deliveries import State
from digest.sending.pace import Pace
from digest.settings import MailServer
from digest.store.sql import SqlStore


@pytest.mark.parametrize("at_once", [True, False], ids=["all at once", "one after another"])
async def test_everybody_is_served_in_one_run_by_the_connections_it_gives(
    store: SqlStore, tmp_path: Path, at_once: bool
) -> None:
    noon = Noon(store, Clock(NOON), FileJournal(tmp_path / "journal"))
    await noon.subscribe(200)
    await noon.planned()
    async with SmtpServer(most=3) as server:
        options = RelayOptions(
            server=MailServer(host=server.host, port=server.port),
            local_hostname="digest.test",
            rest=timedelta(hours=1),
            lifetime=Lifetime(messages=20),
            connect_attempts=10,
        )
        pace = Pace(10)
        pace.connections = 10 if at_once else 1
        relay = SmtpRelay([options], pause=wait_fixed(0.02))
        await noon.deliverer(connections=10, relay=relay, pace=pace).deliver(DAY)

        assert server.turned_away
    assert await store.deliveries.tally(DAY) == {State.ACCEPTED: 200}
    assert len({message.recipients for message in server.messages}) == len(server.messages) == 200
    assert pace.connections <= 3
