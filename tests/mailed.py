"""What readers get of what was polled: the day's edition, sealed, composed and read as mail programs do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from email import message_from_bytes, policy
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from builders import a_timetable
from clocks import Clock
from sample_editions import LEAVE_PAGE, MANAGE_PAGE, ONE_CLICK_ADDRESS, SENDER, SHARE_PAGE, TEMPLATES, TOKENS

from digest.adapters.templates import TemplateRenderer
from digest.compose import Addresses, render
from digest.edition import Edition
from digest.jobs.publish import publish
from digest.ports import Store
from digest.providers import Register
from digest.sources import Source
from digest.subscriptions import Wishes
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


def _stories(edition: Edition, register: Register, at: datetime) -> str:
    rendition = render(
        edition,
        Wishes(),
        at=at,
        sender=SENDER,
        addresses=Addresses(
            leave=LEAVE_PAGE, one_click=ONE_CLICK_ADDRESS, manage=MANAGE_PAGE, share=SHARE_PAGE
        ),
        token_length=len(TOKENS.leave),
        renderer=_renderer(),
        zone=ZoneInfo("Europe/London"),
        key=b"a key for tests",
        register=register,
    )
    content = rendition.copy_for(7, "mina@example.org", TOKENS).content
    message = message_from_bytes(content, policy=policy.default)
    part = message.get_body(("plain",))
    assert part is not None
    text = part.get_content().replace("\r\n", "\n").partition(LEAVE_PAGE)[2].partition("\n")[2]
    told, end, _ = text.partition("ABOUT THIS EMAIL")
    assert end
    return re.sub(r"\n{3,}", "\n\n", f"{message['Subject']}\n\n{told.strip()}\n")


def mail_of(name: str) -> str:
    """What a message is to tell: `fixtures/mail/NAME.txt`, to be read as a reader would."""
    return (_TOLD / f"{name}.txt").read_text("utf-8")


_TOLD = Path(__file__).parent / "fixtures" / "mail"


@cache
def _renderer() -> TemplateRenderer:
    return TemplateRenderer([TEMPLATES])
