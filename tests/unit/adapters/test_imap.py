"""The envelope of a message in a mailbox: what its server noted, and nothing that anybody else wrote."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from servers import imap
from servers.imap import Mailbox

from digest.adapters.imap import MOST, ImapMailbox, ImapOptions, mail_in
from digest.errors import MailboxError
from digest.ports import MAIL_KEPT, Mail, Reception
from digest.settings import Tls

RECEIVED = b"Received: from mx by imap; Tue, 3 Mar 2020 12:00:00 +0000\r\n"
WRITTEN = b"From: mina@council.example\r\nTo: noon@digest.example.org\r\n\r\nhello\r\n"


@pytest.mark.parametrize(
    ("trace", "to", "sender"),
    [
        pytest.param(
            b"Return-Path: <mina@council.example>\r\nDelivered-To: join@d.example\r\n" + RECEIVED,
            "join@d.example",
            "mina@council.example",
            id="Dovecot",
        ),
        pytest.param(
            b"Return-Path: <>\r\nX-Original-To: bounces+1@d.example\r\nDelivered-To: box@d.example\r\n"
            + RECEIVED,
            "bounces+1@d.example",
            "",
            id="Postfix, through an alias",
        ),
        pytest.param(
            b"Return-path: <a@x.example>\r\nEnvelope-to: join@d.example\r\nDelivery-date: today\r\n"
            + RECEIVED,
            "join@d.example",
            "a@x.example",
            id="Exim",
        ),
        pytest.param(
            b"Delivered-To: box@d.example\r\n" + RECEIVED + b"Return-Path: <a@x.example>\r\n" + RECEIVED,
            "box@d.example",
            "a@x.example",
            id="the return path further down",
        ),
    ],
)
def test_the_envelope_is_read_from_the_top(trace: bytes, to: str, sender: str) -> None:
    mail = mail_in(trace + WRITTEN)

    assert mail is not None
    assert (mail.sent_to, mail.sent_from, mail.content) == (to, sender, trace + WRITTEN)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(RECEIVED + b"Delivered-To: bounces+1@d.example\r\n" + WRITTEN, id="below the trace"),
        pytest.param(RECEIVED + WRITTEN, id="To is no envelope"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"Subject: hi\r\n\r\nDelivered-To: a@d.example\r\n", id="in the body"),
    ],
)
def test_without_the_servers_word_there_is_no_envelope(content: bytes) -> None:
    assert mail_in(content) is None


def test_a_message_without_a_return_path_is_answered_by_nobody() -> None:
    mail = mail_in(b"Delivered-To: join@d.example\r\n" + RECEIVED + WRITTEN)

    assert mail is not None
    assert mail.sent_from == ""


# -- a server that misbehaves ---------------------------------------------------------------------------


@dataclass
class Office:
    """Whom the mailbox hands messages to."""

    names: list[str] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)

    def ours(self, address: str) -> bool:
        return address.endswith("@d.example")

    async def receive(self, mail: Mail) -> Reception:
        self.mails.append(mail)
        self.names.append(mail.sent_to.partition("@")[0])
        return Reception.TAKEN


@pytest.fixture
async def server() -> AsyncIterator[Mailbox]:
    async with imap.running() as it:
        it.messages = {uid: a_message(f"join+{uid}") for uid in (1, 2, 3)}
        yield it


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def mailbox(server: Mailbox, office: Office) -> ImapMailbox:
    return ImapMailbox(options(server.port), office)


def options(port: int) -> ImapOptions:
    return ImapOptions(
        host="127.0.0.1",
        port=port,
        tls=Tls.NONE,
        username="digest",
        password="secret",
        folder="INBOX",
        handled="Digest",
        timeout=10.0,
    )


def a_message(name: str) -> bytes:
    to = f"Return-Path: <mina@council.example>\r\nDelivered-To: {name}@d.example\r\n"
    return to.encode() + RECEIVED + WRITTEN


async def test_a_message_that_the_server_does_not_give_is_named_and_the_rest_goes_on(
    server: Mailbox, office: Office, mailbox: ImapMailbox, caplog: pytest.LogCaptureFixture
) -> None:
    server.refuses_fetch = {1}

    with caplog.at_level(logging.INFO), pytest.raises(MailboxError, match="1 of its messages"):
        await mailbox.look()

    assert office.names == ["join+2", "join+3"]
    assert server.moved == [2, 3]
    assert [vars(record)["uid"] for record in caplog.records if "refuses" in record.message] == ["1"]

    server.refuses_fetch = set()
    assert await mailbox.look() == 1
    assert office.names[-1] == "join+1"


async def test_what_the_server_refuses_keeps_nothing_new_waiting(
    server: Mailbox, office: Office, mailbox: ImapMailbox
) -> None:
    damaged = range(1, MOST + 1)
    server.messages = {uid: a_message("join") for uid in damaged}
    server.refuses_fetch = set(damaged)
    with pytest.raises(MailboxError):
        await mailbox.look()
    server.messages[MOST + 1] = a_message("leave")

    with pytest.raises(MailboxError):
        await mailbox.look()

    assert office.names == ["leave"]


async def test_what_cannot_be_moved_is_not_dealt_with_again(
    server: Mailbox, office: Office, mailbox: ImapMailbox
) -> None:
    server.refuses_move = {1}
    for _ in range(2):
        with pytest.raises(MailboxError, match="1 of its messages"):
            await mailbox.look()
    server.refuses_move = set()
    assert await mailbox.look() == 1

    assert office.names == ["join+1", "join+2", "join+3"]
    assert server.moved == [2, 3, 1]


async def test_a_line_that_drops_in_the_middle_of_a_message_leaves_it_for_the_next_look(
    server: Mailbox, office: Office, mailbox: ImapMailbox
) -> None:
    server.drops_in_fetch = {2}
    with pytest.raises(MailboxError):
        await mailbox.look()

    assert await mailbox.look() == 2
    assert office.names == ["join+1", "join+2", "join+3"]


async def test_a_line_that_drops_before_a_message_is_moved_has_it_dealt_with_once(
    server: Mailbox, office: Office, mailbox: ImapMailbox
) -> None:
    server.drops_in_move = {2}
    with pytest.raises(MailboxError):
        await mailbox.look()

    assert await mailbox.look() == 2
    assert office.names == ["join+1", "join+2", "join+3"]


async def test_after_the_folder_was_renumbered_no_message_is_taken_for_another(
    server: Mailbox, office: Office, mailbox: ImapMailbox
) -> None:
    server.messages = {1: WRITTEN, 2: WRITTEN, 3: a_message("join")}
    server.refuses_move = {3}
    with pytest.raises(MailboxError):
        await mailbox.look()
    server.refuses_move = set()
    server.messages = {7: a_message("leave"), 8: a_message("help"), 9: a_message("join+9")}
    server.renumber()

    assert await mailbox.look() == 3
    assert office.names == ["join", "leave", "help", "join+9"]


async def test_of_a_large_message_the_beginning_is_fetched_and_the_rest_counted(
    server: Mailbox, office: Office, mailbox: ImapMailbox
) -> None:
    large = a_message("join") + b"x" * 3 * MAIL_KEPT
    server.messages = {1: large}

    await mailbox.look()

    (mail,) = office.mails
    assert mail.content == large[:MAIL_KEPT]
    assert mail.left_out == len(large) - MAIL_KEPT
