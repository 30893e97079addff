"""The words that say whether a grade was given, which way it moved, and what it is for.

Tables of patterns over templates (`template.py`). Every repetition is bounded, so that a hostile text costs
linear time.
"""

from __future__ import annotations

import re
from typing import Final

from digest.extract.template import GRADE, NAME

_REACH: Final = 400  # characters before a grade in which what leads up to it is sought


class LeadsUp:
    """A pattern for what leads up to a grade: only the words right before it are looked at."""

    __slots__ = ("_pattern",)

    def __init__(self, pattern: str) -> None:
        self._pattern = re.compile(pattern)

    def search(self, left: str) -> re.Match[str] | None:
        return self._pattern.search(left, max(0, len(left) - _REACH))

    def sub(self, by: str, left: str) -> str:
        return self._pattern.sub(by, left)


def before(*patterns: str) -> LeadsUp:
    """Patterns for what leads up to a grade."""
    return LeadsUp("(?:" + "|".join(f"(?:{pattern})" for pattern in patterns) + r")\s?$")


CLAUSE_END: Final = re.compile(r"[;:]|\b(?:whereas)\b")
# A word that may stand between a verb and its grade; a new verb or clause may not.
WORD: Final = (
    r"(?:(?!(?:was|were|is|are|has|had|have|been|but|while|whereas|although|because|which|who|that|when|found|"
    rf"said|says|and then|{GRADE})\b)(?!<g)[^\s;:()]+ )"
)
_SMALL: Final = (
    r"(?:(?:as|to be|being|overall|a|an|the|its|their|at|only|just|now|still|again|officially|also) )"
)

RATED_VERB: Final = r"(?:rated|graded|ranked|branded|judged|adjudged|deemed|labelled|labeled|classed|classified|scored|marked)"
RATING_NOUN: Final = r"(?:ratings?|verdicts?|marks?|grades?|gradings?|judge?ments?|rankings?|scores?)"

# What makes a grade word a rating: each name says which kind of evidence it is.
RATED: Final = before(
    rf"\b(?:{RATED_VERB}|rating|grading|judging|rates?|judges?) {WORD}{{0,9}}",
    r"\b(?:rated|deemed|judged|graded|found) [^;:.<]{3,160}\b(?:all|both|each)(?: to be| as)?",
    r"\b(?:evaluat|assess|grad|rat)(?:ed|ing|es) [^;:.<]{3,140}? (?:as|to be)(?: being)?(?: (?:an?|overall|now|still))?",
    rf"\b(?:found|considered|assessed|evaluated|declared|described|recognised|recognized|confirmed|hailed|certified) {WORD}{{0,6}}(?:to be|as) {_SMALL}{{0,3}}",
)
# "Given a 4, meaning good", "at the highest level of good".
STEPPED: Final = before(
    rf"\b(?:{RATED_VERB}|given|awarded|received|achieved|got|scored|scores?|earned|gained|grades?|gradings?|ratings?|marks?|score|evaluations?) {WORD}{{0,6}}(?:\d|one|two|three|four|five|six)s?"
    rf"(?: out of (?:\d|six|five|four))?,? ?(?:[-(:] ?|or )?(?:meaning|which means|which is|or|-|\(|:|equating to|equivalent to|classed as|described as|indicating|that is|i e|(?<=, )) ?{_SMALL}{{0,2}}",
    rf"\b(?:{RATED_VERB}|assessed|found|given|awarded|received|achieved|got) {WORD}{{0,6}}(?:highest|lowest|top|bottom|second) (?:[a-z]+ )?"
    r"(?:level|grade|rating|score|mark|category|standard|step) of ",
    r"\bproviding an? (?:overall )?",
)
GIVEN: Final = before(
    rf"\b(?:found|assessed|declared|given|awarded|handed|received|receive|receives|receiving|achieved|achieve|achieves|achieving|earned|gained|"
    rf"secured|obtained|bagged|scooped?|landed|clinched|collected|slapped|hit|dealt|bumped|marked|singled out|earns|attained|got|gets|gave|awards?|scores?|hands|gives|won|brands|deems|labels|grades|ranks|reached|holds?|held|puts?|placed|places) {WORD}{{0,6}}",
)
# The prisons inspectorate's own formula, and its two-word grades after the verb.
OUTCOMES: Final = before(
    rf"\boutcomes for (?:[a-z]+ ){{1,3}}(?:[^;:.<]{{0,150}} )?(?:was|were|is|are|remained|remain|to be)(?: :|:)? {_SMALL}{{0,2}}"
)
# "Outcomes were good in safety": only with what they were good in.
OUTCOMES_THERE: Final = before(
    rf"\boutcomes (?:was|were|is|are|remained|remain|to be)(?: :|:)? {_SMALL}{{0,2}}"
)
FOUND_IT: Final = before(
    rf"\b(?:found|judged|considered|assessed|thought|deemed) (?:that )?(?:{NAME}|it|the [a-z]+(?: [a-z]+)?)(?: to be| was| were| is)?(?: as)?"
)
IT_IS: Final = before(rf"\b(?:it|{NAME}) is(?: now| today| again| currently)?")
IS: Final = before(
    r"\b(?:was|were|is|are|remained|remains|had been)(?: now| still| also| only| again)?(?: ?:)?"
)
RATING_OF: Final = before(
    rf"\b{RATING_NOUN} {WORD}{{0,9}}(?:of|as|is|was|are|were|at|remains|remained|stays|stayed|became|being|to|from|has been)"
    rf" {_SMALL}{{0,3}}",
    rf"\b(?:highest|lowest|top|bottom) (?:possible |available )?{RATING_NOUN}(?: possible| available)? ?[(,:-] ?{_SMALL}{{0,2}}",
    rf"\b{RATING_NOUN} (?:is|was|has been) that (?:[^\s;:]+ ){{1,12}}(?:was|were|is|are|had been) {_SMALL}{{0,3}}",
    rf"\b{RATING_NOUN} (?:again|once more|as before|as last time) ?[:-] ?",
    rf"\b{RATING_NOUN} (?:is|was|has been|remains|remained|stays|stayed) (?:unchanged|the same|kept|confirmed)(?:,| at| as)* ",
    rf"\b{RATING_NOUN}(?: (?:upgraded|downgraded|raised|lowered|unchanged))?(?: for [^;:]{{0,60}})? ?[:|=-] {_SMALL}{{0,2}}",
)
A_RATING: Final = re.compile(
    rf"^ (?:(?:overall|performance|headline|inspection|overall performance) )?{RATING_NOUN}\b|^ rated\b"
    rf"|^ (?:is|was) (?:the|its|their) (?:\w+ )?{RATING_NOUN}\b"
)
OVERALL_AFTER: Final = re.compile(
    r"^,? (?:rating )?overall\b(?! effectiveness)|^,? as a (?:whole|trust|service|school|force|provider|council)\b"
)
OVERALL_LABEL: Final = before(
    r"\boverall(?: effectiveness| grade| judgement| performance)?(?: is| was)?(?: [:|=-])? ?:?"
)
GLOSS_AFTER: Final = re.compile(
    r"^,? ?(?:[-(] ?|which is |which means |meaning )?(?:the|its|one step|a step|just|only)? ?"
    r"(?:second )?(?:highest|lowest|top|bottom|best|worst|second|one step|above the bottom|below the top)\b"
)
KEPT: Final = before(
    r"\b(?:remain|remains|remained|remaining|stays?|stayed|continues? to be|continued to be)"
    rf"(?: {WORD}{{0,2}}| ){_SMALL}{{0,3}}(?:(?:rating|grade) of )?"
)
KEEPS: Final = before(
    r"\b(?:retains?|retained|retaining|keeps?|kept|keeping|maintains?|maintained|maintaining|holds? on to|held on to)"
    rf"(?:,)? {WORD}{{0,5}}"
)
# "Rated 'Good', as it had been before".
AS_BEFORE: Final = re.compile(
    r"^,? (?:just )?as (?:(?:it|they) (?:had been|was|were) )?(?:before|previously)(?= ?(?:[.,;]|$))"
)
# "Rated good – the same mark as last year": current and former at once.
SAME_AS: Final = re.compile(
    r"^(?: (?:rating|overall))*(?:,| -)? (?:which is |which was )?(?:exactly |precisely )?the same (?:overall )?(?:rating|grade|grading|mark|score|verdict|judge?ment|outcome|result)? ?"
    r"(?:(?:that )?(?:it|they|the [a-z]+) (?:got|received|had|was given|were given|achieved|was awarded|had been given) |as )(?:it (?:was|had|got|received) )?"
    r"(?:(?:at|in|after|from|following) )?(?:(?:its|the|their|our) )?(?:last (?:time|year|month|inspection|report|visit)|previous (?:inspection|report|visit|rating)|before|previously|(?:19|20)\d\d)\b"
)
MOVED: Final = (
    r"(?:upgraded|upgrades?|upgrading|raised|raises?|raising|lifted|lifts?|lifting|promoted|bumped|climbed|climbs?|"
    r"climbing|climb|jumped|jumps?|leapt|leaps?|risen|rises?|rose|rising|moved|moves?|moving|improved|improves?|"
    r"improving|improvement|progressed|progress|went|gone|goes|going|increased|shot|journey|turned|turnaround|"
    r"downgraded|downgrades?|downgrading|dropped|drops?|dropping|fell|falls?|fallen|falling|slipped|slips?|slumped|"
    r"slumps?|sank|sunk|plummeted|plunged|declined|deteriorated|reduced|cut|lowered|relegated|demoted|tumbled|slid|"
    r"changed|changes?|up|down)"
)
MOVES: Final = re.compile(rf"\b{MOVED}\b")
TO: Final = before(rf"\b{MOVED} {WORD}{{0,8}}to {_SMALL}{{0,2}}(?:{RATING_NOUN} of )?{_SMALL}{{0,1}}")
FROM: Final = before(
    rf"\bfrom {_SMALL}{{0,2}}(?:(?:previous|earlier|former|last|old|current|ofsted|cqc) ){{0,2}}(?:{RATED_VERB} (?:as )?)?(?:{RATING_NOUN} of )?{_SMALL}{{0,1}}",
    r"\bfrom (?:an? )?(?:grade )?(?:[1-6]|one|two|three|four|five|six) ?[(-] ?",
)
UP_FROM: Final = before(
    r"\b(?:lift(?:ed|s|ing)|mov(?:ed|es|ing)|climb(?:ed|s|ing)|pull(?:ed|s|ing)|brought|brings|came|comes?|coming|taken|rais(?:ed|es|ing)|ris(?:en|es|ing)|rose) (?:itself |[a-z]+ )?(?:up )?out of (?:the |an? |its )?(?:category of |rating of |grade of )?",
    rf"\b{MOVED} [^<;:]{{0,40}}\bfrom {_SMALL}{{0,2}}(?:{RATED_VERB} (?:as )?)?(?:{RATING_NOUN} of )?{_SMALL}{{0,1}}"
    r"(?:previous |earlier |former |last )?(?:rating of )?",
    rf"\b(?:deterioration|decline|fall|drop|rise|improvement) (?:in|of) [^<;:.]{{3,60}}?,? from {_SMALL}{{0,2}}",
)
TO_AFTER_FROM: Final = re.compile(
    r"^ (?:rating |overall |last time |previously |before |then |(?:back )?in \d{4},? |\(\d{4}\) |at (?:its|the) (?:last|previous) inspection )?(?:,? ?)to (?:(?:a|an|overall|being|the|its|now) ){0,2}(?:rating of )?$"
    r"|^\)?,? to (?:an? )?(?:grade )?(?:[1-6]|one|two|three|four|five|six) ?[(-] ?$"
)
# "A has become B".
BECOME: Final = re.compile(
    r"^ (?:rating )?(?:has|had|have|is) (?:now )?(?:become|turned (?:in)?to|given way to|been replaced (?:by|with)|"
    r"been swapped for|made way for)(?: a| an)? $"
)
# "Turned its 'inadequate' rating to 'good'".
TURNED: Final = before(
    r"\b(?:turn(?:ed|s|ing)|transform(?:ed|s|ing)|lift(?:ed|s|ing)|rais(?:ed|es|ing)|improv(?:ed|es|ing)|mov(?:ed|es|ing)|convert(?:ed|s|ing)|"
    r"upgrad(?:ed|es|ing)|downgrad(?:ed|es|ing)|chang(?:ed|es|ing))(?: (?:its|an?|the|their|previous|former|overall|that|into|from)){0,4}"
)
INTO: Final = re.compile(r"^ (?:rating |grade |judge?ment )?(?:in)?to (?:an? )?$")
FROM_AFTER_TO: Final = re.compile(
    rf"^(?: (?:rating|overall|one|in \d{{4}}))*,? (?:(?:up|down|{MOVED}) )?from (?:(?:a|an|overall|its|the|previous|earlier|"
    r"former|last|rating of) ){0,4}$"
)
PREDICATE: Final = before(
    rf"(?:{NAME}(?: in [a-z ]{{2,30}}?)?|\b(?:service|services|unit|pdu|crc|trust|company|division|region|team|partnership|it|school|home|"
    r"hospital|force|provider|performance))(?: (?:still|now|again|overall|also))?"
)
EARLIER_WORD: Final = before(
    r"\b(?:formerly|previously|before that|once|earlier|was|were|had been|having been|being)"
    rf" {_SMALL}{{0,3}}",
    r"\bimprovement (?:on|from) (?:the|its|their) ",
)
LIST_GO_ON: Final = before(
    r"\b(?:both|all|each|as|also|again|and|is|was|were|are)(?: (?:as|rated|now|again|still))?(?: in (?:19|20)\d\d)?"
)
STANDARD: Final = re.compile(r"^ standards? (?:overall|across)\b")
STANDARD_BEFORE: Final = before(
    r"\b(?:performing|performs|performed|delivering|working|works|operating) (?:to|at) an? (?:overall )?"
)
HOLLOW: Final = before(
    r"\b(?:very|reasonably|sufficiently|generally|mostly|particularly|really|equally|pretty|some|many|several|more|much)"
)

# The next of several grades in a row: "inadequate in 2015 and requires improvement in 2019".
NEXT_OF_ROW: Final = re.compile(
    r"^(?: (?:in|at|from|during) [^<;,]{0,24})?(?:,| and| then| but){1,3} (?:(?:in \d{4}|now|then|as|to|again|currently|only),? ){0,3}$"
)

# "It was rated good but is now inadequate".
NOW: Final = before(
    r"(?:,|\band|\bbut|\bthough)(?: (?:it|they|the [a-z]+|has since become))?(?: (?:is|are|stands at|sits at))? now(?: at)?"
)
NO_MORE_SAID: Final = re.compile(r"^(?: overall| again| once more)*(?:[.,;:)]| -|$)")
# The noun that a mere adjective stands before: "found 'good' practice" rates nothing.
ADJECTIVE: Final = re.compile(
    r"^ (?:practices?|work|working|standards?|levels?|quality|services?|leadership|leaders|staff|progress|relationships?|"
    r"arrangements?|support|outcomes?|examples?|management|supervision|partnerships?|communication|knowledge|use|results?|"
    r"opportunities|access|culture|delivery|planning|assessments?|engagement|start|foundations?|features|resources|training|teaching|learning|lessons)\b"
)
NO_ADJECTIVE_WITH: Final = re.compile(r"<g\d+>(?: rating)?(?: overall)?,? (?:with|including) (?:an? )?$")

# What shows that no grade was given.
NEGATED: Final = before(
    r"\b(?:not|never|nor)(?: yet| ever)?(?: been| be)? (?:[a-z]+ ){0,3}",
    r"\b(?:a|any) (?:lower|higher) grade\b[^;:]{0,30} (?:from|to) ",
    rf"\b(?:no|none|nor|without|neither|cannot|isn't|wasn't|aren't|weren't|no longer|nearly|almost|close to|"
    rf"short of|just below|far from|rather than|instead of|avoid(?:ed|s|ing)?|miss(?:ed|es|ing)?|denied|than) {WORD}{{0,5}}",
)
ONLY_WISHED: Final = before(
    r"\b(?:can|could|would|should|might|may (?=be|have|get|become)|must|will|if|unless|until|wants?|wanted|aims?|aimed|aiming|hopes?|hoped|"
    r"hoping|ambition|expects?|expected|likely|plans?|target|strives?|striving|(?<!'s )(?<!their )(?<!special )(?<!individual )(?<!additional )(?<!complex )needs|need|in order|how(?! (?:well|good|effectively|legitimately|it|the))|path|road|"
    rf"towards?|able|wish|wishes|next)(?:,)? {WORD}{{0,5}}(?:have )?(?:be |been |become |becoming |is |get |getting |move |reach |"
    rf"to |of |a |an )?{WORD}{{0,3}}"
)
RANGE_AFTER: Final = re.compile(
    rf"^(?: or| and/or|/| ?to ?\b(?= <g\d+> range)) ?(?:{GRADE}|better|above|below|worse|higher)"
)
RANGE_BEFORE: Final = re.compile(rf"{GRADE}(?: or| and/or|/) ?$")
LISTED: Final = re.compile(
    rf"{GRADE}(?:,? (?:(?:and|or|then) )?(?:the |a |an )?{GRADE}|\s?[,/|>;-]\s?{GRADE}){{2,}}"
)
DRAGGED: Final = re.compile(
    r"\b(?:drag(?:s|ged|ging)?|pull(?:s|ed|ing)?|bring(?:s|ing)?|brought|weigh(?:s|ed|ing)?|push(?:es|ed|ing)?|tip(?:s|ped)?)\b"
)


_NUMBER: Final = (
    r"(?:\d{1,3}(?!\d)|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    r"seventeen|eighteen|nineteen|twenty)"
)
_SHARE: Final = (
    rf"(?:{_NUMBER}|half|most|many|several|some|all|none|both|each|every|any|majority|per cent|percent|third|"
    r"thirds|quarter|quarters|few|fewer|more than \w+|no)"
)

NUMBERS: Final = {
    word: number
    for number, words in enumerate(
        "two three four five six seven eight nine ten eleven twelve".split(), start=2
    )
    for word in (words, str(number))
}
OVERALL_WORD: Final = re.compile(
    r"\boverall\b|\bas a (?:whole|trust|service|school|force|provider|council)\b|\b(?:headline|whole service|service as a whole)\b"
)
NOT_THE_WHOLE: Final = re.compile(r"\boverall (?:standard|quality|effectiveness of|management)\b")
# The label of a whole inspection's grade: "Previous inspection: good".
WHOLE_LABEL: Final = re.compile(
    r"^(?:the |its |our )?(?:overall |previous |last |this |current |latest |new )*"
    r"(?:inspection|rating|grade|judge?ment|overall|outcome|effectiveness|(?:full|short) inspection result|(?:inspection |overall )(?:outcome|result))"
    r"(?: grade| rating| judge?ment)? ?[:|-] ?$"
)
FOR: Final = re.compile(
    rf"^,? ?(?:overall )?(?:{RATING_NOUN} )?(?:was |were |is |are )?(?:(?:given|awarded|handed|achieved|received) )?"
    r"(?:for|against|when it (?:comes|came) to|in (?:terms|respect) of|in relation to|with regard to) (?P<what>[^;.()<]{1,200})"
)
FOR_WHOLE: Final = re.compile(
    r"^(?:the (?:\w+ )?(?:time|year|inspection)\b|(?:a |an |the )?(?:first|second|third|fourth|\d+\w*) "
    r"(?:consecutive |successive |straight )?(?:time|year|inspection)|(?:the|this|that|its|a) "
    r"(?:overall )?(?:service|unit|pdu|crc|trust|region|division|team|school|home|force|provider|company|"
    r"quality of (?:its|the) (?:work|service))\b|its (?:overall )?(?:work|performance|provision)\b|overall)"
)
ACROSS_ALL: Final = re.compile(
    r"^(?: ?\(\d\))?,? ?(?:(?:overall|rating|ratings) )?(?:in|across|for|on|against) (?:all|every|each)\b(?! but)(?: single)?(?: one)?"
    r"(?: of)?(?: the| its| our| their| \w+){0,3} "
    r"(?:aspects?|areas?|standards?|domains?|categor(?:y|ies)|measures?|fields?|strands?|criteria|counts?|tests?|themes?|"
    r"indicators?|sections?|evaluations?|pillars?|judge?ments?|outcomes?)\b"
    r"|^(?: ?\(\d\))?(?: -)?,? ?(?:across the board|throughout)\b"
)
PARTS: Final = (
    r"(?:aspects?|areas?|standards?|domains?|categor(?:y|ies)|elements?|criteria|(?<!special )measures?|strands?|sections?|"
    r"themes?|dimensions?|questions?|indicators?|pillars?|key judge?ments?|outcomes?|parts|tests?|evaluations?)"
)
# "the areas rated as 'good'": some of them, without saying which.
PARTS_RATED: Final = before(
    rf"\b{PARTS}(?: (?:that|which|were|was|are|is|have|been|being|we|it))* {RATED_VERB} {_SMALL}{{0,3}}",
    rf"\b{PARTS} (?:that|which) {WORD}{{1,5}}",
)
# "in almost every category, including teaching and behaviour": those that are named.
PARTS_NAMED: Final = re.compile(
    rf"^(?: ?\(\d\))?(?: -)?,?(?: {RATING_NOUN})?(?: to (?:the|this|our) [a-z]+)? (?:in|for|across|on) (?:almost |nearly |virtually )?(?:all|each|every|most|many|several)(?: of)?(?: the| its)?"
    rf"(?: [^\s;:()<,]+){{0,3}} (?:{PARTS}|fronts),? (?:including|among them|such as|notably|covering|namely) (?P<what>[^;:.()<]{{1,200}})"
    rf"|^,? ?(?:(?:ratings?|grades?|gradings?|marks?) )?(?:in|for|across|on) (?:the |its |these )?(?:following )?(?:(?!of\b)[a-z]+ ){{0,2}}{PARTS}(?: (?:inspected|assessed|examined|graded|covered)(?: for)?)?(?: of|,|:| -| :)* (?P<list>[^;.()<]{{3,260}})"
    rf"|^(?: ?\(\d\))?(?: -)?,? across the board(?: for| in|,|:| -| including)+ (?P<board>[^;.()<]{{3,260}})"
)
# "The <g> areas included ...", "areas rated as <g> were ...": they are named behind it.
PARTS_ARE: Final = re.compile(
    rf"^ (?:[a-z]+ )?{PARTS} (?:included?|includes|were|are|being|was|is)(?: in| for| as follows)?:? (?P<what>[^;:.()<]{{4,260}})"
)
SOME_PARTS_RATED: Final = before(
    rf"\b{PARTS}(?: of [a-z' ]{{3,40}}?)?(?: (?:that|which|were|was|are|is|have|been|being|it))* {RATED_VERB} {_SMALL}{{0,3}}"
)
# "The areas requiring improvement are ...", where the grade is a verb itself.
THE_PARTS: Final = re.compile(
    rf"\b(?:the|those|its) (?:[a-z]+ ){{0,2}}{PARTS} (?:that |which |found to |judged to )?$"
)
PARTS_RATED_ARE: Final = re.compile(
    r"^(?:,? (?:including|such as|among them|notably)| (?:included?|were|are)):? (?P<what>[^;:.()<]{4,260})"
)
PARTS_COUNTED: Final = re.compile(
    rf"\b{_SHARE}(?: of)?(?: the| its| our| their)?(?: [^\s;:()<]+){{0,4}} {PARTS}\b"
)
PARTS_AFTER: Final = re.compile(
    rf"^,? ?(?:{RATING_NOUN} )?(?:(?:was |were )?(?:given )?)(?:in|for|across|on|against|at) (?:just |only |at least |all |the (?:remaining|other) )?"
    rf"{_SHARE}(?: of)?(?: the| its| our| their)?(?: (?!(?:and|but|which|with)\b)[^\s;:()<]+){{0,5}} {PARTS}\b|^,? ?(?:{RATING_NOUN} )?in parts\b|"
    rf"^,? ?(?:in|for|across|on) (?:just |only )?{_SHARE} of (?:them|these|those|\d+|{_NUMBER})\b"
)
BODIES: Final = (
    r"(?:services|units|pdus|crcs|yjss|yoss|yots|regions|providers|teams|companies|divisions|trusts|schools|homes|"
    r"hospitals|prisons|forces|councils|authorities|surgeries|practices|nurseries|colleges|academies|childminders|settings|organisations|jails|reports|inspections|partnerships|areas inspected)"
)
_BODIES_COUNTED: Final = re.compile(
    rf"\b(?:{_SHARE}|of (?:all|{_NUMBER})|proportion)(?: of)?(?: the| our| its| all| these| those)?(?: \d+)?"
    rf"(?: [^\s,;:()<]+){{0,4}} {BODIES}\b|\b(?:one|no|every|any) (?:[a-z]+ ){{0,3}}(?:service|unit|pdu|crc|region|provider)\b"
    rf"|\b{_SHARE} of (?:the |those |these )?(?:other |others|remaining |{_NUMBER}\b|them\b)|\bthe (?:remaining|rest|others?)\b"
    r"|\b(?:of|all) (?:those |services )?inspected\b"
)
# "One of the largest hospitals", "in all four areas inspected", "after four previous inspections": no number of bodies.
_NO_NUMBER: Final = re.compile(
    r"\bone of (?:the|our|its|only|just|a) (?:[a-z']+ ){0,3}?(?:[a-z]{3,}est|best|most|few|first|leading|top|only|handful|oldest)\b"
    r"|\b(?:in|across|for|on) (?:all|each|every)(?: of)?(?: the| its)?(?: (?:two|three|four|five|six|\d))?(?: [a-z]+)? areas inspected\b"
    rf"|\bthe other (?:possible |available |[a-z]+ )?{RATING_NOUN}\b"
    rf"|\b{_NUMBER} (?:previous|earlier|past|consecutive|successive|further|more) (?:inspections|reports)\b"
)
ONE_BODY: Final = re.compile(
    r"\b(?:each|every|any|one|another|the first|the second|the third|the only|no other)(?: [^\s;:()<]+){0,3} "
    r"(?:service|unit|pdu|crc|yjs|region|provider|team|company|division|trust|school|home)\b"
)


def bodies_counted(text: str) -> re.Match[str] | None:
    """Where a text speaks of a number of bodies without naming one."""
    found = _BODIES_COUNTED.search(text)
    if found is None or not _NO_NUMBER.search(text):
        return found
    return _BODIES_COUNTED.search(_NO_NUMBER.sub(" ", text))


# Several services at once, named or not: each of them.
EVERYONE: Final = re.compile(
    rf"\b(?:both|each|all)(?: (?:two|three|four|five|six))?(?: of)?(?: the| these| those)?(?: \w+){{0,2}} {BODIES} (?:were|was|have|has|are|got|received)\b"
    r"|^\W*(?:both|all(?: (?:two|three|four|five|six|seven|eight))?|each)(?: of (?:them|these|those))? (?:were|was|have|has|are|got|received)\b"
    r"|\b(?:have|were|are|was|has) (?:both|each|all)\b|^each (?:was|has|received|got)\b"
)
COUNT_RIGHT_BEFORE: Final = before(
    rf"\b{_NUMBER}(?: (?:were|was|as|are|is|rated|services?|others?|more|which|that|who|homes?|schools?|trusts?|care|providers?|practices?)){{0,4}}"
)
# What stands before the name of a service that the text is not about.
SOMEBODY_ELSE: Final = before(
    r"\b(?:neighbouring|nearby|unlike|compared (?:with|to)|in contrast to|like|follows?|followed|following|join(?:s|ed|ing)|"
    r"replac(?:es|ed|ing)|predecessor|forerunner|sister|elsewhere|than|alongside)"
    r"(?: (?:the|its|of|to|reports? (?:on|into|about)|ratings? (?:of|for)|inspections? (?:of|at)|former|old|service|body|unit|"
    r"pdu|crc|similar|last|earlier|other|units|services|both))*(?: [:,-])?"
)

BEFORE_IT: Final = re.compile(
    r"\b(?:predecessors?|forerunner|(?:former|old|previous|earlier|then|merged|combined|joint) (?:joint |merged |regional )?"
    r"(?:service|crc|company|unit|trust|yot|yos|yjs|body|region|division|team|partnership|arrangements?)|"
    r"before (?:the )?(?:merger|reunification|unification|split)|replaced|(?:was|were|been|when|as|then) (?:a )?part of|"
    r"registered (?:with (?:the )?(?:\w+ ){0,3})?previously|under (?:an?|its|the) (?:previous|different|former|old) (?:provider|registration|owner|ownership|management|name)|"
    r"split (?:up|from)|disbanded|dissolved|broken up)\b"
)
