"""Scopes: what a grade is for, by the words around it: the service as a whole, or which of its aspects.

Where the words say that it is for something unknown, the grade is left out.
"""

from __future__ import annotations

import re
from typing import Final

from digest.extract import cues
from digest.extract.aspects import AspectWords
from digest.extract.grade_context import GradeInContext
from digest.extract.phrases import last_end
from digest.extract.template import NAME

_ITS_OWN_SUBJECT: Final = re.compile(
    rf"{NAME}|\b(?:the|this|that|its?) (?:overall )?(?:service|unit|pdu|crc|yjs|yos|trust|company|division|region|"
    r"team|partnership|provider|school|home|force|hospital)\b"
)
# "In terms of effectiveness, the force is good at tackling ...": at that, whatever the sentence opens with.
_AT_DOING: Final = re.compile(r"^ at (?P<what>[a-z]{2,}ing [^;:.()<]{1,200})")
_IN: Final = re.compile(
    r"^(?: outcomes(?= in\b))?(?:, (?:the|its) (?:second )?(?:bottom|top|lowest|highest|best|worst)[^,;.<]{0,30},)?(?: (?:rating|ratings|grade|grades|mark|marks|judgement|judgment))? (?:in|at|on|across) (?!(?:[a-z]+ )?(?:19|20)\d\d\b)"
    r"(?P<what>[^;:.()<]{1,200})"
)
# "Rated <g> overall for efficiency": that is one aspect's own grade.
_OVERALL_FOR: Final = re.compile(
    r"^ overall (?:for|in) (?P<what>[^;:.()<]{4,100}?)(?=,? (?:and|but|with|while) (?:an? )?<g|[;:.(),]|$)"
)
# What only explains the grade before it: "(5)", ", the lowest possible,", a closing bracket.
GLOSSED: Final = re.compile(
    r"^(?:\)| ?\((?:grade )?[1-6]\)| ?\((?:the |our |its )?(?:second |third )?(?:highest|lowest|top|bottom|best|worst)[^)<]{0,30}\)"
    r"|(?:,| -) (?:the |its |our |which is the )?(?:second |third )?(?:highest|lowest|top|bottom|best|worst)(?: possible| available)?"
    r"(?: (?:grade|grading|rating|score|mark|assessment|judge?ment|level|outcome))?(?: possible| available)?(?:,| -)?(?= (?:for|in|at|across|against)\b)"
    r"| (?:six|five|four|three|two|one|[1-6]) stars?\b| -(?= (?:for|in|at|across|against)\b)){1,3}"
)
_HOW_IT_IS: Final = re.compile(r"^ (?:it|they) (?:is|are|was|were)\b")  # "how safe it is"
# "Staffing at Kent PDU was rated": still the staffing.
_OF_WHOM: Final = re.compile(
    rf"^ (?:at|in|within|of|across|for) (?:the )?{NAME}(?='s)?(?= (?:was|were|is|are|has|have|had|also|as)\b| $)"
)
# What stands before the verb that gives a grade.
_SUBJECT: Final = re.compile(
    rf"(?:^|[,;:] |\b(?:that|and|but|because|as|with|which|said|says) )(?P<subject>(?:(?!(?:which|who|that|and|was|were|is|are)\b)[^\s,;:<]+ ){{1,7}}?)(?:would )?"
    rf"(?:was|were|is|are|has been|have been|had been|remains?|remained|got|gets|received|receives)(?: also| again| both| all| now| still| each| only| then| just| not| recently)* "
    rf"(?:(?:{cues.RATED_VERB}|found|assessed|considered|given|awarded|branded|described)\b[^<;:,]*|(?:as |to be |an? |at )*)$"
)
_AUXILIARY: Final = re.compile(r"(?<= )(?:(?:has|have|had|also|just|recently|now|again|since|only) ){1,3}$")
# "The trust, which runs three hospitals, was rated": it is the trust that was.
_RELATIVE: Final = re.compile(
    r",? (?:which|that|who) (?:also )?(?:runs?|operates?|owns?|manages?|provides?|serves?|covers?|looks? after|cares? for|employs?|supports?|teaches|educates|has|houses|accommodates)\b"
    r"[^;<]{0,100}?,? (?=(?:has|have|was|were|is|had)\b)"
)
_BRACKETED: Final = re.compile(
    rf"^(?: (?:rating|grade)s?)? (?:in|for|across) (?:all |just |only |each |every one )?(?:of )?(?:the |its )?(?P<n>{'|'.join(cues.NUMBERS)}) (?:[a-z]+ ){{0,3}}\((?P<what>[^)<]{{3,160}})\)"
)
# "The overall rating, and the ratings for how safe and well-led it is, have dropped from ...".
_AND_THOSE_FOR: Final = re.compile(
    r"\boverall (?:rating|grade)\b[^<:;]{0,60}?(?:,| and| as well as| along with) (?:(?:and|as well as|along with|also) )?(?:the|its|those|their) (?:ratings?|grades?|scores?)? ?for (?P<what>[^<;:]{3,110}?),? (?:have|has|was|were|had|are|is|both|all|also)\b[^<;:]{0,60}$"
)
_ASIDE: Final = re.compile(r" - [^<;:]{3,120}? - ")
_ONE_OF: Final = re.compile(
    r"\bone of (?:the |our |its |<\w+>'s |[a-z]+'s )?(?:[a-z]+ ){0,2}?(?:[a-z]+est|most [a-z]+|best|top|leading|only|few|first|worst) (?=[a-z])"
)
# "Purposeful activity remained the same and respect was ...": the first of them has its own verb.
_ITS_OWN_VERB: Final = re.compile(
    r"\b(?:had|has|have) (?:(?:also|since|further|slightly|significantly|both|all) ){0,2}(?:improved|deteriorated|declined|worsened|fallen|dropped|risen|slipped|changed|got|become|been)\b"
    r"|\b(?:remained|remains|stayed|improved|deteriorated|declined|worsened|fell|dropped|rose|slipped|was|were|is|are)\b"
)
_WHO: Final = re.compile(r"\b(?:which|that|who|where)\b")
_AND: Final = re.compile(r"(?:,| -)? \b(?:and|with)\b |, ")
_ENDS: Final = re.compile(
    r",? \b(?:which|where|who|that|while|after|following|when|because|in an?|by)\b"
    r"|, (?:and|but|though|although) (?=(?:[a-z']+ ){1,6}?(?:was|were|is|are|has|have|had|remained|remains|stayed)\b)"
)
# "... for being safe, and caring was again rated <g>": a sentence of its own.
_OWN_CLAUSE: Final = re.compile(
    r"^ (?:rating )?(?:for|in) [^;:.<]{3,120}?, (?:and|but|though|although) (?=[a-z' ]{3,60}? (?:was|were|has|have)\b)"
)
# "We rated this key question good", under that question's heading.
_THIS_QUESTION: Final = re.compile(r"\bthis key question (?:as |was (?:rated )?|is (?:rated )?)?$")
# "Rated good with outstanding leadership and management".
_WITH: Final = re.compile(r"^(?: rating)?(?: overall)?,? (?:with|including) (?:an? )?$")
_WITH_WHAT: Final = re.compile(
    r"^ (?P<what>[a-z ,]{4,80}?)(?= for (?:future|its|the)\b| (?:and|with|in|at|by|from|after|following)(?: (?!and\b)[a-z]+){1,4}$|[.;:]|,? $|$)"
)
# "The report highlights “weak” quality of care and support".
_REPORT_TELLS: Final = re.compile(
    r"\b(?:reports?|inspect(?:ors|orate|ion))\b[^;:]{0,60}?\b(?:highlights?|highlighted|found|noted|points? to|pointed to|identified|records?|recorded|gave|tells? of|told of|lists?)\b [^;:.]{0,120}$"
)
_QUALITY_OF: Final = re.compile(r"^ (?P<what>quality of [a-z ,-]{4,80}?)(?=,? (?:and|but) <|[;:.(),]|$)")
_THAT_ARE: Final = re.compile(r"\b(?:services|care|a service|support) (?:that|which) (?:are|were|is|was) ")
_LONGEST_PIECE: Final = 140  # characters of one member of a list
# "Its apprenticeships grade fell from ...": the grade of a part that the scale does not know.
_ITS_GRADE: Final = re.compile(
    r"\b(?:its|the|their|an?|our) (?P<what>[a-z]{3,}(?: [a-z]{3,})?) (?:rating|grade|score|judge?ment|mark)s? (?:was|were|is|has|had|have|fall|fell|falls|drop|dropped|drops|"
    r"rise|rose|went|go|goes|slip|slipped|remain|remains|remained|improve|improved|raised|lowered|upgraded|downgraded|cut|reduced|moved?)\b[^;:<]*$"
)
_KINDS_OF_RATING: Final = frozenset(
    "new latest previous current former last existing old inspection performance own quality same headline final initial "
    "top highest lowest provider's school's service's trust's home's council's college's second third first official single previously".split()
)
# "Ofsted grades apprenticeships 'inadequate'".
_OBJECT: Final = re.compile(
    rf"\b(?:{cues.RATED_VERB}|rates|grades|judges|marks|ranks|deems|brands|rating|grading|judging) (?P<object>(?:the|its|their|our|this|that) [a-z]+(?: [a-z]+){{0,2}}?|[a-z]{{4,}}s) "
    rf"(?:(?:of|in|at|for) [^,;:<]{{1,60}} )?(?:as |an? |to be )*$"
)
# "The report rated medical care, surgery and critical care as good": parts, whatever they are.
_OBJECTS: Final = re.compile(
    rf"\b(?:{cues.RATED_VERB}|rates|rating) (?!(?:[a-z-]+,? ){{0,16}}(?:the|it|its|their|our|both|all|this|that|them|was|were|is|are|by|in) )(?:[a-z-]+,? ){{1,14}}and (?:[a-z-]+ ){{1,4}}(?:as|to be) (?:an? |being |now )*$"
)
_FOR_AHEAD: Final = re.compile(
    r"^\W*(?:and |but |while |however,? )?(?:for|in|under|on) (?P<what>[^;:<]{3,100}?),? (?:however,? )?(?:<p\d+>|it|they|the [a-z]+|inspectors|ofsted|cqc) (?:was|were|is|are|got|received|scored|has|have|gave|rated|judged|dropped|fell|rose|improved|moved|went|slipped|climbed|remained|stayed|kept)\b"
)
_RESULTED: Final = re.compile(
    r"\b(?:result(?:ed|ing|s)|led|leading|leads|meant|meaning|gave|giving|earned|earning|left|leaving)\b[^;:<]{0,40}\b(?:rating|grade|judge?ment) of (?:an? )?$"
)
# "In all fields except adult learning, which was found to be ...".
_WHICH_IS_EXCEPTED: Final = re.compile(
    r"\b(?:except|excepting|bar|apart from|other than|but for)\b(?P<what>[^;:.<]{1,80}?),? (?:which|that) (?:was|were|is|are)\b[^;:.<]{0,60}$"
)
# The subject of "requires improvement", where no verb of rating comes between.
_WORD_BEFORE: Final = re.compile(
    r"(?<!a )(?<!an )\b(?P<word>(?!(?:as|to|a|an|be|of|at|is|was|were|are|and|or|still|now|overall|the|its|rated|graded|judged|rating|found|it|they|that|which|who|"
    r"also|again|only|both|all|by|for|with|from|being|been|not|than|remains?|remained|stays?|stayed|got|gets|given|awarded|received|has|have|had|but|which)\b)[a-z]{3,}) $"
)
_OF_WHAT: Final = re.compile(r"\b(?:of|in|at|for|on|with|across|by|from|to|near|within|under|run|owned)\b")
_SUBJECTS: Final = frozenset(
    "it they we he she you this that these those which who one there service provider rating grade judgement judgment verdict result outcome score "
    "mark performance effectiveness report inspection inspector inspectorate ofsted cqc estyn commission watchdog regulator facility setting "
    "organisation establishment institution centre school home college nursery hospital practice surgery trust council authority force prison "
    "jail unit region division company academy primary secondary preschool playgroup hospice agency clinic team partnership pdu crc yjs yos yot "
    "body place site standard everything department care both all each probation justice childminder kindergarten club university consortium "
    "group charity business operator owner firm chain house lodge brigade constabulary police overall".split()
)
_A_RATING_OF: Final = re.compile(
    r"\b(?:an?|the|its|overall|new) (?:[a-z]+ ){0,2}(?:rating|grade|judge?ment|verdict) of (?:an? )?$"
)
_BUT: Final = re.compile(
    r"^(?: (?:rating|ratings|grade|grades|marks?))?,? ?(?:overall,? and )?(?:in|for|across|on|against) (?:all|every|each)(?: of)?(?: the| its)?(?: (?P<n>[a-z]+|\d+))?"
    r"(?: [a-z]+){0,2} (?:points?|areas?|questions?|categor(?:y|ies)|fields?|aspects?|domains?|criteria|measures?) (?:but|except|bar|apart from|other than)(?: for)? (?P<but>[^;:.(<]{1,80})"
)
_EVERY: Final = re.compile(
    r"^(?: (?:rating|ratings|grade|grades|marks?))?,? ?(?:overall,? and )?(?:in|for|across|on|against) (?:all|each)(?: of)?(?: the| its)? (?P<n>four|five|\d)(?: [a-z]+){0,2} "
    r"(?:points|areas|questions|categories|fields|aspects|domains|criteria|measures|themes|tests|key questions|sections|judge?ments|evaluations)\b(?! (?:but|except|bar|apart))"
)
_AND_FOR: Final = re.compile(
    r"^(?: rating)?,? overall,? (?:and|and also|as well as|in addition to|along with|plus) (?:also )?(?:for|in) (?!all\b|every\b)(?P<what>[^;:.(<]{1,100})"
)
_AND_WHOLE: Final = re.compile(
    r"^[^;:.<]{0,120}\b(?:in addition to|as well as|along with|together with|plus|and) (?:for |in |the |its |an )*overall(?: rating| grade| performance)?(?=[ .,;]|$)"
)
# "The leadership at the school was rated": still the leadership.
_OF_IT: Final = re.compile(
    r"^(?:'s)?(?: [a-z]+){0,3}? (?:at|in|within|of|across|for) (?:the|this|its|our) (?:[a-z]+ ){0,2}[a-z]+(?= (?:was|were|is|are|has|have|had|both|all|also|as)\b| $)"
)
_EXCEPTION: Final = re.compile(r"\b(?:but|except|excepting|bar|apart from|other than|though|while)\b")
_EXCEPTED: Final = re.compile(
    r"\b(?:all|every|each)\b[^.;:]{0,20}? (?:but|except|bar|apart from)\b|\ball(?: of)?(?: the| its)? (?:other|remaining|rest)\b"
)
# "Encouraging victims was assessed as outstanding": a piece of work, not the service.
_OF_A_DOING: Final = re.compile(
    rf"^(?:\W*(?:but|and|however),? )?(?!(?:following|during|according|including|having|being|considering|regarding|owing|nursing|building) )[a-z]{{3,}}ing (?!<p)[^,;<]{{3,80}}\b(?:was|were|is|are|has been) (?:{cues.RATED_VERB}|assessed|found)"
)
_GROUPS_SERVED: Final = re.compile(r"\b(?:population|patient|age) groups?\b")
_OF_BEFORE: Final = re.compile(r"\b(?:improvement on|compared (?:with|to)|than|previous(?:ly)?) ")
_RATED_WHAT: Final = re.compile(rf"\b{cues.RATED_VERB} (?P<what>[^;:.<]{{2,60}}?)(?: as)? $")
_ALL_LISTED: Final = re.compile(
    rf"^[^:;]{{0,20}}\b(?:all|every|each)\b(?! but| except| bar)[^:;]{{0,30}}\b{cues.PARTS}[^:;]{{0,20}}(?::| - )(?P<list>[^<]{{1,300}})$"
    r"|^: (?:those|these) (?:were )?(?:for )?(?P<those>[^<]{1,300})$"
)

# "An overall <g> and in all categories, including ...".
_ALL_INCLUDING: Final = re.compile(
    rf"^[^:;.<]{{0,30}}\b(?:in|for|across|on) (?:all|every|each)(?: of)?(?: the| its)?(?: [a-z-]+){{0,2}} (?:[a-z]+-)?{cues.PARTS}(?: of [a-z]+)?,? "
    r"(?:including|namely|covering|among them) (?P<list>[^:;.()<]{3,200})"
)


class Scopes:
    """Finds what a grade is for, by one scale's aspects."""

    def __init__(
        self, aspects: AspectWords, *, by_aspects: bool, bodies: frozenset[str] = frozenset()
    ) -> None:
        self._aspects = aspects
        self._by_aspects = by_aspects  # the scale has no overall grade
        self._bodies = bodies  # words for the bodies inspected, in lower case

    def of(  # noqa: C901, PLR0912 -- one rule a line, the surest first
        self, m: GradeInContext
    ) -> tuple[tuple[str, ...], bool] | None:
        """The aspects a grade is for, and whether "overall" is said; None where it is for something unknown."""
        right = GLOSSED.sub("", m.right, count=1)
        if excepted := _WHICH_IS_EXCEPTED.search(m.left):
            named = self._aspects.named(excepted["what"])
            return (named, False) if named else None
        if self._by_aspects and (doing := _AT_DOING.match(right)):
            named = self.named(doing["what"], m.setting.under)
            return (named, False) if named else None
        if self._by_aspects and (parts := self._told_behind(m, right)) is not None:
            return (parts, False) if parts else None
        # What stands beyond a semicolon speaks of another domain.
        beside = m.left[m.left.rfind(";") + 1 :] + right.partition(";")[0]
        around = f"{beside} . {m.setting.under}"
        clause = _ONE_OF.sub("a ", _RELATIVE.sub(" ", _ASIDE.sub(" ", m.clause)))
        clause = self._without_its_own(clause)
        if "key question" in clause and _THIS_QUESTION.search(clause):
            named = self._aspects.named(m.setting.under)
            return (named, False) if len(named) == 1 else None
        if with_aspects := self._with_aspects(m):
            return with_aspects, False
        if m.index and _OWN_CLAUSE.match(m.before) and (own := _OWN_CLAUSE.match(clause)):
            clause = clause[own.end() :]
        if both := _AND_THOSE_FOR.search(clause):
            return (named, False) if (named := self.named(both["what"], "")) else None
        last_aspect = self._aspects.last_end(clause)
        overall = last_end(cues.OVERALL_WORD, cues.NOT_THE_WHOLE.sub("", clause))
        if cues.OVERALL_AFTER.search(m.right) and (rated := _RATED_WHAT.search(m.left)):
            if self._aspects.fills(rated["what"]) and (named := self._aspects.named(rated["what"], around)):
                return named, False  # "we rated safe requires improvement overall"
        if cues.OVERALL_AFTER.search(m.right) or (m.is_value_of_label() and cues.WHOLE_LABEL.search(m.left)):
            return (), True
        if (bracketed := _BRACKETED.search(right)) and (
            named := self._aspects.named(bracketed["what"], around)
        ):
            return (named, False) if len(named) <= cues.NUMBERS[bracketed["n"]] else None
        given_for = cues.FOR.search(right)
        across_all = self._by_aspects and cues.ACROSS_ALL.search(right)
        if (
            given_for
            and not across_all
            and not (_FOR_AHEAD.match(clause) and not self.named(given_for["what"], around))
        ):
            words = given_for["what"] + self._listed_on(right[given_for.end() :])
            return self._given_for(words, around, overall=overall >= 0)
        if overall > last_aspect:
            counted = cues.bodies_counted(clause) and not m.names_before
            return None if counted and not m.is_of_everyone else ((), True)
        if (ahead := _FOR_AHEAD.match(clause)) and (named := self.named(ahead["what"], around)):
            return named, False
        if _RESULTED.search(m.left):
            return (), False
        listed = cues.PARTS_NAMED.search(right)
        if listed:
            words = (listed["what"] or listed["list"] or listed["board"]) + self._listed_on(
                right[listed.end() :]
            )
            if named := self.named(_OF_BEFORE.split(words, maxsplit=1)[0], around):
                return named, False
        within = _IN.search(right)
        words = within["what"] + self._listed_on(right[within.end() :]) if within else ""
        if inner := self.named(_OF_BEFORE.split(words, maxsplit=1)[0], around):
            return inner, False
        if across_all:
            spelt_out = self.spelt_out(m)
            return (spelt_out, False) if spelt_out else self._all_of_domain(right[:120], around)
        if cues.PARTS_AFTER.search(right) and not cues.ACROSS_ALL.search(right):
            return self._all_of_domain(right[:120], around)
        named = self._aspects.named(clause, around)
        if cues.PARTS_COUNTED.search(clause) and self._aspects.are_domains(named):
            return self._all_of_domain(clause, around)
        if last_aspect >= 0:
            return self._of_subject(clause, last_aspect, named)
        if re.search(r"\beach $", m.left):
            return self._all_of_domain(clause, around)
        if m.is_of_everyone or m.names_listed():
            return (), overall >= 0
        if cues.PARTS_RATED.search(clause) and not _A_RATING_OF.search(m.left):
            return None
        if _OF_A_DOING.search(clause):
            return None
        if cues.bodies_counted(clause) or (cues.ONE_BODY.search(clause) and not m.names_before):
            return None
        if cues.COUNT_RIGHT_BEFORE.search(m.left):
            return None
        return None if self._is_of_something_else(m, clause) else ((), False)

    def _told_behind(self, m: GradeInContext, right: str) -> tuple[str, ...] | None:
        """The aspects that stand behind their grade in words for nothing else; None where there are no such words."""
        return self._quoted_of(m) or self._overall_for(right) or self._parts_named_behind(m, right)

    def _parts_named_behind(self, m: GradeInContext, right: str) -> tuple[str, ...] | None:
        """The aspects of "the <g> areas were ..." and "areas rated as <g> include ..."; None where it is not said so."""
        found = cues.PARTS_ARE.match(right)
        if found is None and (
            cues.SOME_PARTS_RATED.search(m.left) or (m.grade.verbal and cues.THE_PARTS.search(m.left))
        ):
            found = cues.PARTS_RATED_ARE.match(right)
        if found is None:
            return None
        words = _ENDS.split(found["what"], maxsplit=1)[0] + self._listed_on(right[found.end() :])
        return self._aspects.named(words, m.setting.under)

    def _without_its_own(self, clause: str) -> str:
        """A clause without aspects of which something else is said: "safety had improved and respect was ..."."""
        first = self._aspects.first_end(clause) if self._by_aspects else -1
        verb = _ITS_OWN_VERB.search(clause, first) if first >= 0 else None
        if verb is None or _WHO.search(clause, first, verb.start()):
            return clause
        for joint in _AND.finditer(clause, verb.end()):
            rest = clause[joint.end() :]
            if self._aspects.last_end(rest) >= 0 and _ITS_OWN_VERB.search(rest):
                return rest
        return clause

    def is_quoted_of(self, m: GradeInContext) -> bool:
        """Whether a report is said to tell a grade, in quotation marks, of an aspect's whole name behind it."""
        return bool(self._quoted_of(m))

    def _quoted_of(self, m: GradeInContext) -> tuple[str, ...]:
        if not (m.grade.quoted and _REPORT_TELLS.search(m.left)):
            return ()
        found = _QUALITY_OF.match(m.right)
        return self._aspects.named(found["what"]) if found and self._aspects.fills(found["what"]) else ()

    def _overall_for(self, right: str) -> tuple[str, ...]:
        found = _OVERALL_FOR.match(right)
        return self._aspects.named(found["what"]) if found and self._aspects.fills(found["what"]) else ()

    def is_with_aspects(self, m: GradeInContext) -> bool:
        """Whether it goes on from another grade with an aspect alone: "good with <g> leadership"."""
        return bool(self._with_aspects(m))

    def _with_aspects(self, m: GradeInContext) -> tuple[str, ...]:
        behind = _WITH_WHAT.match(m.right) if m.index and _WITH.search(m.before) else None
        return self._aspects.named(behind["what"]) if behind and self._aspects.fills(behind["what"]) else ()

    def _is_of_something_else(self, m: GradeInContext, clause: str) -> bool:
        """Whether what was rated is named, and is neither a body nor its rating: "attendance was rated ..."."""
        if _GROUPS_SERVED.search(clause):
            return True  # "we rated all population groups as good"
        modified = _ITS_GRADE.search(clause)
        if modified and modified["what"].split()[-1] not in self._bodies | _SUBJECTS | _KINDS_OF_RATING:
            return True
        if " and " in clause and _OBJECTS.search(clause):
            return True
        rated = _OBJECT.search(clause)
        if rated and rated["object"].split()[-1].removesuffix("s") not in self._bodies | _SUBJECTS:
            return rated["object"].split()[-1] not in self._bodies
        if m.names_before or m.names_after:
            return False
        if m.grade.verbal and not m.grade.quoted and (before := _WORD_BEFORE.search(clause)):
            word = before["word"]
            return word.removesuffix("s") not in self._bodies | _SUBJECTS and word not in self._bodies
        found = _SUBJECT.search(clause)
        if found is None:
            return False
        if re.search(rf"\b{cues.RATING_NOUN}\b", found["subject"]):
            return False
        subject = _AUXILIARY.sub("", found["subject"])
        if subject.endswith(" to "):
            return False  # "could not be prouder to have been rated"
        head = _OF_WHAT.split(subject, maxsplit=1)[0].split()
        words = {head[-1], head[-1].removesuffix("s")} if head else set()
        return bool(words) and not words & (self._bodies | _SUBJECTS)

    def spelt_out(self, m: GradeInContext) -> tuple[str, ...]:
        """The aspects that go with a grade of the whole: "in all areas: staffing; services", "and for being safe".

        Empty where none are listed.
        """
        behind = GLOSSED.sub("", m.behind, count=1)
        listed = _ALL_LISTED.search(behind)
        if listed:
            return self._aspects.named(listed["list"] or listed["those"], m.setting.under)
        if (including := _ALL_INCLUDING.match(behind)) and (
            named := self._aspects.named(_ENDS.split(including["list"], maxsplit=1)[0], "")
        ):
            return named
        if (also := _AND_FOR.search(behind)) and (named := self.named(also["what"], "")):
            return named
        if but := _BUT.search(behind):
            return self._aspects.all_but(but["but"], cues.NUMBERS.get(but["n"] or ""))
        if not self._by_aspects and (every := _EVERY.search(behind)):
            return self._aspects.all_but("", cues.NUMBERS.get(every["n"]) or int(every["n"]))
        return ()

    def _listed_on(self, rest: str) -> str:
        """How a list of aspects goes on behind a semicolon: "; teaching and learning; and care, support"."""
        went_on = ""
        for part in rest.split(";")[1:]:
            piece = re.split(r"[.:<(]", part, maxsplit=1)[0]
            if len(piece) > _LONGEST_PIECE or not self._aspects.named(piece):
                break
            went_on += f"; {piece}"
        return went_on if rest.startswith(";") else ""

    def whole_too(self, m: GradeInContext) -> bool:
        """Whether a grade of aspects is said to be that of the whole as well: "in addition to the overall rating"."""
        return bool(_AND_WHOLE.search(m.behind) or _AND_THOSE_FOR.search(m.clause))

    def named(self, words: str, around: str) -> tuple[str, ...]:
        """The aspects that a grade is said to be for, none of those that are excepted."""
        found = _EXCEPTION.search(words)
        return self._aspects.named(words[: found.start()] if found else words, around)

    def _given_for(self, words: str, around: str, *, overall: bool) -> tuple[tuple[str, ...], bool] | None:
        words = _ENDS.split(_THAT_ARE.sub(" ", words), maxsplit=1)[0]
        named = self.named(words, around)
        if named:
            return named, False
        if _EXCEPTION.search(words):
            return None
        if cues.FOR_WHOLE.search(words):
            return (), overall
        return ((), True) if overall else None

    def _of_subject(
        self, clause: str, last_aspect: int, named: tuple[str, ...]
    ) -> tuple[tuple[str, ...], bool] | None:
        """The aspects as what is graded, unless somebody else came between them and the grade."""
        gap = _OF_IT.sub("", _OF_WHOM.sub("", _HOW_IT_IS.sub("", clause[last_aspect:])))
        if _ITS_OWN_SUBJECT.search(gap):
            return (), False
        led_by_for = clause.lstrip(" ,").startswith(("for ", "and for "))  # "for staffing it was 'good'"
        doubtful = (re.search(r"\bit\b", gap) and not led_by_for) or (
            re.search(NAME, clause[:last_aspect]) and "," in gap
        )
        return None if doubtful or not named else (named, False)

    def _all_of_domain(self, words: str, around: str) -> tuple[tuple[str, ...], bool] | None:
        """Every aspect of a domain, where all of them are spoken of and their number is right."""
        if _EXCEPTED.search(words):
            return None
        count = re.search(
            rf"\b(?:all|each|every)(?: of)?(?: the| its)?(?: (?P<n>{'|'.join(cues.NUMBERS)}))?\b", words
        )
        members = self._aspects.of_domain(words) or self._aspects.of_domain(around)
        if count is None or not members:
            return None
        stated = cues.NUMBERS.get(count["n"]) if count["n"] else len(members)
        return (members, False) if stated == len(members) else None
