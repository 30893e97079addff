"""Refusals while we submit, of editions and of letters, scored like reports that come later."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta
from typing import Final

from digest.jobs.bounces import Scorer
from digest.jobs.score_letters import LetterScorer

log = logging.getLogger(__name__)

RECENT: Final = timedelta(days=1)
"""How far back refusals are looked for: whoever was stopped before noting them is back by then."""


async def score_refusals(scorer: Scorer) -> None:
    """Score today's refusals, and yesterday's that nobody came to.

    An edition's count once it is complete or its time is over: of the first few that went out, who was
    refused may be a share that pulls the brake, for the whole of it.
    """
    now = scorer.clock.now()
    today = scorer.timetable.day_of(now)
    for day in (today - RECENT, today):
        if await _under_way(scorer, day, now):
            continue
        count = await scorer.refusals(day)
        if count:
            log.info("refusals scored", extra={"edition": day.isoformat(), "count": count})
    letters = await LetterScorer(scorer=scorer).refusals(now - RECENT)
    if letters:
        log.info("refusals of letters scored", extra={"count": letters})


async def _under_way(scorer: Scorer, day: date, now: datetime) -> bool:
    done, planned = await scorer.store.deliveries.done(day)
    return done < planned and now < scorer.timetable.deadline_of(day)
