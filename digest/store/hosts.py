"""Hosts that are asked: which process may ask each, and until when it wants to be left alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, or_, select, update

from digest.ports import LONGEST_LEASE, HostLease
from digest.store.database import Database, insert_new, insert_or
from digest.store.tables import hosts, robots
from digest.store.tables.columns import come

_IN_A_ROW: Final = timedelta(days=7)
"""Two failures to read a robots.txt with longer than this between them are not one time without it."""


class SqlHosts:
    """`ports.HostStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def lease(
        self, names: Collection[str], owner: str, *, until: datetime, now: datetime
    ) -> Mapping[str, HostLease]:
        # In one order, so that two processes that want the same hosts never wait for each other.
        rows = [{"host": name, "leased_by": owner, "leased_until": until} for name in sorted(names)]
        async with self._database.write() as connection:
            insert = insert_or(connection, hosts)
            mine = {name: insert.excluded[name] for name in ("leased_by", "leased_until")}
            free = or_(hosts.c.leased_by == owner, come(hosts.c.leased_until, now, LONGEST_LEASE))
            take = insert.on_conflict_do_update(index_elements=[hosts.c.host], set_=mine, where=free)
            await connection.execute(take, rows)
            found = select(hosts).where(hosts.c.host.in_(names))
            return {
                row.host: HostLease(
                    ours=row.leased_by == owner, until=row.leased_until, shut_until=row.shut_until
                )
                for row in await connection.execute(found)
            }

    async def shut(self, host: str, until: datetime, *, owner: str, now: datetime) -> None:
        async with self._database.write() as connection:
            row = {"host": host, "leased_by": owner, "leased_until": now, "shut_until": until}
            new = insert_or(connection, hosts).values(row)
            change = new.on_conflict_do_update(
                index_elements=[hosts.c.host], set_={"shut_until": new.excluded.shut_until}
            )
            await connection.execute(change)

    async def undefined_since(self, site: str, now: datetime) -> datetime:
        async with self._database.write() as connection:
            await connection.execute(delete(robots).where(robots.c.failed_at < now - _IN_A_ROW))
            row = {"site": site, "undefined_since": now, "failed_at": now}
            await connection.execute(insert_new(connection, robots).values(row))
            again = update(robots).where(robots.c.site == site)
            await connection.execute(again.values(failed_at=now))
            query = select(robots.c.undefined_since).where(robots.c.site == site)
            since: datetime = (await connection.execute(query)).scalar_one()
            return since

    async def defined(self, site: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(robots).where(robots.c.site == site))

    async def release(self, owner: str, *, at: datetime) -> None:
        async with self._database.write() as connection:
            later = (hosts.c.leased_by == owner) & (hosts.c.leased_until > at)
            await connection.execute(update(hosts).where(later).values(leased_until=at))
