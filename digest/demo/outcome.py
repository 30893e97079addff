"""The outcome of a day of the demo: a summary, and every difference from what the world expects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from digest.changes import Change
from digest.demo.data import State
from digest.demo.world import Day, Expected, ExpectedStory, Publication, World
from digest.edition import Edition, SectionKind, Story
from digest.jobs.poll import Polling
from digest.reports import FindingKind


def differences(world: World, day: Day, edition: Edition | None, got: Mapping[str, int]) -> Iterator[str]:
    """How the day differs from what the world expects, in words. `got` counts messages by subscriber key."""
    for subscriber in world.subscribers:
        wanted = int(subscriber.key in day.readers)
        if got[subscriber.key] != wanted:
            yield f"{day.date}: {subscriber.name} got {got[subscriber.key]} messages, not {wanted}"
    stories = edition.stories if edition else ()
    expected = [p for p in world.publications if p.edition == day.date]
    for publication in expected:
        for difference in _of_publication(world, publication, stories):
            yield f"{day.date}: {publication.slug}: {difference}"
    paths = {p.path for p in expected}
    states = {state.name: state for state in world.changed_on(day.date)}
    of_data = {story.provider_name: story for story in stories if story.origin is not None}
    for name, state in states.items():
        yield from (f"{day.date}: {name}: {one}" for one in _of_record(of_data.get(name), state))
    for story in stories:
        if story.origin is not None and story.provider_name in states:
            continue
        if not any(story.link.endswith(path) for path in paths):
            yield f"{day.date}: nobody expected the story {story.title!r}"


def _of_record(story: Story | None, state: State) -> Iterator[str]:
    """How the story of a record differs from what is expected."""
    wanted = state.expect
    assert wanted is not None
    if story is None:
        yield "has no story"
        return
    if story.section is not wanted.section:
        yield f"stands under {story.section}, not {wanted.section}"
    change = next((one for one in story.summary if one.aspect == wanted.aspect), None)
    seen, said = _seen(change), _Seen(wanted.movement, wanted.before, wanted.after)
    if seen != said:
        yield f"says {seen}, not {said}"


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
    for wanted_story in expect.stories:
        found = next((s for s in own if s.provider_name == wanted_story.provider), None)
        yield from _of_story(found, wanted_story) if found else [f"no story of {wanted_story.provider}"]


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


def _of_story(story: Story, wanted_story: ExpectedStory) -> Iterator[str]:
    wanted = _Seen(wanted_story.movement, wanted_story.before, wanted_story.after)
    seen = _seen(story.change)
    if seen != wanted:
        yield f"says {seen}, not {wanted}"
    for kind, number in (
        (FindingKind.STRENGTH, wanted_story.strengths),
        (FindingKind.IMPROVEMENT, wanted_story.improvements),
    ):
        count = sum(finding.kind is kind for finding in story.findings)
        if count != number:
            yield f"has {count} findings of kind {kind}, not {number}"


def _seen(change: Change | None) -> _Seen:
    return _Seen(change.movement, change.before, change.after) if change else _Seen(None, None, None)


def day_summary(
    world: World, day: Day, polled: Sequence[Polling], edition: Edition | None, got: Mapping[str, int]
) -> Iterator[str]:
    """The summary's lines: polls, stories and readers. `got` counts messages by subscriber key."""
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
    changed = [change for change in story.summary if change.moved] or [*story.summary]
    step = _step(changed[0]) if changed else ""
    yield f"  {story.section}: {name}{step}{by}"
    if story.origin is not None:
        place = story.origin.place
        yield f"      by a record of {place.publisher}: {place.document}{place.row and f', {place.row}'}"
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


def kinds_summary(world: World, told: Sequence[Story]) -> Iterator[str]:
    """What came of each kind of source in the whole week."""
    yield ""
    yield "What came of which kind of source:"
    of_pages = [story for story in told if story.origin is None]
    yield f"  feeds with pages ({_listed([p.name for p in world.publishers])}): {_counted(of_pages)}"
    for publisher in world.data:
        kind = {"json": "an API", "dataset": "a file of data"}[publisher.kind]
        own = [s for s in told if s.origin is not None and s.source_name == publisher.name]
        yield f"  {kind} ({publisher.name}): {_counted(own)}"


def _counted(stories: Sequence[Story]) -> str:
    up = sum(story.section is SectionKind.UPGRADES for story in stories)
    down = sum(story.section is SectionKind.DOWNGRADES for story in stories)
    return f"{len(stories)} stories, {up} moved up, {down} moved down"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
