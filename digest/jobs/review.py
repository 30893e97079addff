"""What operators decide of a case, carried out: accepted, corrected, or rejected."""

from __future__ import annotations

import logging

from digest.edition import StoryKey
from digest.errors import Refused
from digest.filings import Desk
from digest.ports import Clock, Store
from digest.ratings import Inspectorates
from digest.review import Amendment, Case, Decided, Decision, amended, withdrawn

log = logging.getLogger(__name__)


async def accept(key: StoryKey, *, by: str, why: str, store: Store, clock: Clock) -> Case:
    """The report stands as it was read; a provider that it named first belongs to the register now."""
    case = await _case(key, store)
    decided = Decided(decision=Decision.ACCEPTED, by=by, at=clock.now(), why=why)
    await store.review.decide(key, decided, None)
    return await _done(case, decided, store)


async def correct(
    key: StoryKey,
    amendment: Amendment,
    *,
    by: str,
    why: str,
    inspectorates: Inspectorates,
    store: Store,
    clock: Clock,
) -> Case:
    """The report says something else; told already, the next edition corrects it."""
    case = await _case(key, store)
    provider = amendment.provider or case.filing.provider
    desk = Desk(
        inspectorates=inspectorates,
        register=await store.providers.register(),
        history={provider: await store.providers.history(provider)} if provider else {},
    )
    filing = amended(case, amendment, why, desk)
    decided = Decided(decision=Decision.CORRECTED, by=by, at=clock.now(), why=why)
    await store.review.decide(key, decided, filing)
    return await _done(case, decided, store)


async def reject(key: StoryKey, *, by: str, why: str, store: Store, clock: Clock) -> Case:
    """It is not to be told; what an edition told of it already, the next one takes back."""
    case = await _case(key, store)
    decided = Decided(decision=Decision.REJECTED, by=by, at=clock.now(), why=why)
    await store.review.decide(key, decided, withdrawn(case, why) if case.filing.told_on else None)
    return await _done(case, decided, store)


async def _case(key: StoryKey, store: Store) -> Case:
    case = await store.review.case(key)
    if case is None:
        raise Refused(f"there is no report {key.item}.{key.place}; `digest review list` names those in doubt")
    return case


async def _done(case: Case, decided: Decided, store: Store) -> Case:
    place = {"item": case.key.item, "place": case.key.place}
    log.info("case decided", extra=place | {"decision": str(decided.decision), "by": decided.by})
    now = await store.review.case(case.key)
    assert now is not None
    return now
