"""What an edition says at its end, made of what we hold at its cut-off; it is sealed with the edition."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from digest.edition import ClosingLine, Edition, Ending, Scoreboard, SectionKind, TakenBack
from digest.edition_assembly import Assembly
from digest.ports import Store
from digest.present.circles import bodies_of, circles
from digest.present.closing import closing_lines, period_starts, takes_back
from digest.present.scoreboard import LATEST, scoreboard_of, week_ending
from digest.ratings import Inspectorates

log = logging.getLogger(__name__)

_BEGUN: Final = 7
"""Days before a period within which an edition shows that editions were there from its beginning."""

LONGEST: Final = timedelta(seconds=30)
"""For each part of an ending: readers wait for the edition, and not for what stands below it."""


async def with_ending(
    assembly: Assembly, ending: Ending, store: Store, inspectorates: Inspectorates
) -> Edition:
    """The edition with its ending. An edition without stories has none: it is not sent.

    If a part of the ending fails or takes longer than `LONGEST`, the edition has no such part.
    """
    edition = assembly.edition
    if edition.empty or not inspectorates.all:
        return edition
    async with _or_without("lines taken back", edition.day):
        edition = replace(edition, lines_taken_back=await _taken_back(edition, store))
    if ending.scoreboard:
        async with _or_without("scoreboard", edition.day):
            edition = replace(edition, scoreboard=await _scoreboard(edition, store, inspectorates))
    if ending.closing_line:
        async with _or_without("closing line", edition.day):
            edition = replace(edition, closing=await _closing(assembly, store, inspectorates))
    return edition


@asynccontextmanager
async def _or_without(part: str, day: date) -> AsyncIterator[None]:
    """Give a part its time, and contain what goes wrong in it."""
    try:
        async with asyncio.timeout(LONGEST.total_seconds()):
            yield
    except Exception:
        told = {"edition": day.isoformat(), "part": part}
        log.exception("a part of the edition's end could not be made", extra=told)


async def _closing(assembly: Assembly, store: Store, inspectorates: Inspectorates) -> tuple[ClosingLine, ...]:
    edition, register = assembly.edition, await store.providers.register()
    # In a thread: a large register takes a second, in which other work goes on.
    found = await asyncio.to_thread(circles, edition, register)
    if not found:
        return ()
    return await asyncio.to_thread(
        closing_lines,
        edition,
        found,
        await store.providers.held(bodies_of(found)),
        inspectorates,
        settled=assembly.settled,
        whole=[start for start in period_starts(edition.day) if await _were_there(start, store)],
    )


async def _were_there(start: date, store: Store) -> bool:
    """Whether there was an edition on the first day of a period, or shortly before it."""
    for n in range(_BEGUN):
        if await store.editions.sealed(start - timedelta(days=n)) is not None:
            return True
    return False


async def _taken_back(edition: Edition, store: Store) -> tuple[TakenBack, ...]:
    """The closing lines of earlier editions that a correction in this one takes back."""
    corrections = [
        (story, story.correction.told_on)
        for story in edition.stories
        if story.correction is not None and story.section is SectionKind.CORRECTIONS
    ]
    if not corrections:
        return ()
    register = await store.providers.register()
    first, yesterday = min(day for _, day in corrections), edition.day - timedelta(days=1)
    found: list[TakenBack] = []
    for day, lines in await store.editions.closing_lines(first, yesterday):
        wrong = {
            line: story
            for story, told_on in corrections
            for line in lines
            if day >= told_on and takes_back(story, register.get(story.provider or ""), line)
        }
        # Without those that an operator took out with a story: they were never said.
        sealed = await store.editions.sealed(day) if wrong else None
        said = sealed.closing if sealed else ()
        found += [TakenBack(story=wrong[line].key, day=day, line=line) for line in said if line in wrong]
    return tuple(found)


async def _scoreboard(edition: Edition, store: Store, inspectorates: Inspectorates) -> Scoreboard | None:
    """The scoreboard of the week that has ended, unless an edition since then had it."""
    since, until = week_ending(edition.day)
    if edition.day - until > LATEST:
        return None
    sealed = await _sealed(since, edition.day, store)
    if any(not one.empty for day, one in sealed.items() if day >= until):
        return None
    week = [one for day, one in sealed.items() if day < until]
    register = await store.providers.register()
    return scoreboard_of(edition, week, since, until, register=register, known=inspectorates)


async def _sealed(since: date, until: date, store: Store) -> Mapping[date, Edition]:
    """The sealed editions from one day to the day before another."""
    days = (since + timedelta(days=n) for n in range((until - since).days))
    return {day: one for day in days if (one := await store.editions.sealed(day)) is not None}
