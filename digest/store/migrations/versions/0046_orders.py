"""The site's lists are read in the order of an index, and counted by one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.tables.columns import SortKey

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

_OLD = ("sort_name", "kind", "area", "moved_on")
_ORDERS = ("by_name", "by_grade", "by_date", "by_move")


def upgrade() -> None:
    for column in _OLD:
        op.drop_index(f"ix_services_inspectorate_{column}", "services")
    with op.batch_alter_table("services") as table:
        table.drop_column("sort_name")
        for column in _ORDERS:
            table.add_column(sa.Column(column, SortKey(), nullable=False, server_default=""))
    for column in _ORDERS:
        op.create_index(f"ix_services_inspectorate_{column}", "services", ["inspectorate", column])
    counted = ["inspectorate", "kind", "area", "rated", "scale", "grade", "rank"]
    op.create_index("ix_services_counts", "services", counted)
    op.drop_index("ix_service_grades_inspectorate_aspect_since", "service_grades")
    with op.batch_alter_table("service_grades") as table:
        table.add_column(sa.Column("kind", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("area", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("by_grade", SortKey(), nullable=True))
    op.create_index(
        "ix_service_grades_by_grade",
        "service_grades",
        ["inspectorate", "by_grade", "since", "until", "kind", "area", "scale", "grade", "rank"],
        sqlite_where=sa.text("by_grade IS NOT NULL"),
        postgresql_where=sa.text("by_grade IS NOT NULL"),
    )
