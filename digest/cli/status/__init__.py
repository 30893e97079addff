"""`digest status`: the state of the service; with --watch, today's edition while it is sent."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigDirectory,
    Exit,
    complain,
    say,
    say_json,
    waiting,
)
from digest.cli.status.facts import look
from digest.cli.status.following import follow
from digest.cli.status.words import lines

Watch = Annotated[
    bool, typer.Option("--watch", help="Follow today's edition until it is complete or you press Ctrl-C.")
]
Every = Annotated[
    float,
    typer.Option(
        metavar="SECONDS", min=0.1, help="With --watch into a file or pipe: time between two lines."
    ),
]


def status(
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
    watch: Watch = False,
    every: Every = 10.0,
) -> None:
    """Show the state of sources, relays and today's edition.

    If the config files are wrong, it names what is wrong in them and shows the state as far as it can, with
    exit code 2. With --watch, it shows only the edition: a bar in a terminal, otherwise a line from time to
    time; with --json, each line is an object. Exit code 1 if the edition was not complete at its deadline.

    Examples: digest status --json; digest status --watch
    """
    if watch:
        raise typer.Exit(follow(config, every, as_json))
    found = waiting(look(config))
    if as_json:
        say_json(found)
    else:
        for line in lines(found):
            say(line)
    for problem in found["files"]:
        complain(problem)
    if found["files"]:
        raise typer.Exit(Exit.WRONG)
