"""What received mail asks of the store is answered by an index, however many subscribers there are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from store_values import DAY, NOON, an_assembly

from digest.bounces import BACK
from digest.store.database import Database
from digest.store.sql import SqlStore

MANY = 20_000

_NUMBERS = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY}) "
_ROWS = (
    "INSERT INTO subscribers (id, address, address_key, created_at) " + _NUMBERS + "SELECT i, 'p' || i || "
    "'@example.org', 'p' || i || '@example.org', :now FROM n",
    "INSERT INTO subscriptions (subscriber_id, standing, generation, wishes, since) "
    + _NUMBERS
    + "SELECT i, "
    "'active', 1, '{}', :now FROM n",
    "INSERT INTO subscription_steps (subscriber_id, generation, step, at, channel, wording, origin, by) "
    + _NUMBERS
    + "SELECT i, 1, 'confirmed', :now, 'web', '', '', '' FROM n",
    "INSERT INTO deliveries (edition_day, subscriber_id, batch, state, attempts, planned_at) "
    + _NUMBERS
    + "SELECT :day, i, i / 100, 'accepted', 1, :now FROM n",
    "INSERT INTO returns (edition_day, subscriber_id, verdict, at, status, text, fingerprint, letter_id) "
    + _NUMBERS
    + "SELECT :other, i, 'hard', :now, '', '', 'f' || i, i FROM n",
    'INSERT INTO letters ("key", kind, subscriber_id, address, content, created_at, expires_at, state, '
    "attempts, ready_at, fence, settled_at) "
    + _NUMBERS
    + "SELECT 'k' || i, 'alert', i, '', '{}', :now, :now, 'accepted', 1, :now, 1, :now FROM n",
)


@pytest.fixture
async def crowded(store: SqlStore, database: Database) -> SqlStore:
    """Many subscribers, each with an edition, a letter, and a letter of another day that came back."""
    await store.editions.seal(an_assembly(), NOON)
    at = await _now_as_kept(store)
    values = {"now": at, "day": DAY, "other": DAY - timedelta(days=1)}
    async with database.write() as connection:
        if connection.dialect.name == "sqlite":
            values |= {name: value.isoformat() for name, value in values.items() if name != "now"}
        for row in _ROWS:
            used = {name: value for name, value in values.items() if f":{name}" in row}
            await connection.execute(text(row), used)
        await connection.execute(text("ANALYZE"))
    return store


async def _now_as_kept(store: SqlStore) -> Any:
    """An instant as the tables hold it."""
    async with store.database.read() as connection:
        return (await connection.execute(text("SELECT sealed_at FROM editions"))).scalar_one()


@pytest.fixture
def asked(crowded: SqlStore) -> Iterator[list[tuple[str, Any]]]:
    """The queries that are made."""
    made: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "UPDATE")):
            made.append((statement, parameters))

    engine = crowded.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield made
    event.remove(engine, "before_cursor_execute", note)


async def test_what_a_report_a_complaint_and_a_command_ask_is_found_by_index(
    crowded: SqlStore, asked: list[tuple[str, Any]]
) -> None:
    await crowded.subscriptions.get(7)
    await crowded.subscriptions.find("p7@example.org")
    await crowded.subscriptions.history(7)
    await crowded.mail.verdicts(7)
    await crowded.mail.editions_sent_to(7)
    await crowded.mail.came_back([DAY], BACK)
    await crowded.letters.get(7)
    await crowded.letters.state("k7")
    await crowded.letters.latest(7, 5)
    await crowded.letters.came_back(7, 550, "no such user")
    await crowded.letters.refused(NOON)

    assert len(asked) >= 11
    for statement, parameters in list(asked):
        async with crowded.database.read() as connection:
            sqlite = connection.dialect.name == "sqlite"
            explain = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
            rows = (await connection.exec_driver_sql(explain + statement, parameters)).all()
        plan = "\n".join(str(row[-1]) for row in rows)
        whole = [line for line in plan.splitlines() if "Seq Scan" in line or line.startswith("SCAN")]
        assert whole == [], f"{statement}\n{plan}"
