"""Ratings keep how much of their date is known. For the register's, the date as written stands in `evidence`."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_WRITTEN = re.compile(r"\(register; date: ([^()]*)\)$")
_FORMS = (
    ("month", re.compile(r"\d{4}-\d\d")),
    ("year", re.compile(r"\d{4}")),
    ("round", re.compile(r"\d{4}/\d{4}")),
    ("not before", re.compile(r"not stated")),
)


def upgrade() -> None:
    with op.batch_alter_table("ratings") as table:
        table.add_column(sa.Column("published_precision", sa.Text(), nullable=True))
    with op.batch_alter_table("changes") as table:
        table.add_column(sa.Column("before_precision", sa.Text(), nullable=True))
    ratings = sa.table(
        "ratings",
        *(sa.column(name) for name in ("id", "evidence", "published_on", "published_precision", "item_id")),
    )
    of_register = ratings.c.item_id.is_(None) & ratings.c.published_on.is_not(None)
    connection = op.get_bind()
    for row in connection.execute(sa.select(ratings.c.id, ratings.c.evidence).where(of_register)).all():
        written = _WRITTEN.search(row.evidence)
        form = next((f for f, pattern in _FORMS if written and pattern.fullmatch(written[1])), None)
        if form is not None:
            own = sa.update(ratings).where(ratings.c.id == row.id)
            connection.execute(own.values(published_precision=form))
