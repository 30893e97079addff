"""Mail: letters to one person, reports of mail that came back, and received mail that waits for operators."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, LargeBinary, Table

from digest.deliveries import State
from digest.ports import NewsletterState
from digest.smtp_verdicts import Verdict
from digest.store.tables.columns import Instant, Json, Text, enum, metadata

letters = Table(
    "letters",  # messages to one person other than editions: confirmations, answers, alerts
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column(
        "key", Text, nullable=False, unique=True
    ),  # names the occasion, so that each letter is written once
    Column("kind", Text, nullable=False),  # its template
    Column("subscriber_id", ForeignKey("subscribers.id"), index=True),
    Column("address", Text, nullable=False),  # empty once it is pruned
    Column("content", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),  # it is not sent after this instant
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
    Index("ix_letters_kind_created_at", "kind", "created_at"),
)

returns = Table(
    "returns",  # reports of mail that came back, and refusals
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column(
        "edition_day", Date, nullable=False, index=True
    ),  # of a letter, the local day on which it was written
    Column("letter_id", Integer, index=True),  # None: the report is about an edition
    Column("subscriber_id", ForeignKey("subscribers.id"), nullable=False, index=True),
    Column("verdict", enum(Verdict, "verdict"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("status", Text, nullable=False),
    Column("code", Integer),
    Column("text", Text, nullable=False),
    Column("fingerprint", Text, nullable=False, unique=True),  # of the report, so that a second copy is known
)

parked_mail = Table(
    "parked_mail",  # received mail that an operator should look at
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("sent_to", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("fingerprint", Text, nullable=False, unique=True),
    Column("content", LargeBinary, nullable=False),
)

newsletters = Table(
    "newsletters",  # newsletters of sources that came to an address of this service
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source_id", Text, nullable=False),  # as in the config files: it may never have been polled
    Column("at", Instant, nullable=False),
    Column("named", Text, nullable=False),  # a hash of its Message-ID
    Column("fingerprint", Text, nullable=False, unique=True),
    Column("sender", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("octets", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("state", enum(NewsletterState, "newsletter_state"), nullable=False),
    Column("why", Text, nullable=False),
    Index("ix_newsletters_source_id_named", "source_id", "named"),
    Index("ix_newsletters_at", "at"),
)
