"""Links to the pages of the service."""

from __future__ import annotations

from digest.present.links import SignedLinks
from digest.tokens import LinkTokens, Purpose

LINKS = SignedLinks("https://digest.example.org/", LinkTokens([b"a secret"]))


def test_links_lead_to_the_page_and_to_the_address_for_programs() -> None:
    for purpose in (Purpose.LEAVE, Purpose.ONE_CLICK):
        token = LINKS.tokens.sign(purpose, 7, 1)
        assert LINKS.link(purpose, 7, 1) == f"https://digest.example.org/{purpose}/{token}"


def test_links_are_short() -> None:
    link = LINKS.link(Purpose.ONE_CLICK, 9_999_999, 1)

    assert len(link) < 90
