"""Where what happened differs from what the world expects, in words; none means all is well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from digest.changes import Change
from digest.demo.world import Day, Expected, ExpectedStory, Publication, World
from digest.edition import Edition, Story
from digest.reports import FindingKind


def misses(world: World, day: Day, edition: Edition | None, got: Mapping[str, int]) -> Iterator[str]:
    """What was expected of the day and did not happen; `got` counts messages by subscriber key."""
    for subscriber in world.subscribers:
        wanted = int(subscriber.key in day.readers)
        if got[subscriber.key] != wanted:
            yield f"{day.date}: {subscriber.name} got {got[subscriber.key]} messages, not {wanted}"
    stories = edition.stories if edition else ()
    expected = [p for p in world.publications if p.edition == day.date]
    for publication in expected:
        for miss in _of_publication(world, publication, stories):
            yield f"{day.date}: {publication.slug}: {miss}"
    paths = {p.path for p in expected}
    for story in stories:
        if not any(story.link.endswith(path) for path in paths):
            yield f"{day.date}: nobody expected the story {story.title!r}"


def _of_publication(world: World, publication: Publication, stories: tuple[Story, ...]) -> Iterator[str]:
    expect = publication.expect
    assert expect is not None
    own = [story for story in stories if story.link.endswith(publication.path)]
    if expect.joins is not None:
        yield from _joined(world, publication, expect.joins, own, stories)
        return
    if len(own) != max(len(expect.stories), 1):
        yield f"{len(own)} stories, not {max(len(expect.stories), 1)}"
    for story in own:
        if story.section is not expect.section:
            yield f"stands under {story.section}, not {expect.section}"
        yield from _marks(story, expect)
    for told in expect.stories:
        found = next((s for s in own if s.provider_name == told.provider), None)
        yield from _told(found, told) if found else [f"no story of {told.provider}"]


def _marks(story: Story, expect: Expected) -> Iterator[str]:
    if (story.reported_by is not None) != expect.stands_in:
        yield f"is marked as reported by {story.reported_by}"
    if (story.first_told is not None) != (expect.follows is not None):
        yield f"is marked as first told on {story.first_told}"


def _joined(
    world: World, publication: Publication, joins: str, own: list[Story], stories: tuple[Story, ...]
) -> Iterator[str]:
    if own:
        yield "has a story of its own"
    host = next(p for p in world.publications if p.slug == joins)
    comments = [c.link for s in stories if s.link.endswith(host.path) for c in s.commentary]
    if not any(link.endswith(publication.path) for link in comments):
        yield f"did not join {joins}"


@dataclass(frozen=True, slots=True)
class _Seen:
    movement: str | None
    before: str | None
    after: str | None


def _told(story: Story, told: ExpectedStory) -> Iterator[str]:
    wanted = _Seen(told.movement, told.before, told.after)
    seen = _seen(story.change)
    if seen != wanted:
        yield f"says {seen}, not {wanted}"
    for kind, number in (
        (FindingKind.STRENGTH, told.strengths),
        (FindingKind.IMPROVEMENT, told.improvements),
    ):
        count = sum(finding.kind is kind for finding in story.findings)
        if count != number:
            yield f"has {count} findings of kind {kind}, not {number}"


def _seen(change: Change | None) -> _Seen:
    return _Seen(change.movement, change.before, change.after) if change else _Seen(None, None, None)
