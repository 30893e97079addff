"""The schema as it stands now. The migrations lead to it; a test holds the two together.

Uniqueness is the promise: one edition a local day, one delivery for each edition and subscriber, one item for
each source and key, one change for each report and aspect.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from digest.deliveries import Event, State
from digest.review import Decision
from digest.subscriptions import Channel, Standing, Step
from digest.verdicts import Verdict

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, in UTC on both databases; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: instants are aware")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ItemState(StrEnum):
    """Where an item is on its way to being read."""

    BASELINE = "baseline"  # known from the first poll, or too old to be news: never read
    LISTED = "listed"  # its page is to be fetched and read
    READ = "read"
    PARKED = "parked"  # given up after several tries; an operator should look


def _enum(kind: type[StrEnum], name: str) -> Enum:
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


Json = JSON().with_variant(JSONB(), "postgresql")


def _item() -> Column[Any]:
    return Column("item_id", ForeignKey("items.id"), primary_key=True)


sources = Table(
    "sources",
    metadata,
    Column("id", Text, primary_key=True),
    Column("next_poll_at", Instant, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("baselined_at", Instant),
    Column("checked_at", Instant),
    Column("full_at", Instant),
    Column("failures", Integer, nullable=False),
    Column("trouble", Text),
)

items = Table(
    "items",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("state", _enum(ItemState, "item_state"), nullable=False),
    Column("title", Text),  # None once pruned: what stays is the tombstone, its keys
    Column("guid", Text),
    Column("link", Text),
    Column("published_at", Instant),
    Column("published_raw", Text),
    Column("summary", Text),
    Column("fingerprint", Text, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("retry_at", Instant),
    Column("trouble", Text),
    Column("pruned_at", Instant),
    Index("ix_items_source_id_state", "source_id", "state"),
)

item_keys = Table(
    "item_keys",
    metadata,
    Column("source_id", ForeignKey("sources.id"), primary_key=True),
    Column("key", Text, primary_key=True),  # one item for each source and identity
    Column("item_id", ForeignKey("items.id"), nullable=False),
)

pages = Table(
    "pages",
    metadata,
    _item(),
    Column("url", Text, nullable=False),
    Column("content_type", Text),
    Column("body", LargeBinary, nullable=False),  # zlib
    Column("fetched_at", Instant, nullable=False),
)

readings = Table(
    "readings",
    metadata,
    _item(),
    Column("kind", Text, nullable=False),
    Column("content", Json, nullable=False),
    Column("read_at", Instant, nullable=False),
)

providers = Table(
    "providers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("inspectorate", Text, nullable=False),
    Column("aliases", Json, nullable=False),
    Column("predecessors", Json, nullable=False),
    Column("proposed", Boolean, nullable=False),  # named by a text, not yet by the operator's register
)

editions = Table(
    "editions",
    metadata,
    Column("day", Date, primary_key=True),  # one edition a local day
    Column("cutoff", Instant, nullable=False),
    Column("content", Json, nullable=False),
    Column("sealed_at", Instant, nullable=False),
    Column("planned_at", Instant),
)

reports = Table(
    "reports",
    metadata,
    _item(),
    Column("place", Integer, primary_key=True),
    Column("provider_id", ForeignKey("providers.id")),
    Column("dated", Date, nullable=False),
    Column("found_at", Instant, nullable=False),
    Column("content", Json, nullable=False),  # the filing
    Column("told_on", ForeignKey("editions.day")),  # a report is told in one edition
    Column("withheld_at", Instant),  # an operator said that it is not to be told
    Index("ix_reports_told_on", "told_on"),
)


def _of_report() -> tuple[Column[Any], Column[Any], ForeignKeyConstraint]:
    return (
        Column("item_id", Integer, primary_key=True),
        Column("place", Integer, primary_key=True),
        ForeignKeyConstraint(["item_id", "place"], ["reports.item_id", "reports.place"]),
    )


judgements = Table(
    "judgements",
    metadata,
    *_of_report(),
    Column("aspect", Text, primary_key=True),
    Column("scale", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("previous", Text),
    Column("evidence", Text, nullable=False),
)

changes = Table(
    "changes",
    metadata,
    *_of_report(),
    Column("aspect", Text, primary_key=True),  # one change for each report and aspect
    Column("provider_id", ForeignKey("providers.id"), nullable=False),
    Column("scale", Text, nullable=False),
    Column("movement", Text, nullable=False),
    Column("before", Text),
    Column("before_on", Date),
    Column("after", Text),
    Column("certainty", Text, nullable=False),
    Column("review", Text),
)

ratings = Table(
    "ratings",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("provider_id", ForeignKey("providers.id"), nullable=False, index=True),
    Column("aspect", Text, nullable=False),
    Column("scale", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("inspected_on", Date),
    Column("published_on", Date),
    Column("evidence", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("item_id", Integer),  # None: it came with the register
    Column("place", Integer),
    ForeignKeyConstraint(["item_id", "place"], ["reports.item_id", "reports.place"]),
    UniqueConstraint("item_id", "place", "aspect"),
)

doubts = Table(
    "doubts",
    metadata,
    *_of_report(),
    Column("reason", Text, primary_key=True),
    Column("raised_at", Instant, nullable=False),
)

decisions = Table(
    "decisions",  # append-only: what operators decided of a report, who, when and why
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("item_id", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    Column("decision", _enum(Decision, "decision"), nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("why", Text, nullable=False),
    ForeignKeyConstraint(["item_id", "place"], ["reports.item_id", "reports.place"]),
)

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
    Column("standing", _enum(Standing, "standing"), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("wishes", Json, nullable=False),
    Column("since", Instant, nullable=False),
    Column("paused_until", Date),
    Column("ended_at", Instant),
    Column("ended_reason", _enum(Step, "step")),
)

subscription_steps = Table(
    "subscription_steps",  # append-only: what happened to a subscription, and when
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("subscriber_id", ForeignKey("subscribers.id"), nullable=False, index=True),
    Column("generation", Integer, nullable=False),
    Column("step", _enum(Step, "step"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("channel", _enum(Channel, "channel"), nullable=False),
    Column("wording", Text, nullable=False),
    Column("origin", Text, nullable=False),  # a truncated network address
    Column("by", Text, nullable=False),
    Column("bulk_id", Integer, index=True),  # the action on many that it was part of
    Column("before", _enum(Standing, "before")),  # the standing it was taken from; None: there was none
    Column("until", Date),  # of a pause; of an ending, the pause that it cut short
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

watches = Table(
    "watches",  # whom a subscriber watches: the wishes again, as an alert asks for them
    metadata,
    Column("provider_id", Text, primary_key=True),  # of the register, which may lack it
    Column("subscriber_id", ForeignKey("subscribers.id"), primary_key=True, index=True),
    Column("alerts", Boolean, nullable=False),
)

suppressions = Table(
    "suppressions",  # addresses we must not write to, as keyed hashes: they outlive import, edit and erasure
    metadata,
    Column("seal", Text, primary_key=True),
    Column("why", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("by", Text, nullable=False),
)

seal_marks = Table(
    "seal_marks",  # at most one row: by which a seal of another key is noticed
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("mark", Text, nullable=False),
)

chores = Table(
    "chores",  # what is done once a day, and the last day it was done for
    metadata,
    Column("name", Text, primary_key=True),
    Column("day", Date, nullable=False),
    Column("done_at", Instant, nullable=False),
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
    Column("state", _enum(State, "state"), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("ready_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("fence", Integer, nullable=False),
    Column("code", Integer),
    Column("text", Text),
    Column("settled_at", Instant),
    Index("ix_letters_state_ready_at", "state", "ready_at"),
)

counts = Table(
    "counts",  # how often something was asked for, by whom, in a stretch of time: for the limits on abuse
    metadata,
    Column("scope", Text, primary_key=True),  # a keyed hash; no address
    Column("since", Instant, primary_key=True),
    Column("count", Integer, nullable=False),
)

returns = Table(
    "returns",  # what came back of deliveries, by report or by refusal
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("edition_day", Date, nullable=False, index=True),
    Column("subscriber_id", ForeignKey("subscribers.id"), nullable=False, index=True),
    Column("verdict", _enum(Verdict, "verdict"), nullable=False),
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

deliveries = Table(
    "deliveries",
    metadata,
    Column("edition_day", ForeignKey("editions.day"), primary_key=True),
    Column("subscriber_id", ForeignKey("subscribers.id"), primary_key=True),  # one a day, whatever happens
    Column("batch", Integer, nullable=False),
    Column("state", _enum(State, "state"), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("retry_at", Instant),
    Column("code", Integer),  # of the last answer, like its text
    Column("text", Text),
    Column("carried_to", ForeignKey("editions.day")),  # the edition that brings its stories, late
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

batches = Table(
    "batches",  # what a worker claims: some of an edition's deliveries, by lease and fence
    metadata,
    Column("edition_day", ForeignKey("editions.day"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("size", Integer, nullable=False),
    Column("open", Boolean, nullable=False),  # something of it waits
    Column("clean", Boolean, nullable=False),  # nothing of it is owed to anybody
    Column("ready_at", Instant),  # when the first of those put off is to be asked again
    Column("owner", Text),
    Column("claimed_at", Instant),
    Column("lease_until", Instant),  # a dead worker's claim runs out
    Column("fence", Integer, nullable=False),  # a worker that lost its lease must not write
)

pauses = Table(
    "pauses",  # at most one row: sending is off while it is there
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("since", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
)

limits = Table(
    "limits",  # at most one row: what an operator set while the service runs
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("per_minute", Integer),
    Column("per_minute_and_domain", Integer),
    Column("per_connection", Integer),
    Column("connections", Integer),
)

relay_health = Table(
    "relay_health",  # how each worker found each relay when it last dialled it
    metadata,
    Column("worker", Text, primary_key=True),
    Column("relay", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("since", Instant, nullable=False),
    Column("code", Integer),
    Column("trouble", Text, nullable=False),  # empty: it could be had
    info={"passing": True},  # it tells of running processes: no backup holds it
)

attempts = Table(
    "attempts",  # tries that did not end with the relay taking the message; its taking stands in the delivery
    metadata,
    Column("edition_day", Date, primary_key=True),
    Column("subscriber_id", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("event", _enum(Event, "event"), nullable=False),
    Column("code", Integer),
    Column("text", Text),
    ForeignKeyConstraint(
        ["edition_day", "subscriber_id"], ["deliveries.edition_day", "deliveries.subscriber_id"]
    ),
)
