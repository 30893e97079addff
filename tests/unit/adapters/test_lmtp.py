"""The LMTP server, as the mail server that talks to it sees it."""

from __future__ import annotations

import asyncio
import gc
import logging
import smtplib
import socket
import struct
import threading
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from digest.adapters.lmtp import ERRORS, LmtpServer
from digest.errors import DigestError
from digest.ports import MAIL_KEPT, Mail, Reception

A_MESSAGE = b"From: mina@council.example\r\nSubject: hi\r\n\r\n.dots\r\n..stay\r\n"
LARGE = 24_000_000


@dataclass
class Office:
    """Whom the server hands messages to: it knows everybody but strangers."""

    verdicts: dict[str, Reception] = field(default_factory=dict)
    mails: list[Mail] = field(default_factory=list)
    hold: asyncio.Event | None = None
    trouble: Exception | None = None
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    def ours(self, address: str) -> bool:
        return not address.startswith("stranger")

    async def receive(self, mail: Mail) -> Reception:
        self.begun.set()
        if self.trouble is not None:
            raise self.trouble
        if self.hold is not None:
            await self.hold.wait()
        self.mails.append(mail)
        return self.verdicts.get(mail.sent_to, Reception.TAKEN)


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
async def server(office: Office) -> AsyncIterator[LmtpServer]:
    async with LmtpServer(office, host="127.0.0.1", port=0, max_bytes=LARGE) as server:
        yield server


class Dialogue:
    """A client that says line by line what a test wants said."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._file = self._socket.makefile("rb")

    def hears(self) -> str:
        lines = []
        while (line := self._file.readline().decode().rstrip()) and line[3:4] == "-":
            lines.append(line)
        return "\n".join([*lines, line])

    def says(self, line: str, answers: int = 1) -> list[str]:
        self._socket.sendall(line.encode() + b"\r\n")
        return [self.hears() for _ in range(answers)]

    def close(self) -> None:
        self._file.close()
        self._socket.close()


@contextmanager
def dialogue(port: int) -> Iterator[Dialogue]:
    it = Dialogue(port)
    it.hears()
    it.says("LHLO relay.test")
    try:
        yield it
    finally:
        it.close()


def hand_over(port: int, content: bytes = A_MESSAGE, to: str = "join@digest.example.org") -> None:
    with smtplib.LMTP("127.0.0.1", port) as client:
        client.sendmail("mina@council.example", [to], content)


async def test_a_message_arrives_to_the_octet_and_with_its_envelope(
    server: LmtpServer, office: Office
) -> None:
    await asyncio.to_thread(hand_over, server.port)

    assert office.mails == [
        Mail(sent_from="mina@council.example", sent_to="join@digest.example.org", content=A_MESSAGE)
    ]


async def test_each_recipient_gets_an_answer_of_its_own(server: LmtpServer, office: Office) -> None:
    """RFC 2033 section 4.2."""
    office.verdicts = {"b@x.example": Reception.LATER}

    def talk() -> list[str]:
        with dialogue(server.port) as it:
            it.says("MAIL FROM:<mina@council.example>")
            refused = it.says("RCPT TO:<stranger@x.example>")
            for name in "abc":
                it.says(f"RCPT TO:<{name}@x.example>")
            it.says("DATA")
            return [*refused, *it.says("Subject: hi\r\n\r\nyes\r\n.", answers=3), *it.says("NOOP")]

    said = await asyncio.to_thread(talk)

    assert [line[:9] for line in said] == ["550 5.1.1", "250 2.0.0", "451 4.3.0", "250 2.0.0", "250 OK"]
    assert [mail.sent_to[0] for mail in office.mails] == ["a", "b", "c"]


async def test_a_bounces_empty_return_path_is_taken(server: LmtpServer, office: Office) -> None:
    def talk() -> None:
        with dialogue(server.port) as it:
            assert it.says("MAIL FROM:<> BODY=8BITMIME SIZE=100")[0].startswith("250")
            assert it.says("RCPT TO:<bounces+1@digest.example.org>")[0].startswith("250 2.1.5")
            it.says("DATA")
            it.says("Subject: returned\r\n\r\nyes\r\n.")

    await asyncio.to_thread(talk)

    assert office.mails[0].sent_from == ""


async def test_what_is_too_big_is_refused_for_each_recipient_and_the_connection_goes_on(
    server: LmtpServer, office: Office
) -> None:
    def talk() -> list[str]:
        with dialogue(server.port) as it:
            early = it.says(f"MAIL FROM:<a@x.example> SIZE={LARGE + 1}")
            it.says("MAIL FROM:<a@x.example>")
            it.says("RCPT TO:<a@x.example>")
            it.says("RCPT TO:<b@x.example>")
            it.says("DATA")
            late = it.says("x" * 70 + "\r\n" + ("y" * 98 + "\r\n") * (LARGE // 100) + ".", answers=2)
            return [*early, *late, *it.says("NOOP")]

    said = await asyncio.to_thread(talk)

    assert [line[:9] for line in said] == ["552 5.3.4", "552 5.3.4", "552 5.3.4", "250 OK"]
    assert office.mails == []


async def test_of_twenty_megabytes_the_beginning_is_kept_and_the_rest_counted(
    server: LmtpServer, office: Office
) -> None:
    big = A_MESSAGE + (b"z" * 998 + b"\r\n") * 20_000

    await asyncio.to_thread(hand_over, server.port, big)

    (mail,) = office.mails
    assert mail.content == big[: len(mail.content)]
    assert MAIL_KEPT - 10 < len(mail.content) <= MAIL_KEPT
    assert mail.left_out + len(mail.content) in range(len(big), len(big) + 10)  # the client doubles dots


async def test_many_large_messages_at_once_take_little_memory(server: LmtpServer, office: Office) -> None:
    """What is kept is bounded while the messages arrive, however large they are."""
    office.hold = asyncio.Event()

    def talk() -> None:
        with dialogue(server.port) as it:
            it.says("MAIL FROM:<a@x.example>\r\nRCPT TO:<a@x.example>\r\nDATA", answers=3)
            for _ in range(8_000):
                it._socket.sendall(LINE)
            it.says(".")

    LINE = b"z" * 998 + b"\r\n"  # noqa: N806
    tracemalloc.start()
    try:
        talking = asyncio.gather(*(asyncio.to_thread(talk) for _ in range(4)))
        await office.begun.wait()
        office.hold.set()
        await talking
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert [mail.left_out + len(mail.content) for mail in office.mails] == [8_000_000] * 4
    assert most < 4 * 4 * MAIL_KEPT


async def test_lines_longer_than_mail_may_have_are_taken_too(server: LmtpServer, office: Office) -> None:
    long = A_MESSAGE + b"<p>" + b"w" * 100_000 + b"\r\n"

    await asyncio.to_thread(hand_over, server.port, long)

    assert office.mails[0].content == long


async def test_smtps_greetings_are_not_for_this_port(server: LmtpServer) -> None:
    """RFC 2033 section 4.1."""

    def talk() -> list[str]:
        with dialogue(server.port) as it:
            return [*it.says("EHLO relay.test"), *it.says("LHLO relay.test")]

    smtp, lmtp = await asyncio.to_thread(talk)

    assert smtp.startswith("500")
    assert {"250-PIPELINING", "250-ENHANCEDSTATUSCODES", "250-8BITMIME"} <= set(lmtp.split("\n"))


async def test_commands_may_come_all_at_once(server: LmtpServer, office: Office) -> None:
    def talk() -> list[str]:
        with dialogue(server.port) as it:
            said = it.says("MAIL FROM:<a@x.example>\r\nRCPT TO:<a@x.example>\r\nDATA", answers=3)
            return [*said, *it.says("Subject: hi\r\n\r\nyes\r\n.\r\nQUIT", answers=2)]

    assert [line[:3] for line in await asyncio.to_thread(talk)] == ["250", "250", "354", "250", "221"]
    assert len(office.mails) == 1


async def test_a_message_under_way_is_dealt_with_before_the_server_ends(office: Office) -> None:
    office.hold = asyncio.Event()
    async with LmtpServer(office, host="127.0.0.1", port=0, max_bytes=LARGE) as server:
        handing = asyncio.create_task(asyncio.to_thread(hand_over, server.port))
        await office.begun.wait()
        asyncio.get_running_loop().call_soon(office.hold.set)

    await handing
    assert len(office.mails) == 1


async def test_a_connection_cut_in_the_middle_of_a_message_leaves_nothing(
    server: LmtpServer, office: Office
) -> None:
    def talk() -> None:
        with dialogue(server.port) as it:
            it.says("MAIL FROM:<a@x.example>")
            it.says("RCPT TO:<a@x.example>")
            it.says("DATA")
            it._socket.sendall(b"Subject: half\r\n\r\nof a mess")

    await asyncio.to_thread(talk)
    await asyncio.to_thread(hand_over, server.port)

    assert [mail.content for mail in office.mails] == [A_MESSAGE]


async def test_no_address_is_logged(
    server: LmtpServer, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await asyncio.to_thread(hand_over, server.port)

    assert len(office.mails) == 1
    assert "@" not in caplog.text


async def test_a_port_that_is_taken_is_named(server: LmtpServer, office: Office) -> None:
    with pytest.raises(DigestError, match=f"127.0.0.1:{server.port} for mail"):
        async with LmtpServer(office, host="127.0.0.1", port=server.port, max_bytes=LARGE):
            pass


async def test_what_goes_wrong_with_us_loses_no_message_and_keeps_the_replies_in_step(
    server: LmtpServer, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.trouble = RuntimeError("mina@council.example is too much for us")

    def talk() -> list[str]:
        with dialogue(server.port) as it:
            it.says("MAIL FROM:<mina@council.example>")
            for name in "ab":
                it.says(f"RCPT TO:<{name}@x.example>")
            it.says("DATA")
            return [*it.says("Subject: hi\r\n\r\nyes\r\n.", answers=2), *it.says("NOOP")]

    with caplog.at_level(logging.INFO):
        said = await asyncio.to_thread(talk)

    assert [line[:9] for line in said] == ["451 4.3.0", "451 4.3.0", "250 OK"]
    assert "RuntimeError" in str([vars(record) for record in caplog.records])
    assert "mina@" not in str([vars(record) for record in caplog.records])


@pytest.mark.parametrize("line", ["MAIL FROM:<a@b.example> SIZE=²", "RCPT TO:<trouble@x.example>"])
async def test_a_command_that_is_too_much_for_us_is_not_refused_for_good_and_quotes_nothing(
    server: LmtpServer, office: Office, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    def ours(address: str) -> bool:
        raise RuntimeError(address)

    monkeypatch.setattr(office, "ours", ours)

    def talk() -> list[str]:
        with dialogue(server.port) as it:
            if line.startswith("RCPT"):
                it.says("MAIL FROM:<mina@council.example>")
            return it.says(line)

    assert await asyncio.to_thread(talk) == ["451 4.3.0 trouble of our own, try again later"]


async def test_a_client_that_is_out_of_step_has_none_of_its_message_logged(
    server: LmtpServer, caplog: pytest.LogCaptureFixture
) -> None:
    def talk() -> None:
        with dialogue(server.port) as it:
            it.says("mina@council.example wrote to us")

    with caplog.at_level(logging.INFO):
        await asyncio.to_thread(talk)

    assert "MINA@" not in caplog.text.upper()


async def test_recipients_beyond_a_hundred_are_to_come_later(server: LmtpServer, office: Office) -> None:
    def talk() -> list[str]:
        with dialogue(server.port) as it:
            it.says("MAIL FROM:<mina@council.example>")
            return [said for n in range(102) for said in it.says(f"RCPT TO:<join+{n}@x.example>")]

    said = await asyncio.to_thread(talk)

    assert [line[:3] for line in said] == ["250"] * 100 + ["452"] * 2


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r"])
async def test_nothing_but_a_dot_between_whole_line_ends_ends_a_message(
    server: LmtpServer, office: Office, end: bytes
) -> None:
    """What some servers take for the end would let a second message be smuggled in."""
    smuggled = b"MAIL FROM:<>\r\nRCPT TO:<leave@x.example>\r\nDATA\r\nhello\r\n"

    def talk() -> None:
        with (
            socket.create_connection(("127.0.0.1", server.port), timeout=30) as it,
            it.makefile("rb") as file,
        ):
            it.sendall(b"LHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<join@x.example>\r\nDATA\r\n")
            it.sendall(b"text" + end + smuggled + b".\r\nQUIT\r\n")
            file.read()

    await asyncio.to_thread(talk)

    assert [mail.sent_to for mail in office.mails] == ["join@x.example"]
    assert b"RCPT TO:<leave@x.example>" in office.mails[0].content


@pytest.mark.parametrize(
    "content", [b"", b".\r\n", b"\r\n", b"..\r\n.\r\n", b"a.\r\n.b\r\n", b"." * 70_000 + b"\r\n"]
)
async def test_messages_of_dots_arrive_to_the_octet(
    server: LmtpServer, office: Office, content: bytes
) -> None:
    """RFC 5321 section 4.5.2."""

    def talk() -> None:
        with dialogue(server.port) as it:
            it.says("MAIL FROM:<a@x.example>\r\nRCPT TO:<a@x.example>\r\nDATA", answers=3)
            stuffed = b"\r\n".join(b"." + one if one[:1] == b"." else one for one in content.split(b"\r\n"))
            it._socket.sendall(stuffed)
            assert it.says(".") == ["250 2.0.0 taken"]

    await asyncio.to_thread(talk)

    assert [mail.content for mail in office.mails] == [content]


async def test_a_connection_too_many_is_told_to_come_again(office: Office) -> None:
    def talk(port: int) -> tuple[str, str]:
        with dialogue(port), dialogue(port) as second:
            third = Dialogue(port)
            crowded = third.hears()
            assert third._file.read() == b""
            third.close()
            second.says("QUIT")
            assert second._file.read() == b""
            with dialogue(port) as fourth:
                return crowded, fourth.says("NOOP")[0]

    async with LmtpServer(office, host="127.0.0.1", port=0, max_bytes=LARGE, connections=2) as server:
        crowded, after = await asyncio.to_thread(talk, server.port)

    assert crowded.startswith("421 4.3.2")
    assert after.startswith("250")


def test_the_loop_of_the_service_turns_away_and_closes_as_well(office: Office) -> None:
    """`digest run` is on uvloop, whose transports are of no class of asyncio's."""
    uvloop = pytest.importorskip("uvloop")

    async def served() -> tuple[bytes, bytes]:
        async with LmtpServer(office, host="127.0.0.1", port=0, max_bytes=LARGE, connections=1) as server:
            first, held = await asyncio.open_connection("127.0.0.1", server.port)
            await first.readline()
            second, crowded = await asyncio.open_connection("127.0.0.1", server.port)
            async with asyncio.timeout(5):
                said = await second.read()
            crowded.close()
        async with asyncio.timeout(5):
            rest = await first.read()
        held.close()
        return said, rest

    said, rest = uvloop.run(served())

    assert said.startswith(b"421 4.3.2")
    assert rest == b""


@pytest.mark.parametrize("said", [[], ["MAIL FROM:<a@x.example>\r\nRCPT TO:<a@x.example>\r\nDATA\r\nhalf"]])
async def test_a_client_that_falls_silent_is_cut_off(office: Office, said: list[str]) -> None:
    def talk(port: int) -> None:
        with dialogue(port) as it:
            for line in said:
                it.says(line, answers=3)
            assert it._file.read() == b"", "the server closes"

    async with LmtpServer(office, host="127.0.0.1", port=0, max_bytes=LARGE, idle=0.2) as server:
        await asyncio.to_thread(talk, server.port)

    assert office.mails == []


async def test_a_client_that_only_makes_mistakes_is_sent_off(server: LmtpServer) -> None:
    def talk() -> str:
        with dialogue(server.port) as it:
            it.says("MAIL FROM:<a@x.example>")
            said = [it.says("RCPT TO:<stranger@x.example>")[0] for _ in range(ERRORS)]
            assert it._file.read() == b""
            return said[-1]

    assert (await asyncio.to_thread(talk)).startswith("421 4.7.0")


@pytest.mark.parametrize(
    "said", ["", "MAIL FROM:<a@x", "MAIL FROM:<a@x.example>\r\nRCPT TO:<a@x.example>\r\nDATA\r\nhalf"]
)
async def test_a_connection_that_breaks_costs_no_line_in_the_log(
    server: LmtpServer, office: Office, caplog: pytest.LogCaptureFixture, said: str
) -> None:
    def talk() -> None:
        with dialogue(server.port) as it:
            it._socket.sendall(said.encode())
            it._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # by RST

    await asyncio.to_thread(talk)
    await asyncio.to_thread(hand_over, server.port)
    gc.collect()  # asyncio names errors that nobody asked for when their task is forgotten

    assert caplog.records == []


async def test_a_client_that_leaves_before_its_answer_costs_no_line_in_the_log(
    server: LmtpServer, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.hold = asyncio.Event()

    def talk() -> None:
        with dialogue(server.port) as it:
            it.says("MAIL FROM:<a@x.example>\r\nRCPT TO:<a@x.example>\r\nDATA", answers=3)
            it._socket.sendall(A_MESSAGE + b".\r\n")
            assert left.wait(30)
            it._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    left = threading.Event()
    talking = asyncio.create_task(asyncio.to_thread(talk))
    await office.begun.wait()
    left.set()
    await talking
    office.hold.set()
    await asyncio.to_thread(hand_over, server.port)
    gc.collect()

    assert caplog.records == []
