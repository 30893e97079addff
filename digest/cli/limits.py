"""`digest limits`: how fast mail goes out, changed while the service runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigDirectory,
    command_group,
    opened,
    say,
    say_json,
    waiting,
)
from digest.deliveries import Limits

app = command_group("Show or change how fast mail goes out.")

_Most = int | None


def _most(what: str) -> Any:
    return typer.Option(metavar="N", min=1, show_default=False, help=what)


@app.command("show")
def show(config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show the limits set here.

    The others are as digest.yaml has them.

    Example: digest limits show
    """
    _tell(waiting(_limits(config, lambda limits: limits)), as_json)


@app.command("set")
def set_(  # noqa: PLR0917 - typer's options
    per_minute: Annotated[_Most, _most("Messages a minute, by all workers together.")] = None,
    per_minute_and_domain: Annotated[_Most, _most("Likewise to any one domain.")] = None,
    per_connection: Annotated[_Most, _most("Messages on one connection before it is closed.")] = None,
    connections: Annotated[_Most, _most("Connections of each worker at once.")] = None,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Change limits while the service runs.

    Every worker heeds them within a second or two. What is left out stays as it is; `digest limits clear`
    goes back to what digest.yaml says.

    Example: digest limits set --per-minute 600 --connections 2
    """
    named = {
        "per_minute": per_minute,
        "per_minute_and_domain": per_minute_and_domain,
        "per_connection": per_connection,
        "connections": connections,
    }
    given = {name: most for name, most in named.items() if most is not None}
    _tell(waiting(_limits(config, lambda limits: replace(limits, **given))), as_json)


@app.command("clear")
def clear(config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Go back to what digest.yaml says.

    Example: digest limits clear
    """
    _tell(waiting(_limits(config, lambda _: Limits())), as_json)


async def _limits(config: Path, change: Callable[[Limits], Limits]) -> Limits:
    async with opened(config) as (_, store):
        before = await store.limits.current()
        after = change(before)
        if after != before:
            await store.limits.set(after)
        return after


def _tell(limits: Limits, as_json: bool) -> None:
    if as_json:
        say_json(asdict(limits))
        return
    for name, most in asdict(limits).items():
        say(f"{name.replace('_', ' ')}: {'as digest.yaml says' if most is None else most}")
