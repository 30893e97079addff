"""`digest run`: the service, in one process or as one role of many."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.adapters.logs import LogFormat, log_to_stderr
from digest.cli.common import DEFAULT_CONFIG, ConfigDirectory, Exit, complain, host_and_port, serving
from digest.roles import Role


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
