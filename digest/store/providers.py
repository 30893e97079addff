"""The register of providers and the history of their ratings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, insert, select, update

from digest.providers import Provider, Register
from digest.ratings import Rating
from digest.store.database import Database, insert_new
from digest.store.tables import providers, ratings


def provider_row(provider: Provider, *, proposed: bool) -> dict[str, Any]:
    """The row of a provider; `proposed` while only a text has named it."""
    return asdict(provider) | {"proposed": proposed}


class SqlProviders:
    """`ports.ProviderStore` on SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def register(self) -> Register:
        # The operator's own entries come first: their names win over those that texts proposed.
        query = select(providers).order_by(providers.c.proposed, providers.c.id)
        async with self._database.read() as connection:
            return Register(_provider(row) for row in (await connection.execute(query)).mappings())

    async def history(self, provider: str) -> list[Rating]:
        query = select(ratings).where(ratings.c.provider_id == provider).order_by(ratings.c.id)
        async with self._database.read() as connection:
            return [_rating(row) for row in (await connection.execute(query)).mappings()]

    async def load(self, known: Iterable[Provider], past: Iterable[Rating]) -> None:
        async with self._database.write() as connection:
            for provider in known:
                row = provider_row(provider, proposed=False)
                await connection.execute(insert_new(connection, providers).values(row))
                await connection.execute(update(providers).where(providers.c.id == provider.id).values(row))
            await connection.execute(delete(ratings).where(ratings.c.item_id.is_(None)))
            rows = [_rating_row(rating) for rating in past]
            if rows:
                await connection.execute(insert(ratings), rows)


def _provider(row: Any) -> Provider:
    return Provider(
        id=row["id"],
        name=row["name"],
        kind=row["kind"],
        inspectorate=row["inspectorate"],
        aliases=tuple(row["aliases"]),
        predecessors=tuple(row["predecessors"]),
    )


def _rating_row(rating: Rating) -> dict[str, Any]:
    values = asdict(rating)
    return values | {"provider_id": values.pop("provider")}


def _rating(row: Any) -> Rating:
    return Rating(
        provider=row["provider_id"],
        aspect=row["aspect"],
        scale=row["scale"],
        grade=row["grade"],
        inspected_on=row["inspected_on"],
        published_on=row["published_on"],
        evidence=row["evidence"],
        link=row["link"],
    )
