"""A pause may be over at an instant, by itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("pauses") as table:
        table.add_column(sa.Column("until", sa.DateTime(timezone=True), nullable=True))
