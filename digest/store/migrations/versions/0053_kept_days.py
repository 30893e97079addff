"""Editions wait for the day of a weekly reader."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_days",
        sa.Column("edition_day", sa.Date(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("carried_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["carried_to"], ["editions.day"], name=op.f("fk_kept_days_carried_to")),
        sa.ForeignKeyConstraint(["edition_day"], ["editions.day"], name=op.f("fk_kept_days_edition_day")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_kept_days_subscriber_id")
        ),
        sa.PrimaryKeyConstraint("edition_day", "subscriber_id", name=op.f("pk_kept_days")),
    )
    op.create_index("ix_kept_days_subscriber_id", "kept_days", ["subscriber_id"])
    op.create_index("ix_kept_days_carried_to", "kept_days", ["carried_to", "subscriber_id"])
