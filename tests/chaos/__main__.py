"""The command: `python -m chaos --noons 200 --database both`."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from servers import postgres

from chaos.noons import Day, run
from chaos.verdict import Verdict, judge


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    words.add_argument("--noons", type=int, default=100, help="for each database")
    words.add_argument("--subscribers", type=int, default=40)
    words.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    words.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    words.add_argument("--verbose", action="store_true", help="tell each noon's faults")
    words.add_argument("--json", action="store_true")
    given = words.parse_args()
    if not given.json:
        print(f"seed {given.seed}")
    verdicts = {}
    for name in ["sqlite", "postgresql"] if given.database == "both" else [given.database]:
        verdicts[name] = play(name, given)
    if given.json:
        print(json.dumps({name: asdict(verdict) for name, verdict in verdicts.items()}, indent=2))
    return int(any(verdict.broken for verdict in verdicts.values()))


def play(name: str, given: argparse.Namespace) -> Verdict:
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))

    def tell(day: Day) -> None:
        if given.verbose and day.plan:
            faults = ", ".join(fault.trouble.value for fault in day.plan.faults)
            lies = ", ".join(lie.value for lie, _ in day.plan.lies)
            print(
                f"{day.day} {day.plan.kind} x{day.plan.workers}: {faults or '-'}; {lies or '-'}", flush=True
            )
        elif sys.stderr.isatty():
            print(f"\r{name}: {day.number} of {given.noons + 2} noons", end="", file=sys.stderr, flush=True)

    def noons(url: str, crew: int) -> Verdict:
        work = run(
            folder / "config",
            url,
            noons=given.noons,
            people=given.subscribers,
            seed=given.seed,
            crew=crew,
            tell=tell,
        )
        return judge(asyncio.run(work))

    if name == "sqlite":
        verdict = noons("sqlite:///var/digest.db", 1)
    else:
        with postgres.running() as server:
            verdict = noons(server.fresh(), 3)
    if not given.json:
        print("\n".join(table(name, verdict)))
        if verdict.broken:
            print(f"seed {given.seed}; everything is still in {folder}")
    return verdict


def table(name: str, verdict: Verdict) -> list[str]:
    lines = [
        f"{name}: {verdict.noons} noons, {verdict.taken} messages taken",
        "  ledger: " + ", ".join(f"{count} {state}" for state, count in sorted(verdict.states.items())),
        "  troubles: " + ", ".join(f"{count} x {what}" for what, count in sorted(verdict.troubles.items())),
        "  lies: " + ", ".join(f"{count} x {what}" for what, count in sorted(verdict.lies.items())),
        f"  taken though the relay denied it: {verdict.denied}; "
        f"two on one day because of that: {verdict.two_after_denial}",
        f"  ended, for it said on three days that there is no such mailbox: {verdict.ended}",
        f"  unknown for each kill and connection, at the most: {verdict.most_unknown_by_a_kill:.2f}",
        f"  promises broken: {len(verdict.broken)}",
    ]
    return lines + [f"    {what}" for what in verdict.broken[:30]]


if __name__ == "__main__":
    sys.exit(main())
