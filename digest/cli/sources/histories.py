"""`digest sources move` and `forget`: what is remembered goes to another id, or is forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.common import DEFAULT_CONFIG, AsJson, ConfigDirectory, opened, say_one, waiting
from digest.errors import Refused
from digest.wording import counted

if TYPE_CHECKING:
    from digest.ports import Forgotten


def move(
    old: Annotated[str, typer.Argument(metavar="OLD", help="The id that the source had.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The id that it has in sources.yaml now.")],
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Give a source's history to its new id.

    First change the id in sources.yaml. What was listed stays known, and what was read stays read. A new
    address of a source needs no command: change its url, and the next list is compared with what is known.

    Example: digest sources move prisons-blog prisons
    """
    count = waiting(_move(config, old, new))
    say_one(
        count,
        text=lambda n: f"{new} has the history of {old} now: {counted(n, 'item')}",
        json=lambda n: {"from": old, "to": new, "items": n},
        as_json=as_json,
    )


def forget(
    source: Annotated[str, typer.Argument(metavar="ID", help="A source that is no longer in sources.yaml.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Delete what is remembered of a source.

    The source must be gone from sources.yaml. Items with reports are kept: editions tell of them, and
    ratings come from them.

    Example: digest sources forget prisons-blog --yes
    """
    if not yes:
        typer.confirm(f"Delete what is remembered of {source}?", abort=True, err=True)
    say_one(
        waiting(_forget(config, source)),
        text=lambda done: (
            f"{source} is forgotten: {counted(done.items, 'item')} deleted, {done.kept} with reports kept"
        ),
        json=lambda done: {"source": source, "deleted": done.items, "kept": done.kept},
        as_json=as_json,
    )


async def _move(config: Path, old: str, new: str) -> int:
    from digest.adapters.clock import SystemClock

    async with opened(config) as (_, store):
        if old in _ids(config):
            raise Refused(f"{old} is still in sources.yaml: change its id there first")
        if new not in _ids(config):
            raise Refused(f"{new} is not in sources.yaml: change the id there first")
        count = await store.histories.move(old, new, SystemClock().now())
        if count is None:
            raise Refused(f"{old}: nothing is remembered of a source with that id")
        return count


async def _forget(config: Path, source: str) -> Forgotten:
    from digest.adapters.clock import SystemClock

    async with opened(config) as (_, store):
        if source in _ids(config):
            raise Refused(f"{source} is still in sources.yaml: remove it there first")
        done = await store.histories.forget(source, SystemClock().now())
        if done is None:
            raise Refused(f"{source}: nothing is remembered of a source with that id")
        return done


def _ids(config: Path) -> set[str]:
    """The ids in the file, of sources that are switched off as well."""
    from digest.adapters.config.files import load_sources

    return {entry.id for entry in load_sources(config).sources}
