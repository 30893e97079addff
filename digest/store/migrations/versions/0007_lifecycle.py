"""Subscriptions keep evidence, can be paused, requested and suppressed; letters and what came back are kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_STANDINGS = ("pending", "active", "paused", "ended")
_STEPS = (
    "asked",
    "confirmed",
    "wished",
    "moved",
    "paused",
    "resumed",
    "left",
    "lapsed",
    "bounced",
    "complained",
    "removed",
    "erased",
    "restored",
)
_CHANNELS = ("web", "mail", "operator", "import", "service")
_STATES = ("planned", "transmitting", "accepted", "deferred", "refused", "unknown", "bounced", "skipped")
_VERDICTS = ("arrived", "delayed", "about us", "soft", "hard")
_INSTANT = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql")


def _enum(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _among(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def upgrade() -> None:
    with op.batch_alter_table("subscriptions") as table:
        table.drop_constraint(op.f("ck_subscriptions_standing"), type_="check")
        table.drop_constraint(op.f("ck_subscriptions_step"), type_="check")
        table.add_column(sa.Column("paused_until", sa.Date(), nullable=True))
        table.create_check_constraint(op.f("ck_subscriptions_standing"), _among("standing", _STANDINGS))
        table.create_check_constraint(op.f("ck_subscriptions_step"), _among("ended_reason", _STEPS))
    with op.batch_alter_table("subscription_steps") as table:
        table.drop_constraint(op.f("ck_subscription_steps_step"), type_="check")
        table.add_column(sa.Column("channel", sa.String(40), nullable=False, server_default="operator"))
        for column in ("wording", "origin", "by"):
            table.add_column(sa.Column(column, sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("bulk_id", sa.Integer(), nullable=True))
        table.create_check_constraint(op.f("ck_subscription_steps_step"), _among("step", _STEPS))
        table.create_check_constraint(op.f("ck_subscription_steps_channel"), _among("channel", _CHANNELS))
    with op.batch_alter_table("subscription_steps") as table:
        for column in ("channel", "wording", "origin", "by"):
            table.alter_column(column, server_default=None)
        table.create_index(op.f("ix_subscription_steps_bulk_id"), ["bulk_id"])
    op.create_table(
        "bulks",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("undone_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulks")),
    )
    op.create_table(
        "suppressions",
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seal", name=op.f("pk_suppressions")),
    )
    op.create_table(
        "requests",
        sa.Column("subscriber_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_requests_subscriber_id")
        ),
        sa.PrimaryKeyConstraint("subscriber_id", name=op.f("pk_requests")),
    )
    op.create_table(
        "letters",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("content", _JSON, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("state", _enum("state", _STATES), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("ready_at", _INSTANT, nullable=False),
        sa.Column("lease_until", _INSTANT, nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("settled_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_letters_subscriber_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sa.UniqueConstraint("key", name=op.f("uq_letters_key")),
    )
    op.create_index("ix_letters_state_ready_at", "letters", ["state", "ready_at"])
    op.create_table(
        "counts",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "since", name=op.f("pk_counts")),
    )
    op.create_table(
        "returns",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("edition_day", sa.Date(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("verdict", _enum("verdict", _VERDICTS), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_returns_subscriber_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returns")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_returns_fingerprint")),
    )
    op.create_index("ix_returns_subscriber_id", "returns", ["subscriber_id"])
    op.create_index("ix_returns_edition_day", "returns", ["edition_day"])
    op.create_table(
        "parked_mail",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("sent_to", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parked_mail")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_parked_mail_fingerprint")),
    )
