"""Tables of aspects are read by one index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_service_grades_aspects",
        "service_grades",
        [
            *("inspectorate", "scale", "service_id", "aspect", "given", "until", "since"),
            *("kind", "area", "rank", "grade"),
        ],
        sqlite_where=sa.text("aspect <> 'overall'"),
        postgresql_where=sa.text("aspect <> 'overall'"),
    )
