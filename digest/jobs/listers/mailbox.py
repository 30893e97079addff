"""Lists what newsletters in a mailbox name: reports that they link to, or each message itself.

A mailbox is looked at like a feed: all messages of some days are its list. What is known is known by its
page or by its Message-ID, so a message that is moved, doubled or renumbered brings nothing twice. In this
process, a message that was read is not asked for again while the folder keeps its UIDVALIDITY.
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
from digest.ports import Blocked, Clock, Fetched, Fetcher, MailFolders, Workers
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
    keys: Mapping[str, str]  # secrets, by their names
    _read: dict[str, dict[str, tuple[Item, ...]]] = field(default_factory=dict)  # by source and message
    _tries: dict[str, int] = field(default_factory=dict)  # by message

    async def list_items(self, source: Source, known: Validators) -> Listing:
        spec = cast("MailboxSpec", source.spec)
        password = self.keys.get(spec.password)
        if not password:
            return NotListed(reason=f"the secret {spec.password} is not set", answered=False)
        read = self._read.setdefault(source.id, {})
        since = (self.clock.now() - spec.look_back).date()
        try:
            look = await self.folders.look(spec, password, since=since, known=frozenset(read))
        except MailboxError as error:
            return NotListed(reason=f"the mailbox: {error}", answered=False)
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

    async def _items_of(
        self, source: Source, spec: MailboxSpec, name: str, content: bytes
    ) -> tuple[Item, ...] | None:
        """The items of a message; None if it is to be read again. What it raises is its own trouble."""
        fields = {"source": source.id, "uid": name}
        server = spec.server if source.authority is Authority.OFFICIAL else None
        try:
            letter = await self.workers.run(read_newsletter, content, senders=spec.senders, server=server)
        except (OverrunError, ValueError, RecursionError) as error:
            log.warning("a newsletter cannot be read", extra=fields | {"trouble": str(error)})
            return ()
        if isinstance(letter, NotBelieved):
            log.warning("a newsletter is not believed", extra=fields | {"why": letter.why})
            return ()
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
