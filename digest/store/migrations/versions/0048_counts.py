"""Grades of aspects are counted by an index, and tables of a past day are sorted within one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

_OF_ASPECTS = "aspect <> 'overall'"
_LISTED = "by_grade IS NOT NULL"


def upgrade() -> None:
    op.create_index(
        "ix_service_grades_aspect_counts",
        "service_grades",
        [
            *("scale", "aspect", "rank", "grade", "given", "until", "since"),
            *("inspectorate", "kind", "area"),
        ],
        sqlite_where=sa.text(_OF_ASPECTS),
        postgresql_where=sa.text(_OF_ASPECTS),
    )
    op.drop_index("ix_service_grades_by_grade", "service_grades")
    op.create_index(
        "ix_service_grades_by_grade",
        "service_grades",
        [
            *("inspectorate", "by_grade", "since", "until", "kind", "area", "scale", "grade", "rank"),
            *("service_id", "number", "movement"),
        ],
        sqlite_where=sa.text(_LISTED),
        postgresql_where=sa.text(_LISTED),
    )
