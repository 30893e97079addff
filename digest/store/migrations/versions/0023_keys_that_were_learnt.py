"""Of each key of an item, since when it has it, and which other key showed that it is the item's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.tables import Instant

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("item_keys") as table:
        table.add_column(sa.Column("since", Instant(), nullable=True))
        table.add_column(sa.Column("by", sa.Text(), nullable=True))
        table.create_index("ix_item_keys_item_id", ["item_id"])
