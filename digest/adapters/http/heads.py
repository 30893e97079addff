"""Connections that mend the heads of answers before aiohttp reads them.

Some servers and proxies give the length of a body twice. RFC 9110 section 8.6 lets a client take lengths that
are all the same for one; aiohttp's parser refuses them, and has no setting for it.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Final, cast

import aiohttp
from aiohttp.client_proto import ResponseHandler

_LONGEST_HEAD: Final = 512 * 1024  # octets held back; a longer head is left to aiohttp, which refuses it
_END: Final = re.compile(rb"\r?\n\r?\n")
_LENGTH: Final = re.compile(rb"^content-length[ \t]*:([^\r\n]*)\r?\n", re.IGNORECASE | re.MULTILINE)
_INTERIM: Final = re.compile(rb"HTTP/\S+ 1(?!01)\d\d\b")  # another head follows; none follows 101


def mended(head: bytes) -> bytes:
    """A head in which equal lengths of the body are one; unequal ones are left for the parser to refuse."""
    lines = _LENGTH.findall(head)
    values = [value.strip() for line in lines for value in line.split(b",")]
    if len(values) < 2 or not all(value.isdigit() for value in values) or len(set(map(int, values))) > 1:
        return head
    once = iter([b"Content-Length: " + values[0] + b"\r\n"])
    return _LENGTH.sub(lambda _: next(once, b""), head)


class _Connection(ResponseHandler):
    """Holds the head of an answer back until it is whole."""

    _head: bytearray | None = None  # None: it was passed on

    def set_response_params(self, **params: Any) -> None:
        """Called before each request; the next octets are a head."""
        self._head = bytearray()
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        if self._head is None:
            super().data_received(data)
            return
        self._head += data
        while (end := _END.search(self._head)) is not None:
            head, rest = mended(bytes(self._head[: end.end()])), self._head[end.end() :]
            if not _INTERIM.match(head):
                self._head = None
                super().data_received(head + rest)
                return
            self._head = rest
            super().data_received(head)
        if len(self._head) > _LONGEST_HEAD:
            self._pass_on()

    def eof_received(self) -> None:
        self._pass_on()
        super().eof_received()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._pass_on()
        super().connection_lost(exc)

    def _pass_on(self) -> None:
        held, self._head = self._head, None
        if held:
            super().data_received(bytes(held))


def mending(connector: aiohttp.BaseConnector) -> aiohttp.BaseConnector:
    """The same connector, whose connections mend the heads of answers."""
    # aiohttp gives no other way to choose the class of a connection.
    connector._factory = cast("Any", partial(_Connection, loop=connector._loop))  # noqa: SLF001
    return connector
