"""Editions: each day's edition, its deliveries and batches, and what pauses or limits sending."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    text,
)

from digest.deliveries import Event, State
from digest.interventions import Act
from digest.store.tables.columns import Instant, Json, Text, enum, metadata

editions = Table(
    "editions",
    metadata,
    Column("day", Date, primary_key=True),  # one edition a local day
    Column("cutoff", Instant, nullable=False),
    Column("content", Json, nullable=False),
    Column("sealed_at", Instant, nullable=False),
    Column("planned_at", Instant),
    Column("closed_at", Instant),  # since then nothing of it changes: it goes to readers
    Column("closed_with", Json),  # what operators made of it until then; null: nothing
)

interventions = Table(
    "interventions",  # append-only: what operators did with an edition before it went
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("edition_day", Date, nullable=False),
    Column("act", enum(Act, "act"), nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("words", Text, nullable=False),
    Column("item_id", Integer),  # the story that is dropped or restored, as is the place
    Column("place", Integer),
    Column("until", Instant),  # when a hold ends by itself
    Index("ix_interventions_edition_day", "edition_day"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("edition_day", ForeignKey("editions.day"), primary_key=True),
    Column("subscriber_id", ForeignKey("subscribers.id"), primary_key=True),  # one a day for each subscriber
    Column("batch", Integer, nullable=False),
    Column("state", enum(State, "state"), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("retry_at", Instant),
    Column("code", Integer),  # of the last reply, as is the text
    Column("text", Text),
    Column("carried_to", ForeignKey("editions.day")),  # the later edition that tells its stories
    Column("planned_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Index("ix_deliveries_subscriber_id", "subscriber_id"),
    Index("ix_deliveries_batch", "edition_day", "batch"),
    Index(
        "ix_deliveries_carried_to",
        "carried_to",
        "subscriber_id",
        sqlite_where=text("carried_to IS NOT NULL"),
        postgresql_where=text("carried_to IS NOT NULL"),
    ),
)

kept_days = Table(
    "kept_days",  # editions that wait for the day of a weekly reader; they have no delivery of them
    metadata,
    Column("edition_day", ForeignKey("editions.day"), primary_key=True),
    Column("subscriber_id", ForeignKey("subscribers.id"), primary_key=True),  # waits once, is brought once
    Column("carried_to", ForeignKey("editions.day")),  # the later edition that brings its stories
    Index("ix_kept_days_subscriber_id", "subscriber_id"),
    Index("ix_kept_days_carried_to", "carried_to", "subscriber_id"),
)

batches = Table(
    "batches",  # some of an edition's deliveries, which a worker claims by lease and fence
    metadata,
    Column("edition_day", ForeignKey("editions.day"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("size", Integer, nullable=False),
    Column("open", Boolean, nullable=False),  # some of its deliveries wait
    Column("clean", Boolean, nullable=False),  # none of its deliveries waits
    Column("ready_at", Instant),  # when the first deferred delivery is tried again
    Column("owner", Text),
    Column("claimed_at", Instant),
    Column("lease_until", Instant),  # a dead worker's claim runs out
    Column(
        "fence", Integer, nullable=False
    ),  # a worker with an older number lost its lease and must not write
)

attempts = Table(
    "attempts",  # attempts that the relay did not accept; an accepted one is in the delivery
    metadata,
    Column("edition_day", Date, primary_key=True),
    Column("subscriber_id", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("event", enum(Event, "event"), nullable=False),
    Column("code", Integer),
    Column("text", Text),
    ForeignKeyConstraint(
        ["edition_day", "subscriber_id"], ["deliveries.edition_day", "deliveries.subscriber_id"]
    ),
)

pauses = Table(
    "pauses",  # at most one row; while it exists, sending is off
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("since", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("in_doubt", Date),  # the day whose edition may have been sent from a state that is lost
    Column("until", Instant),  # when it ends by itself
    Column("unknown_since", Instant),  # after a restore: who left after this instant is not known
)

limits = Table(
    "limits",  # at most one row: limits that an operator set while the service runs
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("per_minute", Integer),
    Column("per_minute_and_domain", Integer),
    Column("per_connection", Integer),
    Column("connections", Integer),
)

relay_health = Table(
    "relay_health",  # whether each worker could reach each relay when it last connected
    metadata,
    Column("worker", Text, primary_key=True),
    Column("relay", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("since", Instant, nullable=False),
    Column("code", Integer),
    Column("trouble", Text, nullable=False),  # empty: it could be reached
    info={"passing": True},  # about running processes, so it is in no backup
)
