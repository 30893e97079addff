"""`digest pause` and `digest resume`: sending off, and on again, for every process of the service."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from digest.cli.common import DEFAULT_CONFIG, ConfigDirectory, opened, say, waiting
from digest.deliveries import Pause


def pause(
    why: Annotated[str, typer.Option(help="The reason; `digest status` shows it.")],
    by: Annotated[str, typer.Option(help="Who pauses.", default_factory=getpass.getuser, show_default="you")],
    config: ConfigDirectory = DEFAULT_CONFIG,
) -> None:
    """Send nothing until `digest resume`. Polling goes on; editions are assembled and wait.

    What is not sent within edition.lateness comes with the next edition, marked late. Workers heed it within
    a second or two; messages under way by then are finished.

    Example: digest pause --why "the relay is being moved"
    """
    from digest.adapters.clock import SystemClock

    paused = Pause(since=SystemClock().now(), by=by, why=why)
    say(
        "sending is paused"
        if waiting(_pause(config, paused))
        else "sending was paused before; that pause stands"
    )


def resume(config: ConfigDirectory = DEFAULT_CONFIG) -> None:
    """Send again, from the next look within five minutes.

    Example: digest resume
    """
    say("sending is on" if waiting(_resume(config)) else "sending was not paused")


async def _pause(config: Path, paused: Pause) -> bool:
    async with opened(config) as (_, store):
        return await store.pauses.pause(paused)


async def _resume(config: Path) -> bool:
    async with opened(config) as (_, store):
        return await store.pauses.resume()
