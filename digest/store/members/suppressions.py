"""Addresses that must not be written to, which are kept and found by seals alone."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.addresses import Seal, suppression_keys
from digest.errors import Refused
from digest.store.database import insert_new
from digest.store.tables import subscribers, suppressions
from digest.subscriptions import Suppression


async def add_suppression(
    connection: AsyncConnection, seal: Seal, key: str, suppression: Suppression
) -> bool:
    """Suppress the address of a key; False if it was before."""
    row = {"seal": seal(key), "why": suppression.why, "since": suppression.since, "by": suppression.by}
    statement = insert_new(connection, suppressions).values(row)
    return (await connection.execute(statement.returning(suppressions.c.seal))).first() is not None


async def lift_suppression(connection: AsyncConnection, seal: Seal, address: str) -> bool:
    """Whether the address was suppressed, and is no longer."""
    seals = {seal(key) for key in suppression_keys(address)[:2]}  # the mailbox's is not its own
    gone = await connection.execute(suppressions.delete().where(suppressions.c.seal.in_(seals)))
    return bool(gone.rowcount)


async def suppression_of(connection: AsyncConnection, seal: Seal, address: str) -> Suppression | None:
    seals = {seal(key) for key in suppression_keys(address)}
    query = select(suppressions).where(suppressions.c.seal.in_(seals)).order_by(suppressions.c.since)
    row = (await connection.execute(query)).mappings().first()
    return Suppression(why=row["why"], since=row["since"], by=row["by"]) if row else None


async def refuse_suppressed(connection: AsyncConnection, seal: Seal, address: str) -> None:
    """`Refused` where the address must not be written to."""
    found = await suppression_of(connection, seal, address)
    if found is not None:
        raise Refused(f"this address must not be written to, since {found.since:%d %b %Y}: {found.why}")


def spelled_like(key: str) -> ColumnElement[bool]:
    """Whose addresses may be spellings of a mailbox: no fewer than are, and few more."""
    local, _, domain = key.rpartition("@")
    if domain == "gmail.com":  # and its other name; with dots anywhere
        return subscribers.c.address_key.endswith("mail.com")
    like = subscribers.c.address_key.startswith(f"{local}+", autoescape=True)
    like &= subscribers.c.address_key.endswith(f"@{domain}", autoescape=True)
    return (subscribers.c.address_key == key) | like
