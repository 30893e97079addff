"""`digest config`: the operator's files, looked at without starting anything."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from digest.cli.common import DEFAULT_CONFIG, AsJson, ConfigDirectory, Exit, complain, say, say_json
from digest.errors import ConfigError, Problem
from digest.notation import counted

app = typer.Typer(help="Look at the operator's files without starting anything.", no_args_is_help=True)


@app.command("check")
def check(config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Say whether the files are sound, or name everything that is wrong in them. Exit code 2 if anything is.

    Example: digest config check --config /etc/digest
    """
    import os

    from digest.adapters.secrets import load_secrets
    from digest.adapters.settings_files import load
    from digest.adapters.signing import load_key

    problems: tuple[Problem, ...] = ()
    summary = ""
    try:
        settings = load(config)
        if settings.dkim is not None:
            load_key(config / settings.dkim.key_file)
        scales = sum(len(inspectorate.scales) for inspectorate in settings.inspectorates)
        sources = counted(len(settings.sources), "source")
        summary = f"config is sound: {sources}, {counted(scales, 'scale')}"
    except ConfigError as error:
        problems = error.problems
    note = None
    try:
        load_secrets(config, os.environ)
    except ConfigError as error:
        note = str(error)
    if as_json:
        say_json({"sound": not problems, "problems": [asdict(p) for p in problems], "secrets": note})
    else:
        for problem in problems:
            complain(str(problem))
        if summary:
            say(summary)
        if note:
            say(f"secrets, needed to run: {note}")
    if problems:
        raise typer.Exit(Exit.WRONG)


@app.command("schema")
def schema(
    out: Annotated[Path, typer.Option(help="Where to write them.")] = Path("config/schema"),
) -> None:
    """Write JSON Schemas of the files, by which editors complete and check them.

    Example: digest config schema --out config/schema
    """
    from digest.adapters.settings_schemas import write_schemas

    for path in write_schemas(out):
        say(f"wrote {path}")
