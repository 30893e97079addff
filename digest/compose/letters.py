"""Letters as messages: to one person, and without list headers, for there is no list to leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from digest.changes import Change
from digest.compose.headers import Sender, ascii_address, field, mailbox, text
from digest.compose.message import alternatives, domain_of
from digest.compose.wire import wire_ready
from digest.deliveries import Envelope, Message
from digest.edition import Story
from digest.letters import ANSWER, Letter
from digest.ports import Renderer
from digest.present.story import story_view
from digest.present.tidy import one_line, tidy
from digest.tokens import letter_message_token, letter_return_token

REPLY_TO: Final = "reply_to"
"""Among a letter's links: where answers go, if not where they always do."""

Links = Callable[[Letter], Mapping[str, str]]
"""The links that a letter's template may show; they are made when it is sent, and kept nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correspondence:
    """What makes messages of letters, in the service's name."""

    sender: Sender
    renderer: Renderer
    links: Links
    zone: ZoneInfo
    key: bytes  # keeps Message-IDs and return paths from being guessed

    def compose(self, letter: Letter, at: datetime, number: int) -> Message:
        """The message of the letter of a number; `ComposeError` for an address that no header can carry."""
        recipient = ascii_address(letter.address)
        answers = bool(letter.content.get(ANSWER))
        links = self.links(letter)
        values: dict[str, Any] = {"sender": self.sender, "zone": self.zone, **links, **letter.content}
        subject = one_line(self.renderer.render(f"mail/{letter.kind}/subject.txt", values))
        body = self.renderer.render(f"mail/{letter.kind}/body.txt", values)
        html = self.renderer.render(f"mail/{letter.kind}/body.html", values)
        token = letter_message_token(letter.key, self.key)
        message_id = f"<{letter.kind}.{token}@{domain_of(self.sender)}>"
        reply_to = links.get(REPLY_TO) or self.sender.reply_to
        headers = [
            field("From", mailbox(self.sender.name, self.sender.address)),
            field("To", recipient),
            *([field("Reply-To", ascii_address(reply_to))] if reply_to else []),
            field("Subject", text(subject)),
            field("Date", format_datetime(at.astimezone(self.zone))),
            field("Message-ID", message_id),
            # RFC 3834 section 5: the first for what answers a message, the second for all else of machines.
            field("Auto-Submitted", "auto-replied" if answers else "auto-generated"),
            field("Content-Language", "en-GB"),
        ]
        content = "".join(headers).encode("ascii") + alternatives(body, html, boundary=f"=_{token[:24]}")
        # An answer may have a return path that never answers in turn (RFC 3834 section 3.3).
        bounce_to = self._return_path(number) if letter.subscriber is not None else ""
        return Message(
            envelope=Envelope(bounce_to=bounce_to, recipient=recipient),
            wire=wire_ready(content),
        )

    def _return_path(self, number: int) -> str:
        local, _, domain = ascii_address(self.sender.bounces).rpartition("@")
        return f"{local}+{letter_return_token(number, self.key)}@{domain}"


IsLowest = Callable[[Change], bool]


def alert_content(story: Story, is_lowest: IsLowest) -> dict[str, Any] | None:
    """What the templates of an alert show; None where no sentence or no link carries the story's verdict."""
    view = story_view(tidy(story))
    if view.link is None or not (view.change or view.aspects):
        return None
    return {
        "provider": view.name,
        "inspectorate": view.story.inspectorate_name or view.story.source_name,
        "title": view.story.title,
        "link": view.link,
        "published": story.published.isoformat() if story.published else None,
        "inspected": view.story.inspected,
        "section": story.section.value,
        "change": _change(view.change, is_lowest) if view.change else None,
        "evidence": view.story.evidence if view.change else None,
        "aspects": [
            {"changes": [_change(c, is_lowest) for c in judged.changes], "evidence": judged.evidence}
            for judged in (() if view.change else view.aspects)
        ],
    }


def _change(change: Change, is_lowest: IsLowest) -> dict[str, Any]:
    return {
        "aspect": change.aspect,
        "movement": change.movement.value,
        "before": change.before,
        "before_on": change.before_on.isoformat() if change.before_on else None,
        "after": change.after,
        "certainty": change.certainty.value,
        "lowest": is_lowest(change),
    }
