"""People: subscribers, their subscriptions, requests and watches, and addresses we must not write to."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Integer, Table

from digest.store.tables.columns import Instant, Json, Text, enum, metadata
from digest.subscriptions import Channel, Standing, Step

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("address", Text, nullable=False),
    Column(
        "address_key", Text, nullable=False, unique=True
    ),  # equal for all spellings of an address (`addresses.same_key`)
    Column("created_at", Instant, nullable=False),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("subscriber_id", ForeignKey("subscribers.id"), primary_key=True),
    Column("standing", enum(Standing, "standing"), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("wishes", Json, nullable=False),
    Column("since", Instant, nullable=False),
    Column("paused_until", Date),
    Column("ended_at", Instant),
    Column("ended_reason", enum(Step, "step")),
)

subscription_steps = Table(
    "subscription_steps",  # append-only: the history of each subscription
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("subscriber_id", ForeignKey("subscribers.id"), nullable=False, index=True),
    Column("generation", Integer, nullable=False),
    Column("step", enum(Step, "step"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("channel", enum(Channel, "channel"), nullable=False),
    Column("wording", Text, nullable=False),
    Column("origin", Text, nullable=False),  # a truncated network address
    Column("by", Text, nullable=False),
    Column("bulk_id", Integer, index=True),  # the action on many subscriptions that it was part of
    Column("before", enum(Standing, "before")),  # the standing before the step; None: there was none
    Column("until", Date),  # the end of a pause; for an ending, the end of the pause that it cut short
)

requests = Table(
    "requests",  # what waits for confirmation; at most one for each subscriber
    metadata,
    Column("subscriber_id", ForeignKey("subscribers.id"), primary_key=True),
    Column("generation", Integer, nullable=False),
    Column("address", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False),
    Column(
        "reference", Text, nullable=False, index=True
    ),  # a keyed hash of the address, to be seen in public
)

arrivals = Table(
    "arrivals",  # what was asked for on a page that promises an email, until it is done
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),  # a name in `arrivals.KINDS`
    Column("subscriber_id", ForeignKey("subscribers.id")),  # None: only an address was typed
    Column("address", Text, nullable=False),  # as typed; empty: none was typed
    Column("content", Json, nullable=False),  # what else was chosen
    Column("evidence", Json, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("begun_at", Instant),  # when it was first tried
    Column("tries", Integer, nullable=False),
    Column("ready_at", Instant),  # None: at once
    Column("lease_until", Instant),
    Column("fence", Integer, nullable=False),
)

watches = Table(
    "watches",  # which providers a subscriber watches: a copy from the wishes, indexed for alerts
    metadata,
    Column("provider_id", Text, primary_key=True),  # may be missing in the register
    Column("subscriber_id", ForeignKey("subscribers.id"), primary_key=True, index=True),
    Column("alerts", Boolean, nullable=False),
)

gaps_told = Table(
    "gaps_told",  # of which of their wishes subscribers know that no source covers it
    metadata,
    Column("subscriber_id", ForeignKey("subscribers.id"), primary_key=True),
    Column("generation", Integer, nullable=False),
    Column("keys", Json, nullable=False),  # `wishes.Uncovered.key` of each
)

bulks = Table(
    "bulks",  # actions on many subscriptions at once, which can be undone
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("what", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("undone_at", Instant),
)

suppressions = Table(
    "suppressions",  # addresses we must not write to, as keyed hashes; no import or erasure removes them
    metadata,
    Column("seal", Text, primary_key=True),
    Column("why", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("by", Text, nullable=False),
)

departures = Table(
    "departures",  # addresses whose owners left, complained or asked for erasure, as keyed hashes
    metadata,
    Column("seal", Text, primary_key=True),
    Column("since", Instant, nullable=False),
)

seal_marks = Table(
    "seal_marks",  # at most one row: shows whether the key of the hashes has changed
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("mark", Text, nullable=False),
)

endings = Table(
    "endings",  # on PostgreSQL, what a restore must not revive (`store/endings.py`); on SQLite it is a file
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("what", Text, nullable=False),
    Column("seal", Text, nullable=False),
    Column("at", Instant),  # None: not known
    info={"passing": True, "outlives restores": True},
)

endings_marks = Table(
    "endings_marks",  # at most one row: what a state on SQLite knows of its record of endings
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("number", Integer, nullable=False),
    Column("octets", BigInteger, nullable=False),
    Column("last", Text, nullable=False),
    Column("known_from", BigInteger, nullable=False),
    Column("at", Instant),  # None: not known
    info={"passing": True},
)
