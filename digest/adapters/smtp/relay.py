"""The relay: the servers that we submit to, in their order, and sessions with the first that is reached."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from aiosmtplib import SMTP
from tenacity.wait import wait_base

from digest.adapters.smtp.connect import PAUSE, TROUBLE, RelayOptions, dial, reply_in, tls_context
from digest.adapters.smtp.replies import Reply, plain
from digest.adapters.smtp.session import SmtpSession
from digest.addresses import masked
from digest.ports import Session
from digest.relays import LastDial

log = logging.getLogger(__name__)


class SmtpRelay:
    """The servers that we submit to, as `ports.Relay`; any number of sessions at a time.

    Each session dials them in their order until one is reached. One that could not be reached is left alone
    for a while by all sessions.
    """

    def __init__(self, relays: Sequence[RelayOptions], *, pause: wait_base = PAUSE) -> None:
        """`pause` is the wait between attempts. `OSError` if a certificate's file cannot be read."""
        self._servers = tuple(_Server(options=options, tls=tls_context(options.server)) for options in relays)
        self._pause = pause
        self.per_connection: int | None = None
        """The most messages on one connection; None: the number in the options."""

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """A session for one task; nothing is dialled before its first offer."""
        session = SmtpSession(self)
        with session.dropping():
            yield session
        await session.leave()

    @property
    def away(self) -> bool:
        """Whether every server failed lately and is left alone for a while."""
        now = asyncio.get_running_loop().time()
        return all(server.rests(now) for server in self._servers)

    def health(self) -> list[LastDial]:
        """How each server was when last dialled, in their order."""
        now = asyncio.get_running_loop().time()
        return [server.last_dial(now) for server in self._servers]

    async def dial(self) -> tuple[RelayOptions, SMTP] | Reply:
        """A connection to the first server that is reached, else why there is none."""
        trouble = Reply(code=None, text="no relay is set")
        now = asyncio.get_running_loop().time
        asked = False
        for server in self._servers:
            if server.trouble is not None and server.rests(now()):
                # The old reply's code is left out: it answered another connection, not this one.
                trouble = Reply(code=None, text=f"not asked so soon after: {server.trouble.text}")
                continue
            asked = True
            try:
                client = await dial(server.options, server.tls, self._pause)
            except TROUBLE as error:
                trouble = reply_in(error)
                server.dialled_at = now()
                at = server.options.server
                extra = {"relay": at.host, "port": at.port, "code": trouble.code}
                if server.connections:
                    # It is up and serves our other connections. That it takes no more of them is no reason
                    # to use the next server.
                    log.info("relay takes no more connections", extra=extra | {"have": server.connections})
                    return trouble
                server.trouble = trouble
                server.rest(now())
                log.warning("relay cannot be reached", extra=extra)
                continue
            if server.trouble is not None:
                at = server.options.server
                log.info("the relay is back", extra={"relay": at.host, "port": at.port})
            server.trouble, server.dialled_at = None, now()
            server.connections += 1
            return server.options, client
        if asked:  # all failed: rest all of them until the same time, or one would always seem available
            for server in self._servers:
                server.rest(now())
        return trouble

    def hung_up(self, options: RelayOptions) -> None:
        """Note that one connection to that server is closed."""
        for server in self._servers:
            if server.options is options:
                server.connections -= 1


@dataclass(slots=True)
class _Server:
    """One server, and how it was when last dialled."""

    options: RelayOptions
    tls: ssl.SSLContext | None
    trouble: Reply | None = None
    dialled_at: float | None = None  # by the event loop's clock, like all times here
    rests_until: float = 0.0
    connections: int = 0  # open ones of ours

    def rest(self, now: float) -> None:
        self.rests_until = now + self.options.rest.total_seconds()

    def rests(self, now: float) -> bool:
        return self.trouble is not None and now < self.rests_until and not self.connections

    def last_dial(self, now: float) -> LastDial:
        ago = None if self.dialled_at is None else timedelta(seconds=now - self.dialled_at)
        code = self.trouble.code if self.trouble is not None else None
        # Masked, because a relay that refuses our login may name the account.
        trouble = "" if self.trouble is None else masked(plain(self.trouble.text)) or "no reason given"
        return LastDial(relay=self.options.address, ago=ago, code=code, trouble=trouble)
