"""What a service has taken over of its files is known for the processes that run."""

from __future__ import annotations

from datetime import UTC, datetime

from digest.ports import AppliedConfig
from digest.store.sql import SqlStore


async def test_on_sqlite_a_container_that_was_replaced_waits_for_no_restart(store: SqlStore) -> None:
    for name in ("all on 4f1a", "all on 9c2b"):
        await store.configs.note(
            AppliedConfig(
                process=name,
                place=f"/etc/digest, {name}",
                applied_at=datetime(2026, 11, 23, 8, tzinfo=UTC),
                record={},
                restart=("store",),
            )
        )

    found = {one.process for one in await store.configs.all()}
    alone = store.database.engine.dialect.name == "sqlite"
    assert found == ({"all on 9c2b"} if alone else {"all on 4f1a", "all on 9c2b"})
