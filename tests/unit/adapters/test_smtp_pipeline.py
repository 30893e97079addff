"""Replies by their order: one that nobody asked for settles nothing."""

from __future__ import annotations

import asyncio
from typing import cast

from digest.adapters.smtp.pipeline import Dialogue


class Wire(asyncio.Transport):
    """A transport that goes nowhere."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closing = False

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None: ...

    def resume_reading(self) -> None: ...

    def is_closing(self) -> bool:
        return self.closing

    def write(self, data: object) -> None:
        self.written += cast("bytes", data)

    def close(self) -> None:
        self.closing = True

    def abort(self) -> None:
        self.closing = True


async def test_a_reply_too_many_is_not_taken_for_the_next_messages() -> None:
    """It came in one packet with the last that was asked for; as an answer it would settle the next."""
    wire = Wire()
    dialogue = Dialogue(wire)
    dialogue.write(b"MAIL\r\nRCPT\r\nDATA\r\n", 3)
    dialogue.data_received(b"250 ok\r\n250 ok\r\n354 go on\r\n250 a word too many\r\n")
    assert [(await dialogue.reply(1)).code for _ in range(3)] == [250, 250, 354]

    dialogue.write(b"the content\r\n.\r\n", 1)

    assert (await dialogue.reply(1)).code is None
    assert b"content" not in wire.written
    assert dialogue.lost
