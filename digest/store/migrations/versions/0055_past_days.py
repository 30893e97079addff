"""Tables of a past day are counted while grades are written, and read in the order of an index."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any

import sqlalchemy as sa
from alembic import op

from digest.store.public.past_counts import changes_of
from digest.store.tables.columns import SortKey

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

_LISTED = ("since", "until", "kind", "area", "scale", "service_id", "number")
_INDEXES = {
    "by_date": ("by_grade", ("inspectorate", "by_date", *_LISTED)),
    "by_move": ("by_grade", ("inspectorate", "by_move", *_LISTED)),
    "area": (
        "by_grade",
        (
            *("inspectorate", "area", "by_grade", "since", "until", "kind", "scale", "grade", "rank"),
            *("service_id", "number"),
        ),
    ),
    "by_rank": (
        "by_rank",
        ("inspectorate", "scale", "aspect", "by_rank", "since", "until", "kind", "area", "service_id"),
    ),
    "by_first": ("by_first", ("inspectorate", "scale", "by_first", "kind", "area", "service_id")),
    "area_aspects": (
        "by_rank",
        (
            *("inspectorate", "area", "scale", "aspect", "by_rank", "since", "until", "kind", "service_id"),
            *("rank", "grade"),
        ),
    ),
}


def upgrade() -> None:
    for name in ("by_date", "by_move", "by_rank", "by_first"):
        op.add_column("service_grades", sa.Column(name, SortKey(), nullable=True))
    counts = op.create_table(
        "past_counts",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("inspectorate", "kind", "size")),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("scale", "aspect", "grade")),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("services", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            *("inspectorate", "kind", "size", "day", "scale", "aspect", "grade", "rank"),
            name=op.f("pk_past_counts"),
        ),
        sqlite_with_rowid=False,
    )
    for former in ("ix_service_grades_aspects", "ix_service_grades_aspect_counts"):
        op.drop_index(former, "service_grades")
    _fill_columns()
    _fill_counts(counts)
    for name, (filled, columns) in _INDEXES.items():
        where = sa.text(f"{filled} IS NOT NULL")
        op.create_index(
            f"ix_service_grades_{name}",
            "service_grades",
            list(columns),
            sqlite_where=where,
            postgresql_where=where,
        )


def _fill_columns() -> None:
    """Keys are made of those that are there: `by_grade` is rank, day and id; a service's `by_name` is ASCII."""
    op.execute(
        "UPDATE service_grades SET by_date = substr(by_grade, 4), by_move = CASE WHEN movement IN"
        " ('upgrade', 'downgrade') THEN '0 ' ELSE '1 ' END || substr(by_grade, 4) WHERE by_grade IS NOT NULL"
    )
    op.execute(
        "UPDATE service_grades SET by_rank = CASE WHEN rank IS NULL THEN '99' WHEN rank < 10"
        " THEN '0' || rank ELSE CAST(rank AS TEXT) END || ' ' ||"
        " (SELECT s.by_name FROM services s WHERE s.id = service_grades.service_id)"
        " WHERE aspect <> 'overall' AND given = 'grade'"
    )
    op.execute(
        "UPDATE service_grades SET by_first = substr(by_rank, 4) WHERE by_rank IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM service_grades o WHERE o.service_id = service_grades.service_id"
        " AND o.inspectorate = service_grades.inspectorate AND o.scale = service_grades.scale"
        " AND o.by_rank IS NOT NULL AND o.number < service_grades.number)"
    )


def _fill_counts(counts: sa.Table) -> None:
    connection = op.get_bind()
    texts = ("service_id", "inspectorate", "scale", "kind", "aspect", "grade", "given", "by_grade")
    dates = (sa.column("since", sa.Date()), sa.column("until", sa.Date()))
    grades = sa.table("service_grades", *map(sa.column, (*texts, "rank")), *dates)
    rows = connection.execute(
        sa.select(grades).order_by(grades.c.service_id), execution_options={"yield_per": 5000}
    )
    found: Counter[Any] = Counter()
    for _, each in groupby(rows.mappings(), key=itemgetter("service_id")):
        found.update(changes_of(map(dict, each)))
    names = [column.name for column in counts.c if column.name != "services"]
    values = attrgetter(*names)
    written = [dict(zip(names, values(one), strict=True)) | {"services": n} for one, n in found.items() if n]
    if written:
        connection.execute(sa.insert(counts), written)
