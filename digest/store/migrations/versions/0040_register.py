"""The register has the publishers' numbers and areas, links of several origins, and merges that can be undone."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from digest.store.tables import Instant

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_RULINGS = ("merged", "joined", "split", "linked", "unlinked")


def upgrade() -> None:
    op.create_table(
        "provider_links",
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("predecessor_id", sa.Text(), nullable=False),
        sa.Column("stated_by", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint(
            "provider_id", "predecessor_id", "stated_by", "record", name=op.f("pk_provider_links")
        ),
    )
    op.create_index("ix_provider_links_predecessor_id", "provider_links", ["predecessor_id"])
    op.create_index("ix_provider_links_stated_by_record", "provider_links", ["stated_by", "record"])
    op.create_table(
        "merges",
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("into_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_merges_provider_id")),
        sa.ForeignKeyConstraint(["into_id"], ["providers.id"], name=op.f("fk_merges_into_id")),
        sa.PrimaryKeyConstraint("provider_id", name=op.f("pk_merges")),
    )
    op.create_index("ix_merges_into_id", "merges", ["into_id"])
    ruling = sa.Enum(*_RULINGS, name="ruling", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "rulings",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("ruling", ruling, nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("other_id", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rulings")),
    )
    op.create_index("ix_rulings_provider_id", "rulings", ["provider_id"])
    op.create_index("ix_rulings_other_id", "rulings", ["other_id"])
    op.add_column("providers", sa.Column("number", sa.Text(), nullable=True))
    op.add_column("providers", sa.Column("area", sa.Text(), nullable=False, server_default=""))
    _fill()
    op.drop_column("providers", "predecessors")
    op.create_index("ix_providers_inspectorate_number", "providers", ["inspectorate", "number"])


def _fill() -> None:
    """Numbers from the ids of publishers' entries, and links from lists of predecessors."""
    connection = op.get_bind()
    providers = sa.table("providers", *map(sa.column, ("id", "inspectorate", "predecessors", "number")))
    links = sa.table(
        "provider_links",
        *map(sa.column, ("provider_id", "predecessor_id", "stated_by", "record", "link")),
    )
    query = sa.select(providers.c.id, providers.c.inspectorate, providers.c.predecessors)
    for id, inspectorate, stored in connection.execute(query).all():
        if id.startswith(f"{inspectorate}:"):
            number = id.removeprefix(f"{inspectorate}:")
            connection.execute(sa.update(providers).where(providers.c.id == id).values(number=number))
        earlier = json.loads(stored) if isinstance(stored, str) else stored
        for predecessor in dict.fromkeys(earlier or ()):
            row = {
                "provider_id": id,
                "predecessor_id": predecessor,
                "stated_by": "the register",
                "record": "",
                "link": "successor" if len(earlier) == 1 else "merged",
            }
            connection.execute(sa.insert(links), row)
