"""`digest bench poll`: polls of many feeds on this machine, beside the PyPI package `reader` in one run."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from typing import Annotated, Any, Final

import typer

from digest.cli.common import AsJson, say, say_json

HOW_TO_GET_READER: Final = "reader is not installed: `pip install reader` lets this command compare with it"


def poll(  # noqa: PLR0917 - typer's options
    feeds: Annotated[int, typer.Option(metavar="N", help="The number of feeds.", min=1)] = 200,
    entries: Annotated[int, typer.Option(metavar="N", help="The entries of each.", min=1)] = 20,
    turn: Annotated[int, typer.Option(metavar="N", help="The sources of one turn.", min=1)] = 1000,
    long: Annotated[int, typer.Option(metavar="N", help="The entries of the long list.", min=1)] = 5000,
    rounds: Annotated[int, typer.Option(metavar="N", help="How often to measure.", min=1)] = 3,
    as_json: AsJson = False,
) -> None:
    """Measure what polls cost, beside the package `reader`.

    It measures processor time for each feed, a long list, and many sources in one turn.

    The state is deleted afterwards. Pages are not read: `digest bench read` measures that.

    Example: digest bench poll --feeds 100 --rounds 1
    """
    from digest.cli.polls_measured import (
        PHASES,
        Plan,
        apart,
        poll_long_list,
        poll_one_turn,
        poll_ours,
        poll_with_reader,
        publishing,
    )

    with tempfile.TemporaryDirectory(prefix="digest-bench-") as folder, publishing(entries, long) as place:
        plan = Plan(folder=folder, place=place, feeds=feeds)
        contenders: dict[str, Callable[[Plan], Any]] = {"ours": poll_ours}
        if find_spec("reader") is not None:
            contenders["reader"] = poll_with_reader
        runs = [{name: apart(run, plan) for name, run in contenders.items()} for _ in range(rounds)]
        found: dict[str, Any] = {
            "feeds": feeds,
            "entries": entries,
            "milliseconds": {
                name: {phase: _median(run[name][phase] for run in runs) for phase in PHASES}
                for name in contenders
            },
            "peak_memory_mb": {name: _median(run[name]["memory"] for run in runs) for name in contenders},
            "long_list": apart(poll_long_list, Plan(folder=folder, place=place, feeds=long)),
            "turn": apart(poll_one_turn, Plan(folder=folder, place=place, feeds=turn)),
        }
    if as_json:
        say_json(found)
    else:
        say("\n".join(_table(found)))


def _table(found: Mapping[str, Any]) -> Iterator[str]:
    times = found["milliseconds"]
    theirs = times.get("reader")
    yield f"processor milliseconds for each of {found['feeds']} feeds of {found['entries']} entries"
    yield f"{'':<12}{'ours':>9}" + (f"{'reader':>9}{'ratio':>8}" if theirs else "")
    for phase in times["ours"]:
        line = f"{phase:<12}{times['ours'][phase]:>9.2f}"
        if theirs:
            line += f"{theirs[phase]:>9.2f}{times['ours'][phase] / theirs[phase]:>8.2f}"
        yield line
    memory = found["peak_memory_mb"]
    yield f"{'memory, MB':<12}{memory['ours']:>9.0f}" + (f"{memory['reader']:>9.0f}" if theirs else "")
    if not theirs:
        yield HOW_TO_GET_READER
    long, turn = found["long_list"], found["turn"]
    yield ""
    yield (
        f"a list of {long['entries']:,} entries: read in {long['parse_seconds']:.1f} s, polled in "
        f"{long['seconds']:.1f} s; another writer waits {long['longest_wait_ms']:.0f} ms at most"
    )
    yield (
        f"{turn['sources']:,} sources in one turn: {turn['seconds']:.1f} s, {turn['again_seconds']:.1f} s if "
        f"unchanged; memory grows by {turn['grown_mb']:.0f} MB in five more turns"
    )


def _median(values: Any) -> float:
    ordered = sorted(values)
    return float(ordered[len(ordered) // 2])
