"""`digest review`: reports that the service is not sure of, and operators' decisions on them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    By,
    ConfigDirectory,
    Exit,
    command_group,
    complain,
    opened,
    say,
    say_each,
    say_one,
    story_key,
    waiting,
)
from digest.edition import Candidate, StoryKey
from digest.present.record import origin_in_words
from digest.reports import Direction
from digest.review import PageIs

if TYPE_CHECKING:
    from digest.ports import InQuestion
    from digest.review import Case

app = command_group("Decide on reports that the service is not sure of.")

CaseId = Annotated[
    str, typer.Argument(metavar="CASE", help="A case in `digest review list`, such as 12 or 12.1.")
]
Why = Annotated[str, typer.Option(metavar="TEXT", help="The reason. Corrections print it.")]


@app.command("list")
def list_(config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List the open cases, the oldest first.

    Each case has its doubts.

    Example: digest review list
    """
    cases = waiting(_open(config))
    say_each(cases, nothing="nothing to review", text=_short, json=_json, as_json=as_json)


@app.command("show")
def show(case: CaseId, config: ConfigDirectory = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show everything about one case.

    It shows what was read, the sentences it was read from, the doubts, and earlier decisions.

    Example: digest review show 12
    """
    found, asked = waiting(_one(config, _key(case)))
    page = [f"  page now    {line}" for line in _of_the_page(found, asked)]
    say_one(found, text=lambda one: "\n".join((_long(one), *page)), json=_json, as_json=as_json)


@app.command("accept")
def accept(case: CaseId, why: Why, by: By, config: ConfigDirectory = DEFAULT_CONFIG) -> None:
    """Accept a report as it was read.

    This replaces earlier decisions. A provider that is not in the register is added to it.

    Example: digest review accept 12 --why "checked against the report"
    """
    from digest.jobs import review

    _decide(config, _key(case), partial(review.accept, by=by, why=why))


@app.command("correct")
def correct(  # noqa: PLR0917 -- options, each given by name
    case: CaseId,
    why: Why,
    by: By,
    overall: Annotated[str | None, typer.Option(metavar="GRADE", help="The overall grade.")] = None,
    previous: Annotated[str | None, typer.Option(metavar="GRADE", help="The overall grade before.")] = None,
    movement: Annotated[Direction | None, typer.Option(help="The movement that the text states.")] = None,
    provider: Annotated[
        str | None, typer.Option(metavar="ID", help="The provider's id in the register.")
    ] = None,
    aspect: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=GRADE", help="An aspect's grade. Repeatable; replaces all that were read."
        ),
    ] = None,
    evidence: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="The sentence that states the overall grade, word for word."),
    ] = None,
    config: ConfigDirectory = DEFAULT_CONFIG,
) -> None:
    """Correct what was read from a report.

    If an edition already told the report, the next edition corrects it.

    Example: digest review correct 12 --overall good --previous "requires improvement" --why "misread a table"
    """
    from digest.review import Amendment

    aspects = dict(_aspect(words) for words in aspect) if aspect else None
    amendment = Amendment(
        provider=provider,
        overall=overall,
        previous=previous,
        direction=movement,
        aspects=aspects,
        evidence=evidence,
    )
    if amendment == Amendment():
        complain(
            "nothing to correct: give --overall, --previous, --movement, --provider, --aspect or --evidence"
        )
        raise typer.Exit(Exit.WRONG)

    from digest.app.directory import configured
    from digest.jobs import review

    settings, _ = configured(config)
    correct = partial(review.correct, amendment=amendment, inspectorates=settings.inspectorates)
    _decide(config, _key(case), partial(correct, by=by, why=why))


@app.command("reject")
def reject(case: CaseId, why: Why, by: By, config: ConfigDirectory = DEFAULT_CONFIG) -> None:
    """Keep a report out of editions.

    Its grades are not kept as ratings. If an edition already told the report, the next one withdraws it.

    Example: digest review reject 12 --why "a press release about another service"
    """
    from digest.jobs import review

    _decide(config, _key(case), partial(review.reject, by=by, why=why))


@app.command("settle")
def settle(
    case: CaseId,
    why: Why,
    by: By,
    page_is: Annotated[PageIs, typer.Option("--as", help="What the page is that says something else.")],
    config: ConfigDirectory = DEFAULT_CONFIG,
) -> None:
    """Say what a page is that says something else now.

    A new report is another inspection's: it is read with the next poll, compared with the former one, and
    told. A correction is the same report: what the page says now replaces what was read. Nothing leaves the
    report as it is.

    Example: digest review settle 12 --as new-report --why "the inspection of March 2028"
    """
    from digest.jobs import review

    _decide(config, _key(case), partial(review.settle, page_is=page_is, by=by, why=why))


def _decide(config: Path, key: StoryKey, decision: Callable[..., Awaitable[Case]]) -> None:
    """Carry out a decision of `jobs.review`, and print the result."""

    async def decide() -> Case:
        from digest.adapters.clock import SystemClock

        async with opened(config) as (_, store):
            return await decision(key, store=store, clock=SystemClock())

    _decided(waiting(decide()))


async def _open(config: Path) -> list[Case]:
    async with opened(config) as (_, store):
        return await store.review.open()


async def _one(config: Path, key: StoryKey) -> tuple[Case, InQuestion | None]:
    from digest.jobs.review import case_of

    async with opened(config) as (_, store):
        return await case_of(key, store), await store.versions.in_question(key)


def _of_the_page(case: Case, asked: InQuestion | None) -> Iterator[str]:
    """What the page says now about which operators are asked, and what they may decide."""
    if asked is None:
        return
    now, report = asked.candidate, asked.candidate.report
    yield f"{now.provider_name or 'no provider'}, {now.title}"
    for judgement in report.graded() if report else ():
        yield f"{judgement.grade:<22} {judgement.aspect}: “{judgement.evidence}”"
    if report and report.inspected:
        yield f"inspected: “{report.inspected.evidence}”"
    yield f"fetched {asked.page.fetched_at:%Y-%m-%d %H:%M} from {asked.page.url}"
    ways = "|".join(PageIs)
    yield f"decide with: digest review settle {case.key} --as {ways} --why TEXT"


def _key(words: str) -> StoryKey:
    return story_key(words, "CASE")


def _aspect(words: str) -> tuple[str, str]:
    name, equals, grade = words.partition("=")
    if not (equals and name.strip() and grade.strip()):
        raise typer.BadParameter(f"{words!r} is not NAME=GRADE, such as staffing=good", param_hint="--aspect")
    return name.strip(), grade.strip()


def _decided(case: Case) -> None:
    last = case.decided[-1]
    next_edition = ""
    if _is_corrected(case):
        adds = case.candidate.correction is not None and case.candidate.correction.adds
        told = "tells what was in doubt" if adds else "corrects what was told"
        next_edition = f" The next edition {told}."
    say(f"{case.key} {last.decision} by {last.by}.{next_edition}")


def _is_corrected(case: Case) -> bool:
    return case.told is not None and case.candidate.told_on is None


def _told(case: Case) -> str:
    if case.told is None:
        return "never: withheld" if case.withheld else "not yet"
    corrected = ", which the next one corrects" if _is_corrected(case) else ""
    return f"in the edition of {case.told.told_on}{corrected}"


def _short(case: Case) -> str:
    candidate = case.candidate
    about = f"{candidate.provider_name}: {candidate.title}" if candidate.provider_name else candidate.title
    return "\n".join([f"{case.key!s:>6}  {about}", *(f"        {doubt}" for doubt in case.doubts)])


def _long(case: Case) -> str:
    candidate, report = case.candidate, case.candidate.report
    known_as = f" [{candidate.provider}]" if candidate.provider else ""
    lines = [
        f"case {case.key}",
        f"  title       {candidate.title}",
        f"  link        {candidate.link}",
        f"  source      {candidate.source_name} ({candidate.authority})",
        f"  provider    {candidate.provider_name or 'not named'}{known_as}",
        f"  told        {_told(case)}",
    ]
    if candidate.origin:
        lines.append(f"  record      {origin_in_words(candidate.origin)}")
    if report:
        lines += [
            f"  overall     {report.overall.value if report.overall else 'none read'}",
            f"  previously  {report.previous.value if report.previous else 'none read'}",
            f"  movement    {report.claims}",
        ]
        claims = (report.overall, report.previous, report.direction)
        said = dict.fromkeys(c.evidence for c in claims if c and c.evidence)
        lines += [f"  evidence    {_stated(text, candidate)}" for text in said]
        lines += [
            f"  {j.grade:<22} {j.aspect}: "
            + (_stated(j.evidence, candidate) if j.evidence else "no sentence states it")
            for j in report.judgements
        ]
    lines += [f"  in doubt    {doubt}" for doubt in case.doubts]
    lines += [f"  {d.decision:<11} {d.at:%Y-%m-%d %H:%M} by {d.by}: {d.why}" for d in case.decided]
    return "\n".join(lines)


def _stated(words: str, candidate: Candidate) -> str:
    """A sentence in its marks; the field of a record, which is none, as it is."""
    return words if candidate.origin else f"“{words}”"


def _json(case: Case) -> dict[str, Any]:
    candidate, report = case.candidate, case.candidate.report
    return {
        "case": str(case.key),
        "title": candidate.title,
        "link": candidate.link,
        "source": candidate.source,
        "provider": candidate.provider,
        "provider_name": candidate.provider_name,
        "told_on": case.told.told_on if case.told else None,
        "waits": candidate.told_on is None and not case.withheld,
        "overall": report.overall.value if report and report.overall else None,
        "previous": report.previous.value if report and report.previous else None,
        "direction": str(report.claims) if report else None,
        "record": origin_in_words(candidate.origin) if candidate.origin else None,
        "judgements": {j.aspect: j.grade for j in report.judgements} if report else {},
        "evidence": report.overall.evidence or None if report and report.overall else None,
        "doubts": list(case.doubts),
        "raised_at": case.raised_at,
        "decided": [
            {"decision": str(d.decision), "by": d.by, "at": d.at, "why": d.why} for d in case.decided
        ],
    }
