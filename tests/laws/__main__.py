"""The command: `PYTHONPATH=tests python -m laws --each 400 --show 3`."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

from laws.book import LAWS, tried
from laws.carriers import SEEN
from laws.trials import Law, Outcome


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m laws", description=__doc__)
    words.add_argument("--each", type=int, default=300, help="trials of each law")
    words.add_argument("--show", type=int, default=0, metavar="N", help="the first N breaks of each law")
    words.add_argument("--law", type=int, action="append", help="only this law; may be given again")
    words.add_argument("--carriers", type=Path, default=SEEN, metavar="FILE", help="carriers of another file")
    words.add_argument("--seed", type=int, default=0)
    words.add_argument("--by-carrier", action="store_true", help="how often each carrier breaks its law")
    words.add_argument("--json", action="store_true")
    given = words.parse_args()

    rows, breaks = [], []
    for law in LAWS:
        if given.law and law.number not in given.law:
            continue
        outcomes = tried(law.number, given.each, path=given.carriers, seed=given.seed)
        counted = [outcome for outcome in outcomes if outcome.counted]
        broken = [outcome for outcome in counted if outcome.broken]
        rows.append(
            {
                "law": law.number,
                "says": law.says,
                "uncounted": len(outcomes) - len(counted),
                "tried": len(counted),
                "broken": len(broken),
                "false": sum(outcome.lies for outcome in broken),
            }
        )
        lying = sorted(broken, key=lambda outcome: not outcome.lies)
        breaks.append((law, lying[: given.show] if given.show else []))
        if given.by_carrier:
            _by_carrier(law, counted)
    if given.json:
        print(json.dumps(rows, indent=1))
        return 0
    print(f"{'':>3}  {'tried':>6}{'broken':>7}{'share':>6}{'false':>6}{'n/a':>5}")
    for row in rows:
        share = row["broken"] / row["tried"] if row["tried"] else 0
        print(
            f"{row['law']:>3}  {row['tried']:>6}{row['broken']:>7}{share:>6.0%}{row['false']:>6}"
            f"{row['uncounted']:>5}  {row['says']}"
        )
    total, lost, false = (sum(row[key] for row in rows) for key in ("tried", "broken", "false"))
    print(f"{'all':>3}  {total:>6}{lost:>7}{lost / max(total, 1):>6.0%}{false:>6}")
    for law, shown in breaks:
        for outcome in shown:
            print(f"\n{law.number}. {outcome}")
    return 0


def _by_carrier(law: Law, counted: list[Outcome]) -> None:
    tries = Counter(outcome.trial.template for outcome in counted)
    breaks = Counter(outcome.trial.template for outcome in counted if outcome.broken)
    for template, broken in breaks.most_common():
        print(f"{law.number:>3}  {broken:>3} of {tries[template]:>3}  {template!r}")


if __name__ == "__main__":
    sys.exit(main())
