"""`digest sources item`: why an entry was taken for this item."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigDirectory,
    instant,
    number,
    opened,
    say_one,
    waiting,
)
from digest.errors import Refused

if TYPE_CHECKING:
    from digest.ports import ItemKey


def item(
    item: Annotated[str, typer.Argument(metavar="ITEM", help="The number of an item.")],
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show the keys by which an item is known.

    Each key that it was not first listed with has the key that showed whose it is.

    Example: digest sources item 17
    """
    say_one(waiting(_keys(config, item)), text=_text, json=_json, as_json=as_json)


async def _keys(config: Path, item: str) -> list[ItemKey]:
    async with opened(config) as (_, store):
        found = await store.items.keys(number(item) or 0)
    if not found:
        raise Refused(f"{item}: there is no item of that number")
    return found


def _text(keys: list[ItemKey]) -> str:
    return "\n".join(
        f"{one.key}\n    "
        + (f"learnt {_since(one)} by {one.by}" if one.by else f"from the first, {_since(one)}")
        for one in keys
    )


def _since(one: ItemKey) -> str:
    return instant(one.since) if one.since else "before it was noted"


def _json(keys: list[ItemKey]) -> dict[str, Any]:
    return {"keys": [{"key": one.key, "since": one.since, "by": one.by} for one in keys]}
