"""`digest bench`: how fast the parts of the service are on this machine. Compare figures of one run only."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from digest.cli.bench_data import data
from digest.cli.bench_poll import poll
from digest.cli.bench_render import render
from digest.cli.bench_send import send
from digest.cli.bench_site import site
from digest.cli.common import AsJson, Exit, command_group, complain, say, say_json
from digest.cli.made_up import made_up_names
from digest.errors import ParseError
from digest.items import Page
from digest.providers import Provider, provider_id

if TYPE_CHECKING:
    from digest.providers import Register
    from digest.reports import Reading

SENTENCES: Final = (250, 500, 1000, 2000, 4000)
"""The lengths of the reports that show how time grows with length."""

app = command_group("Measure how fast the parts are on this machine.")
app.command("data")(data)
app.command("poll")(poll)
app.command("render")(render)
app.command("send")(send)
app.command("site")(site)


@app.command("read")
def read(
    pages: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="A folder of pages. Default: those of the demo.")
    ] = None,
    rounds: Annotated[int, typer.Option(metavar="N", help="How often to read each page.", min=1)] = 20,
    as_json: AsJson = False,
) -> None:
    """Measure how fast pages are read on one core.

    It prints pages per second, peak memory, how time grows with length, and the time for texts that are made
    to be slow. Then it prints the same with 100,000 more known providers, and the time it takes to load them.

    Example: digest bench read --rounds 50

    Example: digest bench read pages/ --json
    """
    from digest.adapters.config.packaged import packaged

    folder = pages or packaged("seeds")
    bodies = [p.read_bytes() for p in sorted(folder.rglob("*")) if p.suffix in {".html", ".htm", ".txt"}]
    if not bodies:
        complain(f"{folder}: no page in it (.html, .htm or .txt)")
        raise typer.Exit(Exit.WRONG)
    ours = _reader()
    ours(bodies[0], "text/html; charset=utf-8")  # work that is done once, on first use, does not count
    many, ready = _with_many_names(bodies[0])
    rate, with_many = _rates((ours, many), bodies, rounds)
    found = {
        "pages": len(bodies),
        "mean_bytes": sum(map(len, bodies)) // len(bodies),
        "pages_a_second": round(rate, 1),
        **_figures(ours),
    }
    found["many_names"] = {
        "names": MANY_NAMES,
        "ready_seconds": round(ready, 2),
        "times": round(with_many / rate, 2),
        "pages_a_second": round(with_many, 1),
        **_figures(many),
    }
    if as_json:
        say_json(found)
    else:
        say("\n".join(_table(found)))


def _figures(reader: Callable[[bytes, str], Reading]) -> dict[str, Any]:
    texts = {name: as_long_as_may_be(text) for name, text in HOSTILE.items()}
    return {
        "growth": _growth(reader),
        "hostile": {name: _timed(reader, text) for name, text in texts.items()},
        "overgrown": {name: _timed(reader, make()) for name, make in OVERGROWN.items()},
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _with_many_names(page: bytes) -> tuple[Callable[[bytes, str], Reading], float]:
    """A reader that knows `MANY_NAMES` more providers, and the seconds until it has read its first page."""
    from digest.cli.read import known_providers
    from digest.providers import Register

    providers = [*known_providers(), *made_up()]
    began = time.perf_counter()
    reader = _reader(Register(providers))
    reader(page, "text/html; charset=utf-8")
    return reader, time.perf_counter() - began


def _reader(register: Register | None = None) -> Callable[[bytes, str], Reading]:
    from digest.adapters.clock import SystemClock
    from digest.cli.read import known_providers, known_scales
    from digest.extract import read as read_page

    inspectorates, register = known_scales(), register or known_providers()
    now = SystemClock().now()

    def of(body: bytes, content_type: str) -> Reading:
        page = Page(url="https://bench.example/", body=body, content_type=content_type, fetched_at=now)
        return read_page(page, inspectorates=inspectorates, register=register)

    return of


def _rates(
    readers: Sequence[Callable[[bytes, str], Reading]], bodies: Sequence[bytes], rounds: int
) -> list[float]:
    """Pages per second of each reader. They take turns, so that other work on the machine slows all alike."""
    seconds = [0.0] * len(readers)
    with typer.progressbar(range(rounds + 1), label="reading", file=_terminal()) as all_rounds:
        for number in all_rounds:
            for n, reader in enumerate(readers):
                began = time.perf_counter()
                for body in bodies:
                    reader(body, "text/html; charset=utf-8")
                seconds[n] += (time.perf_counter() - began) * (number > 0)  # the first is for warming up
    return [rounds * len(bodies) / spent for spent in seconds]


def _growth(reader: Callable[[bytes, str], Reading]) -> list[dict[str, Any]]:
    """For each report: its bytes, the seconds to read it, and by what factor these grew with its length."""
    rows: list[dict[str, Any]] = []
    for sentences in SENTENCES:
        # All sentences differ, because the reader remembers sentences that it has read.
        body = "".join(f"{SENTENCE[:-2]} on visit {n}. " for n in range(sentences)).encode()
        seconds = _seconds(reader, body, "text/plain; charset=utf-8")
        times = round(seconds / rows[-1]["seconds"], 2) if rows else None
        rows.append({"bytes": len(body), "seconds": round(seconds, 4), "times": times})
    return rows


def _timed(reader: Callable[[bytes, str], Reading], text: str) -> dict[str, Any]:
    body = text.encode()
    kind = "text/html" if "<" in text else "text/plain"
    refused = None
    began = time.perf_counter()
    try:
        reader(body, f"{kind}; charset=utf-8")
    except ParseError as error:
        refused = str(error)
    return {"bytes": len(body), "seconds": round(time.perf_counter() - began, 3), "refused": refused}


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
    many = found["many_names"]
    lines += [
        "",
        f"with {many['names']:,} more names known: {many['pages_a_second']:.0f} pages a second, "
        f"{many['times']:.2f} times as many; ready after {many['ready_seconds']:.1f} s; "
        f"peak memory {many['peak_memory_mb']} MB",
        "",
        f"{'':<40}{'bytes':>9}{'seconds':>9}{'names':>8}",
        "as long as may be, and made to hurt",
        *_hurt(found, "hostile"),
        "pages grown beyond measure",
        *_hurt(found, "overgrown"),
    ]
    return lines


def _hurt(found: dict[str, Any], group: str) -> list[str]:
    """Lines with the seconds for each text, with our names and with many more."""
    return [
        f"  {name:<38}{row['bytes']:>9}{row['seconds']:>9.2f}"
        f"{found['many_names'][group][name]['seconds']:>8.2f}  {row['refused'] or ''}"
        for name, row in found[group].items()
    ]


# -- texts that are made to be slow, pages that are very long, and names ------------------------------------

SENTENCE: Final = "Kent PDU was rated 'good', up from 'requires improvement' at its last inspection. "
_LONGEST: Final = 499_000  # characters: longer pages are refused
_LEAD: Final = "Ofsted rated Kent School good.\n\n"  # without it, the reader does not look for ratings
# Texts that are made to be slow. Each is repeated up to the length that a page may have.
HOSTILE: Final = {
    "one word without end": "a",
    "opening quotation marks": "“",
    "opening brackets": "(",
    "punctuation": ",|",
    "grades and nothing else": "good ",
    "grades in quotation marks": "‘good’ ",
    "rated, rated, rated": "was rated as ",
    "rated good, rated good": "rated good ",
    "from, to, from, to": "from good to good ",
    "to be to be": "to be ",
    "if it should": "if it should ",
    "both were good": "Both were rated good. ",
    "capitals": "Aa ",
    "capitals and commas": "Kent, Essex and ",
    "owners": "Kent's ",
    "names of units": "Kent and Essex PDU ",
    "prisons without a name": "HMP ",
    "a word without end in each paragraph": f"Kent School was rated good {'a' * 1_400} inadequate.\n\n",
    "grades and aspects in each paragraph": f"It was rated {'good for being safe, ' * 70}and caring.\n\n",
    "labels": "Staffing: good\n",
    "tags that never close": "<div><p>",
    "rows of a table": "<tr><td>Staffing<td>good",
    "sentences of a report": SENTENCE,
}
MANY_NAMES: Final = 100_000
_GRADES: Final = ("good", "outstanding", "inadequate", "requires improvement")


def _graded(form: str, many: int, start: str = "", end: str = "") -> str:
    """`many` names, each with a grade, in the form `form`."""
    names = islice(made_up_names(), many)
    rows = (form.format(name=n, grade=g) for (n, _, _), g in zip(names, cycle(_GRADES), strict=False))
    return start + "".join(rows) + end


_SAID: Final = "<p>{name} was rated ‘{grade}’."
# Pages like real ones, but much longer.
OVERGROWN: Final[dict[str, Callable[[], str]]] = {
    "7,000 names and grades": lambda: _graded("<p>{name} was rated ‘{grade}’.</p>", 7_000, "<h1>All</h1>"),
    "1,600 names": lambda: _graded("{name} was rated {grade} by Ofsted. ", 1_600),
    "a table of 10,000 rows": lambda: _graded(
        "<tr><td>{name}<td>{grade}", 10_000, "<table><tr><th>Name<th>Now", "</table>"
    ),
    "a table of 10,000 aspects": lambda: "<table>" + "<tr><td>Staffing<td>good<td>inadequate" * 10_000,
    "nested lists": lambda: ("<ul><li>Staffing: good" * 50 + "</ul>" * 50) * 200,
    "lists without end": lambda: "<ul><li>Staffing: good" * 5_000,
    "7,000 names, each a heading": lambda: _graded("<h2>{name}</h2><p>Overall: {grade}", 7_000),
    "7,000 names in one sentence": lambda: _graded("{name}, ", 7_000, "Ofsted rated good "),
    "7,000 names in a title": lambda: (
        _graded("{name}, ", 7_000, "<h1>Ofsted: ", "</h1>") + _graded(_SAID, 1_000)
    ),
    "a name, and both, 3,000 times": lambda: _graded(_SAID + "<p>Both homes were rated {grade}.", 3_000),
    "headings and nothing else": lambda: _graded("<h2>{name}: {grade}</h2>", 7_000),
    "label – grade, in one line": lambda: "<p>Kent PDU: " + "Staffing – good, services – inadequate " * 8_000,
    "label – grade, line by line": lambda: "Staffing – good\nServices – inadequate\n" * 8_000,
    "100,000 anchors": lambda: '<p>Kent PDU <a href="/kent">is</a> <a href="/b">good</a>' * 50_000,
}


def made_up() -> Iterator[Provider]:
    """Made-up providers, `MANY_NAMES` of them."""
    for name, inspectorate, kind in islice(made_up_names(), MANY_NAMES):
        yield Provider(id=provider_id(name), name=name, kind=kind, inspectorate=inspectorate)


def as_long_as_may_be(text: str) -> str:
    """A sentence with a rating, then `text` repeated up to the length that a page may have."""
    lead = _LEAD if "<" not in text else f"<p>{_LEAD}</p>"
    return lead + (text * (_LONGEST // len(text) + 1))[: _LONGEST - len(lead)]
