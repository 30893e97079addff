"""The other pages of a report in parts are kept as evidence, as its first page is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.tables import Instant

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "page_parts",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("fetched_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_page_parts_item_id")),
        sa.PrimaryKeyConstraint("item_id", "number", name=op.f("pk_page_parts")),
    )
