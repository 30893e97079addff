"""The lister of each kind of source. A new kind needs a lister and a line in `listers`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from digest.errors import MailboxError
from digest.items import Item
from digest.jobs.listers.dataset import DatasetLister
from digest.jobs.listers.feed import FeedLister
from digest.jobs.listers.govuk import GovukLister
from digest.jobs.listers.json_api import JsonLister
from digest.jobs.listers.mailbox import MailboxLister
from digest.jobs.listers.pages import ListingLister, SitemapLister
from digest.listing import Data
from digest.ports import (
    Clock,
    Fetcher,
    FolderLook,
    Lister,
    MailFolders,
    Newsletters,
    NewsletterState,
    RecordStore,
    Workers,
)
from digest.ratings import Inspectorates
from digest.records import Kept, Record, Snapshot
from digest.source_specs import SourceKind


def listers(
    *,
    fetcher: Fetcher,
    workers: Workers,
    data_workers: Workers,
    zone: ZoneInfo,
    records: RecordStore,
    inspectorates: Inspectorates,
    clock: Clock,
    keys: Mapping[str, str],
    folders: MailFolders,
    newsletters: Newsletters,
) -> Mapping[SourceKind, Lister]:
    """The lister for each kind of source. `zone` is the zone of dates that have none.

    `records` is what is remembered of publishers' data; `NothingKept` where there is no state. `data_workers`
    have the time and memory that large files need. `keys` are the secrets for publishers' servers, by name.
    `newsletters` are those that come to this service; `NoNewsletters` if none can come.
    """
    return {
        SourceKind.DATASET: DatasetLister(
            fetcher=fetcher,
            workers=data_workers,
            records=records,
            inspectorates=inspectorates,
            clock=clock,
        ),
        SourceKind.FEED: FeedLister(fetcher=fetcher, workers=workers, zone=zone),
        SourceKind.GOVUK: GovukLister(fetcher=fetcher, workers=workers),
        SourceKind.MAILBOX: MailboxLister(
            fetcher=fetcher,
            workers=workers,
            clock=clock,
            folders=folders,
            keys=keys,
            newsletters=newsletters,
        ),
        SourceKind.LISTING: ListingLister(fetcher=fetcher, workers=workers, zone=zone),
        SourceKind.SITEMAP: SitemapLister(fetcher=fetcher, workers=workers),
        SourceKind.JSON: JsonLister(
            fetcher=fetcher,
            workers=workers,
            clock=clock,
            zone=zone,
            inspectorates=inspectorates,
            records=records,
            keys=keys,
        ),
    }


NOT_RECEIVED: Final = "this service receives no mail: digest.yaml has no `receiving`"


@dataclass(frozen=True, slots=True)
class NoNewsletters(Newsletters):
    """Newsletters that cannot come here."""

    why: str

    async def look(self, source: str, *, since: datetime, known: Collection[str]) -> FolderLook:
        raise MailboxError(self.why)

    async def settle(self, fingerprint: str, state: NewsletterState, why: str = "") -> bool:
        return False


@dataclass(frozen=True, slots=True)
class OnlyLookedAt(Newsletters):
    """Newsletters of which nothing is noted, for a look that changes nothing."""

    kept: Newsletters

    async def look(self, source: str, *, since: datetime, known: Collection[str]) -> FolderLook:
        return await self.kept.look(source, since=since, known=known)

    async def settle(self, fingerprint: str, state: NewsletterState, why: str = "") -> bool:
        return True


class NothingKept(RecordStore):
    """The records of a state that there is not."""

    async def snapshot(self, source: str) -> Snapshot | None:
        return None

    async def kept(self, source: str) -> Mapping[str, Kept]:
        return {}

    async def stated(self, source: str, keys: Collection[str]) -> Mapping[str, Record]:
        return {}

    async def remember(
        self,
        source: str,
        data: Data,
        items: Sequence[Item] = (),
        *,
        now: datetime,
        shadow: bool = False,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        raise NotImplementedError("nothing is remembered without a state")

    async def enter(self, source: str, *, now: datetime) -> int:
        raise NotImplementedError("nothing is remembered without a state")
