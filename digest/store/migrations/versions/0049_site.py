"""The search finds names by their words, services are counted as they are written, and tables have indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.tables.columns import SortKey

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


_LISTED = "by_grade IS NOT NULL"
_NAMED = "by_grade IS NULL AND by_name IS NOT NULL"
_OF_ASPECT = "by_aspect IS NOT NULL"


def upgrade() -> None:
    """What the site reads is made again from the other tables, as `marks.MODEL` is another one."""
    _services()
    _grades()
    _counts()
    _search()


def _services() -> None:
    for name in ("inspectorate_by_grade", "inspectorate_by_date", "inspectorate_by_move", "counts"):
        op.drop_index(f"ix_services_{name}", "services")
    for column in ("by_grade", "by_date", "by_move"):
        op.create_index(f"ix_services_{column}", "services", ["inspectorate", "scale", column])
    op.create_index("ix_services_by_name", "services", ["by_name"])
    op.create_index("ix_services_area", "services", ["inspectorate", "area"])


def _grades() -> None:
    op.add_column("service_grades", sa.Column("by_name", SortKey(), nullable=True))
    op.add_column("service_grades", sa.Column("by_aspect", SortKey(), nullable=True))
    for name, columns, where in (
        (
            "by_name",
            ["inspectorate", "by_name", "since", "until", "kind", "area", "scale", "service_id", "number"],
            _LISTED,
        ),
        ("aspects_by_name", ["inspectorate", "scale", "by_name", "kind", "area", "service_id"], _NAMED),
        (
            "by_aspect",
            ["inspectorate", "scale", "aspect", "by_aspect", "kind", "area", "service_id"],
            _OF_ASPECT,
        ),
    ):
        op.create_index(
            f"ix_service_grades_{name}",
            "service_grades",
            columns,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )


def _counts() -> None:
    op.create_table(
        "service_counts",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("inspectorate", "aspect", "scale")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "area")),
        sa.Column("rated", sa.Boolean(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("services", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            *("inspectorate", "aspect", "scale", "kind", "area", "rated", "grade", "rank"),
            name=op.f("pk_service_counts"),
        ),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO service_counts SELECT inspectorate, 'overall', coalesce(scale, ''), kind, area, rated, "
        "coalesce(grade, ''), coalesce(rank, -1), count(*) FROM services "
        "GROUP BY inspectorate, coalesce(scale, ''), kind, area, rated, coalesce(grade, ''), coalesce(rank, -1)"
    )


def _search() -> None:
    there = set(sa.inspect(op.get_bind()).get_table_names())
    for name in ("search_trigrams_seen", "search_trigrams"):
        if name in there:
            op.execute(f"DROP TABLE {name}")
    op.drop_table("search_names")
    op.create_table(
        "search_names",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("service_id", sa.Text(), nullable=True),
        sa.Column("story", sa.BigInteger(), nullable=True),
        sa.Column("former", sa.Boolean(), nullable=False),
        sa.Column("written", sa.Text(), nullable=False),
        sa.Column("words", SortKey(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_names")),
    )
    for column in ("service_id", "story", "words"):
        op.create_index(f"ix_search_names_{column}", "search_names", [column])
    op.create_table(
        "search_words",
        sa.Column("word", SortKey(), nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("word", "place", "name_id", name=op.f("pk_search_words")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "search_vocabulary",
        sa.Column("word", SortKey(), nullable=False),
        sa.Column("names", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_search_vocabulary")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "search_spellings",
        sa.Column("part", SortKey(), nullable=False),
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("word", SortKey(), nullable=False),
        sa.PrimaryKeyConstraint("part", "size", "word", name=op.f("pk_search_spellings")),
        sqlite_with_rowid=False,
    )
