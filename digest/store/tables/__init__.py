"""The whole schema as it is now. The migrations build it; a test keeps the two equal.

Unique keys guarantee one edition a local day, one delivery for each edition and subscriber, one item for each
source and key, and one change for each report and aspect.
"""

from digest.store.tables.columns import Instant, come, metadata
from digest.store.tables.editions import attempts, batches, deliveries, editions, limits, pauses, relay_health
from digest.store.tables.items import (
    ItemState,
    changes,
    decisions,
    doubts,
    hosts,
    item_keys,
    items,
    judgements,
    open_cases,
    page_parts,
    pages,
    providers,
    ratings,
    readings,
    reports,
    sources,
)
from digest.store.tables.mail import letters, parked_mail, returns
from digest.store.tables.people import (
    arrivals,
    bulks,
    departures,
    endings,
    requests,
    seal_marks,
    subscribers,
    subscription_steps,
    subscriptions,
    suppressions,
    watches,
)
from digest.store.tables.upkeep import chores, counts, heartbeats, revisions, troubles

__all__ = [
    "Instant",
    "ItemState",
    "arrivals",
    "attempts",
    "batches",
    "bulks",
    "changes",
    "chores",
    "come",
    "counts",
    "decisions",
    "deliveries",
    "departures",
    "doubts",
    "editions",
    "endings",
    "heartbeats",
    "hosts",
    "item_keys",
    "items",
    "judgements",
    "letters",
    "limits",
    "metadata",
    "open_cases",
    "page_parts",
    "pages",
    "parked_mail",
    "pauses",
    "providers",
    "ratings",
    "readings",
    "relay_health",
    "reports",
    "requests",
    "returns",
    "revisions",
    "seal_marks",
    "sources",
    "subscribers",
    "subscription_steps",
    "subscriptions",
    "suppressions",
    "troubles",
    "watches",
]
