"""Stories are found by the words of their places: feeds of rare wishes need not look at all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from digest.providers import normal_name
from digest.store.tables.columns import SortKey

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

_AT_ONCE = 500
_LONGEST_WORD = 40
_MOVES = {"upgrade", "downgrade", "withdrawn"}
_FORMER = ("inspectorate", "area", "movement")


def upgrade() -> None:
    words = op.create_table(
        "told_words",
        sa.Column("word", SortKey(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("inspectorate", sa.Text(), nullable=True),
        sa.Column("moves", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("word", "number", name=op.f("pk_told_words")),
        sqlite_with_rowid=False,
    )
    _fill(words)
    op.create_index("ix_told_words_number", "told_words", ["number"])
    op.create_index("ix_told_words_kind", "told_words", ["word", "kind", "number"])
    op.create_index("ix_told_words_inspectorate", "told_words", ["word", "inspectorate", "number"])
    for column in _FORMER:
        op.drop_index(f"ix_told_stories_{column}_number", "told_stories")


def _fill(words: sa.Table) -> None:
    connection, last = op.get_bind(), -1
    stories = sa.text(
        "SELECT t.number, t.inspectorate, t.section, t.correction, t.content, s.name, s.former_names, s.kind, s.area"
        " FROM told_stories t LEFT JOIN services s ON s.id = t.service_id"
        " WHERE t.number > :last ORDER BY t.number LIMIT :most"
    )
    while found := connection.execute(stories, {"last": last, "most": _AT_ONCE}).mappings().all():
        connection.execute(sa.insert(words), [row for story in found for row in _rows(story)])
        last = found[-1]["number"]


def _rows(story: Any) -> Iterator[dict[str, Any]]:
    content = _json(story["content"])
    names = [story["name"], *_json(story["former_names"] or []), story["area"], content.get("provider_name")]
    places = " ".join(normal_name(name) for name in names if name).split()
    row = {
        "number": story["number"],
        "kind": normal_name(story["kind"] or ""),
        "inspectorate": story["inspectorate"],
        "moves": bool(story["correction"])
        or story["section"] in {"upgrades", "downgrades"}
        or _moves(content),
    }
    for word in dict.fromkeys(["", *(place[:_LONGEST_WORD] for place in places)]):
        yield {"word": word} | row


def _moves(content: dict[str, Any]) -> bool:
    changes: Sequence[Any] = [content["change"]] if content.get("change") else content.get("aspects") or ()
    return any(change.get("movement") in _MOVES for change in changes)


def _json(stored: Any) -> Any:
    return json.loads(stored) if isinstance(stored, str) else stored
