"""`digest subscribers add`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.addresses import mask, problem_with
from digest.cli.common import DEFAULT_CONFIG, ConfigDirectory, complain, opened, say, waiting
from digest.cli.subscribers.common import Basis, By, names, operator, slips, wished
from digest.errors import Refused
from digest.parse.people import Names
from digest.subscriptions import Evidence, Standing, Subscription, Wishes

if TYPE_CHECKING:
    from digest.store.sql import SqlStore

_Names = list[str] | None
_Perhaps = bool | None


def add(  # noqa: PLR0917 -- options, each given by name
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="An email address.")],
    basis: Basis,
    by: By,
    inspectorate: Annotated[
        _Names, typer.Option(metavar="KEY", help="Only this inspectorate; repeat it.")
    ] = None,
    area: Annotated[
        _Names, typer.Option(metavar="PLACE", help="Only this area, such as Kent; repeat it.")
    ] = None,
    kind: Annotated[
        _Names, typer.Option(metavar="KIND", help="Only this kind of provider; repeat it.")
    ] = None,
    provider: Annotated[
        _Names, typer.Option(metavar="NAME", help="Only this provider, by name; repeat it.")
    ] = None,
    watch: Annotated[
        _Names, typer.Option(metavar="NAME", help="Always tell of this provider; repeat it.")
    ] = None,
    movements_only: Annotated[_Perhaps, typer.Option(help="Only upgrades and downgrades.")] = None,
    commentary: Annotated[
        _Perhaps, typer.Option(help="Blogs' commentary as well, as it is unless said.")
    ] = None,
    alerts: Annotated[_Perhaps, typer.Option(help="A mail at once when a watched provider moves.")] = None,
    proof_of_life: Annotated[
        _Perhaps, typer.Option(help="A mail after each week without an edition.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="They have left, and asked to come back.")] = False,
    config: ConfigDirectory = DEFAULT_CONFIG,
) -> None:
    """Subscribe an address, or change its wishes.

    Its owner has agreed to it, as --basis says.

    Of somebody who is in, only what is said changes; an empty name (--area "") takes all of its kind away.
    Somebody who left comes back only with --again, as a new subscription: their old links stay dead.

    Example: digest subscribers add ada@example.org --basis "by telephone, 3 March" --movements-only
    """
    wrong = problem_with(address)
    if wrong:
        raise Refused(f"{address}: {wrong}")
    if not basis.strip():
        raise Refused("--basis: say what shows that it was agreed to")
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
    }
    wanted = {field: value for field, value in said.items() if value not in (None, [])}
    before, one = waiting(_add(config, address, wanted, operator(by, basis), again=again))
    say(f"{mask(one.address)} is {one.standing} as subscriber {one.subscriber}; {_wishes(before, one)}")


def _wishes(before: Subscription | None, one: Subscription) -> str:
    """What it wishes, and what it wished where that changed."""
    if before is None or before.standing is Standing.ENDED:
        return f"it wishes {wished(one.wishes)}"
    if before.wishes == one.wishes:
        return f"it wishes {wished(one.wishes)}, as before"
    return f"it wished {wished(before.wishes)}, and wishes {wished(one.wishes)} now"


async def _add(
    config: Path, address: str, wanted: Mapping[str, Any], evidence: Evidence, *, again: bool
) -> tuple[Subscription | None, Subscription]:
    """As it was and as it is. `wanted` names fields of `Wishes`, and things as the operator typed them."""
    from digest.adapters.clock import SystemClock

    async with opened(config) as (settings, store):
        register = await store.providers.register()
        before = await store.subscriptions.find(address)
        if not again and (gone := await _gone(store, address, before)):
            raise Refused(f"{address}: {gone}; add it with --again if its owner asked to come back")
        new = _resolved(wanted, names(settings, register))
        for slip in slips(new.get("areas", ()), register):
            complain(slip)
        wishes = replace(before.wishes if before is not None and before.live else Wishes(), **new)
        if wishes.alerts and not wishes.watched:
            raise Refused("--alerts: there is nothing to be alerted of; name it with --watch, or --no-alerts")
        return before, await store.subscriptions.add(address, wishes, SystemClock().now(), evidence)


async def _gone(store: SqlStore, address: str, before: Subscription | None) -> str | None:
    """How an address went, if it did: an agreement that ended, or one whose address was erased since."""
    if before is not None and before.standing is Standing.ENDED:
        return f"{before.ended_reason} on {before.ended_at:%d %b %Y}"
    since = await store.subscriptions.departed(address)
    if since is None or (before is not None and before.standing is not Standing.PENDING):
        return None
    return f"its owner left, complained or had it erased on {since:%d %b %Y}"


def _resolved(wanted: Mapping[str, Any], known: Names) -> dict[str, Any]:
    """What is wanted, as the register and the settings call it."""
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
