"""The demo's account of a day: what was published, what the service made of it, and who got what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from digest.changes import Change
from digest.demo.world import Day, World
from digest.edition import Edition, Story
from digest.jobs.poll import Polling


def of_day(
    world: World, day: Day, polled: Sequence[Polling], edition: Edition | None, got: Mapping[str, int]
) -> Iterator[str]:
    """The lines of one day; `got` counts messages by subscriber key."""
    yield ""
    yield f"{day.date:%A} {day.date.day} {day.date:%B %Y}"
    yield "  " + _polled(polled)
    for story in edition.stories if edition else ():
        yield from _story(story)
    readers = [s.name for s in world.subscribers if got[s.key]]
    each = "one message" if len(readers) == 1 else "one message each"
    yield f"  noon: {each} to {_listed(readers)}" if readers else "  noon: no news, no message"


def _polled(polled: Sequence[Polling]) -> str:
    baseline = sum(p.baseline for p in polled)
    listed = sum(p.listed for p in polled)
    troubles = sum(p.trouble is not None for p in polled)
    text = f"polled {len(polled)} times: {listed} new {'item' if listed == 1 else 'items'}"
    if baseline:
        text += f", {baseline} older ones noted and not told"
    if troubles:
        text += f", {troubles} polls failed"
    return text


def _story(story: Story) -> Iterator[str]:
    name = story.provider_name or story.title
    by = f" (as reported by {story.reported_by})" if story.reported_by else ""
    yield f"  {story.section}: {name}{_step(story.change)}{by}"
    if story.findings:
        yield f"      {len(story.findings)} findings"
    for comment in story.commentary:
        yield f"      joined by {comment.source_name}: {comment.title}"


def _step(change: Change | None) -> str:
    if change is None:
        return ""
    if change.moved and change.before:
        return f", from {change.before} to {change.after}"
    return f", {change.movement}: {change.after}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
