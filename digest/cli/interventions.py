"""`digest edition today`, `hold`, `release`, `drop`, `restore` and `note`: today's edition before it goes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    By,
    ConfigDirectory,
    instant,
    opened,
    say_one,
    story_key,
    waiting,
)
from digest.wording import counted

if TYPE_CHECKING:
    from digest.edition import Story
    from digest.interventions import InHand, Intervention
    from digest.jobs.interventions import EditionDesk, Today

Which = Annotated[
    str, typer.Argument(metavar="STORY", help="A story in `digest edition today`, such as 12 or 12.1.")
]
Why = Annotated[str, typer.Option(metavar="TEXT", help="The reason; it is kept, and other operators see it.")]


def today(config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show today's edition with the numbers of its stories.

    It says how far the edition is, and what operators did with it. Until the cut-off, it shows the edition as
    it would be now.

    Example: digest edition today
    """
    _run(config, as_json)


def hold(why: Why, by: By, config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Keep today's edition back until it is released.

    Nothing of it goes out, and the site does not show it. At edition.hold_until the hold ends by itself: the
    edition goes, and operators are called. An edition that has begun to go cannot be held; `digest pause`
    stops the sending.

    Example: digest edition hold --why "asking Ofsted about two of the reports"
    """
    _run(config, as_json, lambda desk: desk.hold(by=by, why=why))


def release(by: By, config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Let an edition go that is held.

    It goes at noon or, after that, within ten seconds, if the service is running.

    Example: digest edition release
    """
    _run(config, as_json, lambda desk: desk.release(by=by))


def drop(
    story: Which, why: Why, by: By, config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False
) -> None:
    """Leave a story out of today's edition.

    It can be restored until the edition goes. Then it is a case in `digest review list`: accept it, and the
    next edition tells it; reject it, and none does.

    Example: digest edition drop 12 --why "the publisher has taken the report down"
    """
    key = story_key(story, "STORY")
    _run(config, as_json, lambda desk: desk.drop(key, by=by, why=why))


def restore(story: Which, by: By, config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Put a dropped story back into today's edition.

    Example: digest edition restore 12
    """
    key = story_key(story, "STORY")
    _run(config, as_json, lambda desk: desk.restore(key, by=by))


def note(
    by: By,
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="What readers read; left out, the last note is taken back.")
    ] = "",
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Write a note to readers above today's stories.

    A later note takes its place. It is in the email and on the page of the edition.

    Example: digest edition note "Ofsted publishes nothing today, because of its move to a new site."
    """
    _run(config, as_json, lambda desk: desk.note(text, by=by))


def _run(config: Path, as_json: bool, act: Callable[[EditionDesk], Awaitable[InHand]] | None = None) -> None:
    """Carry out an act, and show today's edition after it."""

    async def run() -> Today:
        from digest.adapters.clock import SystemClock
        from digest.jobs.interventions import EditionDesk

        async with opened(config) as (settings, store):
            desk = EditionDesk(
                timetable=settings.edition.timetable,
                sources=settings.sources,
                store=store,
                clock=SystemClock(),
            )
            if act is not None:
                await act(desk)
            return await desk.today()

    say_one(waiting(run()), text=lambda one: "\n".join(_lines(one)), json=_json, as_json=as_json)


def _lines(today: Today) -> Iterator[str]:
    stories = counted(len(today.whole.stories), "story", "stories")
    yield f"edition of {today.day}: {today.stage}, {stories}"
    for line in acts_in_words(today.hand):
        yield f"  {line}"
    drops = today.hand.drops
    for story in today.whole.stories:
        yield f"{story.key!s:>8}  {_told(story)}{'  (dropped)' if story.key in drops else ''}"


def acts_in_words(hand: InHand) -> Iterator[str]:
    """What operators did with an edition, and still counts; a line for each."""
    from digest.interventions import last_hold

    if (held := last_hold(hand.acts)) is not None:
        until = f" until {instant(held.until)}" if held.until else ""
        went = f"; nobody released it, and it went at {instant(hand.closed_at)}" if hand.closed_at else ""
        yield f"held{until} by {_by(held)}{went}"
    if (noted := hand.noted) is not None:
        yield f"note by {noted.by}: {noted.words}"
    for key, dropped in hand.drops.items():
        yield f"story {key} dropped by {_by(dropped)}"


def _by(one: Intervention) -> str:
    return f"{one.by} at {instant(one.at)}: {one.words}"


def _told(story: Story) -> str:
    moved = [f"{c.movement} to {c.after}" if c.after else str(c.movement) for c in story.summary]
    who = story.provider_name or story.source_name
    return f"{who}: {', '.join(moved) or story.title}"


def _json(today: Today) -> dict[str, Any]:
    held = today.hand.held(today.at)
    drops = today.hand.drops
    return {
        "day": today.day,
        "stage": today.stage,
        "open": today.open,
        "held": _act_json(held) if held else None,
        "note": today.hand.alteration.note,
        "stories": [
            {
                "story": str(story.key),
                "section": story.section,
                "provider": story.provider,
                "provider_name": story.provider_name,
                "title": story.title,
                "link": story.link,
                "movements": {c.aspect: c.movement for c in story.summary},
                "evidence": story.evidence,
                "dropped": _act_json(drops[story.key]) if story.key in drops else None,
            }
            for story in today.whole.stories
        ],
        "interventions": acts_json(today.hand),
    }


def acts_json(hand: InHand) -> list[dict[str, Any]]:
    """All that operators did with an edition, the oldest first."""
    return [_act_json(one) for one in hand.acts]


def _act_json(one: Intervention) -> dict[str, Any]:
    story = str(one.story) if one.story else None
    return {
        "act": one.act,
        "by": one.by,
        "at": one.at,
        "words": one.words,
        "story": story,
        "until": one.until,
    }
