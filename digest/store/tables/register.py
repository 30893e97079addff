"""The register: providers, which came after which, which entries are one, and what was decided of it."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table

from digest.providers import Ruling
from digest.store.tables.columns import Instant, Json, Text, enum, metadata

providers = Table(
    "providers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("inspectorate", Text, nullable=False),
    Column("aliases", Json, nullable=False),  # former names too
    Column("proposed", Boolean, nullable=False),  # named by a text and not in the operator's register yet
    Column("number", Text),  # the publisher's own; None: it is not known
    Column("area", Text, nullable=False, server_default=""),
    Index("ix_providers_inspectorate_number", "inspectorate", "number"),
)

provider_links = Table(
    "provider_links",  # which provider came after which; one that is in no register may be among them
    metadata,
    Column("provider_id", Text, primary_key=True),
    Column("predecessor_id", Text, primary_key=True),
    Column("stated_by", Text, primary_key=True),  # a source's id, or one of `providers.StatedBy`
    Column("record", Text, primary_key=True),  # the key of the source's record; "" if none states it
    Column("link", Text),  # a `providers.Link`; None: an operator has said that there is none
    Index("ix_provider_links_predecessor_id", "predecessor_id"),
    Index("ix_provider_links_stated_by_record", "stated_by", "record"),
)

merges = Table(
    "merges",  # entries of the register that lead to another; what is stored of either stays its own
    metadata,
    Column("provider_id", ForeignKey("providers.id"), primary_key=True),
    Column("into_id", ForeignKey("providers.id"), nullable=False, index=True),
)

rulings = Table(
    "rulings",  # append-only: what was decided about the register, by whom, when and why
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("ruling", enum(Ruling, "ruling"), nullable=False),
    Column("provider_id", Text, nullable=False, index=True),
    Column("other_id", Text, nullable=False, index=True),
    Column("link", Text),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("why", Text, nullable=False),
)
