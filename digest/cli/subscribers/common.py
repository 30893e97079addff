"""Options and look-ups that the commands on subscribers share."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.addresses import mask
from digest.cli.common import number
from digest.errors import Refused
from digest.subscriptions import Channel, Evidence, Selection, Standing, Step, Subscription, Wishes

if TYPE_CHECKING:
    from digest.deliveries import DeliveryRecord
    from digest.parse.people import Names
    from digest.providers import Register
    from digest.settings import Settings
    from digest.store.sql import SqlStore

Who = Annotated[
    str, typer.Argument(metavar="ADDRESS|NUMBER", help="An address, or the number that `list` shows.")
]
Perhaps = Annotated[
    str | None,
    typer.Argument(metavar="ADDRESS|NUMBER", help="An address or a number; for many, use --where."),
]
Why = Annotated[str, typer.Option(metavar="TEXT", help="The reason. It is stored.")]
Basis = Annotated[
    str,
    typer.Option(metavar="TEXT", help="How the owner agreed. It is stored as long as the subscription."),
]
InClear = Annotated[bool, typer.Option("--in-clear", help="Print full addresses. They are personal data.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it. Without this, only print what would be done.")]
Where = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KEY=VALUE",
        help="Choose subscriptions by standing, domain, reason (of ending), since or before "
        "(a day, such as 2026-11-25), or bulk (a number that `bulks` lists). Repeatable: all must hold.",
    ),
]


def ending_edition(deliveries: Sequence[DeliveryRecord], one: Subscription) -> date | None:
    """The edition whose report ended the subscription: the last report before a `BOUNCED` ending."""
    if one.ended_reason is not Step.BOUNCED or one.ended_at is None:
        return None
    known = [(d.returned.at, d.edition) for d in deliveries if d.returned and d.returned.at <= one.ended_at]
    return max(known)[1] if known else None


PAGE = 500
"""The most subscriptions in memory at once."""


def selection(where: Sequence[str] | None) -> Selection:
    """The subscriptions that `--where` chooses; `Refused` if an option is wrong."""
    given: dict[str, Any] = {}
    for one in where or ():
        key, equals, value = one.partition("=")
        if key in given:
            raise Refused(f"--where {key}: give it once")
        try:
            given[key] = _READ[key](value) if equals and value else None
        except (KeyError, ValueError):
            given[key] = None
        if given[key] is None:
            raise Refused(f"--where {one}: expected KEY=VALUE; {_EXPECTED}")
    return Selection(**given)


_READ: dict[str, Any] = {
    "standing": Standing,
    "domain": str,
    "reason": Step,
    "since": date.fromisoformat,
    "before": date.fromisoformat,
    "bulk": number,
}
_EXPECTED = (
    f"standing is one of {', '.join(Standing)}; reason one of left, lapsed, bounced, complained, removed, "
    "erased; since and before are days, such as 2026-11-25; bulk is a number; domain stands after the @"
)


async def everyone(store: SqlStore, which: Selection) -> AsyncIterator[Subscription]:
    """The subscriptions chosen, read page by page."""
    after = 0
    while page := await store.people.page(which, after=after, limit=PAGE):
        for one in page:
            yield one
        after = page[-1].subscriber


async def found(store: SqlStore, who: str) -> Subscription:
    """The subscription of an address or number; `Refused` if there is none."""
    one = await looked_up(store, who)
    if one is None:
        raise Refused(f"{who}: there is no such subscription")
    return one


async def looked_up(store: SqlStore, who: str) -> Subscription | None:
    id = number(who)
    return await (store.subscriptions.find(who) if id is None else store.subscriptions.get(id))


def operator(by: str, wording: str, channel: Channel = Channel.OPERATOR) -> Evidence:
    return Evidence(channel=channel, wording=wording, by=by)


def names(settings: Settings, register: Register) -> Names:
    """The names that wishes may have in this service."""
    from digest.parse.people import Names

    def provider(name: str) -> str | None:
        known = register.get(name) or register.named(name)
        return known.id if known else None

    kinds = {provider.kind for provider in register if provider.kind}
    kinds |= {body.kind for inspectorate in settings.inspectorates for body in inspectorate.bodies}
    return Names(
        inspectorates=frozenset(i.key for i in settings.inspectorates), kinds=kinds, provider=provider
    )


def slips(areas: Iterable[str], register: Register) -> list[str]:
    """A warning for each area without a provider. Such areas are stored, because one may come later."""
    from digest.wishes import unmatched

    places = Wishes(areas=tuple(dict.fromkeys(areas)))
    return [
        f"{area}: no provider's name contains this area; is it misspelt? It is stored as it is"
        for area in unmatched(places, register, ())
    ]


async def gaps(wishes: Iterable[Wishes], settings: Settings, store: SqlStore) -> list[str]:
    """A warning for each wish that no live source can answer. It is stored, and its reader is told."""
    from digest.adapters.clock import SystemClock
    from digest.membership.coverage import Covering
    from digest.wishes import gap_in

    covering = Covering(
        inspectorates=settings.inspectorates, sources=settings.sources, store=store, clock=SystemClock()
    )
    register, coverage = await store.providers.register(), await covering.now()
    parts = [part for one in set(wishes) for part in gap_in(one, coverage, register).parts]
    return [
        f"{id or 'everything'}: no live source covers it; the reader is told, and told when that changes"
        for id in sorted({part.id for part in parts})
    ]


def shown(address: str, *, in_clear: bool) -> str:
    if not address:
        return "(erased)"
    return address if in_clear else mask(address)


def wished(wishes: Wishes) -> str:
    """The wishes in one line."""
    parts = [*wishes.inspectorates, *wishes.areas, *wishes.kinds, *wishes.providers]
    parts += [f"watches {provider}" for provider in wishes.watched]
    said = {
        "movements only": wishes.movements_only,
        "no commentary": not wishes.commentary,
        "alerts": wishes.alerts,
        "a weekly proof of life": wishes.proof_of_life,
    }
    parts += [words for words, holds in said.items() if holds]
    often = [f"once a week, on {wishes.weekly.capitalize()}"] if wishes.weekly else []
    length = ["in brief"] if wishes.brief else []
    return ", ".join([*(parts or ["everything"]), *often, *length])


def progress(length: int, label: str) -> Any:
    """A progress bar on standard error; hidden if that is not a terminal."""
    hidden = not sys.stderr.isatty()
    return typer.progressbar(length=length, label=label, file=sys.stderr, hidden=hidden)
