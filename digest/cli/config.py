"""`digest init` and `digest config`: write, check and describe the config files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from digest.settings import Settings

app = command_group("Check the config files without starting anything.")
app.command("diff")(config_diff.diff)


@app.command("check")
def check(config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Check the config files and the secrets.

    Every mistake is printed, every setting that still has the value of the example, and each inspectorate
    that no source covers. Exit code 2 if anything is wrong. If there are no secrets, the files are checked
    without them.

    Example: digest config check --config /etc/digest
    """
    from digest.app.directory import check_directory

    found = check_directory(config)
    warnings = [
        f"{key} still has the value of the example, {value}: that address does not exist"
        for key, value in (found.settings.examples if found.settings else ())
    ]
    if found.settings and found.settings.receiving is None:
        warnings += [
            f"sources.{id}: its newsletters come to this service (here: true), which receives no mail: add "
            "receiving to digest.yaml"
            for id in found.settings.newsletters_here
        ]
    wrong = () if found.lacks_only_secrets else found.problems
    note = "\n".join(map(str, found.problems)) if found.lacks_only_secrets else None
    notes = list(_notes(found.settings)) if found.settings and not wrong else []
    if as_json:
        problems = [asdict(problem) for problem in wrong]
        say_json(
            {"sound": not wrong, "problems": problems, "secrets": note, "warnings": warnings, "notes": notes}
        )
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
        for one in notes:
            say(f"note: {one}")
        for warning in warnings:
            complain(f"warning: {warning}")
    if wrong:
        raise typer.Exit(Exit.WRONG)


def _notes(settings: Settings) -> Iterator[str]:
    """What is right and may surprise. Whether a shadow is over is in the state, which is not read here."""
    from digest.adapters.clock import SystemClock
    from digest.coverage import coverage_of

    now, sources = SystemClock().now(), settings.sources
    known = settings.inspectorates
    switched_on = coverage_of(known, [replace(one, shadow=None) for one in sources], (), now)
    seen_at_once = coverage_of(known, [one for one in sources if one.shadow is None], (), now)
    if switched_on.not_covered:
        keys = ", ".join(one.key for one in switched_on.not_covered)
        yield f"no official source is switched on for {keys}: readers are not offered them"
    if shadowed := [key for key in switched_on.offered if not seen_at_once.covers(key)]:
        keys = ", ".join(shadowed)
        yield f"all sources for {keys} begin in shadow: readers are offered them when that is over"


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
