"""What operators know of each source's health is kept, so that no turn is told twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.tables import Instant

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_STATES = (
    "new",
    "ok",
    "unchanged",
    "shadow",
    "paused",
    "slow",
    "quiet",
    "empty",
    "held",
    "failing",
    "blocked",
    "overdue",
)


def _state(name: str) -> sa.Enum:
    return sa.Enum(*_STATES, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "known_health",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("known", _state("known"), nullable=False),
        sa.Column("told_at", Instant(), nullable=True),
        sa.Column("fell_at", Instant(), nullable=True),
        sa.Column("relapsed", sa.Boolean(), nullable=False),
        sa.Column("seen", _state("seen"), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("since", Instant(), nullable=True),
        sa.Column("asked_at", Instant(), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_known_health")),
    )
    op.create_index("ix_letters_kind_created_at", "letters", ["kind", "created_at"])
