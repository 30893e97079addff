"""The reports of a provider are found by index: each new report is compared with them."""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_reports_provider_id", "reports", ["provider_id"])
