"""`digest received`: received mail that a person should look at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigDirectory,
    command_group,
    instant,
    opened,
    say_each,
    say_one,
    waiting,
)
from digest.errors import Refused
from digest.wording import counted

if TYPE_CHECKING:
    from digest.ports import Parked

app = command_group("Handle received mail that waits for a person.")

Which = Annotated[
    str, typer.Argument(metavar="MESSAGE", help="A name in `digest received list`, or its beginning.")
]
SHOWN = 4_000
"""Characters of a message that `show` prints, unless --all is given."""


@app.command("list")
def list_(config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List the messages that wait, the oldest first.

    Each line has the time, the address it was sent to, and the reason why it waits.

    Example: digest received list
    """
    found = waiting(_parked(config))
    say_each(found, nothing="nothing waits", text=_short, json=_json, as_json=as_json)


@app.command("show")
def show(
    message: Which,
    whole: Annotated[
        bool, typer.Option("--all", help="Print the whole message, even if it is long.")
    ] = False,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show one message as it was received.

    Control characters are printed as escapes, such as \\x1b.

    Example: digest received show 3f2a
    """
    say_one(
        waiting(_one(config, message)),
        text=lambda one: _long(one, whole=whole),
        json=lambda one: {**_json(one), "content": _text(one)},
        as_json=as_json,
    )


@app.command("drop")
def drop(message: Which, config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Delete a message that needs nothing more.

    Example: digest received drop 3f2a
    """
    say_one(
        waiting(_drop(config, message)),
        text=lambda one: f"{one.fingerprint[:12]} is gone",
        json=lambda one: {"dropped": one.fingerprint},
        as_json=as_json,
    )


async def _parked(config: Path) -> list[Parked]:
    async with opened(config) as (_, store):
        return await store.mail.parked()


async def _one(config: Path, message: str) -> Parked:
    return _named(await _parked(config), message)


async def _drop(config: Path, message: str) -> Parked:
    async with opened(config) as (_, store):
        one = _named(await store.mail.parked(), message)
        await store.mail.drop(one.fingerprint)
        return one


def _named(parked: list[Parked], message: str) -> Parked:
    found = [one for one in parked if message and one.fingerprint.startswith(message.lower())]
    if len(found) != 1:
        raise Refused(
            f"{message}: {len(found) or 'no'} messages of that name; `digest received list` has all"
        )
    return found[0]


def _short(one: Parked) -> str:
    said = f"{one.at:%a %d %b %H:%M UTC}  {one.sent_to}  {one.why}, {counted(len(one.content), 'octet')}"
    return f"{one.fingerprint[:12]}  {said}"


def _long(one: Parked, *, whole: bool) -> str:
    text = _text(one)
    came = f"{one.why}; came {instant(one.at)} to {one.sent_to}"
    left = len(text) - SHOWN
    if whole or left <= 0:
        return f"{came}\n\n{text}"
    return f"{came}\n\n{text[:SHOWN]}\n\n... and {left} more characters: --all prints them"


def _text(one: Parked) -> str:
    return one.content.decode("utf-8", "backslashreplace").replace("\r\n", "\n")


def _json(one: Parked) -> dict[str, Any]:
    return {
        "message": one.fingerprint,
        "at": one.at,
        "sent_to": one.sent_to,
        "why": one.why,
        "octets": len(one.content),
    }
