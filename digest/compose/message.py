"""The message: headers, a text part and an HTML part, the same octets on every attempt."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from digest.compose.headers import ascii_address, field, mailbox, text
from digest.compose.letter import PLANS, Letter, lay_out
from digest.compose.sender import Sender
from digest.compose.tidy import plain, tidy
from digest.deliveries import Envelope, Message
from digest.edition import Edition
from digest.errors import ComposeError
from digest.ports import Renderer
from digest.subscriptions import Subscription

HTML_BUDGET: Final = 80_000
"""Octets of the HTML part; Gmail cuts a message off at 102 KB."""

NO_NAMES: Final[Mapping[str, str]] = MappingProxyType({})


def compose(
    edition: Edition,
    subscription: Subscription,
    *,
    at: datetime,
    sender: Sender,
    leave_url: str,
    one_click_url: str,
    renderer: Renderer,
    zone: ZoneInfo,
    key: bytes,
    names: Mapping[str, str] = NO_NAMES,
) -> Message:
    """One subscriber's message, from what `edition.address` left of the day's edition for them.

    `at` is aware and goes into Date; `names` maps inspectorates' keys and providers' ids to the names readers
    know, and may be incomplete. `ComposeError` for an empty edition or an address no header can carry.
    """
    values = {"sender": sender, "leave_url": leave_url}
    letter, html = _fitting(edition, subscription, values, renderer=renderer, zone=zone, names=names)
    values["letter"] = letter
    subject = plain(renderer.render("mail/edition/subject.txt", values))
    body = renderer.render("mail/edition/body.txt", values)
    seal = _seal(edition.day, subscription.subscriber, key)
    recipient = ascii_address(subscription.address)
    domain = ascii_address(sender.address).rpartition("@")[2]
    message_id = f"<{edition.day.isoformat()}.{seal}@{domain}>"
    headers = [
        field("From", mailbox(sender.name, sender.address)),
        field("To", recipient),
        *([field("Reply-To", ascii_address(sender.reply_to))] if sender.reply_to else []),
        field("Subject", text(subject)),
        field("Date", format_datetime(at.astimezone(zone))),
        field("Message-ID", message_id),
        *_list_headers(one_click_url, sender, domain),
        # RFC 3834 section 5 asks it of mail from periodic processes; robots on holiday then stay silent.
        field("Auto-Submitted", "auto-generated"),
        field("Content-Language", "en-GB"),
    ]
    return Message(
        envelope=Envelope(bounce_to=sender.bounces, recipient=recipient),
        message_id=message_id,
        content="".join(headers).encode("ascii") + _parts(body, html, boundary=f"=_{seal}"),
    )


def _fitting(
    edition: Edition,
    subscription: Subscription,
    values: Mapping[str, Any],
    *,
    renderer: Renderer,
    zone: ZoneInfo,
    names: Mapping[str, str],
) -> tuple[Letter, str]:
    """The fullest letter whose HTML keeps to the budget."""
    edition = tidy(edition)
    for plan in PLANS:
        letter = lay_out(edition, subscription.wishes, plan, names=names, zone=zone)
        html = renderer.render("mail/edition/body.html", {**values, "letter": letter})
        if len(html.encode()) <= HTML_BUDGET:
            return letter, html
    raise ComposeError(f"the HTML part is over {HTML_BUDGET} octets even with no story in it")


def _seal(day: date, subscriber: int, key: bytes) -> str:
    """A name for one edition to one subscriber that tells nobody which subscriber."""
    mac = hmac.digest(key, f"{day.isoformat()}:{subscriber}".encode(), hashlib.sha256)
    return base64.b32encode(mac[:15]).decode("ascii").lower()


def _list_headers(one_click_url: str, sender: Sender, domain: str) -> list[str]:
    """The headers by which mail programs know a list and offer a way out of it."""
    ways = [f"<{one_click_url}>"]
    if sender.reply_to:
        ways.append(f"<mailto:{quote(ascii_address(sender.reply_to), safe='@')}?subject=unsubscribe>")
    return [
        field("List-Id", f"<edition.{domain}>"),  # RFC 2919: a name, not an address
        field("List-Unsubscribe", ", ".join(ways)),
        # RFC 8058 asks for https; the settings let nothing else pass but a trial on this machine.
        field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    ]


def _parts(body: str, html: str, *, boundary: str) -> bytes:
    """The two parts as multipart/alternative, plainest first (RFC 2046 section 5.1.4).

    Quoted-printable passes any relay and never holds the boundary's "=_". The library takes its width from
    the policy, whose 78 is over the 76 of RFC 2045 section 6.7.
    """
    parts = EmailMessage(policy=SMTP.clone(max_line_length=76))
    parts.set_content(body, charset="utf-8", cte="quoted-printable")
    parts.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
    parts.set_boundary(boundary)
    return parts.as_bytes()
