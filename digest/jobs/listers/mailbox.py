"""Lists what newsletters name: reports that they link to, or each message itself.

They are in a mailbox, or came to an address of this service. Both are looked at like a feed: all messages of
some days are the list. What is known is known by its page or by its Message-ID, so a message that is moved,
doubled or renumbered brings nothing twice. In this process, a message that was read is not asked for again
while the folder keeps its UIDVALIDITY. What is noted of a newsletter that came here is for operators: no item
depends on it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, cast
from urllib.parse import unquote, urlsplit

from digest.errors import MailboxError, OverrunError
from digest.inbound.newsletters import LinkInLetter, Newsletter, NotBelieved, read_newsletter
from digest.items import Item, canonical_link
from digest.listing import Listed, Listing, NotListed
from digest.parse.entries import absolute
from digest.parse.text import shortened
from digest.ports import (
    Blocked,
    Clock,
    Fetched,
    Fetcher,
    FolderLook,
    MailFolders,
    Newsletters,
    NewsletterState,
    Workers,
)
from digest.source_specs import MailboxSpec
from digest.sources import Authority, Source, Validators

log = logging.getLogger(__name__)

TRIES: Final = 5
"""So often a message is read again because a link in it could not be followed."""

_LONGEST: Final = 200_000  # characters of a message that is an item itself


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxLister:
    """See the module."""

    fetcher: Fetcher
    workers: Workers
    clock: Clock
    folders: MailFolders
    newsletters: Newsletters  # those that came to this service
    keys: Mapping[str, str]  # secrets, by their names
    _read: dict[str, dict[str, tuple[Item, ...]]] = field(default_factory=dict)  # by source and message
    _tries: dict[str, int] = field(default_factory=dict)  # by message

    async def list_items(self, source: Source, known: Validators) -> Listing:
        spec = cast("MailboxSpec", source.spec)
        read = self._read.setdefault(source.id, {})
        try:
            look = await self._look(source, spec, frozenset(read))
        except MailboxError as error:
            return NotListed(reason=str(error), answered=False)
        for name in read.keys() - set(look.names):
            del read[name]
        for name, content in look.new:
            items = await self._items_of(source, spec, name, content)
            if items is not None:
                read[name] = items
        found: dict[str, Item] = {}
        for name in look.names:
            for item in read.get(name, ()):
                found.setdefault(canonical_link(item.link) if item.link else item.guid or "", item)
        return Listed(items=tuple(found.values()), empty_is_all=True)

    async def _look(self, source: Source, spec: MailboxSpec, known: frozenset[str]) -> FolderLook:
        since = self.clock.now() - spec.look_back
        account = spec.account
        if account is None:
            return await self.newsletters.look(source.id, since=since, known=known)
        password = self.keys.get(account.password)
        if not password:
            raise MailboxError(f"the secret {account.password} is not set")
        try:
            return await self.folders.look(account, password, since=since.date(), known=known)
        except MailboxError as error:
            raise MailboxError(f"the mailbox: {error}") from error

    async def _items_of(
        self, source: Source, spec: MailboxSpec, name: str, content: bytes
    ) -> tuple[Item, ...] | None:
        """The items of a message; None if it is to be read again. What it raises is its own trouble."""
        here = spec.account is None
        fields = {"source": source.id, "fingerprint" if here else "uid": name[:12] if here else name}
        checked = here or source.authority is Authority.OFFICIAL  # anybody can guess an address of ours
        server = spec.server if checked else None
        try:
            letter = await self.workers.run(read_newsletter, content, senders=spec.senders, server=server)
        except (OverrunError, ValueError, RecursionError) as error:
            if await self._is_new(spec, name, NewsletterState.UNREADABLE, str(error)):
                log.warning("a newsletter cannot be read", extra=fields | {"trouble": str(error)})
            return ()
        if isinstance(letter, NotBelieved):
            if await self._is_new(spec, name, NewsletterState.NOT_BELIEVED, letter.why):
                log.warning("a newsletter is not believed", extra=fields | {"why": letter.why})
            return ()
        if letter.asks_to_confirm:
            if await self._is_new(spec, name, NewsletterState.TO_CONFIRM):
                log.warning("a newsletter asks you to confirm its subscription", extra=fields)
            return ()
        items = await self._items_in(source, spec, name, letter)
        if items is not None:
            await self._is_new(spec, name, NewsletterState.READ)
        return items

    async def _is_new(self, spec: MailboxSpec, name: str, state: NewsletterState, why: str = "") -> bool:
        """Note what has become of a message that came here; whether operators are to hear of it."""
        return spec.account is not None or await self.newsletters.settle(name, state, why)

    async def _items_in(
        self, source: Source, spec: MailboxSpec, name: str, letter: Newsletter
    ) -> tuple[Item, ...] | None:
        if spec.links is None:
            return (_of_the_message(letter),)
        items = []
        for link in letter.links:
            place = await self._place(source, spec, link)
            if place is None and self._may_try_again(name):
                return None
            if place:
                items.append(_of_a_link(letter, link, place))
        self._tries.pop(name, None)
        return tuple(items)

    def _may_try_again(self, name: str) -> bool:
        self._tries[name] = self._tries.get(name, 0) + 1
        return self._tries[name] < TRIES

    async def _place(self, source: Source, spec: MailboxSpec, link: LinkInLetter) -> str | None:
        """Where a link leads, if that is a report of the publisher; "" if not, None if nothing answers."""
        if place := _report_at(link.url, source, spec):
            return place
        if spec.tracking is None or not re.search(spec.tracking, link.url):
            return ""
        match await self.fetcher.fetch(link.url):
            case Fetched(url=url):
                return _report_at(url, source, spec)
            case Blocked():
                return ""
            case _:
                return None


def _report_at(url: str, source: Source, spec: MailboxSpec) -> str:
    """An address, if it is on the publisher's own host and has the pattern of its reports; else ""."""
    place = absolute(url, source.url) or ""
    host, own = urlsplit(place).hostname or "", source.host.removeprefix("www.")
    ours = host == own or host.endswith(f".{own}")
    return place if ours and re.search(spec.links or "", place) else ""


def _of_a_link(letter: Newsletter, link: LinkInLetter, place: str) -> Item:
    last = unquote(urlsplit(place).path.rstrip("/").rpartition("/")[2])
    title = link.words or " ".join(re.split(r"[-_\s]+", last)) or letter.subject or place
    return Item(title=shortened(title, 300), link=place, published_at=letter.sent_at)


def _of_the_message(letter: Newsletter) -> Item:
    return Item(
        title=letter.subject or "A newsletter without a subject",
        guid=f"mail:{letter.id}",
        published_at=letter.sent_at,
        summary=letter.text[:_LONGEST],
    )
