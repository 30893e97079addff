"""Mail: letters to one person, what comes back, and what could not be dealt with."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, LargeBinary, Table, Text

from digest.deliveries import State
from digest.smtp_verdicts import Verdict
from digest.store.tables.columns import Instant, Json, enum, metadata

letters = Table(
    "letters",  # messages to one person that are no editions: confirmations, answers, alerts
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),  # what it is about: written once for all asking
    Column("kind", Text, nullable=False),  # its template
    Column("subscriber_id", ForeignKey("subscribers.id"), index=True),
    Column("address", Text, nullable=False),  # empty once it is settled and old
    Column("content", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),  # after which it is of no use to anybody
    Column("state", enum(State, "state"), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("ready_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("fence", Integer, nullable=False),
    Column("code", Integer),
    Column("text", Text),
    Column("settled_at", Instant),
    Index("ix_letters_state_ready_at", "state", "ready_at"),
    Index("ix_letters_state_settled_at", "state", "settled_at"),
)

returns = Table(
    "returns",  # what came back of deliveries, by report or by refusal
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("edition_day", Date, nullable=False, index=True),  # of a letter, the day it was asked for on
    Column("letter_id", Integer, index=True),  # None: an edition came back
    Column("subscriber_id", ForeignKey("subscribers.id"), nullable=False, index=True),
    Column("verdict", enum(Verdict, "verdict"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("status", Text, nullable=False),
    Column("code", Integer),
    Column("text", Text, nullable=False),
    Column("fingerprint", Text, nullable=False, unique=True),  # of the report: a second copy says nothing new
)

parked_mail = Table(
    "parked_mail",  # received mail that could not be dealt with; an operator should look
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("sent_to", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("fingerprint", Text, nullable=False, unique=True),
    Column("content", LargeBinary, nullable=False),
)
