"""`digest received`: received mail that a person should look at, and the newsletters that came in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from digest.cli import newsletters
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
    from digest.ports import KeptNewsletter, Parked

app = command_group("Handle mail that waits for a person, and newsletters.")
app.command("newsletters")(newsletters.newsletters)

Which = Annotated[
    str,
    typer.Argument(
        metavar="MESSAGE", help="A name in `digest received list` or `newsletters`, or its beginning."
    ),
]
SHOWN = 4_000
"""Characters of a message that `show` prints, unless --all is given."""

AnyMessage = TypeVar("AnyMessage", "Parked", "KeptNewsletter")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """A message in words and as values."""

    about: str
    text: str
    values: dict[str, Any]


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

    Of a newsletter, its links and its text come first. If it asks to confirm its subscription, it has a link
    for that: open it if you asked for the newsletter.

    Control characters are printed as escapes, such as \\x1b.

    Example: digest received show 3f2a
    """
    say_one(
        waiting(_one(config, message)),
        text=lambda one: _long(one, whole=whole),
        json=lambda one: one.values,
        as_json=as_json,
    )


@app.command("drop")
def drop(message: Which, config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Delete a message that needs nothing more.

    Example: digest received drop 3f2a
    """
    say_one(
        waiting(_drop(config, message)),
        text=lambda fingerprint: f"{fingerprint[:12]} is gone",
        json=lambda fingerprint: {"dropped": fingerprint},
        as_json=as_json,
    )


async def _parked(config: Path) -> list[Parked]:
    async with opened(config) as (_, store):
        return await store.mail.parked()


async def _one(config: Path, message: str) -> _Shown:
    async with opened(config) as (_, store):
        parked = _of_name(await store.mail.parked(), message)
        kept = _of_name(await store.newsletters.all(), message)
        _check_one(message, len(parked) + len(kept))
        if parked:
            return _of_parked(parked[0])
        return _of_newsletter(await newsletters.opened_newsletter(store, kept[0]))


async def _drop(config: Path, message: str) -> str:
    async with opened(config) as (_, store):
        parked = _of_name(await store.mail.parked(), message)
        kept = _of_name(await store.newsletters.all(), message)
        _check_one(message, len(parked) + len(kept))
        [fingerprint] = [one.fingerprint for one in parked] + [one.fingerprint for one in kept]
        await (store.mail if parked else store.newsletters).drop(fingerprint)
        return fingerprint


def _of_name(messages: Sequence[AnyMessage], name: str) -> list[AnyMessage]:
    return [one for one in messages if name and one.fingerprint.startswith(name.lower())]


def _check_one(name: str, found: int) -> None:
    if found != 1:
        raise Refused(
            f"{name}: {found or 'no'} messages of that name; `digest received list` and `digest received "
            "newsletters` have all"
        )


def _of_parked(one: Parked) -> _Shown:
    text = _text(one.content)
    return _Shown(
        about=f"{one.why}; came {instant(one.at)} to {one.sent_to}",
        text=text,
        values=_json(one) | {"content": text},
    )


def _of_newsletter(one: newsletters.Opened) -> _Shown:
    received, legible = _text(one.content), one.legible
    return _Shown(
        about=newsletters.about(one),
        text=f"{legible.text.strip()}\n\nAs it was received:\n\n{received}",
        values=newsletters.as_values(one.newsletter)
        | {
            "text": legible.text,
            "links": [{"url": link.url, "words": link.words} for link in legible.links],
            "content": received,
        },
    )


def _short(one: Parked) -> str:
    said = f"{one.at:%a %d %b %H:%M UTC}  {one.sent_to}  {one.why}, {counted(len(one.content), 'octet')}"
    return f"{one.fingerprint[:12]}  {said}"


def _long(one: _Shown, *, whole: bool) -> str:
    left = len(one.text) - SHOWN
    if whole or left <= 0:
        return f"{one.about}\n\n{one.text}"
    return f"{one.about}\n\n{one.text[:SHOWN]}\n\n... and {left} more characters: --all prints them"


def _text(content: bytes) -> str:
    return content.decode("utf-8", "backslashreplace").replace("\r\n", "\n")


def _json(one: Parked) -> dict[str, Any]:
    return {
        "message": one.fingerprint,
        "at": one.at,
        "sent_to": one.sent_to,
        "why": one.why,
        "octets": len(one.content),
    }
