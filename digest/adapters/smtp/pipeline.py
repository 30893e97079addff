"""One SMTP connection after its greeting, TLS and login: commands out, replies back in order.

The SMTP library connects, secures, greets and logs in; then this module takes over its transport. The library
waits for each reply before the next command, and does not tell a refusal of DATA from one of the content.
With PIPELINING (RFC 2920) a message takes one round trip: the content and the next envelope are sent
together, as DATA may end a group of commands and the end of the content may begin one.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from typing import Final

from digest.adapters.smtp.replies import Reply

LONGEST_REPLY: Final = 32_768
"""Octets of one reply with all its lines; after more the connection is cut."""

CHECK_EVERY: Final = 1.0
"""Seconds between checks for an overdue reply; a timer for each reply would cost more than its message."""

_MARKS: Final = frozenset({b" ", b"-", b"", b"\t", b"\r"})
_WHOLE: Final = re.compile(rb"(?:[0-9]{3} [^\r\n]*\r\n)+")
"""Replies of one line each and nothing else, as nearly all packets are."""


class Dialogue(asyncio.Protocol):
    """The replies in their order. After any trouble every further reply is `Reply(code=None)`."""

    def __init__(self, transport: asyncio.Transport) -> None:
        """Takes the transport over from the protocol that it has."""
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._replies: deque[bytes] = deque()  # code, a mark, and the text of all lines
        self._partial = b""
        self._lines: list[bytes] = []
        self._waiter: asyncio.Future[None] | None = None
        self._deadline = 0.0
        self._watch: asyncio.TimerHandle | None = None
        self._trouble: Reply | None = None
        self.outstanding = 0
        """Replies to commands sent that were not read yet."""
        transport.set_protocol(self)
        transport.resume_reading()

    @property
    def lost(self) -> bool:
        return self._trouble is not None or self._transport.is_closing()

    def write(self, octets: bytes, replies: int) -> bool:
        """Send commands that bring so many replies. False if the connection is lost: none of it is sent."""
        if self._replies and not self.outstanding:
            self._fail_unasked()  # it came in one packet with the last reply that we expected
        if self.lost:
            return False
        self.outstanding += replies
        self._transport.write(octets)
        return True

    def passed(self, kinds: bytes) -> bool:
        """Whether the next replies are there and begin with these digits; then they are taken off."""
        replies = self._replies
        if len(replies) < len(kinds):
            return False
        for reply, kind in zip(replies, kinds, strict=False):
            if reply[0] != kind:
                return False
        for _ in kinds:
            replies.popleft()
        self.outstanding -= len(kinds)
        return True

    def ready(self) -> Reply | None:
        """The next reply if it is there already."""
        return self._next() if self._replies else self._trouble

    async def reply(self, within: float) -> Reply:
        """The next reply; after `within` seconds without one the connection counts as lost."""
        if not self._replies and self._trouble is None:
            self._deadline = self._loop.time() + within
            if self._watch is None or within < CHECK_EVERY:
                self._look_again(min(within, CHECK_EVERY))
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._next() if self._replies or self._trouble is None else self._trouble

    def abort(self) -> None:
        """Hang up at once. What was not written yet is never sent."""
        self._fail("the connection was cut")
        # `close` would first flush to a relay that may never read again.
        self._transport.abort()

    # -- asyncio.Protocol -------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        if not self._partial and not self._lines and self._trouble is None and _WHOLE.fullmatch(data):
            self._replies.extend(data[:-2].split(b"\r\n"))
        else:
            self._take_lines(data)
        if not self.outstanding and self._replies:
            self._fail_unasked()
        waiter = self._waiter
        if waiter is not None and self._replies and not waiter.done():
            waiter.set_result(None)

    def eof_received(self) -> bool:
        self._fail("the relay closed the connection")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(f"the connection was lost: {exc}" if exc else "the connection was lost")

    # -- within -----------------------------------------------------------------------------------------

    def _next(self) -> Reply:
        self.outstanding -= 1
        reply = self._replies.popleft()
        return Reply(int(reply[:3]), reply[4:].strip().decode("utf-8", "surrogateescape"))

    def _take_lines(self, data: bytes) -> None:
        lines = (self._partial + data).split(b"\n")
        self._partial = lines.pop()
        for line in lines:
            if self._trouble is not None:
                return  # out of step: it is unknown which command any later line belongs to
            self._take(line)
        if (self._lines or self._partial) and self._size() > LONGEST_REPLY:
            self._fail("a reply without end")

    def _take(self, line: bytes) -> None:
        code, mark = line[:3], line[3:4]
        if not code.isdigit() or mark not in _MARKS:
            said = line[:200].decode("utf-8", "surrogateescape")
            self._fail(f"not a reply: {said}")
        elif mark == b"-":
            self._lines.append(line)
        else:
            self._replies.append(code + b" " + b"\n".join(own[4:].strip() for own in (*self._lines, line)))
            self._lines.clear()

    def _size(self) -> int:
        return sum(map(len, self._lines)) + len(self._partial)

    def _wake(self) -> None:
        if (
            self._waiter is not None
            and not self._waiter.done()
            and (self._replies or self._trouble is not None)
        ):
            self._waiter.set_result(None)

    def _fail(self, why: str) -> None:
        if self._trouble is None:
            self._trouble = Reply(code=None, text=why)
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        self._wake()

    def _fail_unasked(self) -> None:
        # Taken for the answer to the next message, it would settle the wrong delivery.
        self._fail(f"the relay spoke unasked: {self._next().text}")
        self._replies.clear()
        self._transport.close()

    def _look_again(self, after: float) -> None:
        if self._watch is not None:
            self._watch.cancel()
        self._watch = self._loop.call_later(after, self._look)

    def _look(self) -> None:
        self._watch = None
        if self._waiter is None:
            return
        left = self._deadline - self._loop.time()
        if left <= 0:
            self._fail("no reply in time")
        else:
            self._look_again(min(left, CHECK_EVERY))
