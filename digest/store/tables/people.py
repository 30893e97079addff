"""People: who subscribes, what happened to each agreement, what they wait for, and whom not to write to."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, Table, Text

from digest.store.tables.columns import Instant, Json, enum, metadata
from digest.subscriptions import Channel, Standing, Step

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("address", Text, nullable=False),
    Column("address_key", Text, nullable=False, unique=True),  # the form in which two spellings are equal
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
    "subscription_steps",  # append-only: what happened to a subscription, and when
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
    Column("bulk_id", Integer, index=True),  # the action on many that it was part of
    Column("before", enum(Standing, "before")),  # the standing it was taken from; None: there was none
    Column("until", Date),  # of a pause; of an ending, the pause that it cut short
)

requests = Table(
    "requests",  # what waits for a person's confirmation; one for each subscriber
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

watches = Table(
    "watches",  # whom a subscriber watches: the wishes again, as an alert asks for them
    metadata,
    Column("provider_id", Text, primary_key=True),  # of the register, which may lack it
    Column("subscriber_id", ForeignKey("subscribers.id"), primary_key=True, index=True),
    Column("alerts", Boolean, nullable=False),
)

bulks = Table(
    "bulks",  # actions on many subscriptions at once, which can be taken back
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("what", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("undone_at", Instant),
)

suppressions = Table(
    "suppressions",  # addresses we must not write to, as keyed hashes: they outlive import, edit and erasure
    metadata,
    Column("seal", Text, primary_key=True),
    Column("why", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("by", Text, nullable=False),
)

departures = Table(
    "departures",  # addresses whose owners left, complained or had them erased, as keyed hashes
    metadata,
    Column("seal", Text, primary_key=True),
    Column("since", Instant, nullable=False),
)

seal_marks = Table(
    "seal_marks",  # at most one row: by which a seal of another key is noticed
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("mark", Text, nullable=False),
)
