"""What is posted to webhooks: the stories of the API, each as an event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from pydantic import TypeAdapter

from digest.changes import Movement
from digest.edition import SectionKind
from digest.ports.public import ToldStory
from digest.ratings import OVERALL, Precision
from digest.site.api import values
from digest.site.api.made import AnswerMaker
from digest.webhooks import EventType

_EVENT: Final = TypeAdapter(values.StoryEvent)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventWriter:
    """Writes the bodies of posts."""

    stories: AnswerMaker
    noon_of: Callable[[date], datetime]

    def of(self, told: ToldStory) -> bytes:
        """The event that an edition has told a story: the same bytes each time, until it is corrected."""
        corrects = told.story.correction is not None
        return self._written(EventType.CORRECTED if corrects else EventType.TOLD, self.stories.story(told))

    def sample(self, day: date) -> bytes:
        """An event of a made-up story, with a type of its own."""
        return self._written(EventType.TEST, _sample(day, self.stories.address("")))

    def _written(self, type: EventType, story: values.Story) -> bytes:
        event = values.StoryEvent(type=type, timestamp=self.noon_of(story.day), data=story)
        return _EVENT.dump_json(event)


def _sample(day: date, home: str) -> values.Story:
    change = values.Change(
        aspect=OVERALL,
        scale="sample",
        movement=Movement.UPGRADE,
        before="Requires improvement",
        before_on=day.replace(year=day.year - 2, day=1),
        before_precision=Precision.MONTH,
        after="Good",
    )
    return values.Story(
        number=0,
        id="sample",
        day=day,
        section=SectionKind.UPGRADES,
        title="Sample Service is now Good: this story is made up",
        name="Sample Service",
        service=None,
        inspectorate=None,
        kind=None,
        area=None,
        changes=[change],
        published=day,
        report=None,
        page=home,
        reported_by=None,
        corrects=None,
        corrected_on=None,
        licence=None,
    )
