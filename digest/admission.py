"""Admission: which of the new items of a list are news, which are only known from now on, and which are held.

It is decided on what is stored at that moment, so that two pollers of one source decide alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from digest.identity import Fresh, has_time
from digest.items import Item
from digest.rhythm import ENOUGH_DAYS, Rhythm, largest_change, rhythm_of
from digest.sources import Polled, Source, in_shadow, moved, rested
from digest.wording import counted

ABSENT_AFTER: Final = timedelta(days=30)
"""A source that was not listed for longer begins with a baseline again."""

LATE_ONES: Final = 2
"""So many items a day may be dated before the window and still be news: drafts that are out at last."""

STEADY_WITHIN: Final = timedelta(days=2)
"""Such an item is news only from a source that was listed within this time."""

MANY: Final = 5
"""From so many new items on, the same titles show that old items are listed under new addresses..."""

TITLES_REMEMBERED: Final = timedelta(days=90)
"""...if items with these titles were listed within this time: a later inspection may have the same title."""

LOOKS_IN_A_DAY: Final = 2
"""All looks of one day may bring so many times what one look may."""

MOST_HELD: Final = 5_000
"""If so many items of a source are held, no more are stored until an operator decides: a feed that brings new
ids with each look would fill the database. What is left out is taken later, if it is listed still."""

_AHEAD: Final = timedelta(days=1)  # a publisher's clock or zone may be ahead of ours


class Fate(StrEnum):
    """What becomes of a new item."""

    NEWS = "news"
    KNOWN = "known"  # from now on, and never read
    HELD = "held"  # until an operator decides


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look at a source brought."""

    source: Source
    fresh: Sequence[Fresh]
    known: Sequence[Item]  # listed items that are stored already
    at: datetime
    rows: int | None = None  # how many records the source's data has; None: it publishes no data
    empty_is_all: bool = False  # as in `Listed`


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is stored of a source when it is decided. A collection may be read when it is first needed."""

    polled: Polled | None  # None: it was never polled
    days: Mapping[date, int] = field(default_factory=dict)  # how many items were new on each (UTC)
    titles: Collection[str] = ()  # those of the new items that others had within `TITLES_REMEMBERED`
    lately: Collection[datetime | None] = ()  # the dates of the items that were news within a day
    unfinished: int = 0  # items of this list that were stored before a crash, as news or held


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A new item, what becomes of it, and why it is no news."""

    fresh: Fresh
    fate: Fate
    why: str | None = None  # for operators; None: it is news, or of the first list


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What is to be stored after a look."""

    polled: Polled
    items: tuple[Admitted, ...]
    baseline: bool = False  # whether this list is the source's baseline
    shadow: bool = False  # whether only operators see what comes of them

    def of(self, fate: Fate) -> tuple[Admitted, ...]:
        return tuple(one for one in self.items if one.fate is fate)


def admit(look: Look, memory: Memory, after: Callable[[Polled | None], Polled]) -> Admission:
    """What becomes of the new items of a look. `after` makes what is remembered of a good poll.

    The first list that is not empty is a baseline, and so is the first after a long absence: nothing of it is
    news. An item that is dated before the source's window is no news unless it comes (almost) alone. More new
    items than the source's history makes likely are held.
    """
    before, at = memory.polled, look.at
    polled = after(before)
    began_at = polled.began_at or at
    absent = None if look.rows is not None else _absent(before, at)  # data is compared, however old
    baselined_at = None if before is None or absent else before.baselined_at
    if (
        not look.fresh and not look.known and not look.rows and not look.empty_is_all
    ):  # an empty list is no baseline, and shows no move
        if before is not None and moved(look.source, before):  # what is dated since its last list is news
            polled = replace(polled, full_at=before.full_at)
        return Admission(polled=replace(polled, began_at=began_at, baselined_at=baselined_at), items=())
    first = before is None or baselined_at is None
    polled = replace(polled, began_at=began_at, baselined_at=baselined_at or at, url=look.source.url)
    if before is None or first:
        why = f"the source was not listed for {counted(absent.days, 'day')}" if absent else None
        items = tuple(Admitted(fresh=one, fate=Fate.KNOWN, why=why) for one in look.fresh)
    else:
        items = _admitted(look, memory, before)
    return Admission(polled=polled, items=items, baseline=first, shadow=in_shadow(look.source, polled, at))


def _absent(before: Polled | None, at: datetime) -> timedelta | None:
    """How long a source was absent; None: it was not."""
    if before is None or before.full_at is None or at - before.full_at <= ABSENT_AFTER:
        return None
    return at - before.full_at


def _admitted(look: Look, memory: Memory, before: Polled) -> tuple[Admitted, ...]:
    if before.held_at is not None:
        return tuple(_held(one, "an operator holds what is new") for one in look.fresh)
    since = before.full_at or look.at
    if look.rows is not None:  # each is a change of a record, and dated only if its record was never seen
        old = {
            one: why
            for one in look.fresh
            if not _since_we_look(one, before) and (why := _before_the_window(one, look))
        }
    elif moved(look.source, before):
        old = {one: why for one in look.fresh if (why := _of_the_old_address(one, memory, since, look.at))}
    else:
        old = {one: why for one in look.fresh if (why := _before_the_window(one, look))}
        if old and _may_be_late(len(old), look, memory, since):
            old = {}
    rest = [one for one in look.fresh if one not in old]
    held = _implausible(rest, look, memory, since)
    return tuple(
        Admitted(fresh=one, fate=Fate.KNOWN, why=old[one])
        if one in old
        else _held(one, held)
        if held
        else Admitted(fresh=one, fate=Fate.NEWS)
        for one in look.fresh
    )


def _held(fresh: Fresh, why: str) -> Admitted:
    return Admitted(fresh=fresh, fate=Fate.HELD, why=why)


def _of_the_old_address(fresh: Fresh, memory: Memory, since: datetime, at: datetime) -> str | None:
    """Why an item in the first list of a new address is no news: it was there before, or may have been."""
    if fresh.item.title in memory.titles:
        return "an item of this title was listed at the source's old address"
    published = fresh.item.published_at
    # A date without a time is the whole day: its beginning may be before our last list.
    after = since if has_time(fresh.item) else since - timedelta(days=1)
    if published is None or not after < published <= at + _AHEAD:
        return "it may have been listed at the source's old address"
    return None


def _since_we_look(fresh: Fresh, before: Polled) -> bool:
    """Whether an item was published since its source was first polled: it was only listed late."""
    published, began_at = fresh.item.published_at, before.began_at
    return published is not None and began_at is not None and published >= began_at


def _before_the_window(fresh: Fresh, look: Look) -> str | None:
    published = fresh.item.published_at
    if published is None or look.at - published <= look.source.recent:
        return None
    return f"it is new and dated {published.date()}, before the window"


def _may_be_late(count: int, look: Look, memory: Memory, since: datetime) -> bool:
    """Whether new items with old dates are news: one or two, from a source that is steady."""
    steady = bool(look.known) and look.at - since <= STEADY_WITHIN
    late = sum(one is not None and look.at - one > look.source.recent for one in memory.lately)
    return steady and count + late <= LATE_ONES


def _implausible(fresh: Sequence[Fresh], look: Look, memory: Memory, since: datetime) -> str | None:
    """Why so many new items are no news before an operator has looked; None: they are likely."""
    count, today = len(fresh) + memory.unfinished, look.at.date()
    rhythm = _rhythm(look, memory, today)
    most = rhythm.largest_batch(look.at - since)
    if look.rows is not None:
        most = max(most, largest_change(look.rows, look.at - since))
    if fresh and count > most:
        return f"{count} new items at once, where {most} are likely"
    so_far = max(0, memory.days.get(today, 0) - memory.unfinished)
    if so_far and count + so_far > LOOKS_IN_A_DAY * most:
        return f"{count + so_far} new items in a day, where {LOOKS_IN_A_DAY * most} are likely"
    if look.rows is not None:
        return None  # titles are names, and come again with each change
    titles = {one.item.title for one in fresh}
    if len(titles) < MANY:
        return None
    again = sum(title in memory.titles for title in titles)
    if again > len(titles) / 2:
        return f"{again} of {len(titles)} new items have titles that were listed before"
    return None


def _rhythm(look: Look, memory: Memory, today: date) -> Rhythm:
    """The rhythm before today. While little is known of it, the dates of the known items tell it as well."""
    before = {day: count for day, count in memory.days.items() if day != today}
    rhythm = rhythm_of(before, rested(memory.polled, look.at))
    if rhythm.on_days >= ENOUGH_DAYS:
        return rhythm
    dated = Counter(one.published_at.date() for one in look.known if one.published_at is not None)
    dated.pop(today, None)
    return replace(rhythm, busiest=max([rhythm.busiest, *dated.values()]))
