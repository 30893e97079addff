"""Records that a source states now, compared with what is remembered of them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Final

from digest.items import Item
from digest.listing import Data, Listed, packed
from digest.ports import RecordStore
from digest.record_changes import Compared, compared, reread
from digest.records import Kept, Record, Snapshot, guid, says_the_same
from digest.sources import Source

_NEVER: Final = Kept(version=0, standing="")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The records of a source, each compared with what is remembered of it, and what comes of that."""

    today: date
    others: frozenset[str]  # keys of what was read by another binding
    whole: bool  # the data has all that there is: a new record may be new by the binding alone
    items: list[Item] = field(default_factory=list)
    past: list[str] = field(default_factory=list)  # keys: no news, and their grades enter the history
    reread: list[str] = field(default_factory=list)  # keys of those that differ by the binding alone

    def of(self, now: Record, before: Record | None, *, changed: bool) -> Compared:
        """What is new in a record. `changed`: it has changed itself, whatever the binding."""
        by_another = now.key in self.others or (before is None and self.whole and bool(self.others))
        if by_another:
            found = reread(now, before, today=self.today, changed=changed)
        else:
            found = compared(now, before, today=self.today)
        if found.past:
            self.past.append(now.key)
            if by_another and (before is None or not says_the_same(before.standing, now.standing)):
                self.reread.append(now.key)
        return found

    def tell(self, source: Source) -> None:
        """Tell operators how many records differ because their binding has changed."""
        if self.reread:
            fields = {"source": source.id, "count": len(self.reread), "first": ", ".join(self.reread[:5])}
            log.warning("records are read in another way", extra=fields)


def read_by_another(kept: Mapping[str, Kept], binding: str) -> frozenset[str]:
    """The keys of what is remembered, and was read by another binding than this."""
    return frozenset(key for key, one in kept.items() if not one.gone and one.binding not in {"", binding})


async def listed_records(
    store: RecordStore,
    source: Source,
    records: Sequence[Record],
    snapshot: Snapshot,
    *,
    binding: str,
    whole: bool,
    today: date,
) -> Listed:
    """What is new in records, as items, and what is to be remembered.

    `whole`: they are all that there are, so that what is not among them is gone. Otherwise they are some that
    changed in any way. Then one that was never seen is dated by its publication: an old rating is no news.
    """
    kept, first = await store.kept(source.id), await store.snapshot(source.id) is None
    stated = {one.key: one for one in records}
    changed = [one for one in stated.values() if differs(one, kept.get(one.key))]
    before = await store.stated(source.id, [one.key for one in changed if one.key in kept])
    comparison = Comparison(today=today, others=read_by_another(kept, binding), whole=whole)
    items, remembered = comparison.items, []
    for one in changed:
        version = kept.get(one.key, _NEVER).version + 1
        found = comparison.of(one, before.get(one.key), changed=_is_recent(one, source, today))
        if differs(found.remember, kept.get(one.key)):
            remembered.append((version, found.remember))
        if found.news is not None and not first:
            items.append(_item(found.news, version, dated=not whole and one.key not in before))
    gone = tuple(key for key, one in kept.items() if key not in stated and not one.gone) if whole else ()
    comparison.tell(source)
    data = Data(
        snapshot=snapshot,
        records=packed(remembered),
        past=tuple(comparison.past),
        gone=gone,
        baseline=first,
        binding=binding,
        read=None if whole else tuple(stated),
    )
    return Listed(items=tuple(items), data=data)


def _is_recent(record: Record, source: Source, today: date) -> bool:
    """Whether a rating was published so lately that it is news of its publisher, whatever the binding."""
    dated = record.published_on or record.inspected_on
    return dated is not None and today - dated <= source.recent


def differs(record: Record, kept: Kept | None) -> bool:
    """Whether a record states something else than what is remembered of it, or is back."""
    return kept is None or kept.gone or kept.standing != record.standing


def _item(record: Record, version: int, *, dated: bool) -> Item:
    published = record.published_on if dated else None
    return Item(
        title=record.subject.name,
        guid=guid(record, version),
        link=record.link,
        published_at=datetime.combine(published, time(), UTC) if published else None,
        record=record,
    )
