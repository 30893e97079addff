"""A pause knows the day whose edition may have gone out from a state that is lost."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("pauses") as table:
        table.add_column(sa.Column("in_doubt", sa.Date(), nullable=True))
