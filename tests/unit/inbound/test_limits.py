"""Twenty megabytes, a million parts, endless nesting: only the beginning is looked at, and that is enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from recorded_messages import EXPECTED, OURS, raw, reading

from digest.inbound import Bounce, Command, parse_message, read_message
from digest.inbound.entity import DEPTH, FIELDS, LOOKED_AT, PARTS, TEXT, VALUE, Entity
from digest.smtp_verdicts import Verdict

MEGA = 1_000_000
HEAD = b"From: mina@council.example\r\nSubject: subscribe\r\n"
# Made when they are wanted: together they are 300 MB.
MANY: dict[str, Callable[[], bytes]] = {
    "a long line": lambda: HEAD + b"\r\n" + b"a" * 20 * MEGA,
    "base64": lambda: HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"QUFB\r\n" * (20 * MEGA // 6),
    "one header": lambda: HEAD + b"X-Long: " + b"a" * 20 * MEGA,
    "folded lines": lambda: HEAD + b"X-Long: a\r\n" + b" b\r\n" * (20 * MEGA // 4),
    "many headers": lambda: HEAD + b"X-Short: a\r\n" * (20 * MEGA // 12),
    "parts": lambda: (
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\n\nx\n" * (20 * MEGA // 7)
    ),
    "levels": lambda: HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * (20 * MEGA // 46),
    "messages in messages": lambda: HEAD + b"Content-Type: message/rfc822\n\n" * (20 * MEGA // 30),
    "dashes": lambda: HEAD + b"Content-Type: multipart/mixed; boundary=-\n\n" + b"-" * 20 * MEGA,
    "brackets": lambda: HEAD + b"Content-Type: text/html\n\n" + b"<" * 20 * MEGA,
    "scripts": lambda: HEAD + b"Content-Type: text/html\n\n" + b"<script " * (20 * MEGA // 8),
    "semicolons": lambda: HEAD + b"Content-Type: text/plain" + b';"' * (10 * MEGA),
    "encoded words": lambda: HEAD + b"Subject: " + b"=?utf-8?q?a?= " * MEGA,
    "addresses": lambda: b"From: " + b"(" * MEGA + b"<a@b.example>, " * MEGA,
    "quotes": lambda: HEAD + b"Subject: Re: a\r\n\r\n" + b"On " * (20 * MEGA // 3),
}


def every(entity: Entity, depth: int = 0) -> Iterator[tuple[Entity, int]]:
    yield entity, depth
    for part in entity.parts:
        yield from every(part, depth + 1)


@pytest.mark.parametrize("kind", MANY)
def test_only_so_much_is_looked_at(kind):
    whole = parse_message(MANY[kind]())
    entities = list(every(whole))

    assert len(entities) <= PARTS
    assert max(depth for _, depth in entities) <= DEPTH
    assert sum(len(entity.body) for entity, _ in entities) <= LOOKED_AT * (DEPTH + 1)
    for entity, _ in entities:
        assert len(entity.fields) <= FIELDS
        assert all(len(value) <= VALUE for _, value in entity.fields)
        assert len(entity.content()) <= TEXT


@pytest.mark.parametrize("kind", MANY)
@pytest.mark.parametrize("name", ["dsn-postfix-unknown-user", "join-by-address", "help-by-subject"])
def test_what_comes_later_changes_nothing(kind, name):
    octets = MANY[kind]()

    assert reading(name, octets) == reading(name, octets[:LOOKED_AT])


@pytest.mark.parametrize("name", [name for name in EXPECTED if name.startswith("dsn-gmail")])
def test_a_report_before_twenty_megabytes_of_the_message_is_read(name):
    found = reading(name, raw(name) + b"QUFB\r\n" * (20 * MEGA // 6))

    assert isinstance(found, Bounce)
    assert found.verdict == EXPECTED[name]["reading"]["verdict"]


def test_a_command_with_a_large_attachment_is_read():
    octets = HEAD + b"\r\n" + b"x" * 20 * MEGA
    found = read_message(
        octets, sent_to="join@digest.example.org", sent_from="mina@council.example", ours=OURS
    )

    assert isinstance(found, Command)


def test_of_a_report_on_ten_thousand_recipients_the_first_hundred_are_looked_at():
    """Each of our messages has one recipient: a report with many more is not about it, or is hostile."""
    failed = b"Final-Recipient: rfc822; a@x.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
    took_it = failed.replace(b"failed", b"delivered").replace(b"5.1.1", b"2.0.0")
    head = (
        b"From: MAILER-DAEMON@x.example\r\nContent-Type: multipart/report; boundary=b\r\n"
        b"\r\n--b\r\n\r\nhi\r\n--b\r\n"
        b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x.example\r\n\r\n"
    )
    envelope = {"sent_to": EXPECTED["dsn-postfix-unknown-user"]["to"], "sent_from": "", "ours": OURS}

    gone = read_message(head + failed * 10_000 + took_it, **envelope)
    spread = read_message(head + failed * 50 + took_it + failed * 10_000, **envelope)

    assert isinstance(gone, Bounce)
    assert isinstance(spread, Bounce)
    assert (gone.verdict, spread.verdict) == (Verdict.HARD, Verdict.ARRIVED)
