"""The reading of a page in place of what was read before it: the feed's own words, or the page unedited."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from digest.edition import Candidate, StoryKey
from digest.review import Case, not_in_the_page, reread
from digest.store.candidates import ask_about, proposed, raise_doubts, write_candidate, write_findings
from digest.store.codec import CANDIDATE
from digest.store.review import case_of, forget_grades, is_of
from digest.store.tables import doubts, reports


async def reread_candidates(connection: AsyncConnection, item: int, candidates: Sequence[Candidate]) -> bool:
    """Put candidates in the place of those that the item has; whether one proposes a provider."""
    query = select(reports.c.place).where(reports.c.item_id == item).order_by(reports.c.place)
    places = (await connection.execute(query.with_for_update())).scalars().all()
    before = {place: await case_of(connection, StoryKey(item=item, place=place)) for place in places}
    proposes = []
    for candidate in candidates:
        case = before.pop(candidate.key.place, None)
        if case is None:
            proposes.append(await write_candidate(connection, candidate))
        else:
            proposes.append(await _replace(connection, case, candidate))
    for case in before.values():
        if case is not None:
            await _drop(connection, case, candidates[0])
    return any(proposes)


async def _replace(connection: AsyncConnection, case: Case, candidate: Candidate) -> bool:
    proposes = await proposed(connection, candidate)
    await rewrite(connection, case, reread(case, candidate))
    await ask_about(connection, candidate, known=not proposes)
    await raise_doubts(connection, case.key, _on_a_decision(case), candidate.found_at)
    return proposes


def _on_a_decision(case: Case) -> list[str]:
    if not case.decided:
        return []
    return [f"the page could be read now; what the feed says of it was {case.decided[-1].decision} before"]


async def _drop(connection: AsyncConnection, case: Case, instead: Candidate) -> None:
    """A report that the feed's words gave and the page does not: it is taken back if it was told."""
    await rewrite(connection, case, not_in_the_page(case, instead))
    if case.told is None:
        withheld = {"withheld_at": instead.found_at}
        await connection.execute(update(reports).where(is_of(reports, case.key)).values(withheld))


async def rewrite(connection: AsyncConnection, case: Case, candidate: Candidate) -> None:
    """Write what stands now. What was told stays known; questions about what was read before are dropped."""
    values = {
        "provider_id": candidate.provider,
        "dated": candidate.dated,
        "found_at": candidate.found_at,
        "content": CANDIDATE.dump(candidate),
        "read": null(),
        "told": null() if case.told is None or case.told == candidate else CANDIDATE.dump(case.told),
        "told_on": candidate.told_on,
        "withheld_at": None,
    }
    await connection.execute(update(reports).where(is_of(reports, case.key)).values(values))
    await connection.execute(delete(doubts).where(is_of(doubts, case.key)))
    await forget_grades(connection, case.key)
    await write_findings(connection, candidate)
