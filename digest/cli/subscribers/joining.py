"""`digest subscribers add`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.addresses import mask, problem_with
from digest.cli.common import DEFAULT_CONFIG, ConfigDirectory, complain, opened, say, waiting
from digest.cli.subscribers.common import Basis, By, names, operator, slips
from digest.errors import Refused
from digest.parse.people import Names
from digest.subscriptions import Evidence, Standing, Subscription, Wishes

if TYPE_CHECKING:
    from digest.store.sql import SqlStore

_Names = list[str] | None


def add(  # noqa: PLR0917 -- options, each given by name
    address: Annotated[str, typer.Argument(help="An email address.")],
    basis: Basis,
    by: By,
    inspectorate: Annotated[_Names, typer.Option(help="Only this inspectorate; repeat it.")] = None,
    area: Annotated[_Names, typer.Option(help="Only this area, such as Kent; repeat it.")] = None,
    kind: Annotated[_Names, typer.Option(help="Only this kind of provider; repeat it.")] = None,
    provider: Annotated[_Names, typer.Option(help="Only this provider, by name; repeat it.")] = None,
    watch: Annotated[_Names, typer.Option(help="Always tell of this provider; repeat it.")] = None,
    movements_only: Annotated[bool, typer.Option(help="Only upgrades and downgrades.")] = False,
    commentary: Annotated[bool, typer.Option(help="Blogs' commentary as well.")] = True,
    alerts: Annotated[bool, typer.Option(help="A mail at once when a watched provider moves.")] = False,
    proof_of_life: Annotated[
        bool, typer.Option("--proof-of-life", help="A mail after each week without an edition.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="They have left, and asked to come back.")] = False,
    config: ConfigDirectory = DEFAULT_CONFIG,
) -> None:
    """Subscribe an address whose owner has agreed to it, or change its wishes.

    Somebody who left comes back only with --again, as a new subscription: their old links stay dead.

    Example: digest subscribers add ada@example.org --basis "by telephone, 3 March" --movements-only
    """
    wrong = problem_with(address)
    if wrong:
        raise Refused(f"{address}: {wrong}")
    if not basis.strip():
        raise Refused("--basis: say what shows that it was agreed to")
    wishes = Wishes(
        inspectorates=tuple(inspectorate or ()),
        areas=tuple(area or ()),
        kinds=tuple(kind or ()),
        providers=tuple(provider or ()),
        watched=tuple(watch or ()),
        movements_only=movements_only,
        commentary=commentary,
        alerts=alerts,
        proof_of_life=proof_of_life,
    )
    one = waiting(_add(config, address, wishes, operator(by, basis), again=again))
    say(f"{one.address} is {one.standing} as subscriber {one.subscriber}")


async def _add(
    config: Path, address: str, wishes: Wishes, evidence: Evidence, *, again: bool
) -> Subscription:
    """`wishes` names things as the operator typed them."""
    from digest.adapters.clock import SystemClock

    async with opened(config) as (settings, store):
        register = await store.providers.register()
        known = names(settings, register)
        before = await store.subscriptions.find(address)
        if not again and (gone := await _gone(store, address, before)):
            raise Refused(f"{mask(address)}: {gone}; add it with --again if its owner asked to come back")
        resolved = _resolved(wishes, known)
        for slip in slips(resolved.areas, register):
            complain(slip)
        return await store.subscriptions.add(address, resolved, SystemClock().now(), evidence)


async def _gone(store: SqlStore, address: str, before: Subscription | None) -> str | None:
    """How an address went, if it did: an agreement that ended, or one whose address was erased since."""
    if before is not None and before.standing is Standing.ENDED:
        return f"{before.ended_reason} on {before.ended_at:%d %b %Y}"
    since = await store.subscriptions.departed(address)
    if since is None or (before is not None and before.standing is not Standing.PENDING):
        return None
    return f"its owner left, complained or had it erased on {since:%d %b %Y}"


def _resolved(wishes: Wishes, known: Names) -> Wishes:
    for key in wishes.inspectorates:
        if key not in known.inspectorates:
            raise Refused(f"{key}: no such inspectorate; there are {', '.join(sorted(known.inspectorates))}")
    for kind in wishes.kinds:
        if kind not in known.kinds:
            raise Refused(f"{kind}: no such kind of provider; there are {', '.join(sorted(known.kinds))}")
    return replace(
        wishes,
        providers=tuple(_id(name, known) for name in wishes.providers),
        watched=tuple(_id(name, known) for name in wishes.watched),
    )


def _id(name: str, known: Names) -> str:
    id = known.provider(name)
    if id is None:
        raise Refused(f"{name}: the register has no provider of that name")
    return id
