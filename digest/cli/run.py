"""`digest run`, `digest poll` and `digest prune`: the service, and two of its jobs run once."""

from __future__ import annotations

import logging
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
    instant,
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
        Role, typer.Option(help="What this process does. Roles other than `all` need PostgreSQL.")
    ] = Role.ALL,
    health: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Where a role without web pages answers health checks."),
    ] = None,
    log: Annotated[
        LogFormat, typer.Option(help="The form of the log on standard error: for people or for machines.")
    ] = LogFormat.TEXT,
    config: ConfigDirectory = DEFAULT_CONFIG,
) -> None:
    """Run the service until it is stopped.

    It polls sources, assembles the edition at the cut-off, sends it from noon, and serves the pages to
    subscribe, change wishes and leave. Ctrl-C or SIGTERM stops it when the messages under way are finished.
    It ends within 45 seconds, whatever the database or the relay does; exit code 1 and the last line of the
    log tell what was cut off.
    It may also be killed and started again at any time: nobody gets an edition twice, and nothing is lost.
    With PostgreSQL, several processes on several machines can share the work, each with its role.

    Examples: digest run --config /etc/digest; digest run --role deliver --health 127.0.0.1:8081
    """
    from digest.adapters.stopping import LAST_RESORT, Stopping
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
    stopping = Stopping(last_resort=LAST_RESORT)
    if not serving(serve(settings, secrets, directory=config, role=role, health=where, stopping=stopping)):
        raise typer.Exit(Exit.FAILED)


def poll(config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Poll every source that is due, once.

    It prints what each source brought. It sends nothing; alerts are stored, and a running service sends them.
    It can run beside the service. Exit code 1 if a source failed.

    Example: digest poll --config /etc/digest
    """
    log_to_stderr(logging.WARNING)
    polled, later = waiting(_poll(config))
    if as_json:
        say_json([_plain(polling) for polling in polled])
    else:
        say("\n".join(_line(polling) for polling in polled) or f"no source is due{later}")
    if any(polling.trouble for polling in polled):
        raise typer.Exit(Exit.FAILED)


async def _poll(config: Any) -> tuple[tuple[Polling, ...], str]:
    """What each source brought, and a note on which source is due next."""
    from digest.app.directory import configured
    from digest.app.service import service

    settings, secrets = configured(config)
    async with service(settings, secrets, directory=config) as it:
        polled = await it.poll()
        ids = {source.id for source in settings.sources}
        turns = [(p.next_poll_at, p.source) for p in await it.store.sources.polled() if p.source in ids]
    if not turns:
        return polled, ""
    at, id = min(turns)
    return polled, f"; the next is at {instant(at)}: {id} (`digest sources resume {id}` makes it due)"


def _line(polling: Polling) -> str:
    if polling.trouble:
        return f"{polling.source.id}: {polling.trouble}"
    text = f"{polling.source.id}: {polling.listed} new, {len(polling.candidates)} read"
    if polling.baseline:
        text += f", {polling.baseline} known and no news"
    if polling.held:
        text += f", {polling.held} held for you (`digest sources show {polling.source.id}`)"
    return text


def _plain(polling: Polling) -> dict[str, Any]:
    return {
        "source": polling.source.id,
        "trouble": polling.trouble,
        "new": polling.listed,
        "baseline": polling.baseline,
        "held": polling.held,
        "read": [{"title": f.title, "link": f.link, "provider": f.provider_name} for f in polling.candidates],
        "parked": list(polling.parked),
    }


def prune(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only print how much there is to delete.")
    ] = False,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Delete data whose retention period is over.

    `retention` in digest.yaml has the periods. A running service does this every day. The command can be
    stopped at any point and run again.

    Example: digest prune --dry-run
    """
    log_to_stderr(logging.WARNING)
    done = waiting(_prune(config, dry_run))
    if as_json:
        say_json({rule.name.lower(): count for rule, count in done.items()})
        return
    for rule, count in done.items():
        say(f"{count:>7}  {rule}")
    if dry_run:
        say("nothing was deleted; this is how much there is to delete")


async def _prune(config: Path, dry_run: bool) -> Mapping[Rule, int]:
    from digest.adapters.clock import SystemClock
    from digest.jobs.prune import preview, prune

    async with opened(config) as (settings, store):
        do = preview if dry_run else prune
        return await do(settings.retention.kept, store=store.pruning, now=SystemClock().now())
