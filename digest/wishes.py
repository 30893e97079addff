"""Which stories of an edition a subscriber gets by their wishes, and which wish brought each story.

A subscriber gets a story if they watch its provider, or if it passes every narrowing of their wishes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from digest.changes import Movement
from digest.edition import Edition, SectionKind, Story, StoryKey, in_sections
from digest.providers import Register, normal_name
from digest.subscriptions import Wishes

MOST_NAMES: Final = 8
"""At most so many names after one "+" are looked up."""


class Wish(StrEnum):
    """What a subscriber can wish for by name."""

    WATCHED = "watched"
    PROVIDER = "provider"
    AREA = "area"
    KIND = "kind"
    INSPECTORATE = "inspectorate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One wish that brought a story."""

    wish: Wish
    name: str  # as readers know it; of an area or a kind, as the subscriber put it


def address(
    edition: Edition, missed: Iterable[Edition], wishes: Wishes, register: Register
) -> Edition | None:
    """The edition for one subscriber: today's stories, and those of editions that did not surely reach them.

    None where their wishes leave nothing: then nothing is sent. `missed` comes oldest first.
    """
    late = [replace(s, late_from=s.late_from or m.day) for m in missed for s in m.stories]
    stories: dict[StoryKey, Story] = {}
    for story in (*edition.stories, *late):
        if wanted(story, wishes, register):
            stories.setdefault(story.key, story if wishes.commentary else replace(story, commentary=()))
    if not stories:
        return None
    return replace(edition, sections=in_sections(stories.values()))


def wanted(story: Story, wishes: Wishes, register: Register) -> bool:
    """Whether a subscriber asked for a story."""
    return _is(story, wishes.watched, register) or (
        (wishes.commentary or story.section is not SectionKind.COMMENTARY)
        and (not wishes.movements_only or _moved(story) or story.correction is not None)
        and (not wishes.inspectorates or story.inspectorate in wishes.inspectorates)
        and (not wishes.providers or _is(story, wishes.providers, register))
        and (not wishes.areas or any(_lies_in(story, area, register) for area in wishes.areas))
        and (not wishes.kinds or any(_is_a(story, kind, register) for kind in wishes.kinds))
    )


def reasons(story: Story, wishes: Wishes, register: Register) -> tuple[Reason, ...]:
    """The wishes that brought a story, each once; none for a subscriber who gets everything."""
    if wishes.everything:
        return ()
    watched = list(_named(story, wishes.watched, Wish.WATCHED, register))
    # A story that came only because its provider is watched passed no narrowing.
    followed = (
        _followed(story, wishes, register) if wanted(story, replace(wishes, watched=()), register) else ()
    )
    once: dict[tuple[Wish, str], Reason] = {}
    for reason in (*watched, *followed):
        once.setdefault((reason.wish, normal_name(reason.name)), reason)
    return tuple(once.values())


def unanswered(wishes: Wishes, register: Register, inspectorates: Collection[str]) -> tuple[str, ...]:
    """The parts of the wishes that match nothing we know, as they were written: perhaps typing errors."""
    return (
        *(key for key in wishes.inspectorates if key not in inspectorates),
        *(area for area in wishes.areas if not register.names_hold(area)),
        *(kind for kind in wishes.kinds if normal_name(kind) not in register.kinds),
        *(id for id in (*wishes.providers, *wishes.watched) if register.get(id) is None),
    )


def wishes_named(words: str, register: Register, inspectorates: Collection[str]) -> Wishes | None:
    """The wishes that names joined by "+" stand for, as in a mail address; None where a name matches nothing.

    Each is an inspectorate's key, a kind of services or an area; "north-yorkshire" is "north yorkshire".
    """
    found: dict[Wish, list[str]] = {}
    given = list(dict.fromkeys(filter(None, words.casefold().split("+"))))
    if len(given) > MOST_NAMES:
        return None
    for word in given:
        name = normal_name(word)
        if word in inspectorates:
            found.setdefault(Wish.INSPECTORATE, []).append(word)
        elif not unanswered(Wishes(kinds=(name,)), register, ()):
            found.setdefault(Wish.KIND, []).append(name)
        elif name and not unanswered(Wishes(areas=(name,)), register, ()):
            found.setdefault(Wish.AREA, []).append(name)
        else:
            return None
    return Wishes(
        inspectorates=tuple(found.get(Wish.INSPECTORATE, ())),
        kinds=tuple(found.get(Wish.KIND, ())),
        areas=tuple(found.get(Wish.AREA, ())),
    )


def _followed(story: Story, wishes: Wishes, register: Register) -> Iterator[Reason]:
    yield from _named(story, wishes.providers, Wish.PROVIDER, register)
    for area in wishes.areas:
        if _lies_in(story, area, register):
            yield Reason(wish=Wish.AREA, name=area)
    for kind in wishes.kinds:
        if _is_a(story, kind, register):
            yield Reason(wish=Wish.KIND, name=kind)
    if wishes.inspectorates and story.inspectorate:
        yield Reason(wish=Wish.INSPECTORATE, name=story.inspectorate_name or story.inspectorate)


def _named(story: Story, ids: tuple[str, ...], wish: Wish, register: Register) -> Iterator[Reason]:
    line = _line(story, register)
    for id in ids:
        if id in line:
            known = register.get(id)
            own = story.provider_name if id == story.provider else None
            yield Reason(wish=wish, name=own or (known.name if known else id))


def _is(story: Story, ids: tuple[str, ...], register: Register) -> bool:
    return bool(ids) and not _line(story, register).isdisjoint(ids)


def _line(story: Story, register: Register) -> frozenset[str]:
    """The story's provider and the bodies that it followed: who asked for one of those gets it too."""
    return register.line_of(story.provider) if story.provider else frozenset()


def _lies_in(story: Story, area: str, register: Register) -> bool:
    """Whether an area's name stands in a name of the provider, word for word."""
    place = f" {normal_name(area)} "
    return place.strip() != "" and any(place in f" {normal_name(name)} " for name in _names(story, register))


def _is_a(story: Story, kind: str, register: Register) -> bool:
    """Whether the provider is of a kind; where its kind is not known, its name may say so."""
    known = register.get(story.provider) if story.provider else None
    if known is not None and known.kind:
        return normal_name(known.kind) == normal_name(kind)
    return _lies_in(story, kind, register)


def _names(story: Story, register: Register) -> Iterator[str]:
    known = register.get(story.provider) if story.provider else None
    yield from known.names if known else ()
    if story.provider_name:
        yield story.provider_name


def _moved(story: Story) -> bool:
    """Whether a rating moved, be it up in one aspect and down in another, or was taken back."""
    in_section = story.section in {SectionKind.UPGRADES, SectionKind.DOWNGRADES}
    return in_section or any(c.moved or c.movement is Movement.WITHDRAWN for c in story.summary)
