"""Interventions of operators as rows, and the closing of editions to them.

Both lock the edition's row first. So an edition is closed with all that was accepted, and nothing is accepted
later.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.edition import Candidate, Edition, StoryKey
from digest.interventions import Act, Alteration, InHand, Intervention, alteration_by, hold_at, untold
from digest.matching import repeats, same_inspection
from digest.review import as_never_told
from digest.store.candidates import raise_doubts
from digest.store.codec import ALTERATION, CANDIDATE, EDITION
from digest.store.review import case_of, is_of
from digest.store.tables import editions, interventions, reports


async def in_hand(connection: AsyncConnection, day: date, *, lock: bool = False) -> InHand:
    """The day's edition with all that operators did; `lock` keeps others from closing it meanwhile."""
    query = select(editions.c.content, editions.c.closed_at, editions.c.closed_with)
    query = query.where(editions.c.day == day)
    row = (await connection.execute(query.with_for_update() if lock else query)).first()
    acts = await acts_on(connection, day)
    if row is None:
        return InHand(day=day, assembled=None, acts=acts)
    return InHand(
        day=day,
        assembled=EDITION.load(row.content),
        acts=acts,
        closed_at=row.closed_at,
        closed_with=closed_with(row),
    )


def closed_with(row: Any) -> Alteration | None:
    """The alteration that the row of an edition was closed with; None if it is not closed."""
    if row.closed_at is None:
        return None
    return Alteration() if row.closed_with is None else ALTERATION.load(row.closed_with)


async def acts_on(connection: AsyncConnection, day: date) -> tuple[Intervention, ...]:
    """The interventions on a day's edition, the oldest first."""
    query = select(interventions).where(interventions.c.edition_day == day).order_by(interventions.c.id)
    return tuple(_act(row) for row in (await connection.execute(query)).mappings())


async def add(connection: AsyncConnection, one: Intervention) -> None:
    row = {"edition_day": one.day, "act": one.act, "by": one.by, "at": one.at, "words": one.words}
    row |= {"until": one.until, **(_of_story(one.story) if one.story else {})}
    await connection.execute(insert(interventions).values(row))


async def close(connection: AsyncConnection, until: date, now: datetime) -> tuple[date, ...]:
    """Close the editions up to a day, but for those that are held; returns the days of these."""
    query = select(editions.c.day, editions.c.content).order_by(editions.c.day).with_for_update()
    query = query.where(editions.c.closed_at.is_(None), editions.c.day <= until)
    held = []
    for day, content in (await connection.execute(query)).all():
        acts = await acts_on(connection, day)
        if hold_at(acts, now) is not None:
            held.append(day)
            continue
        with_ = alteration_by(acts)
        stored = None if with_ == Alteration() else ALTERATION.dump(with_)
        values = {"closed_at": now, "closed_with": stored}
        await connection.execute(update(editions).where(editions.c.day == day).values(values))
        await _withhold(connection, EDITION.load(content), with_, acts, now)
    return tuple(held)


async def _withhold(
    connection: AsyncConnection,
    edition: Edition,
    alteration: Alteration,
    acts: Iterable[Intervention],
    now: datetime,
) -> None:
    """Let what the edition leaves out count as not told, and ask about each that was dropped by itself."""
    why = {one.story: one for one in acts if one.act is Act.DROP}
    dropped: list[Candidate] = []
    for key in untold(edition, alteration):
        case = await case_of(connection, key)
        if case is not None:
            await _leave_untold(connection, as_never_told(case, edition.day), now)
        if key in alteration.dropped:
            await _ask_about(connection, why[key], key, now)
            dropped += [case.read] if case is not None else []
    for joined in await _joined(connection, edition) if dropped else ():
        if any(same_inspection(joined, one) or repeats(joined, one) for one in dropped):
            await _leave_untold(connection, replace(joined, told_on=None), now)


async def withhold(connection: AsyncConnection, drop: Intervention, key: StoryKey, now: datetime) -> None:
    """Let a dropped story be told by no edition if none has told it, and ask about it."""
    case = await case_of(connection, key)
    if case is not None and case.told is None:
        await _leave_untold(connection, as_never_told(case, drop.day), now)
        await _ask_about(connection, drop, key, now)


async def _ask_about(connection: AsyncConnection, drop: Intervention, key: StoryKey, now: datetime) -> None:
    asked = f"dropped from the edition of {drop.day} by {drop.by}: {drop.words}"
    await raise_doubts(connection, key, [asked], now)


async def _leave_untold(connection: AsyncConnection, candidate: Candidate, now: datetime) -> None:
    values = {"content": CANDIDATE.dump(candidate), "told_on": None, "told": null(), "withheld_at": now}
    await connection.execute(update(reports).where(is_of(reports, candidate.key)).values(values))


async def _joined(connection: AsyncConnection, edition: Edition) -> list[Candidate]:
    """The texts that count as told by an edition, though it does not show them: its stories tell the same."""
    shown = {
        key for story in edition.stories for key in (story.key, *(post.key for post in story.commentary))
    }
    query = select(reports.c.content).where(reports.c.told_on == edition.day)
    told = [CANDIDATE.load(content) for content in (await connection.execute(query)).scalars()]
    return [one for one in told if one.key not in shown]


def _of_story(key: StoryKey) -> dict[str, int]:
    return {"item_id": key.item, "place": key.place}


def _act(row: Any) -> Intervention:
    story = None if row["item_id"] is None else StoryKey(item=row["item_id"], place=row["place"])
    return Intervention(
        day=row["edition_day"],
        act=row["act"],
        by=row["by"],
        at=row["at"],
        words=row["words"],
        story=story,
        until=row["until"],
    )
