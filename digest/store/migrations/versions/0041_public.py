"""What the public site reads: stories told, services, their grades, and names to search."""

from __future__ import annotations

import logging

import sqlalchemy as sa
from alembic import op

from digest.store.tables.columns import Json

_TRIGRAMS = {
    "sqlite": (
        "CREATE VIRTUAL TABLE search_trigrams USING fts5"
        "(words, content='', tokenize='trigram', detail=none, columnsize=0)",
        "CREATE VIRTUAL TABLE search_trigrams_seen USING fts5vocab('search_trigrams', 'row')",
    ),
    "postgresql": (
        "CREATE EXTENSION IF NOT EXISTS pg_trgm",
        "CREATE INDEX ix_search_names_words_trigrams ON search_names USING gin (words gin_trgm_ops)",
    ),
}

log = logging.getLogger(__name__)

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        # A rating's id is never used again, also if it was the last one and is deleted.
        with op.batch_alter_table(
            "ratings", recreate="always", table_kwargs={"sqlite_autoincrement": True}
        ) as _:
            pass
    _stories()
    _services()
    _search()


def _stories() -> None:
    op.create_table(
        "told_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("stories", sa.Integer(), nullable=False),
        sa.Column("up", sa.Integer(), nullable=False),
        sa.Column("down", sa.Integer(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_told_days")),
    )
    op.create_table(
        "told_stories",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=True),
        sa.Column("service_id", sa.Text(), nullable=True),
        sa.Column("inspectorate", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("movement", sa.Text(), nullable=True),
        sa.Column("grade", sa.Text(), nullable=True),
        sa.Column("correction", sa.Boolean(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content", Json(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_told_stories")),
    )
    op.create_index("ix_told_stories_day", "told_stories", ["day"])
    op.create_index("ix_told_stories_item_id_place", "told_stories", ["item_id", "place"])
    op.create_index("ix_told_stories_entry_id", "told_stories", ["entry_id"])
    for column in ("service_id", "inspectorate", "area", "movement"):
        op.create_index(f"ix_told_stories_{column}_number", "told_stories", [column, "number"])


def _services() -> None:
    op.create_table(
        "services",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_name", sa.Text(), nullable=False),
        sa.Column("former_names", Json(), nullable=False),
        sa.Column("merged", Json(), nullable=False),
        sa.Column("predecessors", Json(), nullable=False),
        sa.Column("successors", Json(), nullable=False),
        sa.Column("inspectorate", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("scale", sa.Text(), nullable=True),
        sa.Column("grade", sa.Text(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("precision", sa.Text(), nullable=False),
        sa.Column("movement", sa.Text(), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("moved_on", sa.Date(), nullable=True),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.Column("rated", sa.Boolean(), nullable=False),
        sa.Column("aspects", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_services")),
    )
    for column in ("sort_name", "kind", "area", "moved_on"):
        op.create_index(f"ix_services_inspectorate_{column}", "services", ["inspectorate", column])
    op.create_table(
        "service_grades",
        sa.Column("service_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("inspectorate", sa.Text(), nullable=False),
        sa.Column("aspect", sa.Text(), nullable=False),
        sa.Column("scale", sa.Text(), nullable=False),
        sa.Column("given", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("precision", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("movement", sa.Text(), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.Column("story", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("service_id", "number", name=op.f("pk_service_grades")),
    )
    op.create_index(
        "ix_service_grades_inspectorate_aspect_since", "service_grades", ["inspectorate", "aspect", "since"]
    )
    op.create_table(
        "service_entries",
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Text(), nullable=True),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_service_entries")),
    )
    op.create_index("ix_service_entries_service_id", "service_entries", ["service_id"])


def _search() -> None:
    op.create_table(
        "search_names",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("service_id", sa.Text(), nullable=True),
        sa.Column("story", sa.BigInteger(), nullable=True),
        sa.Column("former", sa.Boolean(), nullable=False),
        sa.Column("written", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_names")),
    )
    op.create_index("ix_search_names_service_id", "search_names", ["service_id"])
    op.create_index("ix_search_names_story", "search_names", ["story"])
    connection = op.get_bind()
    way = " text_pattern_ops" if connection.dialect.name == "postgresql" else ""
    op.execute(f"CREATE INDEX ix_search_names_words ON search_names (words{way})")
    try:
        with connection.begin_nested():
            for statement in _TRIGRAMS[connection.dialect.name]:
                op.execute(statement)
    except sa.exc.DBAPIError as error:
        why = str(error.orig).strip().partition("\n")[0]
        log.warning("the site's search finds beginnings of names only, as there are no trigrams: %s", why)
