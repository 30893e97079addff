"""Lists what is new in a file of a publisher: its rows are compared with what is remembered of them."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, cast

from digest.errors import OverrunError, ParseError
from digest.items import Item
from digest.jobs.listers.compared import Comparison, differs, read_by_another
from digest.jobs.listers.outcomes import in_its_place, not_fetched
from digest.listing import Data, Listed, Listing, NotListed, batched, packed, unpacked
from digest.parse.dataset import Compared, Document, read_dataset
from digest.parse.dataset.compared import other_name
from digest.parse.dataset.found import FoundFile, file_at, find_file
from digest.parse.tables.headings import folded
from digest.parse.tables.table import LIMITS
from digest.ports import NO_VALIDATORS, Clock, Fetched, Fetcher, Large, RecordStore, Workers
from digest.ratings import Inspectorates
from digest.record_changes import has_other_words
from digest.records import Kept, Record, Snapshot, binding_of, guid
from digest.source_specs import DatasetSpec
from digest.sources import Source, Validators

log = logging.getLogger(__name__)

LARGE: Final = Large(size=LIMITS.size, time=timedelta(minutes=10))
"""What a file may take: 40 MB at 100 kB a second take seven minutes."""

_STATED_AT_ONCE: Final = 2_000
_FEWER: Final = 0.5  # of the rows of the last file: fewer are told of


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetLister:
    """Lists the new and changed records of a file. `workers` need time and memory for large ones."""

    fetcher: Fetcher
    workers: Workers
    records: RecordStore
    inspectorates: Inspectorates
    clock: Clock

    async def list_items(self, source: Source, known: Validators) -> Listing:
        found = await self._found(source)
        if not isinstance(found, FoundFile):
            return found
        snapshot = await self.records.snapshot(source.id)
        same = snapshot is not None and snapshot.document == found.url
        validators = known if same else NO_VALIDATORS
        fetched = await self.fetcher.fetch(found.url, validators, large=LARGE)
        if not isinstance(fetched, Fetched):
            return not_fetched(fetched)
        data = await self._data(source, found, fetched, snapshot)
        if isinstance(data, NotListed):
            return data
        items, remembered = data
        moved_to = fetched.moved_to if found.url == source.url else None
        return Listed(
            items=items,
            data=remembered,
            validators=fetched.validators,
            took=fetched.took,
            moved_to=moved_to,
        )

    async def _found(self, source: Source) -> FoundFile | Listing:
        """The file: the source's address, or what it leads to."""
        finder = _spec(source).find
        if finder is None:
            return file_at(source.url)
        page = await self.fetcher.fetch(source.url, heed_robots=finder.link is not None)
        if not isinstance(page, Fetched):
            return not_fetched(page)
        try:
            return await self.workers.run(find_file, page.body, page.url, finder)
        except OverrunError as error:
            return NotListed(reason=str(error))
        except ParseError as error:
            return await in_its_place(self.workers, page, str(error))

    async def _data(
        self, source: Source, found: FoundFile, fetched: Fetched, before: Snapshot | None
    ) -> tuple[tuple[Item, ...], Data] | NotListed:
        fingerprint = _fingerprint(fetched.body, source)
        binding = binding_of(replace(_spec(source), find=None))
        if before is not None and before.fingerprint == fingerprint:
            same = Snapshot(document=found.url, fingerprint=fingerprint, rows=before.rows)
            return (), Data(snapshot=same, binding=binding)
        kept = await self.records.kept(source.id)
        try:
            result = await self._compared(source, found, fetched.body, kept)
        except OverrunError as error:
            return NotListed(reason=f"{file_at(found.url).title}: {error}")
        except ParseError as error:
            return await in_its_place(self.workers, fetched, str(error))
        _tell(source, result, before)
        told = Comparison(today=self.clock.now().date(), others=read_by_another(kept, binding), whole=True)
        records = result.changed
        if before is not None:
            records = tuple(
                [p for part in result.changed for p in await self._news(source, part, kept, result, told)]
            )
        snapshot = Snapshot(document=found.url, fingerprint=fingerprint, rows=result.rows)
        data = Data(
            snapshot=snapshot,
            records=records,
            past=tuple(told.past),
            gone=result.gone,
            baseline=before is None,
            binding=binding,
        )
        told.tell(source)
        return tuple(told.items), data

    async def _compared(
        self, source: Source, found: FoundFile, body: bytes, kept: Mapping[str, Kept]
    ) -> Compared:
        document = Document(
            file=_name_of(found, _spec(source)),
            publisher=source.name,
            inspectorate=source.inspectorate or "",
            dated=found.dated,
        )
        others: dict[str, str] = {}
        while True:
            result = await self.workers.run(
                read_dataset,
                body,
                _spec(source),
                document,
                inspectorates=self.inspectorates,
                kept=kept,
                others=others,
            )
            if result.keyed or others or not kept:
                return result
            others = await self._others(source, kept) or {"": ""}

    async def _others(self, source: Source, kept: Mapping[str, Kept]) -> dict[str, str]:
        """The keys of what is remembered, by what tells providers apart in a file without numbers."""
        found: dict[str, str] = {}
        twice: set[str] = set()
        for keys in batched(kept, _STATED_AT_ONCE):
            for key, record in (await self.records.stated(source.id, keys)).items():
                other = _other_name(record, _spec(source))
                if other in found:
                    twice.add(other)
                found[other] = key
        return {other: key for other, key in found.items() if other and other not in twice}

    async def _news(
        self, source: Source, part: bytes, kept: Mapping[str, Kept], result: Compared, told: Comparison
    ) -> tuple[bytes, ...]:
        """What is to be remembered of a part; what of it is news, or past, is added to what is told."""
        remember = []
        numbered = unpacked(part)
        known = [one.record.key for one in numbered if one.record.key in kept]
        before = await self.records.stated(source.id, known)
        for version, record, *_ in numbered:
            held, earlier = kept.get(record.key), before.get(record.key)
            other = earlier is not None and has_other_words(record, earlier)
            both = told.of(record, earlier, changed=other)
            if differs(both.remember, held):
                remember.append((version, both.remember))
            if both.news is not None and record.key not in result.renamed:
                told.items.append(_item(both.news, version))
        return packed(remember)


def _spec(source: Source) -> DatasetSpec:
    return cast("DatasetSpec", source.spec)


def _name_of(found: FoundFile, spec: DatasetSpec) -> str:
    """The name of a file that readers see: of an attachment, its publisher's title."""
    attached = spec.find is not None and spec.find.attachment is not None
    return found.title if attached and found.title else file_at(found.url).title


def _fingerprint(body: bytes, source: Source) -> str:
    """The same for the same bytes, understood in the same way."""
    digest = hashlib.blake2b(body, digest_size=16)
    digest.update(repr((source.spec, source.inspectorate)).encode())
    return digest.hexdigest()


def _item(news: Record, version: int) -> Item:
    return Item(title=news.subject.name, guid=guid(news, version), link=news.link, record=news)


def _other_name(record: Record, spec: DatasetSpec) -> str:
    words = {folded(heading): said for heading, said in record.lines}
    names = [next((words[f] for f in map(folded, one) if f in words), "") for one in spec.else_by]
    return other_name(names) if all(names) else ""


def _tell(source: Source, result: Compared, before: Snapshot | None) -> None:
    """Log what of a file could not be read."""
    if result.broken:
        fields = {"source": source.id, "count": result.broken, "first": "; ".join(result.told)}
        log.warning("rows of a file are left out", extra=fields)
    if before is not None and result.rows < _FEWER * before.rows:
        fields = {"source": source.id, "rows": result.rows, "before": before.rows}
        log.warning("a file has far fewer rows than the one before", extra=fields)
