"""What publishers' data stated when it was last seen, and items that are records."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.tables import Instant
from digest.store.tables.columns import Json

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("items") as table:
        table.add_column(sa.Column("record", Json(), nullable=True))
    with op.batch_alter_table("ratings") as table:
        table.add_column(sa.Column("source_id", sa.Text(), nullable=True))
    op.create_table(
        "records",
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("content", Json(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("gone_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_records_source_id")),
        sa.PrimaryKeyConstraint("source_id", "key", name=op.f("pk_records")),
    )
    op.create_table(
        "snapshots",
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_snapshots_source_id")),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_snapshots")),
    )
