"""Newsletters that came to an address of this service, kept until they are read and for a while after."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from digest.ports.world import FolderLook


class NewsletterState(StrEnum):
    """What has become of a newsletter that came in."""

    WAITING = "waiting"  # the next poll of its source reads it
    READ = "read"
    NOT_BELIEVED = "not believed"  # it may be forged: nothing is read of it
    TO_CONFIRM = "to confirm"  # it asks us to confirm the subscription: an operator does that
    UNREADABLE = "unreadable"


class Keeping(StrEnum):
    """What became of a newsletter that was to be kept."""

    KEPT = "kept"
    KNOWN = "known"  # it is here already
    FULL = "full"  # too many of its source wait; nothing is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptNewsletter:
    """A message that came for a source. All but `content` is for operators."""

    source: str
    at: datetime  # its arrival
    named: str  # a hash of its Message-ID, or of the message if it has none
    fingerprint: str  # of the whole message
    sender: str  # its From field, one line
    subject: str  # one line
    octets: int  # of the whole message, of which `content` may be the beginning
    content: bytes = field(repr=False, default=b"")
    state: NewsletterState = NewsletterState.WAITING
    why: str = ""  # why it is not believed or unreadable


class Newsletters(Protocol):
    """The newsletters of one source after another, as its lister reads them."""

    async def look(self, source: str, *, since: datetime, known: Collection[str]) -> FolderLook:
        """Those that came since an instant, with the contents of some that are not known.

        Their names are their fingerprints. `MailboxError` if none can come in.
        """
        ...

    async def settle(self, fingerprint: str, state: NewsletterState, why: str = "") -> bool:
        """Note what has become of one; False if that is known already."""
        ...


class NewsletterStore(Newsletters, Protocol):
    """All newsletters that came in."""

    async def keep(self, newsletter: KeptNewsletter, most: int) -> Keeping:
        """Keep a newsletter, so that it is not lost by a crash; at most so many of its source.

        Room is made by deleting the oldest that are not believed, and then the oldest others that do not
        wait. One that is read already, by its `named`, is not kept again. One of that name that still waits
        or was not believed does not count: it may be forged.
        """
        ...

    async def all(self, source: str | None = None) -> list[KeptNewsletter]:
        """Those of a source or of all, the oldest first, without their contents."""
        ...

    async def content(self, fingerprint: str) -> bytes:
        """What is kept of one; empty if it is gone."""
        ...

    async def drop(self, fingerprint: str) -> bool:
        """Delete one; False if there is none with this fingerprint."""
        ...
