"""`digest bench data`: what a large file of a publisher costs, loaded into the register and polled."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from digest.cli.common import AsJson, say, say_json


def data(
    rows: Annotated[int, typer.Option(metavar="N", help="The rows of the file.", min=100)] = 100_000,
    as_json: AsJson = False,
) -> None:
    """Measure what a large file of data costs, on SQLite.

    It is loaded (`digest register load`) and polled: first as a baseline, then with one row in a hundred
    changed. Printed are the seconds, the processor seconds of all processes, the peak of memory of the main
    process, and the peak of what all have together. The state is deleted afterwards.

    Example: digest bench data --rows 20000
    """
    from digest.cli.data_measured import Plan, load, poll, write_files
    from digest.cli.polls_measured import apart

    with tempfile.TemporaryDirectory(prefix="digest-bench-") as folder:
        plan = Plan(folder=folder, rows=rows)
        size = write_files(plan)
        found = {"rows": rows, "bytes": size, "loaded": apart(load, plan), "polled": apart(poll, plan)}
    if as_json:
        say_json(found)
    else:
        say("\n".join(_table(found)))


def _table(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"a file of {found['rows']:,} rows, {found['bytes'] / 1e6:.0f} MB"
    yield f"{'':<22}{'seconds':>9}{'processor':>11}{'main MB':>9}{'all MB':>8}"
    for way in ("loaded", "polled"):
        for phase, cost in found[way].items():
            yield (
                f"{way + ', ' + phase:<22}{cost['seconds']:>9.1f}{cost['processor_seconds']:>11.1f}"
                f"{cost['main_mb']:>9.0f}{cost['all_mb']:>8.0f}"
            )
