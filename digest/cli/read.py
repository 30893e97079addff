"""`digest read`: what the service reads from pages."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from digest.characters import escaped_json
from digest.cli.common import AsJson, Exit, Scales, complain, say, say_json, waiting
from digest.errors import DigestError
from digest.items import Page
from digest.providers import Register
from digest.reports import Finding, FindingKind, Reading, Report

if TYPE_CHECKING:
    from digest.ratings import Inspectorates

_KINDS: Final = {
    ".html": "text/html",
    ".htm": "text/html",
    ".txt": "text/plain",
    ".pdf": "application/pdf",
}


class _NotOpenedError(DigestError):
    """A file that does not exist or cannot be read."""


class _NotFetchedError(DigestError):
    """An address from which no page could be fetched."""


def read(
    where: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|DIR|URL", help="HTML, PDF or text files, folders of them, or web addresses."
        ),
    ],
    url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="The web address of the file: it decides links, the year and the inspectorate.",
        ),
    ] = None,
    config: Scales = None,
    why: Annotated[
        bool, typer.Option("--why", help="Also show ratings that were left out, and why.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what the service reads from pages or files.

    It shows the kind of text, providers, ratings, movements and findings. It knows only the text, the scales
    and the names of known providers, and no earlier ratings.

    In a folder, every .html, .htm, .txt and .pdf file is read. With --json, several files give one line each:
    a JSON object with "file", and with "error" if the file cannot be read. The other files are still read,
    and the exit code is 1.

    Example: digest read report.html --url https://example.org/report --json

    Example: digest read --why report.pdf

    Example: digest read pages/ letter.txt --json
    """
    if len(where) == 1 and not Path(where[0]).is_dir():
        _show_one(where[0], url, config, why=why, as_json=as_json)
        return
    if url is not None:
        raise typer.BadParameter("it is for one file, not for several", param_hint="--url")
    if not _show_each(where, config, why=why, as_json=as_json):
        raise typer.Exit(Exit.FAILED)


def _show_one(where: str, url: str | None, config: Path | None, *, why: bool, as_json: bool) -> None:
    (reading,) = _readings([where], config, url=url)
    if isinstance(reading, _NotOpenedError | _NotFetchedError):
        complain(f"{where}: {reading}")
        raise typer.Exit(Exit.WRONG if isinstance(reading, _NotOpenedError) else Exit.FAILED)
    if isinstance(reading, Exception):
        raise reading
    if as_json:
        say_json(_as_json(reading, why=why))
    else:
        say("\n".join(_shown(reading, why=why)))


def _show_each(where: Sequence[str], config: Path | None, *, why: bool, as_json: bool) -> bool:
    """Show each file or address; whether all of them could be read."""
    paths = [path for each in where for path in _within(each)]
    well = True
    for path, reading in zip(paths, _readings(paths, config), strict=True):
        name = os.fsencode(path).decode("utf-8", "replace")
        if isinstance(reading, Exception):
            well = False
            error = str(reading) if isinstance(reading, DigestError) else repr(reading)
            if as_json:
                say(escaped_json(json.dumps({"file": name, "error": error}, ensure_ascii=False)))
            else:
                complain(f"{name}: {error}")
        elif as_json:
            found = {"file": name} | _as_json(reading, why=why)
            say(escaped_json(json.dumps(found, ensure_ascii=False)))
        else:
            say("\n".join([f"== {name}", *_shown(reading, why=why), ""]))
    return well


def _within(where: str) -> Iterable[str]:
    """The pages in a folder; for a file, an address or a folder without pages, the argument itself."""
    folder = Path(where)
    if _is_address(where) or not folder.is_dir():
        return [where]
    pages = (path for path in folder.rglob("*") if path.suffix.lower() in _KINDS and path.is_file())
    return sorted(map(str, pages)) or [where]


def _is_address(where: str) -> bool:
    return where.startswith(("http://", "https://"))


# -- reading --------------------------------------------------------------------------------------------


def _readings(
    where: Sequence[str], config: Path | None, *, url: str | None = None
) -> Iterator[Reading | Exception]:
    """The reading of each file or address, in order, or the error."""
    from digest.adapters.forked import each
    from digest.extract import read as read_page

    inspectorates, register = known_scales(config), known_providers()

    def of_file(path: str) -> Reading:
        return read_page(_opened(path, url), inspectorates=inspectorates, register=register)

    for fetched, group in groupby(where, _is_address):
        if fetched:
            yield from waiting(_fetched_readings(list(group), config, inspectorates, register))
        else:
            yield from each(of_file, list(group))


def known_scales(config: Path | None = None) -> Inspectorates:
    """The scales in a config directory, or those that come with the program."""
    from digest.adapters.config.packaged_scales import are_packaged, packaged_scales

    if config is None or are_packaged(config):
        return packaged_scales()
    from digest.adapters.config.files import load_scales

    return load_scales(config)


def known_providers() -> Register:
    """The providers in the register that comes with the program, without ratings."""
    from digest.adapters.config.packaged import packaged_register

    return Register(packaged_register()[0])


def _opened(where: str, url: str | None) -> Page:
    from digest.adapters.clock import SystemClock

    path = Path(where)
    if path.is_dir():
        raise _NotOpenedError(f"no page in it ({', '.join(_KINDS)})")
    try:
        body = path.read_bytes()
    except OSError as error:
        raise _NotOpenedError(f"cannot be read: {error.strerror}") from error
    return Page(
        url=url or path.absolute().as_uri(),
        body=body,
        content_type=_KINDS.get(path.suffix.lower()),
        fetched_at=SystemClock().now(),
    )


async def _fetched_readings(
    where: Sequence[str], config: Path | None, inspectorates: Inspectorates, register: Register
) -> list[Reading | Exception]:
    """The readings of web pages. Each is read in a worker process, which is killed if it takes too long."""
    from digest.adapters.config.files import load
    from digest.adapters.config.packaged import packaged
    from digest.adapters.workers import ProcessWorkers
    from digest.extract import read as read_page

    contact = load(config or packaged("config")).service.contact
    found: list[Reading | Exception] = []
    async with ProcessWorkers() as workers:
        for address in where:
            try:
                page = await _fetched(address, contact)
                reading = await workers.run(read_page, page, inspectorates=inspectorates, register=register)
                found.append(reading)
            except DigestError as error:
                found.append(error)
    return found


async def _fetched(where: str, contact: str) -> Page:
    from digest.adapters.clock import SystemClock
    from digest.adapters.http.fetcher import HttpFetcher
    from digest.ports import Fetched

    async with HttpFetcher(contact=contact, clock=SystemClock(), allow_private=True) as fetcher:
        outcome = await fetcher.fetch(where)
    if not isinstance(outcome, Fetched):
        raise _NotFetchedError(str(getattr(outcome, "reason", "not modified")))
    return Page(
        url=outcome.url,
        body=outcome.body,
        content_type=outcome.content_type,
        fetched_at=SystemClock().now(),
    )


# -- showing --------------------------------------------------------------------------------------------


def _as_json(reading: Reading, *, why: bool) -> dict[str, Any]:
    from digest.extract import as_contract

    dropped = [
        {"reason": str(d.reason), "provider": d.provider, "grade": d.grade, "evidence": d.evidence}
        for d in _dropped(reading)
    ]
    return as_contract(reading) | ({"dropped": dropped} if why else {})


def _dropped(reading: Reading) -> Sequence[Any]:
    """The grades that were seen but left out, each with the reason."""
    found: Sequence[Any] = getattr(reading, "dropped", ())
    return found


def _shown(reading: Reading, *, why: bool) -> list[str]:
    """The reading as text for a person."""
    lines = [
        reading.title,
        f"  kind of text   {reading.kind}",
        f"  inspectorate   {reading.inspectorate or 'not named'}",
        f"  published      {reading.published or 'not stated'}",
    ]
    for report in reading.reports:
        lines += ["", *_report(report)]
    if why and _dropped(reading):
        lines += ["", *(f"left out: {d.reason}: {d.evidence}" for d in _dropped(reading))]
    return lines


def _report(report: Report) -> list[str]:
    overall = report.overall.value if report.overall else "none stated"
    previous = report.previous.value if report.previous else "none stated"
    lines = [
        report.provider or "(a provider that the text does not name)",
        f"  overall        {overall}",
        f"  previously     {previous}",
        f"  movement       {report.claims}",
    ]
    if report.inspected:
        lines.append(f"  inspected      {report.inspected.value}")
    if report.caseload:
        lines.append(f"  caseload       {report.caseload.value}")
    evidence = (report.overall, report.previous, report.direction)
    sentences = dict.fromkeys(claim.evidence for claim in evidence if claim)
    lines += [f"  evidence       “{sentence}”" for sentence in sentences]
    lines += [f"  {judgement.grade:<22} {judgement.aspect}" for judgement in report.judgements]
    return lines + _findings(report.findings)


def _findings(findings: tuple[Finding, ...]) -> list[str]:
    lines: list[str] = []
    signs = {FindingKind.STRENGTH: "+", FindingKind.IMPROVEMENT: "-", FindingKind.RECOMMENDATION: ">"}
    for heading in dict.fromkeys(finding.heading for finding in findings):
        lines.append(f"  {heading or 'Key findings'}")
        lines += [f"    {signs[f.kind]} {f.text}" for f in findings if f.heading == heading]
    return lines
