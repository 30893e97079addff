"""Addresses: which can be written to, and how one is shown where it must not stand in clear."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.addresses import mask, problem_with


@pytest.mark.parametrize(
    "address",
    [
        "ana@example.org",
        "a.b+news@sub.example.co.uk",
        "o'neill@example.org",
        "josé@exämple.org",
        " a@b.example ",
    ],
)
def test_ordinary_addresses_can_be_written_to(address: str) -> None:
    assert problem_with(address) is None


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("ana", "has an @"),
        ("@example.org", "mailbox"),
        (".ana@example.org", "mailbox"),
        ("a..b@example.org", "mailbox"),
        ("a b@example.org", "mailbox"),
        ("ana@localhost", "domain"),
        ("ana@-example.org", "domain"),
        ("ana@example..org", "domain"),
        ("ana@example.org\r\nBcc: all@example.org", "mailbox"),
        ("Ana <ana@example.org>", "mailbox"),
    ],
)
def test_what_cannot_be_written_to_is_refused_with_the_reason(address: str, says: str) -> None:
    assert says in (problem_with(address) or "")


@given(st.text())
def test_no_accepted_address_can_start_another_header(text: str) -> None:
    if problem_with(text) is None:
        assert not {"\r", "\n", "\0", ",", "<"} & set(text.strip())


@given(st.from_regex(r"[a-z]{2,12}@[a-z]{1,8}\.org", fullmatch=True))
def test_a_masked_address_keeps_its_mailbox_to_itself(address: str) -> None:
    local = address.partition("@")[0]

    assert mask(address).startswith(f"{local[0]}…@")
    assert local not in mask(address).partition("@")[0]
