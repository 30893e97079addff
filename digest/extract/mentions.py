"""Mentions: one grade word in its sentence, and what the words on either side of it say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from digest.extract import cues, time_cues
from digest.extract.cast import Form, Named
from digest.extract.prose import Place
from digest.extract.template import DESCRIBED, NAME, OTHER, Template
from digest.reports import Direction


class When(StrEnum):
    """What a sentence itself says of the inspection that gave a grade."""

    BARE = "bare"  # nothing: the sentences before it tell
    NOW = "now"  # the one announced
    THEN = "then"  # one before it
    AFTER = "after"  # "after being rated X": now for those who celebrate it, before for those who moved on
    DATED = "dated"  # the whole text tells, by the year where the sentence names one


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where a sentence stands."""

    sentence: str
    heading: bool  # it is one itself
    under: str  # the heading above it, in the form of `plain`
    place: Place = Place.BODY
    block: int = 0
    ours: bool = False  # "we" are the inspectorate


_BOUNDARY: Final = re.compile(r"[;:(]| - |\b(?:while|whereas|but|although|though|yet)\b")
_NO_MORE: Final = re.compile(r"[ .;]*|(?: - | ?\()\d\)?[ .;]*")  # its own number may follow: "good - 2"
_LONG_AFTER: Final = re.compile(
    r"\b(?:days|weeks?|months?|years?|terms?|decades?) (?:after|since) (?:being |(?:it|they|the [a-z]+(?: [a-z]+)?|<p\d+>) (?:was |were |had been |had ))[^,;<]{0,40}$"
)
_SINCE: Final = re.compile(r" since (?P<year>(?:19|20)\d\d)\b(?=[^.;]{0,40}\b(?:has|is|was|now)\b)")
_HELD_SINCE: Final = re.compile(r"^(?: rating)? (?:ever )?since (?:[a-z]+ )?(?P<year>(?:19|20)\d\d)\b")
# "Rose from 3 (adequate)": the bracket only says the number in a word.
_POINTS: Final = re.compile(r" ?\((?:meaning |classed as |or )?$")
# "Rehabilitation and release planning (RRP) were": initials part nothing.
_INITIALS: Final = re.compile(
    r"(?P<words>(?:\b[a-z]+ ){2,7})\((?P<short>[a-z]{2,6})\)(?= (?:was|were|is|are|has|have|had|remains?|remained)\b)"
)
_BRACKETS: Final = re.compile(
    r" \((?:see|as well as|including|in|part of|also|formerly|which|also known as) [^()<;:]{2,60}\)"
)
_LEAD_IN: Final = 90  # characters, of words that a colon parts from the sentence they lead in
_GOES_ON: Final = re.compile(r"\s*(?:was|were|is|are|has|have|had|all|each|both|got|received|as)\b")
# "Rated all four of the standards - this, that and the other - as ...".
_PARTS_LISTED: Final = re.compile(rf"\b(?:all|each|both)\b[^;:<]{{0,60}}\b{cues.PARTS}$")
_AGAIN_RATED: Final = re.compile(
    r"\b(?:again|once more|once again) (?:been )?(?:re )?(?:rated|graded|judged|found|deemed|assessed)\b[^;:<]{0,60}$"
    r"|\b(?:rated|graded|judged|found|deemed|assessed) (?:again|once more|once again) (?:as )?(?:an? |to be )?$"
)
# "After it was classed as inadequate last year": no news.
_LONG_AGO: Final = re.compile(
    r"^[^;<]{0,40}?\b(?:last year|years? ago|the year before|(?:two|three|four|five) years)\b"
)
_LONGEST_ASIDE: Final = 120  # characters
_IN_AN_ASIDE: Final = re.compile(r", (?:which|who) [^,;<]{2,80}<g\d+>$")
# "We inspected to follow up on the inadequate ratings for ...": those of the inspection before.
_TO_FOLLOW_UP: Final = re.compile(r"\b(?:to follow up|following up|follow up inspection of)\b[^.;]{0,240}$")
_HARD: Final = re.compile(r"[;:]|\b(?:whereas)\b")
_BACKDROP: Final = re.compile(
    r"\b(?:since|compared (?:with|to)|than (?:at|in)?|(?:improve\w*|better|progress) (?:on|from|over)) "
    r"(?:its|our|the|their) (?:last|previous|earlier|\d{4}) (?:inspection|visit|report|year|time|review)s?\b"
    r"|\bas (?:previously|earlier|first|already) (?:reported|revealed|announced|mentioned|noted)\b"
)
# "Since the last inspection, in 2013, which led to a good rating".
_WHICH_THEN: Final = re.compile(
    r"\b(?:last|previous|earlier|first) (?:\w+ )?(?:inspection|report|visit)\b[^.;:<]{0,40}\b(?:which|that|when|where)\b(?! (?:is|has)\b)[^.;:<]{0,60}$"
)
_UP: Final = re.compile(
    r"\b(?:upgrad\w+|rais(?:ed|es|ing)|lift(?:ed|s|ing)|promoted|improv\w+|climb\w*|jump\w*|leapt|leaps?|risen|rises?|"
    r"rose|rising|moved up|up)\b"
)
_DOWN: Final = re.compile(
    r"\b(?:downgrad\w+|dropp\w+|drops?|fell|fall\w*|slipp\w+|slips?|slump\w*|sank|sunk|plummeted|plunged|declined|"
    r"deteriorated|lowered|relegated|demoted|tumbled|slid|down)\b"
)
_CARRIES_ON: Final = re.compile(r"\b(?:was|is|has|were|are|been|had|now)\b")
_VERB: Final = re.compile(
    r"\b(?:was|were|is|are|has|have|had|got|gets|received|receives|earned|gained|achieved|remains?|remained|stays?|"
    r"rated|scored|requires?|needs?|dropped|fell|rose|slipped|moved|went)\b"
)
_PREPOSITION: Final = re.compile(
    r"\b(?:in|at|by|from|of|to|for|with|near|on|under|against|said|says|after|before|since|during|via|through|into|"
    r"between|within|across|around|outside|off|per|as|than|told|and) (?:the |a |an |its |their )?(?:(?:edge|outskirts|heart|centre|middle|north|south|east|west|side) of )?(?:the )?$"
)
# A subject of the grade's own clause: what was named before it is not rated.
_OWN_SUBJECT: Final = re.compile(
    r"\b(?:it|they|which|we|the (?!rating|grade|report|inspection|overall|same|lowest|highest|second|latest|\w+ rating)[a-z]+)"
    r" (?:\w+ ){0,3}?(?:was|were|is|are|has|have|had|got|received|remains?|remained|requires?|needs?)\b"
)
# "A spokesman for X, which was rated good": X's grade, and X is none of ours.
_WHICH_OF_OTHER: Final = re.compile(r"<[ox]\d+>(?: \([^)<]{0,40}\))?,? (?:which|who|that) [^<;]{0,80}$")
# "The boarding house at X", "the breakfast club run by X": a part of X.
_PART_WORDS: Final = r"(?:(?!(?:the|an?|of|at|in|for|by|to|from|on|with|and|or|but|was|were|is|are|has|have|had|that|which|who|it|inspectors|said|says)\b)[a-z']+ ){0,5}"
_OF_A_PART: Final = re.compile(
    rf"(?:^\W*(?:for |on )?|\b(?:the|an?|its|their|only the|on|of|into|about|for) )(?P<part>{_PART_WORDS}[a-z']{{3,}}),? (?:which belongs to|belonging to|which is part of|part of|run by|managed by|based at|"
    rf"attached to|at|within|inside|in|of) (?:the )?(?:{NAME}|<o\d+>)(?! (?:was|were|is|are) (?:rated|judged|graded|given|found|inspected)\b.{{0,20}}<)(?:'s)?[^<]*$"
)
_A_PART_OF: Final = re.compile(
    rf"{NAME}'s? (?P<part>(?:(?!(?:was|were|is|are|has|have|had|new|own|latest|overall|first|second|last|previous|former|rating|report)\b)[a-z]+ ){{0,3}}"
    r"(?:department|ward|wards|unit|maternity|clinic|clinics|wing|annexe|annex|sixth form|boarding|nursery class|emergency|a and e|surgery|services?|centre|club|premises|scheme|dispensary|hub))\b[^<]*$"
)
# Words that, before "at X", are no part of it.
_NO_PARTS: Final = frozenset(
    "rating ratings grade grades judgement judgment verdict inspection inspections report reports visit visits review quality performance effectiveness "
    "standard standards staff pupils children people residents patients parents governors leaders managers bosses work care teaching leadership staffing "
    "prisoners detainees offenders men women boys girls learners students adults users clients families visitors inmates inspectors future running part head chief manager headteacher director outcome outcomes result findings news improvement improvements progress failings "
    "problems concerns conditions life name owner owners operator overall whole south north east west town village city county borough area region heart day "
    "time end start middle week month year everyone everybody somebody all both each most round lives living cheers joy celebrations safety respect activity "
    "improvements workload workloads services edge outskirts change centre coast hills shores banks".split()
)
_BODIES: Final = frozenset(
    "council school schools home homes hospital hospitals prison prisons college academy surgery practice provider trust force unit pdu crc yjs yos probation "
    "justice offending nursery service authority police jail team partnership company division".split()
)
# Words for what is a body of its own, whatever is said of it: "an award-winning hospital in Swanmere".
_WHOLE: Final = frozenset(
    "council school schools home homes hospital hospitals prison prisons college academy surgery practice force crc jail police".split()
)
_OF_A_BODY: Final = frozenset(
    "maternity breakfast boarding lower upper prep preparatory sixth acute surgical dementia day night summer holiday forest satellite".split()
)
_PLAIN_WORDS: Final = frozenset(
    "care nursing residential primary secondary high grammar junior infant village local city county probation delivery youth justice offending community "
    "private public whole entire only other new first gp dental medical mental health nhs hospital children's adult social police fire rescue general "
    "services rural historic large small busy overall independent special free".split()
)


def speaks_of_a_part(text: str) -> bool:
    """Whether words speak of a part of a body, in the form of a template: "the boarding house at <p0>"."""
    found = _OF_A_PART.search(text) or _A_PART_OF.search(text)
    if found is None:
        return False
    *before, head = found["part"].split()
    if head in _WHOLE:
        return bool(set(before) & _OF_A_BODY)
    if head in _BODIES:
        return bool(set(before) - _PLAIN_WORDS)
    return head not in _NO_PARTS


# "Services in the west of the county were graded": others.
_ELSEWHERE: Final = re.compile(
    r"^\W*(?:by|in) contrast\b[^;]*$|"
    r"\b(?:services|units|homes|schools|teams|colleagues) (?:in|to|across|for) the (?:north|south|east|west|rest)(?:ern)? (?:of|part|half)\b[^;<]{0,60}$"
    r"|^\W*(?:an?|another|one) (?:nearby|neighbouring|second|different|rival|sister) [a-z ]{3,40}(?:was|were|has been|is) [^;<]{0,30}$"
    r"|^\W*(?:an?|another) [a-z ]{3,30} in the same (?:street|road|town|village|area|county|city) (?:was|were|has been|is) [^;<]{0,30}$"
)
# "With one awarded <g> and a second going up to <g>": of several bodies, and we do not know which.
_ONE_OF_SEVERAL: Final = re.compile(
    r"\b(?:one|another|two|three|four|a second|a third|the (?:other|second|third)|others) (?:(?:was|were|being|having|has|have|had|been|is|are|also|now|just) )*"
    r"(?:awarded|given|rated|graded|judged|branded|handed|deemed|received|receiving|got|getting|slipped|slipping|dropped|dropping|going|went|gone|moved|moving|fell|fallen|falling|rose|rising|"
    r"risen|improved|improving)\b[^;:<]{0,60}$"
)
# "Its owner, Bellwood, was rated", "the group that runs it was rated".
_WHO_RUNS_IT: Final = re.compile(
    r"\b(?:its|their|the (?:home|school|nursery|hospital|surgery|practice|prison|college|academy)'s) (?:owners?|operators?|parents?|sponsors?|landlords?|providers?)(?: (?:company|group|trust|charity))?(?: ?,|\b)[^;:<]{0,30}(?:<[ox]\d+>[^;:<]{0,20})?(?:was|were|has been|have been|is|are) (?:[a-z]+ ){0,3}$"
    r"|\b(?:group|company|trust|charity|firm|chain|federation|council|organisation) (?:that|which|who) (?:runs?|owns?|operates?|manages?|sponsors?) (?:it|them|both|the [a-z ]{3,30}?),? (?:<[a-z]\d+>,? )?(?:was|were|has been|have been|is|are) (?:[a-z]+ ){0,3}$"
)
_ITS_OWN: Final = re.compile(rf"{NAME}(?: \([a-z ]{{2,20}}\))?(?:'s)? $")
_SUBJECT: Final = re.compile(
    r"^\W*(?:at <[po]\d+>,? )?(?:the|its|their|<p\d+>'?s) (?P<what>(?:[a-z']+ ){1,4})(?:was|were|has been|have been|had been|is) (?:also |now |then |again |since )?(?:rated|graded|judged|upgraded|downgraded|raised|lowered|given|found)\b[^;<]*$"
)


def speaks_of_something_else(text: str) -> bool:
    """Whether a sentence's subject is a thing that is no body: "the kitchen was upgraded", "the maternity unit was"."""
    found = _SUBJECT.match(text)
    if found is None:
        return False
    *before, head = found["what"].split()
    if head in _BODIES and head not in _WHOLE:
        return bool(set(before) - _PLAIN_WORDS)
    return head in _ROOMS or bool(before and set(before) & _OF_A_BODY)


_ROOMS: Final = frozenset(
    "club scheme clinic pool cafe hub project programme kitchen kitchens canteen ward wards wing boarding maternity unit department library garden building buildings".split()
)
_OF_THE_OTHER: Final = re.compile(
    r"\b(?:(?:inspections?|reports?|ratings?|visits?|reviews?|verdict|grades?|judge?ments?) (?:of|on|to|at|into|for)|gave|given|rated|judged|awarded|graded|handed|found) (?:the )?(?:(?:newly|recently|new|merged|combined|joint|expanded) ){0,3}$"
)
_NAMES_LISTED: Final = re.compile(r"<x\d+>: ?(?:<[a-z]\d+>(?:, and | and |, )){0,5}$")
_OTHER_SAYS: Final = re.compile(
    r"^[^;:.<]{0,40}\b(?:told|said|says|learned|learnt|heard|hopes|knows|announced|insists|insisted)(?: that)? (?:it|they) "
)
_OF_A_PART_AFTER: Final = re.compile(
    rf"^(?: rating)? (?:for|to) (?:the|its) (?:[a-z]+ ){{1,4}}(?:at|in|of|run by) {NAME}"
)
_ONLY: Final = re.compile(
    r"\b(?:only|just) (?:the|its|one|at the) [a-z' ]{3,60} (?:was|were|had been) (?:inspected|visited|looked at|assessed)\b|\blooked only at\b"
)
_GIVEN_TO_OTHER: Final = re.compile(
    rf"^(?: (?:rating|overall|ratings))*(?: (?:was|is|has been|been|were))?(?: (?:given|awarded|handed|went|goes))? ?"
    rf"(?:for|to|at|by) (?:both |the )?{OTHER}"
)
# "Elm House in Kent, Oak Lodge, near Leeds, and Ash Court": where each stands does not part them.
_PLACED: Final = r"(?:,? (?:in|near|at|from|based in) (?:the )?(?:(?:north|south|east|west|mid|central|greater|nearby) )?<[ox]\d+>(?:,? (?:in )?<[ox]\d+>)?)?"
_GROUP_OF: Final = rf"{NAME}(?:{_PLACED}(?:, and|,| and| &) (?:the |both )?{NAME})*"
_AND_BACK: Final = re.compile(
    r"(?: rating)?,? (?:and |but |then |now |is |was |again )*back (?:down |up )?(?:to|at) (?:an? )?"
)
# "... as have A and B", "three homes were rated good by the CQC: A, B and C".
_AS_HAVE: Final = re.compile(
    rf"^[^<;.]{{0,80}}, as (?:have|has|did|were|was|are) (?:both |the )?(?P<group>{_GROUP_OF})"
)
_LISTED_AFTER: Final = re.compile(rf"^[^<;.]{{0,80}}?(?: ?:| -|,) (?P<group>{_GROUP_OF})[ .]*$")
_ONCE_MORE: Final = re.compile(r"^ (?:once more|once again|again|now)\b")
_IS: Final = re.compile(r"\b(?:is|are|has been|have been)(?: now)? $")
_BUT: Final = re.compile(r",? \bbut\b")
_YEARS_OWN: Final = re.compile(r"\b(?P<year>(?:19|20)\d\d)'s $")
_GROUP: Final = re.compile(_GROUP_OF)
_AFTERWARDS: Final = re.compile(
    rf"^(?: (?:rating|overall|ratings))*(?: (?:was|is|has been|been|were))?(?: (?:given|awarded|handed|went|goes))?,? ?"
    rf"(?:(?:for|to|at|by) (?:both |the )?|: ?|\((?:both |the )?|(?<= ))(?P<group>{_GROUP.pattern})"
)
_AFTER: Final = re.compile(
    r"\bafter (?:being|having been|having|receiving|getting|earning|achieving|gaining|securing|scoring|winning|obtaining|"
    r"landing|attaining|(?:it|they|the \w+) (?:was|were|had been|has been|have been)|inspectors|ofsted|cqc|the cqc|estyn|the care quality commission|the care inspectorate|hm inspectorate of [a-z]+|the \w+ inspectorate)\b"
    r"(?! previously| formerly| originally| initially| last| once)[^;:<]{0,90}$"
    r"|\bfollowing (?:an?|its|the|their) $"
    r"|^\W*having been (?!previously|formerly|originally|initially|last|once)[^;:<]{0,60}$"
)
_ITS_TAIL: Final = re.compile(
    r"^(?: (?:rating|ratings|rated|overall|across the board|(?:in|across|for) (?:all|every|each)(?: of)?(?: the| its)?(?: (?:two|three|four|five|six))?(?: (?:key|inspected|main))? "
    r"(?:areas?|categor(?:y|ies)|aspects?|domains?|fields?|standards?|questions?)(?= (?:following|after|having|from|up from|down from)\b)))+"
)
# "After its latest inspection last month": the month dates the visit that is the news.
_LATEST_VISIT: Final = re.compile(
    r"^[^;:.<]{0,30}\b(?:after|following|at|in|during|from) (?:its|an?|the|their) (?:(?:latest|new|recent|most recent|full|unannounced|announced|routine|short|ofsted|cqc|two day|reinspection) )*(?:inspection|visit|report|assessment)(?: which took place| carried out| in [a-z]+)? last (?:month|week|[a-z]+day)\b"
)
# "Shook off its <g> rating, going up to <g>": where it went.
_GOING_TO: Final = re.compile(
    r"\b(?:going|moving|rising|climbing|jumping|leaping|improving|dropping|falling|slipping|sinking|plunging) (?:[a-z]+ ){0,3}?to (?:an? )?(?:rating of )?$"
)
LABEL: Final = re.compile(r"^(?:\d{1,2} ?[.:)] ?)?[^<.;:|]{1,70} ?[:|-] ?$")


def _without_initials(found: re.Match[str]) -> str:
    letters = "".join(word[0] for word in found["words"].split() if word not in {"and", "of", "for", "the"})
    return found["words"].rstrip() if letters.endswith(found["short"]) else found[0]


def last(pattern: re.Pattern[str], text: str) -> int:
    return max((m.end() for m in pattern.finditer(text)), default=-1)


class Mention:
    """One grade word in its sentence, and what stands on either side of it."""

    def __init__(self, template: Template, index: int, setting: Setting) -> None:
        start, end = template.grade_at[index]
        self.template = template
        self.index = index
        self.setting = setting
        self.grade = template.grades[index]
        self.left = template.text[:start]
        self.right = template.text[end:]
        previous = template.grade_at[index - 1][1] if index else 0
        following = (
            template.grade_at[index + 1][0] if index + 1 < len(template.grades) else len(template.text)
        )
        # Since the grade before it, without the words that still belong to that one.
        self.before = _ITS_TAIL.sub("", template.text[previous:start]) if index else self.left
        self.behind = template.text[end:following]  # up to the next
        # A capital tells a grade from an adjective, but not in a headline nor as a sentence's first letter.
        self.formal = self.grade.quoted or (self.grade.capital and not setting.heading and start > 0)

    @cached_property
    def clause(self) -> str:
        """What stands before it in its own clause; the label, where it is a label's value."""
        if not self.index and LABEL.search(self.left):
            return self.left
        if self.index and (self._from_to(self.index - 1) or self._to_from(self.index - 1)):
            # "from A to B", "B, down from A": what moved stands before the first of them.
            return Mention(self.template, self.index - 1, self.setting).clause
        before = _POINTS.sub(" ", self.before)
        if "(" in before:
            before = _BRACKETS.sub("", _INITIALS.sub(_without_initials, before))
        cut = last(_BOUNDARY, before)
        clause = before[cut:] if cut >= 0 else before
        if self.before[:cut].endswith(" - ") and (on := _GOES_ON.match(clause)):
            # "Four areas - this, that and the other - were rated ...": the list is what was rated.
            opening = self.before[: cut - 3].rfind(" - ")
            if on[0].strip() != "as" or _PARTS_LISTED.search(self.before[:opening]):
                return self.before[opening + 3 if opening >= 0 else 0 :]
        return clause

    def is_value_of_label(self) -> bool:
        """Whether the whole line is a label and this grade: "Leadership: good"."""
        return bool(_NO_MORE.fullmatch(self.right) and LABEL.search(self.left))

    @cached_property
    def is_called_rating(self) -> bool:
        found = cues.A_RATING.search(self.right)
        return bool(found and (self.formal or "rat" in found[0]) and not self._is_plural_of_others())

    def _is_plural_of_others(self) -> bool:
        return bool(cues.bodies_counted(self.clause))

    @cached_property
    def is_moved_from(self) -> bool:
        if self._is_left_again():
            return True
        return self._from_to(self.index) or (self.index > 0 and self._to_from(self.index - 1))

    @cached_property
    def is_moved_to(self) -> bool:
        if self._is_left_again():
            return False
        return (
            self._to_from(self.index)
            or (self.index > 0 and self._from_to(self.index - 1))
            or (self.index > 0 and bool(_AND_BACK.fullmatch(self.before)))
        )

    def _is_left_again(self) -> bool:
        """Whether it is the middle of "from A to B and back to A"."""
        following = self._around(self.index)[1]
        return following is not None and bool(_AND_BACK.fullmatch(following))

    def moved_to(self) -> Mention | None:
        """The second grade of "from A to B", of the first."""
        return Mention(self.template, self.index + 1, self.setting) if self._from_to(self.index) else None

    def _from_to(self, i: int) -> bool:
        """Whether grades `i` and the next are "from A to B"."""
        left, between = self._around(i)
        if between is not None and (
            cues.BECOME.search(between) or (cues.INTO.search(between) and cues.TURNED.search(left))
        ):
            return True
        return bool(
            cues.FROM.search(left) and between is not None and cues.TO_AFTER_FROM.search(between)
        ) and (self._speaks_of_moving)

    def _to_from(self, i: int) -> bool:
        """Whether grades `i` and the next are "to B from A" or "B, up from A"."""
        left, between = self._around(i)
        return bool(
            between is not None
            and cues.FROM_AFTER_TO.search(between)
            and not cues.FROM.search(left)
            and self._speaks_of_moving
        )

    def _around(self, i: int) -> tuple[str, str | None]:
        places, text = self.template.grade_at, self.template.text
        between = text[places[i][1] : places[i + 1][0]] if i + 1 < len(places) else None
        return text[: places[i][0]], between

    @cached_property
    def _speaks_of_moving(self) -> bool:
        text = self.template.text
        return not re.search(r"\brang(?:e|es|ed|ing) from\b", text) and bool(
            re.search(rf"\b{cues.MOVED}\b|\b{cues.RATING_NOUN}\b", text)
        )

    @cached_property
    def names_before(self) -> tuple[Named, ...]:
        """The last providers named since the grade before, together where they are joined by "and"."""
        groups = list(_GROUP.finditer(self.before))
        return self._named(groups[-1][0]) if groups else ()

    def is_of_somebody_else(self) -> bool:  # noqa: C901 -- one question after another, each a line
        """Whether the nearest subject before it, or who it is said to be given to, is none of the text's bodies."""
        if self.index and (self._from_to(self.index - 1) or self._to_from(self.index - 1)):
            return Mention(self.template, self.index - 1, self.setting).is_of_somebody_else()
        if (
            _WHICH_OF_OTHER.search(self.before)
            or _OF_A_PART_AFTER.search(self.behind)
            or _ONLY.search(self.before)
        ):
            return True
        if _ONE_OF_SEVERAL.search(self.before) and not re.search(NAME, self.before):
            return True
        if _ELSEWHERE.search(self.before) or _WHO_RUNS_IT.search(self.before):
            return True
        if speaks_of_a_part(self.before):
            return True
        given_to = _AFTERWARDS.search(self.behind)
        if given_to is None and _GIVEN_TO_OTHER.search(self.behind):
            return True
        # "The X Youth Justice Service (YJS) Management Board": its own board.
        others = [m for m in re.finditer(OTHER, self.before) if not _ITS_OWN.search(self.before[: m.start()])]
        if not others or given_to:
            return False
        since = self.before[others[-1].end() :]
        left = self.before[: others[-1].start()]
        run = _NAMES_LISTED.search(left)  # "Acorn Care: Kent, Surrey and" before "Sussex"
        if _OF_THE_OTHER.search(left[: run.start()] if run else left):
            return True
        if self.template.mentions[int(others[-1][0][2:-1])].form is Form.OTHER and _PREPOSITION.search(left):
            return False  # "near X", "in X": a place
        if _OTHER_SAYS.match(since):
            return True
        if re.search(rf"{NAME}|{DESCRIBED}", since) or _OWN_SUBJECT.search(since):
            return False
        mention = self.template.mentions[int(others[-1][0][2:-1])]
        if mention.form is not Form.OTHER:
            return True
        return bool(_VERB.search(since)) and not _PREPOSITION.search(left)

    def is_described(self) -> bool:
        """Whether the nearest subject before it is a description: "a Kent care home"."""
        found = list(re.finditer(DESCRIBED, self.before))
        return bool(found) and not re.search(NAME, self.before[found[-1].end() :])

    @cached_property
    def is_of_everyone(self) -> bool:
        """Whether it is said of "both services" or "each", without their names."""
        clause = self.clause
        return bool(cues.EVERYONE.search(clause)) and not re.search(NAME, clause)

    def speaks_of_somebody_else(self) -> bool:
        """Whether the providers before it are named for comparison only."""
        groups = list(_GROUP.finditer(self.before))
        return bool(groups and cues.SOMEBODY_ELSE.search(self.before[: groups[-1].start()]))

    @cached_property
    def names_after(self) -> tuple[Named, ...]:
        """The providers that the grade is said to be of, after it."""
        found = _AFTERWARDS.search(self.behind)
        if found:
            return self._named(found["group"])
        if also := _AS_HAVE.search(self.behind):
            return (*self.names_before, *self._named(also["group"]))
        return self.names_listed()

    def names_listed(self) -> tuple[Named, ...]:
        """The providers of "three homes have been rated good: A, B and C", where their number is right."""
        counted = cues.bodies_counted(self.clause)
        listed = _LISTED_AFTER.search(self.behind) if counted else None
        named = self._named(listed["group"]) if listed else ()
        numbers = [
            cues.NUMBERS[word] for word in (counted[0].split() if counted else ()) if word in cues.NUMBERS
        ]
        return named if len(named) > 1 and (not numbers or numbers[0] == len(named)) else ()

    def _named(self, group: str) -> tuple[Named, ...]:
        return tuple(self.template.mentions[int(n)].named for n in re.findall(r"<p(\d+)>", group))

    def when(  # noqa: C901, PLR0912 -- the words of time in their order of strength
        self, *, moved_from: bool, before: tuple[When, int | None] | None
    ) -> tuple[When, int | None]:
        """Whether it is the rating of this inspection, and the year that is named with it."""
        if self._is_the_same_as_before:
            return When.NOW, None
        visit = time_cues.VISIT_AFTER.search(self.behind)
        dated = None if visit else time_cues.YEAR_AFTER.search(self.behind)
        if not (visit or dated or self.is_moved_to):
            dated = time_cues.YEAR_SOON.search(self.behind)
        year = int(dated["year"]) if dated else None
        if _ONCE_MORE.search(self.right) and _IS.search(self.left):
            return When.NOW, None  # "is 'good' once more"
        if own := _YEARS_OWN.search(self.left):
            return When.THEN, int(own["year"])
        if moved_from or _TO_FOLLOW_UP.search(self.left):
            return When.THEN, year
        if not self.is_moved_to and (since := _SINCE.match(self.behind)):
            return When.THEN, int(since["year"])  # "rated 'outstanding' since 2009 has been told ..."
        if not self.is_moved_to and (held := _HELD_SINCE.match(self.behind)):
            return When.DATED, int(held["year"])
        stretch = self._before_the_pair() if self.is_moved_to else self.before
        opening = stretch.partition(":")[0] if ":" in stretch[:_LEAD_IN] else ""
        if time_cues.PAST.search(opening) and not time_cues.PRESENT.search(opening):
            return When.THEN, year  # "The report before: the force was found ..."
        whole = stretch[max(0, last(_HARD, stretch)) :]
        if _WHICH_THEN.search(whole):
            years = [int(y) for y in time_cues.YEAR.findall(whole)]
            return When.THEN, year or (years[-1] if years else None)
        if self._stands_behind_an_aside() and "," in stretch:
            # "rated the home, which received a good rating in 2019, as inadequate"
            stretch, before = stretch[stretch.index(",") :], None
        left = _BACKDROP.sub(" ", self._without_others_past(stretch[max(0, last(_HARD, stretch)) :]))
        now_before = before is not None and before[0] in {When.NOW, When.BARE}
        if now_before and self.template.grades[0].grade != self.grade.grade and _LONG_AFTER.search(left):
            return When.THEN, year  # "rated <g>, two years after it was <g>"
        if (after := _AFTER.search(left)) and last(time_cues.PRESENT, left) <= after.start():
            return (When.THEN if _LONG_AGO.match(self.behind) else When.AFTER), year
        if time_cues.GLAD.search(left):
            return When.AFTER, year
        reported = time_cues.REPORTED.search(left)
        if reported and last(time_cues.PAST, left[: reported.start()] + left[reported.end() :]) < 0:
            return When.DATED, year
        past, present = last(time_cues.PAST, left), last(time_cues.PRESENT, left)
        years = [int(y) for y in time_cues.YEAR.findall(left)]
        if past > present:
            return When.THEN, year or (years[-1] if years else None)
        if self._past_follows():
            return When.THEN, year
        if year is not None:
            return When.DATED, year
        if fresh := time_cues.NEW_VISIT.search(left):
            return When.NOW, int(fresh["year"])
        left = left[max(0, last(_BUT, left)) :]
        years = [int(y) for y in time_cues.YEAR.findall(left)]
        present, soft = last(time_cues.PRESENT, left), last(time_cues.DATED_LEFT, left)
        if soft > present:
            return When.DATED, years[-1] if years else None
        if (
            before is not None
            and not (self.is_moved_to or _GOING_TO.search(self.before))
            and before[0] not in {When.NOW, When.BARE}
            and not _CARRIES_ON.search(self.before)
        ):
            return before
        now = When.NOW if present >= 0 or self.is_moved_to else When.BARE
        visited = time_cues.VISIT_BEFORE.search(left) if visit is None else visit
        return now, int(visited["year"]) if visited else None

    @cached_property
    def _is_the_same_as_before(self) -> bool:
        return bool(" the same" in self.behind and cues.SAME_AS.search(self.behind)) and not (
            time_cues.PAST.search(self.before)
        )

    def _stands_behind_an_aside(self) -> bool:
        """Whether the grade before it stands in a relative clause of its own, which ends between the two."""
        if not self.index:
            return False
        end = self.template.grade_at[self.index - 1][1]
        return _IN_AN_ASIDE.search(self.template.text, max(0, end - _LONGEST_ASIDE), end) is not None

    def _without_others_past(self, left: str) -> str:
        """The words before it, without "at its last inspection," where that dates the grade before."""
        found = time_cues.PAST_AFTER.match(left) if self.index else None
        end = re.search(r"[,;]| and | but ", left[found.end() :]) if found else None
        return left[found.end() + end.start() :] if found and end else left

    def _past_follows(self) -> bool:
        """Whether "at its last inspection" or the like follows, for this grade and not for the next."""
        found = None if _LATEST_VISIT.match(self.behind) else time_cues.PAST_AFTER.search(self.behind)
        is_last = self.index + 1 == len(self.template.grades)
        return bool(found and (is_last or re.search(r"[,;]| and | but ", self.behind[found.end() :])))

    def _before_the_pair(self) -> str:
        """What stands before "from A to this": the grade it moved from tells nothing of when."""
        first = self.index - 1 if self.index and self._from_to(self.index - 1) else self.index
        start = self.template.grade_at[first - 1][1] if first else 0
        return cues.FROM.sub("", self.template.text[start : self.template.grade_at[first][0]])

    def is_again(self) -> bool:
        """Whether it was given "again", as at the inspection before."""
        return bool(_AGAIN_RATED.search(self.before))

    def direction(self, *, kept: bool, moved: bool) -> Direction | None:
        """The movement that is claimed by the words that lead up to it, or of keeping it by those that follow."""
        if kept or cues.AS_BEFORE.search(self.behind) or self._is_the_same_as_before:
            return Direction.UNCHANGED
        moves = cues.MOVES.findall(self.left)
        if not moved or not moves or cues.DRAGGED.search(self.left):
            return None
        if _UP.fullmatch(moves[-1]):
            return Direction.UPGRADE
        return Direction.DOWNGRADE if _DOWN.fullmatch(moves[-1]) else None
