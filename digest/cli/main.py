"""The `digest` command and where its sub-commands are mounted."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from digest import __version__
from digest.addresses import masked
from digest.cli import (
    backup,
    bench,
    config,
    demo,
    doctor,
    edition,
    evaluate,
    init,
    limits,
    pause,
    poll,
    prune,
    read,
    received,
    review,
    run,
    status,
    subscribers,
)
from digest.cli.common import Exit, complain, say
from digest.errors import ConfigError, DigestError, Refused, StoreError

EPILOG = (
    "Exit codes: 0 done; 1 tried and failed; 2 the command line or a config file is wrong; "
    "3 the state is missing, unreadable or of another version."
)

app = typer.Typer(
    name="digest",
    help="One email a day, at noon: which inspected services moved up, which down, and what was found.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("init")(init.init)
app.command("run")(run.run)
app.command("demo")(demo.demo)
app.command("read")(read.read)
app.command("evaluate")(evaluate.evaluate)
app.command("poll")(poll.poll)
app.command("pause")(pause.pause)
app.command("resume")(pause.resume)
app.command("prune")(prune.prune)
app.command("status")(status.status)
app.command("doctor")(doctor.doctor)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.add_typer(bench.app, name="bench")
app.add_typer(config.app, name="config")
app.add_typer(edition.app, name="edition")
app.add_typer(limits.app, name="limits")
app.add_typer(received.app, name="received")
app.add_typer(review.app, name="review")
app.add_typer(subscribers.app, name="subscribers")


def _version(asked: bool) -> None:
    if asked:
        say(f"digest {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None: ...


def run_main() -> int:
    """Run the command line; what was done, as an exit code."""
    try:
        app(standalone_mode=True)
    except ConfigError as error:
        complain(str(error))
        return Exit.WRONG
    except StoreError as error:
        complain(f"digest: {error}")
        return Exit.NO_STATE
    except Refused as error:
        complain(f"digest: {masked(str(error))}")
        return Exit.WRONG
    except DigestError as error:
        complain(f"digest: {error}")
        return Exit.FAILED
    except BrokenPipeError:
        return Exit.DONE  # whoever read our output has seen enough
    return Exit.DONE


def main() -> None:
    sys.exit(run_main())
