"""Who watches whom is kept by provider, so that an alert finds its readers among many at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "watches",
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("alerts", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_watches_subscriber_id")),
        sa.PrimaryKeyConstraint("provider_id", "subscriber_id", name=op.f("pk_watches")),
    )
    op.create_index(op.f("ix_watches_subscriber_id"), "watches", ["subscriber_id"])
    op.create_index(op.f("ix_letters_subscriber_id"), "letters", ["subscriber_id"])
