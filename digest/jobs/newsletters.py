"""Newsletters that come in: each is kept before it is acknowledged, and the next poll of its source reads it.

Nothing here is answered, and nobody is asked who wrote it: that is for the lister, which reads newsletters of
mailboxes by the same rules (`listers/mailbox.py`).
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from typing import Final

from digest.inbound.entity import LOOKED_AT
from digest.inbound.newsletters import Head, head_of
from digest.ports import Clock, Keeping, KeptNewsletter, Mail, NewsletterStore, Reception, Workers

log = logging.getLogger(__name__)

MOST: Final = 100
"""So many newsletters of one source are kept at most. Of each, `LOOKED_AT` octets are kept, and packed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsletterIntake:
    """Keeps the newsletters that come to addresses of this service."""

    store: NewsletterStore
    workers: Workers
    clock: Clock

    async def take(self, source: str, mail: Mail, fingerprint: str) -> Reception:
        """Keep a message for a source. Never raises; the same message again changes nothing."""
        content = mail.content[:LOOKED_AT]
        fields = {"source": source, "fingerprint": fingerprint[:12]}
        try:
            head = await self._head(content)
            newsletter = KeptNewsletter(
                source=source,
                at=self.clock.now(),
                named=head.named,
                fingerprint=fingerprint,
                sender=head.sender,
                subject=head.subject,
                octets=len(mail.content) + mail.left_out,
                content=content,
            )
            kept = await self.store.keep(newsletter, MOST)
        except Exception as error:  # noqa: BLE001 - whatever it is, the mail server keeps the message
            # The error's text may hold an address.
            log.error("a newsletter could not be kept", extra=fields | {"error": type(error).__name__})  # noqa: TRY400
            return Reception.LATER
        if kept is Keeping.FULL:
            log.warning("too many newsletters of a source wait", extra=fields)
            return Reception.LATER
        log.info("a newsletter came", extra=fields | {"kept": kept.value})
        return Reception.TAKEN

    async def _head(self, content: bytes) -> Head:
        try:
            return await self.workers.run(head_of, content)
        except Exception:  # noqa: BLE001 - a message that cannot be read is kept all the same
            return Head(named=hashlib.sha256(content).hexdigest()[:32], sender="", subject="")
