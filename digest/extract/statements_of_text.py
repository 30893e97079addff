"""What all sentences of a text state of grades and movements: of which body, and of which inspection."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from digest.extract import cues
from digest.extract.aspects import AspectWords, comparable
from digest.extract.cast import Cast, Form, Named, NameMention, Role
from digest.extract.events import InspectionTracker
from digest.extract.grade_context import Setting
from digest.extract.grades import GradeWords
from digest.extract.movements import MovementClaim, movement_claims, part_claims, stayed_claims
from digest.extract.parts import is_part, speaks_of_a_part
from digest.extract.phrases import Text, any_of, made_once
from digest.extract.prose import Place, Sentence
from digest.extract.statements import Binding, Statement, StatementReader, fits
from digest.extract.tables import LayoutGrade
from digest.extract.template import LONGEST, Template, pointing_back, template_of
from digest.extract.times import When
from digest.providers import normal_name
from digest.ratings import Aspect, Body, Inspectorate, Scale

_FORMER: Final = re.compile(r"\b(?:previous|former|last|earlier)\b", re.IGNORECASE)
_CURRENT: Final = re.compile(r"\b(?:new|current|latest|now|this)\b", re.IGNORECASE)
# "Both were upgraded": the bodies that the sentence before named.
_ALL_OF_THEM: Final = re.compile(
    r"^\W*(?:both|each|all)(?: (?P<count>two|three|four|five|six|seven|eight))?(?: of (?:them|these|those))?(?: [a-z]+){0,2}? (?:were|was|have|has|got|received|are)\b"
)
# "All except X, which was rated A, were rated B"; "all were rated A, apart from X, which was B".
_EXCEPT: Final = (
    r"(?:but(?: for)?|except(?:ing)?(?: for)?|bar|apart from|other than|with the exception of|save for)"
)
_ALL_BUT_FIRST: Final = re.compile(
    rf"^\W*(?:all|every one|each)(?: of (?:them|these|those))?,? {_EXCEPT} (?P<but><p\d+>)[^;:]*?\b(?:were|was|are|is|got|received) (?:all |rated |graded |judged |given |as |to be )*(?P<grade><g\d+>)[^<]*$"
)
_ALL_BUT_LAST: Final = re.compile(
    rf"^\W*(?:all|every one|each)(?: of (?:them|these|those))? (?:were|was|are|is|got|received|have been|has been)\b[^<]{{0,30}}(?P<grade><g\d+>)[^<;:]{{0,12}}\b{_EXCEPT} (?P<but><p\d+>)"
)
_OPENED_BY: Final = re.compile(
    r"^(?P<label>(?!the rating|overall|rating|new|latest|update)[a-z](?:(?!<[pg])[^.:;]){3,80}?) (?:-|:) (?=(?:the|it|its|has|was|is|overall|this|rated|rating)\b)"
)
# "In critical care we rated safety as ...", and what stands behind it in its paragraph.
_IN_A_PART: Final = re.compile(
    r"^(?:(?:for|in|at) (?:the )?(?P<part>[a-z][a-z ',-]{3,90}?),? (?:we|inspectors) (?:have )?(?:rated|found|judged)\b)"
)
_RATING_LABEL: Final = re.compile(
    r"\b(?:said|says|overall|rating|ratings|rated|grade|judge?ment|effectiveness|inspection|report|news|update|correction|summary|result|outcome|inspector|cqc|ofsted|commission|director|head)\b"
)
_STRANGER_INSPECTED: Final = re.compile(
    r"(?:[^<.;:]{0,90} )?<x\d+>(?:,[^,<]{0,60},)? (?:was|were|has|have|had|received|got|earned|dropped|fell|rose|improved|also|which|who)\b"
)
_INSPECTION: Final = re.compile(r"<g\d+>|\b(?:rated|rating|inspect\w*|graded?|reports?|judged)\b")
# "Despite losing its <g> rating, <p> was ...": the one named next.
_THEN_ITS_NAME: Final = re.compile(
    r"^\W*(?:despite|after|having|once|previously|formerly|originally|up from|down from|rated|judged)\b[^;:<]{0,80}<g0>[^;:<]{0,60}, (?:the )?<p\d+>(?:,[^,<]{0,60},)? (?:was|were|is|has|had|got|received|went|moved|rose|dropped|fell)\b"
)
_IT_WAS: Final = re.compile(r"^\W*(?:it|they) (?:was|were|is|are|has been|have been|has|have|got|received) ")
_STRANGER_FIRST: Final = re.compile(
    r"(?:the )?<x(\d+)>(?:,[^,<]{0,60},)? (?:nearby |also |which |who )?(?:was|were|is|are|has|have|had|received|got)\b"
)
_OUR_RATING: Final = re.compile(r"\b[Oo]ur rating of (?:this|the) service\b")
_WE_RATED_IT: Final = re.compile(r"\W*we (?:have )?rated (?:it|them|the service|this service)\b")
_READ: Final = (
    LONGEST + 1_000
)  # characters of a sentence: what tells a name's place may stand behind the template's end
_NAMED_SOON: Final = 4  # sentences, the description's own among them
_REFERS_BACK: Final = re.compile(
    r"^(?:\W*(?:but|and|however),? )?(?:it|its|the (?:service|school|college|home|hospital|prison|force|unit|nursery|practice|trust|centre|surgery|academy|provider))\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementsOfText:
    """What all sentences of a text state; a statement that does not count has the reason with it."""

    statements: tuple[Statement, ...] = ()
    claims: tuple[MovementClaim, ...] = ()
    counted: int = 0  # sentences that grade a number of services at once
    counts: frozenset[int] = frozenset()  # the numbers in the opening: "two schools were rated"

    @property
    def asserted(self) -> tuple[Statement, ...]:
        return tuple(s for s in self.statements if s.status is None)


def statements_of_text(  # noqa: C901, PLR0912, PLR0915, PLR0917 -- one step of one pipeline, called once
    prose: Sequence[Sentence],
    scale: Scale,
    cast: Cast,
    judge: Inspectorate,
    rivals: re.Pattern[str],
    page_year: int | None,
    layout: Sequence[LayoutGrade] = (),
    *,
    modern: bool,
    ours: bool,
) -> StatementsOfText:
    """What the sentences state in the words of `judge` and its scale, without what they say of its `rivals`.

    `page_year` is the year in which the page was written, at the earliest; `modern`: the text is surely from the
    scale's time; `ours`: the inspectorate speaks itself, as "we".
    """
    words, aspects = GradeWords.of(scale), AspectWords.of(scale)
    kinds = _words_for(judge.bodies)
    reader = StatementReader(aspects, modern=modern, by_aspects=not scale.has_overall, bodies=kinds)
    standings = any_of(judge.statuses)
    pointing = InspectionTracker(page_year, prose, max((grade.rank for grade in scale.grades), default=None))
    # A hospital's report gives a rating for each core service in turn.
    of_each = ours and len({s.block for s in prose if _OUR_RATING.search(s.text)}) > 1
    statements: list[Statement] = [_laid_out(given, cast) for given in layout]
    claims: list[MovementClaim] = []
    counted = 0
    counts: set[int] = set()
    before: tuple[Named, ...] = ()  # the bodies that the last sentence to name any named
    stranger = False  # the text has turned to the inspection of a body that we do not know
    this_test = _ThisTest(aspects, by_aspects=not scale.has_overall)
    part_before = False  # the sentence before spoke of a part of a body
    headed = _Headed(cast)
    listed = _Labelled()
    named_in: list[
        tuple[int, tuple[Named, ...]]
    ] = []  # by how many statements there were before each sentence
    for sentence in prose:
        headed.follow(sentence)
        if rivals.search(sentence.text.replace("’", "'")) and not _names(judge, sentence.text):
            continue  # somebody else's rating, in the same words
        if sentence.value is not None and not words.is_grade(sentence.value):
            continue
        text = sentence.text[:_READ]
        names = _bodies_in(text, cast, aspects, words, kinds, heading=sentence.heading)
        template = template_of(text, words.find(text), names)
        template = this_test.meant(sentence, template)
        setting = Setting(
            sentence=sentence.row or sentence.text,
            heading=sentence.heading,
            under=sentence.under,
            place=sentence.place,
            block=sentence.block,
            ours=ours,
        )
        stated: tuple[Statement, ...] = ()
        under_part = ours and any(
            is_part(heading) and not cast.mentions(heading, heading=True) for heading in sentence.section[:1]
        )
        if template.grades:
            stated = tuple(_in_section(reader.statements(template, setting), sentence.section, cast))
            if (part_before and _IT_WAS.match(template.text)) or _only_of_a_part(template):
                stated = tuple(s if s.who else replace(s, binding=Binding.ELSE) for s in stated)
            stated = tuple(_referred(stated, template, before, headed.body))
            if stranger and not template.names and sentence.place is Place.BODY:
                stated = tuple(s if s.who else replace(s, binding=Binding.ELSE) for s in stated)
            if of_each and _WE_RATED_IT.match(template.text):
                stated = tuple(replace(s, binding=Binding.ELSE) for s in stated)
            if under_part and not template.names:
                # "Medical care", and under it "We rated it as good"
                stated = tuple(s if s.who or s.noun else replace(s, binding=Binding.ELSE) for s in stated)
            if listed.of_a_part(sentence, template, aspects) and not template.names:
                stated = tuple(replace(s, who=(), binding=Binding.ELSE) for s in stated)
            numbers = _numbers(template, sentence.place)
            counted += numbers is not None
            counts |= numbers or set()
        statements.extend(pointing.placed(sentence, stated))
        # Into or out of special measures is no step on the scale; a part's step is not the body's.
        about_part = speaks_of_a_part(template.text) or _only_of_a_part(template)
        of_a_part = any(s.binding is Binding.ELSE for s in stated) or about_part
        of_a_part = of_a_part or ((of_each or under_part) and bool(_OUR_RATING.search(sentence.text)))
        if not of_a_part and (template.grades or not standings.search(sentence.text)):
            claims.extend(movement_claims(template, sentence.row or sentence.text))
        if not of_a_part and not scale.has_overall and not sentence.heading:
            claims.extend(part_claims(template, sentence.row or sentence.text, aspects))
            claims.extend(stayed_claims(template, sentence.row or sentence.text, aspects))
        part_before = about_part
        if template.names or sentence.heading:
            stranger = False
        elif _STRANGER_INSPECTED.match(template.text) and _INSPECTION.search(template.text):
            stranger = True
        named = _spoken_of(template)
        named_in.append((len(statements), template.names))
        if named or sentence.heading:
            before = named
    described = tuple(_described(statements, named_in))
    return StatementsOfText(
        statements=with_substitutes(described, prose, scale),
        claims=tuple(claims),
        counted=counted,
        counts=frozenset(counts),
    )


def _numbers(template: Template, place: Place) -> set[int] | None:
    """The number of bodies that a sentence of the opening grades at once; None where a sentence grades no number of them.

    "Two schools" are these two; of "two of 17 schools" the text need not name any.
    """
    counted = None if template.names else cues.bodies_counted(template.text)
    if counted is None or cues.EVERYONE.search(template.text):
        return None
    first, second, *_ = (*counted[0].split(), "", "")
    number = cues.NUMBERS.get(first) if second not in {"of", "in", "out", "per"} else None
    return {number} if number and place is not Place.BODY else set()


def _laid_out(given: LayoutGrade, cast: Cast) -> Statement:
    """A grade that the page's layout gives, as a statement like any other."""
    who: tuple[Named, ...] = ()
    if given.provider:
        found = cast.mentions(given.provider, heading=True)
        who = (found[0].named if found else Named(name=given.provider, area=given.provider, body=None),)
    return Statement(
        grade=given.grade,
        rank=given.rank,
        aspects=(given.aspect,) if given.aspect else (),
        explicit=given.aspect is None,
        when=When.THEN if given.former else When.NOW,
        year=given.year,
        who=who,
        binding=Binding.NAMED if who else Binding.UNSAID,
        noun=None,
        direction=None,
        sentence=given.evidence,
        in_heading=True,
        place=Place.BODY,
        block=given.block,
        laid_out=True,
    )


def _described(
    statements: Sequence[Statement], named_in: Sequence[tuple[int, tuple[Named, ...]]]
) -> Iterable[Statement]:
    """Descriptions of a body that is named in the next sentences: "A Kent care home ... Fernbank House, in ..."."""
    described: Statement | None = None
    for number, s in enumerate(statements):
        if described is not None and described.sentence == s.sentence and not s.who:
            same = s.binding in {Binding.REFERRED, Binding.UNSAID} and fits(s.noun, described.who[0])
            yield replace(s, who=described.who) if same else s
            continue
        described = None
        if s.binding is not Binding.DESCRIBED or s.who:
            yield s
            continue
        after = [names for count, names in named_in if count > number]
        names = next((names for names in after[:_NAMED_SOON] if names), ())
        if len(set(names)) == 1 and fits(s.noun, names[0]):
            described = replace(s, who=names[:1])
            yield described
        else:
            yield s


def _bodies_in(
    text: str, cast: Cast, aspects: AspectWords, words: GradeWords, kinds: frozenset[str], *, heading: bool
) -> tuple[NameMention, ...]:
    """Who a sentence names; a capitalised aspect, grade, year or kind of body is no stranger."""
    spans = aspects.spans(text)

    def is_somebody(m: NameMention) -> bool:
        if m.form is not Form.OTHER:
            return True
        if any(start < m.end and m.start < end for start, end in spans):
            return False
        name = text[m.start : m.end]
        return not (not any(c.isalpha() for c in name) or name.casefold() in kinds or any(words.find(name)))

    return tuple(m for m in cast.all_mentions(text, heading=heading) if is_somebody(m))


@made_once
def _words_for(bodies: tuple[Body, ...]) -> frozenset[str]:
    """The last words of the kinds of bodies, in lower case: "unit", "service"."""
    names = [name for body in bodies for name in (*body.names, *body.short, body.kind)]
    return frozenset(name.casefold().split()[-1] for name in names)


class _Labelled:
    """A block that says who it is about: "Emergency department - the rating has changed", "in medicine we rated"."""

    def __init__(self) -> None:
        self._block = -1

    def of_a_part(self, sentence: Sentence, template: Template, aspects: AspectWords) -> bool:
        """Whether the sentence's block is about something that is neither a body nor an aspect."""
        found = _OPENED_BY.match(template.text) if sentence.opens and not sentence.label else None
        within = _IN_A_PART.match(template.text)
        labelled = found and aspects.last_end(found["label"]) < 0 and not _RATING_LABEL.search(found["label"])
        if labelled or (within and is_part(within["part"])):
            self._block = sentence.block
        return sentence.block == self._block


class _ThisTest:
    """The one aspect that the sentence before named: "in this test" means it."""

    def __init__(self, aspects: AspectWords, *, by_aspects: bool) -> None:
        self._aspects = aspects
        self._by_aspects = by_aspects
        self._one = ""

    def meant(self, sentence: Sentence, template: Template) -> Template:
        """The template with the aspect's name where it is meant."""
        if not self._by_aspects:
            return template
        if self._one and template.grades:
            template = pointing_back(template, self._one)
        named = self._aspects.named(template.text)
        self._one = named[0] if len(named) == 1 and not sentence.heading else ""
        return template


class _Headed:
    """The one body that the heading above names, as round-ups have it: each under its own name."""

    def __init__(self, cast: Cast) -> None:
        self._cast = cast
        self.body: Named | None = None

    def follow(self, sentence: Sentence) -> None:
        if sentence.place is not Place.HEADING or sentence.label:
            return
        found = {
            normal_name(m.named.name): m.named
            for m in self._cast.all_mentions(sentence.text, heading=True)
            if m.role is Role.PLAIN and m.form in {Form.NAME, Form.ALIAS}
        }
        if len(found) == 1:
            (self.body,) = found.values()
        elif found:
            self.body = None


def _only_of_a_part(template: Template) -> bool:
    """Whether a sentence names a body for a part of it, and nobody else."""
    return not template.names and any(m.role is Role.PART for m in template.mentions)


def _spoken_of(template: Template) -> tuple[Named, ...]:
    """The bodies that a sentence names as more than an owner, a place or a speaker; a stranger as its subject only."""
    opens = _STRANGER_FIRST.match(template.text)
    return tuple(
        m.named
        for number, m in enumerate(template.mentions)
        if m.role in {Role.PLAIN, Role.NEIGHBOUR, Role.PART}
        and m.form is not Form.DESCRIPTOR
        and (m.form is not Form.OTHER or (opens is not None and int(opens[1]) == number))
    )


def _referred(
    stated: Iterable[Statement], template: Template, before: Sequence[Named], headed: Named | None
) -> Iterable[Statement]:
    """Statements of "it", of the one body that the sentence before spoke of; else of the one in the heading."""
    if len(template.names) == 1 and _THEN_ITS_NAME.match(template.text):
        stated = [
            replace(s, who=template.names, binding=Binding.NAMED) if _is_before_name(s, number) else s
            for number, s in enumerate(stated)
        ]
    refers = not template.names and bool(_REFERS_BACK.match(template.text))
    rest = (
        _ALL_BUT_FIRST.match(template.text) or _ALL_BUT_LAST.match(template.text) if len(before) > 2 else None
    )
    if rest is not None:
        yield from _all_but(rest, stated, template, before)
        return
    several = _ALL_OF_THEM.match(template.text) if not template.names and len(before) > 1 else None
    count = cues.NUMBERS.get(several["count"] or "") if several else None
    for s in stated:
        if several and s.binding is not Binding.ELSE and count in {None, len(before)}:
            yield replace(s, who=tuple(before), binding=Binding.NAMED, everyone=False)
        elif s.who or s.binding is Binding.ELSE:
            yield s
        elif refers and len({normal_name(n.name) for n in before}) == 1:
            yield replace(s, who=tuple(before[:1]))
        elif headed is not None and s.binding in {Binding.UNSAID, Binding.REFERRED} and s.place is Place.BODY:
            yield replace(s, who=(headed,))
        else:
            yield s


def _is_before_name(s: Statement, number: int) -> bool:
    return number == 0 and not s.who and s.binding in {Binding.UNSAID, Binding.REFERRED}


def _all_but(
    found: re.Match[str], stated: Iterable[Statement], template: Template, before: Sequence[Named]
) -> Iterable[Statement]:
    """One grade for every body that the sentence before named but the one that is excepted; its own for that one."""
    excepted = template.mentions[int(found["but"][2:-1])].named
    grade = template.grades[int(found["grade"][2:-1])].grade
    others = tuple(n for n in before if normal_name(n.name) != normal_name(excepted.name))
    for s in stated:
        who = others if s.grade == grade else (excepted,)
        yield replace(s, who=who, binding=Binding.NAMED, everyone=False, passing=False)


def _in_section(stated: Iterable[Statement], section: Sequence[str], cast: Cast) -> Iterable[Statement]:
    """Statements of a label's line, of the body and the time that the headings above it name."""
    stated = tuple(stated)
    if not section or not stated or not stated[0].in_heading:
        return stated
    who = next((found[0].named for text in section if (found := cast.mentions(text, heading=True))), None)
    time = next((text for text in section if _FORMER.search(text) or _CURRENT.search(text)), "")
    former = bool(_FORMER.search(time)) and not _CURRENT.search(time)
    return [
        replace(
            s,
            who=s.who or ((who,) if who and s.binding is Binding.UNSAID else ()),
            when=When.THEN if former and s.when in {When.NOW, When.BARE} else s.when,
        )
        for s in stated
    ]


def _names(judge: Inspectorate, text: str) -> bool:
    folded = text.casefold().replace("’", "'")
    return any(name.casefold() in folded for name in (judge.name, *judge.aliases))


_TEST: Final = r"['\"‘’“”]?{name}['\"‘’“”]? (?:tests?|outcomes)\b|\b(?:tests? of|outcomes (?:in|for)) ['\"‘“]?{name}\b|['\"‘“]{name}['\"’”]"
_BESIDE: Final = r"|\b(?:{others})['\"’”]?(?:,| and|, and) ['\"‘“]?{name}\b|\b{name}['\"’”]?(?:,| and|, and) ['\"‘“]?(?:{others})\b"


def with_substitutes(
    statements: Sequence[Statement], prose: Sequence[Sentence], scale: Scale
) -> tuple[Statement, ...]:
    """The statements, where a text is about such a body, with what stands in for the aspects that nobody named.

    Where the text does not name the one that stands in as a test either, neither is told.
    """
    for substitute in scale.aspects:
        if substitute.beside:
            statements = tuple(_beside_others(statements, substitute))
        elif substitute.instead_of and any(substitute.instead_of in s.aspects for s in statements):
            text = Text(" ".join(s.text for s in prose))
            if text.count(substitute.where):
                named = _is_told(substitute, scale, text.text)
                statements = tuple(_exchanged(statements, substitute, AspectWords.of(scale), named=named))
    return tuple(statements)


def _beside_others(statements: Sequence[Statement], substitute: Aspect) -> Iterable[Statement]:
    """Each inspection's aspects as one set: "leadership" beside "care and support" is that set's own."""
    beside = {s.when for s in statements if not set(substitute.beside).isdisjoint(s.aspects)}
    for s in statements:
        if s.when in beside and substitute.instead_of in s.aspects:
            names = (substitute.name if name == substitute.instead_of else name for name in s.aspects)
            yield replace(s, aspects=tuple(dict.fromkeys(names)))
        else:
            yield s


def _exchanged(
    statements: Iterable[Statement], substitute: Aspect, words: AspectWords, *, named: bool
) -> Iterable[Statement]:
    for s in statements:
        if substitute.instead_of not in s.aspects or substitute.instead_of in words.named(
            comparable(s.sentence)
        ):
            yield s
            continue
        names = (substitute.name if name == substitute.instead_of and named else name for name in s.aspects)
        yield replace(s, aspects=tuple(name for name in names if name != substitute.instead_of))


def _is_told(substitute: Aspect, scale: Scale, text: str) -> bool:
    """Whether the text names it as one that is judged: "the care test", "safety, care and ..."."""
    others = "|".join(
        re.escape(a.name) for a in scale.aspects if a.domain and a.name != substitute.instead_of
    )
    pattern = (_TEST + _BESIDE).format(name=re.escape(substitute.name), others=others)
    return re.search(pattern, text, re.IGNORECASE) is not None
