"""`digest init` and `digest config`: write, check and describe the config files."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from digest.cli import config_diff
from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigDirectory,
    Exit,
    command_group,
    complain,
    say,
    say_json,
    waiting,
)
from digest.wording import counted

app = command_group("Check the config files without starting anything.")
app.command("diff")(config_diff.diff)


@app.command("check")
def check(config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Check the config files and the secrets.

    Every mistake is printed, and every setting that still has the value of the example. Exit code 2 if
    anything is wrong. If there are no secrets, the files are checked without them.

    Example: digest config check --config /etc/digest
    """
    from digest.app.directory import check_directory

    found = check_directory(config)
    warnings = [
        f"{key} still has the value of the example, {value}: that address does not exist"
        for key, value in (found.settings.examples if found.settings else ())
    ]
    wrong = () if found.lacks_only_secrets else found.problems
    note = "\n".join(map(str, found.problems)) if found.lacks_only_secrets else None
    if as_json:
        problems = [asdict(problem) for problem in wrong]
        say_json({"sound": not wrong, "problems": problems, "secrets": note, "warnings": warnings})
    else:
        for problem in wrong:
            complain(str(problem))
        if found.settings and not wrong:
            scales = sum(len(inspectorate.scales) for inspectorate in found.settings.inspectorates)
            what = "the files are sound" if note else "config is sound"
            sources = counted(len(found.settings.sources), "source")
            say(f"{what}: {sources}, {counted(scales, 'scale')}")
        if note:
            say(f"to run, the service needs its secrets as well: {note}")
        for warning in warnings:
            complain(f"warning: {warning}")
    if wrong:
        raise typer.Exit(Exit.WRONG)


@app.command("schema")
def schema(
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder to write to.")] = Path("config/schema"),
) -> None:
    """Write JSON Schemas, for editors that check files.

    Example: digest config schema --out config/schema
    """
    from digest.adapters.config.schemas import write_schemas

    for path in write_schemas(out):
        say(f"wrote {path}")


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The directory for the config files.")],
) -> None:
    """Write config files to edit, a key and an empty state.

    No file is overwritten. After an update, run it again to add new files; `digest upgrade` brings the state
    up to the new version. No key is made if DIGEST_SECRETS_FILE names the secrets.

    Example: digest init /etc/digest
    """
    waiting(_init(directory))


async def _init(directory: Path) -> None:
    from digest.adapters.config.packaged import copy_config, packaged_register
    from digest.adapters.config.secrets import SECRETS_ELSEWHERE
    from digest.app.directory import configured, open_database
    from digest.store.sql import SqlStore

    for path in copy_config(directory, key=not os.environ.get(SECRETS_ELSEWHERE)):
        say(f"wrote {path}")
    settings, secrets = configured(directory)
    database = open_database(settings, secrets, directory)
    try:
        await database.create()
        providers, past = packaged_register()
        await SqlStore(database, seal=secrets.seal).providers.load(providers, past)
    finally:
        await database.dispose()
    say(f"the state at {database} is ready; {len(providers)} providers with {len(past)} past ratings")
    say(f"next: edit {directory}/digest.yaml and sources.yaml, then: digest run --config {directory}")
