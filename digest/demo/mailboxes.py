"""The demo's mailboxes: a real SMTP server on loopback that keeps a folder of messages for each recipient."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from types import TracebackType
from typing import Final, Self, cast
from urllib.parse import quote
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, Envelope, Session

HOST: Final = "127.0.0.1"
_LONGEST_NAME: Final = 200  # bytes; common file systems stop at 255


class Mailboxes:
    """Keeps a folder for each recipient, with a numbered `.eml` file for each message as it arrived.

    `host` and `port` are known inside `async with`. The files stay after it; a second run in the same
    directory continues the numbers.
    """

    def __init__(self, directory: Path, *, port: int = 0) -> None:
        self._directory = directory
        self._filing = _Filing(directory)
        self._connections: WeakSet[SMTP] = WeakSet()
        self._server: asyncio.Server | None = None
        self.host = HOST
        self.port = port

    async def __aenter__(self) -> Self:
        # In this event loop instead of aiosmtpd's Controller, which needs a thread and cannot take port 0.
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is None:
            return
        self._server.close()
        for transport in self._open_transports():
            transport.abort()
        # Python 3.12 waits for the connections here; earlier versions need one turn of the loop to close
        # them.
        await self._server.wait_closed()
        await asyncio.sleep(0)
        self._server = None

    def of(self, address: str) -> list[Path]:
        """The files of an address's messages, in the order of arrival."""
        return sorted((self._directory / folder(address)).glob("*.eml"), key=lambda file: int(file.stem))

    def _connection(self) -> SMTP:
        connection = SMTP(self._filing, hostname="mailboxes.example.org", ident="ready")
        self._connections.add(connection)
        return connection

    def _open_transports(self) -> list[asyncio.WriteTransport]:
        found = (connection.transport for connection in self._connections)
        # uvloop's class does not say that it is one
        return [cast("asyncio.WriteTransport", transport) for transport in found if transport is not None]


class _Filing:
    """The handler that aiosmtpd calls with each message."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._turn = asyncio.Lock()  # two messages must not take the same number

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd looks for
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)  # aiosmtpd decodes only if told to
        try:
            async with self._turn:
                for recipient in envelope.rcpt_tos:
                    await asyncio.to_thread(_file, self._directory / folder(recipient), content)
        except OSError:
            return "451 4.3.0 the message could not be filed"
        # Not earlier: a 250 makes us responsible for the message (RFC 5321 section 6.1).
        return "250 2.0.0 filed"


def _file(mailbox: Path, content: bytes) -> None:
    """Write a message under the next number. The file appears when it is complete."""
    mailbox.mkdir(parents=True, exist_ok=True)
    number = max((int(found.stem) for found in mailbox.glob("*.eml")), default=0) + 1
    draft = mailbox / "incoming.part"
    draft.write_bytes(content)
    draft.rename(mailbox / f"{number:03}.eml")


def folder(address: str) -> str:
    """The name of an address's folder: lower case, no separators, no leading dot, at most 200 characters."""
    name = quote(address.lower(), safe="@+")
    if name.startswith("."):
        name = "%2E" + name[1:]
    if len(name) > _LONGEST_NAME:
        name = f"{name[:100]}-{hashlib.blake2b(name.encode(), digest_size=16).hexdigest()}"
    return name
