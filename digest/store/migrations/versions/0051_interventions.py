"""What operators do with an edition before it goes, and when it is closed to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from digest.store.tables import Instant

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_ACTS = ("hold", "release", "drop", "restore", "note")


def upgrade() -> None:
    op.add_column("editions", sa.Column("closed_at", Instant(), nullable=True))
    op.add_column("editions", sa.Column("closed_with", _JSON, nullable=True))
    op.execute("UPDATE editions SET closed_at = sealed_at")  # nobody could change what is sealed by now
    op.create_table(
        "interventions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("edition_day", sa.Date(), nullable=False),
        sa.Column(
            "act",
            sa.Enum(*_ACTS, name="act", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interventions")),
    )
    op.create_index("ix_interventions_edition_day", "interventions", ["edition_day"])
