"""Whom a machine may answer, row by row (RFC 3834)."""

from __future__ import annotations

import pytest
from recorded_messages import OURS

from digest.inbound import AddressRole, OurAddresses, may_answer, parse_message
from digest.inbound.kinds import OurAddress

PERSON = "From: Mina Osei <mina@council.example>\r\nSubject: subscribe\r\n"

# fields, the envelope's sender, whether we may answer
TABLE = [
    ("", "mina@council.example", True),
    ("", "", False),
    ("", "<>", False),
    ("", " ", False),
    ("", "MAILER-DAEMON@council.example", False),
    ("", "postmaster@council.example", False),
    ("", "inspect-bounces@lists.example", False),
    ("", "owner-inspect@lists.example", False),
    ("", "inspect-request@lists.example", False),
    ("", "no-reply@shop.example", False),
    ("", "noreply@shop.example", False),
    ("", "noon@digest.example.org", False),
    ("", "bounces+0b4a68@digest.example.org", False),
    ("", "norman@council.example", True),
    ("", "abigail.bounces@council.example", True),
    ("Auto-Submitted: no", "mina@council.example", True),
    ("Auto-Submitted: No (a person)", "mina@council.example", True),
    ("Auto-Submitted: no; by=hand", "mina@council.example", True),
    ("Auto-Submitted: auto-generated", "mina@council.example", False),
    ("Auto-Submitted: auto-replied", "mina@council.example", False),
    ("Auto-Submitted: AUTO-NOTIFIED; owner-email=x", "mina@council.example", False),
    ("Auto-Submitted: (a robot) auto-replied", "mina@council.example", False),
    ("Auto-Submitted: (a person) no", "mina@council.example", True),
    ("Auto-Submitted: something-new", "mina@council.example", False),
    ("auto-submitted: auto-generated", "mina@council.example", False),
    ("Precedence: bulk", "mina@council.example", False),
    ("Precedence: List", "mina@council.example", False),
    ("Precedence: junk", "mina@council.example", False),
    ("Precedence: first-class", "mina@council.example", True),
    ("List-Id: <inspect.lists.example>", "mina@council.example", False),
    ("List-Unsubscribe: <mailto:x@lists.example>", "mina@council.example", False),
    ("List-Post: <mailto:x@lists.example>", "mina@council.example", False),
    ("Mailing-List: list x@lists.example", "mina@council.example", False),
    ("X-Auto-Response-Suppress: All", "mina@council.example", False),
    ("X-Auto-Response-Suppress: OOF, AutoReply", "mina@council.example", False),
    ("X-Auto-Response-Suppress: None", "mina@council.example", True),
    ("X-Autoreply: yes", "mina@council.example", False),
    ("X-Autorespond: away", "mina@council.example", False),
    ("X-Loop: x@lists.example", "mina@council.example", False),
    ("X-Failed-Recipients: x@council.example", "mina@council.example", False),
    ("Return-Path: <>", "mina@council.example", False),
    ("Return-Path: <mina@council.example>", "mina@council.example", True),
    ("Content-Type: multipart/report; report-type=delivery-status", "mina@council.example", False),
]


@pytest.mark.parametrize(("field", "sent_from", "allowed"), TABLE)
def test_whom_we_may_answer(field, sent_from, allowed):
    person = PERSON.replace("mina@council.example", sent_from) if allowed else PERSON
    fields = f"{person}{field}\r\n" if field else person
    mail = parse_message(f"{fields}\r\nHello".encode())

    assert may_answer(mail, sent_from=sent_from, ours=OURS) is allowed


@pytest.mark.parametrize(
    ("sender", "allowed"),
    [
        ("Mina Osei <mina@council.example>", True),
        ('"Osei, Mina" <mina@council.example>', True),
        ("mina@council.example (Mina)", True),
        ("mina@council.example, ola@council.example", False),
        ("a@council.example <b@elsewhere.example>", False),
        ("Mina", False),
        ("mina@", False),
        ("postmaster@council.example", False),
        ("Mail Delivery <MAILER-DAEMON@council.example>", False),
        ("noon@digest.example.org", False),
        ("help@digest.example.org", False),
    ],
)
def test_only_one_person_who_can_be_written_to_is_answered(sender, allowed):
    mail = parse_message(f"From: {sender}\r\nSubject: subscribe\r\n\r\n".encode())

    assert may_answer(mail, sent_from="mina@council.example", ours=OURS) is allowed


def test_a_header_too_long_to_be_read_whole_is_not_answered():
    """The sign that a machine wrote it might stand in what was not read."""
    mail = parse_message(PERSON.encode() + b"X-Trace: a\r\n" * 600 + b"\r\nHello")

    assert not may_answer(mail, sent_from="mina@council.example", ours=OURS)


@pytest.mark.parametrize("domain", ["bücher.example", "BÜCHER.example", "xn--bcher-kva.example"])
@pytest.mark.parametrize("ours", ["bücher.example", "xn--bcher-kva.example"])
def test_our_own_domain_is_known_however_it_is_written(domain, ours):
    """Mail servers write what is not ASCII as the DNS knows it: else every bounce would be a stranger's."""
    addresses = OurAddresses(bounces=f"bounces@{ours}", domain=ours, senders=frozenset({f"noon@{ours}"}))

    assert addresses.find(f"bounces+1@{domain}") == OurAddress(AddressRole.RETURNS, "bounces", "1")
    assert addresses.find(f"join@{domain}") == OurAddress(AddressRole.COMMAND, "join", "")
    assert addresses.is_sender(f"Noon@{domain}")
    assert addresses.find("join@books.example") is None


def test_an_address_of_newsletters_is_ours_if_its_source_is_known() -> None:
    ours = "b\u00fccher.example"
    addresses = OurAddresses(bounces=f"bounces@{ours}", domain=ours, newsletters=frozenset({"care-news"}))

    found = addresses.find("NEWS+Care-News@xn--bcher-kva.example")
    assert found == OurAddress(AddressRole.NEWSLETTERS, "news", "care-news")
    assert addresses.of_newsletters("care-news") == f"news+care-news@{ours}"
    for other in ("news@", "news+@", "news+other@", "news+care-news+x@"):
        assert addresses.find(f"{other}{ours}") is None
    assert addresses.find("news+care-news@elsewhere.example") is None
