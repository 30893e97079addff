"""How every source is now: the one truth behind status, metrics, doctor, editions and mail to operators."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from digest.bank_holidays import bank_holidays
from digest.health import Facts, Health, facts_of, health_of
from digest.ports import SetAside, Store
from digest.rhythm import REMEMBERED, Rhythm, rhythm_of
from digest.sources import Polled, Source, in_shadow, rested

_NOTHING: Final = SetAside()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one source is."""

    source: Source
    polled: Polled | None  # None: it was never polled
    facts: Facts
    health: Health
    rhythm: Rhythm
    new: int = 0  # new items of the last seven days


async def standings(
    sources: Iterable[Source], store: Store, now: datetime, silences: Iterable[date] = ()
) -> tuple[Standing, ...]:
    """How each source is, in the order of the operator's file.

    `silences` are days on which nobody is expected to publish, besides bank holidays.
    """
    memory = {polled.source: polled for polled in await store.sources.polled()}
    days = await store.sources.new_by_day(now - REMEMBERED)
    aside = await store.items.set_aside()
    quiet = frozenset(silences) | bank_holidays(now.year - 1) | bank_holidays(now.year)
    found = []
    for source in sources:
        polled, put = memory.get(source.id), aside.get(source.id, _NOTHING)
        history = days.get(source.id, {})
        rhythm = rhythm_of(history, rested(polled, now))
        facts = replace(
            facts_of(polled),
            rhythm=rhythm,
            parked=put.parked,
            held=put.held,
            shadow=in_shadow(source, polled, now),
            paused=polled is not None and polled.paused(now),
        )
        new = sum(count for day, count in history.items() if (now.date() - day).days < WEEK)
        health = health_of(facts, now, quiet)
        found.append(
            Standing(source=source, polled=polled, facts=facts, health=health, rhythm=rhythm, new=new)
        )
    return tuple(found)


WEEK: Final = 7
