"""`digest bench`: how fast the service's parts are here. Compare within one run, never between machines."""

from __future__ import annotations

import resource
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from digest.cli.bench_send import send
from digest.cli.common import AsJson, Exit, complain, say, say_json
from digest.errors import ParseError
from digest.items import Page

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.reports import Reading

app = typer.Typer(help="Measure how fast the parts are on this machine.", no_args_is_help=True)

_SENTENCE: Final = "Kent PDU was rated 'good', up from 'requires improvement' at its last inspection. "
_MEGABYTE: Final = 1_000_000
# Texts made to hurt a reader: each is repeated up to a megabyte.
_HOSTILE: Final = {
    "one word without end": "a",
    "opening quotation marks": "“",
    "opening brackets": "(",
    "grades and nothing else": "good ",
    "rated, rated, rated": "was rated as ",
    "from, to, from, to": "from good to good ",
    "capitals and commas": "Kent, Essex and ",
    "names of units": "Kent and Essex PDU ",
    "labels": "Staffing: good\n",
    "tags that never close": "<div><p>",
    "rows of a table": "<tr><td>Staffing<td>good",
    "sentences of a report": _SENTENCE,
}


app.command("send")(send)


@app.command("read")
def read(
    pages: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="A folder of pages; without it, the demo's.")
    ] = None,
    rounds: Annotated[int, typer.Option(metavar="N", help="How often to read each page.", min=1)] = 20,
    as_json: AsJson = False,
) -> None:
    """Measure how fast pages are read on one core.

    It says pages a second, peak memory, growth with length, and what texts made to hurt take.

    Example: digest bench read --rounds 50
    """
    from digest.adapters.packaged import packaged

    folder = pages or packaged("seeds")
    bodies = [p.read_bytes() for p in sorted(folder.rglob("*")) if p.suffix in {".html", ".htm", ".txt"}]
    if not bodies:
        complain(f"{folder}: no page in it (.html, .htm or .txt)")
        raise typer.Exit(Exit.WRONG)
    reader = _reader()
    found = {
        "pages": len(bodies),
        "mean_bytes": sum(map(len, bodies)) // len(bodies),
        "pages_a_second": round(_rate(reader, bodies, rounds), 1),
        "growth": _growth(reader),
        "hostile": {name: _timed(reader, text) for name, text in _HOSTILE.items()},
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    if as_json:
        say_json(found)
    else:
        say("\n".join(_table(found)))


def _reader() -> Callable[[bytes, str], Reading]:
    from digest.adapters.clock import SystemClock
    from digest.adapters.packaged import packaged
    from digest.adapters.settings_files import load
    from digest.cli.read import known_providers
    from digest.extract import read as read_page

    inspectorates, register = load(packaged("config")).inspectorates, known_providers()
    now = SystemClock().now()

    def of(body: bytes, content_type: str) -> Reading:
        page = Page(url="https://bench.example/", body=body, content_type=content_type, fetched_at=now)
        return read_page(page, inspectorates=inspectorates, register=register)

    return of


def _rate(reader: Callable[[bytes, str], Reading], bodies: list[bytes], rounds: int) -> float:
    for body in bodies:
        reader(body, "text/html; charset=utf-8")
    began = time.perf_counter()
    with typer.progressbar(range(rounds), label="reading", file=_terminal()) as all_rounds:
        for _ in all_rounds:
            for body in bodies:
                reader(body, "text/html; charset=utf-8")
    return rounds * len(bodies) / (time.perf_counter() - began)


def _growth(reader: Callable[[bytes, str], Reading]) -> list[dict[str, Any]]:
    """Seconds for a report of so many sentences, and how they grew with each doubling."""
    rows: list[dict[str, Any]] = []
    for count in (250, 500, 1000, 2000, 4000):
        # No two alike: what was read once is remembered.
        body = "".join(f"{_SENTENCE[:-2]} on visit {n}. " for n in range(count)).encode()
        seconds = _seconds(reader, body, "text/plain; charset=utf-8")
        times = round(seconds / rows[-1]["seconds"], 2) if rows else None
        rows.append({"bytes": len(body), "seconds": round(seconds, 4), "times": times})
    return rows


def _timed(reader: Callable[[bytes, str], Reading], text: str) -> dict[str, Any]:
    body = (text * (_MEGABYTE // len(text.encode()) + 1)).encode()
    kind = "text/html" if "<" in text else "text/plain"
    began = time.perf_counter()
    try:
        reader(body, f"{kind}; charset=utf-8")
    except ParseError as error:
        return {"seconds": round(time.perf_counter() - began, 3), "refused": str(error)}
    return {"seconds": round(time.perf_counter() - began, 3), "refused": None}


def _seconds(reader: Callable[[bytes, str], Reading], body: bytes, content_type: str) -> float:
    began = time.perf_counter()
    reader(body, content_type)
    return time.perf_counter() - began


def _terminal() -> Any:
    import sys

    return sys.stderr


def _table(found: dict[str, Any]) -> list[str]:
    lines = [
        f"{found['pages_a_second']:.0f} pages a second "
        f"({found['pages']} pages, {found['mean_bytes']} bytes each on average)",
        f"peak memory {found['peak_memory_mb']} MB",
        "",
        "growth with length    bytes  seconds  times",
    ]
    lines += [
        f"{'':<18}{row['bytes']:>9}{row['seconds']:>9.3f}{row['times'] or '':>7}" for row in found["growth"]
    ]
    lines += ["", "a megabyte made to hurt         seconds"]
    lines += [
        f"  {name:<28}{row['seconds']:>9.2f}  {row['refused'] or ''}"
        for name, row in found["hostile"].items()
    ]
    return lines
