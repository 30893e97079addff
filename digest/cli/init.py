"""`digest init`: an operator's own copy of the files, and an empty state."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from digest.cli.common import say, waiting


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The directory for the operator's files.")],
) -> None:
    """Write editable config files, a key and an empty state.

    Nothing that is there is overwritten: run it again to get files that a new version added, and to bring
    the state up to a new version's schema (take a backup first). No key is made where DIGEST_SECRETS_FILE
    names the secrets.

    Example: digest init /etc/digest
    """
    waiting(_init(directory))


async def _init(directory: Path) -> None:
    from digest.adapters.config.packaged import copy_config, packaged_register
    from digest.adapters.config.secrets import SECRETS_ELSEWHERE
    from digest.app.directory import configured
    from digest.app.state import open_database
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
