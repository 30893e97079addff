"""A report that was decided keeps what was read of it and what readers were told: any decision may follow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("reports", sa.Column("read", _JSON, nullable=True))
    op.add_column("reports", sa.Column("told", _JSON, nullable=True))
