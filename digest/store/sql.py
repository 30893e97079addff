"""The store: all families of tables on one database, as `ports.Store` names them."""

from __future__ import annotations

from digest.store.admissions import SqlAdmissions
from digest.store.applied import SqlConfigs
from digest.store.arrivals import SqlArrivals
from digest.store.counts import SqlCounts
from digest.store.database import Database
from digest.store.editions import SqlEditions
from digest.store.histories import SqlHistories
from digest.store.hosts import SqlHosts
from digest.store.items import SqlItems
from digest.store.known_health import SqlKnownHealth
from digest.store.letters import SqlLetters
from digest.store.mail import SqlMail
from digest.store.members.browse import SqlPeople
from digest.store.members.bulks import SqlBulks
from digest.store.members.gaps import SqlGaps
from digest.store.members.requests import SqlRequests
from digest.store.members.subscriptions import SqlSubscriptions
from digest.store.members.watches import SqlWatches
from digest.store.newsletters import SqlNewsletters
from digest.store.providers import SqlProviders
from digest.store.pruning import SqlPruning
from digest.store.public.model import SqlPublicModel
from digest.store.public.reads import SqlPublic
from digest.store.records import SqlRecords
from digest.store.register import SqlRegister
from digest.store.review import SqlReview
from digest.store.sending.controls import SqlLimits, SqlPauses, SqlRelays
from digest.store.sending.ledger import NotifyWorkers, SqlDeliveries
from digest.store.sources import SqlSources
from digest.store.troubles import SqlTroubles
from digest.store.versions import SqlVersions
from digest.store.webhooks import SqlWebhooks
from digest.tokens import Seal


class SqlStore:
    """`ports.Store` on SQLite or PostgreSQL."""

    def __init__(self, database: Database, notify: NotifyWorkers | None = None, *, seal: Seal) -> None:
        self.database = database
        database.endings.seal = seal
        self.sources = SqlSources(database)
        self.hosts = SqlHosts(database)
        self.items = SqlItems(database)
        self.admissions = SqlAdmissions(database)
        self.histories = SqlHistories(database)
        self.versions = SqlVersions(database)
        self.providers = SqlProviders(database)
        self.register = SqlRegister(database, self.providers)
        self.records = SqlRecords(database)
        self.editions = SqlEditions(database)
        self.deliveries = SqlDeliveries(database, notify)
        self.pauses = SqlPauses(database)
        self.limits = SqlLimits(database)
        self.relays = SqlRelays(database)
        self.review = SqlReview(database)
        self.subscriptions = SqlSubscriptions(database, seal)
        self.people = SqlPeople(database)
        self.bulks = SqlBulks(database, seal)
        self.pruning = SqlPruning(database, seal)
        self.arrivals = SqlArrivals(database)
        self.requests = SqlRequests(database)
        self.letters = SqlLetters(database)
        self.counts = SqlCounts(database)
        self.mail = SqlMail(database)
        self.newsletters = SqlNewsletters(database)
        self.troubles = SqlTroubles(database)
        self.configs = SqlConfigs(database)
        self.gaps = SqlGaps(database)
        self.watches = SqlWatches(database)
        self.known_health = SqlKnownHealth(database)
        self.public = SqlPublic(database)
        self.public_model = SqlPublicModel(database)
        self.webhooks = SqlWebhooks(database)
