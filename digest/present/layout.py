"""One edition as one reader sees it: which stories are told in full, and which in a line.

A plan says how many stories to tell in full. On a busy day a smaller plan is used, so that mail programs show
the whole message. Other stories are listed, and the message says how many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from digest.edition import Edition, SectionKind, SourceNote, Story, UnopenedPage
from digest.errors import ComposeError
from digest.present.story import StoryView, story_view
from digest.present.tidy import tidy, web_link
from digest.providers import Register
from digest.subscriptions import Wishes
from digest.wishes import Reason, Wish, reasons

ALWAYS_LISTED: Final = frozenset({SectionKind.COMMENTARY, SectionKind.NEWS})
"""Sections whose stories are always a title and a link only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How many stories a view holds."""

    told: int  # stories in full
    listed: int  # stories in a line or two


PLANS: Final = (
    Plan(told=20, listed=120),
    Plan(told=14, listed=100),
    Plan(told=9, listed=80),
    Plan(told=5, listed=60),
    Plan(told=0, listed=40),
    Plan(told=0, listed=0),  # always fits: the only text from outside is one title
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One section of an edition, as one reader sees it."""

    kind: SectionKind
    told: tuple[StoryView, ...]
    listed: tuple[StoryView, ...]


UNOPENED: Final = 5
"""The most pages of a source that are named though they could not be opened; the others are counted."""


NOT_READ: Final = 12
"""The most sources that are named of those that were not read, and of those with pages that could not be
opened: if our own line is down at the cut-off, all are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unopened:
    """The pages of a source that could not be opened."""

    name: str
    official: bool
    count: int
    pages: tuple[UnopenedPage, ...]  # at most `UNOPENED`; a link that is not fit for readers is None


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionView:
    """One edition as one reader sees it."""

    day: date
    lead: StoryView  # the first story: the subject names it
    others: int  # how many stories there are besides `lead`
    counts: Mapping[SectionKind, int]  # how many stories each section has; every section is present
    parts: tuple[Part, ...]  # none is empty
    shortened: int  # how many stories are listed because there is no room to tell them in full
    left_out: int  # how many stories are not even listed
    read: tuple[str, ...]  # names of the sources that were read within a day before the cut-off
    missed: tuple[SourceNote, ...]  # the other sources, at most `NOT_READ`; `checked_at` is local
    more_missed: int  # how many sources beside these were not read
    held: tuple[SourceNote, ...]  # sources with new items that wait for an operator
    unopened: tuple[Unopened, ...]  # of at most `NOT_READ` sources
    more_unopened: int  # how many pages of other sources could not be opened
    wishes: Wishes
    follows: tuple[Reason, ...]  # all wishes but the watched providers; empty if a name is not known
    watches: tuple[str, ...]  # names of the watched providers; empty if a name is not known


def edition_view(
    edition: Edition,
    wishes: Wishes,
    plan: Plan,
    *,
    names: Mapping[str, str],
    register: Register,
    zone: ZoneInfo,
) -> EditionView:
    """The view of an edition whose text is tidy, with as many stories as the plan allows.

    `names` maps inspectorates' keys to names; `zone` is the readers'. `ComposeError` if the edition is empty.
    """
    if not edition.stories:
        raise ComposeError("an empty edition is not sent")

    def view(story: Story) -> StoryView:
        return story_view(story, tidy(reasons(story, wishes, register)))

    parts = tuple(_parts(edition, plan, view))
    not_read = [note for note in edition.sources if not note.health(edition.cutoff).read]
    closed = [note for note in edition.sources if note.unopened]
    missed, unopened = _officials_first(not_read), _officials_first(closed)
    shown = sum(len(part.told) + len(part.listed) for part in parts)
    counts = Counter({section.kind: len(section.stories) for section in edition.sections})
    return EditionView(
        day=edition.day,
        lead=view(edition.stories[0]),
        others=len(edition.stories) - 1,
        counts={kind: counts[kind] for kind in SectionKind},
        parts=parts,
        shortened=sum(len(part.listed) for part in parts if part.kind not in ALWAYS_LISTED),
        left_out=len(edition.stories) - shown,
        read=tuple(note.name for note in edition.sources if note.health(edition.cutoff).read),
        missed=tuple(_local(note, zone) for note in missed),
        more_missed=len(not_read) - len(missed),
        held=tuple(note for note in edition.sources if note.held),
        unopened=tuple(_unopened(note, plan) for note in unopened),
        more_unopened=sum(len(note.unopened) for note in closed if note not in unopened),
        wishes=wishes,
        follows=_follows(wishes, names, register),
        watches=_watches(wishes, register),
    )


def whole_view(edition: Edition, *, zone: ZoneInfo) -> EditionView:
    """The view of an edition whose text is tidy for everybody: all its stories, and nobody's wishes.

    `ComposeError` if the edition is empty.
    """
    plan = Plan(told=PLANS[0].told, listed=len(edition.stories))
    return edition_view(edition, Wishes(), plan, names={}, register=Register(), zone=zone)


def _parts(edition: Edition, plan: Plan, view: Callable[[Story], StoryView]) -> Iterator[Part]:
    to_list = plan.listed
    for section, share in zip(edition.sections, _shares(edition, plan.told), strict=True):
        told = section.stories[:share]
        listed = section.stories[share:][:to_list]
        to_list -= len(listed)
        if told or listed:
            yield Part(kind=section.kind, told=tuple(map(view, told)), listed=tuple(map(view, listed)))


def _shares(edition: Edition, room: int) -> list[int]:
    """How many stories of each section to tell in full, `room` in all. The sections take turns."""
    turns = sorted(
        (turn, i)
        for i, section in enumerate(edition.sections)
        if section.kind not in ALWAYS_LISTED
        for turn in range(len(section.stories))
    )
    taken = Counter(i for _, i in turns[:room])
    return [taken[i] for i in range(len(edition.sections))]


def _local(note: SourceNote, zone: ZoneInfo) -> SourceNote:
    return replace(note, checked_at=note.checked_at.astimezone(zone) if note.checked_at else None)


def _officials_first(notes: Sequence[SourceNote]) -> tuple[SourceNote, ...]:
    """The sources that are named, in their order; if they are too many, inspectorates rather than blogs."""
    named = sorted(range(len(notes)), key=lambda place: not notes[place].official)[:NOT_READ]
    return tuple(notes[place] for place in sorted(named))


def _unopened(note: SourceNote, plan: Plan) -> Unopened:
    shown = note.unopened[:UNOPENED] if plan.listed else ()
    return Unopened(
        name=note.name,
        official=note.official,
        count=len(note.unopened),
        pages=tuple(replace(page, link=web_link(page.link) if page.link else None) for page in shown),
    )


def _follows(wishes: Wishes, names: Mapping[str, str], register: Register) -> tuple[Reason, ...]:
    providers = _known(wishes.providers, register)
    if (wishes.providers and not providers) or any(key not in names for key in wishes.inspectorates):
        return ()
    said = (
        *((Wish.INSPECTORATE, names[key]) for key in wishes.inspectorates),
        *((Wish.AREA, name) for name in wishes.areas),
        *((Wish.KIND, name) for name in wishes.kinds),
        *((Wish.PROVIDER, name) for name in providers),
    )
    return tidy(tuple(Reason(wish=wish, name=name) for wish, name in said))


def _watches(wishes: Wishes, register: Register) -> tuple[str, ...]:
    return tidy(_known(wishes.watched, register))


def _known(ids: tuple[str, ...], register: Register) -> tuple[str, ...]:
    """The names of the providers with these ids, each provider once; empty if one is not known."""
    found = [register.get(id) for id in register.each_once(ids)]
    return tuple(one.name for one in found if one is not None) if None not in found else ()
