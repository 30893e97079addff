"""Links to the service's pages, for mails and pages alike. Most have a token that permits one action."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from digest.letter_kinds import (
    Alert,
    Confirm,
    ConfirmMove,
    CoverageChanged,
    OwnLink,
    ProofOfLife,
    Reminder,
)
from digest.letters import Letter, unasked
from digest.tokens import LinkTokens, Purpose, Seal


@dataclass(frozen=True, slots=True)
class SignedLinks:
    """Makes links to the service's pages."""

    base_url: str
    tokens: LinkTokens

    def address(self, purpose: Purpose, token: str) -> str:
        """The page for a token with this purpose."""
        return self.home(f"{purpose}/{token}")

    def home(self, page: str = "") -> str:
        """A page that needs no token."""
        return f"{self.base_url.rstrip('/')}/{page}"

    def link(self, purpose: Purpose, subscriber: int, number: int) -> str:
        """A link with a new token. `number` is the generation; for `MOVE` it is the request's number."""
        return self.address(purpose, self.tokens.sign(purpose, subscriber, number))

    def expiring_link(self, purpose: Purpose, subscriber: int, generation: int, until: datetime) -> str:
        """A link that is valid until an instant, in whole seconds."""
        return self.address(purpose, self.tokens.sign_expiring(purpose, subscriber, generation, until))

    def never_again_link(self, seal: str) -> str:
        """A link that never runs out; `seal` names the mailbox."""
        return self.address(Purpose.NEVER_AGAIN, self.tokens.sign_sealed(Purpose.NEVER_AGAIN, seal))


NEVER_AGAIN: Final = "never_again_url"
"""Among a letter's links: the page by which the reader stops all letters."""


ONE_CLICK: Final = "one_click_url"
"""Among a letter's links: where a mail program posts to stop such letters, or to leave (RFC 8058)."""


STOP: Final = "stop_url"
"""Among a letter's links: the page by which the reader stops letters of this kind alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterLinks:
    """The links of one letter: `compose.letters.Links`."""

    links: SignedLinks
    mail_domain: str | None  # the domain of addresses that take commands by mail; None: there are none
    mailbox_seal: Seal  # names a mailbox in the link by which its owner stops all letters

    def __call__(self, letter: Letter) -> dict[str, str]:
        """The links, by the names that templates use. A letter to no subscriber has no personal links."""
        pages = {"home_url": "", "fresh_link_url": "fresh-link", "coverage_url": "coverage"}
        found = {name: self.links.home(page) for name, page in pages.items()}
        subscriber, generation = letter.content.subscriber, letter.content.generation
        if unasked(letter.content):
            found[NEVER_AGAIN] = self.links.never_again_link(self.mailbox_seal(letter.address))
        if subscriber is None or generation is None:
            return found
        for name, purpose in _NAMES.items():
            found[name] = self.links.link(purpose, subscriber, generation)
        match letter.content:
            case OwnLink(to=to, until=until):
                found["own_url"] = self.links.expiring_link(Purpose(to), subscriber, generation, until)
            case Alert() | ProofOfLife() as own:
                stop = self.links.link(STOPS[type(own)], subscriber, generation)
                found |= {STOP: stop, ONE_CLICK: stop}
            case CoverageChanged():
                found[ONE_CLICK] = self.links.link(Purpose.ONE_CLICK, subscriber, generation)
            case ConfirmMove(move=move):
                found["move_url"] = self.links.link(Purpose.MOVE, subscriber, move)
            case Confirm() | Reminder() if self.mail_domain is not None:
                token = self.links.tokens.sign_for_mail(Purpose.CONFIRM, subscriber, generation)
                found["reply_to"] = f"confirm+{token}@{self.mail_domain}"
        return found


STOPS: Final = {Alert: Purpose.STOP_ALERTS, ProofOfLife: Purpose.STOP_PROOF_OF_LIFE}
"""By the kind of a letter that readers asked for: what stops it alone."""

_NAMES = {
    "confirm_url": Purpose.CONFIRM,
    "leave_url": Purpose.LEAVE,
    "manage_url": Purpose.MANAGE,
    "come_back_url": Purpose.COME_BACK,
}
