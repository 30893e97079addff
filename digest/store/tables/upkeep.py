"""Upkeep: what is counted to limit abuse, what was done today, and what is held in memory."""

from __future__ import annotations

from sqlalchemy import Column, Date, Integer, Table, Text

from digest.store.tables.columns import Instant, metadata

counts = Table(
    "counts",  # how often something was asked for, by whom, in a stretch of time: for the limits on abuse
    metadata,
    Column("scope", Text, primary_key=True),  # a keyed hash; no address
    Column("since", Instant, primary_key=True),
    Column("count", Integer, nullable=False),
)

revisions = Table(
    "revisions",  # of what processes hold in memory: a mark that is new with each change
    metadata,
    Column("name", Text, primary_key=True),
    Column("mark", Text, nullable=False),
    info={"passing": True},  # it tells running processes that they are behind: no backup holds it
)

chores = Table(
    "chores",  # what is done once a day, and the last day it was done for
    metadata,
    Column("name", Text, primary_key=True),
    Column("day", Date, nullable=False),
    Column("done_at", Instant, nullable=False),
)
