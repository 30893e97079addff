"""A request can be found by a reference that names no address: the code is typed under it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("requests") as table:
        table.add_column(sa.Column("reference", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("requests") as table:
        table.alter_column("reference", server_default=None)
    op.create_index(op.f("ix_requests_reference"), "requests", ["reference"])
