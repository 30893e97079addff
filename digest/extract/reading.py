"""From a page to a reading: each step of `extract` in its turn."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final

from digest.extract.aspects import AspectWords
from digest.extract.blocks import Block, BlockKind
from digest.extract.claims import Claims, GradeClaim, Sentence
from digest.extract.findings import findings_of
from digest.extract.grades import GradeWords
from digest.extract.maintext import MainText, main_text
from digest.extract.movements import direction_of
from digest.extract.names import Cast, cast_of
from digest.extract.sentences import sentences
from digest.extract.speech import caseload_of, inspected_of, quotes_of
from digest.items import Page
from digest.providers import Register
from digest.ratings import Inspectorate, Inspectorates, Scale
from digest.reports import Claim, Judgement, Kind, Reading, Report

_NATIONAL_TITLE: Final = re.compile(
    r"\b(?:national(?:ly)?|thematic|annual report|across (?:the country|england|wales)|joint (?:thematic )?inspection|"
    r"effective practice|lessons)\b",
    re.IGNORECASE,
)
_INSPECTED: Final = re.compile(r"\b(?:inspect(?:ed|ion|ors|orate)|rated|rating)\b", re.IGNORECASE)
_LEAD: Final = 2
_LEAD_FROM: Final = 60  # characters: shorter sentences are captions and labels


def read(page: Page, *, inspectorates: Inspectorates, register: Register) -> Reading:
    """What a page says; nothing in it comes from anywhere but the page, the scales and known names.

    `ParseError` where the page has no words.
    """
    main = main_text(page)
    cast = cast_of(main.blocks, register)
    inspectorate = _inspectorate(main, cast, inspectorates)
    scale = inspectorate.scales[0] if inspectorate and inspectorate.scales else None
    told = _told(main.blocks)
    reports = _reports(main, cast, scale, told) if scale else ()
    return Reading(
        kind=_kind(main, cast, reports),
        inspectorate=inspectorate.key if inspectorate else None,
        published=_published(main),
        title=main.title,
        reports=reports,
        lead=_lead(told),
        links=main.links,
        text=main.text,
    )


def _told(blocks: Iterable[Block]) -> list[Sentence]:
    """Every sentence with the heading it stands under."""
    found: list[Sentence] = []
    heading = ""
    for block in blocks:
        is_heading = block.kind is BlockKind.HEADING
        heading = block.text if is_heading else heading
        parts = (block.text,) if is_heading else sentences(block.text)
        found += [
            Sentence(text=text, heading=heading, is_heading=is_heading, place=len(found) + i)
            for i, text in enumerate(parts)
        ]
    return found


def _inspectorate(main: MainText, cast: Cast, inspectorates: Inspectorates) -> Inspectorate | None:
    """The body that the text names most; else the one whose bodies it names."""
    text = main.text.casefold().replace("’", "'")
    counts = {i.key: sum(text.count(n.casefold()) for n in (i.name, *i.aliases)) for i in inspectorates}
    named = max(counts, key=lambda key: counts[key], default=None)
    if named is not None and counts[named]:
        return inspectorates.named(named)
    bodies = {n.body.inspectorate for n in cast.all if n.body and not n.loose}
    return inspectorates.named(bodies.pop()) if len(bodies) == 1 else None


def _reports(main: MainText, cast: Cast, scale: Scale, told: Sequence[Sentence]) -> tuple[Report, ...]:
    proper = [named.name for named in cast.all if not named.loose] or [n.name for n in cast.all[:1]]
    if not proper or not _INSPECTED.search(main.text):
        return ()
    reader = Claims(GradeWords(scale), AspectWords(scale), cast)
    claims = [claim for sentence in told for claim in reader.of(sentence)]
    subject = _subject(main, cast, proper)
    own: dict[str, list[GradeClaim]] = {name: [] for name in proper}
    for claim in claims:
        own.setdefault(claim.name or subject, []).append(claim)
    rated = [name for name in own if _agreed(own[name], former=False) is not None]
    if len(rated) > 1 and subject not in _in(main.title, cast):
        return tuple(_report(name, own[name], main, cast, scale, told, single=False) for name in rated)
    return (_report(subject, own.get(subject, []), main, cast, scale, told, single=True),)


def _in(text: str, cast: Cast) -> list[str]:
    return [mention.named.name for mention in cast.mentions(text, heading=True)]


def _subject(main: MainText, cast: Cast, proper: Sequence[str]) -> str:
    """The provider that the title names, or else the text names most."""
    titled = [name for name in _in(main.title, cast) if name in proper]
    counts = Counter(m.named.name for block in main.blocks for m in cast.mentions(block.text))
    return titled[0] if titled else max(proper, key=lambda name: counts[name])


def _report(  # noqa: PLR0917 -- one step of one pipeline
    name: str,
    claims: Sequence[GradeClaim],
    main: MainText,
    cast: Cast,
    scale: Scale,
    told: Sequence[Sentence],
    *,
    single: bool,
) -> Report:
    overall = _agreed(claims, former=False)
    previous = _agreed(claims, former=True)
    about = [s for s in told if single or any(m.named.name == name for m in cast.mentions(s.text))]
    inspected, inspected_on = inspected_of(about)
    return Report(
        provider=name,
        scale=scale.key,
        overall=_claim(overall),
        previous=_claim(previous),
        direction=direction_of(overall, previous, about),
        judgements=_judgements(claims),
        findings=findings_of(main.blocks) if single else (),
        quotes=quotes_of(main.blocks) if single else (),
        inspected=inspected,
        inspected_on=inspected_on,
        caseload=caseload_of(about) if single else None,
    )


def _claim(claim: GradeClaim | None) -> Claim | None:
    return Claim(value=claim.grade, evidence=claim.sentence.text) if claim else None


def _agreed(claims: Iterable[GradeClaim], *, former: bool) -> GradeClaim | None:
    """The overall grade that these claims agree on, in its best sentence; None where they do not agree.

    What is said of the service "overall" in so many words goes before what only seems to be.
    """
    found = [c for c in claims if c.former is former and not c.aspects]
    surest = [c for c in found if c.overall] or found
    if len({c.grade for c in surest}) != 1:
        return None
    return min(surest, key=lambda c: (c.sentence.is_heading, c.sentence.place))


def _judgements(claims: Iterable[GradeClaim]) -> tuple[Judgement, ...]:
    """One grade for each aspect; an aspect with two is left out."""
    now: dict[str, list[GradeClaim]] = {}
    before: dict[str, set[str]] = {}
    for claim in claims:
        for aspect in claim.aspects:
            if claim.former:
                before.setdefault(aspect, set()).add(claim.grade)
            else:
                now.setdefault(aspect, []).append(claim)
    return tuple(
        Judgement(
            aspect=aspect,
            grade=found[0].grade,
            previous=next(iter(before[aspect])) if len(before.get(aspect, ())) == 1 else None,
            evidence=found[0].sentence.text,
        )
        for aspect, found in now.items()
        if len({claim.grade for claim in found}) == 1
    )


def _kind(main: MainText, cast: Cast, reports: Sequence[Report]) -> Kind:
    if len(reports) > 1:
        return Kind.MULTI
    if _NATIONAL_TITLE.search(main.title) and not _in(main.title, cast):
        return Kind.THEMATIC if _INSPECTED.search(main.text) else Kind.OTHER
    if reports and (reports[0].rated or reports[0].findings):
        return Kind.INSPECTION
    return Kind.OTHER


def _published(main: MainText) -> date | None:
    for raw in main.dates:
        try:
            return datetime.fromisoformat(raw.strip().replace("Z", "+00:00")).date()
        except ValueError:
            continue
    return None


def _lead(told: Iterable[Sentence]) -> str | None:
    """The first whole sentences of the running text, word for word."""
    whole = [s.text for s in told if not s.is_heading and len(s.text) >= _LEAD_FROM]
    return whole[0] if whole else None
