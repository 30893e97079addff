"""`digest sources hold`, `release`, `baseline`, `pause` and `resume`: what operators decide."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigDirectory,
    a_day,
    instant,
    login_name,
    opened,
    say_one,
    waiting,
)
from digest.wording import counted

if TYPE_CHECKING:
    from digest.jobs.source_decisions import SourceDesk

T = TypeVar("T")

Id = Annotated[str, typer.Argument(metavar="ID", help="The id of the source in sources.yaml.")]


def hold(source: Id, config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Hold all that comes new from a source.

    Its items are listed and not read, until `digest sources release` or `baseline`. What was listed before
    goes on as usual.

    Example: digest sources hold prisons-blog
    """
    _done(config, lambda desk, by: desk.hold(source, by=by))
    say_one(
        source,
        text=lambda one: f"{one}: all that comes new is held; `digest sources release {one}` ends it",
        json=lambda one: {"source": one, "holding": True},
        as_json=as_json,
    )


def release(source: Id, config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Let what is held be read, as news.

    It is read with the next poll, which is due at once, and told in the next edition. Nothing more is held by
    `digest sources hold`.

    Example: digest sources release prisons-blog
    """
    count = _done(config, lambda desk, by: desk.release(source, by=by))
    say_one(
        count,
        text=lambda n: (
            f"{source}: {counted(n, 'item is', 'items are')} released, and read with the next poll"
        ),
        json=lambda n: {"source": source, "released": n},
        as_json=as_json,
    )


def baseline(
    source: Id,
    following: Annotated[
        bool, typer.Option("--next", help="Also take the whole next list as known, whatever is new in it.")
    ] = False,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Let what is held be known only.

    It is never read or told. Use it for an archive that has moved. With --next, the next list of the source
    is its baseline as well; nothing needs to be held then. Nothing more is held by `digest sources hold`.

    Example: digest sources baseline prisons-blog
    """
    count = _done(config, lambda desk, by: desk.baseline(source, following=following, by=by))
    also = "; the next list is known only, too" if following else ""
    say_one(
        count,
        text=lambda n: f"{source}: {counted(n, 'item is', 'items are')} known now, and not told{also}",
        json=lambda n: {"source": source, "known": n, "next_list": following},
        as_json=as_json,
    )


def pause(
    source: Id,
    until: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="Poll it again from this day on. Default: until it is resumed."),
    ] = None,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Do not poll a source for a while.

    No file is edited, and nothing is forgotten. After more than 30 days, the first list is a baseline.

    Example: digest sources pause prisons-blog --until 2026-12-01
    """
    day = a_day(until) if until else None
    over = _done(config, lambda desk, by: desk.pause(source, day, by=by))
    say_one(
        over,
        text=lambda at: f"{source}: paused until {instant(at) if at else 'you resume it'}",
        json=lambda at: {"source": source, "paused": True, "until": at},
        as_json=as_json,
    )


def resume(source: Id, config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Poll a paused source again.

    It is due at once.

    Example: digest sources resume prisons-blog
    """
    _done(config, lambda desk, by: desk.resume(source, by=by))
    say_one(
        source,
        text=lambda one: f"{one}: it is polled again",
        json=lambda one: {"source": one, "paused": False},
        as_json=as_json,
    )


def _done(config: Path, act: Callable[[SourceDesk, str], Awaitable[T]]) -> T:
    """Carry out a decision about a source; the second argument of `act` says who made it."""

    async def do() -> T:
        from digest.adapters.clock import SystemClock
        from digest.jobs.source_decisions import SourceDesk

        async with opened(config) as (settings, store):
            desk = SourceDesk(
                sources=settings.sources, zone=settings.edition.zone, store=store, clock=SystemClock()
            )
            return await act(desk, login_name())

    return waiting(do())
