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

from digest.changes import REPORTED_WITHIN, Certainty, Change, Movement
from digest.edition import Comment, Earlier, Story
from digest.present.record import provenance
from digest.present.tidy import web_link
from digest.ratings import NO_INSPECTORATES, Inspectorates
from digest.records import Cause, Provenance
from digest.reports import Finding, FindingKind, Quote
from digest.wishes import Reason

FINDINGS_OF_A_KIND: Final = 3
ASPECTS: Final = 12
LONGEST_QUOTE: Final = 320  # characters; a longer quote is left out, not cut

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH: Final = re.compile(r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*")
_YEAR: Final = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The findings of one kind."""

    kind: FindingKind
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
    earlier: tuple[Earlier, ...]  # overall grades before this one, the oldest first, if it is shown
    scale: tuple[str, ...]  # the grades of its scale, the lowest first; empty: the scale is not known
    aspects: tuple[Judged, ...]
    more_aspects: int
    groups: tuple[Group, ...]  # those that carry the verdict first: weaknesses if the grade went down
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
    def told(self) -> tuple[Change, ...]:
        """The change of the overall grade; without one, those of the aspects."""
        return (self.change,) if self.change else self.changes

    @property
    def headline(self) -> str:
        """The title without the name before it: "HMP Leeds: safer, but idle" is "Safer, but idle"."""
        name, title = self.name, self.story.title
        if not title.startswith((f"{name}:", f"{name} ")):
            return "" if title == name else title
        rest = title.removeprefix(name).lstrip(" :–—-")
        return rest[:1].upper() + rest[1:]

    def explains(self, group: Group) -> bool:
        """Whether findings of this kind are why the overall grade moved: nobody moves up for weaknesses."""
        moved = self.change.movement if self.change else None
        strengths = group.kind is FindingKind.STRENGTH
        return moved is (Movement.UPGRADE if strengths else Movement.DOWNGRADE)

    @property
    def compared_on(self) -> Change | None:
        """A change of an aspect; its earlier date is that of all aspects. None if they differ."""
        before = [change for one in self.aspects for change in one.changes if change.before]
        return before[0] if len({(c.before_on, c.before_precision) for c in before}) == 1 else None

    @property
    def compares(self) -> bool:
        """Whether it shows an earlier grade of an aspect."""
        return any(change.before for one in self.aspects for change in one.changes)

    @property
    def first_rated(self) -> bool:
        """Whether each grade of an aspect is known to be the first."""
        shown = [change for one in self.aspects for change in one.changes]
        return all(c.movement is Movement.FIRST_RATING and c.certainty is not Certainty.ALONE for c in shown)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What states the grades of the aspects, each sentence once, without what states the overall one.

        A line such as "Safe: Good." is left out: the table of the aspects says the same words.
        """
        said = {self.story.evidence if self.change else None, ""}
        return tuple(
            dict.fromkeys(
                one.evidence
                for one in self.aspects
                if one.evidence not in said
                and not all(_repeats(one.evidence.rstrip(" ."), change) for change in one.changes)
            )
        )

    @property
    def corrected(self) -> bool:
        """Whether the publisher has corrected what it stated before."""
        return self.record is not None and self.record.cause is Cause.CORRECTION


def story_view(
    story: Story, reasons: tuple[Reason, ...] = (), known: Inspectorates = NO_INSPECTORATES
) -> StoryView:
    """The view of a story whose text is tidy. `reasons`: why the reader gets it. `known` has the scales."""
    told_change = story.change if story.evidence or story.checked else None
    judged, more_aspects = _aspects(story)
    shown = [change for one in judged for change in one.changes]
    scale = _scale([told_change] if told_change else shown, known)
    evidence = (story.evidence if told_change else None) or ""
    said = _Said([evidence, *(one.evidence for one in judged)])
    fresh = said.without_repeats(story.findings)
    findings = _chosen(fresh)
    lead = None if evidence or findings else story.lead
    if lead:
        said.add(lead)
    return StoryView(
        story=replace(story, inspected=_visited(story), lead=lead),
        name=story.provider_name or story.title,
        link=web_link(story.link),
        change=told_change,
        earlier=story.earlier if told_change else (),
        scale=scale,
        aspects=judged,
        more_aspects=more_aspects,
        groups=_by_kind(findings, _order([told_change] if told_change else shown, scale)),
        more_findings=len(fresh) - len(findings),
        quote=_quote(story, said),
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
    """The aspects to show, grouped by sentence: those that fell first, then those that rose. And how many
    more there are.
    """
    graded = {judgement.aspect: judgement.evidence for judgement in story.judgements}
    # One sentence withdraws the grades of all aspects.
    sentences = {
        c.aspect: story.evidence if c.movement is Movement.WITHDRAWN else graded.get(c.aspect)
        for c in story.aspects
    }
    carried = [c for c in story.aspects if sentences[c.aspect] or story.checked]
    ordered = sorted(carried, key=lambda c: (not c.moved, c.movement is not Movement.DOWNGRADE))
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


def _scale(changes: Sequence[Change], known: Inspectorates) -> tuple[str, ...]:
    scale = known.scale(changes[0].scale) if changes else None
    return scale.lowest_first if scale else ()


def _order(changes: Sequence[Change], scale: Sequence[str]) -> tuple[FindingKind, ...]:
    """The order of the kinds of findings: those that explain the verdict come first."""
    movements = {change.movement for change in changes}
    low = [c for c in changes if c.after in scale and scale.index(c.after or "") < len(scale) / 2]
    if Movement.DOWNGRADE in movements or (low and Movement.UPGRADE not in movements):
        return FindingKind.IMPROVEMENT, FindingKind.RECOMMENDATION, FindingKind.STRENGTH
    return FindingKind.STRENGTH, FindingKind.IMPROVEMENT, FindingKind.RECOMMENDATION


def _by_kind(findings: Iterable[Finding], order: Iterable[FindingKind]) -> tuple[Group, ...]:
    found = list(findings)
    groups = ((kind, tuple(one for one in found if one.kind is kind)) for kind in order)
    return tuple(Group(kind=kind, findings=own) for kind, own in groups if own)


class _Said:
    """Sentences that a story tells, so that none is told twice."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._said: set[str] = set()
        for text in filter(None, texts):
            self.add(text)

    def add(self, text: str) -> None:
        self._said.add(_bare(text))

    def __contains__(self, text: str) -> bool:
        """Whether a sentence holds one that is told, or is held by one."""
        forms = (_bare(text), text)
        return any(form in one or one in form for one in self._said for form in forms)

    def without_repeats(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings that say something that is not told yet. They count as told from now on."""
        fresh = []
        for one in findings:
            if (bare := _bare(one.text)) not in self._said:
                self._said.add(bare)
                fresh.append(one)
        return fresh


_NO_WORDS: Final = re.compile(r"[\W_]+")


def _bare(text: str) -> str:
    """The words of a sentence alone: marks and capitals make no other sentence."""
    return _NO_WORDS.sub(" ", text).casefold().strip() or text


def _quote(story: Story, said: _Said) -> Quote | None:
    """A short quote that repeats nothing, of the chief inspector if possible."""
    fitting = [one for one in story.quotes if len(one.text) <= LONGEST_QUOTE and one.text not in said]
    chief = (quote for quote in fitting if "chief inspector" in quote.speaker.casefold())
    return next(chief, fitting[0] if fitting else None)
