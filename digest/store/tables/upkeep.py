"""Upkeep: counts against abuse, daily chores, webhooks, and marks for what processes hold in memory."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, Table

from digest.health import Health
from digest.store.tables.columns import Instant, Json, Text, enum, metadata
from digest.webhooks import Off

counts = Table(
    "counts",  # how often something was asked for, by scope and period of time, for the limits against abuse
    metadata,
    Column("scope", Text, primary_key=True),  # a keyed hash; no address
    Column("since", Instant, primary_key=True),
    Column("count", Integer, nullable=False),
)

revisions = Table(
    "revisions",  # marks that change with the data, so that processes know when their copy in memory is old
    metadata,
    Column("name", Text, primary_key=True),
    Column("mark", Text, nullable=False),
    info={"passing": True},  # about running processes, so it is in no backup
)

chores = Table(
    "chores",  # daily chores, with the last day that each was done for
    metadata,
    Column("name", Text, primary_key=True),
    Column("day", Date, nullable=False),
    Column("done_at", Instant, nullable=False),
)

heartbeats = Table(
    "heartbeats",  # at most one row, written to see that the database takes writes
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("beats", Integer, nullable=False),
    info={"passing": True},
)

troubles = Table(
    "troubles",  # what operators are shown for as long as it lasts
    metadata,
    Column("name", Text, primary_key=True),
    Column("since", Instant, nullable=False),
    Column("said", Text, nullable=False),  # no address
    Column("until", Instant),  # after this it is over; null: until it is ended
    info={"passing": True},  # about the present
)

known_health = Table(
    "known_health",  # what operators know of each source's health (`health.Watched`)
    metadata,
    Column("source", Text, primary_key=True),
    Column("known", enum(Health, "known"), nullable=False),
    Column("told_at", Instant),
    Column("fell_at", Instant),
    Column("relapsed", Boolean, nullable=False),
    Column("seen", enum(Health, "seen"), nullable=False),
    Column("looks", Integer, nullable=False),
    Column("since", Instant),
    Column("asked_at", Instant),
    Column("due_at", Instant),
)

coverage_looks = Table(
    "coverage_looks",  # at most one row: what was covered at the last look, and since when
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("mark", Text, nullable=False),  # `coverage.Coverage.mark`
    Column("since", Instant, nullable=False),
    Column("told_at", Instant),  # when the last subscriber was told; None: some are not
)

applied_config = Table(
    "applied_config",  # what each process has taken over of its config files
    metadata,
    Column("process", Text, primary_key=True),  # its role and its machine
    Column("place", Text, nullable=False),  # the directory of the files, and the machine
    Column("applied_at", Instant, nullable=False),
    Column("record", Json, nullable=False),  # the settings, without secrets and addresses
    Column("restart", Json, nullable=False),  # the keys whose values count after a restart
    Column("until", Instant, nullable=False),  # the process counts as gone after this
    info={"passing": True},  # about running processes
)

webhooks = Table(
    "webhooks",  # where each webhook stands (`webhooks.HookState`)
    metadata,
    Column("id", Text, primary_key=True),
    Column("place", BigInteger, nullable=False),  # the number of the last story that is dealt with
    Column("next_at", Instant, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("failing_since", Instant),
    Column("held_since", Instant),
    Column("said", Text, nullable=False),
    Column("taken_at", Instant),
    Column("left_out", Integer, nullable=False),
    Column("off", enum(Off, "off")),
    Column("off_at", Instant),
    Column("off_mark", Text, nullable=False),
    Column("told", Boolean, nullable=False),
    Column("lease_until", Instant),  # a dead worker's claim runs out
    Column("fence", Integer, nullable=False),  # a worker with an older number lost its claim
)
