"""A dataset beside what is remembered of it. It runs in a worker: only what is new or changed leaves it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from digest.errors import TableError
from digest.listing import packed
from digest.parse.dataset.bound import Bound, bound, layout_of
from digest.parse.dataset.rows import Maker
from digest.parse.tables import Row, read_table
from digest.parse.tables.table import BROKEN_SHARE, FEW_BROKEN, too_many
from digest.providers import normal_name
from digest.ratings import Inspectorates
from digest.records import Kept, Record, says_the_same
from digest.source_specs import DatasetSpec

MOST_TOLD: Final = 5
"""So many of the rows that are left out are told of one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Where a file comes from, for the records that are made of it."""

    file: str  # its name
    publisher: str  # as readers see it
    inspectorate: str  # its key
    dated: date | None = None  # of when it is, as it says itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What is new or changed in a dataset."""

    rows: int  # how many records it has
    changed: tuple[bytes, ...]  # new or changed records, each with its version, packed in parts
    renamed: tuple[str, ...] = ()  # keys of those that are remembered under another, and say the same
    gone: tuple[str, ...]  # keys of what is remembered and not there any more
    broken: int = 0  # rows that were left out
    told: tuple[str, ...] = ()  # why, for the first of them
    keyed: bool = True  # whether the file has the publisher's numbers


def read_dataset(
    body: bytes,
    spec: DatasetSpec,
    document: Document,
    *,
    inspectorates: Inspectorates,
    kept: Mapping[str, Kept],
    others: Mapping[str, str],
) -> Compared:
    """The records of a file that differ from those that are remembered.

    `others` are the keys of remembered records by what tells them apart if a file lacks the publisher's
    numbers (`other_name`). `TableError` if the file cannot be understood as a whole; a row that cannot is
    left out, and what is remembered of it stays.
    """
    table = read_table(body, layout_of(spec), file=document.file, encoding=spec.encoding)
    binding = bound(spec, table)
    maker = Maker(
        bound=binding,
        scales={scale.key: scale for one in inspectorates for scale in one.scales},
        inspectorate=document.inspectorate,
        publisher=document.publisher,
        document=document.file,
        dated=document.dated,
    )
    found = _Found(maker, kept)
    groups = _grouped(binding, others)
    changed = packed(found.changed(groups))
    broken = table.broken
    if len(broken) > max(FEW_BROKEN, BROKEN_SHARE * len(groups)):
        raise too_many(table, len(groups))
    if not groups:
        raise TableError(table.file, "at least one row below the headings", "none", table.sheet)
    return Compared(
        rows=len(groups),
        changed=changed,
        renamed=tuple(found.renamed),
        gone=tuple(key for key, one in kept.items() if key not in groups and not one.gone),
        broken=len(broken),
        told=tuple(str(error) for error in broken[:MOST_TOLD]),
        keyed=binding.keyed,
    )


def _grouped(binding: Bound, others: Mapping[str, str]) -> dict[str, list[Row]]:
    """The rows of each provider, by key."""
    groups: dict[str, list[Row]] = {}
    for row in binding.table.rows:
        if not binding.spec.only or binding.wanted(row):
            key = _key(binding, row, others)
            if key is not None:
                groups.setdefault(key, []).append(row)
    return groups


def _key(binding: Bound, row: Row, others: Mapping[str, str]) -> str | None:
    """The key of a row; None if it has none, as a note below the table."""
    if binding.keyed:
        return binding.cell(row, "key") or None
    names = [binding.cell(row, f"else {n}") for n in range(len(binding.spec.else_by))]
    other = other_name(names)
    return others.get(other, other) if all(names) else None


def other_name(names: Sequence[str]) -> str:
    """What tells a provider apart in a file without the publisher's numbers, such as name and postcode."""
    return " ".join(filter(None, map(normal_name, names)))


def under_key(record: Record, key: str) -> Record:
    """The record under another key."""
    return replace(record, key=key, subject=replace(record.subject, id=key))


@dataclass(frozen=True, slots=True)
class _Found:
    maker: Maker
    kept: Mapping[str, Kept]
    renamed: list[str] = field(default_factory=list)

    def changed(self, groups: Mapping[str, list[Row]]) -> Iterator[tuple[int, Record]]:
        """Records that are new or differ from what is remembered, each with its version."""
        for key, rows in groups.items():
            try:
                record = self.maker.record(key, rows)
            except TableError as error:
                self.maker.bound.table.broken.append(error)
                continue
            before = self.kept.get(key)
            if before is None and self._known_by_another(record, rows[0]):
                self.renamed.append(key)
            if before is None or before.gone or before.standing != record.standing:
                yield (before.version if before else 0) + 1, record

    def _known_by_another(self, record: Record, row: Row) -> bool:
        """Whether the same was remembered while the file lacked the publisher's numbers."""
        binding = self.maker.bound
        if not (binding.keyed and binding.spec.else_by):
            return False
        other = other_name([binding.cell(row, f"else {n}") for n in range(len(binding.spec.else_by))])
        before = self.kept.get(other)
        return before is not None and says_the_same(before.standing, under_key(record, other).standing)
