"""`digest subscribers why`."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.addresses import allowed_by
from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigDirectory,
    a_day,
    opened,
    say,
    say_json,
    waiting,
)
from digest.cli.subscribers.common import Who, looked_up, wished
from digest.cli.subscribers.reasons import Facts, reasons
from digest.deliveries import CARRIED_FOR, GIVEN
from digest.edition import Edition
from digest.wishes import address

_LATEST = 5

if TYPE_CHECKING:
    from digest.ports import Known
    from digest.settings import Settings
    from digest.store.sql import SqlStore


def why(
    who: Who,
    day: Annotated[
        date | None,
        typer.Option(parser=a_day, metavar="DAY", help="The edition's local day; left out, today."),
    ] = None,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Explain why an address gets an edition or does not.

    Of a day that is not over, it says what is to be expected.

    Example: digest subscribers why ada@example.org --day 2026-11-24
    """
    chosen, said = waiting(_why(config, who, day))
    if as_json:
        say_json({"day": chosen, "reasons": said})
        return
    say(f"the edition of {chosen}:")
    for sentence in said:
        say(f"  {sentence}")


async def _why(config: Path, who: str, day: date | None) -> tuple[date, list[str]]:
    from digest.adapters.clock import SystemClock

    async with opened(config) as (settings, store):
        now, timetable = SystemClock().now(), settings.edition.timetable
        day = day or timetable.day_of(now)
        one = await looked_up(store, who)
        known = address_of(who, one.address if one else "")
        edition, draft = await _edition(settings, store, day, now)
        # What it carries of earlier editions comes on top: it is no reason for not getting any.
        register = await store.providers.register()
        own = address(edition, (), one.wishes, register) if one and edition else None
        deliveries = await store.people.deliveries(one.subscriber, limit=400) if one else ()
        facts = Facts(
            day=day,
            now=now,
            timetable=timetable,
            subscription=one,
            history=await store.subscriptions.history(one.subscriber) if one else (),
            suppression=await store.subscriptions.suppressed(known) if known else None,
            departed=await store.subscriptions.departed(known) if known else None,
            edition=edition,
            draft=draft,
            planned=await store.editions.planned(day),
            own=own,
            wishes=wished(one.wishes) if one else "",
            delivery=next((d for d in deliveries if d.edition == day), None),
            owed=[d.edition for d in deliveries if _owed(d, day)],
            pause=await store.pauses.current(),
            letters=await store.letters.latest(one.subscriber, _LATEST) if one else (),
            trial=bool(known) and not allowed_by(settings.relay.only_to)(known),
        )
        return day, reasons(facts)


def _owed(delivery: Known, day: date) -> bool:
    lately = day - CARRIED_FOR <= delivery.edition < day
    return lately and delivery.state not in GIVEN and delivery.carried_to is None


def address_of(who: str, kept: str) -> str:
    return kept or (who if "@" in who else "")


async def _edition(
    settings: Settings, store: SqlStore, day: date, now: datetime
) -> tuple[Edition | None, bool]:
    """The edition as it was sealed; of a day that is not over, as it would be now."""
    from digest.jobs.publish import draft

    sealed = await store.editions.sealed(day)
    timetable = settings.edition.timetable
    if sealed is not None or now >= timetable.deadline_of(day):
        return sealed, False
    assembly = await draft(day, timetable=timetable, sources=settings.sources, store=store, until=now)
    return assembly.edition, True
