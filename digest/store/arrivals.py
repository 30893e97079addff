"""Arrivals, from being asked for to being done."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, literal, or_, select, update

from digest.addresses import same_key
from digest.arrivals import KINDS, LEASE, LONGEST_WAIT, Arrival, Asked, ClaimedArrival
from digest.store.codec import Codec
from digest.store.database import Database
from digest.store.tables import arrivals
from digest.subscriptions import Evidence

_ASKED: Final[dict[str, Codec[Asked]]] = {name: Codec(kind) for name, kind in KINDS.items()}
_EVIDENCE: Final = Codec(Evidence)
_A_DAY: Final = timedelta(days=1)


class SqlArrivals:
    """`ports.ArrivalStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, arrival: Arrival, most: int) -> bool:
        waiting = select(func.count()).select_from(arrivals).scalar_subquery()
        row = _row(arrival)
        values = select(*(literal(value, arrivals.c[name].type) for name, value in row.items()))
        new = insert(arrivals).from_select([*row], values.where(waiting < most)).returning(arrivals.c.id)
        async with self._database.write() as connection:
            return (await connection.execute(new)).first() is not None

    async def claim(self, now: datetime, lease: timedelta) -> ClaimedArrival | None:
        first = select(arrivals.c.id).where(_free(now)).order_by(arrivals.c.tries, arrivals.c.id).limit(1)
        async with self._database.read() as connection:
            if (await connection.execute(first)).first() is None:
                return None  # usually: looking writes nothing
        began = arrivals.c.begun_at
        claim = (
            update(arrivals)
            .where(arrivals.c.id == first.with_for_update(skip_locked=True).scalar_subquery())
            .values(
                # After a day the letters of that instant would be of no use.
                begun_at=case((or_(began.is_(None), began < now - _A_DAY), now), else_=began),
                tries=arrivals.c.tries + 1,
                lease_until=now + lease,
                fence=arrivals.c.fence + 1,
            )
            .returning(*arrivals.c)
        )
        async with self._database.write() as connection:
            row = (await connection.execute(claim)).mappings().first()
        return _claimed(row) if row else None

    async def done(self, claimed: ClaimedArrival) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(arrivals).where(_own(claimed)))

    async def put_off(self, claimed: ClaimedArrival, until: datetime) -> None:
        async with self._database.write() as connection:
            values = {"ready_at": until, "lease_until": None}
            await connection.execute(update(arrivals).where(_own(claimed)).values(values))

    async def waiting(self) -> int:
        async with self._database.read() as connection:
            return int((await connection.execute(select(func.count()).select_from(arrivals))).scalar_one())

    async def of(self, subscriber: int, address: str) -> list[Arrival]:
        nobody = arrivals.c.subscriber_id.is_(None)
        own = or_(arrivals.c.subscriber_id == subscriber, nobody & (func.lower(arrivals.c.address) != ""))
        async with self._database.read() as connection:
            rows = (await connection.execute(select(arrivals).where(own).order_by(arrivals.c.id))).mappings()
            key = same_key(address)
            return [
                _arrival(row)
                for row in rows
                if row["kind"] in KINDS and (row["subscriber_id"] or same_key(row["address"]) == key)
            ]


def _free(now: datetime) -> ColumnElement[bool]:
    """Arrivals that may be claimed.

    A time too far ahead was noted before the clock was set back; it holds nothing.
    """
    ready, lease = arrivals.c.ready_at, arrivals.c.lease_until
    return and_(
        arrivals.c.kind.in_(KINDS),  # a process of a later version knows the others
        or_(ready.is_(None), ready <= now, ready > now + LONGEST_WAIT),
        or_(lease.is_(None), lease <= now, lease > now + LEASE),
    )


def _own(claimed: ClaimedArrival) -> ColumnElement[bool]:
    return and_(arrivals.c.id == claimed.id, arrivals.c.fence == claimed.fence)


def _row(arrival: Arrival) -> dict[str, Any]:
    content = _ASKED[arrival.asked.kind].dump(arrival.asked)
    return {
        "kind": arrival.asked.kind,
        "subscriber_id": content.pop("subscriber", None),
        "address": content.pop("address", ""),
        "content": content,
        "evidence": _EVIDENCE.dump(arrival.evidence),
        "asked_at": arrival.asked_at,
        "tries": 0,
        "fence": 0,
    }


def _arrival(row: Any) -> Arrival:
    typed = {"subscriber": row["subscriber_id"], "address": row["address"]}
    names = KINDS[row["kind"]].__dataclass_fields__
    content = {name: value for name, value in typed.items() if name in names}
    return Arrival(
        asked=_ASKED[row["kind"]].load(row["content"] | content),
        evidence=_EVIDENCE.load(row["evidence"]),
        asked_at=row["asked_at"],
    )


def _claimed(row: Any) -> ClaimedArrival:
    return ClaimedArrival(
        id=row["id"],
        fence=row["fence"],
        tries=row["tries"],
        begun_at=row["begun_at"],
        arrival=_arrival(row),
    )
