"""One story as a reader sees it: findings and a quote are chosen, and what is left out is counted.

No grade is shown without the sentence or record that states it, or the reason of an operator for it.
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
from digest.present.record import provenance
from digest.present.tidy import web_link
from digest.records import Cause, Provenance
from digest.reports import Finding, FindingKind, Quote
from digest.wishes import Reason

FINDINGS_OF_A_KIND: Final = 3
ASPECTS: Final = 6
LONGEST_QUOTE: Final = 320  # characters; a longer quote is left out, not cut

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH: Final = re.compile(r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*")
_YEAR: Final = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading of the report, with the findings under it."""

    name: str | None
    findings: tuple[Finding, ...]  # never empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Changes of aspects that one sentence of the report states, or fields of a record in the same words."""

    changes: tuple[Change, ...]  # never empty
    evidence: str  # empty if fields state them in the same words, or else if an operator has corrected them
    by_fields: bool = False  # whether fields of a record state them in the same words: "Safe: Good"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryView:
    """One story as a reader sees it."""

    story: Story
    name: str  # the provider's name or else the title
    link: str | None  # None if the link is not fit for readers
    change: Change | None  # of the overall grade, which `story.evidence` states, or else an operator
    aspects: tuple[Judged, ...]
    more_aspects: int
    headings: tuple[Heading, ...]
    more_findings: int
    quote: Quote | None
    commentary: tuple[Comment, ...]
    record: Provenance | None  # that states the grades; None: sentences of a text do
    reasons: tuple[Reason, ...]  # the wishes because of which the reader gets it; none if they get all

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes that it shows, that of the overall grade first."""
        overall = (self.change,) if self.change else ()
        return (*overall, *(change for one in self.aspects for change in one.changes))

    @property
    def corrected(self) -> bool:
        """Whether the publisher has corrected what it stated before."""
        return self.record is not None and self.record.cause is Cause.CORRECTION


def story_view(story: Story, reasons: tuple[Reason, ...] = ()) -> StoryView:
    """The view of a story whose text is tidy. `reasons`: why the reader gets it."""
    told_change = story.change if story.evidence or story.checked else None
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
        record=provenance(story),
        commentary=tuple(replace(c, link=web_link(c.link) or "") for c in story.commentary),
        reasons=reasons,
    )


def _visited(story: Story) -> str | None:
    """The time of the visit in the text's words, with the year added if it follows from the report's date."""
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
    """The aspects to show, those that moved first and grouped by sentence, and how many more there are."""
    graded = {judgement.aspect: judgement.evidence for judgement in story.judgements}
    # One sentence withdraws the grades of all aspects.
    sentences = {
        c.aspect: story.evidence if c.movement is Movement.WITHDRAWN else graded.get(c.aspect)
        for c in story.aspects
    }
    carried = [c for c in story.aspects if sentences[c.aspect] or story.checked]
    ordered = sorted(carried, key=lambda c: not c.moved)
    by_sentence: dict[str | None, list[Change]] = {}
    for change in ordered[:ASPECTS]:
        sentence = sentences[change.aspect] or ""
        repeated = story.origin is not None and _repeats(sentence, change)
        by_sentence.setdefault(None if repeated else sentence, []).append(change)
    judged = tuple(
        Judged(changes=tuple(own), evidence=text or "", by_fields=text is None)
        for text, own in by_sentence.items()
    )
    return judged, len(carried) - len(ordered[:ASPECTS])


def _repeats(line: str, change: Change) -> bool:
    """Whether a record's field is the aspect and its grade, word for word: "Safe: Good"."""
    return line.casefold() == f"{change.aspect}: {change.after}".casefold()


def _chosen(findings: Sequence[Finding]) -> list[Finding]:
    """At most `FINDINGS_OF_A_KIND` findings of each kind, in the report's order."""
    kept = {i for kind in FindingKind for i in _first_of_each_heading(findings, kind)}
    return [finding for i, finding in enumerate(findings) if i in kept]


def _first_of_each_heading(findings: Sequence[Finding], kind: FindingKind) -> list[int]:
    """The positions of the findings of a kind to show. The headings take turns."""
    taken: Counter[str | None] = Counter()
    turns = []
    for i, finding in enumerate(findings):
        if finding.kind is kind:
            turns.append((taken[finding.heading], i))
            taken[finding.heading] += 1
    return [i for _, i in sorted(turns)[:FINDINGS_OF_A_KIND]]


def _by_heading(findings: Iterable[Finding]) -> tuple[Heading, ...]:
    """The findings, grouped by heading; under each, strengths come before areas for improvement."""
    groups: dict[str | None, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.heading, []).append(finding)
    return tuple(
        Heading(name=name, findings=tuple(sorted(own, key=lambda f: list(FindingKind).index(f.kind))))
        for name, own in groups.items()
    )


def _quote(story: Story) -> Quote | None:
    """A short quote that does not repeat the evidence, of the chief inspector if possible."""
    evidence = story.evidence or ""
    fitting = [
        quote
        for quote in story.quotes
        if len(quote.text) <= LONGEST_QUOTE
        and not (evidence and (quote.text in evidence or evidence in quote.text))
    ]
    chief = (quote for quote in fitting if "chief inspector" in quote.speaker.casefold())
    return next(chief, fitting[0] if fitting else None)
