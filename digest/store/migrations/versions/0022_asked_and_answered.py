"""Of each source, the last request and the last that its server answered show whether our own line is down."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.tables import Instant

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sources") as table:
        table.add_column(sa.Column("asked_at", Instant(), nullable=True))
        table.add_column(sa.Column("answered_at", Instant(), nullable=True))
