"""What each process has taken over of its config files, to compare edits with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from digest.store.tables import Instant

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "applied_config",
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("applied_at", Instant(), nullable=False),
        sa.Column("record", _JSON, nullable=False),
        sa.Column("restart", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("process", name=op.f("pk_applied_config")),
    )
