"""The real renderer on the packaged templates, and a composer that fills in what a test does not name."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from sample_editions import (
    LEAVE_PAGE,
    LONDON,
    MANAGE_PAGE,
    NOON,
    ONE_CLICK_ADDRESS,
    SENDER,
    SHARE_PAGE,
    TEMPLATES,
    TOKENS,
    a_full_day,
    a_subscription,
    own_watch_page,
    service_page,
)

from digest.adapters.templates import TemplateRenderer
from digest.compose import Addresses, render
from digest.deliveries import Message
from digest.edition import Edition


@pytest.fixture(scope="session")
def renderer() -> TemplateRenderer:
    return TemplateRenderer([TEMPLATES])


@pytest.fixture(scope="session")
def composed(renderer: TemplateRenderer) -> Callable[..., Message]:
    """Compose an edition, by default the full day's for Mina."""

    def write(edition: Edition | None = None, **named: Any) -> Message:
        given: dict[str, Any] = {
            "at": NOON,
            "sender": SENDER,
            "addresses": Addresses(
                leave=LEAVE_PAGE,
                one_click=ONE_CLICK_ADDRESS,
                manage=MANAGE_PAGE,
                share=SHARE_PAGE,
                service=service_page,
                watch=own_watch_page,
            ),
            "token_length": len(TOKENS.leave),
            "renderer": renderer,
            "zone": LONDON,
            "key": b"a key for tests",
        }
        subscription = named.pop("subscription", a_subscription())
        tokens = named.pop("tokens", TOKENS)
        edition = a_full_day() if edition is None else edition
        rendition = render(edition, subscription.wishes, **given | named)
        return rendition.copy_for(subscription.subscriber, subscription.address, tokens)

    return write


@pytest.fixture(scope="session")
def parsed(composed: Callable[..., Message]) -> Callable[..., EmailMessage]:
    """The composed message as a mail program reads it."""

    def read(edition: Edition | None = None, **named: Any) -> EmailMessage:
        message = message_from_bytes(composed(edition, **named).content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        assert not message.defects
        return message

    return read


@pytest.fixture(scope="session")
def text_of(parsed: Callable[..., EmailMessage]) -> Callable[..., str]:
    return lambda edition=None, **named: _part(parsed(edition, **named), "plain")


@pytest.fixture(scope="session")
def html_of(parsed: Callable[..., EmailMessage]) -> Callable[..., str]:
    return lambda edition=None, **named: _part(parsed(edition, **named), "html")


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    content: str = part.get_content()
    return content
