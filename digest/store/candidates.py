"""Candidates as rows: the report, its judgements, changes and ratings, and the questions about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.changes import SAME_INSPECTION_WITHIN
from digest.edition import Candidate, StoryKey
from digest.providers import Provider
from digest.review import NO_RATING, doubts_of, enters_history
from digest.sources import Authority
from digest.store.codec import CANDIDATE
from digest.store.database import insert_new, wrote_new
from digest.store.merging import same_as
from digest.store.providers import provider_row
from digest.store.tables import changes, doubts, items, judgements, providers, ratings, reports, shadows


async def write_candidate(connection: AsyncConnection, candidate: Candidate) -> bool:
    """Write a candidate; whether it proposes a provider that nobody knew.

    Of an item in shadow, it is written for operators alone: no edition, history, register or case has it.
    """
    if await _wrote_in_shadow(connection, candidate):
        return False
    proposes = await proposed(connection, candidate)
    row = {
        "item_id": candidate.key.item,
        "place": candidate.key.place,
        "provider_id": candidate.provider,
        "dated": candidate.dated,
        "found_at": candidate.found_at,
        "content": CANDIDATE.dump(candidate),
    }
    await connection.execute(insert(reports).values(row))
    await write_findings(connection, candidate)
    await ask_about(connection, candidate, known=not proposes or candidate.origin is not None)
    return proposes


async def _wrote_in_shadow(connection: AsyncConnection, candidate: Candidate) -> bool:
    if not await connection.scalar(select(items.c.shadow).where(items.c.id == candidate.key.item)):
        return False
    await write_in_shadow(connection, candidate)
    return True


async def write_in_shadow(connection: AsyncConnection, candidate: Candidate) -> None:
    """Write a candidate for operators alone, in the place of what was read of its item before."""
    own = {"item_id": candidate.key.item, "place": candidate.key.place}
    row = own | {"found_at": candidate.found_at, "content": CANDIDATE.dump(candidate)}
    await connection.execute(delete(shadows).filter_by(**own))  # the feed's words, if the page comes later
    await connection.execute(insert(shadows).values(row))


async def ask_about(connection: AsyncConnection, candidate: Candidate, *, known: bool) -> None:
    """Raise the questions about a candidate. `known`: whether the register had its provider."""
    asked = list(doubts_of(candidate, known=known))
    if NO_RATING in asked and await _is_rated_elsewhere(connection, candidate):
        asked.remove(NO_RATING)
    await raise_doubts(connection, candidate.key, asked, candidate.found_at)
    if candidate.report is not None and candidate.report.rated and enters_history(candidate):
        await _answer_for_others(connection, candidate)


async def _is_rated_elsewhere(connection: AsyncConnection, candidate: Candidate) -> bool:
    """Whether an official text on the same inspection, as far as days tell, gave the rating."""
    query = select(ratings.c.id).where(
        ratings.c.provider_id.in_(await _ids_of(connection, candidate)),
        ratings.c.published_on.between(*_around(candidate)),
    )
    return (await connection.execute(query.limit(1))).first() is not None


async def _answer_for_others(connection: AsyncConnection, candidate: Candidate) -> None:
    """Ask no more for the rating of other texts on an inspection once one text has given it."""
    same = select(reports.c.item_id).where(
        reports.c.provider_id.in_(await _ids_of(connection, candidate)),
        reports.c.dated.between(*_around(candidate)),
    )
    asked = (doubts.c.reason == NO_RATING) & doubts.c.item_id.in_(same)
    await connection.execute(delete(doubts).where(asked))


async def _ids_of(connection: AsyncConnection, candidate: Candidate) -> list[str]:
    return await same_as(connection, candidate.provider) if candidate.provider else []


def _around(candidate: Candidate) -> tuple[date, date]:
    return candidate.dated - SAME_INSPECTION_WITHIN, candidate.dated + SAME_INSPECTION_WITHIN


async def proposed(connection: AsyncConnection, candidate: Candidate) -> bool:
    """Add a candidate's provider to the register as proposed; False if it is there already."""
    if candidate.provider is None:
        return False
    provider = Provider(
        id=candidate.provider,
        name=candidate.provider_name or candidate.provider,
        kind="",
        inspectorate=candidate.inspectorate or "",
    )
    return await wrote_new(connection, providers, provider_row(provider, proposed=True))


async def write_findings(connection: AsyncConnection, candidate: Candidate) -> None:
    """Judgements, changes and ratings of a candidate whose report is written."""
    key = {"item_id": candidate.key.item, "place": candidate.key.place}
    for table, rows in (
        (judgements, list(_judgements(candidate))),
        (changes, list(_changes(candidate))),
        (ratings, list(_ratings(candidate))),
    ):
        if rows:
            await connection.execute(insert(table), [key | row for row in rows])


def _judgements(candidate: Candidate) -> Iterator[dict[str, Any]]:
    for judgement in candidate.report.graded() if candidate.report else ():
        yield {
            "aspect": judgement.aspect,
            "scale": candidate.report.scale if candidate.report else "",
            "grade": judgement.grade,
            "previous": judgement.previous,
            "evidence": judgement.evidence,
        }


def _changes(candidate: Candidate) -> Iterator[dict[str, Any]]:
    """The changes of an official candidate; a blog's text never makes a movement, even where it stands in."""
    if candidate.authority is not Authority.OFFICIAL:
        return
    for change in candidate.changes:
        yield {
            "aspect": change.aspect,
            "provider_id": change.provider,
            "scale": change.scale,
            "movement": change.movement,
            "before": change.before,
            "before_on": change.before_on,
            "before_precision": change.before_precision,
            "after": change.after,
            "certainty": change.certainty,
            "review": change.review,
        }


def _ratings(candidate: Candidate) -> Iterator[dict[str, Any]]:
    """The ratings that enter the history: only an inspectorate's own grades of a provider."""
    if not enters_history(candidate) or candidate.report is None:
        return
    for judgement in candidate.report.graded():
        yield {
            "provider_id": candidate.provider,
            "aspect": judgement.aspect,
            "scale": candidate.report.scale,
            "grade": judgement.grade,
            "inspected_on": candidate.report.inspected_on,
            "published_on": candidate.dated,
            "evidence": judgement.evidence or candidate.checked or "",
            "link": judgement.link or candidate.link,
        }


async def raise_doubts(
    connection: AsyncConnection, key: StoryKey, reasons: Iterable[str], at: datetime
) -> None:
    """Ask operators about a candidate; the same question is not asked twice."""
    rows = [{"item_id": key.item, "place": key.place, "reason": why, "raised_at": at} for why in reasons]
    if rows:
        await connection.execute(insert_new(connection, doubts), rows)
