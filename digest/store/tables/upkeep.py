"""Upkeep: what is counted to limit abuse, and what was done today."""

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

chores = Table(
    "chores",  # what is done once a day, and the last day it was done for
    metadata,
    Column("name", Text, primary_key=True),
    Column("day", Date, nullable=False),
    Column("done_at", Instant, nullable=False),
)
