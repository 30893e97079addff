"""Of each source: whether it refuses us, how many items it lists, and how long its answers take."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sources") as table:
        table.add_column(sa.Column("refused", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("listed", sa.Integer(), nullable=True))
        table.add_column(sa.Column("usual_ms", sa.Integer(), nullable=True))
        table.add_column(sa.Column("slow", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("sources") as table:
        table.alter_column("refused", server_default=None)
        table.alter_column("slow", server_default=None)
