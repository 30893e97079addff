"""`digest edition`: past editions, and the next one as it would be now."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigDirectory,
    Exit,
    a_day,
    command_group,
    complain,
    opened,
    say,
    say_json,
    waiting,
)
from digest.edition import Edition

app = command_group("Show past editions, and the next one as it is now.")


@app.command("preview")
def preview(config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show the next edition as it is now.

    It has all stories, as a subscriber without wishes gets it. Nothing is stored.

    Example: digest edition preview
    """
    _show(waiting(_preview(config)), config, as_json)


@app.command("show")
def show(
    day: Annotated[date, typer.Argument(parser=a_day, metavar="DAY", help="The edition's local day.")],
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show a past edition, from the stored state.

    Example: digest edition show 2026-11-23
    """
    edition = waiting(_sealed(config, day))
    if edition is None:
        complain(f"there is no edition of {day}")
        raise typer.Exit(Exit.FAILED)
    _show(edition, config, as_json)


async def _preview(config: Path) -> Edition:
    from digest.adapters.clock import SystemClock
    from digest.jobs.publish import upcoming

    async with opened(config) as (settings, store):
        timetable, now = settings.edition.timetable, SystemClock().now()
        return await upcoming(
            timetable=timetable,
            sources=settings.sources,
            store=store,
            now=now,
            inspectorates=settings.inspectorates,
        )


async def _sealed(config: Path, day: date) -> Edition | None:
    async with opened(config) as (_, store):
        return await store.editions.sealed(day)


def _show(edition: Edition, config: Path, as_json: bool) -> None:
    from digest.adapters.config.files import load
    from digest.app.composing import plain_text
    from digest.store.codec import EDITION

    if as_json:
        say_json(EDITION.dump(edition))
    elif edition.empty:
        say(f"{edition.day}: nothing new; it goes only to subscribers who still lack stories of earlier ones")
    else:
        say(plain_text(edition, load(config), config))
