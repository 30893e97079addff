"""What entries say now, pages whose edits are a question, and when a held item was released."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.tables import Instant
from digest.store.tables.columns import Json

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("items") as table:
        for name in ("last_dated", "known_since", "released_at"):
            table.add_column(sa.Column(name, Instant(), nullable=True))
        table.add_column(sa.Column("listed", Json(), nullable=True))
    with op.batch_alter_table("pages") as table:
        table.add_column(sa.Column("noticed_at", Instant(), nullable=True))
    op.create_table(
        "edits",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("content", Json(), nullable=False),
        sa.Column("reading", Json(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("fetched_at", Instant(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id", "place"], ["reports.item_id", "reports.place"], name=op.f("fk_edits_item_id")
        ),
        sa.PrimaryKeyConstraint("item_id", "place", name=op.f("pk_edits")),
    )
