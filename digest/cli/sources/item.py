"""`digest sources item`: the keys by which an item is known, its reports, and how it was edited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
    from digest.edition import Candidate
    from digest.ports import ItemKey, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    keys: Sequence[ItemKey]
    repeats: Sequence[Candidate]  # its reports that were filed before, under another address
    versions: Sequence[Version]


def item(
    item: Annotated[str, typer.Argument(metavar="ITEM", help="The number of an item.")],
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show by which keys an item is known, and its edits.

    Each key that it was not first listed with has the key that showed whose it is. A report that was filed
    before, under another address, has the item that it repeats.

    Example: digest sources item 17
    """
    say_one(waiting(_known(config, item)), text=_text, json=_json, as_json=as_json)


async def _known(config: Path, item: str) -> _Known:
    async with opened(config) as (_, store):
        id = number(item) or 0
        keys, versions = await store.items.keys(id), await store.versions.of(id)
        filed = await store.versions.candidates(id)
    if not keys:
        raise Refused(f"{item}: there is no item of that number")
    return _Known(keys=keys, repeats=[one for one in filed if one.repeats], versions=versions)


def _text(known: _Known) -> str:
    return "\n".join(_lines(known))


def _lines(known: _Known) -> Iterator[str]:
    for key in known.keys:
        since = instant(key.since) if key.since else "before it was noted"
        yield key.key
        yield f"    learnt {since} by {key.by}" if key.by else f"    from the first, {since}"
    for one in known.repeats:
        if one.repeats:
            yield f"filed before as item {one.repeats.key.item}, by {one.repeats.by}"
    for version in known.versions:
        changed, at = f"; {version.note}" if version.note else "", instant(version.noticed_at)
        yield f"{version.what} edited, noticed {at}: {version.title}{changed}"


def _json(known: _Known) -> dict[str, Any]:
    return {
        "keys": [{"key": one.key, "since": one.since, "by": one.by} for one in known.keys],
        "repeats": [
            {"place": one.key.place, "item": one.repeats.key.item, "by": one.repeats.by}
            for one in known.repeats
            if one.repeats
        ],
        "versions": [
            {"what": one.what, "noticed_at": one.noticed_at, "title": one.title, "changed": one.note}
            for one in known.versions
        ],
    }
