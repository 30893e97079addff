"""What is known of a process lasts as long as the process says that it runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.tables import Instant

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("troubles") as table:
        table.add_column(sa.Column("until", Instant(), nullable=True))
    op.execute("DELETE FROM troubles WHERE name LIKE 'config files %'")  # no process runs during an upgrade
    with op.batch_alter_table("applied_config") as table:
        table.add_column(sa.Column("until", Instant(), nullable=True))
    op.execute("UPDATE applied_config SET until = applied_at")
    with op.batch_alter_table("applied_config") as table:
        table.alter_column("until", existing_type=Instant(), nullable=False)
