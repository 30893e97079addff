"""`digest demo`: a simulated week of the service, on this machine alone."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from digest.cli.common import Exit, complain, say, waiting

MARK = ".digest-demo"


def demo(
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder for the demo's files.")] = Path(
        "demo-output"
    ),
    serve: Annotated[
        bool, typer.Option("--serve", help="Then serve the pages that the messages link to, until Ctrl-C.")
    ] = False,
) -> None:
    """Run six simulated days, from feeds to mailboxes.

    The demo starts a web site and a mail server that only this machine can reach, and the real service polls
    one and sends to the other. Both stop at the end. Exit code 1 if an edition or a mailbox is not as
    expected.

    With --serve, every link in the messages works until Ctrl-C: reports, the edition to share, and each
    reader's page to change wishes or leave.

    Examples: digest demo --out /tmp/demo; digest demo --serve
    """
    _clear(out)
    differences = waiting(_demo(out, serve))
    if differences:
        raise typer.Exit(Exit.FAILED)


async def _demo(out: Path, serve: bool) -> Sequence[str]:
    """Run the demo, say what it made, and serve its links if asked; returns what differs from the story."""
    from digest.adapters.config.packaged import packaged
    from digest.demo.run import run_demo
    from digest.demo.world_file import load_world

    world = load_world(packaged("seeds") / "world" / "world.yaml")
    async with run_demo(world, out, say, serve=serve) as found:
        say("")
        say(f"{out}/edition.html and {out}/edition.txt are the edition of the upgrade, as it was sent")
        say(f"{out}/mailboxes holds every message as it arrived; {out}/config what an operator would edit")
        for difference in found.differences:
            complain(f"not as expected: {difference}")
        if serve:
            await _until_told_to_stop(out)
        else:
            say("everything has stopped, so its links open nothing; digest demo --serve keeps them working")
            say("(after make demo: .venv/bin/digest demo --serve)")
    return found.differences


async def _until_told_to_stop(out: Path) -> None:
    import asyncio
    import signal

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    say(f"open {out}/edition.html in a browser: its links work until you press Ctrl-C")
    sys.stdout.flush()  # where a pipe is read
    await stop.wait()


def _clear(out: Path) -> None:
    """Remove what an earlier demo left; a folder that no demo made is refused."""
    if out.exists() and any(out.iterdir()):
        if not (out / MARK).exists():
            complain(f"{out} holds something that no demo made; choose another folder with --out")
            raise typer.Exit(Exit.WRONG)
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)
    (out / MARK).touch()
