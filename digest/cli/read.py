"""`digest read`: what the service understands of one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from digest.cli.common import AsJson, Exit, complain, say, say_json, waiting
from digest.items import Page
from digest.providers import Register
from digest.reports import Finding, FindingKind, Reading, Report


def read(
    where: Annotated[
        str, typer.Argument(metavar="FILE|URL", help="An HTML, PDF or text file, or a web address.")
    ],
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="The address the file came from, for its links.")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Use this directory's scales instead of the packaged ones."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what is read from a page or a file.

    That is the kind of text, the provider, ratings, movement and findings. No rating history is used: only
    the text, the scales, and the names of known providers.

    Example: digest read report.html --url https://example.org/report --json
    """
    reading = waiting(_read(where, url, config))
    if as_json:
        from digest.extract import as_contract

        say_json(as_contract(reading))
    else:
        say("\n".join(_shown(reading)))


async def _read(where: str, url: str | None, config: Path | None) -> Reading:
    from digest.adapters.packaged import packaged
    from digest.adapters.settings_files import load
    from digest.adapters.workers import ProcessWorkers
    from digest.extract import read as read_page

    settings = load(config or packaged("config"))
    page = (
        await _fetched(where, settings.service.contact)
        if where.startswith(("http://", "https://"))
        else _opened(where, url)
    )
    async with ProcessWorkers() as workers:
        return await workers.run(
            read_page, page, inspectorates=settings.inspectorates, register=known_providers()
        )


def known_providers() -> Register:
    """The names of the register that comes with the program, without its ratings."""
    from digest.adapters.packaged import packaged_register

    return Register(packaged_register()[0])


def _opened(where: str, url: str | None) -> Page:
    from digest.adapters.clock import SystemClock

    path = Path(where)
    try:
        body = path.read_bytes()
    except OSError as error:
        complain(f"{where}: cannot be read: {error.strerror}")
        raise typer.Exit(Exit.WRONG) from error
    kinds = {".html": "text/html", ".htm": "text/html", ".txt": "text/plain", ".pdf": "application/pdf"}
    kind = kinds.get(path.suffix.lower())
    return Page(
        url=url or path.absolute().as_uri(), body=body, content_type=kind, fetched_at=SystemClock().now()
    )


async def _fetched(where: str, contact: str) -> Page:
    from digest.adapters.clock import SystemClock
    from digest.adapters.fetcher import HttpFetcher
    from digest.ports import Fetched

    async with HttpFetcher(contact=contact, clock=SystemClock(), allow_private=True) as fetcher:
        outcome = await fetcher.fetch(where)
    if not isinstance(outcome, Fetched):
        complain(f"{where}: {getattr(outcome, 'reason', 'not modified')}")
        raise typer.Exit(Exit.FAILED)
    return Page(
        url=outcome.url,
        body=outcome.body,
        content_type=outcome.content_type,
        fetched_at=SystemClock().now(),
    )


def _shown(reading: Reading) -> list[str]:
    """The reading as text for a person."""
    lines = [
        reading.title,
        f"  kind of text   {reading.kind}",
        f"  inspectorate   {reading.inspectorate or 'not named'}",
        f"  published      {reading.published or 'not stated'}",
    ]
    for report in reading.reports:
        lines += ["", *_report(report)]
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
