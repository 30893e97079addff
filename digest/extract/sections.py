"""Sections: what the headings above a place say of the grades below them - of when, of whom and of what they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from digest.extract.aspects import comparable
from digest.extract.blocks import Block
from digest.extract.history import OLDER
from digest.extract.labels import UNTIMED, Label, LineKind, Meaning, Moment
from digest.extract.parts import is_part
from digest.extract.phrases import made_once, options
from digest.extract.vocabulary import Vocabulary
from digest.ratings import Inspectorate

_TOP: Final = 4  # blocks in which a page says when it was published
_VERBS: Final = re.compile(
    r"\b(?:is|are|was|were|has|have|had|rated|judged|graded|given|inspected|inspectors|found|says?|said|praised|"
    r"improves?|improved|remains?|our|how|what|why|about|after|read|another|nearby|other)\b",
    re.IGNORECASE,
)
# "School report", "Previous inspection: not inspected as an academy".
_SORT_OF_REPORT: Final = re.compile(
    r"(?:full |short |interim )?(?:school|college|academy|nursery|pre-?school|provider|home|hospital|prison|service|setting)"
    r"(?: and residential| provision)?(?: inspection)? report$|(?:previous|last|this) inspection\b",
    re.IGNORECASE,
)
# Grades under such words are no inspection's.
UNREAL: Final = re.compile(
    r"\b(?:mock|examples?|sample|self[- ](?:assess\w*|evaluat\w*|review)|peer review|predicted|targets?|aims?|aiming|hopes?|"
    r"draft|proposed|could|would|should|may be|might|if|unless|not|never|survey|averages?|national(?:ly)?|expected to|"
    r"(?:ratings?|grades?|scale|judge?ments?|what they) (?:mean|explained|system)|means?|how we (?:rate|grade|judge)|"
    r"understanding|guide to|key to|the (?:new )?scale|possible|four[- ]point|five[- ]point|six[- ]point|"
    r"grading (?:scale|system)|rating system)\b",
    re.IGNORECASE,
)
# What a report's file was called before it came out, and on its first page when it did.
_NAMED_DRAFT: Final = re.compile(r"- draft report$", re.IGNORECASE)
_PUBLISHED: Final = re.compile(r"report published:? \d", re.IGNORECASE)
_FIRST_LINES: Final = 12
# A page about ratings shows some, and gives none.
_EXPLAINS: Final = re.compile(
    r"\b(?:(?:ratings?|grades?|judge?ments?) (?:mean|explained|system)|understanding|guide to|mock|self[- ]assess\w*)\b",
    re.IGNORECASE,
)
# Whose ratings a page may hold beside those of the inspectorate we read it for.
_JUDGES: Final = re.compile(
    r"\b(?:ofsted|cqc|care quality commission|hmicfrs|hmic|estyn|ciw|cssiw|care inspectorate(?: wales)?|education scotland|"
    r"hmie|rqia|hiw|isi|independent schools inspectorate|siams|section 48|csi|catholic schools inspectorate|"
    r"hm(?:i| inspectorate of) (?:prisons|probation|constabulary)|food hygiene|food standards agency|environmental health|"
    r"investors in people|homecare\.co\.uk|carehome\.co\.uk|google|trustpilot|tripadvisor|imb)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What the headings above a place say of it."""

    heading: str | None = None
    moment: Moment = UNTIMED
    provider: str | None = None
    label: Label | None = None
    around: str = ""  # headings that may name a domain
    silent: bool = False  # a part of the service, an example, or a key


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """An open heading."""

    depth: int
    text: str
    meaning: Meaning
    title: bool
    moment: Moment
    unreal: bool  # its grades are an example's, or a key's
    part: bool  # of a service
    body: bool  # names one


class Sections:
    """The open headings while a page is read from top to bottom."""

    def __init__(
        self, title: str, blocks: Sequence[Block], judge: Inspectorate, words: Vocabulary, year: int | None
    ) -> None:
        """`year`: the page's own, where it is known; a later one is no inspection's."""
        self._title = title
        self._words = words
        self._judge = tuple(name.casefold() for name in (judge.name, *judge.aliases))
        self._year = year
        self._heads: list[_Head] = []
        self._nearest: str | None = None
        self._known: Section | None = None  # what the open headings say, until another opens
        self._is_published = any(_PUBLISHED.match(block.text) for block in blocks[:_FIRST_LINES])
        self.bodies = _bodies(judge)

    def open(self, place: int, block: Block, meaning: Meaning) -> None:
        """A heading opens a section, and ends those as deep and deeper."""
        self._nearest, self._known = block.text, None
        if (
            place < _TOP
            and meaning.kind is LineKind.MOMENT
            and meaning.moment.former is None
            and block.level is None
        ):
            return  # the day of publication
        if block.level is not None:
            depth = block.level
        elif meaning.kind in {
            LineKind.NEUTRAL,
            LineKind.EMPTY,
            LineKind.GRADE,
            LineKind.STEPS,
            LineKind.PAIRS,
        }:
            return
        else:
            # Where the markup does not say how deep a heading is: a name, below it times, below them labels.
            dated = (
                meaning.kind is LineKind.MOMENT
                and meaning.moment.year is not None
                and meaning.moment.former is None
            )
            older = 11 if OLDER.search(block.text) else 10
            depth = {LineKind.MOMENT: 12 if dated else 11, LineKind.LABEL: 13}.get(meaning.kind, older)
        while self._heads and self._heads[-1].depth >= depth:
            self._heads.pop()
        title = block.text == self._title or (place == 0 and block.level in {None, 1})
        self._heads.append(self._head(block.text, meaning, depth, title=title))

    def _head(self, text: str, meaning: Meaning, depth: int, *, title: bool) -> _Head:
        prose = meaning.kind is LineKind.PROSE and not title
        body = prose and not text.startswith("Letter ") and self._names_body(text)
        return _Head(
            depth=depth,
            text=text,
            meaning=meaning,
            title=title,
            moment=self._moment(text, meaning, title=title),
            unreal=(not title and self._is_of_another(text))
            or _EXPLAINS.search(text) is not None
            or (
                prose
                and not body
                and UNREAL.search(text) is not None
                and not (title and _NAMED_DRAFT.search(text) and self._is_published)
            ),
            part=prose and is_part(text),
            body=body,
        )

    def _is_of_another(self, text: str) -> bool:
        """Whether a heading names who else rates, and not the inspectorate that we read for."""
        others = {m[0].casefold() for m in _JUDGES.finditer(text)}
        return bool(others) and not any(name in text.casefold() for name in self._judge)

    def section(self, caption: str | None = None) -> Section:
        if caption is None and self._known is not None:
            return self._known
        heads = list(self._heads)
        if caption:
            heads.append(self._head(caption, self._words.meaning_of(caption), 20, title=False))
        moment = Moment()
        provider: str | None = None
        label: Label | None = None
        silent = False
        for head in reversed(heads):
            if not moment.known or moment.former is None:
                moment = moment.or_else(head.moment)
            if (
                head.meaning.kind is LineKind.LABEL
                and len(head.meaning.labels) == 1
                and not (label or provider or head.title)
            ):
                label = head.meaning.labels[0]
            silent = silent or head.unreal or (head.part and provider is None)
            if head.body and provider is None:
                provider = head.text
        around = " . ".join(comparable(h.text) for h in heads[-2:] if not h.title)
        section = Section(
            heading=self._nearest, moment=moment, provider=provider, label=label, around=around, silent=silent
        )
        self._known = section if caption is None else self._known
        return section

    def _moment(self, text: str, meaning: Meaning, *, title: bool) -> Moment:
        if meaning.kind in {LineKind.MOMENT, LineKind.LABEL, LineKind.NEUTRAL}:
            return self.dated(meaning.moment)
        return Moment(former=True) if not title and OLDER.search(text) else Moment()

    def dated(self, moment: Moment) -> Moment:
        late = self._year is not None and moment.year is not None and moment.year > self._year
        return Moment(former=moment.former) if late else moment

    def _names_body(self, text: str) -> bool:
        names = len(text) <= 90 and not _VERBS.search(text) and self.bodies.search(text) is not None
        return names and not _SORT_OF_REPORT.match(text)


@made_once
def _bodies(judge: Inspectorate) -> re.Pattern[str]:
    """Words by which a heading or cell names a body that this inspectorate inspects."""
    names = {name for body in judge.bodies for name in (*body.names, *body.short, *body.leads) if name}
    # Most bodies are named by words of everyday English; as names they are capitals.
    return re.compile(rf"(?<!\w)(?:{options(names)})(?!\w)")
