"""What entries and pages said before they were edited, and when a page is looked at again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.tables import Instant

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("pages") as table:
        table.add_column(sa.Column("etag", sa.Text(), nullable=True))
        table.add_column(sa.Column("last_modified", sa.Text(), nullable=True))
        table.add_column(sa.Column("look_at", Instant(), nullable=True))
        table.create_index("ix_pages_look_at", ["look_at"])
    op.create_table(
        "versions",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("noticed_at", Instant(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_versions_item_id")),
        sa.PrimaryKeyConstraint("item_id", "number", name=op.f("pk_versions")),
    )
