"""The `digest` command, and where each of its sub-commands is."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Annotated, Any, Final

import typer

from digest import __version__
from digest.cli.common import CommandGroup, Exit, complain, say
from digest.errors import ConfigError, DigestError, Refused, StoreError

EPILOG = (
    "Exit codes: 0 done; 1 tried and failed; 2 the command line or a config file is wrong; "
    "3 the state is missing, unreadable or of another version."
)

# Each command as module of `digest.cli` and attribute: a function, or a group of commands.
_COMMANDS: Final = {
    "init": "config:init",
    "run": "run:run",
    "demo": "demo:demo",
    "read": "read:read",
    "evaluate": "evaluate:evaluate",
    "poll": "run:poll",
    "pause": "sending:pause",
    "resume": "sending:resume",
    "prune": "run:prune",
    "status": "status:status",
    "doctor": "doctor:doctor",
    "backup": "backup:backup",
    "restore": "backup:restore",
    "upgrade": "backup:upgrade",
    "bench": "bench:app",
    "config": "config:app",
    "edition": "edition:app",
    "limits": "sending:app",
    "received": "received:app",
    "register": "register:app",
    "review": "review:app",
    "sources": "sources:app",
    "subscribers": "subscribers:app",
    "webhooks": "webhooks:app",
}


class _Commands(dict[str, Any]):
    """The commands by name. Each is imported when it is used, because importing all takes a second."""

    def __iter__(self) -> Iterator[str]:
        return iter(_COMMANDS)

    def __len__(self) -> int:
        return len(_COMMANDS)

    def __contains__(self, name: object) -> bool:
        return name in _COMMANDS

    def __missing__(self, name: str) -> Any:
        self[name] = command = _command(name)
        return command

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in _COMMANDS else default

    def keys(self) -> Any:
        return _COMMANDS.keys()

    def items(self) -> Any:
        return [(name, self[name]) for name in _COMMANDS]

    def values(self) -> Any:
        return [self[name] for name in _COMMANDS]


def _command(name: str) -> Any:
    module, _, attribute = _COMMANDS[name].partition(":")
    found = getattr(import_module(f"digest.cli.{module}"), attribute)
    around = _typer(cls=CommandGroup)
    around.callback()(lambda: None)
    if isinstance(found, typer.Typer):
        around.add_typer(found, name=name)
    else:
        around.command(name)(found)
    group = typer.main.get_command(around)
    assert isinstance(group, CommandGroup)
    return group.commands[name]


class _Root(CommandGroup):
    def __init__(self, **facts: Any) -> None:
        super().__init__(**facts | {"commands": _Commands()})


def _typer(**facts: Any) -> typer.Typer:
    return typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, **facts)


app = _typer(
    name="digest",
    cls=_Root,
    help="One email a day, at noon, with new inspection reports: whose rating went up or down, and why.\n\n"
    "To see it work: digest demo. To set it up: digest init DIR. Each command's --help has an example.",
    epilog=EPILOG,
    no_args_is_help=True,
)


def _version(asked: bool) -> None:
    if asked:
        say(f"digest {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None: ...


def run_main() -> int:
    """Run the command line; returns the exit code."""
    try:
        app(standalone_mode=True)
    except ConfigError as error:
        complain(str(error))
        return Exit.WRONG
    except StoreError as error:
        complain(f"digest: {error}")
        return Exit.NO_STATE
    except Refused as error:
        from digest.addresses import masked

        complain(f"digest: {masked(str(error))}")
        return Exit.WRONG
    except DigestError as error:
        complain(f"digest: {error}")
        return Exit.FAILED
    except BrokenPipeError:
        return Exit.DONE  # the program that read our output has ended, such as `head`
    except OSError as error:
        return _refused_by_system(error)
    return Exit.DONE


_ADVICE: Final = {
    errno.EACCES: "check its owner and mode, or run the command as the service's user",
    errno.EPERM: "check its owner and mode, or run the command as the service's user",
    errno.EROFS: "choose a place that can be written to",
    errno.ENOSPC: "make room on its disk",
    errno.EDQUOT: "make room on its disk",
    errno.ENOENT: "check the path",
    errno.ENOTDIR: "check the path: a part of it is a file",
    errno.EISDIR: "check the path: a file is expected",
    errno.EEXIST: "check the path: something else is there",
    errno.EADDRINUSE: "end the program that listens there, or choose another port",
}


def _refused_by_system(error: OSError) -> Exit:
    """Say in one sentence what the system refuses: the path, its reason, and what to do."""
    from digest.addresses import masked

    place = f"{error.filename}: " if error.filename is not None else ""
    reason = error.strerror or str(error) or type(error).__name__
    advice = _ADVICE.get(error.errno or 0)
    complain(masked(f"digest: {place}{reason}{f'; {advice}' if advice else ''}"))
    return Exit.FAILED


def _flushed(code: int) -> int:
    """Write out what is printed; returns the exit code, another one if it cannot be written."""
    try:
        sys.stdout.flush()
    except OSError as error:
        # Otherwise Python tries it again at its end and prints the error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return code if isinstance(error, BrokenPipeError) else _refused_by_system(error)
    return code


def main() -> None:
    if sys.stdout is None:  # closed by the shell (`>&-`): there is nobody to print for
        sys.stdout = io.StringIO()
    elif isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal of few characters, a file's odd name
    try:
        code = run_main()
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else int(left.code is not None)
    sys.exit(_flushed(code))
