"""The command: `python -m speed --recipients 100000 --rounds 3`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from servers import postfix, postgres
from servers.ports import free_port

from speed import senders

Row = dict[str, Any]


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m speed", description=__doc__)
    words.add_argument("--recipients", type=int, default=100_000)
    words.add_argument("--many", type=int, default=0, help="one run more with so many, such as 1000000")
    words.add_argument("--connections", type=int, default=20)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--json", action="store_true")
    given = words.parse_args()
    if shutil.which("smtp-sink") is None:
        print("smtp-sink is missing: apt-get install --no-install-recommends postfix", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="speed-") as folder:
        rows = [*_to_a_sink(given, Path(folder)), *_to_postfix(given)]
    print(json.dumps(rows, indent=2) if given.json else "\n".join(table(rows, given)))
    return 0


def _to_a_sink(given: argparse.Namespace, folder: Path) -> list[Row]:
    """Everybody to `smtp-sink`, one after another, so many times."""
    count, connections = given.recipients, given.connections
    with _sink() as port, _postgres() as server:
        octets = senders.digest(port, 100, connections=connections)["message_octets"]

        def noon(messages: int = count, **more: Any) -> Row:
            found = senders.digest(port, messages, connections=connections, **more)
            return {"rate": found["messages_a_second"], "memory": found["peak_memory_mb"]}

        def in_postgres() -> Row:
            url = server.fresh()
            try:
                return noon(workers=2, database=url)
            finally:
                server.drop(url)

        def source() -> Row:
            return {"rate": senders.smtp_source(port, count, connections=connections, octets=octets)}

        def node() -> Row:
            messages = min(count, 30_000)
            rate = senders.nodemailer(folder, port, messages, connections=connections, octets=octets)
            return {"rate": rate}

        runs: dict[str, Callable[[], Row]] = {
            "smtp-source -d": source,
            "the noon run, SQLite": noon,
            "the noon run, PostgreSQL, two workers": in_postgres,
        }
        if senders.install_nodemailer(folder):
            runs["nodemailer, pooled, raw"] = node
        rows = _median(runs, given.rounds, {"server": "smtp-sink", "messages": count, "octets": octets})
        if given.many:
            _say(f"the noon run with {given.many}")
            more = noon(given.many)
            name = "the noon run, SQLite"
            rows.append({"server": "smtp-sink", "messages": given.many, "octets": octets, "of": name, **more})
    return rows


def _to_postfix(given: argparse.Namespace) -> list[Row]:
    """To a real Postfix that queues each message on disk and then throws it away."""
    if (why := postfix.missing()) is not None:
        _say(f"left out: a real Postfix ({why})")
        return []
    messages = min(given.recipients, 20_000)

    async def run() -> list[Row]:
        throw_away = {"default_transport": "discard:", "qmgr_message_active_limit": "40000"}
        async with postfix.running(people=["bounces@digest.example.org"], settings=throw_away) as relay:
            octets = senders.digest(relay.port, 100, connections=given.connections)["message_octets"]

            def at_rest() -> None:
                # What the run before left in its queue would be paid for by the next.
                while relay.queued:
                    time.sleep(0.2)

            def source() -> Row:
                at_rest()
                rate = senders.smtp_source(relay.port, messages, connections=given.connections, octets=octets)
                return {"rate": rate}

            def noon() -> Row:
                at_rest()
                found = senders.digest(relay.port, messages, connections=given.connections)
                return {"rate": found["messages_a_second"], "memory": found["peak_memory_mb"]}

            runs = {"smtp-source -d": source, "the noon run, SQLite": noon}
            what = {"server": "Postfix", "messages": messages, "octets": octets}
            return await asyncio.to_thread(_median, runs, given.rounds, what)

    return asyncio.run(run())


def _median(runs: dict[str, Callable[[], Row]], rounds: int, what: Row) -> list[Row]:
    """Each in turn, so many times, so that what disturbs the machine disturbs them alike."""
    found: dict[str, list[Row]] = {name: [] for name in runs}
    for number in range(rounds):
        for name, run in runs.items():
            row = run()
            _say(f"round {number + 1}: {name} to {what['server']}: {row['rate']:.0f} a second")
            found[name].append(row)
    rows = []
    for name, several in found.items():
        rate = statistics.median(row["rate"] for row in several)
        memory = max((row.get("memory", 0) for row in several), default=0)
        rows.append({**what, "of": name, "rate": rate, "memory": memory})
    return rows


def table(rows: list[Row], given: argparse.Namespace) -> list[str]:
    """Markdown; each ratio is to `smtp-source -d` at the same server."""
    base = {row["server"]: row["rate"] for row in rows if row["of"] == "smtp-source -d"}
    lines = [
        f"{given.connections} connections, medians of {given.rounds} rounds, on {os.cpu_count()} cores,"
        f" Python {platform.python_version()}.",
        "",
        "| Server | Sender | Messages | Octets each | A second | Ratio to `smtp-source -d` | Peak memory |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        memory = f"{row['memory']} MB" if row.get("memory") else ""
        ratio = row["rate"] / base[row["server"]]
        lines.append(
            f"| {row['server']} | {row['of']} | {row['messages']:,} | {row['octets']:,} | {row['rate']:,.0f} "
            f"| {ratio:.2f} | {memory} |"
        )
    return lines


@contextmanager
def _sink() -> Iterator[int]:
    port = free_port()
    as_nobody = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen(["smtp-sink", *as_nobody, f"127.0.0.1:{port}", "200"])
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _postgres() -> Iterator[postgres.PostgresServer]:
    with postgres.running(hurried=False) as server:
        yield server


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
