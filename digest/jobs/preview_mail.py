"""Mails operators what stands in today's edition, early enough to hold it or to drop a story."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from functools import partial
from typing import Final

from digest.edition import Story
from digest.jobs.interventions import EditionDesk, Today
from digest.letter_kinds import OperatorPreview, PreviewedStory
from digest.present.story import story_view
from digest.present.tidy import tidy
from digest.sending.operator_mail import OperatorMail

log = logging.getLogger(__name__)

MOST: Final = 100
"""Stories in the mail; the page has all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewMail:
    """Writes the preview, once a day."""

    at: time | None  # local; None: there is no preview
    desk: EditionDesk
    operators: OperatorMail
    pages: bool  # whether there are operators' pages to link to

    async def write_due(self) -> None:
        """Write today's preview if it is due, not written yet, and there is something in it."""
        now = self.desk.clock.now()
        day = self.desk.timetable.day_of(now)
        if self.at is None or not self.operators.addresses:
            return
        due = datetime.combine(day, self.at, self.desk.timetable.zone).astimezone(UTC)
        if not due <= now < self.desk.timetable.noon_of(day):
            return
        nothing = partial(
            OperatorPreview, occasion=day.isoformat(), day=day, noon=now, hold_end=now, stories=()
        )
        store = self.desk.store.letters
        written = [await store.state(one.key) for one in self.operators.letters(nothing, now)]
        if None not in written:
            return
        today = await self.desk.today()
        if today.whole.empty:
            return
        # Later it would say what is past: the edition has gone.
        until = today.noon if today.hand.held(today.at) is None else today.hold_end
        letters = [replace(one, expires_at=until) for one in self.operators.letters(self._about(today), now)]
        await store.write_all(letters, now)
        self.operators.written()
        stories = len(today.whole.stories)
        log.info("a preview for operators", extra={"edition": day.isoformat(), "stories": stories})

    def _about(self, today: Today) -> partial[OperatorPreview]:
        zone = self.desk.timetable.zone
        drops = today.hand.drops
        shown = today.whole.stories[:MOST]
        return partial(
            OperatorPreview,
            occasion=today.day.isoformat(),
            day=today.day,
            noon=today.noon.astimezone(zone),
            hold_end=today.hold_end.astimezone(zone),
            stories=tuple(_shown(story, dropped=story.key in drops) for story in shown),
            more=len(today.whole.stories) - len(shown),
            held=today.hand.held(today.at) is not None,
            note=today.hand.alteration.note,
            pages=self.pages,
        )


def _shown(story: Story, *, dropped: bool) -> PreviewedStory:
    told = story_view(tidy(story))
    change = told.change
    return PreviewedStory(
        number=str(story.key),
        name=told.name,
        title=told.story.title,
        link=told.link,
        movement=change.movement if change else None,
        before=change.before if change else None,
        after=change.after if change else None,
        evidence=told.story.evidence if change else None,
        dropped=dropped,
    )
