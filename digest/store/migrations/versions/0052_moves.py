"""The moves of a year and the services of an inspectorate are counted by indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_service_counts_aspect", "service_counts", ["aspect", "inspectorate", "rated", "services"]
    )
    op.create_index(
        "ix_told_stories_moves",
        "told_stories",
        ["inspectorate", "movement", "day", "kind", "area", "item_id", "place", "number"],
    )
    op.create_index(
        "ix_told_stories_corrections",
        "told_stories",
        ["item_id", "place", "number", "day"],
        sqlite_where=sa.text("correction = 1"),
        postgresql_where=sa.text("correction"),
    )
