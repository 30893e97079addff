"""Signed links: what they open, and what they do not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.adapters.links import IN_EDITIONS, MAIL_TOKEN_LENGTH, TOKEN_LENGTH, Purpose, SignedLinks
from digest.errors import TokenError

LINKS = SignedLinks("https://digest.example.org/", "a secret")


@given(st.integers(0, 2**63), st.integers(0, 2**32 - 1))
def test_a_token_reads_back_as_the_subscription_it_was_made_for(subscriber, generation):
    token = LINKS.token(Purpose.LEAVE, subscriber, generation)

    assert LINKS.read(token, Purpose.LEAVE) == (subscriber, generation)


def test_links_lead_to_the_page_and_to_the_address_for_programs():
    for purpose in (Purpose.LEAVE, Purpose.ONE_CLICK):
        token = LINKS.token(purpose, 7, 1)
        assert LINKS.link(purpose, 7, 1) == f"https://digest.example.org/{purpose}/{token}"


def test_links_are_short():
    link = LINKS.link(Purpose.ONE_CLICK, 9_999_999, 1)

    assert len(link) < 90


def test_a_token_for_one_purpose_opens_no_other():
    with pytest.raises(TokenError):
        LINKS.read(LINKS.token(Purpose.LEAVE, 7, 1), Purpose.ONE_CLICK)


@given(st.data())
def test_a_token_that_lost_or_changed_a_character_opens_nothing(data):
    token = LINKS.token(Purpose.LEAVE, 7, 1)
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("Aa0-_.").filter(lambda c: c != token[at]) | st.just(""))

    with pytest.raises(TokenError):
        LINKS.read(token[:at] + other + token[at + 1 :], Purpose.LEAVE)


@given(st.text(max_size=300))
def test_any_other_text_opens_nothing(text):
    with pytest.raises(TokenError):
        LINKS.read(text, Purpose.LEAVE)


def test_a_token_of_another_service_opens_nothing():
    other = SignedLinks("https://digest.example.org", "another secret")

    with pytest.raises(TokenError):
        LINKS.read(other.token(Purpose.LEAVE, 7, 1), Purpose.LEAVE)


def test_every_token_is_as_long_as_every_other():
    """A message laid out for one subscriber fits all the others."""
    tokens = [LINKS.token(purpose, n, n) for n in (1, 2**32 - 1) for purpose in Purpose]

    assert {len(token) for token in tokens} == {TOKEN_LENGTH}
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", token) for token in tokens)


@given(st.sampled_from(list(Purpose)), st.sampled_from(list(Purpose)))
def test_a_token_opens_what_it_was_made_for_and_nothing_else(made, used):
    token = LINKS.token(made, 7, 3)

    if made is used:
        assert LINKS.read(token, used) == (7, 3)
    else:
        with pytest.raises(TokenError):
            LINKS.read(token, used)


def test_editions_carry_the_tokens_that_the_pages_read():
    tokens = LINKS.tokens(7, 3)

    assert tokens == [LINKS.token(purpose, 7, 3) for purpose in IN_EDITIONS]


@given(st.integers(0, 2**40 - 1), st.integers(0, 2**32 - 1))
def test_a_token_in_a_mail_address_survives_what_mail_servers_do_to_it(subscriber, generation):
    token = LINKS.mail_token(Purpose.LEAVE, subscriber, generation)

    assert len(token) == MAIL_TOKEN_LENGTH
    assert len(f"confirm+{token}") <= 64  # RFC 5321 section 4.5.3.1.1
    assert LINKS.read_mail_token(token.upper(), Purpose.LEAVE) == (subscriber, generation)
    with pytest.raises(TokenError):
        LINKS.read_mail_token(token, Purpose.CONFIRM)


@given(st.text(max_size=60))
def test_no_made_up_text_is_a_token_of_a_mail_address(text):
    with pytest.raises(TokenError):
        LINKS.read_mail_token(text, Purpose.LEAVE)


def test_links_in_old_messages_outlive_a_change_of_key():
    before = SignedLinks("https://digest.example.org", "old")
    after = SignedLinks("https://digest.example.org", ["new", "old"])

    assert after.read(before.token(Purpose.LEAVE, 7, 1), Purpose.LEAVE) == (7, 1)


def test_the_first_key_signs():
    rotated = SignedLinks("https://digest.example.org", ["new", "old"])
    new = SignedLinks("https://digest.example.org", "new")

    assert rotated.link(Purpose.LEAVE, 7, 1) == new.link(Purpose.LEAVE, 7, 1)


@pytest.mark.parametrize("keys", ["", [], ["good", ""]])
def test_an_empty_key_is_refused(keys):
    with pytest.raises(ValueError, match="secret key"):
        SignedLinks("https://digest.example.org", keys)
