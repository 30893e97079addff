"""Addresses: which can be written to, and how one is shown where it must not stand in clear."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.addresses import limit_key, mask, problem_with, same_key, truncated
from digest.compose.headers import ascii_address


@pytest.mark.parametrize(
    "address",
    [
        "ana@example.org",
        "a.b+news@sub.example.co.uk",
        "o'neill@example.org",
        "jose@exämple.org",
        "jose@例え。jp",
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
        ("josé@example.org", "letters that few mail servers take"),
        ("a\x00b@example.org", "mailbox"),
        ('"a b"@example.org', "mailbox"),
        ("ana%example.net@example.org", "% or a !"),
        ("example.net!ana@example.org", "% or a !"),
        ('"ana@example.net"@example.org', "mailbox"),
        ('"ana"@example.org', "mailbox"),
        ("ana@localhost", "domain"),
        ("ana@192.0.2.1", "domain"),
        ("ana@[192.0.2.1]", "domain"),
        ("ana@ex_ample.org", "domain"),
        ("ana@example.org.", "domain"),
        (f"ana@{'a' * 64}.org", "domain"),
        (f"{'a' * 64}@{'.'.join(['b' * 60] * 4)}.org", "254"),
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


# -- when two are one -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ana@Example.ORG", " ana@example.org"),
        ("zoe@münchen.example", "zoe@xn--mnchen-3ya.example"),
        ("jose\u0301@example.org", "josé@example.org"),
        ("zoe@ＥＸＡＭＰＬＥ．org", "zoe@example.org"),
        ("zoe@faß.example", "zoe@xn--fa-hia.example"),
    ],
)
def test_spellings_of_one_mailbox_are_one(one: str, other: str) -> None:
    assert same_key(one) == same_key(other)


def test_what_stands_behind_a_plus_is_another_mailbox_and_the_same_person() -> None:
    assert same_key("ana+a@example.org") != same_key("ana+b@example.org")
    assert limit_key("ana+a@example.org") == limit_key("Ana+b@example.org") == limit_key("ana@example.org")


def test_two_domains_that_only_old_rules_take_for_one_are_two() -> None:
    """The rules of 2003 write to fass.example what was meant for faß.example."""
    assert same_key("zoe@faß.example") != same_key("zoe@fass.example")
    assert ascii_address("zoe@faß.example") == same_key("zoe@faß.example")


@given(st.text(min_size=1, max_size=30))
def test_a_letter_goes_to_the_mailbox_that_is_counted_and_suppressed(domain: str) -> None:
    address = f"zoe@{domain}.org"
    if problem_with(address) is None:
        assert ascii_address(address.strip()) == same_key(address)


def test_dots_mean_nothing_where_they_are_known_to() -> None:
    spellings = ("a.n.a@gmail.com", "Ana+news@Gmail.com", "an.a@googlemail.com", "ana@gmail.com")

    assert {limit_key(one) for one in spellings} == {"ana@gmail.com"}
    assert limit_key("a.na@example.org") != limit_key("ana@example.org")


@pytest.mark.parametrize(
    ("host", "kept"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("192.0.2.77:51234", "192.0.2.0/24"),
        ("[2001:db8:1:2::3]:443", "2001:db8:1::/48"),
        ("[2001:db8:1:2::3]", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("64:ff9b::192.0.2.77", "192.0.2.0/24"),  # NAT64, RFC 6052
        ("2002:c000:24d::1", "192.0.2.0/24"),  # 6to4, RFC 3056
        ("2001:db8:1:200::/56", "2001:db8:1::/48"),
        ("192.0.2.77:", ""),
        ("testclient", ""),
        ("", ""),
    ],
)
def test_no_household_is_named_by_what_is_kept_of_a_network_address(host: str, kept: str) -> None:
    assert truncated(host) == kept
