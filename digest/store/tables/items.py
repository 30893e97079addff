"""Items: what sources list, pages, readings, providers, reports, ratings and operators' decisions."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Select,
    Table,
    UniqueConstraint,
    and_,
    false,
    func,
    or_,
    select,
)

from digest.review import Decision
from digest.store.tables.columns import Instant, Json, Text, enum, metadata


class ItemState(StrEnum):
    """How far the reading of an item is."""

    BASELINE = "baseline"  # of the first list, or too old to be news: never read
    HELD = "held"  # not read until an operator has decided
    LISTED = "listed"  # its page waits to be fetched and read
    READ = "read"
    PARKED = "parked"  # given up after several tries; an operator should look


sources = Table(
    "sources",
    metadata,
    Column("id", Text, primary_key=True),
    Column("next_poll_at", Instant, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("began_at", Instant),
    Column("baselined_at", Instant),
    Column("url", Text),
    Column("checked_at", Instant),
    Column("full_at", Instant),
    Column("failures", Integer, nullable=False),
    Column("trouble", Text),
    Column("asked_at", Instant),
    Column("answered_at", Instant),
    Column("refused", Boolean, nullable=False),
    Column("listed", Integer),
    Column("usual_ms", Integer),
    Column("slow", Integer, nullable=False),
    Column("moved_to", Text),
    Column("held_at", Instant),
    Column("paused_at", Instant),
    Column("paused_until", Instant),
    Column("rests", Json),  # the first and the last whole day of each earlier pause
)

hosts = Table(
    "hosts",  # that we ask: one process at a time asks each
    metadata,
    Column("host", Text, primary_key=True),
    Column("leased_by", Text, nullable=False),
    Column("leased_until", Instant, nullable=False),
    Column("shut_until", Instant),  # it asked to be left alone (Retry-After)
)

robots = Table(
    "robots",  # sites whose robots.txt cannot be read
    metadata,
    Column("site", Text, primary_key=True),  # scheme, host and port
    Column("undefined_since", Instant, nullable=False),
    Column("failed_at", Instant, nullable=False),  # the last time
    info={"passing": True},  # about the present
)

items = Table(
    "items",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source_id", ForeignKey("sources.id"), nullable=False),
    Column("state", enum(ItemState, "item_state"), nullable=False),
    Column("title", Text),  # None once pruned; its keys stay
    Column("guid", Text),
    Column("link", Text),
    Column("published_at", Instant),
    Column("published_raw", Text),
    Column("summary", Text),
    Column("fingerprint", Text, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("retry_at", Instant),
    Column("trouble", Text),  # why it was not read, or is no news
    Column("pruned_at", Instant),
    Column("shadow", Boolean, nullable=False),  # only operators see what is read of it
    Column("record", Json),  # what the source's data states, if it publishes data
    Column("last_dated", Instant),  # the latest date that its entry gave
    Column("listed", Json),  # its entry as it is listed now, if it has changed since it was read
    Column("known_since", Instant),  # it was no news then: only what is later is
    Column("released_at", Instant),  # when an operator let it be read; None: it was never held
    Index("ix_items_source_id_state_first_seen_at", "source_id", "state", "first_seen_at"),
)


def _item() -> Column[Any]:
    return Column("item_id", ForeignKey("items.id"), primary_key=True)


item_keys = Table(
    "item_keys",
    metadata,
    Column("source_id", ForeignKey("sources.id"), primary_key=True),
    Column("key", Text, primary_key=True),  # one item for each source and identity
    Column("item_id", ForeignKey("items.id"), nullable=False, index=True),
    Column("since", Instant),  # None: from before this was noted (0023)
    Column("by", Text),  # the key that showed whose this is; None: of the item's first listing
)

pages = Table(
    "pages",
    metadata,
    _item(),
    Column("url", Text, nullable=False),
    Column("content_type", Text),
    Column("body", LargeBinary, nullable=False),  # zlib
    Column("fetched_at", Instant, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("look_at", Instant, index=True),  # when to see whether it was edited; None: not again
    Column("noticed_at", Instant),  # when its entry last gave a reason to look at it again
)

versions = Table(
    "versions",  # how entries and pages were edited
    metadata,
    _item(),
    Column("number", Integer, primary_key=True, autoincrement=False),  # from 1
    Column("what", Text, nullable=False),  # "entry" or "page"
    Column("noticed_at", Instant, nullable=False),
    Column("title", Text, nullable=False),  # of the entry since then
    Column("said", Text, nullable=False),  # the entry's summary since then
    Column("url", Text),  # of the page before, as is the next
    Column("body", LargeBinary),  # zlib
    Column("note", Text, nullable=False),  # what the edit changed
)

page_parts = Table(
    "page_parts",  # the other pages of a report in parts
    metadata,
    _item(),
    Column("number", Integer, primary_key=True, autoincrement=False),  # from 1, in the order of reading
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

shadows = Table(
    "shadows",  # what editions would have told of sources in shadow; no reader is told anything of it
    metadata,
    _item(),
    Column("place", Integer, primary_key=True),
    Column("found_at", Instant, nullable=False),
    Column("content", Json, nullable=False),  # the candidate
)

records = Table(
    "records",  # what publishers' data stated when it was last seen
    metadata,
    Column("source_id", ForeignKey("sources.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("version", Integer, nullable=False),  # how many different states of it were seen
    Column("standing", Text, nullable=False),  # the same as long as it states the same rating
    Column("content", Json, nullable=False),
    Column("seen_at", Instant, nullable=False),  # when it was new, or had changed
    Column("gone_at", Instant),  # since when the data has it no more
    Column("binding", Text),  # by which it was read last (`records.binding_of`); None: not known
    # Seen in shadow: the register and the rating history do not have it as it is.
    Column("shadow", Boolean, nullable=False, server_default=false()),
    Index("ix_records_source_id_shadow", "source_id", "shadow"),
)

snapshots = Table(
    "snapshots",  # the data of a source as a whole
    metadata,
    Column("source_id", ForeignKey("sources.id"), primary_key=True),
    Column("document", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("asked", Json),  # changes that were asked for already
    Column("seen_at", Instant, nullable=False),
)


def _of_report() -> tuple[Column[Any], Column[Any], ForeignKeyConstraint]:
    return (
        Column("item_id", Integer, primary_key=True),
        Column("place", Integer, primary_key=True),
        ForeignKeyConstraint(["item_id", "place"], ["reports.item_id", "reports.place"]),
    )


reports = Table(
    "reports",
    metadata,
    _item(),
    Column("place", Integer, primary_key=True),
    Column("provider_id", ForeignKey("providers.id"), index=True),
    Column("dated", Date, nullable=False),
    Column("found_at", Instant, nullable=False),
    Column("content", Json, nullable=False),  # the candidate as it is now
    Column("read", Json),  # as it was read; None: equal to `content`
    Column("told", Json),  # as the last edition printed it; None: equal to `content`, if printed
    Column("told_on", ForeignKey("editions.day")),  # the one edition that prints it
    Column("withheld_at", Instant),  # when an operator decided that no edition prints it
    Index("ix_reports_told_on", "told_on"),
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
    Column("before_precision", Text),  # a `Precision`, as below; None: the day is known
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
    Column("published_precision", Text),
    Column("evidence", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("item_id", Integer),  # None: from the register
    Column("source_id", Text),  # of the data that states it as past; None: from the operator's register
    Column("place", Integer),
    ForeignKeyConstraint(["item_id", "place"], ["reports.item_id", "reports.place"]),
    UniqueConstraint("item_id", "place", "aspect"),
    sqlite_autoincrement=True,  # no id is used again: how many and which ids tell what has changed
)

doubts = Table(
    "doubts",
    metadata,
    *_of_report(),
    Column("reason", Text, primary_key=True),
    Column("raised_at", Instant, nullable=False),
)

edits = Table(
    "edits",  # reports whose page says something else, until an operator decides what it is
    metadata,
    *_of_report(),
    Column("reason", Text, nullable=False),  # as operators are asked
    Column("content", Json, nullable=False),  # the candidate as the page gives it now
    Column("reading", Json, nullable=False),
    Column("url", Text, nullable=False),
    Column("content_type", Text),
    Column("body", LargeBinary, nullable=False),  # zlib
    Column("fetched_at", Instant, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
)

decisions = Table(
    "decisions",  # append-only: what operators decided about a report, who, when and why
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("item_id", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    Column("decision", enum(Decision, "decision"), nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("why", Text, nullable=False),
    ForeignKeyConstraint(["item_id", "place"], ["reports.item_id", "reports.place"]),
)


def open_cases() -> Select[tuple[int, int]]:
    """The item and place of every report with a doubt that is newer than its last decision."""
    last = select(decisions.c.item_id, decisions.c.place, func.max(decisions.c.at).label("at"))
    last_at = last.group_by(decisions.c.item_id, decisions.c.place).subquery()
    same = and_(last_at.c.item_id == doubts.c.item_id, last_at.c.place == doubts.c.place)
    query = select(doubts.c.item_id, doubts.c.place).distinct().outerjoin(last_at, same)
    return query.where(or_(last_at.c.at.is_(None), doubts.c.raised_at > last_at.c.at))
