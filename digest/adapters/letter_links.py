"""The links and mail addresses that letters may show, made when a letter is sent and kept nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.adapters.links import Purpose, SignedLinks
from digest.letters import CONFIRM, OWN_LINK, REMINDER, Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterLinks:
    """`compose.correspondence.Links` on signed links."""

    links: SignedLinks
    mail_domain: str | None  # of an address that takes commands; None: no mail of ours is read

    def __call__(self, letter: Letter) -> dict[str, str]:
        """By the names that templates know; those of a subscriber only in letters to one."""
        found = {"home_url": self.links.home(), "fresh_link_url": self.links.home("fresh-link")}
        subscriber, generation = letter.subscriber, letter.content.get("generation")
        if subscriber is None or generation is None:
            return found
        for name, purpose in _NAMES.items():
            found[name] = self.links.link(purpose, subscriber, generation)
        if letter.kind == OWN_LINK:
            until = datetime.fromisoformat(letter.content["until"])
            purpose = Purpose(letter.content["to"])
            found["own_url"] = self.links.brief_link(purpose, subscriber, generation, until)
        if "move" in letter.content:
            found["move_url"] = self.links.link(Purpose.MOVE, subscriber, letter.content["move"])
        if self.mail_domain is not None and letter.kind in {CONFIRM, REMINDER}:
            token = self.links.mail_token(Purpose.CONFIRM, subscriber, generation)
            found["reply_to"] = f"confirm+{token}@{self.mail_domain}"
        return found


_NAMES = {
    "confirm_url": Purpose.CONFIRM,
    "leave_url": Purpose.LEAVE,
    "manage_url": Purpose.MANAGE,
    "come_back_url": Purpose.COME_BACK,
}
