"""`digest prune`: delete what has been kept for long enough, now."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.common import DEFAULT_CONFIG, AsJson, ConfigDirectory, opened, say, say_json, waiting

if TYPE_CHECKING:
    from digest.ports import Rule


def prune(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how much there is to do.")] = False,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Delete what has been kept for long enough.

    `retention` in digest.yaml says how long that is. A running service does this every day. The command may
    be stopped at any point and run again.

    Example: digest prune --dry-run
    """
    done = waiting(_prune(config, dry_run))
    if as_json:
        say_json({rule.name.lower(): count for rule, count in done.items()})
        return
    for rule, count in done.items():
        say(f"{count:>7}  {rule}")
    if dry_run:
        say("nothing was done; this is how much there would be")


async def _prune(config: Path, dry_run: bool) -> Mapping[Rule, int]:
    from digest.adapters.clock import SystemClock
    from digest.jobs.prune import foresee, prune

    async with opened(config) as (settings, store):
        do = foresee if dry_run else prune
        return await do(settings.retention.kept, store=store.pruning, now=SystemClock().now())
