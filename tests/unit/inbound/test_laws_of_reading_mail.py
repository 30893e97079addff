"""Laws of reading: for any octets, for any damage to a recorded message, in any envelope."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded_messages import EXPECTED, OURS, raw, reading

from digest.inbound import Bounce, Command, may_answer, parse_message, read_message

NAMES = sorted(EXPECTED)
TOKEN = "bounces+0b4a68000000002a757a64ba56023f@digest.example.org"
WITHOUT_TOKEN = [
    "bounces@digest.example.org",
    "bounces+@digest.example.org",
    "join@digest.example.org",
    "leave+AAAA@digest.example.org",
    "help@digest.example.org",
    "confirm+AAAA@digest.example.org",
    "noon@digest.example.org",
    "bounces+0b4a68@elsewhere.example",
    "",
]
addresses = st.sampled_from([TOKEN, *WITHOUT_TOKEN]) | st.text(max_size=30)
senders = st.sampled_from(["", "<>", "mina@council.example", "mailer-daemon@council.example"]) | st.text(
    max_size=20
)
SCRAPS = [
    b"\r\n\r\n",
    b"\0",
    b"\r",
    b"\xff\xfe",
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n",
    b"Content-Type: message/rfc822\r\n\r\n",
    b"Content-Type: text/plain; charset=punycode\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"From: a@b.example, c@d.example\r\n",
    b"Subject: =?utf-8?b?////?=\r\n",
    b'Content-Type: text/plain; charset*0="x; boundary="""',
    b"Feedback-Type: \r\n",
    "Subject: SUBSCRİBE\r\n".encode(),
    "unsubscrıbe\r\n".encode(),
    "unſubſcribe\r\n".encode(),
]
COMMANDS = [
    "subscribe",
    "join",
    "unsubscribe",
    "leave",
    "stop",
    "signoff",
    "opt-out",
    "opt out",
    "help",
    "confirm",
]
ALIKE = {"i": "İı", "s": "ſ", "k": "\N{KELVIN SIGN}"}
"""Letters that a pattern without regard to case takes for these."""


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A recorded message with pieces changed, cut, doubled, put in, or taken from another message."""
    octets = bytearray(raw(draw(st.sampled_from(NAMES)))[:20_000])
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(octets)))
        match draw(st.sampled_from(["flip", "cut", "insert", "scrap", "graft", "end"])):
            case "flip" if at < len(octets):
                octets[at] ^= draw(st.integers(1, 255))
            case "cut":
                del octets[at : at + draw(st.integers(1, 400))]
            case "insert":
                octets[at:at] = draw(st.binary(max_size=40))
            case "scrap":
                octets[at:at] = draw(st.sampled_from(SCRAPS))
            case "graft":
                other = raw(draw(st.sampled_from(NAMES)))[:5_000]
                octets[at:] = other[draw(st.integers(0, len(other))) :]
            case _:
                del octets[at:]
    return bytes(octets)


@st.composite
def commanding(draw: st.DrawFn) -> bytes:
    """A message whose subject or first line is a command, in letters that pass for its own."""
    word = draw(st.sampled_from(COMMANDS))
    word = "".join(draw(st.sampled_from([c, c.upper(), *ALIKE.get(c, "")])) for c in word)
    said = draw(st.sampled_from(["{}", "please {} me", "{} kent", "Re: [{} AAAA]", "hello"])).format(word)
    subject = draw(st.sampled_from(["", "Re: today", said]))
    return f"From: mina@council.example\r\nSubject: {subject}\r\n\r\n{said}\r\n".encode()


messages = st.binary(max_size=2_000) | damaged() | commanding() | st.sampled_from(NAMES).map(raw)


@pytest.fixture(scope="module")
def stumbles() -> Iterator[list[str]]:
    """What the library for old formats logs as its own error."""
    heard: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(self.format(record))

    ear = Ear(logging.ERROR)
    logging.getLogger("flufl.bounce").addHandler(ear)
    yield heard
    logging.getLogger("flufl.bounce").removeHandler(ear)


@given(octets=messages, sent_to=addresses, sent_from=senders)
def test_whatever_arrives_is_read_as_something(octets, sent_to, sent_from, stumbles):
    assert read_message(octets, sent_to=sent_to, sent_from=sent_from, ours=OURS) is not None
    assert stumbles == []


@given(octets=messages, sent_to=addresses, sent_from=senders)
def test_what_is_read_can_be_stored(octets, sent_to, sent_from):
    """One line, no NUL, no half of a surrogate pair, not without end."""
    found = read_message(octets, sent_to=sent_to, sent_from=sent_from, ours=OURS)

    for field in fields(found):
        value = getattr(found, field.name)
        if isinstance(value, str):
            assert value.isprintable()
            assert len(value) <= 2_000
            value.encode()


@given(octets=messages, sent_to=st.sampled_from(WITHOUT_TOKEN) | st.text(max_size=30), sent_from=senders)
def test_without_our_token_in_the_envelope_nothing_is_a_bounce(octets, sent_to, sent_from):
    """Addresses in a report's text prove nothing."""
    assert not isinstance(read_message(octets, sent_to=sent_to, sent_from=sent_from, ours=OURS), Bounce)


@given(octets=messages, sent_from=senders)
def test_a_bounce_is_of_the_message_whose_token_it_came_to(octets, sent_from):
    found = read_message(octets, sent_to=TOKEN, sent_from=sent_from, ours=OURS)

    assert not isinstance(found, Bounce) or found.path == TOKEN.partition("@")[0]


@pytest.mark.parametrize(
    "mark", ["Auto-Submitted: auto-replied", "X-Autoreply: yes", "Precedence: auto_reply"]
)
@given(octets=messages, sent_to=addresses, sent_from=senders)
def test_an_automatic_reply_commands_nothing(mark, octets, sent_to, sent_from):
    """And a confirmation must be somebody's own act."""
    marked = mark.encode() + b"\r\n" + octets.lstrip(b"\r\n")

    assert not isinstance(read_message(marked, sent_to=sent_to, sent_from=sent_from, ours=OURS), Command)


@given(octets=messages, sent_to=addresses, sent_from=senders)
def test_what_says_that_it_may_be_answered_may_be_answered(octets, sent_to, sent_from):
    found = read_message(octets, sent_to=sent_to, sent_from=sent_from, ours=OURS)

    if isinstance(found, Command) and found.answerable:
        assert may_answer(parse_message(octets), sent_from=sent_from, ours=OURS)


PHRASES = st.sampled_from(
    [
        "550 5.1.1 user unknown",
        "could not be delivered",
        "mailbox full",
        "Undeliverable:",
        "failure notice",
        "hello",
    ]
)


@given(words=st.lists(PHRASES | st.text(max_size=30), max_size=6))
def test_a_persons_words_are_no_bounce_whatever_they_speak_of(words):
    text = "\n".join(words)
    octets = f"From: Mina <mina@council.example>\r\nSubject: about my mail\r\n\r\n{text}".encode(
        "utf-8", "replace"
    )

    assert not isinstance(
        read_message(octets, sent_to=TOKEN, sent_from="mina@council.example", ours=OURS), Bounce
    )


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("away-")])
def test_a_holiday_notice_at_the_return_path_is_none_either(name):
    """Out-of-office replies were counted as bounces; some come with an empty return path."""
    assert not isinstance(reading(name, sent_from=""), Bounce)
    assert not isinstance(reading(name, sent_from="mina@council.example"), Bounce)
