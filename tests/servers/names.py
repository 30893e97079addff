"""A real DNS server on loopback, over UDP and TCP, that answers from a zone and misbehaves on request.

    async with DnsServer({("example.org", "MX"): ["10 mail.example.org."]}) as server:
        server.rcodes["broken.example.org"] = dns.rcode.SERVFAIL
        server.silent.add("slow.example.org")
        ...ask server.host, server.port...

Values are as in a zone file; a TXT value given as a tuple is one record of several strings. Whatever is not
in the zone does not exist.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Mapping, Sequence
from typing import Final, Self, cast

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

Value = str | tuple[str, ...]
Zone = Mapping[tuple[str, str], Sequence[Value]]

WORLD: Final[Zone] = {("a.root-servers.net", "A"): ["198.41.0.4"]}
"""What every resolver with a way to the Internet finds."""


class DnsServer:
    """Loopback, a free port."""

    host: Final = "127.0.0.1"

    def __init__(self, zone: Zone, *, world: Zone = WORLD) -> None:
        self.zone = {**world, **zone}
        self.rcodes: dict[str, dns.rcode.Rcode] = {}
        """Names that are answered with these codes, and nothing else."""
        self.silent: set[str] = set()
        """Names that are not answered at all; "*" for none."""
        self.asked: list[tuple[str, str, str]] = []
        """Name, type, and "udp" or "tcp", in order of arrival."""
        self.port = 0
        self._transport: asyncio.DatagramTransport | None = None
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._stream, self.host, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        datagrams.setblocking(False)
        datagrams.bind((self.host, self.port))
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self), sock=datagrams)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._transport is not None
        assert self._server is not None
        self._transport.close()
        self._server.close()
        await self._server.wait_closed()

    def answer(self, octets: bytes, way: str) -> bytes | None:
        """The answer's octets; None for silence."""
        query = dns.message.from_wire(octets)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind, way))
        if name in self.silent or "*" in self.silent:
            return None
        response = dns.message.make_response(query, recursion_available=True)
        if name in self.rcodes:
            response.set_rcode(self.rcodes[name])
        elif values := self.zone.get((name, kind)):
            response.answer.append(_rrset(question.name, kind, values))
        elif not any(known == name or known.endswith(f".{name}") for known, _ in self.zone):
            response.set_rcode(dns.rcode.NXDOMAIN)
        whole = response.to_wire(max_size=65_535)
        if way == "udp" and len(whole) > 512:  # as it goes where paths are narrow
            response.answer.clear()
            response.flags |= dns.flags.TC
            return response.to_wire()
        return whole

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            (size,) = struct.unpack("!H", await reader.readexactly(2))
            answer = self.answer(await reader.readexactly(size), "tcp")
            if answer is not None:
                writer.write(struct.pack("!H", len(answer)) + answer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: DnsServer) -> None:
        self._server = server
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)  # before Python 3.12 none by its class

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        assert self._transport is not None
        if (answer := self._server.answer(data, "udp")) is not None:
            self._transport.sendto(answer, addr)


def _rrset(name: dns.name.Name, kind: str, values: Sequence[Value]) -> dns.rrset.RRset:
    texts = [_text(value) if kind == "TXT" else str(value) for value in values]
    return dns.rrset.from_text(name, 300, dns.rdataclass.IN, dns.rdatatype.from_text(kind), *texts)


def _text(value: Value) -> str:
    """In presentation format: strings in quotes, cut to the 255 octets that one may have."""
    strings = [value[i : i + 255] for i in range(0, len(value), 255)] if isinstance(value, str) else value
    quoted = (string.replace("\\", "\\\\").replace('"', '\\"') for string in strings)
    return " ".join(f'"{string}"' for string in quoted)
