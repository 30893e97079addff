"""Carries out what operators decide of a case: accept, correct or reject."""

from __future__ import annotations

import logging

from digest.candidates import Reference
from digest.edition import StoryKey
from digest.errors import Refused
from digest.ports import Clock, Store
from digest.ratings import Inspectorates
from digest.review import Amendment, Case, Decided, Decision, Outcome, accepted, amended, rejected

log = logging.getLogger(__name__)


async def accept(key: StoryKey, *, by: str, why: str, store: Store, clock: Clock) -> Case:
    """Let the report stand as it was read; a provider that it named first joins the register."""
    case = await case_of(key, store)
    return await _decide(case, accepted(case, why), Decision.ACCEPTED, by, why, store, clock)


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
    """Say what the report says instead; if an edition told it, the next one corrects it."""
    case = await case_of(key, store)
    provider = amendment.provider or (case.read if case.rejected else case.candidate).provider
    reference = Reference(
        inspectorates=inspectorates,
        register=await store.providers.register(),
        history={provider: await store.providers.history(provider, without=key)} if provider else {},
    )
    outcome = amended(case, amendment, why, reference)
    return await _decide(case, outcome, Decision.CORRECTED, by, why, store, clock)


async def reject(key: StoryKey, *, by: str, why: str, store: Store, clock: Clock) -> Case:
    """Keep the report from being told; if an edition told it, the next one takes that back."""
    case = await case_of(key, store)
    return await _decide(case, rejected(case, why), Decision.REJECTED, by, why, store, clock)


async def case_of(key: StoryKey, store: Store) -> Case:
    """`Refused` where there is no such report."""
    case = await store.review.case(key)
    if case is None:
        raise Refused(f"there is no report {key.item}.{key.place}; `digest review list` names those in doubt")
    return case


async def _decide(  # noqa: PLR0917 -- three calls, just above
    case: Case, outcome: Outcome, decision: Decision, by: str, why: str, store: Store, clock: Clock
) -> Case:
    decided = Decided(decision=decision, by=by, at=clock.now(), why=why)
    if not await store.review.decide(case, decided, outcome):
        raise Refused("an edition or somebody else came to this case in this very moment: look at it again")
    place = {"item": case.key.item, "place": case.key.place}
    log.info("case decided", extra=place | {"decision": str(decided.decision), "by": decided.by})
    return await case_of(case.key, store)
