"""`digest subscribers bulks` and `undo`: actions on many, and taking them back."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from digest.addresses import masked
from digest.cli.common import (
    DEFAULT_CONFIG,
    LARGEST,
    AsJson,
    ConfigDirectory,
    instant,
    opened,
    say,
    say_json,
    waiting,
)
from digest.cli.subscribers.common import By, Why, operator
from digest.errors import Refused
from digest.subscriptions import UNDO_WITHIN, Bulk


def list_(config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List what was done to many at once.

    Each with who did it, why, and until when it can be undone.

    Example: digest subscribers bulks
    """
    bulks = waiting(_bulks(config))
    if as_json:
        say_json([asdict(bulk) | {"what": masked(bulk.what), "why": masked(bulk.why)} for bulk in bulks])
        return
    for bulk in bulks:
        done = masked(f"{bulk.what} ({bulk.by}: {bulk.why})")
        say(f"{bulk.id:>4}  {instant(bulk.at)}  {done}; {_can_be_undone(bulk)}")
    if not bulks:
        say("nothing was done to many at once")


def undo(
    bulk: Annotated[
        int, typer.Argument(metavar="BULK", help="The number of an action on many; `bulks` lists them.")
    ],
    by: By,
    why: Why = "taken back",
    config: ConfigDirectory = DEFAULT_CONFIG,
) -> None:
    """Take back an ending or an import of many.

    Those are taken back who are still as it left them.

    Example: digest subscribers undo 3
    """
    made = waiting(_undo(config, bulk, by, why))
    for words, count in made.items():
        say(f"{count} {words}")
    say(f"bulk {bulk} is undone")


async def _bulks(config: Path) -> list[Bulk]:
    async with opened(config) as (_, store):
        return await store.bulks.all()


async def _undo(config: Path, number: int, by: str, why: str) -> Counter[str]:
    from digest.adapters.clock import SystemClock

    made: Counter[str] = Counter()
    async with opened(config) as (_, store):
        now, after = SystemClock().now(), 0
        bulk = await store.bulks.get(number) if number <= LARGEST else None
        if bulk is None:
            raise Refused(f"there is no bulk {number}")
        if bulk.what.startswith("erase"):
            raise Refused(f"bulk {number} erased addresses: nothing is left to restore them from")
        if bulk.undone_at is not None:
            raise Refused(f"bulk {number} was undone {instant(bulk.undone_at)}")
        if now >= bulk.undoable_until:
            raise Refused(
                f"bulk {number} could be undone until {instant(bulk.undoable_until)}, {UNDO_WITHIN.days} days"
            )
        evidence = operator(by, why)
        while (done := await store.bulks.undo(number, evidence, now=now, after=after)) is not None:
            after = done[0]
            made.update(done[1])
    return +made


def _can_be_undone(bulk: Bulk) -> str:
    if bulk.undone_at is not None:
        return f"undone {instant(bulk.undone_at)}"
    if bulk.what.startswith("erase"):
        return "cannot be undone"
    return f"can be undone until {instant(bulk.undoable_until)}"
