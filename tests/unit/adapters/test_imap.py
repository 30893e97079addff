"""The envelope of a message in a mailbox: what its server noted, and nothing that anybody else wrote."""

from __future__ import annotations

import pytest

from digest.adapters.imap import mail_in

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
