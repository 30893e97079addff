"""Statements: what a sentence says of a grade - given to whom, for what, now or then, in which words.

A grade word is read as a rating only with evidence (`rating_evidence`), and for what its words say (`scopes`).
A grade that is counted, negated, wished for, or one of several possible ones is not a statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from digest.extract import cues
from digest.extract.aspects import AspectWords
from digest.extract.cast import Named
from digest.extract.grade_context import GradeInContext, Setting
from digest.extract.movements import direction_of, is_given_again
from digest.extract.parts import speaks_of_something_else
from digest.extract.prose import Place
from digest.extract.rating_evidence import Evidence, RatingEvidence, is_row
from digest.extract.scopes import Scopes
from digest.extract.status import Status, status_of
from digest.extract.template import NAME, Template
from digest.extract.times import When, time_of
from digest.providers import normal_name
from digest.reports import Direction


class Binding(StrEnum):
    """By which words a sentence says whose grade it is."""

    NAMED = "named"
    REFERRED = "referred"  # "it", "the home"
    DESCRIBED = "described"  # "a Kent care home"
    UNSAID = "unsaid"  # by no words at all: "Overall rating: good"
    ELSE = "else"  # somebody that this text is not about, or only a part of a body


_EDUCATION: Final = frozenset({"school", "academy", "college", "primary", "secondary", "university"})
_EARLY: Final = frozenset({"nursery", "preschool", "playgroup", "childminder", "kindergarten", "creche"})
_CARE: Final = frozenset({"home", "hospice", "agency", "homecare"})
_HEALTH: Final = frozenset({"hospital", "practice", "surgery", "clinic", "infirmary"})
_CUSTODY: Final = frozenset({"prison", "jail", "yoi", "hmp", "gaol"})
_UNIT: Final = frozenset({"pdu", "unit"})
_COMPANY: Final = frozenset({"crc", "company"})
_YOUTH: Final = frozenset({"yjs", "yos", "yot", "team", "partnership"})
_REGION: Final = frozenset({"region"})
_DIVISION: Final = frozenset({"division"})
_TRUST: Final = frozenset({"trust"})
_COUNCIL: Final = frozenset({"council", "authority", "borough"})
_FORCE: Final = frozenset({"force", "constabulary", "police"})
_FIRE: Final = frozenset({"brigade"})
_OWNING: Final = frozenset({"owner", "operator", "group", "charity", "firm", "chain", "federation"})
_PART: Final = frozenset({"ward", "wing", "site", "maternity"})
_CLASSES: Final = (
    _EDUCATION, _EARLY, _CARE, _HEALTH, _CUSTODY, _UNIT, _COMPANY, _YOUTH, _REGION, _DIVISION, _TRUST, _COUNCIL,
    _FORCE, _FIRE, _OWNING, _PART,
)  # fmt: skip
# Neighbouring words for one level: a region of the probation service is called its division, too.
_TOGETHER: Final = ((_REGION, _DIVISION), (_YOUTH, _COUNCIL))

_NOUNS: Final = "|".join(sorted({noun for nouns in _CLASSES for noun in nouns}))
_SAID: Final = re.compile(
    rf"(?<!across )\b(?P<det>the|this|that|these|our|a|an|one|another) (?:(?!(?:that|which|was|were|is|are|has|have|had|for|of|in|at|on|by|to)\b)[a-z]+ ){{0,4}}?"
    rf"(?P<noun>{_NOUNS})(?<!inspection team)(?<!estyn team)(?<!ofsted team)(?P<more>s|ies)?\b(?!'s| of inspectors\b| (?:inspector|inspectors|leaders?|improvement|report|board|manager|forces?)\b)"
)
# "The nursery's leadership"; "the trust's" is also said of its only hospital.
_OWNING_WORD: Final = re.compile(
    rf"\b(?:the|this|that|our) (?:[a-z]+ ){{0,2}}?(?P<noun>(?!(?:{'|'.join(sorted(_TRUST | _COUNCIL | _OWNING))})\b)(?:{_NOUNS}))'s (?=[a-z])"
)
_PRONOUN: Final = re.compile(r"\b(?:it|we|they)\b")
_SERVICE: Final = re.compile(
    r"\b(?:the|this|our) (?:[a-z]+ ){0,3}?(?:service|provider|facility|setting|organisation|establishment|institution|centre)\b"
)
_WHAT_WE_FOUND: Final = re.compile(r"\b(?:we|inspectors) (?:had )?(?:found|saw|inspected) $")
_INDEFINITE: Final = frozenset({"a", "an", "one", "another"})


def spoken_of(before: str) -> tuple[Binding, str | None]:
    """How the words before a grade refer to its body without a name, and the kind they mention."""
    last_name = max((m.end() for m in re.finditer(NAME, before)), default=0)
    stretch = before[last_name:]
    kinds = list(_SAID.finditer(stretch))
    if kinds:
        found = kinds[-1]
        noun = found["noun"]
        if found["more"]:
            return Binding.ELSE, noun
        after = stretch[found.end() :]
        if _PRONOUN.search(after):
            return Binding.REFERRED, None
        found_there = _WHAT_WE_FOUND.search(
            stretch, 0, found.start()
        )  # "we found a prison in crisis, with ..."
        known = found["det"] not in _INDEFINITE or found_there is not None
        return (Binding.REFERRED if known else Binding.DESCRIBED), noun
    if _PRONOUN.search(stretch) or _SERVICE.search(stretch):
        return Binding.REFERRED, None
    if owner := _OWNING_WORD.search(stretch):
        return Binding.REFERRED, owner["noun"]  # "the nursery's leadership was rated"
    return Binding.UNSAID, None


def fits(noun: str | None, named: Named | None) -> bool:
    """Whether a word for a kind of body can mean this body: a trust's hospital is not the trust."""
    if noun is None or named is None:
        return True
    kind = normal_name(f"{named.name} {named.body.kind if named.body else ''} {named.area}").split()
    words = {*kind, *(word.removesuffix("s") for word in kind)}
    if noun in words:
        return True
    mine = next(nouns for nouns in _CLASSES if noun in nouns)
    theirs = [nouns for nouns in _CLASSES if nouns & words]
    if "yjs" in words or {"youth", "justice"} <= words or {"youth", "offending"} <= words:
        theirs.append(_YOUTH)
    if not theirs:
        return mine not in {_OWNING, _COUNCIL, _TRUST, _PART, _COMPANY}
    return mine in theirs or any(
        mine in pair and any(other in theirs for other in pair) for pair in _TOGETHER
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One grade that a sentence gives."""

    grade: str
    rank: int
    aspects: tuple[str, ...]  # empty: the service as a whole
    explicit: bool  # where it is for the whole service: the sentence says so ("overall")
    when: When
    year: int | None
    who: tuple[Named, ...]  # empty where the sentence names nobody
    binding: Binding
    noun: str | None  # the kind of body in a reference or a description: "home"
    direction: Direction | None  # what the words themselves say of a movement
    sentence: str
    in_heading: bool
    place: Place
    block: int
    everyone: bool = False  # it is for each of several services that the text is about
    passing: bool = False  # in a relative clause, "which is rated good": already known, so not news
    reacting: bool = False  # the sentence reports a reaction: "are celebrating"
    own: bool = False  # in the words of the inspected: "we"
    laid_out: bool = False  # by a table, a label or a list, not by a sentence
    status: Status | None = None  # why it is not asserted; None if it is


_PASSING: Final = re.compile(
    r"(?:\b(?:which|that|who)(?: (?:is|was|are|were|had been|currently|also|already|still|previously|recently|last))*"
    r"|<[pd]\d+>(?: in [a-z ]{2,30}?| near [a-z ]{2,30}?)?,?(?: (?:currently|already|previously|last|still|also))?|"
    r"\b(?:an?|the|its|his|her|their|this|only) (?:[a-z]+ ){0,3}(?:school|home|academy|college|nursery|hospital|practice|surgery|service|provider|trust|prison|force),?(?: (?:currently|already|previously|last|still))?)"
    r" (?:rated|judged|graded|ranked|deemed|classed|labelled|branded|given|awarded|assessed)(?: (?:as|a|an|to be|overall|by [^,;<]{2,40}))* ?$"
)
# "The report which rated a Bury school inadequate": known already.
_WHICH_RATED: Final = re.compile(
    r"\b(?:reports?|inspections?|verdict|judge?ment|inspectors|visit) (?:which|that|who) (?:had )?(?:rated|judged|graded|branded|deemed|found) [^;<]{0,60}$"
)
_ITS_REPORT: Final = re.compile(r"^ (?:ofsted|cqc|estyn|inspection|care inspectorate) (?:report|verdict)\b")
_TIMES: Final = re.compile(r"^[^;:.<]{0,60}\b(?:twice|three times|four times|five times)\b")
# "The head leaves two months after the school was rated good": the news is something else.
_STEPS: Final = 3
_BACK: Final = re.compile(
    r"\b(?:back|returned|reverted|slipped|fallen|dropped|again)\b[^<]{0,20}<g0>.*\bfrom (?:an? )?<g1> (?:up |down )?to (?:an? )?<g2>"
)
_AND_BACK: Final = re.compile(
    r"<g0>[^<]{0,30}(?:\bto\b|\bthen\b|,|\band\b)[^<]{0,20}<g1>[^<]{0,60}(?:\bback\b|\bagain\b|\bnow\b|\breturned\b)[^<]{0,40}(?:<p\d+>[^<]{0,20})?<g2>|<g0>[^<]{0,60}<g1>[^<]{0,60}<g2>(?: now)? (?:again|once more)"
)
_UP_FROM: Final = re.compile(
    r"<g0>[^<]{0,30}\b(?:up|down|improved|raised|dropped) from (?:an? )?<g1>[^<]{0,40}\b(?:now|again|back)\b[^<]{0,40}<g2>"
)
_SOON_AFTER: Final = re.compile(
    r"\b(?:days?|weeks?|months?|years?|terms?) after (?:the (?:[a-z]+ ){0,2}?[a-z]+|it|they|<[pd]\d+>) (?:was|were) [^,;<]{0,30}$"
)
_AFTER_IT_WAS: Final = re.compile(
    r"\b(?:that|which|who) [^,;<]{3,80}?\bafter (?:it|they) (?:was|were|received|got|had been)\b[^<]{0,30}$"
)
_DEFINITE: Final = re.compile(
    r"\b(?:the|its|that|this|their|his|her|such an?) (?:shock |damning |previous |new |overall )?$"
)
_BEFORE_A_NAME: Final = re.compile(rf"^ (?:rated )?{NAME}")  # "merged with the 'inadequate' X"
_ISSUED: Final = re.compile(
    r"^ (?:[a-z]+ )?(?:rating|grade|judge?ment) (?:was |that was |which was )?(?:issued|given|awarded|published|received|handed|made|following|after|by)\b"
)
_PREFIXED: Final = re.compile(
    r"^ rated (?:[a-z]+ ){0,3}?(?:school|home|academy|college|nursery|hospital|practice|surgery|service|provider|trust|prison|force|setting|institution)s?\b"
)
_CALLED_BY_IT: Final = re.compile(
    rf"^(?: rated)? (?:{NAME}|(?:[a-z]+ ){{0,3}}?(?:school|home|academy|college|nursery|hospital|practice|surgery|service|trust|prison|force))"
    r" (?:is |are )?(?:set |due |about )?(?:to (?!be (?:re)?inspected|improve)|(?:joins?|appoints?|names|changes|opens|reopens|hires|loses|closes|shuts|gets new|welcomes new)\b)"
)
# "Commissioner appointed at council given 'inadequate' rating": the rating is known.
_AT_ONE_RATED: Final = re.compile(
    r"\b(?:at|for|from|into|with) (?:an? |the )?(?:[a-z]+ ){0,3}(?:school|home|academy|college|nursery|hospital|practice|surgery|service|provider|trust|prison|force|council|unit) "
    r"(?:which was |that was )?(?:given|rated|judged|graded|branded|deemed|labelled|found) (?:as |an? |to be )*$"
)
_WHICH_IN_TITLE: Final = re.compile(
    r"\b[a-z]+ (?:which|that) (?:was |were |had been |has been |once |recently )*(?:rated|judged|graded|branded|fell|dropped|slipped|went|got|received)\b[^;:<]{0,30}$"
)
_REACTING: Final = re.compile(
    r"\b(?:celebrat\w+|overjoyed|delight\w*|proud\w*|pleas\w+|thrilled|over the moon|jubilant|prais\w+|congratulat\w+|vow\w*|appeal\w*|"
    r"pledg\w+|apologis\w+|hit(?:s|ting)? (?:out|back)|defend\w*|disappoint\w+|devastated|shock\w*|under fire|slam\w*|criticis\w+|"
    r"concern\w*|warn\w*|hail\w*|party|cheer\w*|rejoic\w+|smil\w+|toast\w*|happy|joy\w*|buzzing|elated|ecstatic|pride|beaming|"
    r"special measures|must improve|told to improve|success\w*|upset|dismay\w*|furious|angry|anger|react\w*|respon\w+|welcom\w+|honoured|"
    r"gutted|sorry|promis\w+|glowing|recognis\w+)\b"
)
_OWN: Final = re.compile(r"\b(?:we|us|our)\b")
_STATISTICS: Final = 2  # grades with a number of bodies before them, in a sentence without a name
_NUMBER: Final = re.compile(
    r"\b(?:(?!(?:19|20)\d\d\b)\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half|per cent|percent) (?!(?:areas|standards|questions|categories|domains|aspects|tests|key)\b)"
    r"(?:[^\s;:.<]+ ){0,4}<g"
)
# "High scores of good and very good grades": it does not say which grade is for what.
_TWO_OF_ONE: Final = re.compile(
    r"<g\d+>(?:,? (?:and|or|&) (?:even )?<g\d+>)+ (?:grades|ratings|scores|marks|gradings|evaluations|judge?ments)\b"
)
_BESIDE: Final = re.compile(r"(?: rating| grade)?(?:,| and| or| &| to)+ ?")
# "Its ratings for X were not looked at this time, so they remain good": no inspection kept them.
_NOT_SEEN: Final = re.compile(r"\bnot (?:looked at|inspected|included|assessed|reviewed|rated)\b")
_AS_WERE: Final = re.compile(
    r",? (?:as|so) (?:were|was|are|is|have|has|had|did) (?:(?:those|that|(?:the|its|their) (?:ratings?|grades?|scores?))(?: given)? (?:for|of|in)|(?:its|the)) (?P<what>[^;.<]{1,120})"
)
_SHARES_VERB: Final = re.compile(
    r"(?!.*\b(?:but|while|whereas|was|were|is|are|has|have|had|now)\b)[^.;:]{0,120}(?:,| and) (?:also )?"
)
_FELL_OR_ROSE: Final = re.compile(rf"\b{cues.MOVED}\b|\b(?:rated|graded|judged|found|assessed)\b")
_BROKEN_OFF: Final = re.compile(r"\b(?:while|whereas)\b")
_ELSEWHERE: Final = re.compile(r"\b(?:while|whereas),? (?:in|at|over in|across) ")


class StatementReader:
    """Reads sentences by one scale's aspects."""

    def __init__(
        self,
        aspects: AspectWords,
        *,
        modern: bool,
        by_aspects: bool = False,
        bodies: frozenset[str] = frozenset(),
    ) -> None:
        self._aspects = aspects
        self._scopes = Scopes(aspects, by_aspects=by_aspects, bodies=bodies)
        self._rating_evidence = RatingEvidence(aspects, self._scopes, modern=modern, by_aspects=by_aspects)

    def statements(self, template: Template, setting: Setting) -> tuple[Statement, ...]:
        """What the sentence states, from left to right."""
        found: list[Statement] = []
        unusable = _unusable(template)
        who_before: tuple[Named, ...] = ()
        beside_nothing = False  # the last grade was for something unknown; so is a grade joined to it
        given = False  # the sentence gave a grade already
        for i in range(len(template.grades)):
            mention = GradeInContext(template, i, setting)
            who_before = mention.names_before or who_before
            if i in unusable:
                continue
            evidence = self._rating_evidence.of(mention, any_before=given)
            if evidence is None or (beside_nothing and _BESIDE.fullmatch(mention.before)):
                continue
            status = status_of(mention)
            given = given or status is None
            statement = self._statement(mention, evidence, status, who_before, found)
            beside_nothing = statement is None
            if statement is not None:
                found.append(statement)
                spelt_out = () if statement.aspects else self._scopes.spelt_out(mention)
                if spelt_out:
                    found.append(replace(statement, aspects=spelt_out, explicit=False))
                if statement.aspects and self._scopes.whole_too(mention):
                    found.append(replace(statement, aspects=(), explicit=True))
        found = _without_the_oldest(template, found)
        found += self._as_were(template, found)
        return _respectively(template, tuple(_paired(template, found)))

    def _as_were(self, template: Template, found: list[Statement]) -> list[Statement]:
        """The whole service's grades again for other aspects: "cut to <g>, as were those for being safe"."""
        also = _AS_WERE.search(template.text)
        named = self._aspects.named(also["what"]) if also else ()
        given = [s for s in found if not s.aspects] or found[-1:]
        return [replace(s, aspects=named, explicit=False) for s in given] if named else []

    def _binding(
        self, m: GradeInContext, who: tuple[Named, ...], who_before: tuple[Named, ...]
    ) -> tuple[Binding, str | None]:
        """How the sentence says whose grade it is, and the kind of body that it mentions."""
        if m.is_of_somebody_else():
            return Binding.ELSE, None
        if who and m.names_after:
            return Binding.NAMED, None
        binding, noun = spoken_of(m.before)
        if who:
            return Binding.NAMED, noun
        if m.is_described():
            return Binding.DESCRIBED, None
        return (Binding.NAMED, noun) if who_before and binding is not Binding.ELSE else (binding, noun)

    def _statement(
        self,
        m: GradeInContext,
        evidence: Evidence,
        status: Status | None,
        who_before: tuple[Named, ...],
        found: list[Statement],
    ) -> Statement | None:
        scope = self._scopes.of(m)
        if scope is None:
            return None
        if evidence is Evidence.FROM and (pair := m.moved_to()):
            towards = self._scopes.of(pair)
            scope = towards if towards and towards[0] else scope  # "from <g> to <g> for being safe"
        aspects, explicit, everyone = *scope, m.is_of_everyone
        who = m.names_after or m.names_before
        if who and not m.names_after and m.speaks_of_somebody_else():
            return None
        if cues.BEFORE_IT.search(m.clause):
            return None  # a grade of the body that this one replaced
        if not who and (_ELSEWHERE if aspects else _BROKEN_OFF).search(m.before):
            return None  # "while in Warwickshire services ...": somebody else, and we do not know who
        when, year = time_of(
            m,
            moved_from=evidence is Evidence.FROM,
            before=(found[-1].when, found[-1].year) if found else _time_before(m),
        )
        binding, noun = self._binding(m, who, who_before)
        if not aspects and speaks_of_something_else(m.before):
            who = ()
            binding = Binding.ELSE
        unsaid = not who and spoken_of(m.before)[0] is Binding.UNSAID
        if found and found[-1].binding is Binding.ELSE and unsaid:
            binding = Binding.ELSE  # no other body was mentioned since: still somebody else's grade
        elif found and unsaid and binding is Binding.UNSAID:
            noun = found[-1].noun  # "the nursery was rated good for staffing and weak for planning"
        return Statement(
            grade=m.grade.grade,
            rank=m.grade.rank,
            aspects=aspects,
            explicit=explicit,
            when=when,
            year=year,
            who=who or who_before if binding is Binding.NAMED else (),
            binding=binding,
            noun=noun,
            direction=None
            if when is When.THEN
            else Direction.UNCHANGED
            if aspects and is_given_again(m)
            else direction_of(
                m,
                kept=(evidence is Evidence.KEPT and not _NOT_SEEN.search(m.left))
                or (bool(aspects) and _goes_on_kept(m, found)),
                moved=evidence is Evidence.TO,
            ),
            sentence=m.setting.sentence,
            in_heading=m.setting.heading,
            place=m.setting.place,
            block=m.setting.block,
            everyone=everyone and not who and not (aspects and self._aspects.last_end(m.clause) >= 0),
            passing=not aspects
            and (evidence in {Evidence.RATED, Evidence.WORD} or m.setting.heading)
            and (_is_known_in_title(m) if m.setting.heading else _is_in_passing(m)),
            reacting=bool(_REACTING.search(m.template.text)),
            own=bool(_OWN.search(m.template.text)),
            laid_out=is_row(m.template.text),
            status=status,
        )


def _time_before(m: GradeInContext) -> tuple[When, int | None] | None:
    """The time of the grade before it, if that was not read: "rated <g> in all areas and <g> overall"."""
    if not m.index:
        return None
    return time_of(GradeInContext(m.template, m.index - 1, m.setting), moved_from=False, before=None)


def _without_the_oldest(template: Template, found: list[Statement]) -> list[Statement]:
    """Of three grades, "from A to B in 2022, but now A again", without the oldest: B is the former one."""
    whole = [s for s in found if not s.aspects and s.status is None]
    if len(whole) != _STEPS or len({s.who for s in whole}) > 1 or len(template.grades) != _STEPS:
        return found
    if whole[0].grade == whole[1].grade and _BACK.search(
        template.text
    ):  # "returned to A, after going from A to B"
        first, oldest, former = whole
    elif whole[0].grade == whole[2].grade and _AND_BACK.search(template.text):
        oldest, former, first = whole
    elif whole[1].grade == whole[2].grade and _UP_FROM.search(template.text):  # "B in 2022, up from A, now A"
        former, oldest, first = whole
    else:
        return found
    if former.grade == first.grade:
        return found
    now = replace(first, when=When.NOW, year=None, direction=None)
    return [
        now if s is first else replace(s, when=When.THEN, direction=None) if s is former else s
        for s in found
        if s is not oldest
    ]


def _goes_on_kept(m: GradeInContext, found: list[Statement]) -> bool:
    """Whether a grade shares the verb of the one before it: "remained <g> in safety and <g> in respect"."""
    return bool(
        found
        and found[-1].aspects
        and found[-1].direction is Direction.UNCHANGED
        and _SHARES_VERB.fullmatch(m.before)
        and not _FELL_OR_ROSE.search(m.before)
    )


def _is_known_in_title(m: GradeInContext) -> bool:
    """Whether a title only calls its body by its grade: "'Inadequate' Oakfield to change name"."""
    if _WHICH_IN_TITLE.search(m.template.text[: m.template.grade_at[0][0]]):
        return True  # "Trust takes on school which fell from outstanding to inadequate"
    if _AT_ONE_RATED.search(m.before) and not _REACTING.search(m.template.text):
        return True
    return bool(_CALLED_BY_IT.match(m.right)) and not m.left.strip(" :")


def _is_in_passing(m: GradeInContext) -> bool:
    """Whether the grade is mentioned as already known: "which is rated good", "the 'inadequate' rating"."""
    if _PASSING.search(m.before) or _PREFIXED.search(m.right) or (m.left and _BEFORE_A_NAME.match(m.right)):
        return True
    if re.search(rf"{NAME}'s $", m.left) and _ITS_REPORT.match(m.right):
        return True
    if (
        _SOON_AFTER.search(m.before)
        or _AFTER_IT_WAS.search(m.before)
        or _WHICH_RATED.search(m.before)
        or _TIMES.match(m.behind)
    ):
        return True
    definite = _DEFINITE.search(m.left) and cues.A_RATING.search(m.right)
    return bool(definite) and not (
        cues.GIVEN.search(m.left) or cues.KEEPS.search(m.left) or _ISSUED.search(m.right)
    )


def _unusable(template: Template) -> set[int]:
    """Grades that are only part of a list of the scale, or that stand beside another possible grade."""
    text, places = template.text, template.grade_at
    one_each = "respectively" in text and len(template.names) == len(places)
    listed = [] if one_each else [m.span() for m in cues.LISTED.finditer(text)]
    if not one_each:
        listed += [m.span() for m in _TWO_OF_ONE.finditer(text)]
    if not template.names and len(_NUMBER.findall(text)) >= _STATISTICS:
        return set(range(len(places)))  # "32 outstanding, 4,013 good and 439 inadequate": statistics
    unusable = {i for i, (start, end) in enumerate(places) if any(a <= start and end <= b for a, b in listed)}
    for i, (start, end) in enumerate(places):
        if (
            cues.RANGE_AFTER.search(text[end : end + 40])
            or cues.RANGE_BEFORE.search(text[max(0, start - 40) : start])
            or (
                cues.HOLLOW.search(text[:start])
                and not template.grades[i].quoted
                and not cues.A_RATING.search(text[end:])
            )
        ):
            unusable.add(i)
    return unusable


def _paired(template: Template, found: list[Statement]) -> Iterator[Statement]:
    """The statements, without a former grade that "dragged down from A to B" only seems to give."""
    dragged = bool(cues.DRAGGED.search(template.text))
    for statement in found:
        if not (dragged and statement.when is When.THEN):
            yield statement


def _respectively(template: Template, found: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """One name for each grade, in order, where the text says "A and B were rated X and Y respectively"."""
    if "respectively" not in template.text or len(found) != len(template.names):
        return found
    return tuple(replace(s, who=(name,)) for s, name in zip(found, template.names, strict=True))
