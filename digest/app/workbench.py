"""What a command needs that lists and reads sources without running the service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from digest.adapters.clock import SystemClock
from digest.adapters.config.packaged import packaged, packaged_register
from digest.adapters.newsletters import ImapFolders
from digest.adapters.workers import DATA_LIMIT, ProcessWorkers
from digest.app.directory import check_directory, checked_database
from digest.app.edges import fetcher
from digest.edition import Candidate
from digest.edition_history import HeldRating
from digest.errors import ConfigError, StoreError
from digest.extract.judges import is_own_address
from digest.identity import Seen
from digest.jobs.read import Reader
from digest.jobs.source_kinds import NOT_RECEIVED, NoNewsletters, NothingKept, OnlyLookedAt, listers
from digest.jobs.trial import Trial, tried
from digest.ports import Clock, Fetcher, Lister, Newsletters, ProviderStore, Store, Workers
from digest.providers import Provider, Register
from digest.ratings import Rating
from digest.settings import Settings
from digest.settings.sources import SourceDefaults, SourceEntry
from digest.source_specs import SourceKind
from digest.sources import Authority, Source
from digest.store.sql import SqlStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbench:
    settings: Settings
    fetcher: Fetcher
    workers: Workers
    data_workers: Workers  # have the time that large files need
    listers: Mapping[SourceKind, Lister]
    newsletters: Newsletters  # nothing is noted of them
    keys: Mapping[str, str]  # the secrets for publishers' servers, by name
    clock: Clock
    store: Store | None
    no_store: str  # why there is no store

    def source_at(self, url: str) -> Source:
        """A source at an address. It is official if the address is an inspectorate's own."""
        owner = next((one for one in self.settings.inspectorates if is_own_address(one, url)), None)
        entry = SourceEntry(
            id="address",
            name=urlsplit(url).hostname or url,
            url=url,
            authority=Authority.OFFICIAL if owner else Authority.BLOG,
            inspectorate=owner.key if owner else None,
        )
        return entry.source(SourceDefaults())

    async def tried(self, source: Source, *, most: int, progress: Callable[[str], None]) -> Trial:
        """What a poll of a source would bring now; nothing is stored."""
        store = self.store
        return await tried(
            source,
            lister=self.listers[source.kind],
            reader=Reader(
                inspectorates=self.settings.inspectorates,
                store=store,  # type: ignore[arg-type] # it is replaced for each item
                fetcher=self.fetcher,
                workers=self.workers,
                clock=self.clock,
            ),
            providers=store.providers if store else _Packaged(),
            filed=store.items.filed if store else _none_filed,
            seen=await store.sources.seen(source.id) if store else Seen(),
            foresee=partial(store.sources.foresee, source.id) if store else None,
            timetable=self.settings.edition.timetable,
            most=most,
            progress=progress,
        )


def _newsletters(settings: Settings, store: SqlStore | None, no_store: str) -> Newsletters:
    if settings.receiving is None:
        return NoNewsletters(NOT_RECEIVED)
    return OnlyLookedAt(store.newsletters) if store else NoNewsletters(no_store)


async def _none_filed(_: str) -> list[Candidate]:
    return []


class _Packaged(ProviderStore):
    """What is known without a state: the register that comes with the program."""

    def __init__(self) -> None:
        providers, self._past = packaged_register()
        self._register = Register(providers)

    async def register(self) -> Register:
        return self._register

    async def history(self, provider: str, **_: Any) -> list[Rating]:
        return [rating for rating in self._past if rating.provider == provider]

    async def held(self, known: Iterable[Provider]) -> dict[str, tuple[HeldRating, ...]]:
        ids = {one.id for one in known}
        return {id: tuple(HeldRating(rating=r) for r in self._past if r.provider == id) for id in ids}


@asynccontextmanager
async def workbench(directory: Path) -> AsyncIterator[Workbench]:
    """The tools, by the files in a directory; by the packaged ones if there is no such directory.

    There need be no secrets and no state. `ConfigError` if the files are wrong.
    """
    clock = SystemClock()
    found = check_directory(directory if directory.exists() else packaged("config"))
    if found.settings is None or not (not found.problems or found.lacks_only_secrets):
        raise ConfigError(found.problems)
    settings = found.settings
    async with AsyncExitStack() as stack:
        store, why = None, "there are no secrets"
        if found.secrets is not None:
            opening = checked_database(settings, found.secrets, directory)
            try:
                store = SqlStore(await stack.enter_async_context(opening), seal=found.secrets.seal)
            except StoreError as error:
                why = str(error)
        web = await stack.enter_async_context(fetcher(settings, clock))
        workers = await stack.enter_async_context(ProcessWorkers())
        newsletters = _newsletters(settings, store, why)
        yield Workbench(
            settings=settings,
            fetcher=web,
            workers=workers,
            data_workers=workers.with_limit(DATA_LIMIT),
            listers=listers(
                fetcher=web,
                workers=workers,
                data_workers=workers.with_limit(DATA_LIMIT),
                zone=settings.edition.zone,
                records=store.records if store else NothingKept(),
                inspectorates=settings.inspectorates,
                clock=clock,
                folders=ImapFolders(),
                newsletters=newsletters,
                keys=found.secrets.source_keys if found.secrets else {},
            ),
            newsletters=newsletters,
            keys=found.secrets.source_keys if found.secrets else {},
            clock=clock,
            store=store,
            no_store=why,
        )
