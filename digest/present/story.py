"""One story as a reader sees it: what to quote is chosen, and what is left out is counted.

No grade is told without the sentence that carries it: a change whose sentence is missing is not told.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from digest.changes import REPORTED_WITHIN, Change, Movement
from digest.edition import Comment, Story
from digest.present.tidy import web_link
from digest.reports import Finding, FindingKind, Quote
from digest.wishes import Reason

FINDINGS_OF_A_KIND: Final = 3
ASPECTS: Final = 6
LONGEST_QUOTE: Final = 320  # characters; a longer one is left out, never cut

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH: Final = re.compile(r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*")
_YEAR: Final = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """Findings that stand under one heading of the report."""

    name: str | None
    findings: tuple[Finding, ...]  # never empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Aspects that one sentence of the report grades."""

    changes: tuple[Change, ...]  # never empty
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryView:
    """One story as a reader sees it."""

    story: Story
    name: str  # what the story is about: the provider, or else the title
    link: str | None  # None where there is none that a reader may be led to
    change: Change | None  # of the overall grade, with `story.evidence` to carry it
    aspects: tuple[Judged, ...]
    more_aspects: int
    headings: tuple[Heading, ...]
    more_findings: int
    quote: Quote | None
    commentary: tuple[Comment, ...]
    reasons: tuple[Reason, ...]  # the reader's wishes that brought it, for one who does not get everything


def story_view(story: Story, reasons: tuple[Reason, ...] = ()) -> StoryView:
    """The view of a story whose text is tidy, for a reader who gets it for these reasons."""
    told_change = story.change if story.evidence else None
    judged, more_aspects = _aspects(story)
    findings = _chosen(story.findings)
    return StoryView(
        story=replace(story, inspected=_visited(story)),
        name=story.provider_name or story.title,
        link=web_link(story.link),
        change=told_change,
        aspects=judged,
        more_aspects=more_aspects,
        headings=_by_heading(findings),
        more_findings=len(story.findings) - len(findings),
        quote=_quote(story),
        commentary=tuple(replace(c, link=web_link(c.link) or "") for c in story.commentary),
        reasons=reasons,
    )


def _visited(story: Story) -> str | None:
    """When inspectors were there, in the text's words; with the year where the report's date settles it."""
    words, published = story.inspected, story.published
    months = [_MONTHS.index(name[:3].lower()) + 1 for name in _MONTH.findall(words or "")]
    if words is None or published is None or story.reported_by or not months or _YEAR.search(words):
        return words
    years = {published.year - (month > published.month) for month in months}
    year = years.pop()
    if years or published - date(year, months[0], 1) > REPORTED_WITHIN:
        return words
    return f"{words} {year}"


def _aspects(story: Story) -> tuple[tuple[Judged, ...], int]:
    """The aspects to tell, those that moved first, joined where one sentence carries several."""
    graded = {judgement.aspect: judgement.evidence for judgement in story.judgements}
    # One sentence takes back what several gave.
    sentences = {
        c.aspect: story.evidence if c.movement is Movement.WITHDRAWN else graded.get(c.aspect)
        for c in story.aspects
    }
    carried = [c for c in story.aspects if sentences[c.aspect]]
    ordered = sorted(carried, key=lambda c: not c.moved)
    by_sentence: dict[str, list[Change]] = {}
    for change in ordered[:ASPECTS]:
        by_sentence.setdefault(sentences[change.aspect] or "", []).append(change)
    judged = tuple(Judged(changes=tuple(own), evidence=text) for text, own in by_sentence.items())
    return judged, len(carried) - len(ordered[:ASPECTS])


def _chosen(findings: Sequence[Finding]) -> list[Finding]:
    """A few findings of each kind, in the report's order."""
    kept = {i for kind in FindingKind for i in _first_of_each_heading(findings, kind)}
    return [finding for i, finding in enumerate(findings) if i in kept]


def _first_of_each_heading(findings: Sequence[Finding], kind: FindingKind) -> list[int]:
    """Positions of the findings of a kind to tell: headings take turns, so that none crowds out another."""
    taken: Counter[str | None] = Counter()
    turns = []
    for i, finding in enumerate(findings):
        if finding.kind is kind:
            turns.append((taken[finding.heading], i))
            taken[finding.heading] += 1
    return [i for _, i in sorted(turns)[:FINDINGS_OF_A_KIND]]


def _by_heading(findings: Iterable[Finding]) -> tuple[Heading, ...]:
    """Findings under their headings, strengths before areas for improvement."""
    groups: dict[str | None, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.heading, []).append(finding)
    return tuple(
        Heading(name=name, findings=tuple(sorted(own, key=lambda f: list(FindingKind).index(f.kind))))
        for name, own in groups.items()
    )


def _quote(story: Story) -> Quote | None:
    """One short quote that does not repeat the evidence; the chief inspector's if there is one."""
    evidence = story.evidence or ""
    fitting = [
        quote
        for quote in story.quotes
        if len(quote.text) <= LONGEST_QUOTE
        and not (evidence and (quote.text in evidence or evidence in quote.text))
    ]
    chief = (quote for quote in fitting if "chief inspector" in quote.speaker.casefold())
    return next(chief, fitting[0] if fitting else None)
