"""The operator's directory: checks its files and secrets together, and opens the database they name."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from digest.adapters.clock import SystemClock
from digest.adapters.config.files import TEMPLATES_FOLDER, load
from digest.adapters.config.packaged import packaged
from digest.adapters.config.secrets import (
    FALLBACK_PASSWORD,
    IMAP_PASSWORD,
    NOTHING,
    RELAY_PASSWORD,
    SECRET_KEY,
    Secrets,
    load_secrets,
)
from digest.deliveries import Pause
from digest.errors import ConfigError, Problem
from digest.settings import Settings

if TYPE_CHECKING:
    from digest.ports import Clock
    from digest.store.database import Database

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryCheck:
    """What a directory holds, and every problem that prevents the service from running on it."""

    settings: Settings | None  # None if the files are wrong
    secrets: Secrets | None  # None if they are wrong or missing
    problems: tuple[Problem, ...]

    @property
    def lacks_only_secrets(self) -> bool:
        """Whether the only problem is that there are no secrets: the files can still be checked."""
        return bool(self.problems) and all(
            problem.key == SECRET_KEY and problem.found == NOTHING for problem in self.problems
        )


def place_of(directory: Path) -> str:
    """The directory and this machine, as one text."""
    return f"{directory.absolute()} on {socket.gethostname()}"


def check_directory(directory: Path, environ: Mapping[str, str] = os.environ) -> DirectoryCheck:
    """Read the operator's files and secrets, and find everything that is wrong in them."""
    problems: list[Problem] = []

    def read(reading: Callable[[], T]) -> T | None:
        try:
            return reading()
        except ConfigError as error:
            problems.extend(error.problems)
            return None

    settings = read(lambda: load(directory))
    signing = settings.dkim if settings else None
    if signing:
        from digest.adapters.signing import load_key

        read(lambda: load_key(signing.key_file))  # a bad key is reported now, not at noon
    own, shipped = template_directories(directory)
    if own.exists():
        from digest.adapters.templates import template_problems

        problems.extend(template_problems(own, shipped))
    secrets = read(lambda: load_secrets(directory, environ))
    if settings and secrets:
        problems.extend(missing_passwords(settings, secrets))
    return DirectoryCheck(settings=settings, secrets=secrets, problems=tuple(problems))


def missing_passwords(settings: Settings, secrets: Secrets) -> Iterator[Problem]:
    """Accounts without a password and webhooks without a secret; reported now, not at noon."""
    relay, imap = settings.relay, settings.receiving.imap if settings.receiving else None
    fallbacks = any(one.username and not one.token_file for one in relay.fallbacks)
    accounts = (
        (RELAY_PASSWORD, relay.username and not relay.token_file, secrets.relay_password, "relay.username"),
        (FALLBACK_PASSWORD, fallbacks, secrets.fallback_password, "the accounts of relay.fallbacks"),
        (IMAP_PASSWORD, imap, secrets.imap_password, "receiving.imap.username"),
    )
    for key, wanted, given, account in accounts:
        if wanted and given is None:
            expected = f"the password of {account}, there or in secrets.env"
            yield Problem(file="the environment", line=None, key=key, found=NOTHING, expected=expected)
    for name in dict.fromkeys(one.secret for one in settings.webhooks):
        if name not in secrets.webhook_keys:
            expected = "the secret of a webhook, there or in secrets.env"
            yield Problem(file="the environment", line=None, key=name, found=NOTHING, expected=expected)


def configured(directory: Path, environ: Mapping[str, str] = os.environ) -> tuple[Settings, Secrets]:
    """The operator's settings and secrets. `ConfigError` names everything that is wrong in them."""
    found = check_directory(directory, environ)
    if found.problems or found.settings is None or found.secrets is None:
        raise ConfigError(found.problems)
    return found.settings, found.secrets


def template_directories(directory: Path) -> tuple[Path, Path]:
    """Where templates are: the operator's own first, then the packaged ones."""
    return directory / TEMPLATES_FOLDER, packaged("templates")


def open_database(settings: Settings, secrets: Secrets, directory: Path) -> Database:
    """The database at `store.url`, or at the address in the secrets, which comes first."""
    from digest.store.database import Database

    url = secrets.database_url.get_secret_value() if secrets.database_url else settings.store.url
    return Database(url, directory=directory)


@asynccontextmanager
async def checked_database(
    settings: Settings,
    secrets: Secrets,
    directory: Path,
    clock: Clock | None = None,
    *,
    tell: Callable[[str], None] = lambda _: None,
) -> AsyncIterator[Database]:
    """The database, open until the end. `StoreError` if it is missing or not ours.

    If it does not fit together with its record of endings, that is logged, sending is off, and `tell` gets
    what operators must hear.
    """
    from digest.store.members.sealed_addresses import check_seal

    database = open_database(settings, secrets, directory)
    try:
        await database.check()
        await check_seal(database, secrets.seal)
        if said := await reconcile_record(database, secrets, settings, clock or SystemClock()):
            tell(said)
        yield database
    finally:
        await database.dispose()


async def reconcile_record(
    database: Database, secrets: Secrets, settings: Settings, clock: Clock
) -> str | None:
    """Compare a state with its record of endings, as `restoring.reconcile`; what operators are told."""
    if await database.differs_from_record() is None:
        return None
    from digest.store.restoring import reconcile

    now = clock.now()
    pause = Pause(since=now, by="digest", why="", in_doubt=settings.edition.timetable.begun_by(now))
    return await reconcile(database, secrets.seal, pause)
