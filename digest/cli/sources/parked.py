"""`digest sources parked` and `retry`: the items that could not be read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigDirectory,
    instant,
    login_name,
    number,
    opened,
    say_each,
    say_one,
    waiting,
)
from digest.errors import Refused
from digest.wording import counted

if TYPE_CHECKING:
    from digest.ports import ParkedItem


def list_(config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List the items that could not be read, several times.

    Each line says whether the feed's own words stand in for the page. The newest item is first.

    Example: digest sources parked
    """
    found = waiting(_parked(config))
    say_each(found, nothing="no item is parked", text=_text, json=_json, as_json=as_json)


def retry(
    item: Annotated[
        str | None, typer.Argument(metavar="ITEM", help="The number of one in `digest sources parked`.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Retry all parked items.")] = False,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Have parked items read again.

    They are read with the next poll of their source, and have all their tries again.

    Example: digest sources retry 17
    """
    if (item is None) is not every:
        raise typer.BadParameter("give either the number of an item or --all")
    say_one(
        waiting(_retry(config, item)),
        text=lambda count: f"{counted(count, 'item is', 'items are')} read again with the next poll",
        json=lambda count: {"retried": count},
        as_json=as_json,
    )


async def _parked(config: Path) -> list[ParkedItem]:
    async with opened(config) as (_, store):
        return await store.items.parked()


async def _retry(config: Path, item: str | None) -> int:
    from digest.adapters.clock import SystemClock
    from digest.jobs.source_decisions import SourceDesk

    async with opened(config) as (settings, store):
        parked = [one.id for one in await store.items.parked()]
        which = parked if item is None else [one for one in parked if one == number(item)]
        if item is not None and not which:
            raise Refused(f"{item}: no parked item has that number; `digest sources parked` has all")
        desk = SourceDesk(
            sources=settings.sources, zone=settings.edition.zone, store=store, clock=SystemClock()
        )
        return await desk.retry(which, by=login_name())


def _text(one: ParkedItem) -> str:
    tries = counted(one.attempts, "try", "tries")
    lines = [
        f"{one.id}  {one.source}  {one.title}",
        f"    {one.link or 'no link'}",
        f"    {one.trouble}; {tries}, first seen {instant(one.first_seen_at)}",
    ]
    if one.stands_in:
        lines.append("    the feed's own words stand in for the page")
    if one.retry_at:
        lines.append(f"    the page is asked for again after {instant(one.retry_at)}")
    return "\n".join(lines)


def _json(one: ParkedItem) -> dict[str, Any]:
    return {
        "item": one.id,
        "source": one.source,
        "title": one.title,
        "link": one.link,
        "first_seen_at": one.first_seen_at,
        "tries": one.attempts,
        "trouble": one.trouble,
        "stands_in": one.stands_in,
        "retry_at": one.retry_at,
    }
