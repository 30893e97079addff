"""Ports: what the jobs need from outside, as protocols. `adapters` and `store` implement them."""

from __future__ import annotations

from typing import Protocol

from digest.ports.ledger import Carried, DeliveryStore, Due, LimitStore, PauseStore, RelayStore
from digest.ports.letters import (
    CoverageLook,
    GapReader,
    GapStore,
    LetterRecord,
    LetterStore,
    RequestStore,
    Sent,
    WaitingLetter,
    WatchStore,
    WithoutEdition,
)
from digest.ports.newsletters import Keeping, KeptNewsletter, Newsletters, NewsletterState, NewsletterStore
from digest.ports.people import ArrivalStore, Enrolling, Joined, SubscriptionStore
from digest.ports.public import Public, PublicModelStore, PublicStore
from digest.ports.reading import (
    AdmissionStore,
    EditionStore,
    Forgotten,
    HeldBatch,
    HistoryStore,
    ItemKey,
    ItemStore,
    ListedItem,
    ParkedItem,
    ProviderStore,
    ReviewStore,
    SetAside,
    SourceStore,
    TakenIn,
    Unopened,
    Unread,
)
from digest.ports.records import RecordStore
from digest.ports.sending import Journal, JournalPage, Relay, Session
from digest.ports.upkeep import (
    AppliedConfig,
    ConfigStore,
    CountStore,
    KnownHealthStore,
    MailStore,
    Parked,
    PruneStore,
    Quota,
    Refusal,
    Returned,
    Rule,
    Trouble,
    TroubleStore,
    Words,
)
from digest.ports.versions import Edited, InQuestion, Reread, Version, VersionStore
from digest.ports.webhooks import HOOK_LEASE, HookClaim, HookLook, HookStore, Post
from digest.ports.world import (
    LONGEST_LEASE,
    MAIL_KEPT,
    NO_HEADERS,
    NO_VALIDATORS,
    Blocked,
    Clock,
    Fetched,
    Fetcher,
    FolderLook,
    HostLease,
    Hosts,
    HostShut,
    HostStore,
    Large,
    Lister,
    Mail,
    MailFolders,
    NotModified,
    Operators,
    Outcome,
    Receiving,
    Reception,
    Renderer,
    Unreached,
    Workers,
)

__all__ = [
    "HOOK_LEASE",
    "LONGEST_LEASE",
    "MAIL_KEPT",
    "NO_HEADERS",
    "NO_VALIDATORS",
    "AdmissionStore",
    "AppliedConfig",
    "ArrivalStore",
    "Blocked",
    "Carried",
    "Clock",
    "ConfigStore",
    "CountStore",
    "CoverageLook",
    "DeliveryStore",
    "Due",
    "Edited",
    "EditionStore",
    "Enrolling",
    "Fetched",
    "Fetcher",
    "FolderLook",
    "Forgotten",
    "GapReader",
    "GapStore",
    "HeldBatch",
    "HistoryStore",
    "HookClaim",
    "HookLook",
    "HookStore",
    "HostLease",
    "HostShut",
    "HostStore",
    "Hosts",
    "InQuestion",
    "ItemKey",
    "ItemStore",
    "Joined",
    "Journal",
    "JournalPage",
    "Keeping",
    "KeptNewsletter",
    "KnownHealthStore",
    "Large",
    "LetterRecord",
    "LetterStore",
    "LimitStore",
    "ListedItem",
    "Lister",
    "Mail",
    "MailFolders",
    "MailStore",
    "NewsletterState",
    "NewsletterStore",
    "Newsletters",
    "NotModified",
    "Operators",
    "Outcome",
    "Parked",
    "ParkedItem",
    "PauseStore",
    "Post",
    "ProviderStore",
    "PruneStore",
    "Public",
    "PublicModelStore",
    "PublicStore",
    "Quota",
    "Receiving",
    "Reception",
    "RecordStore",
    "Refusal",
    "Relay",
    "RelayStore",
    "Renderer",
    "RequestStore",
    "Reread",
    "Returned",
    "ReviewStore",
    "Rule",
    "Sent",
    "Session",
    "SetAside",
    "SourceStore",
    "Store",
    "SubscriptionStore",
    "TakenIn",
    "Trouble",
    "TroubleStore",
    "Unopened",
    "Unreached",
    "Unread",
    "Version",
    "VersionStore",
    "WaitingLetter",
    "WatchStore",
    "WithoutEdition",
    "Words",
    "Workers",
]


class Store(Protocol):
    """What jobs and pages use of the store, one property for each family of tables."""

    @property
    def sources(self) -> SourceStore: ...
    @property
    def items(self) -> ItemStore: ...
    @property
    def admissions(self) -> AdmissionStore: ...
    @property
    def histories(self) -> HistoryStore: ...
    @property
    def versions(self) -> VersionStore: ...
    @property
    def providers(self) -> ProviderStore: ...
    @property
    def records(self) -> RecordStore: ...
    @property
    def editions(self) -> EditionStore: ...
    @property
    def deliveries(self) -> DeliveryStore: ...
    @property
    def pauses(self) -> PauseStore: ...
    @property
    def limits(self) -> LimitStore: ...
    @property
    def relays(self) -> RelayStore: ...
    @property
    def review(self) -> ReviewStore: ...
    @property
    def subscriptions(self) -> SubscriptionStore: ...
    @property
    def pruning(self) -> PruneStore: ...
    @property
    def arrivals(self) -> ArrivalStore: ...
    @property
    def requests(self) -> RequestStore: ...
    @property
    def gaps(self) -> GapStore: ...
    @property
    def letters(self) -> LetterStore: ...
    @property
    def counts(self) -> CountStore: ...
    @property
    def mail(self) -> MailStore: ...
    @property
    def newsletters(self) -> NewsletterStore: ...
    @property
    def troubles(self) -> TroubleStore: ...
    @property
    def configs(self) -> ConfigStore: ...
    @property
    def watches(self) -> WatchStore: ...
    @property
    def known_health(self) -> KnownHealthStore: ...
    @property
    def public(self) -> PublicStore: ...
    @property
    def public_model(self) -> PublicModelStore: ...
    @property
    def webhooks(self) -> HookStore: ...
