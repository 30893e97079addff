"""What operators know of the health of each source."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, select, update

from digest.health import Watched
from digest.letters import Letter
from digest.store.database import Database, insert_new
from digest.store.letters import insert_letters
from digest.store.tables import known_health
from digest.store.tables import sources as polled


class SqlKnownHealth:
    """`ports.KnownHealthStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def change(
        self,
        sources: Collection[str],
        decide: Callable[[Mapping[str, Watched]], tuple[Collection[Watched], Sequence[Letter]]],
        now: datetime,
    ) -> tuple[Letter, ...]:
        new = [asdict(Watched(source=source)) for source in sources]
        own = known_health.c.source.in_(sources)
        locked = select(known_health).where(own).order_by(known_health.c.source).with_for_update()
        async with self._database.write() as connection:
            remembered = known_health.c.source.in_(select(polled.c.id))  # perhaps it gets another id
            await connection.execute(delete(known_health).where(~own, ~remembered))
            if new:
                await connection.execute(insert_new(connection, known_health), new)
            rows = (await connection.execute(locked)).mappings()
            before = {row["source"]: Watched(**row) for row in rows}
            after, letters = decide(before)
            for one in after:
                if one != before[one.source]:
                    row = update(known_health).where(known_health.c.source == one.source)
                    await connection.execute(row.values(asdict(one)))
            await insert_letters(connection, letters, now)
        return tuple(letters)
