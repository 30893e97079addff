"""Interventions: what operators change of today's edition before it goes.

They hold it, drop a story, or write a note to readers. Each intervention is kept with who made it, when and
why. An edition is open to them until it goes: at noon or, if it is held then, when the hold is over. From
then on it is closed and never changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from digest.edition import Edition, Scoreboard, SectionKind, Story, StoryKey, in_sections
from digest.schedule import Timetable

LONGEST_WORDS: Final = 600
"""Characters of a note to readers, or of a reason: a paragraph."""


class Act(StrEnum):
    HOLD = "hold"  # nothing of the edition goes out or is public
    RELEASE = "release"
    DROP = "drop"  # a story
    RESTORE = "restore"
    NOTE = "note"  # to readers; an empty one takes the last one back


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervention:
    """One act of an operator on a day's edition."""

    day: date
    act: Act
    by: str
    at: datetime  # aware, UTC
    words: str = ""  # the reason; of a note, what readers read
    story: StoryKey | None = None  # the one that is dropped or restored
    until: datetime | None = None  # when a hold ends by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Alteration:
    """What interventions make of an edition, together."""

    dropped: tuple[StoryKey, ...] = ()
    note: str | None = None


def alteration_by(acts: Iterable[Intervention]) -> Alteration:
    """What these interventions make of the edition, the oldest first."""
    dropped: dict[StoryKey, None] = {}
    note: str | None = None
    for one in acts:
        match one.act:
            case Act.DROP if one.story is not None:
                dropped[one.story] = None
            case Act.RESTORE if one.story is not None:
                dropped.pop(one.story, None)
            case Act.NOTE:
                note = one.words or None
    return Alteration(dropped=tuple(dropped), note=note)


def altered(edition: Edition, alteration: Alteration) -> Edition:
    """The edition as readers get it: without the dropped stories, and with the note.

    A post that was dropped as a story of its own does not stand under another story either. What the
    edition says at its end counts no dropped story.
    """
    if alteration == Alteration():
        return edition
    kept = [_without_posts(one, alteration) for one in edition.stories if one.key not in alteration.dropped]
    return replace(
        edition,
        sections=in_sections(kept),
        note=alteration.note,
        closing=tuple(one for one in edition.closing if not {*alteration.dropped} & {one.story, *one.counts}),
        lines_taken_back=tuple(
            one for one in edition.lines_taken_back if one.story not in alteration.dropped
        ),
        scoreboard=edition.scoreboard and _without_moves(edition.scoreboard, edition.day, alteration),
    )


def _without_moves(week: Scoreboard, day: date, alteration: Alteration) -> Scoreboard:
    dropped = {(day, key) for key in alteration.dropped}
    return replace(week, moves=tuple(one for one in week.moves if (one.day, one.key) not in dropped))


def _without_posts(story: Story, alteration: Alteration) -> Story:
    posts = tuple(post for post in story.commentary if post.key not in alteration.dropped)
    return story if posts == story.commentary else replace(story, commentary=posts)


def untold(edition: Edition, alteration: Alteration) -> tuple[StoryKey, ...]:
    """What an alteration takes out of the edition: dropped stories and posts, and what stood under them."""
    found = []
    for story in edition.stories:
        dropped = story.key in alteration.dropped
        found += [story.key] if dropped else []
        found += [post.key for post in story.commentary if dropped or post.key in alteration.dropped]
    return tuple(found)


def last_hold(acts: Iterable[Intervention]) -> Intervention | None:
    """The hold that nobody has released; None if there is none. Its end may be past."""
    turns = [one for one in acts if one.act in {Act.HOLD, Act.RELEASE}]
    return turns[-1] if turns and turns[-1].act is Act.HOLD else None


def hold_at(acts: Iterable[Intervention], now: datetime) -> Intervention | None:
    """The hold in force; None if there is none."""
    hold = last_hold(acts)
    return hold if hold is not None and (hold.until is None or now < hold.until) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class InHand:
    """A day's edition as it was assembled, and what operators did with it."""

    day: date
    assembled: Edition | None  # None: it is not sealed yet
    acts: tuple[Intervention, ...] = ()  # the oldest first
    closed_at: datetime | None = None  # None: it is not closed yet
    closed_with: Alteration | None = None  # the alteration with which it was closed

    @property
    def alteration(self) -> Alteration:
        return self.closed_with if self.closed_with is not None else alteration_by(self.acts)

    @property
    def edition(self) -> Edition | None:
        """As readers get it."""
        return altered(self.assembled, self.alteration) if self.assembled is not None else None

    @property
    def drops(self) -> Mapping[StoryKey, Intervention]:
        """The interventions by which the dropped stories were dropped, by story."""
        last = {one.story: one for one in self.acts if one.act is Act.DROP and one.story is not None}
        return {key: last[key] for key in self.alteration.dropped if key in last}

    @property
    def noted(self) -> Intervention | None:
        """The intervention that wrote the note that readers get; None without a note."""
        notes = [one for one in self.acts if one.act is Act.NOTE]
        return notes[-1] if notes and self.alteration.note else None

    @property
    def forgotten(self) -> Intervention | None:
        """The hold that ended by itself, so that the edition went without an answer; None if none did."""
        return last_hold(self.acts) if self.closed_at is not None else None

    def held(self, now: datetime) -> Intervention | None:
        """The hold in force; None if there is none."""
        return hold_at(self.acts, now) if self.closed_at is None else None

    def is_open(self, timetable: Timetable, now: datetime) -> bool:
        """Whether operators may still change it."""
        if self.closed_at is not None or self.day != timetable.day_of(now):
            return False
        return now < timetable.noon_of(self.day) or self.held(now) is not None


def refusal(hand: InHand, wanted: Intervention, stories: Iterable[Story], timetable: Timetable) -> str | None:
    """Why an intervention cannot be made; None if it can. `stories` are those of the edition as it stands."""
    if not hand.is_open(timetable, wanted.at):
        return f"the edition of {wanted.day} is not open to changes any more"
    if wanted.act in {Act.HOLD, Act.DROP} and not wanted.words:
        return "give the reason"
    if len(wanted.words) > LONGEST_WORDS:
        return f"at most {LONGEST_WORDS} characters, please: these are {len(wanted.words)}"
    match wanted.act:
        case Act.HOLD if (hold := hand.held(wanted.at)) is not None:
            return f"the edition is held already, by {hold.by}: {hold.words}"
        case Act.RELEASE if hand.held(wanted.at) is None:
            return "the edition is not held"
        case Act.DROP:
            return _not_to_drop(hand, wanted.story, stories)
        case Act.RESTORE if wanted.story not in hand.alteration.dropped:
            return "the story is not dropped"
    return None


def _not_to_drop(hand: InHand, key: StoryKey | None, stories: Iterable[Story]) -> str | None:
    story = next((one for one in stories if one.key == key), None)
    if story is None:
        return "the edition has no such story"
    if key in hand.alteration.dropped:
        return "the story is dropped already"
    if story.section is SectionKind.CORRECTIONS or story.correction is not None:
        return "readers are owed a correction: it cannot be dropped, and `digest review` decides what it says"
    return None
