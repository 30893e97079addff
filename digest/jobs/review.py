"""Carries out an operator's decision on a case: accept, correct, reject, or settle what its page is.

Each function returns the case as it is afterwards. `Refused` if there is no such report, or an edition or
another operator changed the case meanwhile.
"""

from __future__ import annotations

import logging

from digest.candidates import Reference
from digest.edition import StoryKey
from digest.errors import Refused
from digest.jobs.read import next_look
from digest.ports import Clock, Store
from digest.ratings import Inspectorates
from digest.review import (
    Amendment,
    Case,
    Decided,
    Decision,
    Outcome,
    PageIs,
    accepted,
    amended,
    rejected,
    settled,
)

log = logging.getLogger(__name__)


async def accept(key: StoryKey, *, by: str, why: str, store: Store, clock: Clock) -> Case:
    """Accept the report as it was read. Its provider joins the register if it was only proposed."""
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
    """Correct the report. If an edition has told it, the next one has a correction."""
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
    """Reject the report, so that no edition tells it. If one has told it, the next one retracts it."""
    case = await case_of(key, store)
    return await _decide(case, rejected(case, why), Decision.REJECTED, by, why, store, clock)


async def settle(key: StoryKey, page_is: PageIs, *, by: str, why: str, store: Store, clock: Clock) -> Case:
    """Settle what a page is that says something else than the report that was read of it.

    Another inspection's report is read with the next poll of its source.
    """
    case, asked = await case_of(key, store), await store.versions.in_question(key)
    if asked is None:
        raise Refused(f"no page of {key.item}.{key.place} is in question")
    now, versions = clock.now(), store.versions
    if page_is is PageIs.NEW_REPORT:  # first, or a crash would leave a decision without its effect
        await versions.succeeded(key.item, now=now, shadow=False)
    read, outcome, decision = settled(case, page_is, asked.candidate, why)
    case = await _decide(read, outcome, decision, by, why, store, clock)
    if page_is is not PageIs.NEW_REPORT and not await versions.no_question(key.item, key.place):
        upcoming = next_look(asked.page.fetched_at, now)
        note = f"{page_is}, as {by} has decided"
        page, reading = asked.page, asked.reading
        await versions.page_edited(key.item, page, reading, parts=(), note=note, next_look=upcoming)
    return case


async def case_of(key: StoryKey, store: Store) -> Case:
    """The case of a report; `Refused` if there is no such report."""
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
