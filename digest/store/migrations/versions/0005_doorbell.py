"""On PostgreSQL, the job queue that wakes other machines' workers; in a schema of its own."""

from __future__ import annotations

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return
    op.execute("CREATE SCHEMA doorbell")
    op.execute("SET LOCAL search_path TO doorbell")
    bind.execution_options(no_parameters=True).exec_driver_sql(SchemaManager.get_schema())
    op.execute("SET LOCAL search_path TO DEFAULT")
