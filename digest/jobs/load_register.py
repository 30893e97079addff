"""Loads a publisher's file into the register: a baseline, of which nobody is told anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

from digest.jobs.listers.dataset import DatasetLister
from digest.listing import Data, Listed, NotAsked, NotListed, Unchanged
from digest.ports import Clock, Fetched, Fetcher, Outcome, Store, Workers
from digest.ratings import Inspectorates
from digest.source_specs import DatasetSpec
from digest.sources import Polled, Source, Validators


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What became of a file."""

    rows: int  # records in the file
    changed: int  # of these, new ones or ones that state something else than before
    gone: int  # that the data before had


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A fetcher that has one file, whatever it is asked for."""

    url: str
    body: bytes

    async def fetch(self, *_: object, **__: object) -> Outcome:
        return Fetched(url=self.url, body=self.body, content_type=None, validators=Validators())


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterLoader:
    """`fetcher` gets the file where the publisher has it; `workers` have the time that large files need."""

    store: Store
    fetcher: Fetcher
    workers: Workers
    inspectorates: Inspectorates
    clock: Clock

    async def load(
        self,
        source: Source,
        *,
        file: OnDisk | None = None,
        progress: Callable[[int, int], None] = lambda _, __: None,
    ) -> Loaded | str:
        """Load a source's data, from a file instead of its address if one is given; or why it cannot be read.

        `progress` is told after each part that is stored: how many parts there are, and how many are stored.
        """
        if file is not None:
            spec = replace(cast("DatasetSpec", source.spec), find=None)
            source = replace(source, url=file.url, spec=spec)
        lister = DatasetLister(
            fetcher=file or self.fetcher,
            workers=self.workers,
            records=self.store.records,
            inspectorates=self.inspectorates,
            clock=self.clock,
        )
        match await lister.list_items(source, Validators()):
            case Listed(data=data) if data is not None:
                return await self._remembered(source.id, data, progress)
            case NotListed(reason=why) | NotAsked(reason=why):
                return why
            case Listed() | Unchanged():
                return "its publisher has sent no file"

    async def _remembered(self, source: str, data: Data, progress: Callable[[int, int], None]) -> Loaded:
        now = self.clock.now()
        await self.store.sources.record(
            source, lambda known: known or Polled(source=source, next_poll_at=now)
        )
        stored: list[int] = []

        def told(count: int) -> None:
            stored.append(count)
            progress(len(data.records), len(stored))

        baseline = replace(data, baseline=True)
        await self.store.records.enter(source, now=now)
        await self.store.records.remember(source, baseline, now=now, progress=told)
        return Loaded(rows=data.snapshot.rows, changed=sum(stored), gone=len(data.gone))
