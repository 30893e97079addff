"""An alert's content: one story, with the sentence and the link that carry it, as plain values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from digest.changes import Change
from digest.edition import Story
from digest.present.story import tell
from digest.present.tidy import tidy

IsLowest = Callable[[Change], bool]


def alert_content(story: Story, is_lowest: IsLowest) -> dict[str, Any] | None:
    """What the templates of an alert show; None where no sentence or no link carries the story's verdict."""
    telling = tell(tidy(story))
    if telling.link is None or not (telling.change or telling.aspects):
        return None
    return {
        "provider": telling.name,
        "inspectorate": telling.story.inspectorate_name or telling.story.source_name,
        "title": telling.story.title,
        "link": telling.link,
        "published": story.published.isoformat() if story.published else None,
        "inspected": telling.story.inspected,
        "section": story.section.value,
        "change": _change(telling.change, is_lowest) if telling.change else None,
        "evidence": telling.story.evidence if telling.change else None,
        "aspects": [
            {"changes": [_change(c, is_lowest) for c in judged.changes], "evidence": judged.evidence}
            for judged in (() if telling.change else telling.aspects)
        ],
    }


def _change(change: Change, is_lowest: IsLowest) -> dict[str, Any]:
    return {
        "aspect": change.aspect,
        "movement": change.movement.value,
        "before": change.before,
        "before_on": change.before_on.isoformat() if change.before_on else None,
        "after": change.after,
        "certainty": change.certainty.value,
        "lowest": is_lowest(change),
    }
