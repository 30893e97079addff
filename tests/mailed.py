"""What readers get of what was polled: the day's edition, sealed, composed and read as mail programs do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from builders import a_timetable
from clocks import Clock
from sample_editions import (
    LEAVE_PAGE,
    MANAGE_PAGE,
    NOON,
    ONE_CLICK_ADDRESS,
    SENDER,
    SHARE_PAGE,
    TEMPLATES,
    TOKENS,
    own_watch_page,
    service_page,
)
from shelf import REGISTER, SHELF, letters

from digest.adapters.config.packaged_scales import packaged_scales
from digest.adapters.templates import TemplateRenderer
from digest.compose import Addresses, Correspondence, render
from digest.compose.message import NOBODY
from digest.edition import Edition
from digest.jobs.publish import publish
from digest.letter_kinds import Content
from digest.letters import Letter
from digest.ports import Store
from digest.present.links import LetterLinks, SignedLinks
from digest.providers import Register
from digest.ratings import NO_INSPECTORATES, Inspectorates
from digest.sources import Source
from digest.subscriptions import EVERYTHING, Wishes
from digest.tokens import LinkTokens, address_seal, mailbox_seal
from digest.wishes import personal_edition


async def mailed(store: Store, sources: Iterable[Source], now: datetime) -> str | None:
    """The stories in the text of the message that the day's edition is, for a reader who wants everything.

    The subject is its first line. None: no message is sent, as the edition has no story.
    """
    timetable = a_timetable()
    day = timetable.day_of(now)
    noon = Clock(timetable.noon_of(day))
    edition = await publish(day, timetable=timetable, sources=sources, store=store, clock=noon)
    register = await store.providers.register()
    personal = personal_edition(edition, (), Wishes(), register)
    return None if personal is None else _stories(personal, register, noon.at)


def as_sent(message: EmailMessage) -> int:
    """The octets of a message as it is sent."""
    return len(re.sub(rb"\r?\n", b"\r\n", message.as_bytes()))


def message_of(
    edition: Edition,
    wishes: Wishes = EVERYTHING,
    *,
    at: datetime = NOON,
    register: Register = NOBODY,
    known: Inspectorates = NO_INSPECTORATES,
) -> EmailMessage:
    """The message of an edition, as a mail program reads it."""
    rendition = render(
        edition,
        wishes,
        at=at,
        sender=SENDER,
        addresses=Addresses(
            leave=LEAVE_PAGE,
            one_click=ONE_CLICK_ADDRESS,
            manage=MANAGE_PAGE,
            share=SHARE_PAGE,
            service=service_page,
            watch=own_watch_page,
        ),
        token_length=len(TOKENS.leave),
        renderer=_renderer(),
        zone=ZoneInfo("Europe/London"),
        key=b"a key for tests",
        known=known,
        register=register,
    )
    content = rendition.copy_for(7, "mina@example.org", TOKENS).content
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def letter_of(content: Content) -> EmailMessage:
    """The message of a letter, as a mail program reads it."""
    links = SignedLinks("https://digest.example.org", LinkTokens([b"a secret for tests"]))
    composing = Correspondence(
        sender=SENDER,
        renderer=_renderer(),
        links=LetterLinks(
            links=links,
            mail_domain=SENDER.commands,
            mailbox_seal=mailbox_seal(address_seal(b"a key of the tests")),
        ),
        zone=ZoneInfo("Europe/London"),
        key=b"letters",
    )
    letter = Letter(content=content, address="mina@example.org", expires_at=NOON)
    message = message_from_bytes(composing.compose(letter, NOON, 1).content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


SHOWN: Final = ("ten", "report-card", "corrected", "arabic", "one-long-word", "sources-down", "sixty")
"""Editions of the shelf that have, together, what mails are made of."""


@cache
def shown() -> dict[str, EmailMessage]:
    """A few editions of the shelf, and letters, by name: for tests that look at each for long."""
    editions = {name: SHELF[name]() for name in SHOWN}
    return {
        **{
            name: message_of(one.edition, one.wishes, register=REGISTER, known=packaged_scales())
            for name, one in editions.items()
        },
        **{one.kind: letter_of(one) for one in letters()},
    }


def part_of(message: EmailMessage, kind: str) -> str:
    """A part of a message, "plain" or "html", with line ends as in files."""
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def _stories(edition: Edition, register: Register, at: datetime) -> str:
    message = message_of(edition, Wishes(), at=at, register=register)
    text = part_of(message, "plain").partition(LEAVE_PAGE)[2].partition("\n")[2]
    told, end, _ = text.partition("ABOUT THIS EMAIL")
    assert end
    return re.sub(r"\n{3,}", "\n\n", f"{message['Subject']}\n\n{told.strip()}\n")


def mail_of(name: str) -> str:
    """What a message is to tell: `fixtures/mail/NAME.txt`, to be read as a reader would."""
    return (_TOLD / f"{name}.txt").read_text("utf-8")


_TOLD = Path(__file__).parent / "fixtures" / "mail"


@contextmanager
def as_written() -> Iterator[list[str]]:
    """The HTML of each mail made meanwhile, as its template wrote it: the inliner mends what is wrong."""
    renderer, written = _renderer(), list[str]()
    inliner = renderer._inliner

    class Noting:
        def inline(self, html: str) -> str:
            written.append(html)
            return inliner.inline(html)

    renderer._inliner = Noting()  # type: ignore[assignment]
    try:
        yield written
    finally:
        renderer._inliner = inliner


@cache
def _renderer() -> TemplateRenderer:
    return TemplateRenderer([TEMPLATES])
