"""`digest received`: mail that came in and that a person should look at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigDirectory,
    opened,
    say,
    say_json,
    waiting,
)
from digest.errors import Refused

if TYPE_CHECKING:
    from digest.ports import Parked

app = typer.Typer(help="Received mail that waits for a person.", no_args_is_help=True)

Which = Annotated[
    str, typer.Argument(metavar="MESSAGE", help="The beginning of a name of `digest received list`.")
]
SHOWN = 4_000
"""Characters of a message that `show` prints, unless --all is given."""


@app.command("list")
def list_(config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """What waits, the oldest first: when it came, to which address, and why it waits.

    Example: digest received list
    """
    found = waiting(_parked(config))
    if as_json:
        say_json([_json(one) for one in found])
    elif not found:
        say("nothing waits")
    else:
        for one in found:
            said = f"{one.at:%a %d %b %H:%M UTC}  {_plain(one.sent_to)}  {one.why}, {len(one.content)} octets"
            say(f"{one.fingerprint[:12]}  {said}")


@app.command("show")
def show(
    message: Which,
    whole: Annotated[bool, typer.Option("--all", help="Print all of it, however long.")] = False,
    config: ConfigDirectory = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """One message as it came. What could steer a terminal is printed as an escape, such as \\x1b.

    Example: digest received show 3f2a
    """
    one = waiting(_one(config, message))
    text = one.content.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
    if as_json:
        say_json({**_json(one), "content": text})
        return
    say(f"{one.why}; came {one.at:%a %d %b %Y %H:%M UTC} to {_plain(one.sent_to)}\n")
    say(_plain(text if whole else text[:SHOWN]))
    if not whole and len(text) > SHOWN:
        say(f"\n... and {len(text) - SHOWN} more characters: --all prints them")


@app.command("drop")
def drop(message: Which, config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Throw a message away, once it is dealt with.

    Example: digest received drop 3f2a
    """
    one = waiting(_drop(config, message))
    if as_json:
        say_json({"dropped": one.fingerprint})
    else:
        say(f"{one.fingerprint[:12]} is gone")


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


def _json(one: Parked) -> dict[str, Any]:
    return {
        "message": one.fingerprint,
        "at": one.at,
        "sent_to": one.sent_to,
        "why": one.why,
        "octets": len(one.content),
    }


def _plain(text: str) -> str:
    """Text that cannot steer a terminal, nor turn its reading direction round."""
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)
