"""Signed links: what they open, and what they do not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from digest.adapters.links import Purpose, SignedLinks
from digest.errors import TokenError
from digest.subscriptions import Standing, Subscription, Wishes

LINKS = SignedLinks("https://digest.example.org/", "a secret")


def a_subscription(subscriber: int = 7, generation: int = 1) -> Subscription:
    return Subscription(
        subscriber=subscriber,
        address="mina@example.org",
        standing=Standing.ACTIVE,
        generation=generation,
        wishes=Wishes(),
        since=datetime(2026, 1, 5, tzinfo=UTC),
    )


def token_of(link: str) -> str:
    return link.rpartition("/")[2]


@given(st.integers(0, 2**63), st.integers(0, 10_000))
def test_a_token_reads_back_as_the_subscription_it_was_made_for(subscriber, generation):
    token = token_of(LINKS.leave(a_subscription(subscriber, generation)))

    assert LINKS.read(token, Purpose.LEAVE) == (subscriber, generation)


def test_links_lead_to_the_page_and_to_the_address_for_programs():
    assert LINKS.leave(a_subscription()).startswith("https://digest.example.org/leave/")
    assert LINKS.one_click(a_subscription()).startswith("https://digest.example.org/one-click/")


def test_links_are_short_and_do_not_name_the_address():
    link = LINKS.one_click(a_subscription(subscriber=9_999_999))

    assert len(link) < 90
    assert "mina" not in link


def test_a_token_for_one_purpose_opens_no_other():
    with pytest.raises(TokenError):
        LINKS.read(token_of(LINKS.leave(a_subscription())), Purpose.ONE_CLICK)


@given(st.data())
def test_a_token_that_lost_or_changed_a_character_opens_nothing(data):
    token = token_of(LINKS.leave(a_subscription()))
    # The last character of base64 carries bits that decoders ignore, so it is left alone.
    at = data.draw(st.integers(0, len(token) - 2))
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
        LINKS.read(token_of(other.leave(a_subscription())), Purpose.LEAVE)


@pytest.mark.parametrize("payload", ["7", 7, [7], [7, 1, 1], ["7", 1], {"7": 1}, None])
def test_a_signed_payload_of_another_shape_opens_nothing(payload):
    token = URLSafeSerializer("a secret", salt="digest.leave").dumps(payload)

    with pytest.raises(TokenError):
        LINKS.read(token, Purpose.LEAVE)


def test_links_in_old_messages_outlive_a_change_of_key():
    before = SignedLinks("https://digest.example.org", "old")
    after = SignedLinks("https://digest.example.org", ["new", "old"])

    assert after.read(token_of(before.leave(a_subscription())), Purpose.LEAVE) == (7, 1)


def test_the_first_key_signs():
    rotated = SignedLinks("https://digest.example.org", ["new", "old"])
    new = SignedLinks("https://digest.example.org", "new")

    assert rotated.leave(a_subscription()) == new.leave(a_subscription())


@pytest.mark.parametrize("keys", ["", [], ["good", ""]])
def test_an_empty_key_is_refused(keys):
    with pytest.raises(ValueError, match="secret key"):
        SignedLinks("https://digest.example.org", keys)
