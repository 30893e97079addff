"""Decisions and departures.

A report that was decided keeps what was read of it and what readers were told, so that any decision may follow.
Those who left, complained or were erased are remembered as a keyed hash, so that no import brings them back.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("reports", sa.Column("read", _JSON, nullable=True))
    op.add_column("reports", sa.Column("told", _JSON, nullable=True))
    op.create_table(
        "departures",
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("seal", name=op.f("pk_departures")),
    )
