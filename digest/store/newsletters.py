"""Newsletters that came to an address of this service."""

from __future__ import annotations

import zlib
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, case, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.ports import FolderLook, Keeping, KeptNewsletter, NewsletterState
from digest.store.database import Database, insert_new, note_erasure
from digest.store.tables import newsletters

AT_ONCE: Final = 25
"""So many contents are given at one look: those that wait first, then the newest."""

_BELIEVED: Final = (NewsletterState.READ, NewsletterState.TO_CONFIRM)
_NOT_READ: Final = (NewsletterState.NOT_BELIEVED, NewsletterState.UNREADABLE)
_SHOWN: Final = [column for column in newsletters.c if column.name not in {"id", "content"}]


class SqlNewsletters:
    """`ports.NewsletterStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, newsletter: KeptNewsletter, most: int) -> Keeping:
        async with self._database.write() as connection:
            if await connection.scalar(select(newsletters.c.id).where(_known(newsletter)).limit(1)):
                return Keeping.KNOWN
            if not await _make_room(connection, newsletter.source, most):
                return Keeping.FULL
            row = {
                "source_id": newsletter.source,
                "at": newsletter.at,
                "named": newsletter.named,
                "fingerprint": newsletter.fingerprint,
                "sender": newsletter.sender,
                "subject": newsletter.subject,
                "octets": newsletter.octets,
                "content": zlib.compress(newsletter.content),
                "state": newsletter.state,
                "why": newsletter.why,
            }
            await connection.execute(insert_new(connection, newsletters).values(row))
        return Keeping.KEPT

    async def look(self, source: str, *, since: datetime, known: Collection[str]) -> FolderLook:
        waits = newsletters.c.state == NewsletterState.WAITING
        query = select(newsletters.c.fingerprint, waits.label("waits")).where(
            newsletters.c.source_id == source, newsletters.c.at >= since
        )
        async with self._database.read() as connection:
            found = (await connection.execute(query.order_by(newsletters.c.id))).all()
            wanted = [row for row in reversed(found) if row.fingerprint not in known]
            wanted.sort(key=lambda row: not row.waits)
            some = [row.fingerprint for row in wanted[:AT_ONCE]]
            contents = select(newsletters.c.fingerprint, newsletters.c.content).where(
                newsletters.c.fingerprint.in_(some)
            )
            rows = (await connection.execute(contents.order_by(newsletters.c.id))).all()
        return FolderLook(
            names=tuple(row.fingerprint for row in found),
            new=tuple((row.fingerprint, zlib.decompress(row.content)) for row in rows),
        )

    async def settle(self, fingerprint: str, state: NewsletterState, why: str = "") -> bool:
        own = (newsletters.c.fingerprint == fingerprint) & or_(
            newsletters.c.state != state, newsletters.c.why != why
        )
        async with self._database.write() as connection:
            noted = await connection.execute(update(newsletters).where(own).values(state=state, why=why))
            return bool(noted.rowcount)

    async def all(self, source: str | None = None) -> list[KeptNewsletter]:
        query = select(*_SHOWN).order_by(newsletters.c.id)
        if source is not None:
            query = query.where(newsletters.c.source_id == source)
        async with self._database.read() as connection:
            return [_newsletter(row) for row in (await connection.execute(query)).mappings()]

    async def not_read_count(self) -> int:
        """How many an operator should look at: not believed, unreadable, or to be confirmed."""
        which = newsletters.c.state.in_((*_NOT_READ, NewsletterState.TO_CONFIRM))
        async with self._database.read() as connection:
            query = select(func.count()).select_from(newsletters).where(which)
            return int((await connection.execute(query)).scalar_one())

    async def content(self, fingerprint: str) -> bytes:
        query = select(newsletters.c.content).where(newsletters.c.fingerprint == fingerprint)
        async with self._database.read() as connection:
            kept: bytes | None = (await connection.execute(query)).scalar_one_or_none()
        return zlib.decompress(kept) if kept is not None else b""

    async def drop(self, fingerprint: str) -> bool:
        async with self._database.write() as connection:
            note_erasure(connection)
            own = newsletters.c.fingerprint == fingerprint
            return bool((await connection.execute(delete(newsletters).where(own))).rowcount)


async def forget_newsletters(connection: AsyncConnection, source: str) -> None:
    """Delete what came for a source."""
    await connection.execute(delete(newsletters).where(newsletters.c.source_id == source))


async def move_newsletters(connection: AsyncConnection, old: str, new: str) -> None:
    """Give what came for a source to another id."""
    await connection.execute(update(newsletters).where(newsletters.c.source_id == old).values(source_id=new))


def _known(newsletter: KeptNewsletter) -> ColumnElement[bool]:
    read = (newsletters.c.named == newsletter.named) & newsletters.c.state.in_(_BELIEVED)
    same = newsletters.c.fingerprint == newsletter.fingerprint
    return (newsletters.c.source_id == newsletter.source) & or_(same, read)


async def _make_room(connection: AsyncConnection, source: str, most: int) -> bool:
    """Whether one more may be kept. The oldest that do not wait give way, first those that are not read."""
    own = newsletters.c.source_id == source
    count = await connection.scalar(select(func.count()).select_from(newsletters).where(own)) or 0
    excess = count + 1 - most
    if excess <= 0:
        return True
    worth = case((newsletters.c.state.in_(_NOT_READ), 0), else_=1)
    oldest = select(newsletters.c.id).where(own, newsletters.c.state != NewsletterState.WAITING)
    ids = (await connection.execute(oldest.order_by(worth, newsletters.c.id).limit(excess))).scalars().all()
    if len(ids) < excess:
        return False
    await connection.execute(delete(newsletters).where(newsletters.c.id.in_(ids)))
    return True


def _newsletter(row: Any) -> KeptNewsletter:
    return KeptNewsletter(
        source=row["source_id"],
        at=row["at"],
        named=row["named"],
        fingerprint=row["fingerprint"],
        sender=row["sender"],
        subject=row["subject"],
        octets=row["octets"],
        state=row["state"],
        why=row["why"],
    )
