"""The real service in a process of its own: it looks for what is due, again and again, until told to end."""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from chaos.board import Board, BoardClock, Cell
from digest.app.directory import configured
from digest.app.service import Service, service

log = logging.getLogger(__name__)

REST = 0.02  # seconds between two rounds
BESIDE = 0.1  # seconds between two looks beside a round; the service's own are minutes apart


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
            board.put(row, Cell.BUSY, 1)  # first, then the switch: nobody holds us half in a round
            if board.running:
                beside = asyncio.create_task(_beside(it))
                try:
                    await it.recover()
                except Exception:  # as the service's own timer does: the next round looks again
                    log.exception("a round failed at %s", clock.now())
                    board.put(row, Cell.ERRORS, board.get(row, Cell.ERRORS) + 1)
                finally:
                    beside.cancel()
                    await asyncio.gather(beside, return_exceptions=True)
                board.put(row, Cell.ROUNDS, board.get(row, Cell.ROUNDS) + 1)
            board.put(row, Cell.BUSY, 0)
            await asyncio.sleep(REST)


async def _beside(it: Service) -> None:
    while True:
        await asyncio.sleep(BESIDE)
        try:
            await it.run_urgent_jobs()
        except Exception:
            log.exception("a look beside a round failed")
