"""Refusals while we submit, of editions and of letters, scored like reports that come later."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from digest.jobs.score import Scorer
from digest.jobs.score_letters import LetterScorer

log = logging.getLogger(__name__)

RECENT: Final = timedelta(days=1)
"""How far back refusals are looked for: whoever was stopped before noting them is back by then."""


async def score_refusals(scorer: Scorer) -> None:
    """Score today's refusals, and yesterday's that nobody came to."""
    now = scorer.clock.now()
    today = scorer.timetable.day_of(now)
    for day in (today - RECENT, today):
        count = await scorer.refusals(day)
        if count:
            log.info("refusals scored", extra={"edition": day.isoformat(), "count": count})
    letters = await LetterScorer(scorer=scorer).refusals(now - RECENT)
    if letters:
        log.info("refusals of letters scored", extra={"count": letters})
