"""Header fields, octet by octet."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.compose.headers import ascii_address, field, mailbox, text
from digest.errors import ComposeError
from digest.present.tidy import one_line


def read_back(name: str, written: str) -> str:
    message = message_from_bytes(written.encode("ascii") + b"\r\n", policy=policy.default)
    assert message.keys() == [name]
    return str(message[name])


@given(st.text(max_size=300).map(one_line).filter(bool))
def test_any_subject_is_read_back_as_it_was_written(subject):
    """The standard library's own folding fails this one time in ten."""
    written = field("Subject", text(subject))

    assert read_back("Subject", written) == subject
    assert all(len(line) <= 78 for line in written.split("\r\n"))


@pytest.mark.parametrize(
    "subject",
    [
        "Plain words",
        "Zoë’s école – 漢字 😀👩‍👩‍👧",
        "a" * 300,
        "Long plain words " * 20 + "end",
        "=?utf-8?q?already_encoded?=",
        "é " * 150 + "é",
    ],
)
def test_subjects_that_have_gone_wrong_elsewhere(subject):
    assert read_back("Subject", field("Subject", text(subject))) == subject


def test_no_character_is_cut_in_two_between_encoded_words():
    """RFC 2047 section 5: each encoded word must be readable by itself."""
    words = text("漢字😀" * 40).split(" ")

    assert len(words) > 3
    assert all("\ufffd" not in read_back("Subject", field("Subject", word)) for word in words)
    assert all(len(word) <= 75 for word in words)


@pytest.mark.parametrize("value", ["two\r\nlines", "two\nlines", "tab\there", "nul\x00", "é", ""])
def test_a_header_that_would_break_the_message_is_refused(value):
    with pytest.raises(ComposeError):
        field("To", value)


def test_a_line_that_no_relay_takes_is_refused():
    with pytest.raises(ComposeError):
        field("List-Unsubscribe", "<https://example.org/" + "a" * 1000 + ">")


def test_a_long_word_stays_whole_on_the_first_line():
    link = "<https://example.org/" + "a" * 200 + ">"

    assert field("List-Unsubscribe", f"{link}, <mailto:b@example.org>") == (
        f"List-Unsubscribe: {link},\r\n <mailto:b@example.org>\r\n"
    )


@pytest.mark.parametrize(
    "name",
    ["Noon", 'Say "noon"', "Smith, Jones & Co", "Zoë’s Digest, Ltd", "Back\\slash"],
)
def test_a_display_name_is_read_back_with_its_commas_and_quotes(name):
    message = message_from_bytes(
        field("From", mailbox(name, "noon@example.org")).encode() + b"\r\n", policy=policy.default
    )
    (address,) = message["From"].addresses

    assert (address.display_name, address.addr_spec) == (name, "noon@example.org")


def test_a_display_name_of_several_encoded_words_is_joined_again():
    # The library's newer parser leaves spaces between the encoded words of a name; its older one is right.
    written = mailbox("Ünï " * 30 + "end", "noon@example.org")

    assert str(make_header(decode_header(written))) == "Ünï " * 30 + "end <noon@example.org>"


def test_a_domain_in_another_script_goes_out_in_ascii():
    assert ascii_address("info@bücher.example") == "info@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "address",
    [
        "zoë@example.org",
        "a b@example.org",
        "a@example.org, b@example.org",
        "a@example.org>\r\nBcc: <b@example.org",
        "no-domain",
        "@example.org",
        "a@",
        "a@" + "b" * 70 + ".org",
        "",
    ],
)
def test_an_address_that_is_not_one_mailbox_is_refused(address):
    with pytest.raises(ComposeError):
        ascii_address(address)
