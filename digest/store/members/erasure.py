"""Erasure: a subscriber's address is removed wherever the database holds it.

What was sent and what was agreed stays, without the address. The text of a relay's answer or of a bounce may
quote the address, so the whole text is removed. From an operator's words only the address is removed.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, String, Table, case, cast, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.addresses import IN_TEXT, same_key
from digest.deliveries import WAITING, State
from digest.store.tables import (
    attempts,
    bulks,
    deliveries,
    letters,
    parked_mail,
    pauses,
    requests,
    returns,
    subscribers,
    subscription_steps,
    suppressions,
    watches,
)

_INSTEAD: Final = "…"


async def erase(
    connection: AsyncConnection, ids: Sequence[int], now: datetime, *, elsewhere: bool = True
) -> None:
    """Erase the addresses of these subscribers. Their letters that were not sent yet are skipped.

    `elsewhere`: also where other people wrote these addresses, which are operators' words, parked mail and
    other subscribers' requests. Give False if the address stays in use: another subscriber moves to it.
    """
    people = select(subscribers.c.id, subscribers.c.address, subscribers.c.address_key)
    found = (await connection.execute(people.where(subscribers.c.id.in_(ids)))).all()
    keys = frozenset(row.address_key for row in found if row.address)
    spelled = {s for row in found if row.address for s in (row.address, row.address.lower(), row.address_key)}
    await connection.execute(
        update(subscribers)
        .where(subscribers.c.id.in_(ids))
        .values(address="", address_key="erased " + cast(subscribers.c.id, String))
    )
    await connection.execute(delete(watches).where(watches.c.subscriber_id.in_(ids)))
    await blank_words(connection, ids)
    await _blank_letters(connection, ids, spelled, now)
    theirs: ColumnElement[bool] = requests.c.subscriber_id.in_(ids)
    if elsewhere and spelled:
        theirs |= func.lower(requests.c.address).in_(spelled) | requests.c.address.in_(spelled)
    await connection.execute(delete(requests).where(theirs))
    own = subscription_steps.c.subscriber_id.in_(ids)
    await _redact(connection, subscription_steps, subscription_steps.c.wording, keys, own)
    if elsewhere and keys:
        for table, column in _FREE_WORDS:
            await _redact(connection, table, column, keys)
        await _drop_parked(connection, keys)


async def blank_words(connection: AsyncConnection, ids: Any) -> int:
    """Remove the texts of relays' answers and bounces about these subscribers; returns how many there were.

    `ids` is a sequence or a query.
    """
    said = 0
    for table, nothing in ((deliveries, None), (attempts, None), (returns, "")):
        own: ColumnElement[bool] = table.c.subscriber_id.in_(ids)
        own &= table.c.text.is_not(None) if nothing is None else table.c.text != ""
        said += (await connection.execute(update(table).where(own).values(text=nothing))).rowcount
    return said


async def _blank_letters(
    connection: AsyncConnection, ids: Sequence[int], spelled: Collection[str], now: datetime
) -> None:
    nobody = letters.c.subscriber_id.is_(None)
    to = func.lower(letters.c.address).in_(spelled) | letters.c.address.in_(spelled)
    await connection.execute(
        update(letters)
        .where(or_(letters.c.subscriber_id.in_(ids), nobody & to))
        .values(
            address="",
            content={},
            text=None,
            key="erased " + cast(letters.c.id, String),
            state=case((letters.c.state.in_(WAITING), State.SKIPPED), else_=letters.c.state),
            settled_at=func.coalesce(letters.c.settled_at, now),
            lease_until=None,
        )
    )


_FREE_WORDS: Final[Sequence[tuple[Table, Column[Any]]]] = (
    (suppressions, suppressions.c.why),
    (bulks, bulks.c.what),
    (bulks, bulks.c.why),
    (pauses, pauses.c.why),
)


async def _redact(
    connection: AsyncConnection, table: Table, column: Column[Any], keys: frozenset[str], own: Any = None
) -> None:
    [key] = table.primary_key
    query = select(key, column).where(column.contains("@"))
    for id, words in (await connection.execute(query if own is None else query.where(own))).all():
        kept = redacted(words, keys)
        if kept != words:
            await connection.execute(update(table).where(key == id).values({column: kept}))


def redacted(words: str, keys: Collection[str]) -> str:
    """The words, with "…" in place of each address whose key is given, however it is spelled."""
    return IN_TEXT.sub(lambda found: _INSTEAD if _key(found[0]) in keys else found[0], words)


async def _drop_parked(connection: AsyncConnection, keys: frozenset[str]) -> None:
    for row in (await connection.execute(select(parked_mail))).all():
        words = f"{row.sent_to} {row.why} {zlib.decompress(row.content).decode('utf-8', 'replace')}"
        if any(_key(found) in keys for found in IN_TEXT.findall(words)):
            await connection.execute(delete(parked_mail).where(parked_mail.c.id == row.id))


def _key(found: str) -> str:
    return same_key(found.strip(".!?…"))
