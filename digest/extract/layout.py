"""Ratings by layout: grades that a page gives in tables, label lines, lists and headings rather than in sentences.

Each is read whole or not at all, and nothing is guessed: a list of the scale, a key, a part of a service and a thing
with two grades of one time give none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise
from typing import Final

from digest.extract.aspects import plain
from digest.extract.blocks import Block, BlockKind
from digest.extract.grids import Cell, Given, day_of, read_table, rows_of
from digest.extract.history import OLDER, Past, pasts
from digest.extract.labels import LONGEST, UNTIMED, Kind, Label, Moment, Said, Step, Vocabulary, normal
from digest.extract.maintext import BLOCK_JOIN, MainText
from digest.extract.parts import is_part
from digest.extract.phrases import made_once
from digest.ratings import Inspectorate, Scale

__all__ = ["Given", "Layout", "ratings_by_layout"]

_LONGEST_EVIDENCE: Final = 600
_LEAST_SCALE: Final = 3  # grades in a row that are the scale, listed for the reader
_MOST_COLUMNS: Final = 6
_LONGEST_RUN: Final = 100  # lines; more are no inspection's
_TOP: Final = 4  # blocks in which a page says when it was published
_LONGEST_ITEM: Final = 14  # words of an item that names aspects and nothing else


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a page's layout gives, and what it has used up."""

    given: tuple[Given, ...] = ()
    taken: frozenset[int] = frozenset()  # blocks that no sentence's rule may read again
    past: Mapping[int, Moment] = field(default_factory=dict)  # blocks that tell of an inspection before


def ratings_by_layout(main: MainText, scale: Scale, *, judge: Inspectorate, year: int | None) -> Layout:
    """Every grade that the page's layout gives, in its order.

    `year`: the page's own, where it is known; a later one is no inspection's.
    """
    page = _Page(main, judge, Vocabulary.of(scale, judge), year)
    told = page.listed
    found = _placed_in_time([of_before for f in page.found() if (of_before := _of_before(f, told))])
    given = [g for f in found if (g := page.given(f))]
    silent = {place for place, past in told.items() if past.silent}
    return Layout(
        given=tuple(_agreeing(given)),
        taken=frozenset(page.taken | silent),
        past={place: past.moment for place, past in told.items() if past.moment.former},
    )


def _of_before(found: _Found, told: Mapping[int, Past]) -> _Found | None:
    """A grade, of the inspection before that its block belongs to; None where it is not told of which."""
    past = told.get(found.block)
    if past is None:
        return found
    return None if past.silent else replace(found, moment=past.moment.or_else(found.moment))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """What the headings above a place say of it."""

    heading: str | None = None
    moment: Moment = UNTIMED
    provider: str | None = None
    label: Label | None = None
    around: str = ""  # headings that may name a domain
    silent: bool = False  # a part of the service, an example, or a key


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One grade and where it stands."""

    label: Label
    step: Step
    moment: Moment
    section: _Section
    first: int
    block: int
    provider: str | None = None
    domain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """An open heading."""

    depth: int
    text: str
    said: Said
    title: bool
    moment: Moment
    unreal: bool  # its grades are an example's, or a key's
    part: bool  # of a service
    body: bool  # names one


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
_UNREAL: Final = re.compile(
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
_GIVEN_FOR: Final = re.compile(
    r"[\"']?\s*(?:ratings?|grades?|judge?ments?)?(?: overall)?\s*(?:for|in|at|across|on|against)?"
    r"(?: (?:all\b ?)?(?:of )?(?:the|these|its|their)? ?(?:following|these)?(?: \w+){0,3})?\s*[:–]?\s*"
    r"|[\"']? (?:to|in|at|for) (?:how|the (?:way|ways|extent) (?:in which|to which|that)?) ?(?:it|they|the (?:service|force))\s*:\s*"
    r"|[\"']?,? (?:in particular|particularly|especially|notably)(?: (?:in|at|for))?(?: (?:how|the way) (?:it|they|the (?:service|force)))?\s*:\s*"
)
_RATED: Final = re.compile(
    r"(?:^|\b(?:rated|rating|judged|graded|assessed|awarded|given|received|found|deemed|is|are|was|were|be|as|to be|it)\b)"
    r"[^.;]{0,30}$"
)
_IS_AT: Final = re.compile(r"(?:(?:it )?(?:is|was|are|were) )?(?:(?:rated|judged|graded) )?(?:as )?[\"']?")
_OVERALL_AFTER: Final = re.compile(r"[\"']?,? overall")
_IS_RATED: Final = re.compile(
    r"(?P<what>[^.;:?]{3,120}?) (?:is|are|was|were|has been|have been) (?:(?:now|also) )?"
    r"(?:rated|judged|graded|assessed|found)(?: to be| as)? [\"']?"
)
_OF_THE_WHOLE: Final = re.compile(r"overall,? (?:it|(?:the|this|our) [a-z' -]{3,40})|overall")
_AT: Final = re.compile(r"[\"']?,? (?:at|in|for|on) (?P<what>[^;:]{3,200})")
_SUBJECT: Final = re.compile(
    r"(?:\b(?:that|found|judged|rated|graded)\s+)?(?P<name>[A-Z][^.;:]{2,80}?)\s*(?:\b(?:was|is|were|are|has|had)\b[^:]{0,80})?:?$"
)


_INTRODUCED: Final = re.compile(r"(?P<by>[^:]{4,240}):\s(?P<what>[^\n]{6,300}?)(?:[.!](?=\s|$)|$)")
_LONGEST_INTRODUCED: Final = 600  # characters
_RATES: Final = re.compile(
    r"\b(?:ratings?|grades?|judge?ments?|scores?|rated|graded|judged)\b", re.IGNORECASE
)
_OVERALL_IS: Final = re.compile(r"^(overall)(?: (?:is|was|as|rated))* (?=[\"'‘“]?[A-Za-z])", re.IGNORECASE)
_BEFORE_THIS: Final = re.compile(r"\b(?:previous(?:ly)?|former(?:ly)?)\b", re.IGNORECASE)
_OTHER_TIME: Final = re.compile(
    r"\b(?:last|ago|then|years?|before|since|earlier|originally|(?:19|20)\d\d)\b", re.IGNORECASE
)
_RATINGS_OF: Final = re.compile(
    r"\b(?i:ratings?|grades?|judge?ments?|scores?)(?: (?:that )?(?:given|awarded))?(?: (?:for|of|to|at)) (?:the )?(?P<name>[A-Z][^,;:]{2,90})$"
)
_SUBJECT_OF: Final = re.compile(
    r"(?:The )?(?P<name>[A-Z][^,;:]{2,90}?)(?:,[^:]{2,90},)? (?:was|were|is|has been|received|got) (?:given|awarded|rated|"
    r"graded|judged|these|the following)\b[^:]{0,60}$"
)
_AT_PLACE: Final = re.compile(
    r" at |\b(?:ward|unit|wing|department|clinic|centre's|hospital's|home's|school's|'s)\b(?! delivery| justice)",
    re.IGNORECASE,
)
# Words of a line that leads to a list and names nobody.
_NOBODY_ELSE: Final = re.compile(
    r"(?:(?:the|these|our|its|full|following|key|questions?|areas?|standards?|five|four|individual|inspectors?'?|inspection|overall|"
    r"ratings?|grades?|judge?ments?|scores?|it|was|were|is|are|has|have|been|given|gave|awarded|rated|graded|judged|as|follows?|in|for|"
    r"of|and|home|school|hospital|prison|service|nursery|college|practice|surgery|force|team|unit|trust|cqc|ofsted|"
    r"care quality commission)[ ,]*)+"
)


_REMARKED: Final = re.compile(r"(?P<pair>[^:]{3,80}: ?[^:.;–—]{3,40}?) [–—-] (?P<rest>[^:]{3,400})")
# HMICFRS states each grade of a fire and rescue service in a sentence of its own.
_EXTENT: Final = re.compile(
    r"The extent to which the (?:service|force) (?P<what>(?:is|looks)\b[^.]{3,200})\.?"
)
_EXTENT_IS: Final = re.compile(r"\b(?!not\b)\w+ $")
_EXTENTS: Final = (
    (re.compile(r"is effective\b"), "effectiveness"),
    (re.compile(r"is efficient\b"), "efficiency"),
    (re.compile(r"looks after its people\b"), "looks after its people"),
)
# What care homes had before 2010.
_STARS: Final = re.compile(
    r"(?:[^:]{0,80}: ){0,3}[^:]{0,160}?\b(?P<count>zero|no|one|two|three|[0-3]) stars? (?P<grade>\w+) service\b",
    re.IGNORECASE,
)
_RATING_IS: Final = re.compile(r"\bquality rating for this [\w ]{3,40} is:?[\s|]*$", re.IGNORECASE)


_DIGITS: Final = frozenset("123456")
_LONGEST_WRAPPED: Final = 90  # characters of a line


class _Page:
    """One page while its layout is read."""

    def __init__(self, main: MainText, judge: Inspectorate, words: Vocabulary, year: int | None) -> None:
        self._blocks = main.blocks
        self._title = main.title
        self.words = words
        self._bodies = _bodies(judge)
        self._judge = tuple(name.casefold() for name in (judge.name, *judge.aliases))
        self._year = year
        self._heads: list[_Head] = []
        self._nearest: str | None = None
        self._known: _Section | None = None  # what the open headings say, until another opens
        self._keys: dict[int, Step | None] = {}
        self.taken: set[int] = set()
        self._wrapped = self._wrapped_labels()
        self._is_published = any(_PUBLISHED.match(block.text) for block in self._blocks[:_FIRST_LINES])
        self.listed = pasts(self._blocks, words)

    def found(self) -> Iterator[_Found]:  # noqa: C901 -- one sort of block after another
        """Every grade in the page's order, before its time among the others is known."""
        place = 0
        while place < len(self._blocks):
            block = self._blocks[place]
            if block.kind is BlockKind.ROW:
                end = self._end_of_table(place)
                yield from self._table(place, end)
                for row in range(place, end):
                    yield from self._starred(row)
                place = end
                continue
            if block.kind is BlockKind.ITEM and (
                place == 0 or self._blocks[place - 1].kind is not BlockKind.ITEM
            ):
                end = self._end_of_list(place)
                listed = list(self._list(place, end))
                if listed:
                    yield from listed
                    place = end
                    continue
            if starred := list(self._starred(place)):
                yield from starred
                place += 1
                continue
            end = self._end_of_run(place)
            if end > place:
                yield from self._run(place, end)
                self._open_heads(place, end)
                place = end
                continue
            end = self._end_of_key(place)
            if end > place:
                self.taken |= set(range(place, end))
                place = end
                continue
            said = self._says(block)
            if said.kind is Kind.PAIRS:
                yield from self._pairs(place, said)
            elif block.kind is BlockKind.HEADING:
                if not self._runs_on(place):
                    self._open(place)
            elif said.kind is Kind.PROSE and block.kind is not BlockKind.CAPTION:
                yield from self._in_words(place)
            place += 1

    # -- headings ------------------------------------------------------------------------------------------

    def _says(self, block: Block) -> Said:
        return self._wrapped.get(id(block)) or self.words.says(block.text)

    def _wrapped_labels(self) -> dict[int, Said]:
        """What the two lines say that a label was wrapped on to: nothing, and what both say together."""
        wrapped: dict[int, Said] = {}
        for first, second in pairwise(self._blocks):
            goes_on = second.text[:1].islower() or second.text in _DIGITS
            if not goes_on or len(first.text) > _LONGEST_WRAPPED or id(first) in wrapped:
                continue
            if len(second.text) > _LONGEST_WRAPPED or BlockKind.ROW in {first.kind, second.kind}:
                continue
            if (self.words.says(first.text).kind is not Kind.PROSE) is (second.text not in _DIGITS):
                continue
            both = self.words.says(f"{first.text} {second.text}")
            if both.kind in {Kind.LABEL, Kind.PAIRS}:
                wrapped |= {id(first): Said(kind=Kind.EMPTY), id(second): both}
        return wrapped

    def _runs_on(self, place: int) -> bool:
        """Whether a short line only looks like a heading: the next goes on with its sentence."""
        block, after = self._blocks[place], self._blocks[place + 1 : place + 2]
        return block.level is None and bool(after) and after[0].kind is BlockKind.PARAGRAPH and (
            after[0].text[:1].islower()
        )  # fmt: skip

    def _open_heads(self, start: int, end: int) -> None:
        for place in range(start, end):
            if (
                self._blocks[place].kind is BlockKind.HEADING
                and self._says(self._blocks[place]).kind is Kind.LABEL
            ):
                self._open(place)

    def _open(self, place: int) -> None:
        """A heading opens a section, and ends those as deep and deeper."""
        block = self._blocks[place]
        said = self._says(block)
        self._nearest, self._known = block.text, None
        if place < _TOP and said.kind is Kind.MOMENT and said.moment.former is None and block.level is None:
            return  # the day of publication
        if block.level is not None:
            depth = block.level
        elif said.kind in {Kind.NEUTRAL, Kind.EMPTY, Kind.GRADE, Kind.STEPS, Kind.PAIRS}:
            return
        else:
            # Where nothing tells how deep a heading is: a name, below it times, below them labels.
            dated = said.kind is Kind.MOMENT and said.moment.year is not None and said.moment.former is None
            older = 11 if OLDER.search(block.text) else 10
            depth = {Kind.MOMENT: 12 if dated else 11, Kind.LABEL: 13}.get(said.kind, older)
        while self._heads and self._heads[-1].depth >= depth:
            self._heads.pop()
        title = block.text == self._title or (place == 0 and block.level in {None, 1})
        self._heads.append(self._head(block.text, said, depth, title=title))

    def _head(self, text: str, said: Said, depth: int, *, title: bool) -> _Head:
        prose = said.kind is Kind.PROSE and not title
        body = prose and not text.startswith("Letter ") and self._names_body(text)
        return _Head(
            depth=depth,
            text=text,
            said=said,
            title=title,
            moment=self._moment(text, said, title=title),
            unreal=(not title and self._is_of_another(text))
            or _EXPLAINS.search(text) is not None
            or (
                prose
                and not body
                and _UNREAL.search(text) is not None
                and not (title and _NAMED_DRAFT.search(text) and self._is_published)
            ),
            part=prose and is_part(text),
            body=body,
        )

    def _is_of_another(self, text: str) -> bool:
        """Whether a heading names who else rates, and not the inspectorate that we read for."""
        others = {m[0].casefold() for m in _JUDGES.finditer(text)}
        return bool(others) and not any(name in text.casefold() for name in self._judge)

    def _section(self, caption: str | None = None) -> _Section:
        if caption is None and self._known is not None:
            return self._known
        heads = list(self._heads)
        if caption:
            heads.append(self._head(caption, self.words.says(caption), 20, title=False))
        moment = Moment()
        provider: str | None = None
        label: Label | None = None
        silent = False
        for head in reversed(heads):
            if not moment.known or moment.former is None:
                moment = moment.or_else(head.moment)
            if (
                head.said.kind is Kind.LABEL
                and len(head.said.labels) == 1
                and not (label or provider or head.title)
            ):
                label = head.said.labels[0]
            silent = silent or head.unreal or (head.part and provider is None)
            if head.body and provider is None:
                provider = head.text
        around = " . ".join(plain(h.text) for h in heads[-2:] if not h.title)
        section = _Section(
            heading=self._nearest, moment=moment, provider=provider, label=label, around=around, silent=silent
        )
        self._known = section if caption is None else self._known
        return section

    def _moment(self, text: str, said: Said, *, title: bool) -> Moment:
        if said.kind in {Kind.MOMENT, Kind.LABEL, Kind.NEUTRAL}:
            return self._dated(said.moment)
        return Moment(former=True) if not title and OLDER.search(text) else Moment()

    def _dated(self, moment: Moment) -> Moment:
        late = self._year is not None and moment.year is not None and moment.year > self._year
        return Moment(former=moment.former) if late else moment

    def _names_body(self, text: str) -> bool:
        names = len(text) <= 90 and not _VERBS.search(text) and self._bodies.search(text) is not None
        return names and not _SORT_OF_REPORT.match(text)

    # -- tables --------------------------------------------------------------------------------------------

    def _end_of_table(self, place: int) -> int:
        number = self._blocks[place].table
        while (
            place < len(self._blocks)
            and self._blocks[place].kind is BlockKind.ROW
            and self._blocks[place].table == number
        ):
            place += 1
        return place

    def _table(self, start: int, end: int) -> Iterator[_Found]:
        above = self._blocks[start - 1] if start else None
        caption = (
            above.text
            if above is not None and above.kind is BlockKind.CAPTION and len(above.text) < LONGEST
            else None
        )
        section = self._section(caption)
        rows = rows_of([(i, self._blocks[i]) for i in range(start, end)])
        table = read_table(rows, self.words, is_body=self._bodies)
        self.taken |= table.taken
        for cell in table.cells:
            yield self._of_cell(cell, section)

    def _of_cell(self, cell: Cell, section: _Section) -> _Found:
        return _Found(
            label=cell.label,
            step=cell.step,
            moment=self._dated(cell.moment),
            section=section,
            first=cell.first,
            block=cell.block,
            provider=cell.provider,
            domain=cell.domain,
        )

    # -- lists that a line introduces ----------------------------------------------------------------------

    def _end_of_list(self, place: int) -> int:
        while place < len(self._blocks) and self._blocks[place].kind is BlockKind.ITEM:
            place += 1
        return place

    def _list(self, start: int, end: int) -> Iterator[_Found]:
        """Items under "rated good for:", and "is 'good' at ..." under "Inspectors found that the force:"."""
        stem = self._blocks[start].stem
        before_it, _, stem = (stem or "").rpartition(". ")  # the list completes the last sentence
        if not stem or len(stem) > LONGEST or _UNREAL.search(stem):
            return
        words = normal(stem)
        grades = self.words.grades_in(words)
        section = self._section()
        moment = (
            Moment(former=True) if OLDER.search(stem) or re.search(r"\bpreviously\b", words) else Moment()
        )
        provider = self._subject(stem)
        if len(grades) == 1:
            before, after = words[: grades[0].start()], words[grades[0].end() :]
            if not (_GIVEN_FOR.fullmatch(after) and _is_given(before, grades[0][0])):
                return
            named = [self._named(self._blocks[i]) for i in range(start, end)]
            if 2 * sum(bool(n) for n in named) < len(named):
                return
            step = self.words.step_of(grades[0])
            for i, labels in zip(range(start, end), named, strict=True):
                for label in labels:
                    yield self._at(label, step, moment, section, start - 1, i, provider)
            self.taken -= {start - 1} if before_it else set()
            return
        if grades:
            return
        for i in range(start, end):
            for label, step in self._rated(self._blocks[i].text):
                yield self._at(label, step, moment, section, start - 1, i, provider)

    def _rated(self, item: str) -> Iterator[tuple[Label, Step]]:
        """What one line rates: "good for leadership", "outstanding overall", "leadership is rated good"."""
        text = normal(item).rstrip(" .;,") if len(item) <= LONGEST else ""
        text = re.sub(r"; and$|,? and$", "", text).rstrip(" .;,")
        found = self.words.grades_in(text)
        if len(found) != 1:
            return
        step, before, after = self.words.step_of(found[0]), text[: found[0].start()], text[found[0].end() :]
        if _IS_AT.fullmatch(before):
            at = _AT.fullmatch(after)
            labels = self.words.labels_in(at["what"]) if at else ()
            labels = (Label(words=""),) if _OVERALL_AFTER.fullmatch(after) else labels
        elif rated := _IS_RATED.fullmatch(before) if after.strip("\"' ") in {"", "overall"} else None:
            said = self.words.says(rated["what"])
            labels = said.labels if said.kind is Kind.LABEL and not said.moment.known else ()
            labels = (Label(words=""),) if _OF_THE_WHOLE.fullmatch(rated["what"]) else labels
        else:
            return
        for label in labels:
            yield label, step

    def _named(self, item: Block) -> tuple[Label, ...]:
        said = self._says(item)
        if said.kind is Kind.LABEL:
            return said.labels
        goes_on = item.text[:1].islower()  # with the sentence that leads to the list: its last item ends it
        if (
            said.kind is not Kind.PROSE
            or len(item.text.split()) > _LONGEST_ITEM
            or (item.text.endswith((".", "!")) and not goes_on)
        ):
            return ()
        names = self.words.aspects.named(normal(item.text))
        if len(names) != 1 or self.words.grades_in(normal(item.text)):
            return ()
        return (Label(words=plain(names[0])),)

    def _subject(self, stem: str) -> str | None:
        """Who a stem speaks of, where it names a body."""
        found = _SUBJECT.search(stem) or re.search(r"\bthat (?P<name>[A-Z][^.;:]{2,80}):$", stem)
        name = found["name"] if found else ""
        that = re.search(r"\bthat (?:the )?(?P<name>[A-Z][^.;:]{2,80}):?$", stem)
        name = that["name"] if that else name
        return name if name and self._bodies.search(name) else None

    def _at(  # noqa: PLR0917 -- where it stands, in the order of the page
        self,
        label: Label,
        step: Step,
        moment: Moment,
        section: _Section,
        first: int,
        block: int,
        provider: str | None = None,
    ) -> _Found:
        self.taken |= {first, block}
        return _Found(
            label=label,
            step=step,
            moment=self._dated(moment),
            section=section,
            first=first,
            block=block,
            provider=provider,
        )

    # -- labels and grades on one line ---------------------------------------------------------------------

    def _pairs(self, place: int, said: Said) -> Iterator[_Found]:
        stem = self._blocks[place].stem
        moment = Moment(former=True) if stem and OLDER.search(stem) else Moment()
        section = self._section()
        self.taken.add(place)
        if stem and _UNREAL.search(stem):
            return
        for pair in said.pairs:
            yield self._at(pair.label, pair.step, pair.moment.or_else(moment), section, place, place)

    def _in_words(self, place: int) -> Iterator[_Found]:
        """Forms of words that inspectorates print as labels."""
        text = self._blocks[place].text
        if ":" in text:
            yield from self._introduced(place)
            yield from self._remarked(place)
        if len(text) <= LONGEST and (extent := _EXTENT.fullmatch(text)):
            said = normal(extent["what"])
            grades = self.words.grades_in(said)
            aspects = [aspect for way, aspect in _EXTENTS if way.match(said)]
            if (
                len(grades) == 1
                and grades[0].end() == len(said)
                and aspects
                and _EXTENT_IS.search(said[: grades[0].start()])
            ):
                known = Label(words=aspects[0])
                step = self.words.step_of(grades[0])
                yield self._at(known, step, Moment(), self._section(), place, place)

    def _starred(self, place: int) -> Iterator[_Found]:
        """The grade of a care home as reports had it before 2010: "two star good service"."""
        text = self._blocks[place].text
        if "star" in text and (stars := _STARS.match(text)):
            above = self._blocks[place - 1].text if place else ""
            counted = self.words.step(stars["grade"])
            if counted and (_RATING_IS.search(above) or _RATING_IS.search(text[: stars.start("count")])):
                yield self._at(Label(words=""), counted, Moment(), self._section(), place, place)

    def _remarked(self, place: int) -> Iterator[_Found]:
        """A label, its grade and a remark: "Staffing: good - vacancies had been filled"."""
        block = self._blocks[place]
        section = self._section()
        found = []
        for piece in re.split(r"(?<=[.;]) ", block.text[:_LONGEST_INTRODUCED]):
            remark = _REMARKED.fullmatch(piece)
            said = self.words.says(remark["pair"]) if remark else None
            if remark is None or said is None or said.kind is not Kind.PAIRS or len(said.pairs) != 1:
                continue
            if said.pairs[0].label.general or self.words.grades_in(normal(remark["rest"])):
                continue
            found.append(said.pairs[0])
        for pair in found:
            yield self._at(pair.label, pair.step, pair.moment, section, place, place)
        self.taken.discard(place)

    def _introduced(self, place: int) -> Iterator[_Found]:
        """Labels and grades behind a colon: "It was given these ratings: safe (good), caring (outstanding)"."""
        found = _INTRODUCED.match(self._blocks[place].text[:_LONGEST_INTRODUCED])
        if found is None or not _RATES.search(found["by"]):
            return
        by = found["by"].rpartition(". ")[2]
        provider = self._introduced_body(by)
        if _UNREAL.search(by) or is_part(by) or _OTHER_TIME.search(by) or (
            provider is None and (by != found["by"] or not _NOBODY_ELSE.fullmatch(normal(by)))
        ):  # fmt: skip
            return
        said = self.words.says(_OVERALL_IS.sub(r"\1: ", found["what"]))
        if said.kind is not Kind.PAIRS or any(p.label.general for p in said.pairs):
            return
        moment = Moment(former=True) if _BEFORE_THIS.search(by) else Moment()
        section = self._section()
        for pair in said.pairs:
            yield replace(
                self._at(pair.label, pair.step, pair.moment.or_else(moment), section, place, place),
                provider=provider,
            )
        self.taken.discard(place)  # what introduces them may rate as well

    def _introduced_body(self, by: str) -> str | None:
        """Whom the words before such a list name."""
        names = [m["name"] for m in (_RATINGS_OF.search(by), _SUBJECT_OF.match(by)) if m]
        return next((n for n in names if self._bodies.search(n) and not _AT_PLACE.search(n)), None)

    # -- labels above grades, grades above labels ----------------------------------------------------------

    def _end_of_run(self, place: int) -> int:
        """Where a run of lines ends that are each a label, a grade or the scale, and nothing else."""
        start = place
        grades = False
        while place < min(len(self._blocks), start + _LONGEST_RUN):
            block = self._blocks[place]
            if block.kind in {BlockKind.ROW, BlockKind.CAPTION}:
                break
            said = self._says(block)
            if said.kind in {Kind.GRADE, Kind.STEPS}:
                grades = True
            elif not (
                said.kind in {Kind.LABEL, Kind.EMPTY}
                or (said.kind is Kind.NEUTRAL and said.number is not None)
                or (place == start and self._asks(place))
                or (said.kind is Kind.MOMENT and block.kind is not BlockKind.HEADING and place > start)
                or (place > start and self._is_unknown_item(start, place))
            ):
                break
            place += 1
        return place if grades else start

    def _is_unknown_item(self, start: int, place: int) -> bool:
        """Whether a line is one of a list under a grade, of a thing that the scale does not know."""
        block, first = self._blocks[place], self._blocks[start]
        return (
            block.kind is BlockKind.ITEM
            and first.kind is not BlockKind.ITEM
            and self._says(first).kind is Kind.GRADE
            and len(block.text.split()) <= _LONGEST_ITEM
            and not block.text.endswith((".", "!", "?"))
            and not self.words.grades_in(normal(block.text))
        )

    def _asks(self, place: int) -> bool:
        """Whether a line such as "Our CQC rating" is right above a grade."""
        said = self._says(self._blocks[place])
        return said.kind in {Kind.NEUTRAL, Kind.MOMENT} and said.rates and re.search(
            r"\b(?:rating|grade|judge?ment)\b", normal(self._blocks[place].text)
        ) is not None  # fmt: skip

    def _run(self, start: int, end: int) -> Iterator[_Found]:
        lines = list(self._lines(start, end))
        values = [line for line in lines if line.label or line.step]
        if not values:
            return
        section = self._section()
        if all(v.step and v.moment.year is not None and v.block in self.listed for v in values):
            for v in values:  # "8 June 2021: Good" in a list of inspections
                assert v.step is not None
                general = Label(words="", general=True)
                yield self._at(general, v.step, v.moment, section, v.block, v.block)
            return
        if (columns := self._column_heads(start, end)) and any(v.label for v in values):
            yield from self._by_columns(values, columns, section)
            return
        if self._ends_a_list(values):
            first = next(i for i, v in enumerate(values) if v.label is None)
            yield from self._under_grades(values[first:], section)
            return
        if values[0].label is None:
            if (
                values[-1].step is not None
                and any(v.label for v in values)
                and not self._heads_a_list(values)
            ):
                values = values[1:]  # its label is one that we do not know
            else:
                yield from self._under_grades(values, section)
                return
        yield from self._under_labels(values, section)

    def _heads_a_list(self, values: Sequence[_Line]) -> bool:
        """Whether grades stand over the lists of what they are for: every label is an item, and no grade is."""
        items = {
            is_label: {
                self._blocks[v.block].kind is BlockKind.ITEM for v in values if bool(v.label) is is_label
            }
            for is_label in (True, False)
        }
        return items == {True: {True}, False: {False}}

    def _ends_a_list(self, values: Sequence[_Line]) -> bool:
        """Whether the first labels are the last items of a list above, and the grade behind them heads the next list."""
        first = next((i for i, v in enumerate(values) if v.label is None), 0)
        place = values[0].block
        if not first or not place or len(values) <= first + 1 or values[first + 1].label is None:
            return False
        kinds = {self._blocks[v.block].kind for v in values[:first] if v.label}
        above, grade, below = (
            self._blocks[i].kind for i in (place - 1, values[first].block, values[first + 1].block)
        )
        return kinds == {BlockKind.ITEM} == {above, below} and grade is not BlockKind.ITEM

    def _column_heads(self, start: int, end: int) -> list[Moment]:
        """The times that head a table whose cells are lines: "2024 grade" and "2019 grade" above the first label."""
        place = start
        while place < end and self._says(self._blocks[place]).kind is Kind.MOMENT:
            place += 1
        heads: list[Moment] = []
        while place and len(heads) < _MOST_COLUMNS:
            said = self._says(self._blocks[place - 1])
            if said.kind is not Kind.MOMENT or not said.rates:
                break
            heads.insert(0, said.moment)
            place -= 1
        return heads if len(heads) > 1 and all(h.known for h in heads) else []

    def _by_columns(
        self, values: Sequence[_Line], columns: Sequence[Moment], section: _Section
    ) -> Iterator[_Found]:
        """A table whose cells are lines; a label that has not a grade for each column is silent."""
        years = [c.year for c in columns if c.year is not None]
        heads = [
            replace(c, former=c.year < max(years)) if c.former is None and c.year is not None else c
            for c in columns
        ]
        label: _Line | None = None
        for is_label, group in groupby(values, key=lambda v: v.label is not None):
            lines = list(group)
            if is_label:
                label = lines[-1]
            elif label is not None and len(lines) == len(heads) and all(v.step for v in lines):
                for head, line in zip(heads, lines, strict=True):
                    yield from self._valued(label, replace(line, moment=line.moment.or_else(head)), section)
        self.taken |= {v.block for v in values}

    def _lines(self, start: int, end: int) -> Iterator[_Line]:
        """The run's lines; the scale as it is listed for the reader gives the one step that is marked in it."""
        place = start
        while place < end:
            block, said = self._blocks[place], self._says(self._blocks[place])
            if said.kind is Kind.STEPS:
                if len({s.grade for s in said.steps}) >= _LEAST_SCALE:
                    self.taken.add(place)
                step = self._marked(block, said)
                for label in said.labels[:1]:
                    yield _Line(block=place, label=label)
                yield _Line(block=place, step=step, broken=step is None)
            elif said.kind is Kind.GRADE:
                stop = place
                while stop < end and self._says(self._blocks[stop]).kind is Kind.GRADE:
                    stop += 1
                group = range(place, stop)
                distinct = {self._says(self._blocks[i]).step for i in group}
                dated = all(self._says(self._blocks[i]).moment.year is not None for i in group)
                if len(distinct) >= _LEAST_SCALE and not dated and not self._columns(start, place, stop):
                    yield self._scale(group)
                    place = stop
                    continue
                yield _Line(block=place, step=said.step, moment=said.moment, rates=said.rates)
            elif said.kind is Kind.LABEL:
                labels = said.labels
                yield _Line(
                    block=place,
                    label=labels[0] if len(labels) == 1 else None,
                    moment=said.moment,
                    broken=len(labels) > 1,
                )
            else:
                yield from self._other_line(start, place, said)
            place += 1

    def _other_line(self, start: int, place: int, said: Said) -> Iterator[_Line]:
        """A line that is no label by its words alone: an item that names one aspect, or "Our rating" above a grade."""
        block = self._blocks[place]
        if block.kind is BlockKind.ITEM and (named := self._named(block)):
            yield _Line(block=place, label=named[0])
        elif place == start and self._asks(place):
            yield _Line(block=place, label=Label(words="", general=True), moment=said.moment)

    def _columns(self, start: int, place: int, stop: int) -> bool:
        """Whether as many labels stand right above these grades: a column of each."""
        count = stop - place
        above = range(place - count, place)
        return above.start >= start and all(self._says(self._blocks[i]).kind is Kind.LABEL for i in above)

    def _scale(self, group: range) -> _Line:
        self.taken |= set(group)
        marked = [i for i in group if self._says(self._blocks[i]).marked or self._blocks[i].marked]
        step = self._says(self._blocks[marked[0]]).step if len(marked) == 1 else None
        return _Line(block=marked[0] if marked else group.start, step=step, broken=step is None)

    def _marked(self, block: Block, said: Said) -> Step | None:
        if len({s.grade for s in said.steps}) < _LEAST_SCALE:
            return None
        steps = [step for words in block.marked if (step := self.words.says(words).step)]
        return steps[0] if len(steps) == 1 else None

    def _under_labels(self, values: Sequence[_Line], section: _Section) -> Iterator[_Found]:
        labels: list[_Line] = []
        for is_label, group in groupby(values, key=lambda v: v.label is not None):
            lines = list(group)
            if is_label:
                labels = lines
                continue
            if not labels or any(v.broken for v in lines):
                continue
            if len(lines) == 1 or (len(labels) == 1 and len({(v.step, v.moment) for v in lines}) == 1):
                yield from self._valued(labels[-1], lines[0], section)
            elif len(lines) == len(labels):
                for label, line in zip(labels, lines, strict=True):
                    yield from self._valued(label, line, section)
            elif len(lines) == 2 and sum(v.moment.known for v in lines) >= 1:
                for line in lines:
                    yield from self._valued(labels[-1], line, section)
            labels = []

    def _valued(self, label: _Line, line: _Line, section: _Section) -> Iterator[_Found]:
        if label.label is None or line.step is None:
            return
        moment = line.moment.or_else(label.moment)
        yield self._at(label.label, line.step, moment, section, label.block, line.block)

    def _under_grades(self, values: Sequence[_Line], section: _Section) -> Iterator[_Found]:
        """Aspects listed under a grade; and a grade under the heading of an aspect."""
        head: _Line | None = None
        for position, line in enumerate(values):
            if line.step is not None or line.broken:
                head = line
                alone = position + 1 == len(values) or values[position + 1].label is None
                scale = self._blocks[line.block].marked and line.block in self.taken
                if alone and line.step and section.label is not None and (scale or line.rates):
                    yield self._at(section.label, line.step, line.moment, section, line.block, line.block)
                elif alone and line.step and line.rates:
                    general = Label(words="", general=True)
                    yield self._at(general, line.step, line.moment, section, line.block, line.block)
                continue
            if head is None or head.step is None or line.label is None:
                continue
            above, block = self._blocks[head.block], self._blocks[line.block]
            if block.kind is BlockKind.ITEM or (
                above.level is not None and block.kind is not BlockKind.HEADING
            ):
                yield self._at(line.label, head.step, head.moment, section, head.block, line.block)

    def _end_of_key(self, place: int) -> int:
        """Where a key to the scale ends: "Good: the service is performing well", a line for each grade."""
        start = place
        steps = []
        while place < len(self._blocks) and (step := self._explained(place)):
            if step.grade in steps:
                break
            steps.append(step.grade)
            place += 1
        told = len(steps) >= _LEAST_SCALE or (len(steps) > 1 and self._section().silent)
        return place if told else start

    def _explained(self, place: int) -> Step | None:
        """The grade that a line explains."""
        if place not in self._keys:
            self._keys[place] = self._explains(self._blocks[place])
        return self._keys[place]

    def _explains(self, block: Block) -> Step | None:
        if block.kind in {BlockKind.ROW, BlockKind.CAPTION} or self._says(block).kind is not Kind.PROSE:
            return None
        words = normal(block.text[:60])
        found = next(iter(self.words.grades_in(words)), None)
        opens = found is not None and re.fullmatch(r"[\W\d]*(?:grade \d\W*)?", words[: found.start()])
        if found is None or not opens or not re.match(r"[\"']?\s*(?:[:–(]|means\b|\d)", words[found.end() :]):
            return None
        return self.words.step_of(found)

    # -- what it comes to ----------------------------------------------------------------------------------

    def given(self, found: _Found) -> Given | None:
        """A found grade as the page gives it; None where it is of nothing that the scale grades."""
        section = found.section
        label = found.label
        if label.general and section.label is not None:
            label = section.label
        if section.silent:
            return None
        if label.whole:
            if not self.words.scale.has_overall:
                return None
            aspect = None
        else:
            aspect = self.words.aspect(
                label, f"{found.domain} . {section.around}" if found.domain else section.around
            )
            if aspect is None:
                return None
        moment = found.moment
        return Given(
            aspect=aspect,
            grade=found.step.grade,
            rank=found.step.rank,
            provider=found.provider or section.provider,
            former=bool(moment.former),
            year=moment.year,
            day=moment.day,
            evidence=self._evidence(found),
            block=found.block,
            heading=section.heading,
        )

    def _evidence(self, found: _Found) -> str:
        texts = [b.text for b in self._blocks[found.first : found.block + 1][:40]]
        whole = BLOCK_JOIN.join(texts)
        short = len(whole) <= _LONGEST_EVIDENCE and found.block - found.first < 40
        return (whole if short else self._blocks[found.block].text).strip(" |")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One line of a run: a label, or a grade, or a scale in which none is marked (broken)."""

    block: int
    label: Label | None = None
    step: Step | None = None
    moment: Moment = UNTIMED
    broken: bool = False
    rates: bool = False


def _placed_in_time(found: Sequence[_Found]) -> list[_Found]:
    """Each grade with its time: what a page states on top is of now, what older headings hold is of before."""
    timed = [replace(f, moment=f.moment.or_else(f.section.moment)) for f in found]
    top = {
        (f.label, f.provider or f.section.provider): i
        for i, f in reversed(list(enumerate(timed)))
        if not f.moment.known
    }
    dated = [
        day_of(f.section.moment) for f in timed if f.section.moment.year is not None and not f.moment.former
    ]
    newest = max(dated, default=None)
    placed = []
    for index, f in enumerate(timed):
        day = f.section.moment
        if day.year is not None and f.moment.former is None and f.moment.year == day.year:
            stated = top.get((f.label, f.provider or f.section.provider))
            older = newest is not None and day_of(day) < newest
            if older or (stated is not None and stated < index):
                f = replace(f, moment=replace(f.moment, former=True))  # noqa: PLW2901
        placed.append(f)
    return placed


def _agreeing(given: Sequence[Given]) -> Iterator[Given]:
    """Each grade once; none of a thing that has two of one time."""
    by_thing: dict[tuple[object, ...], set[str]] = {}
    for g in given:
        by_thing.setdefault(_thing(g), set()).add(g.grade)
    told: set[tuple[object, ...]] = set()
    for g in given:
        thing = _thing(g)
        if len(by_thing[thing]) == 1 and thing not in told:
            told.add(thing)
            yield g


def _thing(g: Given) -> tuple[object, ...]:
    return (g.aspect, g.provider, g.former, (g.year, g.day) if g.former else None)


def _is_given(before: str, grade: str) -> bool:
    """Whether the words before a grade give it; "requires improvement" is a verb of its own."""
    return grade.startswith("require") or _RATED.search(before.rstrip(" \"'")) is not None


@made_once
def _bodies(judge: Inspectorate) -> re.Pattern[str]:
    """Words by which a heading or cell names a body that this inspectorate inspects."""
    names = {name for body in judge.bodies for name in (*body.names, *body.short, *body.leads) if name}
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    options = "|".join(map(re.escape, longest_first)) or "(?!)"
    # Most bodies are named by words of everyday English; as names they are capitals.
    return re.compile(rf"(?<!\w)(?:{options})(?!\w)")
