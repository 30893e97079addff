"""`digest subscribers add`, `end`, `erase`, `suppress` and `unsuppress`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.addresses import limit_key, mask, masked, problem_with
from digest.cli.common import DEFAULT_CONFIG, By, ConfigDirectory, Exit, complain, opened, say, waiting
from digest.cli.subscribers.common import (
    Basis,
    Perhaps,
    Where,
    Why,
    Yes,
    found,
    gaps,
    names,
    operator,
    progress,
    selection,
    slips,
    wished,
)
from digest.errors import Refused
from digest.schedule import Weekday
from digest.subscriptions import (
    UNDO_WITHIN,
    Evidence,
    Selection,
    Standing,
    Step,
    Subscription,
    Suppression,
    Wishes,
)
from digest.wording import counted

if TYPE_CHECKING:
    from digest.parse.people import Names
    from digest.store.sql import SqlStore

Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="An email address.")]
_Names = list[str] | None
_Perhaps = bool | None


def add(  # noqa: PLR0917 -- options, each given by name
    address: Address,
    basis: Basis,
    by: By,
    inspectorate: Annotated[
        _Names, typer.Option(metavar="KEY", help="Only this inspectorate. Repeatable.")
    ] = None,
    area: Annotated[
        _Names, typer.Option(metavar="PLACE", help="Only this area, such as Kent. Repeatable.")
    ] = None,
    kind: Annotated[
        _Names, typer.Option(metavar="KIND", help="Only this kind of provider. Repeatable.")
    ] = None,
    provider: Annotated[
        _Names, typer.Option(metavar="NAME", help="Only this provider, by name. Repeatable.")
    ] = None,
    watch: Annotated[
        _Names, typer.Option(metavar="NAME", help="Always report on this provider. Repeatable.")
    ] = None,
    movements_only: Annotated[_Perhaps, typer.Option(help="Only upgrades and downgrades.")] = None,
    commentary: Annotated[
        _Perhaps, typer.Option(help="Also commentary in blogs. Default for a new subscription.")
    ] = None,
    alerts: Annotated[_Perhaps, typer.Option(help="A mail at once when a watched provider moves.")] = None,
    proof_of_life: Annotated[
        _Perhaps, typer.Option(help="A mail after each week without an edition.")
    ] = None,
    weekly: Annotated[
        str | None,
        typer.Option(metavar="DAY", help='One email a week, on this day, such as friday; "" for every day.'),
    ] = None,
    brief: Annotated[
        _Perhaps, typer.Option("--brief/--full", help="A line or two for each story, or all of it.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="The owner left, and asked to come back.")] = False,
    config: ConfigDirectory = DEFAULT_CONFIG,
) -> None:
    """Subscribe an address, or change its wishes.

    The owner of the address must have agreed; --basis says how.

    If the address is subscribed, only the wishes that you give change. An empty name, such as --area "",
    removes all wishes of that kind. An address whose owner left is subscribed again only with --again, as a
    new subscription: links in older messages do not work for it.

    Example: digest subscribers add ada@example.org --basis "by telephone, 3 March" --movements-only
    """
    wrong = problem_with(address)
    if wrong:
        raise Refused(f"{address}: {wrong}")
    if not basis.strip():
        raise Refused("--basis: say how the owner agreed")
    said = {
        "inspectorates": inspectorate,
        "areas": area,
        "kinds": kind,
        "providers": provider,
        "watched": watch,
        "movements_only": movements_only,
        "commentary": commentary,
        "alerts": alerts,
        "proof_of_life": proof_of_life,
        "brief": brief,
    }
    wanted: dict[str, Any] = {field: value for field, value in said.items() if value not in (None, [])}
    if weekly is not None:
        wanted["weekly"] = _day_of(weekly)
    before, one = waiting(_add(config, address, wanted, operator(by, basis), again=again))
    say(f"{mask(one.address)} is {one.standing} as subscriber {one.subscriber}; {_wishes(before, one)}")


def _day_of(typed: str) -> Weekday | None:
    """The day of a weekly edition; None for nothing. `Refused` for anything else."""
    if not typed.strip():
        return None
    try:
        return Weekday(typed.strip().casefold())
    except ValueError:
        raise Refused(f'--weekly: "{typed}" is no day; give one of {", ".join(Weekday)}, or ""') from None


def _wishes(before: Subscription | None, one: Subscription) -> str:
    """The wishes in words, and the earlier ones if they changed."""
    if before is None or before.standing is Standing.ENDED:
        return f"wishes: {wished(one.wishes)}"
    if before.wishes == one.wishes:
        return f"wishes: {wished(one.wishes)} (as before)"
    return f"wishes: {wished(one.wishes)} (before: {wished(before.wishes)})"


async def _add(
    config: Path, address: str, wanted: Mapping[str, Any], evidence: Evidence, *, again: bool
) -> tuple[Subscription | None, Subscription]:
    """The subscription before and after. `wanted` has fields of `Wishes`, with names as they were typed."""
    from digest.adapters.clock import SystemClock

    async with opened(config) as (settings, store):
        register = await store.providers.register()
        before = await store.subscriptions.find(address)
        barred = await store.subscriptions.suppressed(address)  # `add` says so, and no --again helps
        if not again and barred is None and (gone := await _gone(store, address, before)):
            raise Refused(f"{address}: {gone}; add it with --again if its owner asked to come back")
        new = _resolved(wanted, names(settings, register))
        for slip in slips(new.get("areas", ()), register):
            complain(slip)
        wishes = replace(before.wishes if before is not None and before.live else Wishes(), **new)
        if wishes.alerts and not wishes.watched:
            raise Refused("--alerts: no provider is watched; give one with --watch, or give --no-alerts")
        for gap in await gaps([wishes], settings, store):
            complain(gap)
        return before, await store.subscriptions.add(address, wishes, SystemClock().now(), evidence)


async def _gone(store: SqlStore, address: str, before: Subscription | None) -> str | None:
    """How and when the owner of an address left or had it erased; None if that did not happen."""
    if before is not None and before.standing is Standing.ENDED:
        return f"{before.ended_reason} on {before.ended_at:%d %b %Y}"
    since = await store.subscriptions.departed(address)
    if since is None or (before is not None and before.standing is not Standing.PENDING):
        return None
    return f"its owner left, complained or had it erased on {since:%d %b %Y}"


def _resolved(wanted: Mapping[str, Any], known: Names) -> dict[str, Any]:
    """`wanted` with the ids of providers; `Refused` for a name that is not known."""
    new = {
        field: tuple(filter(None, value)) if isinstance(value, list) else value
        for field, value in wanted.items()
    }
    for key in new.get("inspectorates", ()):
        if key not in known.inspectorates:
            raise Refused(f"{key}: no such inspectorate; there are {', '.join(sorted(known.inspectorates))}")
    for kind in new.get("kinds", ()):
        if kind not in known.kinds:
            raise Refused(f"{kind}: no such kind of provider; there are {', '.join(sorted(known.kinds))}")
    for field in ("providers", "watched"):
        if field in new:
            new[field] = tuple(_id(name, known) for name in new[field])
    return new


def _id(name: str, known: Names) -> str:
    id = known.provider(name)
    if id is None:
        raise Refused(f"{name}: the register has no provider of that name")
    return id


def end(  # noqa: PLR0917 -- options, each given by name
    why: Why,
    by: By,
    who: Perhaps = None,
    where: Where = None,
    yes: Yes = False,
    config: ConfigDirectory = DEFAULT_CONFIG,
) -> None:
    """End one subscription, or many chosen by --where.

    An ending of many can be undone for 28 days with `undo`.

    Example: digest subscribers end --where domain=example.org --why "the office closed" --yes
    """
    if who is not None and not where:
        waiting(_one(config, who, Step.REMOVED, why, by))
        say(f"the subscription of {masked(who)} has ended")
    else:
        waiting(_many(config, who, where or (), Step.REMOVED, why=why, by=by, yes=yes))


def erase(  # noqa: PLR0917 -- options, each given by name
    why: Why,
    by: By,
    who: Perhaps = None,
    where: Where = None,
    yes: Yes = False,
    config: ConfigDirectory = DEFAULT_CONFIG,
) -> None:
    """Erase one subscriber, or many chosen by --where.

    The address is deleted everywhere. Records of what was sent stay, without a name. A keyed hash stays too:
    it prevents later imports from subscribing the address again. Older backups still contain the address.
    This cannot be undone.

    Example: digest subscribers erase ada@example.org --why "asked by letter" --yes
    """
    if who is not None and not where:
        if not yes:
            say(f"{masked(who)} would be erased, which cannot be undone; run again with --yes")
            return
        waiting(_one(config, who, Step.ERASED, why, by))
        say("the address is erased")
    else:
        waiting(_many(config, who, where or (), Step.ERASED, why=why, by=by, yes=yes))


async def _one(config: Path, who: str, step: Step, why: str, by: str) -> None:
    from digest.adapters.clock import SystemClock

    async with opened(config) as (_, store):
        one = await found(store, who)
        taken = await store.subscriptions.take(
            one.subscriber, one.generation, step, operator(by, why), SystemClock().now()
        )
        done_before = step is Step.ERASED and not one.address
        if not taken and not done_before:
            complain(f"{masked(who)}: it is {one.standing}, which cannot be {step}")
            raise typer.Exit(Exit.FAILED)


async def _many(
    config: Path, who: str | None, where: Sequence[str], step: Step, *, why: str, by: str, yes: bool
) -> None:
    from digest.adapters.clock import SystemClock

    which = selection(where)
    if who is not None or which.everybody:
        raise Refused("give either one address or number, or --where")
    erasing = step is Step.ERASED
    async with opened(config) as (_, store):
        counts = await store.people.count(which)
        count = sum(n for standing, n in counts.items() if erasing or standing is not Standing.ENDED)
        said = f"{counted(count, 'subscription')} would {'be erased' if erasing else 'end'}"
        if not yes or not count:
            split = ", ".join(f"{n} {standing}" for standing, n in counts.items())
            say(f"{said} ({split or 'nobody matches'})")
            say("this cannot be undone" if erasing else f"`undo` restores them for {UNDO_WITHIN.days} days")
            say("run again with --yes" if count else "nothing was done")
            return
        what = " ".join(["erase" if erasing else "end", *(f"--where {one}" for one in where)])
        bulk = await store.bulks.open(what=what, by=by, why=why, now=SystemClock().now())
        done = await _all_of_them(store, bulk, which, step, why=why, by=by, count=count)
    say(f"{counted(done, 'subscription')} {'erased' if erasing else 'ended'}, as bulk {bulk}")
    if not erasing:
        say(f"to undo it within {UNDO_WITHIN.days} days: digest subscribers undo {bulk}")


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

    This holds for all spellings of the address, and ends its subscription. It is stored as a keyed hash and
    stays through imports, changes and erasure.

    Example: digest subscribers suppress ada@example.org --why "asked by letter, 3 March"
    """
    wrong = problem_with(address)
    if wrong:
        raise Refused(f"{address}: {wrong}")
    new = waiting(_suppress(config, address, why, by))
    say("the address is suppressed" if new else "the address was suppressed already; nothing has changed")


async def _suppress(config: Path, address: str, why: str, by: str) -> bool:
    from digest.adapters.clock import SystemClock

    async with opened(config) as (_, store):
        suppression = Suppression(why=why, since=SystemClock().now(), by=by)
        return await store.subscriptions.suppress(address, suppression)


def unsuppress(
    address: Annotated[str | None, typer.Argument(metavar="ADDRESS", help="An email address.")] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="All addresses: needed if the key of their hashes is lost.")
    ] = False,
    yes: Yes = False,
    config: ConfigDirectory = DEFAULT_CONFIG,
) -> None:
    """Let an address be subscribed again.

    This does not subscribe it. --all also deletes the records of who left, complained or was erased.

    Example: digest subscribers unsuppress ada@example.org
    """
    if (address is None) is not all_:
        raise Refused("give either an address or --all")
    if address is None:
        waiting(_drop_all(config, yes))
        return
    removed, still = waiting(_unsuppress(config, address))
    if still:
        complain(f"its whole mailbox is suppressed: digest subscribers unsuppress {limit_key(address)}")
    elif removed:
        say("the address is not suppressed any more")
    else:
        complain("the address was not suppressed")
    if still or not removed:
        raise typer.Exit(Exit.FAILED)


async def _unsuppress(config: Path, address: str) -> tuple[bool, bool]:
    """Whether a suppression was removed, and whether another one, of the mailbox, still holds."""
    async with opened(config) as (_, store):
        removed = await store.subscriptions.unsuppress(address)
        return removed, await store.subscriptions.suppressed(address) is not None


async def _drop_all(config: Path, yes: bool) -> None:
    from digest.app.directory import configured, open_database
    from digest.store.members.sealed_addresses import count_sealed, drop_sealed

    settings, secrets = configured(config)
    database = open_database(settings, secrets, config)  # not `opened`: the key may have changed
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
