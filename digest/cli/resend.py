"""`digest edition resend`: today's edition once more, for subscribers who surely did not get it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    By,
    ConfigDirectory,
    Exit,
    a_day,
    complain,
    opened,
    say_one,
    waiting,
)
from digest.deliveries import WAITING, State
from digest.wording import counted

if TYPE_CHECKING:
    from digest.jobs.resend import Resent


def resend(
    day: Annotated[date, typer.Argument(parser=a_day, metavar="DAY", help="The edition's local day: today.")],
    by: By,
    failed: Annotated[
        bool, typer.Option("--failed", help="Those that the relay surely did not take. There are no others.")
    ] = False,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Try today's failed deliveries again.

    For when the relay refused copies by mistake, and that is mended: what it refused and what was put off is
    tried within five minutes. What it took, or may have taken, is never sent again. An edition of an earlier
    day is not sent any more: its stories come with the next one.

    Example: digest edition resend --failed 2026-11-30
    """
    if not failed:
        complain("expected --failed: what the relay took, or may have taken, is never sent again")
        raise typer.Exit(Exit.WRONG)
    say_one(waiting(_resend(config, day, by)), text=_text, json=_json, as_json=as_json)


async def _resend(config: Path, day: date, by: str) -> Resent:
    from digest.adapters.clock import SystemClock
    from digest.jobs.resend import resend_failed

    async with opened(config) as (settings, store):
        timetable = settings.edition.timetable
        return await resend_failed(day, by=by, timetable=timetable, store=store, clock=SystemClock())


def _text(done: Resent) -> str:
    return "\n".join(_lines(done))


def _lines(done: Resent) -> Iterator[str]:
    refused, put_off = done.again.get(State.REFUSED, 0), done.again.get(State.DEFERRED, 0)
    if refused + put_off:
        many = counted(refused + put_off, "delivery is", "deliveries are")
        yield f"{many} tried again within five minutes: {refused} refused before, {put_off} put off"
    else:
        yield f"no delivery of {done.day} has failed"
    if untried := done.states.get(State.PLANNED, 0):
        yield f"{untried} not tried yet"
    if unknown := done.states.get(State.UNKNOWN, 0):
        yield f"{unknown} may have arrived, and nobody can say: their stories come with the next edition"


def _json(done: Resent) -> dict[str, Any]:
    return {
        "day": done.day,
        "tried_again": {
            "refused": done.again.get(State.REFUSED, 0),
            "deferred": done.again.get(State.DEFERRED, 0),
        },
        "left_alone": {
            state: many for state, many in done.states.items() if state not in WAITING | {State.REFUSED}
        },
    }
