"""Steps say what was before them; daily chores, and the mark of the key that suppressions are sealed with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("subscription_steps") as table:
        table.add_column(sa.Column("before", sa.String(40), nullable=True))
        table.add_column(sa.Column("until", sa.Date(), nullable=True))
        table.create_check_constraint(
            op.f("ck_subscription_steps_before"), "before IN ('pending', 'active', 'paused', 'ended')"
        )
    op.create_table(
        "chores",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_chores")),
    )
    op.create_table(
        "seal_marks",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_marks")),
    )
