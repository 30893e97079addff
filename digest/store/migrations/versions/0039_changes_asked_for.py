"""Which changes of an API were asked for already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.tables.columns import Json

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("snapshots") as table:
        table.add_column(sa.Column("asked", Json(), nullable=True))
