"""Questions to operators about a filing, written where the filing is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from digest.edition import StoryKey
from digest.store.database import insert_new
from digest.store.tables import doubts


async def raise_doubts(
    connection: AsyncConnection, key: StoryKey, reasons: Iterable[str], at: datetime
) -> None:
    """Ask operators about a filing; what was asked before is not asked again."""
    rows = [{"item_id": key.item, "place": key.place, "reason": why, "raised_at": at} for why in reasons]
    if rows:
        await connection.execute(insert_new(connection, doubts), rows)
