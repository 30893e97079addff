"""After each poll: write alerts to subscribers who watch a provider whose rating has moved.

Every run looks at all candidates that wait for an edition. An alert is written once: its letter's key is
unique.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from digest.alerts import Alert, Hours, is_lowest, of_one_inspection, worth_alert
from digest.changes import SAME_INSPECTION_WITHIN, Change
from digest.compose import alerted
from digest.edition import Candidate, Story
from digest.edition_assembly import assemble
from digest.letter_kinds import AlertedStory
from digest.matching import same_inspection
from digest.ports import Clock, Store
from digest.providers import Register
from digest.ratings import Inspectorates
from digest.schedule import Timetable
from digest.sources import Authority

log = logging.getLogger(__name__)

AT_ONCE: Final = 1000
"""Letters written in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerter:
    """Writes alerts, with the ports and settings that it needs."""

    timetable: Timetable
    hours: Hours
    per_day: int  # the most alerts to one subscriber in a day; the edition tells the rest
    inspectorates: Inspectorates
    store: Store
    clock: Clock

    async def write_due(self) -> int:
        """Write the alerts that are due; returns how many letters were written."""
        now = self.clock.now()
        if self.per_day == 0 or now not in self.hours:
            return 0
        # Candidates found at exactly this instant are included.
        waiting = await self.store.editions.waiting(now + timedelta.resolution)
        found = [f for f in waiting if worth_alert(f, self.inspectorates, now)]
        found = await self._going(found, now)
        if not found:
            return 0
        register = await self.store.providers.register()
        wanted = [f for f in found if await self._awaited(self._alert(f, waiting, register, now), now)]
        if not wanted:
            return 0
        written = 0
        told_before = await self.store.editions.told(self.timetable.edition_of(now) - SAME_INSPECTION_WITHIN)
        for candidate, story in self._stories(wanted, waiting, told_before, now):
            alert = self._alert(candidate, waiting, register, now)
            told = self._told(candidate, story, waiting, alert, now)
            if told is not None:
                written += await self._write(alert, told, now)
        return written

    async def _going(self, found: list[Candidate], now: datetime) -> list[Candidate]:
        """Those whose edition operators do not hold, without what they dropped from it."""
        hand = await self.store.editions.in_hand(self.timetable.edition_of(now)) if found else None
        if hand is None or hand.held(now) is not None:
            return []
        return [one for one in found if one.key not in hand.alteration.dropped]

    async def _awaited(self, alert: Alert, now: datetime) -> bool:
        since = self.hours.day_began(now)
        return await self.store.watches.has_readers(alert, since=since, per_day=self.per_day)

    def _stories(
        self,
        wanted: Sequence[Candidate],
        waiting: Sequence[Candidate],
        told: Sequence[Candidate],
        now: datetime,
    ) -> Iterator[tuple[Candidate, Story]]:
        """The stories of the edition as it would be now that no official text has told before."""
        draft = assemble(
            self.timetable.edition_of(now), self.timetable, waiting=waiting, told=told, sources=()
        )
        doubted = {doubt.key for doubt in draft.doubts}
        stories = {story.key: story for story in draft.edition.stories}
        officials = [f for f in told if f.authority is Authority.OFFICIAL]
        for candidate in wanted:
            story = stories.get(candidate.key)
            if story is None or story.reported_by or story.from_feed or candidate.key in doubted:
                continue
            if not any(same_inspection(candidate, other) for other in officials):
                yield candidate, story

    def _told(
        self, candidate: Candidate, story: Story, waiting: Sequence[Candidate], alert: Alert, now: datetime
    ) -> AlertedStory | None:
        """The content of the alert; None while any text on the inspection is in review."""
        own = of_one_inspection(candidate, waiting)
        if any(one.doubted for one in own):
            return None

        def lowest(change: Change) -> bool:
            return is_lowest(change, self.inspectorates)

        day = self.timetable.edition_of(now)
        return alerted(story, lowest, edition=day, successor=len(alert.providers) > 1)

    def _alert(
        self, candidate: Candidate, waiting: Sequence[Candidate], register: Register, now: datetime
    ) -> Alert:
        return Alert(
            key=of_one_inspection(candidate, waiting)[0].key,
            providers=register.line_of(candidate.provider or ""),
            expires_at=self.timetable.noon_of(self.timetable.edition_of(now)),
        )

    async def _write(self, alert: Alert, told: AlertedStory, now: datetime) -> int:
        since = self.hours.day_began(now)
        written = 0
        while count := await self.store.watches.alert(
            alert, told, now=now, since=since, per_day=self.per_day, limit=AT_ONCE
        ):
            written += count
        if written:
            log.info("alert", extra={"item": alert.key.item, "place": alert.key.place, "letters": written})
        return written
