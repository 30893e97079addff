"""The real service in a process of its own: it looks for what is due, again and again, until told to end."""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from chaos.board import Board, BoardClock, Cell
from digest.app.directory import configured
from digest.app.service import service

log = logging.getLogger(__name__)

REST = 0.02  # seconds between two rounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Where a worker finds its files, and which row of the board is its own."""

    config: Path
    board: Path
    row: int
    log: Path


def live(post: Post) -> None:
    """The process's whole life."""
    with post.log.open("a") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    logging.basicConfig(level=logging.WARNING, format=f"%(asctime)s {post.row} %(name)s %(message)s")
    asyncio.run(_live(post))


async def _live(post: Post) -> None:
    board, row = Board(post.board), post.row
    settings, secrets = configured(post.config)
    clock = BoardClock(board, row)
    async with service(settings, secrets, directory=post.config, clock=clock) as it:
        while not board.get(row, Cell.STOP):
            board.put(
                row, Cell.BUSY, 1
            )  # first, and looked at the switch again: nobody holds us half in a round
            if board.running:
                try:
                    await it.recover()
                except Exception:  # as the service's own timer does: the next round looks again
                    log.exception("a round failed at %s", clock.now())
                    board.put(row, Cell.ERRORS, board.get(row, Cell.ERRORS) + 1)
                board.put(row, Cell.ROUNDS, board.get(row, Cell.ROUNDS) + 1)
            board.put(row, Cell.BUSY, 0)
            await asyncio.sleep(REST)
