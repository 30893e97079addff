"""`digest sources hold`, `release`, `baseline`, `pause` and `resume`: what operators decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigDirectory,
    a_day,
    instant,
    opened,
    say_one,
    waiting,
)
from digest.errors import Refused
from digest.wording import counted

if TYPE_CHECKING:
    from digest.settings import Settings
    from digest.sources import Polled
    from digest.store.sql import SqlStore

Id = Annotated[str, typer.Argument(metavar="ID", help="The id of the source in sources.yaml.")]

BY_HAND = "an operator made it known only"


def hold(source: Id, config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Hold all that comes new from a source.

    Its items are listed and not read, until `digest sources release` or `baseline`. What was listed before
    goes on as usual.

    Example: digest sources hold prisons-blog
    """
    waiting(_changed(config, source, "held"))
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
    count = waiting(_released(config, source))
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
    count = waiting(_baselined(config, source, following=following))
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
    over = waiting(_paused(config, source, until))
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
    waiting(_changed(config, source, "resumed"))
    say_one(
        source,
        text=lambda one: f"{one}: it is polled again",
        json=lambda one: {"source": one, "paused": False},
        as_json=as_json,
    )


async def check_known(settings: Settings, store: SqlStore, source: str) -> None:
    """`Refused` unless it is a source that is polled, or was."""
    known = {one.id for one in settings.sources} | {one.source for one in await store.sources.polled()}
    if source not in known:
        raise Refused(f"{source}: no source has that id; `digest sources list` has all")


async def _changed(config: Path, source: str, change: str, **facts: Any) -> None:
    from digest import sources
    from digest.adapters.clock import SystemClock

    after: Callable[..., Polled] = getattr(sources, change)
    async with opened(config) as (settings, store):
        await check_known(settings, store, source)
        await store.sources.record(source, partial(after, source, now=SystemClock().now(), **facts))


async def _released(config: Path, source: str) -> int:
    from digest.adapters.clock import SystemClock

    await _changed(config, source, "released")
    async with opened(config) as (_, store):
        return await store.admissions.release(source, now=SystemClock().now())


async def _baselined(config: Path, source: str, *, following: bool) -> int:
    await _changed(config, source, "without_baseline" if following else "released")
    async with opened(config) as (_, store):
        return await store.admissions.baseline(source, why=BY_HAND)


async def _paused(config: Path, source: str, until: str | None) -> datetime | None:
    from digest.adapters.clock import SystemClock

    async with opened(config) as (settings, _):
        zone = settings.edition.zone
    over = datetime.combine(a_day(until), time(), zone) if until else None
    if over is not None and over <= SystemClock().now():
        raise Refused(f"{until}: that day has begun; a pause ends on a later one")
    await _changed(config, source, "paused", until=over)
    return over
