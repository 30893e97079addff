"""The state: the database that the settings name, and that it is ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from digest.adapters.config.secrets import Secrets
from digest.settings import Settings
from digest.store.database import Database
from digest.store.members.sealed_addresses import check_seal


def open_database(settings: Settings, secrets: Secrets, directory: Path) -> Database:
    """The database that the settings name, or the secret address that overrides them."""
    url = secrets.database_url.get_secret_value() if secrets.database_url else settings.store.url
    return Database(url, directory=directory)


@asynccontextmanager
async def checked_database(settings: Settings, secrets: Secrets, directory: Path) -> AsyncIterator[Database]:
    """Likewise, open until the end; `StoreError` for a state that is missing or not ours."""
    database = open_database(settings, secrets, directory)
    try:
        await database.check()
        await check_seal(database, secrets.seal)
        yield database
    finally:
        await database.dispose()
