"""Deliveries are claimed in batches, and limits can be set while the service runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "limits",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=True),
        sa.Column("per_minute_and_domain", sa.Integer(), nullable=True),
        sa.Column("per_connection", sa.Integer(), nullable=True),
        sa.Column("connections", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limits")),
    )
    op.create_table(
        "batches",
        sa.Column("edition_day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("clean", sa.Boolean(), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["edition_day"], ["editions.day"], name=op.f("fk_batches_edition_day")),
        sa.PrimaryKeyConstraint("edition_day", "number", name=op.f("pk_batches")),
    )
    # What an older version left in mid-transmission it cannot tell us about any more.
    op.execute("UPDATE deliveries SET state = 'unknown' WHERE state = 'transmitting'")
    op.execute(
        "INSERT INTO batches (edition_day, number, size, open, clean, fence) "
        "SELECT edition_day, 0, count(*), max(CASE WHEN state IN ('planned', 'deferred') THEN 1 ELSE 0 END) = 1, "
        "min(CASE WHEN state IN ('accepted', 'bounced', 'skipped') THEN 1 ELSE 0 END) = 1, 0 "
        "FROM deliveries GROUP BY edition_day"
    )
    with op.batch_alter_table("deliveries") as table:
        table.drop_index("ix_deliveries_state")
        table.add_column(sa.Column("batch", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("code", sa.Integer(), nullable=True))
        table.add_column(sa.Column("text", sa.Text(), nullable=True))
        for column in ("message_id", "owner", "lease_until", "fence"):
            table.drop_column(column)
        table.create_index("ix_deliveries_batch", ["edition_day", "batch"])
        table.create_index("ix_deliveries_carried_to", ["carried_to", "subscriber_id"])
    with op.batch_alter_table("deliveries") as table:
        table.alter_column("batch", server_default=None)
    op.execute("DELETE FROM attempts WHERE event IS NULL")
    with op.batch_alter_table("attempts") as table:
        table.drop_column("ended_at")
        table.alter_column("began_at", new_column_name="at")
        table.alter_column("event", nullable=False)
