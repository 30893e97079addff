"""Looks into a state also if the config files are wrong: then an operator needs to see it most."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from digest.adapters.config.files import load_sources
from digest.adapters.config.secrets import Secrets
from digest.app.directory import DirectoryCheck, check_directory, checked_database, place_of
from digest.errors import ConfigError, Problem, StoreError
from digest.ports import AppliedConfig
from digest.ratings import Inspectorates
from digest.settings import Settings
from digest.settings.connection import Section
from digest.settings.people import SubscribingSettings
from digest.settings.record import of_the_edition, section_of
from digest.settings.sending import RelaySettings
from digest.settings.service import OperatorsSettings, StoreSettings
from digest.settings.sources import Silence
from digest.settings.times import EditionSettings
from digest.store.sql import SqlStore

AnySection = TypeVar("AnySection", bound=Section)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A state, and what is known of the settings."""

    settings: Settings  # if there are problems: some sections and the sources only
    secrets: Secrets
    store: SqlStore
    problems: tuple[Problem, ...]  # of the files


@asynccontextmanager
async def looked_into(directory: Path) -> AsyncIterator[Found]:
    """The state of a directory, to look at.

    `ConfigError` if the files are so wrong that they do not say where it is, or if it cannot be read either.
    """
    check = check_directory(directory)
    if check.settings is not None and check.secrets is not None and not check.problems:
        async with checked_database(check.settings, check.secrets, directory) as database:
            store = SqlStore(database, seal=check.secrets.seal)
            yield Found(settings=check.settings, secrets=check.secrets, store=store, problems=())
        return
    from digest.store.database import Database

    url = _place_of_state(directory, check)
    if url is None or check.secrets is None:
        raise ConfigError(check.problems)
    database = Database(url, directory=directory)
    store = SqlStore(database, seal=check.secrets.seal)
    try:
        try:
            await database.check()
            applied = await store.configs.all()
        except StoreError as error:
            raise ConfigError(check.problems) from error
        here = [one for one in applied if one.place == place_of(directory)]
        settings = check.settings or as_far_as_known(directory, here or applied)
        yield Found(settings=settings, secrets=check.secrets, store=store, problems=check.problems)
    finally:
        await database.dispose()


def _place_of_state(directory: Path, check: DirectoryCheck) -> str | None:
    if check.secrets is not None and check.secrets.database_url is not None:
        return check.secrets.database_url.get_secret_value()
    from digest.adapters.config.sections import section

    store = check.settings.store if check.settings else section(directory, "store", StoreSettings)
    return store.url if store else None


def as_far_as_known(directory: Path, applied: Sequence[AppliedConfig]) -> Settings:
    """What a look at the state needs, of files that are wrong.

    A section that is wrong, and the sources if their file is, are as the service last took them over
    (`applied`, the latest first), or else as if nothing was set.
    """
    from digest.adapters.config.sections import section

    record = applied[0].record if applied else {}
    silences: tuple[Silence, ...] = ()
    try:
        listed = load_sources(directory)
    except ConfigError:
        before = of_the_edition(record)
        sources = before[1] if before else ()
    else:
        sources, silences = listed.polled(), listed.silences

    def known(key: str, model: type[AnySection]) -> AnySection:
        return section(directory, key, model) or section_of(record, key, model) or model()

    return Settings.model_construct(
        edition=known("edition", EditionSettings),
        relay=known("relay", RelaySettings),
        subscribing=known("subscribing", SubscribingSettings),
        operators=known("operators", OperatorsSettings),
        sources=sources,
        silences=silences,
        inspectorates=Inspectorates(all=()),
    )
