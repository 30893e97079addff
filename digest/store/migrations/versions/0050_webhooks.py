"""Stories may be posted to operators' own systems, once all of their day is public."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.tables import Instant

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

_OFF = ("gone", "failing")


def upgrade() -> None:
    off = sa.Enum(*_OFF, name="off", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("next_at", Instant(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", Instant(), nullable=True),
        sa.Column("held_since", Instant(), nullable=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("taken_at", Instant(), nullable=True),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("off", off, nullable=True),
        sa.Column("off_at", Instant(), nullable=True),
        sa.Column("off_mark", sa.Text(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.add_column("public_version", sa.Column("kept_until", sa.Date(), nullable=True))
