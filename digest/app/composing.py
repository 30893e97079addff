"""Composing: editions as messages in this service's name, and the addresses it writes from and reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from zoneinfo import ZoneInfo

from digest.adapters.config.secrets import Secrets
from digest.adapters.templates import TemplateRenderer
from digest.app.directory import template_directories
from digest.compose import Addresses, Rendition, Sender, Tokens, render
from digest.deliveries import Message
from digest.edition import Edition
from digest.inbound import OurAddresses
from digest.pages.wished import NOTHING_CARRIED, copy_page
from digest.ports import Carried
from digest.present.links import SignedLinks
from digest.present.times import time_words
from digest.providers import Register
from digest.ratings import Inspectorates
from digest.settings import Settings
from digest.site.addresses import edition_page, service_page
from digest.subscriptions import EVERYTHING, Wishes
from digest.tokens import MAIL_TOKEN_LENGTH, TOKEN_LENGTH, KeyUse, LinkTokens, Purpose, derived_key
from digest.web.managing import own_watch_page


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """Makes messages of editions, in this service's name."""

    sender: Sender
    zone: ZoneInfo
    inspectorates: Inspectorates
    renderer: TemplateRenderer
    links: SignedLinks
    key: bytes  # keeps Message-IDs and return paths from being guessed

    def render(
        self,
        edition: Edition,
        wishes: Wishes,
        register: Register,
        at: datetime,
        carried: Carried = NOTHING_CARRIED,
        *,
        sample: bool = False,
    ) -> Rendition:
        """The message of an edition for these wishes; `carried` are the days whose stories it has too."""
        page = edition_page(edition.day)
        return render(
            edition,
            wishes,
            at=at,
            sender=self.sender,
            addresses=Addresses(
                leave=self.links.address(Purpose.LEAVE, ""),
                one_click=self.links.address(Purpose.ONE_CLICK, ""),
                manage=self.links.address(Purpose.MANAGE, ""),
                share=self.links.home(copy_page(page, EVERYTHING, carried)),
                copy=self.links.home(copy_page(page, wishes, carried)),
                service=lambda provider, body: self.links.home(service_page(provider, "", body)),
                watch=own_watch_page,
                leave_mail=(self.sender.commands, MAIL_TOKEN_LENGTH) if self.sender.commands else None,
            ),
            token_length=TOKEN_LENGTH,
            renderer=self.renderer,
            zone=self.zone,
            key=self.key,
            known=self.inspectorates,
            register=register,
            sample=sample,
        )

    def tokens(self, subscriber: int, generation: int) -> Tokens:
        signed, own = self.links.tokens, (subscriber, generation)
        leave, one_click, manage = signed.for_edition(*own)
        mail = signed.sign_for_mail(Purpose.LEAVE, *own) if self.sender.commands else ""
        return Tokens(leave=leave, one_click=one_click, manage=manage, leave_mail=mail)


def composer(settings: Settings, secrets: Secrets, directory: Path) -> Composer:
    """The composer of this operator's editions."""
    links = SignedLinks(str(settings.service.url), LinkTokens([secrets.derived(KeyUse.LINKS)]))
    renderer = TemplateRenderer(template_directories(directory))
    return _composer(settings, secrets.derived(KeyUse.DELIVERIES), renderer, links)


def previewer(settings: Settings, directory: Path) -> Composer:
    """The composer of messages that anybody may have: their links do not work; their Message-IDs differ."""
    renderer = TemplateRenderer(template_directories(directory))
    links = SignedLinks(str(settings.service.url), LinkTokens([derived_key("a preview", KeyUse.LINKS)]))
    return _composer(settings, b"a preview", renderer, links)


def _composer(settings: Settings, key: bytes, renderer: TemplateRenderer, links: SignedLinks) -> Composer:
    return Composer(
        sender=sender(settings),
        zone=settings.edition.zone,
        inspectorates=settings.inspectorates,
        renderer=renderer,
        links=links,
        key=key,
    )


def plain_text(edition: Edition, settings: Settings, directory: Path) -> str:
    """An edition's plain-text part without filters, for an operator. Its links do not work."""
    preview = previewer(settings, directory)
    rendition = preview.render(edition, Wishes(), Register(), edition.cutoff)
    copy = rendition.copy_for(0, settings.sender.address, preview.tokens(0, 0))
    return part_of(copy, "plain")


def part_of(message: Message, kind: str) -> str:
    """A part of a message, "plain" or "html", with line ends as in files."""
    part = message_from_bytes(message.content, policy=default).get_body((kind,))
    return "\n".join(str(part.get_content()).splitlines()) if part else ""  # in mail, lines end in CRLF


def sender(settings: Settings) -> Sender:
    """Who our messages come from."""
    return Sender(
        name=settings.sender.name,
        address=settings.sender.address,
        reply_to=settings.sender.reply_to,
        bounces=settings.sender.bounces,
        service_name=settings.service.name,
        service_url=str(settings.service.url),
        contact=settings.service.contact,
        postal_address=settings.sender.postal_address,
        daily_at=time_words(settings.edition.noon, settings.edition.zone),
        commands=commands_domain(settings),
    )


def our_addresses(settings: Settings) -> OurAddresses:
    """The addresses that we receive mail at and write from."""
    sender, contact = settings.sender, settings.service.contact
    general = {sender.address, *([sender.reply_to] if sender.reply_to else [])}
    return OurAddresses(
        bounces=sender.bounces,
        domain=commands_domain(settings) or "",
        general=frozenset(general if "/" in contact else {*general, contact}),
        senders=frozenset({sender.address}),
        newsletters=frozenset(settings.newsletters_here),
    )


def commands_domain(settings: Settings) -> str | None:
    """The domain of join@, leave@, help@ and confirm@; None if no mail is received."""
    receiving = settings.receiving
    if receiving is None:
        return None
    return receiving.domain or settings.sender.bounces.rpartition("@")[2]
