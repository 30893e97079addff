"""`digest edition`: past editions, today's before it goes, and the next one as it would be now."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from digest.cli import interventions, messages, resend
from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigDirectory,
    Exit,
    a_day,
    command_group,
    complain,
    opened,
    say,
    say_json,
    waiting,
)
from digest.edition import Edition
from digest.interventions import InHand

app = command_group("Show editions, and change today's before it goes.")
app.command("preview")(messages.preview)
app.command("replay")(messages.replay)
app.command("today")(interventions.today)
app.command("hold")(interventions.hold)
app.command("release")(interventions.release)
app.command("drop")(interventions.drop)
app.command("restore")(interventions.restore)
app.command("note")(interventions.note)
app.command("resend")(resend.resend)


@app.command("show")
def show(
    day: Annotated[date, typer.Argument(parser=a_day, metavar="DAY", help="The edition's local day.")],
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show a past edition, from the stored state.

    It is the edition as readers got it. What operators did with it before stands behind it.

    Example: digest edition show 2026-11-23
    """
    hand = waiting(_in_hand(config, day))
    if hand.edition is None:
        complain(f"there is no edition of {day}")
        raise typer.Exit(Exit.FAILED)
    _show(hand.edition, config, as_json, interventions=interventions.acts_json(hand))
    if not as_json:
        for line in interventions.acts_in_words(hand):
            say(line)


async def _in_hand(config: Path, day: date) -> InHand:
    async with opened(config) as (_, store):
        return await store.editions.in_hand(day)


def _show(edition: Edition, config: Path, as_json: bool, **more: Any) -> None:
    from digest.adapters.config.files import load
    from digest.app.composing import plain_text
    from digest.store.codec import EDITION

    if as_json:
        say_json(EDITION.dump(edition) | more)
    elif edition.empty:
        say(f"{edition.day}: nothing new; it goes only to subscribers who still lack stories of earlier ones")
    else:
        say(plain_text(edition, load(config), config))
