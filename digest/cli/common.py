"""What several commands share: options, output, and the meaning of exit codes."""

from __future__ import annotations

import gc
import getpass
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from digest.settings import Settings
    from digest.store.sql import SqlStore

T = TypeVar("T")


class Exit(IntEnum):
    """What the exit code says."""

    DONE = 0
    FAILED = 1  # it was tried and did not succeed
    WRONG = 2  # the command line or the operator's files are wrong
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


class CommandGroup(TyperGroup):
    """A group of commands. Its --help is a plain False where it is not given.

    Typer leaves it None, and imports pydantic to make a bool of that: a tenth of a second for each command.
    """

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)
        if option is not None:
            option.default = False
        return option


def command_group(help: str) -> typer.Typer:
    """A group of commands to add commands to; alone, it shows its help."""
    return typer.Typer(cls=CommandGroup, help=help, no_args_is_help=True)


LARGEST: Final = 2**31 - 1
"""The largest number that either database gives a row."""


def number(words: str) -> int | None:
    """The number of a row, in digits; None where no row can have such a one."""
    digits = words.isascii() and words.isdigit() and len(words) <= len(str(LARGEST))
    return int(words) if digits and int(words) <= LARGEST else None


def login_name() -> str:
    """Who runs this command; the number of a user whom the system has no name for."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # containers run under numbers alone
        return f"user {os.getuid()}"


def answered(code: int | None, text: str | None) -> str:
    """What a server said, its code first; empty if it said nothing."""
    return " ".join(str(part) for part in (code, text) if part)


def instant(at: datetime) -> str:
    return f"{at:%a %d %b %Y %H:%M} UTC"


def say(text: str = "") -> None:
    """One line, or several, for the person at the terminal."""
    typer.echo(text)


def say_json(value: Any) -> None:
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False, default=_plain)
    sys.stdout.write("\n")


def say_each(
    found: Sequence[T], *, nothing: str, text: Callable[[T], str], json: Callable[[T], Any], as_json: bool
) -> None:
    """What was found, one after another; for people, `nothing` where that is all there is to say."""
    if as_json:
        say_json([json(one) for one in found])
    else:
        say("\n".join(text(one) for one in found) or nothing)


def say_one(found: T, *, text: Callable[[T], str], json: Callable[[T], Any], as_json: bool) -> None:
    """One thing whole."""
    if as_json:
        say_json(json(found))
    else:
        say(text(found))


def complain(text: str) -> None:
    """What went wrong, on standard error."""
    typer.echo(text, err=True)


def waiting(work: Coroutine[Any, Any, T]) -> T:
    """Run an async command to its end."""
    import asyncio

    return asyncio.run(work)


COLLECT_AFTER: Final = 20_000
"""New objects before the collector looks for cycles among them. A noon run makes millions, none in cycles."""


def serving(work: Coroutine[Any, Any, T]) -> T:
    """Likewise, for work that sends mail; call it once everything is imported.

    On uvloop, which spares a quarter of the processor. What was imported stays for good: the collector, which
    would look through all of it time and again, is told to leave it alone.
    """
    import asyncio

    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
    try:
        import uvloop
    except ImportError:  # not made for this system
        return asyncio.run(work)
    return uvloop.run(work)


@asynccontextmanager
async def opened(directory: Path) -> AsyncIterator[tuple[Settings, SqlStore]]:
    """The operator's settings and the state they point to, checked."""
    from digest.app.directory import checked_database, configured
    from digest.store.sql import SqlStore

    settings, secrets = configured(directory)
    async with checked_database(settings, secrets, directory) as database:
        with database.outages_named():
            yield settings, SqlStore(database, seal=secrets.seal)


def a_day(text: str) -> date:
    """A day of the calendar, as an option or argument gives it."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a local day has no zone
    except ValueError:
        raise typer.BadParameter(f"“{text}” is no day of the calendar, such as 2026-11-23") from None


def host_and_port(text: str) -> tuple[str, int] | None:
    """What "127.0.0.1:8081" or "[::1]:8081" names; None for what names no address and port."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        return None
    return host.strip("[]"), int(port)


def _plain(value: Any) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
