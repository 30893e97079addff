"""The edition's message: headers, a text part and an HTML part.

It is rendered once for all subscribers who see the same stories in the same way. A copy for one subscriber
fills its gaps: the address, the links and the Message-ID.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from typing import Any, Final, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from digest.compose.headers import Sender, ascii_address, field, mailbox, text
from digest.compose.wire import Form, form, wire_ready
from digest.deliveries import Envelope, Message
from digest.edition import Edition
from digest.errors import ComposeError
from digest.ports import Renderer
from digest.present.layout import EditionView, Plan, edition_view, in_order, plans_for
from digest.present.tidy import one_line, tidy
from digest.providers import Register
from digest.ratings import NO_INSPECTORATES, Inspectorates
from digest.subscriptions import Wishes
from digest.tokens import DELIVERY_TOKEN_LENGTH, delivery_tokens, stand_in

BUDGET: Final = 80_000
"""The most octets of an edition's message as it is sent. Gmail shows 102 KB of the HTML part at most."""

_OWN: Final = 600
"""Octets kept free for a reader's address, which may be longer than its stand-in and is there twice."""

NOBODY: Final = Register()

ARCHIVE: Final = "archive"
"""The public page of all editions, below the service's address."""


class Tokens(NamedTuple):
    """The tokens in one subscriber's links. Each has the same length in every copy."""

    leave: str
    one_click: str
    manage: str
    leave_mail: str = ""  # for leave+TOKEN@; needed if `Addresses.leave_mail` is set


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """The links in a message: the first three up to the subscriber's token, and one without a token."""

    leave: str
    one_click: str
    manage: str
    share: str  # the edition's public page
    copy: str = ""  # the public page with what these wishes bring; empty: `share` is
    service: Callable[[str, str], str] | None = None  # the page of a provider, by its id and inspectorate
    watch: Callable[[str], str] | None = None  # the page to watch a provider, behind `manage`, by its id
    leave_mail: tuple[str, int] | None = None  # the domain that takes leave+TOKEN@, and the token's length


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """An edition's message for all subscribers with the same wishes, with gaps for each one's own values."""

    day: date
    form: Form
    key: bytes
    bounce_local: str  # of the return path, before its "+"
    bounce_domain: str

    def copy_for(self, subscriber: int, address: str, tokens: Tokens) -> Message:
        """One subscriber's message; `ComposeError` for an address that no header can carry."""
        recipient = ascii_address(address)
        in_message_id, in_return_path = delivery_tokens(self.day, subscriber, self.key)
        values = (recipient, in_message_id, *tokens)  # in the order of `_GAPS`
        bounce_to = f"{self.bounce_local}+{in_return_path}@{self.bounce_domain}"
        wire = self.form.filled([value.encode("ascii") for value in values])
        return Message(Envelope(bounce_to, recipient), wire)


def render(
    edition: Edition,
    wishes: Wishes,
    *,
    at: datetime,
    sender: Sender,
    addresses: Addresses,
    token_length: int,
    renderer: Renderer,
    zone: ZoneInfo,
    key: bytes,
    known: Inspectorates = NO_INSPECTORATES,
    register: Register = NOBODY,
    sample: bool = False,
) -> Rendition:
    """Render the edition that `wishes.personal_edition` made for these wishes.

    `at` is aware and goes into Date. `known` has the inspectorates with their scales, `register` the
    providers; both may be incomplete. A `sample` says so in its subject, and belongs to no list.
    `ComposeError` for an empty edition.
    """
    mail = addresses.leave_mail
    stand_ins = _stand_ins(edition.day, key, token_length, mail[1] if mail else token_length)
    writer = _Writer(
        edition=edition,
        wishes=wishes,
        at=at.astimezone(zone),
        sender=sender,
        addresses=addresses,
        stand_ins=stand_ins,
        renderer=renderer,
        sample=sample,
    )
    wire = _fitting(edition, wishes, writer.written, zone=zone, known=known, register=register)
    local, _, domain = ascii_address(sender.bounces).rpartition("@")
    return Rendition(
        day=edition.day,
        form=form(wire, [stand_ins[name] for name in _GAPS]),
        key=key,
        bounce_local=local,
        bounce_domain=domain,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    """Writes the message of a layout, with stand-ins for each reader's own values."""

    edition: Edition
    wishes: Wishes
    at: datetime
    sender: Sender
    addresses: Addresses
    stand_ins: Mapping[str, str]
    renderer: Renderer
    sample: bool

    def written(self, layout: EditionView) -> bytes:
        """The message in wire form."""
        values = self._values(layout)
        subject, body, html = (
            self.renderer.render(f"mail/edition/{name}", values)
            for name in ("subject.txt", "body.txt", "body.html")
        )
        content = alternatives(body, html, boundary=f"=_{self.stand_ins['boundary']}")
        headers = "".join(self._headers(one_line(subject), layout))
        return wire_ready(headers.encode("ascii") + content)

    def _values(self, layout: EditionView) -> dict[str, Any]:
        addresses = self.addresses
        manage_url = addresses.manage + self.stand_ins["manage"]
        return {
            "layout": layout,
            "sender": self.sender,
            "leave_url": addresses.leave + self.stand_ins["leave"],
            "manage_url": manage_url,
            "share_url": addresses.share,
            "copy_url": addresses.copy or addresses.share,
            "service_url": addresses.service or _no_page,
            "watch_url": _own_page(manage_url, addresses.watch),
        }

    def _headers(self, subject: str, layout: EditionView) -> Iterator[str]:
        sender, day, stand_ins = self.sender, self.edition.day, self.stand_ins
        yield field("From", mailbox(sender.name, sender.address))
        yield field("To", stand_ins["recipient"])
        if sender.reply_to:
            yield field("Reply-To", ascii_address(sender.reply_to))
        yield field("Subject", text(f"Sample: {subject}" if self.sample else subject))
        yield field("Date", format_datetime(self.at))
        yield field("Message-ID", _message_id(day, stand_ins["seal"], sender))
        if not self.sample:
            yield from self._list_headers()
        yield from machine_headers(sender, "edition", f"{day:%Y%m%d}")
        yield from _sections(layout)
        yield field("Content-Language", "en-GB")

    def _list_headers(self) -> list[str]:
        name = "weekly" if self.wishes.weekly and self.wishes.edition_on(self.edition.day) else "edition"
        mail = self.addresses.leave_mail
        leave_mail = f"leave+{self.stand_ins['leave_mail']}@{mail[0]}" if mail else None
        one_click_url = self.addresses.one_click + self.stand_ins["one_click"]
        return _list_headers(name, one_click_url, self.sender, leave_mail)


def _no_page(*_: str) -> str:
    return ""


def _own_page(manage: str, page: Callable[[str], str] | None) -> Callable[[str], str]:
    """The address of a page of the subscriber's own about a provider, by its id."""
    return (lambda provider: f"{manage}/{page(provider)}") if page is not None else _no_page


_OF_URLS: Final = ":/?#[]@!$&'()*+,;=%-._~"  # RFC 3986 section 2; letters beyond ASCII are encoded

_GAPS: Final = ("recipient", "seal", "leave", "one_click", "manage", "leave_mail")


def _stand_ins(day: date, key: bytes, token_length: int, mail_token_length: int) -> dict[str, str]:
    """Placeholders for each copy's own values. They are keyed, so no text that we quote can contain one."""
    lengths = {
        "recipient": 30,
        "seal": DELIVERY_TOKEN_LENGTH,
        "leave": token_length,
        "one_click": token_length,
        "manage": token_length,
        "leave_mail": mail_token_length,
        "boundary": 24,
    }
    found = {name: stand_in(name, day, length, key) for name, length in lengths.items()}
    return found | {"recipient": f"{found['recipient']}@example.org"}


def _message_id(day: date, token: str, sender: Sender) -> str:
    return f"<{day.isoformat()}.{token}@{domain_of(sender)}>"


def domain_of(sender: Sender) -> str:
    return ascii_address(sender.address).rpartition("@")[2]


def _fitting(
    edition: Edition,
    wishes: Wishes,
    written: Callable[[EditionView], bytes],
    *,
    zone: ZoneInfo,
    known: Inspectorates,
    register: Register,
) -> bytes:
    """The message of the fullest of the plans that is within the budget.

    A brief edition has the plan that the same edition in full would have, so it names the same stories.
    """
    edition = tidy(edition)
    full = replace(wishes, brief=False)
    order = in_order(edition, full, known=known, register=register)

    @cache
    def made(plan: Plan, wishes: Wishes = full) -> bytes:
        return written(
            edition_view(edition, wishes, plan, known=known, register=register, zone=zone, order=order)
        )

    def fits(plan: Plan) -> bool:
        return len(made(plan)) + _OWN <= BUDGET

    # On most days one of the first two fits. Each is smaller than the one before, so we halve the others.
    plans = plans_for(len(edition.stories))
    near = next((n for n in (0, 1) if fits(plans[n])), None)
    first = bisect_left(plans, True, 2, key=fits) if near is None else near
    if first == len(plans):
        raise ComposeError(f"the message is over {BUDGET} octets even with no story in it")
    return made(plans[first], wishes) if wishes.brief else made(plans[first])


def _list_headers(name: str, one_click_url: str, sender: Sender, mailto: str | None) -> list[str]:
    """The headers by which mail programs know a list and offer to unsubscribe."""
    ways = [f"<{one_click_url}>"]
    if mailto is not None:
        ways.append(f"<mailto:{mailto}>")
    elif sender.reply_to:
        ways.append(f"<mailto:{quote(ascii_address(sender.reply_to), safe='@')}?subject=unsubscribe>")
    help_at = sender.contact if "/" in sender.contact else f"mailto:{sender.contact}"
    return [
        list_id(sender, name),
        field("List-Archive", f"<{sender.service_url.rstrip('/')}/{ARCHIVE}>"),
        field("List-Help", f"<{quote(help_at, safe=_OF_URLS)}>"),
        *one_click_headers(", ".join(ways)),
    ]


def list_id(sender: Sender, kind: str) -> str:
    """The header by which readers file what comes again and again: one name for each kind of mail."""
    return field("List-Id", f"<{kind}.{domain_of(sender)}>")  # RFC 2919: a name, not an address


def machine_headers(sender: Sender, kind: str, occasion: str, answers: bool = False) -> list[str]:
    """What tells machines that a machine wrote, and receivers which mail a complaint is about.

    `kind` and `occasion` are the same for all readers: Feedback-ID must not name one.
    """
    return [
        # RFC 3834 section 5: the first answers a message, the second was sent by a machine unasked.
        field("Auto-Submitted", "auto-replied" if answers else "auto-generated"),
        # Exchange does not go by Auto-Submitted. Reports of failures still come.
        field("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply"),
        field("Feedback-ID", f"{occasion}:{kind}:{_feedback_sender(sender)}"),
    ]


def _feedback_sender(sender: Sender) -> str:
    """What Gmail counts complaints under: 5 to 15 characters, always the same."""
    return domain_of(sender).replace(".", "-")[:15].rstrip("-")


def _sections(layout: EditionView) -> list[str]:
    """The header to file editions by: the parts and the moves in it, as in "moved, steady, down, up"."""
    parts = (part.kind.value for part in layout.parts)
    moves = (move.value for move, count in layout.glance.moves.items() if count)
    said = ", ".join(dict.fromkeys((*parts, *moves)))
    return [field("X-Digest-Sections", said)] if said else []


def one_click_headers(ways: str | None) -> list[str]:
    """The headers of a mail program's own button (RFC 8058), from the ways out in "<>"; none for None."""
    if ways is None:
        return []
    return [
        field("List-Unsubscribe", ways),
        # RFC 8058 requires https; the settings allow http for a trial on this machine alone.
        field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    ]


def alternatives(body: str, html: str, *, boundary: str) -> bytes:
    """The two parts as multipart/alternative, the plainest first (RFC 2046 section 5.1.4).

    Quoted-printable passes any relay and never contains the boundary's "=_". The library takes the line
    length from the policy: its default of 78 is over the limit of 76 in RFC 2045 section 6.7.
    """
    parts = EmailMessage(policy=SMTP.clone(max_line_length=76))
    parts.set_content(body, charset="utf-8", cte="quoted-printable")
    parts.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
    parts.set_boundary(boundary)
    return parts.as_bytes()
