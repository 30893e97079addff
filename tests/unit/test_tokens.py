"""Keyed tokens: those already mailed stay valid, and nobody can make one up."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.addresses import same_key
from digest.errors import TokenError
from digest.tokens import (
    IN_EDITIONS,
    MAIL_TOKEN_LENGTH,
    TOKEN_LENGTH,
    KeyUse,
    LinkTokens,
    Purpose,
    address_seal,
    delivery_tokens,
    derived_key,
    letter_message_token,
    letter_return_token,
    mailbox_seal,
    read_letter_return_path,
    read_message_id,
    read_return_path,
    stand_in,
    text_seal,
)

SECRET = "0123456789abcdef0123456789abcdef"
KEY = b"a key for tests"
LONG_KEY = KEY * 6  # longer than BLAKE2b takes: the rest is cut off
DAY = date(2026, 3, 3)
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
LINKS = LinkTokens([derived_key(SECRET, KeyUse.LINKS)])


# -- tokens already mailed, and seals already stored ----------------------------------------------------
# A change to any of these examples breaks links in messages or loses who must not be written to.


@pytest.mark.parametrize(
    ("use", "key"),
    [
        ("links", "6bdc2c3ef0bb61deb1e96de962e6dd3102735c00d869b60bad818c21c3eda1f9"),
        ("deliveries", "25d23c399ec0fabef6dee43b0322528da6002c8f4c390c046c47c0eaf692d370"),
        ("letters", "8aa999b3b987e84460a6fbbcff55e08d2dd8a5b4b1f2c7d75fd380bece50add9"),
        ("counts", "1da78affc5955a5baccfd19c34c1a4ca2afe43b74ae18dbe0b28604536bd6617"),
        ("references", "93399b8ca70ab3b811468a2273c0dc16520e25aa810b711bcb7e3b68ba5595ad"),
        ("suppressions", "37034db1042a7d36d9aff778f281c7261de2f42b2b3a0011ab32987e37cffbb6"),
    ],
)
def test_the_key_of_a_use_is_what_it_was(use: str, key: str) -> None:
    assert derived_key(SECRET, KeyUse(use)).hex() == key


@pytest.mark.parametrize(
    ("purpose", "token", "plain"),
    [
        ("leave", "XU_HK3YSnHMMV0lvtpt4GPVYrEIHM7zzZenIE8KR", "AAAAAAAAAAcAAAADtpt4GPVYrEIHM7zzZenIE8KR"),
        ("one-click", "q4BSinVqMP1rTsmisiMbhGQaUla4r5V3oTAhqlJx", "AAAAAAAAAAcAAAADsiMbhGQaUla4r5V3oTAhqlJx"),
        ("manage", "V9pBzIw9Z6-nUl5cY_IfCApC6CMEgXpsX9D2p9fW", "AAAAAAAAAAcAAAADY_IfCApC6CMEgXpsX9D2p9fW"),
        ("confirm", "5EGLLwmwQz-KJWbO3bBAJZT3rVWdNSCGC26oOUMO", "AAAAAAAAAAcAAAAD3bBAJZT3rVWdNSCGC26oOUMO"),
        ("come-back", "NmtVOahctGyb4ddKuBWaDbdTYe1k8Lso6pN2UTTE", "AAAAAAAAAAcAAAADuBWaDbdTYe1k8Lso6pN2UTTE"),
        ("move", "jz677f03CHBk61sgEngjXriZCwLQGWwhZyTV1Gi2", "AAAAAAAAAAcAAAADEngjXriZCwLQGWwhZyTV1Gi2"),
    ],
)
def test_the_token_in_a_link_is_what_it_was(purpose: str, token: str, plain: str) -> None:
    assert LINKS.sign(Purpose(purpose), 7, 3) == token
    assert LINKS.read(token, Purpose(purpose)) == (7, 3)
    assert LINKS.read(plain, Purpose(purpose)) == (7, 3)  # as earlier versions made it


@pytest.mark.parametrize(
    ("purpose", "token", "plain"),
    [
        (
            "address",
            "A9bTKKW5LGE2RZBrlsm5MIB68fHjPlWqsHwN-DbGCeWNUNxs",
            "AAAAAAAAAAcAAAADaabNQIB68fHjPlWqsHwN-DbGCeWNUNxs",
        ),
        (
            "export",
            "jyk90cOOdWMzd8OZKipQjuwF7dy6_Vgfg6c2HREECVz42gv0",
            "AAAAAAAAAAcAAAADaabNQOwF7dy6_Vgfg6c2HREECVz42gv0",
        ),
        (
            "erase",
            "ytjqFjRASLrfJMtrxw7G3Z52Ayzhr1r0Hxk2cA1D2aDuHCkY",
            "AAAAAAAAAAcAAAADaabNQJ52Ayzhr1r0Hxk2cA1D2aDuHCkY",
        ),
    ],
)
def test_the_token_that_expires_is_what_it_was(purpose: str, token: str, plain: str) -> None:
    assert LINKS.sign_expiring(Purpose(purpose), 7, 3, NOON) == token
    assert LINKS.read_expiring(token, Purpose(purpose)) == (7, 3, NOON)
    assert LINKS.read_expiring(plain, Purpose(purpose)) == (7, 3, NOON)


def test_the_token_that_names_a_mailbox_is_what_it_was() -> None:
    seal = mailbox_seal(address_seal(b"an operator's secret"))("A.da+news@gmail.com")
    token = "Hv3Oei7_7K8VMD5HAqdZf3Aa6JPCnP-d4-T4JHucS4XGvFVvRnFhZB-b"

    assert seal == "1efdce7a2effecaf15303e4702a7597f701ae893c29cff9d"
    assert LINKS.sign_sealed(Purpose("never-again"), seal) == token
    assert LINKS.read_sealed(token, Purpose("never-again")) == seal


@pytest.mark.parametrize(
    ("purpose", "token", "plain"),
    [
        (
            "leave",
            "c042e639395e4a1462ef84e9202a9af9a22fb8d88b84",
            "000000000700000003ef84e9202a9af9a22fb8d88b84",
        ),
        (
            "confirm",
            "1fa7597eb4545e0b172c0e84110e90a22bd7aa0b674f",
            "0000000007000000032c0e84110e90a22bd7aa0b674f",
        ),
    ],
)
def test_the_token_in_a_mail_address_is_what_it_was(purpose: str, token: str, plain: str) -> None:
    assert LINKS.sign_for_mail(Purpose(purpose), 7, 3) == token
    assert LINKS.read_from_mail(token, Purpose(purpose)) == (7, 3)
    assert LINKS.read_from_mail(plain, Purpose(purpose)) == (7, 3)


def test_the_tokens_of_one_edition_to_one_subscriber_are_what_they_were() -> None:
    in_message_id, in_return_path = "82bfef5d0f1f989816ea52dbdcbd79", "0b495ee3faa1313e34a3b67d1e6066"
    plain = "0b495e000000000734a3b67d1e6066"  # as earlier versions made it

    assert delivery_tokens(DAY, 7, KEY) == (in_message_id, in_return_path)
    assert read_message_id(f"<2026-03-03.{in_message_id}@d.example>", KEY) == (DAY, 7)
    assert read_return_path(f"bounces+{in_return_path}", KEY) == (DAY, 7)
    assert read_return_path(f"bounces+{plain}", KEY) == (DAY, 7)


def test_the_token_in_the_return_path_of_a_letter_is_what_it_was() -> None:
    token = "ldb50dcedec6fec7e05f256c7227ae"
    plain = "l00000000076fec7e05f256c7227ae"  # as earlier versions made it

    assert letter_return_token(7, KEY) == token
    assert read_letter_return_path(f"bounces+{token}", KEY) == 7
    assert read_letter_return_path(f"bounces+{plain}", KEY) == 7


def test_the_token_in_the_message_id_of_a_letter_is_what_it_was() -> None:
    assert letter_message_token("confirm 7 3", KEY) == "61868df62bf9fff0b1844ff8e86b1b"


def test_the_stand_ins_of_an_edition_are_what_they_were() -> None:
    expected = {
        "recipient": "fof6vwogvllh527qr3lzgutgyzakjc",
        "seal": "77bsvdj2rolqiwguvpqefsv4qemz5m",
        "leave": "ft4mgl6a6u37e64klxchw3ye4t6yoykathpiedrv",
        "one_click": "fh3t7bpoebcuavxeh7b2v6dtf77hfvyfhuelzcmu",
        "manage": "xw4dw6qlpmnbmmdhn5o3jrwwp7vq57axnca5nndl",
        "leave_mail": "cqosvbowqqnjkbgagdrv2e4gy4r6tbj2qvqatha5eb75",
        "boundary": "mcatu5vm72elo2svuzbgfkvm",
    }

    assert {name: stand_in(name, DAY, len(text), KEY) for name, text in expected.items()} == expected


@pytest.mark.parametrize(
    ("key", "sealed_address", "sealed_text"),
    [
        (
            KEY,
            "084f56d092ca21d7453c143a6d68d56aa5b55064b8695151",
            "134f133d0149dcc4f0ee26c60f0a1958ed66481190a8406b",
        ),
        (
            LONG_KEY,
            "c97f6b777052fac7cd4221e6d1c406606df117f4fca5831c",
            "6f9eb5f9b795aa336f412d34117807b3d89ac2803086098f",
        ),
    ],
)
def test_seals_are_what_they_were(key: bytes, sealed_address: str, sealed_text: str) -> None:
    assert address_seal(key)("Ada@Example.org") == sealed_address
    assert text_seal(key)("192.0.2.0/24") == sealed_text


# -- links ----------------------------------------------------------------------------------------------


@given(st.integers(0, 2**63), st.integers(0, 2**32 - 1))
def test_a_token_reads_back_as_the_subscription_it_was_made_for(subscriber: int, generation: int) -> None:
    token = LINKS.sign(Purpose.LEAVE, subscriber, generation)

    assert LINKS.read(token, Purpose.LEAVE) == (subscriber, generation)


@given(st.sampled_from(list(Purpose)), st.sampled_from(list(Purpose)))
def test_a_token_is_valid_for_its_purpose_and_no_other(made: Purpose, used: Purpose) -> None:
    tokens: list[tuple[str, Callable[[str, Purpose], Any], Any]] = [
        (LINKS.sign(made, 7, 3), LINKS.read, (7, 3)),
        (LINKS.sign_for_mail(made, 7, 3), LINKS.read_from_mail, (7, 3)),
        (LINKS.sign_expiring(made, 7, 3, NOON), LINKS.read_expiring, (7, 3, NOON)),
        (LINKS.sign_sealed(made, "ab" * 24), LINKS.read_sealed, "ab" * 24),
    ]

    for token, read, own in tokens:
        if made is used:
            assert read(token, used) == own
        else:
            with pytest.raises(TokenError):
                read(token, used)


@given(st.data())
def test_a_token_that_lost_or_changed_a_character_is_not_valid(data: st.DataObject) -> None:
    token = LINKS.sign(Purpose.LEAVE, 7, 1)
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("Aa0-_.").filter(lambda c: c != token[at]) | st.just(""))

    with pytest.raises(TokenError):
        LINKS.read(token[:at] + other + token[at + 1 :], Purpose.LEAVE)


_ALIKE = st.sampled_from(
    [
        lambda t: t.replace("-", "+").replace("_", "/"),  # base64's other alphabet
        lambda t: t.replace("-", "%2D").replace("_", "%5F"),
        lambda t: f"%{ord(t[0]):02X}{t[1:]}",
        lambda t: t + "=",
        lambda t: t + "====",
        lambda t: t[:-1] + "=",
        lambda t: t[:8] + "\n" + t[8:],
        lambda t: t[:8] + "." + t[8:-1],
        lambda t: f" {t}",
        lambda t: t.swapcase(),
        lambda t: "".join(chr(ord(c) + 0xFEE0) for c in t),  # full width, equal to it by NFKC
        lambda t: t + "A",
        lambda t: t + "\x00",
    ]
)


@given(
    st.integers(0, 2**40), st.integers(0, 2**31), st.sampled_from(list(Purpose)), st.lists(_ALIKE, min_size=1)
)
def test_a_token_has_one_spelling(
    subscriber: int, generation: int, purpose: Purpose, changes: list[Callable[[str], str]]
) -> None:
    """Whatever a decoder would read as the same octets is another text, and no token."""
    for token, read in (
        (LINKS.sign(purpose, subscriber, generation), LINKS.read),
        (LINKS.sign_expiring(purpose, subscriber, generation, NOON), LINKS.read_expiring),
        (LINKS.sign_sealed(purpose, f"{subscriber:048x}"), LINKS.read_sealed),
    ):
        other = token
        for change in changes:
            other = change(other)
        if other == token:
            read(token, purpose)
        else:
            with pytest.raises(TokenError):
                read(other, purpose)


@given(st.text(max_size=300))
def test_no_other_text_is_a_token(text: str) -> None:
    for read in (LINKS.read, LINKS.read_expiring, LINKS.read_from_mail):
        with pytest.raises(TokenError):
            read(text, Purpose.LEAVE)


def test_a_token_of_another_service_is_not_valid() -> None:
    other = LinkTokens([b"another secret"])

    with pytest.raises(TokenError):
        LINKS.read(other.sign(Purpose.LEAVE, 7, 1), Purpose.LEAVE)


def test_every_token_is_as_long_as_every_other() -> None:
    """A message laid out for one subscriber fits all the others."""
    tokens = [LINKS.sign(purpose, n, n) for n in (1, 2**32 - 1) for purpose in Purpose]

    assert {len(token) for token in tokens} == {TOKEN_LENGTH}
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", token) for token in tokens)


def test_editions_carry_the_tokens_that_the_pages_read() -> None:
    assert LINKS.for_edition(7, 3) == [LINKS.sign(purpose, 7, 3) for purpose in IN_EDITIONS]


@given(st.integers(0, 2**40 - 1), st.integers(0, 2**32 - 1))
def test_a_token_in_a_mail_address_survives_what_mail_servers_do_to_it(
    subscriber: int, generation: int
) -> None:
    token = LINKS.sign_for_mail(Purpose.LEAVE, subscriber, generation)

    assert len(token) == MAIL_TOKEN_LENGTH
    assert len(f"confirm+{token}") <= 64  # RFC 5321 section 4.5.3.1.1
    assert LINKS.read_from_mail(token.upper(), Purpose.LEAVE) == (subscriber, generation)


def test_links_in_old_messages_outlive_a_change_of_key() -> None:
    before, after = LinkTokens([b"old"]), LinkTokens([b"new", b"old"])

    assert after.read(before.sign(Purpose.LEAVE, 7, 1), Purpose.LEAVE) == (7, 1)


def test_the_first_key_signs() -> None:
    rotated, new = LinkTokens([b"new", b"old"]), LinkTokens([b"new"])

    assert rotated.sign(Purpose.LEAVE, 7, 1) == new.sign(Purpose.LEAVE, 7, 1)


@pytest.mark.parametrize("keys", [[], [b""], [b"good", b""]])
def test_an_empty_key_is_refused(keys: list[bytes]) -> None:
    with pytest.raises(ValueError, match="secret key"):
        LinkTokens(keys)


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(lambda n: LINKS.sign(Purpose.CONFIRM, n, 1)[5:11], id="a link"),
        pytest.param(lambda n: LINKS.for_edition(n, 1)[2][5:11], id="an edition's link"),
        pytest.param(lambda n: LINKS.sign_expiring(Purpose.ERASE, n, 1, NOON)[5:11], id="an owner's link"),
        pytest.param(lambda n: LINKS.sign_for_mail(Purpose.LEAVE, n, 1)[4:10], id="a mail address"),
        pytest.param(lambda n: delivery_tokens(DAY, n, KEY)[1][10:16], id="an edition's return path"),
        pytest.param(lambda n: letter_return_token(n, KEY)[5:11], id="a letter's return path"),
    ],
)
def test_nobody_sees_how_many_came_between_two_letters_to_themselves(shown: Callable[[int], str]) -> None:
    """Else somebody sees whether a letter to another address was the first of a new subscriber."""
    places = [shown(n) for n in range(1, 101)]  # where the number would stand, if it were plain

    assert len(set(places)) == 100
    assert 20 < sum(one < other for one, other in pairwise(places)) < 80


# -- messages -------------------------------------------------------------------------------------------


@given(subscriber=st.integers(1, 2**40 - 1), other=st.integers(1, 2**40 - 1))
def test_a_message_id_names_the_subscriber_to_us_alone(subscriber: int, other: int) -> None:
    token, in_return_path = delivery_tokens(DAY, subscriber, KEY)

    assert read_message_id(f"<{DAY}.{token}@digest.example.org>", KEY) == (DAY, subscriber)
    assert read_message_id(f"<{DAY}.{token.upper()}@x.example>", KEY) == (DAY, subscriber)
    assert read_message_id(f"<{DAY + timedelta(days=1)}.{token}@digest.example.org>", KEY) is None
    assert read_message_id(f"<{DAY}.{token}@digest.example.org>", b"another key") is None
    assert f"{subscriber:010x}" not in token
    assert in_return_path[-14:] not in token
    if subscriber != other:
        assert delivery_tokens(DAY, other, KEY)[0][:20] != token[:20]


@given(st.text(max_size=60) | st.from_regex(r"<20\d\d-\d\d-\d\d\.[0-9a-f]{30}@d\.example>", fullmatch=True))
def test_no_made_up_message_id_names_a_delivery(message_id: str) -> None:
    assert read_message_id(message_id, KEY) is None


@given(
    st.text(max_size=60) | st.from_regex(r"bounces\+l?\d{29,30}", fullmatch=True)
)  # digits of every script
def test_no_made_up_return_path_names_a_delivery_or_a_letter(local_part: str) -> None:
    assert read_return_path(local_part, KEY) is None
    assert read_letter_return_path(local_part, KEY) is None


# -- seals ----------------------------------------------------------------------------------------------


@given(st.text(), st.text())
def test_an_address_is_sealed_as_its_mailbox_and_with_its_key(one: str, other: str) -> None:
    seal = address_seal(KEY)

    assert seal(one) != address_seal(b"another key")(one)
    assert (seal(one) == seal(other)) == (same_key(one) == same_key(other))


def test_the_seals_of_addresses_and_of_texts_differ() -> None:
    assert address_seal(KEY)("ada@example.org") != text_seal(KEY)("ada@example.org")
