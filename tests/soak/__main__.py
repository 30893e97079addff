"""The command: `python -m soak --sources 300 --hours 48 --database both`."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from servers import postgres

from digest.store.database import Database
from digest.store.sql import SqlStore
from digest.tokens import address_seal
from soak.run import Verdict, play
from soak.world import plan


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m soak", description=__doc__)
    words.add_argument("--sources", type=int, default=300)
    words.add_argument("--hours", type=int, default=48)
    words.add_argument("--every", type=int, default=60, help="minutes between two polls of a source")
    words.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    words.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    words.add_argument("--json", action="store_true")
    given = words.parse_args()
    verdicts = {}
    for name in ["sqlite", "postgresql"] if given.database == "both" else [given.database]:
        began = time.process_time()
        if name == "sqlite":
            verdicts[name] = asyncio.run(soak("sqlite:///soak.db", given))
        else:
            with postgres.running() as server:
                verdicts[name] = asyncio.run(soak(server.fresh(), given))
        if not given.json:
            print(f"{name}, seed {given.seed}: {told(verdicts[name])}")
            print(f"  {time.process_time() - began:.0f} s of processor time")
    if given.json:
        print(json.dumps({name: asdict(verdict) for name, verdict in verdicts.items()}, indent=2))
    return int(not all(verdict.kept for verdict in verdicts.values()))


async def soak(url: str, given: argparse.Namespace) -> Verdict:
    database = Database(url, directory=Path(tempfile.mkdtemp(prefix="soak-")))
    await database.create()
    try:
        return await play(
            plan(sources=given.sources, hours=given.hours, seed=given.seed),
            SqlStore(database, seal=address_seal(b"a key of the soak test")),
            every=timedelta(minutes=given.every),
            seed=given.seed,
            tell=show if sys.stderr.isatty() else lambda _: None,
        )
    finally:
        await database.dispose()


def show(polls: int) -> None:
    print(f"\r{polls} looks", end="", file=sys.stderr, flush=True)


def told(verdict: Verdict) -> str:
    """The verdict in words."""
    lines = [
        f"{verdict.reports} reports, {verdict.polls} looks, {verdict.crashes} of them cut off, "
        f"{verdict.requests} requests: {len(verdict.lost)} lost, {len(verdict.twice)} told twice, "
        f"{len(verdict.false)} false"
    ]
    for what in ("lost", "twice", "false"):
        lines += [f"  {what}: {name}" for name in getattr(verdict, what)]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
