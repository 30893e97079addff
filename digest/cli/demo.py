"""`digest demo`: a simulated week of the service, on this machine alone."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.common import Exit, complain, say, waiting

if TYPE_CHECKING:
    from digest.demo.site_files import SiteFiles

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

    The public site is left as files that a browser opens from disk. With --serve, it is served until Ctrl-C,
    and every link in the messages works: reports, the edition to share, and each reader's page to change
    wishes or leave.

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
        _say_site(out, found.files)
        for difference in found.differences:
            complain(f"not as expected: {difference}")
        if found.address is not None:
            await _until_told_to_stop(out, found.address)
        else:
            say("everything has stopped: links in the messages open nothing, and forms on pages send nothing")
            say("digest demo --serve keeps them working and serves the site")
            say("(after make demo: .venv/bin/digest demo --serve)")
    return found.differences


def _say_site(out: Path, files: SiteFiles) -> None:
    say(f"{out}/{files.home} is the public site: {files.count} pages to open in a browser, such as")
    for name, what in (
        (files.edition, "an edition"),
        (files.service, "a service over the years"),
        (files.table, "a table of services by grade"),
        (files.past, "the same table as of a past day"),
        (files.search, "what a search finds by a misspelt name"),
    ):
        say(f"  {out}/{name}: {what}")


async def _until_told_to_stop(out: Path, address: str) -> None:
    import asyncio
    import signal

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    say(f"the site is at {address}/ and the links of {out}/edition.html work, until you press Ctrl-C")
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
