"""The register of providers and the history of their ratings."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import asdict, fields
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import ColumnElement, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.changes import Certainty, Change, Movement, Withdrawal, with_withdrawn_marked
from digest.edition import StoryKey
from digest.providers import Provider, Register
from digest.ratings import Precision, Rating
from digest.store.database import Database, insert_new, insert_or
from digest.store.tables import changes, doubts, open_cases, providers, ratings, reports, revisions

_REGISTER: Final = "register"


def provider_row(provider: Provider, *, proposed: bool) -> dict[str, Any]:
    """The row of a provider; `proposed` while only a text has named it."""
    return asdict(provider) | {"proposed": proposed}


async def mark_register(connection: AsyncConnection) -> None:
    """Make every process read the register again once this transaction commits.

    Call it last in a transaction: other transactions that change the register wait for it.
    """
    row = {"name": _REGISTER, "mark": uuid4().hex}
    statement = insert_or(connection, revisions).values(row)
    again = statement.on_conflict_do_update(index_elements=[revisions.c.name], set_={"mark": row["mark"]})
    await connection.execute(again)


async def load_register(
    connection: AsyncConnection, known: Iterable[Provider], past: Iterable[Rating]
) -> None:
    """As `SqlProviders.load`, within a transaction."""
    for provider in known:
        row = provider_row(provider, proposed=False)
        await connection.execute(insert_new(connection, providers).values(row))
        await connection.execute(update(providers).where(providers.c.id == provider.id).values(row))
    own = ratings.c.item_id.is_(None) & ratings.c.source_id.is_(None)
    await connection.execute(delete(ratings).where(own))
    rows = [rating_row(rating) for rating in past]
    if rows:
        await connection.execute(insert(ratings), rows)
    await mark_register(connection)


class SqlProviders:
    """`ports.ProviderStore` on SQL. The register is kept in memory and read again after a change."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held: tuple[str | None, Register] | None = None
        self._reading = asyncio.Lock()  # one read serves everybody who waits

    async def register(self) -> Register:
        async with self._reading, self._database.read() as connection:
            # The mark first: what commits between the two is read then, and once more the next time.
            mark = await connection.scalar(select(revisions.c.mark).where(revisions.c.name == _REGISTER))
            if self._held is None or self._held[0] != mark:
                # The operator's own entries come first: their names win over those that texts proposed.
                query = select(providers).order_by(providers.c.proposed, providers.c.id)
                rows = (await connection.execute(query)).mappings()
                self._held = mark, Register(_provider(row) for row in rows)
            return self._held[1]

    async def history(
        self, provider: str, *, without: StoryKey | None = None, without_item: int | None = None
    ) -> list[Rating]:
        held = select(ratings).where(ratings.c.provider_id == provider).order_by(ratings.c.id)
        said = (
            select(changes, reports.c.dated)
            .join(reports, (reports.c.item_id == changes.c.item_id) & (reports.c.place == changes.c.place))
            .where(changes.c.provider_id == provider, changes.c.movement == Movement.WITHDRAWN)
        )
        if without is not None:
            held, said = held.where(_not_of(ratings, without)), said.where(_not_of(changes, without))
        if without_item is not None:
            held = held.where(ratings.c.item_id.is_distinct_from(without_item))
            said = said.where(changes.c.item_id != without_item)
        own = select(ratings.c.item_id).where(ratings.c.provider_id == provider)
        asked = open_cases().where(doubts.c.item_id.in_(own))
        async with self._database.read() as connection:
            cases = {(row.item_id, row.place) for row in await connection.execute(asked)}
            history = [_rating(row, cases) for row in (await connection.execute(held)).mappings()]
            withdrawn = [_withdrawal(row) for row in (await connection.execute(said)).mappings()]
        return with_withdrawn_marked(history, withdrawn)

    async def load(self, known: Iterable[Provider], past: Iterable[Rating]) -> None:
        """Store the operator's register, and its past ratings in place of those it gave before.

        A provider that is stored already gets the operator's values; those the register lacks stay.
        """
        async with self._database.write() as connection:
            await load_register(connection, known, past)


def _not_of(table: Any, key: StoryKey) -> ColumnElement[bool]:
    """Rows that are not of one report; rows of no report, as the register's ratings, are among them."""
    other: ColumnElement[bool] = or_(
        table.c.item_id.is_(None), table.c.item_id != key.item, table.c.place != key.place
    )
    return other


def _withdrawal(row: Any) -> Withdrawal:
    change = Change(
        provider=row["provider_id"],
        aspect=row["aspect"],
        scale=row["scale"],
        movement=Movement(row["movement"]),
        before=row["before"],
        before_on=row["before_on"],
        before_precision=Precision(row["before_precision"] or Precision.DAY),
        after=row["after"],
        certainty=Certainty(row["certainty"]),
        review=row["review"],
    )
    return Withdrawal(change=change, dated=row["dated"])


def _provider(row: Any) -> Provider:
    return Provider(
        id=row["id"],
        name=row["name"],
        kind=row["kind"],
        inspectorate=row["inspectorate"],
        aliases=tuple(row["aliases"]),
        predecessors=tuple(row["predecessors"]),
    )


def rating_row(rating: Rating) -> dict[str, Any]:
    """The row of a rating, without its origin."""
    return {"provider_id": rating.provider} | {name: getattr(rating, name) for name in _STORED}


_STORED: Final = tuple(  # of the others, one is the provider, and two are told by the changes and the cases
    field.name for field in fields(Rating) if field.name not in {"provider", "withdrawn", "doubted"}
)


def _rating(row: Any, cases: Collection[tuple[int, int]]) -> Rating:
    return Rating(
        provider=row["provider_id"],
        aspect=row["aspect"],
        scale=row["scale"],
        grade=row["grade"],
        inspected_on=row["inspected_on"],
        published_on=row["published_on"],
        published_precision=Precision(row["published_precision"] or Precision.DAY),
        evidence=row["evidence"],
        link=row["link"],
        doubted=(row["item_id"], row["place"]) in cases,
    )
