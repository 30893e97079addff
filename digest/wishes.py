"""Which stories of an edition a subscriber gets, and because of which wish.

A subscriber gets a story if they watch its provider, or if the story fits all their other wishes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from digest.changes import Movement
from digest.coverage import Coverage
from digest.edition import Edition, SectionKind, Story, in_sections
from digest.providers import Register, normal_name
from digest.schedule import Weekday
from digest.subscriptions import Wishes

MOST_NAMES: Final = 8
"""The most names that `wishes_named` accepts, so that a long address does not cost many look-ups."""

LENGTHS: Final = ("brief", "full")
"""How much an edition tells, as `wishes_named` reads it."""


class Wish(StrEnum):
    """The kinds of wishes that hold names."""

    WATCHED = "watched"
    PROVIDER = "provider"
    AREA = "area"
    KIND = "kind"
    INSPECTORATE = "inspectorate"
    EVERYTHING = "everything"  # all that we find


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A wish because of which a subscriber gets a story."""

    wish: Wish
    name: str  # as readers know it; an area or a kind is in the subscriber's own words


def personal_edition(
    edition: Edition,
    missed: Iterable[Edition],
    wishes: Wishes,
    register: Register,
    kept: Iterable[Edition] = (),
) -> Edition | None:
    """The edition for one subscriber: the stories that they want of today's edition and of earlier ones.

    `missed` are editions that they were not surely given: their stories are late. `kept` are those that
    waited for the day of a weekly reader: their stories are not. None if no story is left: then nothing is
    sent. What an edition says at its end is today's, but for what is taken back.
    """
    missed, kept = tuple(missed), tuple(kept)
    stories = [
        story if wishes.commentary else replace(story, commentary=())
        for story in (*edition.stories, *_earlier(edition, missed, kept))
        if wanted(story, wishes, register)
    ]
    if not stories:
        return None
    taken_back = (one for each in (edition, *missed, *kept) for one in each.lines_taken_back)
    return replace(edition, sections=in_sections(stories), lines_taken_back=tuple(dict.fromkeys(taken_back)))


def _earlier(edition: Edition, missed: Sequence[Edition], kept: Sequence[Edition]) -> Iterator[Story]:
    """The stories of earlier editions, the oldest first, without those that a later edition has overtaken.

    A correction overtakes what it corrects, and an official report what a blog told of it.
    """
    earlier = sorted((*missed, *kept), key=lambda one: one.day)
    in_order = (*earlier, edition)
    in_time = {one.day for one in kept}
    last = {story.key: n for n, one in enumerate(in_order) for story in one.stories}
    official = {(s.provider, s.first_told) for one in in_order for s in one.stories if not s.reported_by}
    for n, one in enumerate(earlier):
        for story in one.stories:
            overtaken = last[story.key] != n or (story.reported_by and (story.provider, one.day) in official)
            if not overtaken:
                yield story if one.day in in_time else replace(story, late_from=story.late_from or one.day)


def wanted(story: Story, wishes: Wishes, register: Register) -> bool:
    """Whether a subscriber with these wishes gets a story."""
    return _is(story, wishes.watched, register) or (
        (wishes.commentary or story.section is not SectionKind.COMMENTARY)
        and (not wishes.movements_only or moves(story))
        and (not wishes.inspectorates or story.inspectorate in wishes.inspectorates)
        and (not wishes.providers or _is(story, wishes.providers, register))
        and (not wishes.areas or any(_lies_in(story, area, register) for area in wishes.areas))
        and (not wishes.kinds or any(_is_a(story, kind, register) for kind in wishes.kinds))
    )


def moves(story: Story) -> bool:
    """Whether a story is for those who want movements only.

    A rating went up or down, also only in some aspects, or was withdrawn; or what was told is corrected.
    """
    if story.correction is not None or story.section in {SectionKind.UPGRADES, SectionKind.DOWNGRADES}:
        return True
    return any(change.moved or change.movement is Movement.WITHDRAWN for change in story.summary)


def reasons(story: Story, wishes: Wishes, register: Register) -> tuple[Reason, ...]:
    """The wishes because of which a subscriber gets a story, each once.

    Somebody who gets everything has no other reason than that they watch the provider.
    """
    watched = list(_named(story, wishes.watched, Wish.WATCHED, register))
    # The other wishes are no reason if the story came only because its provider is watched.
    followed = (
        _followed(story, wishes, register) if wanted(story, replace(wishes, watched=()), register) else ()
    )
    once: dict[tuple[Wish, str], Reason] = {}
    for reason in (*watched, *followed):
        once.setdefault((reason.wish, normal_name(reason.name)), reason)
    return tuple(once.values())


def unmatched(wishes: Wishes, register: Register, inspectorates: Collection[str]) -> tuple[str, ...]:
    """The names in the wishes that match nothing we know, as they were typed: perhaps typing errors."""
    return (
        *(key for key in wishes.inspectorates if key not in inspectorates),
        *(area for area in wishes.areas if not register.names_hold(area)),
        *(kind for kind in wishes.kinds if normal_name(kind) not in register.kinds),
        *(id for id in (*wishes.providers, *wishes.watched) if register.get(id) is None),
    )


# -- what nothing that we read can answer -----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncovered:
    """One wish that no live source can answer."""

    wish: Wish
    id: str  # an inspectorate's key, a kind as it was typed, a provider's id, or empty for everything
    name: str  # as readers know it; empty for everything

    @property
    def key(self) -> str:
        return f"{self.wish} {self.id}"


def names_of(parts: Iterable[Uncovered]) -> tuple[str, ...]:
    """The names, each once."""
    return tuple(dict.fromkeys(part.name for part in parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What is missing in what we read, for one subscriber."""

    parts: tuple[Uncovered, ...] = ()
    whole: bool = False  # nothing that they wish for can come

    @property
    def names(self) -> tuple[str, ...]:
        """What readers read, each name once: two ids of one provider have the same name."""
        return names_of(self.parts)

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(part.key for part in self.parts)


def gap_in(wishes: Wishes, coverage: Coverage, register: Register) -> Gap:
    """What of somebody's wishes no live source can answer."""
    if not coverage.official:
        nothing = uncovered(Wish.EVERYTHING, "", coverage, register)
        return Gap(parts=(nothing,), whole=not (wishes.commentary and coverage.sources))
    parts = tuple(
        uncovered(wish, id, coverage, register)
        for wish, ids in (
            (Wish.INSPECTORATE, wishes.inspectorates),
            (Wish.KIND, wishes.kinds),
            (Wish.PROVIDER, wishes.providers),
            (Wish.WATCHED, wishes.watched),
        )
        for id in ids
        if not _covered(wish, id, coverage, register)
    )
    return Gap(parts=parts, whole=bool(parts) and not _answered(wishes, coverage, register))


def uncovered(wish: Wish, id: str, coverage: Coverage, register: Register) -> Uncovered:
    """One wish that no live source can answer, with its name."""
    name = id
    if wish is Wish.INSPECTORATE:
        known = coverage.inspectorates.named(id)
        name = known.name if known else id
    elif wish in {Wish.PROVIDER, Wish.WATCHED}:
        provider = register.get(id)
        name = provider.name if provider else id
    return Uncovered(wish=wish, id=id, name=name)


def _covered(wish: Wish, id: str, coverage: Coverage, register: Register) -> bool:
    if wish is Wish.INSPECTORATE:
        return coverage.covers(id)
    if wish is Wish.KIND:
        return coverage.covers_kind(id, register)
    provider = register.get(id)
    return provider is None or not provider.inspectorate or coverage.covers(provider.inspectorate)


def _answered(wishes: Wishes, coverage: Coverage, register: Register) -> bool:
    """Whether a text of any inspectorate that we read can be one that they wish for."""
    if coverage.of_several or any(_covered(Wish.WATCHED, id, coverage, register) for id in wishes.watched):
        return True
    return any(
        (not wishes.inspectorates or key in wishes.inspectorates)
        and (not wishes.kinds or any(_may_be_of(key, kind, coverage, register) for kind in wishes.kinds))
        and (not wishes.providers or any(_may_inspect(key, id, register) for id in wishes.providers))
        for key in coverage.offered
    )


def _may_be_of(key: str, kind: str, coverage: Coverage, register: Register) -> bool:
    inspectors = coverage.inspectors(kind, register)
    return not inspectors or key in inspectors


def _may_inspect(key: str, id: str, register: Register) -> bool:
    provider = register.get(id)
    return provider is None or provider.inspectorate in {"", key}


# -- what is named in a mail address ----------------------------------------------------------------------


def wishes_named(words: str, register: Register, coverage: Coverage) -> Wishes | Gap | None:
    """The wishes for names joined by "+", as in a mail address; None if one is unknown or there are too many.

    Each name is an inspectorate's key, a kind of provider or an area. "north-yorkshire" means "north
    yorkshire". A day of the week, such as "friday", means one email a week, on that day; "brief" and "full"
    mean how much each tells. A `Gap` if we know the names, and no live source covers some of them.
    """
    found: dict[Wish, list[str]] = {}
    given = list(dict.fromkeys(filter(None, words.casefold().split("+"))))
    days = [word for word in given if word in list(Weekday)]
    lengths = [word for word in given if word in LENGTHS]
    if len(given) > MOST_NAMES or len(days) > 1 or len(lengths) > 1:
        return None
    for word in (one for one in given if one not in {*days, *lengths}):
        name = normal_name(word)
        if coverage.inspectorates.named(word) is not None:
            found.setdefault(Wish.INSPECTORATE, []).append(word)
        elif name in register.kinds or (name in coverage.bodies and not coverage.covers_kind(name, register)):
            found.setdefault(Wish.KIND, []).append(name)
        elif name and not unmatched(Wishes(areas=(name,)), register, ()):
            found.setdefault(Wish.AREA, []).append(name)
        else:
            return None
    wishes = Wishes(
        inspectorates=tuple(found.get(Wish.INSPECTORATE, ())),
        kinds=tuple(found.get(Wish.KIND, ())),
        areas=tuple(found.get(Wish.AREA, ())),
        weekly=Weekday(days[0]) if days else None,
        brief=lengths == ["brief"],
    )
    gap = gap_in(wishes, coverage, register)
    return gap if gap.parts else wishes


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
    """The ids of the story's provider and its predecessors: a wish for a predecessor brings the story too."""
    return register.line_of(story.provider) if story.provider else frozenset()


def _lies_in(story: Story, area: str, register: Register) -> bool:
    """Whether a name of the provider, or its area, contains the area's name, as whole words."""
    place = f" {normal_name(area)} "
    known = register.get(story.provider) if story.provider else None
    names = (*_names(story, register), known.area if known else "")
    return place.strip() != "" and any(place in f" {normal_name(name)} " for name in names)


def _is_a(story: Story, kind: str, register: Register) -> bool:
    """Whether the provider is of a kind; if its kind is not known, whether a name of it contains the kind."""
    known = register.get(story.provider) if story.provider else None
    if known is not None and known.kind:
        return normal_name(known.kind) == normal_name(kind)
    return _lies_in(story, kind, register)


def _names(story: Story, register: Register) -> Iterator[str]:
    known = register.get(story.provider) if story.provider else None
    yield from known.names if known else ()
    if story.provider_name:
        yield story.provider_name
