"""New items can be held for an operator, and sources be paused, moved or in shadow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.tables import Instant
from digest.store.tables.columns import Json

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_STATES = ("baseline", "held", "listed", "read", "parked")


def upgrade() -> None:
    with op.batch_alter_table("sources") as table:
        for name in ("began_at", "held_at", "paused_at", "paused_until"):
            table.add_column(sa.Column(name, Instant(), nullable=True))
        table.add_column(sa.Column("url", sa.Text(), nullable=True))
    op.execute("UPDATE sources SET began_at = baselined_at")
    with op.batch_alter_table("items") as table:
        table.add_column(sa.Column("shadow", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.drop_constraint(op.f("ck_items_item_state"), type_="check")
        table.drop_index("ix_items_source_id_state")
    with op.batch_alter_table("items") as table:
        table.alter_column("shadow", server_default=None)
        among = ", ".join(f"'{state}'" for state in _STATES)
        table.create_check_constraint(op.f("ck_items_item_state"), f"state IN ({among})")
        table.create_index("ix_items_source_id_state_first_seen_at", ["source_id", "state", "first_seen_at"])
    op.create_table(
        "shadows",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("found_at", Instant(), nullable=False),
        sa.Column("content", Json(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_shadows_item_id_items")),
        sa.PrimaryKeyConstraint("item_id", "place", name=op.f("pk_shadows")),
    )
