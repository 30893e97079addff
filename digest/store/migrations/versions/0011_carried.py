"""The index of what comes late holds that alone: each row of the ledger paid for it, and hardly one was asked for."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_deliveries_carried_to", "deliveries")
    carried = text("carried_to IS NOT NULL")
    op.create_index(
        "ix_deliveries_carried_to",
        "deliveries",
        ["carried_to", "subscriber_id"],
        sqlite_where=carried,
        postgresql_where=carried,
    )
