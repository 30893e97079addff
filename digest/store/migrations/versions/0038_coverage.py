"""What of their wishes subscribers know that no source covers, and what was covered at the last look."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.tables import Instant
from digest.store.tables.columns import Json

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gaps_told",
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("keys", Json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_gaps_told_subscriber_id")
        ),
        sa.PrimaryKeyConstraint("subscriber_id", name=op.f("pk_gaps_told")),
    )
    op.create_table(
        "coverage_looks",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("told_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_looks")),
    )
