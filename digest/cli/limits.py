"""`digest limits`: how fast mail goes out, changed while the service runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from digest.cli.common import DEFAULT_CONFIG, AsJson, ConfigDirectory, opened, say, say_json, waiting
from digest.deliveries import Limits

app = typer.Typer(help="Show or change how fast mail goes out, while the service runs.", no_args_is_help=True)

Most = Annotated[int | None, typer.Option(min=1, show_default="as it is")]


@app.command("show")
def show(config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show the limits set here; the others are as digest.yaml has them.

    Example: digest limits show
    """
    _tell(waiting(_limits(config, lambda limits: limits)), as_json)


@app.command("set")
def set_(  # noqa: PLR0917 - typer's options
    per_minute: Most = None,
    per_minute_and_domain: Most = None,
    per_connection: Most = None,
    connections: Most = None,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Change limits; every worker heeds them within a second or two.

    The limits a minute are for all workers together, --connections is for each of them.

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
