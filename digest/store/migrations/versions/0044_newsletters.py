"""Newsletters may come to an address of this service."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.tables import Instant

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_STATES = ("waiting", "read", "not believed", "to confirm", "unreadable")


def upgrade() -> None:
    state = sa.Enum(*_STATES, name="newsletter_state", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "newsletters",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("named", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("octets", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("state", state, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_newsletters")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_newsletters_fingerprint")),
    )
    op.create_index("ix_newsletters_source_id_named", "newsletters", ["source_id", "named"])
    op.create_index("ix_newsletters_at", "newsletters", ["at"])
