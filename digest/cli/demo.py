"""`digest demo`: the main job, on a simulated week, with nothing but this machine."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from digest.cli.common import Exit, complain, say, waiting

MARK = ".digest-demo"


def demo(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where to leave what the demo made.")] = Path(
        "demo-output"
    ),
) -> None:
    """Play six days on this machine, from feeds to mailboxes.

    A web site and a mail server are started on loopback and stopped again; the service's own code runs
    between them. The exit code is 1 when an edition or a mailbox is not as the story says.

    Example: digest demo --out /tmp/demo
    """
    from digest.adapters.config.packaged import packaged
    from digest.demo.conductor import play
    from digest.demo.world_file import load_world

    _clear(out)
    played = waiting(play(load_world(packaged("seeds") / "world" / "world.yaml"), out, say))
    say("")
    say(f"{out}/edition.html and {out}/edition.txt are the edition of the upgrade, as it was sent")
    say(f"{out}/mailboxes holds every message as it arrived; {out}/config what an operator would edit")
    for miss in played.misses:
        complain(f"not as expected: {miss}")
    if played.misses:
        raise typer.Exit(Exit.FAILED)


def _clear(out: Path) -> None:
    """Remove what an earlier demo left; a folder that no demo made is refused."""
    if out.exists() and any(out.iterdir()):
        if not (out / MARK).exists():
            complain(f"{out} holds something that no demo made; choose another folder with --out")
            raise typer.Exit(Exit.WRONG)
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)
    (out / MARK).touch()
