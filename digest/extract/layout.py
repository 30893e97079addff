"""Ratings by layout: grades that a page gives in tables, label lines, lists and headings rather than in sentences.

Each grade is read completely or not at all, and nothing is guessed. No grade is read from a list or key of
the scale, for a part of a service, or where one thing has two grades for the same time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from digest.extract.blocks import Block, BlockKind
from digest.extract.history import OLDER, ListedInspection
from digest.extract.label_runs import LEAST_SCALE, Found, LabelledPage, Runs
from digest.extract.label_tokens import normal
from digest.extract.labels import Label, LineKind, Meaning, Moment, Step
from digest.extract.maintext import BLOCK_JOIN, MainText
from digest.extract.parts import is_part
from digest.extract.sections import UNREAL, Section, Sections
from digest.extract.table_grid import rows_of
from digest.extract.tables import LayoutGrade, TableGrade, read_table
from digest.extract.vocabulary import LONGEST, Vocabulary
from digest.ratings import Inspectorate, Scale

_LONGEST_EVIDENCE: Final = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a page's layout gives, and what it has used up."""

    grades: tuple[LayoutGrade, ...] = ()
    taken: frozenset[int] = frozenset()  # blocks that the rules for sentences must not read again
    past: Mapping[int, Moment] = field(default_factory=dict)  # blocks about an earlier inspection


def ratings_by_layout(main: MainText, scale: Scale, *, judge: Inspectorate, year: int | None) -> Layout:
    """Every grade that the page's layout gives, in its order.

    `year` is the year of the page, if known; a later year cannot be that of an inspection.
    """
    page = _Page(main, judge, Vocabulary.of(scale, judge), year)
    listed = page.listed
    found = _placed_in_time([of_before for f in page.found() if (of_before := _of_before(f, listed))])
    given = [g for f in found if (g := page.grade_of(f))]
    silent = {place for place, past in listed.items() if past.silent}
    return Layout(
        grades=tuple(_agreeing(given)),
        taken=page.taken | silent,
        past={place: past.moment for place, past in listed.items() if past.moment.former},
    )


def _of_before(found: Found, listed: Mapping[int, ListedInspection]) -> Found | None:
    """A grade with the earlier inspection that its block belongs to; None where that is not certain."""
    past = listed.get(found.block)
    if past is None:
        return found
    return None if past.silent else replace(found, moment=past.moment.or_else(found.moment))


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
# Words of a line that introduces a list and names no body.
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
# Care homes were rated in stars before 2010.
_STARS: Final = re.compile(
    r"(?:[^:]{0,80}: ){0,3}[^:]{0,160}?\b(?P<count>zero|no|one|two|three|[0-3]) stars? (?P<grade>\w+) service\b",
    re.IGNORECASE,
)
_RATING_IS: Final = re.compile(r"\bquality rating for this [\w ]{3,40} is:?[\s|]*$", re.IGNORECASE)


class _Page:
    """One page while its layout is read."""

    def __init__(self, main: MainText, judge: Inspectorate, words: Vocabulary, year: int | None) -> None:
        sections = Sections(main.title, main.blocks, judge, words, year)
        self._page = LabelledPage(main.blocks, words, sections)
        self._sections = sections
        self._runs = Runs(self._page)
        self._keys: dict[int, Step | None] = {}

    @property
    def listed(self) -> Mapping[int, ListedInspection]:
        """The blocks of lists of inspections, each with its inspection."""
        return self._page.listed

    @property
    def taken(self) -> frozenset[int]:
        """Blocks that the rules for sentences must not read again."""
        return frozenset(self._page.taken)

    def found(self) -> Iterator[Found]:  # noqa: C901 -- one sort of block after another
        """Every grade in the page's order, before we know which are former ones."""
        place = 0
        while place < len(self._page.blocks):
            block = self._page.blocks[place]
            if block.kind is BlockKind.ROW:
                end = self._end_of_table(place)
                yield from self._table(place, end)
                for row in range(place, end):
                    yield from self._starred(row)
                place = end
                continue
            if block.kind is BlockKind.ITEM and (
                place == 0 or self._page.blocks[place - 1].kind is not BlockKind.ITEM
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
            end = self._runs.end(place)
            if end > place:
                yield from self._runs.found(place, end)
                self._open_heads(place, end)
                place = end
                continue
            end = self._end_of_key(place)
            if end > place:
                self._page.taken |= set(range(place, end))
                place = end
                continue
            meaning = self._page.meaning_of(block)
            if meaning.kind is LineKind.PAIRS:
                yield from self._pairs(place, meaning)
            elif block.kind is BlockKind.HEADING:
                if not self._runs_on(place):
                    self._sections.open(
                        place, self._page.blocks[place], self._page.meaning_of(self._page.blocks[place])
                    )
            elif meaning.kind is LineKind.PROSE and block.kind is not BlockKind.CAPTION:
                yield from self._in_words(place)
            place += 1

    # -- headings ------------------------------------------------------------------------------------------

    def _runs_on(self, place: int) -> bool:
        """Whether a short line only looks like a heading, because the next line continues its sentence."""
        block, after = self._page.blocks[place], self._page.blocks[place + 1 : place + 2]
        return block.level is None and bool(after) and after[0].kind is BlockKind.PARAGRAPH and (
            after[0].text[:1].islower()
        )  # fmt: skip

    def _open_heads(self, start: int, end: int) -> None:
        for place in range(start, end):
            if (
                self._page.blocks[place].kind is BlockKind.HEADING
                and self._page.meaning_of(self._page.blocks[place]).kind is LineKind.LABEL
            ):
                self._sections.open(
                    place, self._page.blocks[place], self._page.meaning_of(self._page.blocks[place])
                )

    # -- tables --------------------------------------------------------------------------------------------

    def _end_of_table(self, place: int) -> int:
        number = self._page.blocks[place].table
        while (
            place < len(self._page.blocks)
            and self._page.blocks[place].kind is BlockKind.ROW
            and self._page.blocks[place].table == number
        ):
            place += 1
        return place

    def _table(self, start: int, end: int) -> Iterator[Found]:
        above = self._page.blocks[start - 1] if start else None
        caption = (
            above.text
            if above is not None and above.kind is BlockKind.CAPTION and len(above.text) < LONGEST
            else None
        )
        section = self._sections.section(caption)
        rows = rows_of([(i, self._page.blocks[i]) for i in range(start, end)])
        table = read_table(rows, self._page.words, is_body=self._sections.bodies)
        self._page.taken |= table.taken
        for cell in table.cells:
            yield self._of_cell(cell, section)

    def _of_cell(self, cell: TableGrade, section: Section) -> Found:
        return Found(
            label=cell.label,
            step=cell.step,
            moment=self._sections.dated(cell.moment),
            section=section,
            first=cell.first,
            block=cell.block,
            provider=cell.provider,
            domain=cell.domain,
        )

    # -- lists that a line introduces ----------------------------------------------------------------------

    def _end_of_list(self, place: int) -> int:
        while place < len(self._page.blocks) and self._page.blocks[place].kind is BlockKind.ITEM:
            place += 1
        return place

    def _list(self, start: int, end: int) -> Iterator[Found]:
        """Items under "rated good for:", and "is 'good' at ..." under "Inspectors found that the force:"."""
        stem = self._page.blocks[start].stem
        before_it, _, stem = (stem or "").rpartition(". ")  # the list completes the last sentence
        if not stem or len(stem) > LONGEST or UNREAL.search(stem):
            return
        words = normal(stem)
        grades = self._page.words.grades_in(words)
        section = self._sections.section()
        moment = (
            Moment(former=True) if OLDER.search(stem) or re.search(r"\bpreviously\b", words) else Moment()
        )
        provider = self._subject(stem)
        if len(grades) == 1:
            before, after = words[: grades[0].start()], words[grades[0].end() :]
            if not (_GIVEN_FOR.fullmatch(after) and _is_given(before, grades[0][0])):
                return
            named = [self._page.named(self._page.blocks[i]) for i in range(start, end)]
            if 2 * sum(bool(n) for n in named) < len(named):
                return
            step = self._page.words.step_of(grades[0])
            for i, labels in zip(range(start, end), named, strict=True):
                for label in labels:
                    yield self._page.at(label, step, moment, section, start - 1, i, provider)
            self._page.taken -= {start - 1} if before_it else set()
            return
        if grades:
            return
        for i in range(start, end):
            for label, step in self._rated(self._page.blocks[i].text):
                yield self._page.at(label, step, moment, section, start - 1, i, provider)

    def _rated(self, item: str) -> Iterator[tuple[Label, Step]]:
        """What one line rates: "good for leadership", "outstanding overall", "leadership is rated good"."""
        text = normal(item).rstrip(" .;,") if len(item) <= LONGEST else ""
        text = re.sub(r"; and$|,? and$", "", text).rstrip(" .;,")
        found = self._page.words.grades_in(text)
        if len(found) != 1:
            return
        step, before, after = (
            self._page.words.step_of(found[0]),
            text[: found[0].start()],
            text[found[0].end() :],
        )
        if _IS_AT.fullmatch(before):
            at = _AT.fullmatch(after)
            labels = self._page.words.labels_in(at["what"]) if at else ()
            labels = (Label(words=""),) if _OVERALL_AFTER.fullmatch(after) else labels
        elif rated := _IS_RATED.fullmatch(before) if after.strip("\"' ") in {"", "overall"} else None:
            meaning = self._page.words.meaning_of(rated["what"])
            labels = meaning.labels if meaning.kind is LineKind.LABEL and not meaning.moment.known else ()
            labels = (Label(words=""),) if _OF_THE_WHOLE.fullmatch(rated["what"]) else labels
        else:
            return
        for label in labels:
            yield label, step

    def _subject(self, stem: str) -> str | None:
        """The body that the opening words of a list name, if any."""
        found = _SUBJECT.search(stem) or re.search(r"\bthat (?P<name>[A-Z][^.;:]{2,80}):$", stem)
        name = found["name"] if found else ""
        that = re.search(r"\bthat (?:the )?(?P<name>[A-Z][^.;:]{2,80}):?$", stem)
        name = that["name"] if that else name
        return name if name and self._sections.bodies.search(name) else None

    # -- labels and grades on one line ---------------------------------------------------------------------

    def _pairs(self, place: int, meaning: Meaning) -> Iterator[Found]:
        stem = self._page.blocks[place].stem
        moment = Moment(former=True) if stem and OLDER.search(stem) else Moment()
        section = self._sections.section()
        self._page.taken.add(place)
        if stem and UNREAL.search(stem):
            return
        for pair in meaning.pairs:
            yield self._page.at(pair.label, pair.step, pair.moment.or_else(moment), section, place, place)

    def _in_words(self, place: int) -> Iterator[Found]:
        """Fixed phrases that inspectorates use like labels."""
        text = self._page.blocks[place].text
        if ":" in text:
            yield from self._introduced(place)
            yield from self._remarked(place)
        if len(text) <= LONGEST and (extent := _EXTENT.fullmatch(text)):
            meaning = normal(extent["what"])
            grades = self._page.words.grades_in(meaning)
            aspects = [aspect for way, aspect in _EXTENTS if way.match(meaning)]
            if (
                len(grades) == 1
                and grades[0].end() == len(meaning)
                and aspects
                and _EXTENT_IS.search(meaning[: grades[0].start()])
            ):
                known = Label(words=aspects[0])
                step = self._page.words.step_of(grades[0])
                yield self._page.at(known, step, Moment(), self._sections.section(), place, place)

    def _starred(self, place: int) -> Iterator[Found]:
        """The grade of a care home as reports had it before 2010: "two star good service"."""
        text = self._page.blocks[place].text
        if "star" in text and (stars := _STARS.match(text)):
            above = self._page.blocks[place - 1].text if place else ""
            counted = self._page.words.step(stars["grade"])
            if counted and (_RATING_IS.search(above) or _RATING_IS.search(text[: stars.start("count")])):
                yield self._page.at(
                    Label(words=""), counted, Moment(), self._sections.section(), place, place
                )

    def _remarked(self, place: int) -> Iterator[Found]:
        """A label, its grade and a remark: "Staffing: good - vacancies had been filled"."""
        block = self._page.blocks[place]
        section = self._sections.section()
        found = []
        for piece in re.split(r"(?<=[.;]) ", block.text[:_LONGEST_INTRODUCED]):
            remark = _REMARKED.fullmatch(piece)
            meaning = self._page.words.meaning_of(remark["pair"]) if remark else None
            if (
                remark is None
                or meaning is None
                or meaning.kind is not LineKind.PAIRS
                or len(meaning.pairs) != 1
            ):
                continue
            if meaning.pairs[0].label.general or self._page.words.grades_in(normal(remark["rest"])):
                continue
            found.append(meaning.pairs[0])
        for pair in found:
            yield self._page.at(pair.label, pair.step, pair.moment, section, place, place)
        self._page.taken.discard(place)

    def _introduced(self, place: int) -> Iterator[Found]:
        """Labels and grades behind a colon: "It was given these ratings: safe (good), caring (outstanding)"."""
        found = _INTRODUCED.match(self._page.blocks[place].text[:_LONGEST_INTRODUCED])
        if found is None or not _RATES.search(found["by"]):
            return
        by = found["by"].rpartition(". ")[2]
        provider = self._introduced_body(by)
        if UNREAL.search(by) or is_part(by) or _OTHER_TIME.search(by) or (
            provider is None and (by != found["by"] or not _NOBODY_ELSE.fullmatch(normal(by)))
        ):  # fmt: skip
            return
        meaning = self._page.words.meaning_of(_OVERALL_IS.sub(r"\1: ", found["what"]))
        if meaning.kind is not LineKind.PAIRS or any(p.label.general for p in meaning.pairs):
            return
        moment = Moment(former=True) if _BEFORE_THIS.search(by) else Moment()
        section = self._sections.section()
        for pair in meaning.pairs:
            yield replace(
                self._page.at(pair.label, pair.step, pair.moment.or_else(moment), section, place, place),
                provider=provider,
            )
        self._page.taken.discard(place)  # the words that introduce the list may give a rating too

    def _introduced_body(self, by: str) -> str | None:
        """The body that the words before such a list name."""
        names = [m["name"] for m in (_RATINGS_OF.search(by), _SUBJECT_OF.match(by)) if m]
        return next((n for n in names if self._sections.bodies.search(n) and not _AT_PLACE.search(n)), None)

    # -- labels above grades, grades above labels ----------------------------------------------------------

    def _end_of_key(self, place: int) -> int:
        """Where a key to the scale ends: "Good: the service is performing well", a line for each grade."""
        start = place
        steps = []
        while place < len(self._page.blocks) and (step := self._explained(place)):
            if step.grade in steps:
                break
            steps.append(step.grade)
            place += 1
        is_key = len(steps) >= LEAST_SCALE or (len(steps) > 1 and self._sections.section().silent)
        return place if is_key else start

    def _explained(self, place: int) -> Step | None:
        """The grade that a line explains."""
        if place not in self._keys:
            self._keys[place] = self._explains(self._page.blocks[place])
        return self._keys[place]

    def _explains(self, block: Block) -> Step | None:
        if (
            block.kind in {BlockKind.ROW, BlockKind.CAPTION}
            or self._page.meaning_of(block).kind is not LineKind.PROSE
        ):
            return None
        words = normal(block.text[:60])
        found = next(iter(self._page.words.grades_in(words)), None)
        opens = found is not None and re.fullmatch(r"[\W\d]*(?:grade \d\W*)?", words[: found.start()])
        if found is None or not opens or not re.match(r"[\"']?\s*(?:[:–(]|means\b|\d)", words[found.end() :]):
            return None
        return self._page.words.step_of(found)

    # -- the result ----------------------------------------------------------------------------------------

    def grade_of(self, found: Found) -> LayoutGrade | None:
        """A found grade as the page gives it; None if it is for something that the scale does not grade."""
        section = found.section
        label = found.label
        if label.general and section.label is not None:
            label = section.label
        if section.silent:
            return None
        if label.whole:
            if not self._page.words.scale.has_overall:
                return None
            aspect = None
        else:
            aspect = self._page.words.aspect(
                label, f"{found.domain} . {section.around}" if found.domain else section.around
            )
            if aspect is None:
                return None
        moment = found.moment
        return LayoutGrade(
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

    def _evidence(self, found: Found) -> str:
        texts = [b.text for b in self._page.blocks[found.first : found.block + 1][:40]]
        whole = BLOCK_JOIN.join(texts)
        short = len(whole) <= _LONGEST_EVIDENCE and found.block - found.first < 40
        return (whole if short else self._page.blocks[found.block].text).strip(" |")


def _placed_in_time(found: Sequence[Found]) -> list[Found]:
    """Each grade with its time: those at the top of a page are current, those under older headings former."""
    timed = [replace(f, moment=f.moment.or_else(f.section.moment)) for f in found]
    top = {
        (f.label, f.provider or f.section.provider): i
        for i, f in reversed(list(enumerate(timed)))
        if not f.moment.known
    }
    dated = [
        f.section.moment.first_day for f in timed if f.section.moment.year is not None and not f.moment.former
    ]
    newest = max(dated, default=None)
    placed = []
    for index, f in enumerate(timed):
        day = f.section.moment
        if day.year is not None and f.moment.former is None and f.moment.year == day.year:
            stated = top.get((f.label, f.provider or f.section.provider))
            older = newest is not None and day.first_day < newest
            if older or (stated is not None and stated < index):
                f = replace(f, moment=replace(f.moment, former=True))  # noqa: PLW2901
        placed.append(f)
    return placed


def _agreeing(given: Sequence[LayoutGrade]) -> Iterator[LayoutGrade]:
    """Each grade once; none for a thing that has two different grades for the same time."""
    by_thing: dict[tuple[object, ...], set[str]] = {}
    for g in given:
        by_thing.setdefault(_thing(g), set()).add(g.grade)
    done: set[tuple[object, ...]] = set()
    for g in given:
        thing = _thing(g)
        if len(by_thing[thing]) == 1 and thing not in done:
            done.add(thing)
            yield g


def _thing(g: LayoutGrade) -> tuple[object, ...]:
    return (g.aspect, g.provider, g.former, (g.year, g.day) if g.former else None)


def _is_given(before: str, grade: str) -> bool:
    """Whether the words before a grade award it; "requires improvement" brings its own verb."""
    return grade.startswith("require") or _RATED.search(before.rstrip(" \"'")) is not None
