"""`digest subscribers`: who gets the edition."""

from __future__ import annotations

from dataclasses import replace
from getpass import getuser
from pathlib import Path
from typing import Annotated, Any

import typer

from digest.addresses import mask, problem_with
from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigDirectory,
    Exit,
    complain,
    opened,
    say,
    say_json,
    waiting,
)
from digest.providers import Register
from digest.subscriptions import Channel, Evidence, Step, Subscription, Wishes

app = typer.Typer(help="Who gets the edition, and what they wish to hear of.", no_args_is_help=True)

Address = Annotated[str, typer.Argument(help="An email address.")]


@app.command("add")
def add(  # noqa: PLR0917 -- options, each given by name
    address: Address,
    inspectorate: Annotated[list[str] | None, typer.Option(help="Only this inspectorate; repeat it.")] = None,
    provider: Annotated[
        list[str] | None, typer.Option(help="Only this provider, by name; repeat it.")
    ] = None,
    movements_only: Annotated[bool, typer.Option(help="Only upgrades and downgrades.")] = False,
    commentary: Annotated[bool, typer.Option(help="Blogs' commentary as well.")] = True,
    config: ConfigDirectory = DEFAULT_CONFIG,
) -> None:
    """Subscribe an address that has agreed to it, or change its wishes.

    Somebody who left comes back as a new subscription: their old links stay dead.

    Example: digest subscribers add ada@example.org --movements-only --provider "Merseyside CRC"
    """
    wrong = problem_with(address)
    if wrong:
        complain(f"{address}: {wrong}")
        raise typer.Exit(Exit.WRONG)
    wishes = Wishes(
        inspectorates=tuple(inspectorate or ()),
        providers=tuple(provider or ()),
        movements_only=movements_only,
        commentary=commentary,
    )
    subscription = waiting(_add(config, address, wishes))
    say(f"{subscription.address} is {subscription.standing} as subscriber {subscription.subscriber}")


async def _add(config: Path, address: str, wishes: Wishes) -> Subscription:
    """`wishes` names providers as the operator typed them."""
    from digest.adapters.clock import SystemClock

    async with opened(config) as (settings, store):
        known = {i.key for i in settings.inspectorates}
        for key in wishes.inspectorates:
            if key not in known:
                complain(f"{key}: no such inspectorate; there are {', '.join(sorted(known))}")
                raise typer.Exit(Exit.WRONG)
        register = await store.providers.register()
        ids = tuple(_id(register, name) for name in wishes.providers)
        return await store.subscriptions.add(address, replace(wishes, providers=ids), SystemClock().now())


def _id(register: Register, name: str) -> str:
    found = register.named(name)
    if found is None:
        complain(f"{name}: the register has no provider of that name")
        raise typer.Exit(Exit.WRONG)
    return found.id


@app.command("list")
def show(
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
    in_clear: Annotated[bool, typer.Option(help="Print addresses in full; they are personal data.")] = False,
) -> None:
    """List every subscription, addresses masked.

    Example: digest subscribers list --json
    """
    found = waiting(_all(config))
    rows = [_row(subscription, in_clear=in_clear) for subscription in found]
    if as_json:
        say_json(rows)
        return
    for row in rows:
        say(f"{row['subscriber']:>6}  {row['standing']:<8} {row['address']:<32} {row['wishes']}")
    say(f"{len(rows)} subscription{'' if len(rows) == 1 else 's'}")


async def _all(config: Path) -> list[Subscription]:
    async with opened(config) as (_, store):
        return await store.subscriptions.all()


@app.command("end")
def end(address: Address, config: ConfigDirectory = DEFAULT_CONFIG) -> None:
    """End the subscription of an address.

    Example: digest subscribers end ada@example.org
    """
    if not waiting(_end(config, address)):
        complain(f"{address}: there is no subscription that could end")
        raise typer.Exit(Exit.FAILED)
    say(f"the subscription of {address} has ended")


async def _end(config: Path, address: str) -> bool:
    from digest.adapters.clock import SystemClock

    async with opened(config) as (_, store):
        found = await store.subscriptions.find(address)
        evidence = Evidence(channel=Channel.OPERATOR, by=getuser())
        return found is not None and await store.subscriptions.take(
            found.subscriber, found.generation, Step.REMOVED, evidence, SystemClock().now()
        )


def _row(subscription: Subscription, *, in_clear: bool) -> dict[str, Any]:
    return {
        "subscriber": subscription.subscriber,
        "address": subscription.address if in_clear else mask(subscription.address),
        "standing": subscription.standing,
        "since": subscription.since,
        "wishes": _wishes(subscription.wishes),
    }


def _wishes(wishes: Wishes) -> str:
    parts = [*wishes.inspectorates, *wishes.providers]
    if wishes.movements_only:
        parts.append("movements only")
    if not wishes.commentary:
        parts.append("no commentary")
    return ", ".join(parts) or "everything"
