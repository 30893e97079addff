"""Messages of letters.

Each is to one person. Some have list headers for a mail program's own button: it stops alerts, or weekly
signs of life, alone; it stops all letters to people who may never have agreed; and it ends the subscription
of readers who are told what we cover, as nothing that they did brings that letter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import format_datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from digest.changes import Change
from digest.compose.headers import Sender, ascii_address, field, mailbox, text
from digest.compose.message import alternatives, domain_of, list_id, machine_headers, one_click_headers
from digest.compose.wire import wire_ready
from digest.deliveries import Envelope, Message
from digest.edition import Story
from digest.errors import LetterUnreadable
from digest.letter_kinds import AlertedAspects, AlertedChange, AlertedStory, Unreadable
from digest.letters import Letter
from digest.ports import Renderer
from digest.present.links import NEVER_AGAIN, ONE_CLICK, STOP
from digest.present.story import story_view
from digest.present.tidy import one_line, tidy
from digest.tokens import letter_message_token, letter_return_token

REPLY_TO: Final = "reply_to"
"""Among a letter's links: the address that answers go to, in place of the service's own."""

Links = Callable[[Letter], Mapping[str, str]]
"""The links that a letter's template may show. They are made when the letter is sent, and stored nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correspondence:
    """Makes messages of letters."""

    sender: Sender
    renderer: Renderer
    links: Links
    zone: ZoneInfo
    key: bytes  # keeps Message-IDs and return paths from being guessed

    def compose(self, letter: Letter, at: datetime, number: int) -> Message:
        """The message of a letter; `number` is its own, which the return path names.

        `ComposeError` for an address that no header can carry, `LetterUnreadable` for a letter that this
        version does not understand.
        """
        recipient = ascii_address(letter.address)
        if isinstance(letter.content, Unreadable):
            raise LetterUnreadable(letter.kind)
        content = letter.content.as_json()
        links = self.links(letter)
        values: dict[str, Any] = {"sender": self.sender, "zone": self.zone, **links, **content}
        subject = one_line(self.renderer.render(f"mail/{letter.kind}/subject.txt", values))
        body = self.renderer.render(f"mail/{letter.kind}/body.txt", values)
        html = self.renderer.render(f"mail/{letter.kind}/body.html", values)
        token = letter_message_token(letter.key, self.key)
        message_id = f"<{letter.kind}.{token}@{domain_of(self.sender)}>"
        reply_to = links.get(REPLY_TO) or self.sender.reply_to
        way_out = links.get(NEVER_AGAIN) or links.get(ONE_CLICK)
        headers = [
            field("From", mailbox(self.sender.name, self.sender.address)),
            field("To", recipient),
            *([field("Reply-To", ascii_address(reply_to))] if reply_to else []),
            *([list_id(self.sender, letter.kind)] if STOP in links else []),
            *one_click_headers(f"<{way_out}>" if way_out is not None else None),
            field("Subject", text(subject)),
            field("Date", format_datetime(at.astimezone(self.zone))),
            field("Message-ID", message_id),
            *machine_headers(self.sender, letter.kind, f"{at:%Y%m%d}", answers=bool(content.get("answer"))),
            field("Content-Language", "en-GB"),
        ]
        parts = alternatives(body, html, boundary=f"=_{token[:24]}")
        # Without a subscriber a bounce is about nobody: the return path is empty (RFC 3834 section 3.3).
        bounce_to = self._return_path(number) if letter.subscriber is not None else ""
        return Message(
            envelope=Envelope(bounce_to=bounce_to, recipient=recipient),
            wire=wire_ready("".join(headers).encode("ascii") + parts),
        )

    def _return_path(self, number: int) -> str:
        local, _, domain = ascii_address(self.sender.bounces).rpartition("@")
        return f"{local}+{letter_return_token(number, self.key)}@{domain}"


IsLowest = Callable[[Change], bool]


def alerted(story: Story, is_lowest: IsLowest, *, edition: date, successor: bool) -> AlertedStory | None:
    """What an alert says about a story; None if it has no fit link, or no sentence that states a change.

    `edition` is the day of the edition that will tell the story in full. `successor` says whether some
    readers may watch a predecessor of the provider.
    """
    view = story_view(tidy(story))
    stated = bool(view.change and view.story.evidence)
    aspects = () if stated else tuple(one for one in view.aspects if one.evidence or one.by_fields)
    if view.link is None or not (stated or aspects):
        return None
    return AlertedStory(
        provider=view.name,
        inspectorate=view.story.inspectorate_name or view.story.source_name,
        title=view.story.title,
        link=view.link,
        published=story.published,
        inspected=view.story.inspected,
        section=story.section,
        change=_changed(view.change, is_lowest) if view.change and stated else None,
        evidence=view.story.evidence if stated else None,
        aspects=tuple(
            AlertedAspects(
                changes=tuple(_changed(change, is_lowest) for change in judged.changes),
                evidence=judged.evidence,
            )
            for judged in aspects
        ),
        edition=edition,
        successor=successor,
        record=view.record,
    )


def _changed(change: Change, is_lowest: IsLowest) -> AlertedChange:
    return AlertedChange(
        aspect=change.aspect,
        movement=change.movement,
        before=change.before,
        before_on=change.before_on,
        after=change.after,
        certainty=change.certainty,
        lowest=is_lowest(change),
        before_precision=change.before_precision,
    )
