"""Reading: a page in, what it says out. Pure: the text, the scales and the register's names are all it knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from digest.errors import ParseError
from digest.extract.blocks import BlockKind
from digest.extract.cast import Named
from digest.extract.dates import inspected, only_dates, published_on, year_of_address
from digest.extract.facts import caseload
from digest.extract.findings import findings
from digest.extract.judges import inspectorate_of, rivals_of, scale_of
from digest.extract.kinds import Subject, subject_of
from digest.extract.lines import Line, lines_of
from digest.extract.maintext import MainText, main_text
from digest.extract.names import cast_of
from digest.extract.phrases import Text
from digest.extract.quotes import quotes
from digest.extract.sentences import sentences
from digest.extract.testimony import Testimony, testimony_of
from digest.extract.verdict import Verdict, verdict_on
from digest.items import Page
from digest.providers import Register, normal_name
from digest.ratings import Inspectorate, Inspectorates, Scale
from digest.reports import Kind, Reading, Report

# Youth teams change their names; a region of the service is often called the service.
_SAME_KINDS: Final = {
    **dict.fromkeys(("yjs", "yos", "yot", "yjp"), ("yjs", "yos", "yot")),
    "nps": ("division", "region"),
    "division": ("region",),
    "area": ("region", "pdu", "crc", "division"),
}
_LONGEST: Final = 500_000  # characters of main text: twice the longest report


def read(page: Page, *, inspectorates: Inspectorates, register: Register) -> Reading:
    """What a page says of inspections: who was inspected, the ratings, their movement and the findings.

    Every claim's evidence stands word for word in the reading's `text`. What the text leaves in doubt is
    absent. No rating history is used. `ParseError` where the page is no text or has no words.
    """
    main = main_text(page)
    if len(main.text) > _LONGEST:
        raise ParseError(f"a text of {len(main.text):,} characters; a report has at most {_LONGEST:,}")
    published = published_on(main.dates, main.title, main.blocks)
    lines = lines_of(main)
    whole = Text("\n".join((main.title, *(line.text for line in lines))))
    judge = inspectorate_of(whole, page.url, inspectorates)
    cast = cast_of(main.blocks, register, judge.bodies if judge else ())
    year = published.year if published else year_of_address(page.url)
    scale = scale_of(judge, year, main.text) if judge else None
    told = (
        testimony_of(
            lines, scale, cast, judge, rivals_of(judge, inspectorates, whole), modern=_is_modern(scale, year)
        )
        if judge and scale
        else Testimony()
    )
    lead = _lead(main)
    subject = subject_of(
        main.title, lead or "", [(li.text, li.heading) for li in lines], cast, told.statements, told.counted
    )
    return Reading(
        kind=subject.kind,
        inspectorate=judge.key if judge else None,
        published=published,
        title=main.title,
        reports=_reports(main, lines, subject, told, judge, scale, published.year if published else None),
        lead=lead,
        links=main.links,
        text=main.text,
    )


def _is_modern(scale: Scale | None, year: int | None) -> bool:
    return bool(scale and year and scale.valid_from and year >= scale.valid_from.year)


def _lead(main: MainText) -> str | None:
    """The first two sentences of the running text; a line that only dates it is above that."""
    for block in main.blocks:
        if block.kind is BlockKind.PARAGRAPH and block.text != main.title and not only_dates(block.text):
            first = sentences(block.text)[:2]
            if first:
                end = block.text.find(first[-1]) + len(first[-1])
                return block.text[block.text.find(first[0]) : end]
    return None


def _reports(  # noqa: PLR0917 -- one step of one pipeline, called once
    main: MainText,
    lines: Sequence[Line],
    subject: Subject,
    told: Testimony,
    judge: Inspectorate | None,
    scale: Scale | None,
    published_year: int | None,
) -> tuple[Report, ...]:
    if judge is None or subject.kind in {Kind.THEMATIC, Kind.OTHER}:
        return ()
    key = scale.key if scale else judge.scales[0].key if judge.scales else ""
    alone = len(subject.providers) <= 1
    reports = []
    for provider in subject.providers or (None,):
        verdict = scale is not None and verdict_on(
            [
                s
                for s in told.statements
                if (s.everyone and not alone)
                or (not s.everyone and _is_about(s.who, provider, alone=alone, kind=s.spoken_of))
            ],
            [c for c in told.claims if c.everyone or _is_about(c.who, provider, alone=alone)],
            scale=scale,
            published_year=published_year,
        )
        verdict = verdict or Verdict()
        reports.append(
            Report(
                provider=provider.name if provider else None,
                scale=key,
                overall=verdict.overall,
                previous=verdict.previous,
                direction=verdict.direction,
                judgements=verdict.judgements,
            )
        )
    if alone:
        # Facts of a text about several providers cannot be told apart; of one alone they are its own.
        running = [line.text for line in lines if not line.heading]
        visit, last_day = inspected(running)
        reports[0] = replace(
            reports[0],
            findings=findings(main.blocks),
            quotes=quotes(main.blocks),
            inspected=visit,
            inspected_on=last_day,
            caseload=caseload(running),
        )
    return tuple(reports)


def _is_about(who: Iterable[Named], provider: Named | None, *, alone: bool, kind: str | None = None) -> bool:
    """Whether words about `who` are about this provider: nobody named means the one the text is about.

    "The region was rated ..." in a text about one of its units is not.
    """
    names = {normal_name(n.name) for n in who}
    if not names:
        body = provider.body.kind.casefold() if provider and provider.body else None
        return alone and (kind is None or body is None or kind == body or kind in _SAME_KINDS.get(body, ()))
    return provider is not None and normal_name(provider.name) in names
