"""`digest bench site`: how fast the pages of the public site are, with few providers and with many."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final

import typer

from digest.cli.common import AsJson, Exit, complain, say, say_json
from digest.cli.site_promise import PAGE_BYTES, PAGE_MS, SEARCH_MS, broken, growth, logarithm, verdict

FEWEST: Final = 100
_STEPS: Final = 2  # of a world, before its pages


def site(
    providers: Annotated[
        str, typer.Option(metavar="N,N,...", help="How many providers each world has, the fewest first.")
    ] = "1000,10000,100000",
    rounds: Annotated[int, typer.Option(metavar="N", help="How often to make each page.", min=1)] = 3,
    seconds: Annotated[
        float, typer.Option(metavar="S", help="How long to ask for each kind of kept page.", min=0.05)
    ] = 3.0,
    database: Annotated[
        str | None, typer.Option(metavar="URL", help="An empty PostgreSQL database. Default: SQLite.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure how fast the public site answers over HTTP.

    For each number of providers it makes a world with grades of years and editions, fills what the site
    reads, and asks the real application for pages: each when nothing is kept, then kept ones by eight
    visitors at a time. The state is deleted afterwards.

    The last line says which pages keep the promise with the most providers. On a machine that does other
    work, look at processor times: they and what they grow by differ little from run to run.

    Example: digest bench site --providers 1000,10000

    Example: digest bench site --database postgresql://localhost/bench --json
    """
    from digest.cli.site_measured import KINDS, measured
    from digest.cli.site_state import Plan

    worlds = []
    for count in _counts(providers):
        with (
            tempfile.TemporaryDirectory(prefix="digest-bench-") as folder,
            typer.progressbar(
                length=_STEPS + KINDS, label=f"{count:,} providers", file=sys.stderr
            ) as progress,
        ):
            plan = Plan(folder=folder, database=database, providers=count, rounds=rounds, seconds=seconds)
            worlds.append(measured(plan, lambda: progress.update(1)))
    found = found_in(worlds, "postgresql" if database else "sqlite")
    if as_json:
        say_json(found)
    else:
        say("\n".join(_table(found)))


def found_in(worlds: Sequence[Mapping[str, Any]], database: str) -> dict[str, Any]:
    """All that is told of these worlds."""
    return {
        "database": database,
        "worlds": worlds,
        "growth": growth(worlds),
        "breaks": broken(worlds, database),
        "verdict": verdict(worlds, database),
    }


def _counts(given: str) -> list[int]:
    parts = given.split(",")
    counts = [int(part) for part in parts if part.strip().isascii() and part.strip().isdigit()]
    if len(counts) < len(parts) or min(counts) < FEWEST or counts != sorted(set(counts)):
        complain(f"--providers {given}: expected numbers from {FEWEST}, such as 1000,10000")
        raise typer.Exit(Exit.WRONG)
    return counts


def _table(found: Mapping[str, Any]) -> Iterator[str]:
    worlds: Sequence[Mapping[str, Any]] = found["worlds"]
    for world in worlds:
        yield ""
        yield from _world(world, found["database"])
    if len(worlds) > 1:
        yield ""
        yield from _growth(worlds)
    yield ""
    yield (
        f"The promise: {PAGE_BYTES:,} bytes a page, {PAGE_MS} ms for a first view, {SEARCH_MS} for a search, "
        "and no more than the logarithm of the number of providers"
    )
    yield found["verdict"]


def _world(world: Mapping[str, Any], database: str) -> Iterator[str]:
    rows = ", ".join(f"{count:,} {name}" for name, count in world["rows"].items())
    yield f"{database}: {rows}; written in {world['built_seconds']:.1f} s"
    yield (
        f"what the site reads: {world['filled_processor_seconds']:.1f} s of processor time "
        f"({world['filled_seconds']:.1f} s), {world['looked_processor_seconds']:.2f} s if nothing changed; "
        f"memory of the service {world['memory_mb']:.0f} MB"
    )
    yield (
        f"{'milliseconds':<18}{'first p50':>10}{'p99':>8}{'processor':>11}"
        f"{'kept p50':>10}{'p99':>8}{'a second':>10}{'bytes':>9}"
    )
    for kind, one in world["pages"].items():
        first, kept = one["first_ms"], one["kept_ms"]
        yield (
            f"{kind:<18}{first['p50']:>10.1f}{first['p99']:>8.1f}{one['first_processor_ms']:>11.1f}"
            f"{kept['p50']:>10.2f}{kept['p99']:>8.2f}{one['kept_a_second']:>10.0f}{one['bytes']:>9,}"
        )


def _growth(worlds: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """How the median of first views and their processor time grow, beside the logarithm of the number."""
    fewest, *others = worlds
    heads = "".join(f"{one['providers']:>12,}{'processor':>11}" for one in others)
    yield f"first view, ratio to {fewest['providers']:,} providers"
    yield f"{'':<18}{heads}"
    yield f"{'their logarithm':<18}" + "".join(f"{one:>12.2f}{one:>11.2f}" for one in logarithm(worlds))
    for kind, each in growth(worlds).items():
        yield f"{kind:<18}" + "".join(f"{of['ms']:>12.2f}{of['processor_ms']:>11.2f}" for of in each.values())
