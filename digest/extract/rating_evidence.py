"""What makes a grade word a rating: a rating verb, the word "rating", quotation marks, a movement or its place."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from digest.extract import cues
from digest.extract.aspects import AspectWords
from digest.extract.grade_context import GradeInContext
from digest.extract.scopes import GLOSSED, Scopes
from digest.extract.template import DESCRIBED, NAME

# "Woodlands: Good, last inspected on 23 October": one row of a list.
_ROW: Final = re.compile(
    r"^\W{0,3}<p\d+> ?: (?:rated )?<g\d+>,? \(?(?:last )?(?:inspected|inspection|rated|published|report)\b"
)
# "First good (2016), then outstanding (2020), now good again": a record told as a row.
_WHEN: Final = r" ?(?:\((?:19|20)\d\d\)|in (?:19|20)\d\d)"
_IN_TURN: Final = re.compile(rf"^\W*(?:first |rated )?<g0>{_WHEN},? (?:and |then |but )*<g1>{_WHEN}")
# Ofsted of a council: "The overall judgement is that children's services are inadequate".
_OVERALL_IS: Final = re.compile(
    r"\boverall judge?ment is (?:that )?(?:[^.;:]{3,60}? (?:is|are) |[^.;:]{3,60} (?=$))?$"
)
# Words that are grades without quotation marks, too: no home "remains good" in everyday English.
_NEVER_SAID_OTHERWISE: Final = frozenset({"inadequate", "requires improvement"})
# "Its ratings for caring and responsive were not looked at, so they remain good".
_RATINGS_FOR: Final = re.compile(
    r"\bratings? (?:for|of) [^;:<]{3,90}\b(?:so|and) (?:it|they) (?:still )?(?:remains?|remained|stays?|stayed) (?:rated )?(?:as )?$"
)
_RATING_MOVED: Final = re.compile(
    r"\b(?:rating|grade)s?(?: (?:for|of|at) (?:(?!was\b|is\b)[a-z]+ ){1,6}?)? ?(?:has |had |have )?(?:now |also |since )?(?:improved|risen|moved up|gone up|went up|dropped|fallen|fell|slipped|gone down|went down|deteriorated|declined) to (?:an? )?$"
)
_KEPT_PLAINLY: Final = re.compile(
    rf"(?:{NAME}|\b(?:the|this) (?:[a-z]+ ){{0,2}}(?:school|home|hospital|trust|prison|centre|service|force|surgery|practice))(?:,? in [^;.]{{2,40}},)? (?:remains|remained) $"
)
# "All three are 'good'", said of bodies that the sentence before names.
_ALL_ARE: Final = re.compile(
    r"^\W*(?:all|both|each)(?: (?:two|three|four|five|six))?(?: of (?:them|these|those))? (?:are|were|is|was) (?:now |all |both )?$"
)


class Evidence(StrEnum):
    RATED = "rated"
    FROM = "from"
    TO = "to"
    KEPT = "kept"
    WORD = "word"  # the grade's own form or place


_JUDGE: Final = r"\b(?:report|inspectors?|ofsted|cqc|estyn|commission|inspectorate|watchdog|regulator|probation)\b[^;:.<]{0,60}?"
_OF_ONE: Final = (
    r"(?:school|home|service|hospital|college|academy|provider|prison|force|trust|unit|company|practice|surgery|nursery|region|council|"
    r"centre|agency|setting|childminder|charity|organisation|hospice|team)"
)
# "The report declared that the school is 'outstanding'", "inspectors concluded they required improvement".
_RULED: Final = re.compile(
    rf"\b(?:report|inspectors?|ofsted|cqc|commission|inspectorate|watchdog|regulator|probation|they|he|she)\b[^;:<]{{0,60}}?\b(?:declared|concluded|ruled|decided|determined|confirmed) (?:that )?"
    rf"(?:{NAME}|it|they|the [a-z]+(?: [a-z]+)?) (?:is|was|were|are|remains?|remained|to be) (?:now |still |an? )?$"
)
_RULED_IT: Final = re.compile(
    rf"{_JUDGE} (?:concluded|ruled|decided|determined) (?:that )?(?:overall )?(?:{NAME}|it|they|the {_OF_ONE}) $"
    r"|\b(?:was|were|been) told (?:[^;:.<]{0,40} )?(?:that )?(?:it|they) $"
)
_JUDGE_SAYS_IT_IS: Final = re.compile(
    rf"{_JUDGE} (?:says?|said|states?|stated|declares?|declared|concludes?|concluded|rules?|ruled|confirms?|confirmed|found) "
    rf"(?:that )?(?:{NAME}|it|the (?:[a-z]+ )?{_OF_ONE}) (?:is|was) (?:now |an? )?$"
)
_FORMULA: Final = re.compile(
    r"^(?:overall,? )?(?:this|the) (?:school|college|provider|nursery|academy|service|home|setting|provision|childminder)(?:'s)? (?:overall )?continues to be (?:an? )?$|^this is an? $"
)
_FORMULA_END: Final = re.compile(
    r"^(?: (?:school|college|provider|nursery|academy|setting|childminder))?[ .]*$"
)
_AS_GOOD_AS: Final = re.compile(r"^ as (?!(?:was|were|is|are) (?:its|the|those|that)\b)")
_SERVICE: Final = re.compile(
    r"^ (?:quality )?(?:service|(?:standard|level|quality) of (?:service|care)|outcomes?)\b"
)
_YEARS_OWN: Final = re.compile(r"\b(?:19|20)\d\d's $")
_BACK_AT: Final = re.compile(
    r"\b(?:back (?:down |up )?(?:to|at)|returned to|reverted to|slipped back to) (?:an? )?$"
)
_ONCE_MORE: Final = re.compile(r"^ (?:once more|once again|again)\b")
_A_VERB_AWAY: Final = 16  # characters: "staffing remained at"
_AT: Final = re.compile(r"^ at (?P<what>[^,;:.()<]{1,120})")
_GIVEN_FOR: Final = re.compile(
    r"^ (?:at|in|for|against|when it (?:comes|came) to|in terms of) (?P<what>[^;:.()<]{1,120})"
)
# "Poor outcomes in safety and respect": of aspects and of nothing else, no plain adjective.
_IN_TESTS: Final = re.compile(rf"^ (?:in|for|on|across) [^;:.()<]{{3,80}}? (?:{cues.PARTS}|key questions?)\b")
_OUTCOMES_IN: Final = re.compile(
    r"^ outcomes (?:in|for|against)(?P<what> [^;:.()<]{3,120}?)(?=,? and <g\d+> outcomes\b|[.;:]|,? (?:but|while)\b|$)"
)
# "... and 'outstanding' in the effective domain".
_IN_DOMAIN: Final = re.compile(
    r"^ (?:in|under) (?P<what>[^;:.()<]{0,60}?\b(?:domains?|categor(?:y|ies)|key questions?|areas?)\b[^;:.()<]{0,60})"
)
_IN_THESE: Final = re.compile(
    r"^ in (?P<what>[a-z ,-]{4,100}?)(?=[.;:()]| ?$|, (?:and|with|but)\b|;? with an?\b| areas\b|,? (?:and|with|but) <)"
)
# It is the body that is good at something, not its people.
_PEOPLE: Final = re.compile(
    r"\b(?:staff|managers?|leaders?|carers?|officers?|teachers?|pupils?|children|prisoners?|residents?|they|who)\b[^;:,<]{0,20}$"
)
_BODY_IS: Final = re.compile(
    rf"(?:{NAME}|{DESCRIBED}|\b(?:it|performance|outcomes|and|but|which|(?:the|this|our|that|its) (?:[a-z]+ ){{0,3}}(?:force|force's performance|constabulary|police|prison|"
    r"jail|service|brigade|home|nursery|school|centre|establishment|college|provider|setting|department|institution|organisation)))"
    r"(?:'s performance)?(?:,[^,;<]{0,60},)? (?:was|were|is|are|remained|remains|had been)(?: (?:now|still|also|only|again|overall|already))*\s?$"
)
_EXTENT: Final = re.compile(r"\bextent to which [^.;:<]{3,200}$")
_OVERALL_ASPECT: Final = re.compile(r"(?:'s|\bits|\bthe) overall (?:effectiveness|efficiency|legitimacy) ?$")
_A_FORMULA: Final = 4  # words of an aspect's name that nobody writes by chance
_JOINED: Final = re.compile(r"^(?:,| and| but| while| whereas| with| as well as| rated| graded| were| was)+ ")
_SINCE_OR_IN: Final = re.compile(r"^ (?:in|since) (?:19|20)\d\d,")
_HAD_TO: Final = re.compile(r"\b(?:had|has|have|judged|found|said|seen) (?:also )?to $")
# The verb itself, so that what stands before it is all that moved.
_MOVED_TO: Final = re.compile(
    r"^(?:[^,:;]{0,60}, |\W*)(?:(?:outcomes|assessments|scores|grades|results) (?:for|in) )?(?P<what>[^,;:<]{3,120}?)(?: (?:had|has|have|also|both|all|now|since))* "
    r"(?:improved|risen|rose|moved|gone|went|increased|declined|deteriorated|fallen|fell|dropped|slipped|worsened)(?: by)?(?: (?:one|a|two) (?:grade|level|point|step)s?)? to (?:an? )?$"
)
_THE: Final = re.compile(r"\bthe (?:(?:one|two|three|four|five|six) )?$")
_WAY: Final = re.compile(
    rf"\b(?:the way(?:s)?(?: in which)?|how(?: well)?) (?:it|they|the (?:service|force|constabulary|brigade)|{NAME}) (?P<what>[^;:.<]{{3,120}}?) ?(?P<verb>(?:to be|is|was|as) )?(?:an? )?$"
    rf"|(?:\b(?:the|this) (?:service|force|constabulary|brigade)|{NAME})'s (?P<pillar>[^;:.<]{{3,80}}?) $"
)
_FOUND_TO: Final = re.compile(
    r"\b(?:was|were|been|is|are) (?:also |all |both |again )?(?:found|judged|adjudged|deemed|graded|rated|assessed) to $"
)
_ALL_OF_THEM: Final = re.compile(r" (?:all|both|each|also|still) $")
_PLAIN_MOVES: Final = re.compile(r"\b(?:upgrad\w+|downgrad\w+|raised|lowered|re ?rated)\b")


def is_row(text: str) -> bool:
    """Whether a sentence, in the form of a template, is one row of a list of rated bodies."""
    return _ROW.match(text) is not None


class RatingEvidence:
    """Finds the evidence that a grade word is a rating, by one scale's aspects."""

    def __init__(self, aspects: AspectWords, scopes: Scopes, *, modern: bool, by_aspects: bool) -> None:
        self._aspects = aspects
        self._scopes = scopes
        self._by_aspects = by_aspects  # the scale has no overall grade
        self._modern = modern  # the text is surely from the scale's time: prose verdicts may be grades

    def of(  # noqa: C901, PLR0912 -- the strongest evidence first
        self, m: GradeInContext, *, any_before: bool
    ) -> Evidence | None:
        """Why the word is read as a rating; None where it is not. `any_before`: the sentence has given a rating already."""
        if (
            (self._modern or m.formal)
            and cues.STANDARD_BEFORE.search(m.left)
            and cues.STANDARD.search(m.right)
        ):
            return Evidence.WORD
        if _FORMULA.search(m.left) and _FORMULA_END.search(m.right):
            return Evidence.KEPT if "continues" in m.left else Evidence.RATED  # Ofsted's own words
        if m.formal and cues.STEPPED.search(m.left) and _SERVICE.search(m.right):
            return Evidence.RATED  # "found to be providing an Excellent service"
        if self._by_aspects and (
            self._are_outcomes(m)
            or self._are_the_areas(m)
            or self._way_it_does(m)
            or self._scopes.is_quoted_of(m)
        ):
            return Evidence.RATED
        if (m.formal and _RULED.search(m.left)) or (m.grade.verbal and _RULED_IT.search(m.left)):
            return Evidence.RATED
        if (
            cues.ADJECTIVE.search(m.right)
            and not (any_before and cues.NO_ADJECTIVE_WITH.search(m.left) and self._scopes.is_with_aspects(m))
        ) or (m.left.endswith(" as ") and _AS_GOOD_AS.match(m.right)):
            return None
        if m.is_moved_from or (
            cues.UP_FROM.search(m.left)
            and not m.is_moved_to
            and (m.formal or m.grade.verbal or (self._by_aspects and self._is_telling(m)))
        ):
            return Evidence.FROM
        if m.is_moved_to or (
            cues.TO.search(m.left)
            and (
                m.formal
                or _PLAIN_MOVES.search(m.before)
                or _RATING_MOVED.search(m.before)
                or (m.grade.grade in _NEVER_SAID_OTHERWISE and _IN_TESTS.match(m.right))
                or (self._by_aspects and self._moved_itself(m))
            )
        ):
            return Evidence.TO
        if (cues.KEPT.search(m.left) or cues.KEEPS.search(m.left)) and (
            m.formal
            or m.is_called_rating
            or cues.RATING_OF.search(m.left)
            or (_RATINGS_FOR.search(m.before) and self._aspects.last_end(m.before) >= 0)
            or (
                (self._modern or any_before)
                and self._aspects.last_end(m.before) >= len(m.before) - _A_VERB_AWAY
            )
        ):
            return Evidence.KEPT
        if m.formal and (
            _YEARS_OWN.search(m.left)
            or _BACK_AT.search(m.left)
            or (_ONCE_MORE.search(m.right) and cues.IS.search(m.left))
        ):
            return Evidence.RATED  # "after 2022's 'good'", "back at 'inadequate'", "is 'good' once more"
        if _OVERALL_IS.search(m.left) or (
            _KEPT_PLAINLY.search(m.left) and m.grade.grade in _NEVER_SAID_OTHERWISE
        ):
            return Evidence.KEPT if "remain" in m.left else Evidence.RATED
        if _ROW.match(m.template.text):
            return Evidence.RATED
        if _IN_TURN.match(m.template.text):
            return Evidence.RATED
        if m.formal and _ALL_ARE.match(m.left):
            return Evidence.RATED
        if cues.STEPPED.search(m.left) and not m.left.endswith(("providing a ", "providing an ")):
            return Evidence.RATED
        if cues.RATED.search(m.left) or cues.RATING_OF.search(m.left) or m.is_called_rating:
            return Evidence.RATED
        if self._by_aspects and (
            cues.OUTCOMES.search(m.left) or (cues.OUTCOMES_THERE.search(m.left) and self._tells_for_what(m))
        ):
            return Evidence.RATED
        return Evidence.WORD if self._by_form(m, any_before=any_before) else None

    def _by_form(self, m: GradeInContext, *, any_before: bool) -> bool:
        """Whether its place, or quotation marks or a capital in the right one, make the word a grade."""
        return (
            self._by_verb(m, any_before=any_before)
            or self._by_place(m, any_before=any_before)
            or (m.formal and self._by_mark(m, any_before=any_before))
        )

    def _by_verb(self, m: GradeInContext, *, any_before: bool) -> bool:
        """A grade that is a verb of its own: "the PDU ‘requires improvement’"."""
        if not m.grade.verbal:
            return False
        in_title = m.setting.heading and re.search(rf"{NAME} $", m.left)  # "Leeds YJS requires improvement"
        if cues.PREDICATE.search(m.left) and (
            m.grade.quoted or any_before or (in_title and self._modern) or self._is_good_at(m)
        ):
            return True
        if self._by_aspects and self._is_formula(m.left):
            return True
        if self._modern and _FOUND_TO.search(m.left):
            return True
        if not m.grade.quoted:
            return False
        if _HAD_TO.search(m.left):
            return True
        # "Teaching and outcomes all 'require improvement'"; in a list, a name with commas could be several.
        ends_with_aspect = self._aspects.closing(_ALL_OF_THEM.sub("", m.left)) > 0
        return ends_with_aspect and not any("," in name for name in self._aspects.named(m.left))

    def _by_place(self, m: GradeInContext, *, any_before: bool) -> bool:
        """A grade by where it stands: after its label, in a row of grades, or in an inspectorate's own formula."""
        if cues.WHOLE_LABEL.search(m.left):
            return True
        if m.is_value_of_label() and self._aspects.last_end(m.left) >= 0:
            return True
        if any_before and cues.NOW.search(m.before) and cues.NO_MORE_SAID.match(m.right):
            return True
        if any_before and (
            cues.NEXT_OF_ROW.search(m.before)
            or self._follows_aspects(m)
            or self._is_for_aspects(m)
            or self._has_aspects_only(m)
            or self._scopes.is_with_aspects(m)
        ):
            return True
        if not self._by_aspects:
            return False
        if self._is_good_at(m):
            return True  # "is good at responding to fires"
        if not (found := cues.IS.search(m.left)):
            return False
        if self._is_formula(m.left[: found.start()]):
            return True
        # Nobody says "reasonably good" of safety by chance in a report that grades it so.
        return self._is_telling(m) and self._aspects.last_end(m.clause) >= 0

    @staticmethod
    def _is_telling(m: GradeInContext) -> bool:
        """Whether a grade is more than one word, and no plain English: "very good" is."""
        return " " in m.grade.grade and not m.grade.alias and not m.grade.grade.startswith("very ")

    def _are_outcomes(self, m: GradeInContext) -> bool:
        found = _OUTCOMES_IN.match(m.right)
        return bool(found and self._aspects.fills(found["what"]))

    def _are_the_areas(self, m: GradeInContext) -> bool:
        """Whether areas are called by their grade, and named: "the inadequate areas included recording data"."""
        found = cues.PARTS_ARE.match(m.right)
        if found is None and m.grade.verbal and cues.THE_PARTS.search(m.left):
            found = cues.PARTS_RATED_ARE.match(m.right)  # "the areas requiring improvement are ..."
            return bool(found and self._aspects.longest(found["what"]) > 1)
        return bool(found and _THE.search(m.left) and self._aspects.longest(found["what"]) > 1)

    def _way_it_does(self, m: GradeInContext) -> bool:
        """Whether a service's way of doing what is graded is judged: "the way it treats the public requires ..."."""
        found = _WAY.search(m.left) if self._aspects.last_end(m.left) >= 0 else None
        if found is None:
            return False
        way = (found["what"] or found["pillar"]).rstrip()
        judged = m.grade.verbal or found["verb"] == "to be " or (found["verb"] and m.formal)
        return self._aspects.closing(way) > 0 and bool(judged)

    def _moved_itself(self, m: GradeInContext) -> bool:
        """Whether aspects alone are what moved to this grade: "safety had improved to good"."""
        found = _MOVED_TO.search(m.clause)
        return bool(found and self._aspects.fills(found["what"]))

    def _tells_for_what(self, m: GradeInContext) -> bool:
        right = GLOSSED.sub("", m.right, count=1)
        found = _GIVEN_FOR.search(right)
        return bool(cues.ACROSS_ALL.search(right) or (found and self._scopes.named(found["what"], "")))

    def _is_good_at(self, m: GradeInContext) -> bool:
        """Whether a body is said to be good at an aspect, in so many words: "requires improvement at managing offenders"."""
        if not self._by_aspects or _PEOPLE.search(m.left):
            return False
        if not (m.grade.verbal or _BODY_IS.search(m.left) or cues.FOUND_IT.search(m.left)):
            return False
        if (at := _AT.search(m.right)) and self._scopes.named(at["what"], ""):
            return True
        found = _GIVEN_FOR.search(GLOSSED.sub("", m.right, count=1))
        if not found or not self._scopes.named(found["what"], ""):
            return False
        return m.formal or self._is_telling(m) or self._aspects.longest(found["what"]) > 1

    def _is_formula(self, left: str) -> bool:
        """Whether an aspect's whole name leads up to a grade: "the extent to which it is effective at ..."."""
        return (
            self._aspects.closing(left) >= _A_FORMULA
            or bool(_OVERALL_ASPECT.search(left) and self._aspects.closing(left))
            or bool(_EXTENT.search(left) and self._aspects.last_end(left) >= 0)
        )

    def _has_aspects_only(self, m: GradeInContext) -> bool:
        """Whether a row goes on with aspects and their grade, without a verb: ", respect reasonably good"."""
        joined = _JOINED.match(m.before)
        return bool(joined) and self._aspects.fills(m.before[joined.end() - 1 :] if joined else "")

    def _by_mark(self, m: GradeInContext, *, any_before: bool) -> bool:
        """A grade in quotation marks or with a capital, where ratings are given."""
        if m.grade.quoted and (
            cues.IT_IS.search(m.left)
            or (not m.left and _SINCE_OR_IN.search(m.right))
            or re.match(rf" (?:rated )?{NAME}", m.right)
        ):
            return True
        return bool(
            cues.GIVEN.search(m.left)
            or _JUDGE_SAYS_IT_IS.search(m.left)
            or cues.OVERALL_AFTER.search(m.right)
            or cues.OVERALL_LABEL.search(m.left)
            or cues.GLOSS_AFTER.search(m.right)
            or cues.EARLIER_WORD.search(m.left)
            or (cues.LIST_GO_ON.search(m.left) and (any_before or m.names_before))
            or (any_before and m.names_before)
            or (any_before and self._aspects.last_end(m.before) >= 0)
        )

    def _follows_aspects(self, m: GradeInContext) -> bool:
        """Whether a grade goes on with a list of them: "staffing and services require improvement"."""
        end = self._aspects.last_end(m.before)
        between = m.before[end:] if end >= 0 else ""
        return end >= 0 and (
            between in {" ", " all ", " both ", " each "}
            if m.grade.verbal
            else between in {", ", " - ", " as "}
        )

    def _in_aspects_only(self, right: str) -> re.Match[str] | None:
        """What a grade is in, if it is aspects and nothing else: "... and outstanding in effective and well-led"."""
        found = _IN_THESE.match(right)
        return found if found and self._aspects.fills(found["what"]) else None

    def _is_for_aspects(self, m: GradeInContext) -> bool:
        """Whether a grade is the next of a row by what it is for: "..., and good for being caring"."""
        right = GLOSSED.sub("", m.right, count=1)
        given_for = (
            cues.FOR.search(right)
            or (_GIVEN_FOR.search(right) if self._by_aspects else None)
            or _IN_DOMAIN.search(right)
            or self._in_aspects_only(right)
        )
        next_of_row = re.search(
            r"(?:,| and| but| with| though| although)(?: (?:rated|as|an?))?(?: (?:grade )?(?:[1-6]|one|two|three|four|five|six)(?: out of (?:6|six))? ?[-(,] ?| )$|^ \($",
            m.before,
        )
        return bool(given_for and next_of_row and self._scopes.named(given_for["what"], ""))
