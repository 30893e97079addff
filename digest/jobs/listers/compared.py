"""Records that a source states now, compared with what is remembered of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Final

from digest.items import Item
from digest.listing import Data, Listed, packed
from digest.ports import RecordStore
from digest.record_changes import compared
from digest.records import Kept, Record, Snapshot, guid
from digest.sources import Source

_NEVER: Final = Kept(version=0, standing="")


async def listed_records(
    store: RecordStore,
    source: Source,
    records: Sequence[Record],
    snapshot: Snapshot,
    *,
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
    items, remembered, past = [], [], []
    for one in changed:
        version = kept.get(one.key, _NEVER).version + 1
        found = compared(one, before.get(one.key), today=today)
        if differs(found.remember, kept.get(one.key)):
            remembered.append((version, found.remember))
        if found.past:
            past.append(one.key)
        if found.news is not None and not first:
            items.append(_item(found.news, version, dated=not whole and one.key not in before))
    gone = tuple(key for key, one in kept.items() if key not in stated and not one.gone) if whole else ()
    data = Data(snapshot=snapshot, records=packed(remembered), past=tuple(past), gone=gone, baseline=first)
    return Listed(items=tuple(items), data=data)


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
