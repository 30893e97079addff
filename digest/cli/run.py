"""`digest run`, `digest poll` and `digest prune`: the service, and two of its jobs by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.adapters.logs import LogFormat, log_to_stderr
from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigDirectory,
    Exit,
    complain,
    host_and_port,
    opened,
    say,
    say_json,
    serving,
    waiting,
)
from digest.roles import Role

if TYPE_CHECKING:
    from digest.jobs.poll import Polling
    from digest.ports import Rule


def run(
    role: Annotated[
        Role, typer.Option(help="What this process does; all but `all` need PostgreSQL.")
    ] = Role.ALL,
    health: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Where a role without web pages tells whether it is well."),
    ] = None,
    log: Annotated[
        LogFormat, typer.Option(help="How events are written to standard error: for people or for machines.")
    ] = LogFormat.TEXT,
    config: ConfigDirectory = DEFAULT_CONFIG,
) -> None:
    """Run the service until it is told to stop.

    It polls by each source's cadence, assembles at the cut-off, delivers from noon, and serves the pages to
    join, manage and leave. It runs until it is told to stop (Ctrl-C or SIGTERM), then finishes the messages
    it has begun. It may be killed and started again at any time: nobody gets two editions, and nothing is
    lost. On PostgreSQL any number of processes, on any number of machines, may share the work, each with
    its role.

    Examples: digest run --config /etc/digest; digest run --role deliver --health 127.0.0.1:8081
    """
    from digest.app.directory import configured
    from digest.serving import serve

    where = None
    if health is not None:
        where = host_and_port(health)
        if where is None:
            complain(f"--health {health}: expected an address and a port, such as 127.0.0.1:8081")
            raise typer.Exit(Exit.WRONG)
    settings, secrets = configured(config)
    log_to_stderr(form=log)
    serving(serve(settings, secrets, directory=config, role=role, health=where))


def poll(config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Poll every source that is due, once.

    What came is shown. It sends nothing itself; what should not wait is written down as alerts, which a
    running service sends. It may run beside the service. The exit code is 1 when a source failed.

    Example: digest poll --config /etc/digest
    """
    polled, later = waiting(_poll(config))
    if as_json:
        say_json([_plain(polling) for polling in polled])
    else:
        say("\n".join(_line(polling) for polling in polled) or f"no source's turn has come{later}")
    if any(polling.trouble for polling in polled):
        raise typer.Exit(Exit.FAILED)


async def _poll(config: Any) -> tuple[tuple[Polling, ...], str]:
    """What came, and whose turn is next, in words."""
    from digest.app.directory import configured
    from digest.app.service import service

    settings, secrets = configured(config)
    async with service(settings, secrets, directory=config) as it:
        polled = await it.poll()
        names = {source.id: source.name for source in settings.sources}
        turns = [
            (p.next_poll_at, names[p.source]) for p in await it.store.sources.polled() if p.source in names
        ]
    return polled, "; the next is at {:%a %d %b %Y %H:%M} UTC: {}".format(*min(turns)) if turns else ""


def _line(polling: Polling) -> str:
    if polling.trouble:
        return f"{polling.source.name}: {polling.trouble}"
    text = f"{polling.source.name}: {polling.listed} new, {len(polling.candidates)} read"
    if polling.baseline:
        text += f", {polling.baseline} known from now on and not news"
    return text


def _plain(polling: Polling) -> dict[str, Any]:
    return {
        "source": polling.source.id,
        "trouble": polling.trouble,
        "new": polling.listed,
        "baseline": polling.baseline,
        "read": [{"title": f.title, "link": f.link, "provider": f.provider_name} for f in polling.candidates],
        "parked": list(polling.parked),
    }


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
