"""Options, output and exit codes that several commands share."""

from __future__ import annotations

import gc
import getpass
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime, time
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer
from typer.core import TyperGroup

from digest.characters import escaped, escaped_json
from digest.edition import StoryKey

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from digest.settings import Settings
    from digest.store.sql import SqlStore

T = TypeVar("T")


class Exit(IntEnum):
    """The exit codes."""

    DONE = 0
    FAILED = 1  # the command was tried and failed
    WRONG = 2  # the command line or the config files are wrong
    NO_STATE = 3  # the state is missing, unreadable, or of another version


ConfigDirectory = Annotated[
    Path,
    typer.Option(
        "--config",
        metavar="DIR",
        help="The directory with digest.yaml, sources.yaml and scales/.",
        envvar="DIGEST_CONFIG",
        show_default=True,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts instead of text for people.")]
DEFAULT_CONFIG = Path("config")
Scales = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="DIR", help="Use the scales in this directory, not those that come with digest."
    ),
]


class CommandGroup(TyperGroup):
    """A group of commands. The value of its --help is False if it is not given.

    Typer's own default is None, for which it imports pydantic: that takes a tenth of a second.
    """

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)
        if option is not None:
            option.default = False
        return option


def command_group(help: str) -> typer.Typer:
    """An empty group of commands. Without a command, it shows its help."""
    return typer.Typer(cls=CommandGroup, help=help, no_args_is_help=True)


LARGEST: Final = 2**31 - 1
"""The largest number that a row can have in either database."""


def number(words: str) -> int | None:
    """The number of a row, from its digits; None if `words` are not the number of any row."""
    digits = words.isascii() and words.isdigit() and len(words) <= len(str(LARGEST))
    return int(words) if digits and int(words) <= LARGEST else None


def story_key(words: str, hint: str) -> StoryKey:
    """The report that "12" or "12.1" names; `hint` is the name of the argument."""
    before, _, behind = words.partition(".")
    item, place = number(before), number(behind or "0")
    if item is None or place is None:
        raise typer.BadParameter(
            f"{words!r} is not the number of a report, such as 12 or 12.1", param_hint=hint
        )
    return StoryKey(item=item, place=place)


def login_name() -> str:
    """The name of the user who runs this command, or the user's number if the system has no name for it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # in containers, users often have only a number
        return f"user {os.getuid()}"


By = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="Who does this. Default: your login name.",
        default_factory=login_name,
        show_default=False,
    ),
]


def answered(code: int | None, text: str | None) -> str:
    """A server's answer, its code first; empty if there was none."""
    return " ".join(str(part) for part in (code, text) if part)


def instant(at: datetime) -> str:
    return f"{at:%a %d %b %Y %H:%M} UTC"


def day_or_instant(at: datetime, zone: ZoneInfo) -> str:
    """The day, in the service's time zone, of what a publisher dates by days; else the instant."""
    there = at.astimezone(zone)
    return instant(at) if there.time() > time() else f"{there:%a %d %b %Y}"


def say(text: str = "") -> None:
    """Print one line, or several, on standard output; what nobody would see in it is escaped."""
    typer.echo(escaped(text))


def say_json(value: Any) -> None:
    sys.stdout.write(escaped_json(json.dumps(value, indent=2, ensure_ascii=False, default=_plain)) + "\n")


def say_each(
    found: Sequence[T], *, nothing: str, text: Callable[[T], str], json: Callable[[T], Any], as_json: bool
) -> None:
    """Print each thing found, as JSON or as text; `nothing` is the text if there are none."""
    if as_json:
        say_json([json(one) for one in found])
    else:
        say("\n".join(text(one) for one in found) or nothing)


def say_one(found: T, *, text: Callable[[T], str], json: Callable[[T], Any], as_json: bool) -> None:
    """Print one thing, as JSON or as text."""
    if as_json:
        say_json(json(found))
    else:
        say(text(found))


def complain(text: str) -> None:
    """Print what went wrong on standard error; what nobody would see in it is escaped."""
    typer.echo(escaped(text), err=True)


def waiting(work: Coroutine[Any, Any, T]) -> T:
    """Run an async command to its end."""
    import asyncio

    return asyncio.run(work)


COLLECT_AFTER: Final = 20_000
"""New objects before the garbage collector looks for cycles. A noon run makes millions, none in cycles."""


def serving(work: Coroutine[Any, Any, T]) -> T:
    """Run an async command that sends mail to its end. Call it when everything is imported.

    It runs on uvloop, which needs a quarter less processor time. The garbage collector leaves out everything
    that exists before: imported modules stay, and looking through them costs time.
    """
    import asyncio

    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
    try:
        import uvloop
    except ImportError:  # there is no uvloop for this system
        return asyncio.run(work)
    return uvloop.run(work)


@asynccontextmanager
async def opened(directory: Path) -> AsyncIterator[tuple[Settings, SqlStore]]:
    """The settings and the state they name, both checked."""
    from digest.app.directory import checked_database, configured
    from digest.store.sql import SqlStore

    settings, secrets = configured(directory)
    async with checked_database(settings, secrets, directory) as database:
        yield settings, SqlStore(database, seal=secrets.seal)


def a_day(text: str) -> date:
    """The day that an option or argument gives, such as 2026-11-23."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a local day has no zone
    except ValueError:
        raise typer.BadParameter(f"“{text}” is not a day such as 2026-11-23") from None


def host_and_port(text: str) -> tuple[str, int] | None:
    """The parts of text such as "127.0.0.1:8081" or "[::1]:8081"; None for other text."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        return None
    return host.strip("[]"), int(port)


def _plain(value: Any) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
