"""`digest subscribers end`, `erase`, `suppress` and `unsuppress`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.addresses import masked, problem_with
from digest.cli.common import DEFAULT_CONFIG, ConfigDirectory, Exit, complain, opened, say, waiting
from digest.cli.subscribers.common import (
    By,
    Perhaps,
    Where,
    Why,
    Yes,
    found,
    operator,
    progress,
    selection,
)
from digest.errors import Refused
from digest.settings.types import counted
from digest.subscriptions import UNDO_WITHIN, Selection, Standing, Step, Suppression

if TYPE_CHECKING:
    from digest.store.sql import SqlStore

Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="An email address.")]


def end(  # noqa: PLR0917 -- options, each given by name
    why: Why,
    by: By,
    who: Perhaps = None,
    where: Where = None,
    yes: Yes = False,
    config: ConfigDirectory = DEFAULT_CONFIG,
) -> None:
    """End one subscription, or many chosen by --where.

    Many can be restored for 28 days by `undo`.

    Example: digest subscribers end --where domain=example.org --why "the office closed" --yes
    """
    if who is not None and not where:
        waiting(_one(config, who, Step.REMOVED, why, by))
        say(f"the subscription of {masked(who)} has ended")
    else:
        waiting(_many(config, who, where or (), Step.REMOVED, why=why, by=by, yes=yes))


def erase(  # noqa: PLR0917 -- likewise
    why: Why,
    by: By,
    who: Perhaps = None,
    where: Where = None,
    yes: Yes = False,
    config: ConfigDirectory = DEFAULT_CONFIG,
) -> None:
    """Forget one subscriber, or many chosen by --where.

    The address goes from everywhere, for good. What was sent stays, of nobody in particular; so do keyed
    hashes, by which no list brings them back. Backups taken before still hold the address. This cannot be
    undone.

    Example: digest subscribers erase ada@example.org --why "asked by letter" --yes
    """
    if who is not None and not where:
        if not yes:
            say(f"{masked(who)} would be forgotten, which cannot be undone; run again with --yes")
            return
        waiting(_one(config, who, Step.ERASED, why, by))
        say("the address is forgotten")
    else:
        waiting(_many(config, who, where or (), Step.ERASED, why=why, by=by, yes=yes))


async def _one(config: Path, who: str, step: Step, why: str, by: str) -> None:
    from digest.adapters.clock import SystemClock

    async with opened(config) as (_, store):
        one = await found(store, who)
        taken = await store.subscriptions.take(
            one.subscriber, one.generation, step, operator(by, why), SystemClock().now()
        )
        if not taken:
            complain(f"{masked(who)}: it is {one.standing}, which cannot be {step}")
            raise typer.Exit(Exit.FAILED)


async def _many(
    config: Path, who: str | None, where: Sequence[str], step: Step, *, why: str, by: str, yes: bool
) -> None:
    from digest.adapters.clock import SystemClock

    which = selection(where)
    if who is not None or which.everybody:
        raise Refused("say either one address or number, or --where")
    erasing = step is Step.ERASED
    async with opened(config) as (_, store):
        counts = await store.people.count(which)
        count = sum(n for standing, n in counts.items() if erasing or standing is not Standing.ENDED)
        said = f"{counted(count, 'subscription')} would {'be erased' if erasing else 'end'}"
        if not yes or not count:
            split = ", ".join(f"{n} {standing}" for standing, n in counts.items())
            say(f"{said} ({split or 'nobody is meant'})")
            say("this cannot be undone" if erasing else f"`undo` restores them for {UNDO_WITHIN.days} days")
            say("run again with --yes" if count else "nothing was done")
            return
        what = " ".join(["erase" if erasing else "end", *(f"--where {one}" for one in where)])
        bulk = await store.bulks.open(what=what, by=by, why=why, now=SystemClock().now())
        done = await _all_of_them(store, bulk, which, step, why=why, by=by, count=count)
    say(f"{counted(done, 'subscription')} {'erased' if erasing else 'ended'}, as bulk {bulk}")
    if not erasing:
        say(f"to take it back within {UNDO_WITHIN.days} days: digest subscribers undo {bulk}")


async def _all_of_them(
    store: SqlStore, bulk: int, which: Selection, step: Step, *, why: str, by: str, count: int
) -> int:
    from digest.adapters.clock import SystemClock

    after, done = 0, 0
    with progress(count, "subscriptions") as bar:
        while True:
            chunk = await store.bulks.end(
                bulk, which, step, operator(by, why), now=SystemClock().now(), after=after
            )
            if chunk is None:
                return done
            after, ended = chunk
            done += ended
            bar.update(ended)


def suppress(address: Address, why: Why, by: By, config: ConfigDirectory = DEFAULT_CONFIG) -> None:
    """Never write to an address again.

    It is known however it is spelled, and a subscription that it has ends. This outlives import, edit and
    erasure, as a keyed hash.

    Example: digest subscribers suppress ada@example.org --why "asked by letter, 3 March"
    """
    wrong = problem_with(address)
    if wrong:
        raise Refused(f"{address}: {wrong}")
    new = waiting(_suppress(config, address, why, by))
    say("it is not written to any more" if new else "it was suppressed before; that stands")


async def _suppress(config: Path, address: str, why: str, by: str) -> bool:
    from digest.adapters.clock import SystemClock

    async with opened(config) as (_, store):
        suppression = Suppression(why=why, since=SystemClock().now(), by=by)
        return await store.subscriptions.suppress(address, suppression)


def unsuppress(
    address: Annotated[str | None, typer.Argument(metavar="ADDRESS", help="An email address.")] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Every one: the only way on when their key is lost.")
    ] = False,
    yes: Yes = False,
    config: ConfigDirectory = DEFAULT_CONFIG,
) -> None:
    """Let an address be subscribed again.

    It is not subscribed by that.

    With --all, who left, complained or was erased is no longer known either.

    Example: digest subscribers unsuppress ada@example.org
    """
    if (address is None) is not all_:
        raise Refused("say either an address or --all")
    if address is None:
        waiting(_drop_all(config, yes))
    elif waiting(_unsuppress(config, address)):
        say("it may be written to again")
    else:
        complain("it was not suppressed")
        raise typer.Exit(Exit.FAILED)


async def _unsuppress(config: Path, address: str) -> bool:
    async with opened(config) as (_, store):
        return await store.subscriptions.unsuppress(address)


async def _drop_all(config: Path, yes: bool) -> None:
    from digest.app.directory import configured
    from digest.app.state import open_database
    from digest.store.members.sealed_addresses import count_sealed, drop_sealed

    settings, secrets = configured(config)
    database = open_database(settings, secrets, config)  # not `opened`: their key may be another
    try:
        await database.check()
        if yes:
            say(f"{_sealed(await drop_sealed(database))} dropped")
        else:
            count = await count_sealed(database)
            say(f"{_sealed(count)} would be dropped, which cannot be undone; run again with --yes")
    finally:
        await database.dispose()


def _sealed(count: int) -> str:
    return counted(count, "sealed address", "sealed addresses")
