"""Where each webhook stands: its place among the stories, its failures, and which worker has it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, fields
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_, select, update

from digest.ports import HOOK_LEASE, HookClaim, HookLook
from digest.sources import LONGEST_WAIT
from digest.store.database import Database, insert_new
from digest.store.public.told import number_of
from digest.store.tables import told_stories, webhooks
from digest.store.tables.columns import come
from digest.webhooks import HookState, Off

_own: Final = webhooks.c
_FIELDS: Final = [field.name for field in fields(HookState)]


class SqlWebhooks:
    """`ports.HookStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, hooks: Collection[str], *, after: date, now: datetime) -> None:
        state = asdict(HookState(place=_before(after + timedelta(days=1)), next_at=now))
        rows = [{"id": id, **state, "lease_until": None, "fence": 0} for id in sorted(hooks)]
        async with self._database.write() as connection:
            if rows:
                await connection.execute(insert_new(connection, webhooks), rows)

    async def look(self, *, until: date, now: datetime) -> Mapping[str, HookLook]:
        waits = select(told_stories.c.number).where(
            told_stories.c.number > _own.place, told_stories.c.day <= until
        )
        due = and_(_is_free(now), waits.exists()).label("due")
        async with self._database.read() as connection:
            rows = (await connection.execute(select(webhooks, due).order_by(_own.id))).mappings()
            return {row["id"]: HookLook(state=_state(row), due=bool(row["due"])) for row in rows}

    async def claim(self, hook: str, now: datetime) -> HookClaim | None:
        mine = {"lease_until": now + HOOK_LEASE, "fence": _own.fence + 1}
        take = update(webhooks).where(_own.id == hook, _is_free(now)).values(mine).returning(*_own)
        async with self._database.write() as connection:
            row = (await connection.execute(take)).mappings().one_or_none()
        return None if row is None else HookClaim(hook=hook, fence=row["fence"], state=_state(row))

    async def record(self, claim: HookClaim, state: HookState, now: datetime) -> bool:
        return await self._write(claim, {**asdict(state), "lease_until": now + HOOK_LEASE})

    async def release(self, claim: HookClaim, now: datetime) -> None:
        await self._write(claim, {"lease_until": now})

    async def _write(self, claim: HookClaim, values: Mapping[str, Any]) -> bool:
        still = and_(_own.id == claim.hook, _own.fence == claim.fence)
        async with self._database.write() as connection:
            written = await connection.execute(update(webhooks).where(still).values(**values))
            return bool(written.rowcount)

    async def resume(self, hook: str, now: datetime, *, since: date | None = None) -> bool:
        fresh: dict[str, Any] = {"next_at": now, "failures": 0, "said": "", "off_mark": "", "told": False}
        fresh |= dict.fromkeys(("failing_since", "held_since", "off", "off_at", "lease_until"))
        if since is not None:
            fresh["place"] = _before(since)
        # A worker that has the hook now must not write its own place over this one.
        again = update(webhooks).where(_own.id == hook).values(**fresh, fence=_own.fence + 1)
        async with self._database.write() as connection:
            return bool((await connection.execute(again)).rowcount)

    async def note_told(self, hook: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(update(webhooks).where(_own.id == hook).values(told=True))


def _before(day: date) -> int:
    """The number before those of a day's stories."""
    return number_of(day, 0) - 1


def _is_free(now: datetime) -> ColumnElement[bool]:
    """Whether a worker may post to a hook: it is on, its time has come, and no other worker has it."""
    unclaimed = or_(_own.lease_until.is_(None), come(_own.lease_until, now, HOOK_LEASE))
    return and_(_own.off.is_(None), come(_own.next_at, now, LONGEST_WAIT), unclaimed)


def _state(row: Any) -> HookState:
    values = {name: row[name] for name in _FIELDS}
    return HookState(**values | {"off": Off(values["off"]) if values["off"] else None})
