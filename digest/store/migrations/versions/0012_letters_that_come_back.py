"""What came back of a letter is kept beside what came back of editions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("returns") as table:
        table.add_column(sa.Column("letter_id", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_returns_letter_id"), "returns", ["letter_id"])
    op.create_index("ix_letters_state_settled_at", "letters", ["state", "settled_at"])
